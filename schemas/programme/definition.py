"""What a programme is made of: steps with tasks, questions and words for the session, and cards to read.

Rule: frozen data that knows none of its uses. Each part names the elements of the source guide that it comes from.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from schemas.instruments.definition import canonical

_TASK = re.compile(r"([1-7])[a-z]")
_VERSION = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}")


@dataclass(frozen=True)
class Way:
    """One way to do a task. `key` is a code where another list has the same (interventions, families of tools)."""

    key: str
    label: str
    elements: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """Something to try, offered and never set. `care` is what to ask or mind first; `place` names where in the record
    it is written down: a plan, a log, a form or a list of the case.
    """

    key: str
    title: str
    about: str
    elements: tuple[str, ...]
    care: str = ""
    place: str = ""
    ways: tuple[Way, ...] = ()
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Prompt:
    """Words for the session: to say, to ask, or to listen for."""

    text: str
    elements: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What is asked when a step begins or ends. It may always stay without an answer."""

    key: str
    text: str


@dataclass(frozen=True)
class Step:
    """One of the seven. `key` is its number as text."""

    key: str
    title: str
    about: str
    elements: tuple[str, ...]
    tasks: tuple[Task, ...]
    entry: tuple[Question, ...]
    exit: tuple[Question, ...]
    prompts: tuple[Prompt, ...] = ()
    gated: bool = False

    def questions(self) -> tuple[Question, ...]:
        return (*self.entry, *self.exit)


@dataclass(frozen=True)
class Card:
    """A short text that can be shown on the screen in a session."""

    key: str
    title: str
    lines: tuple[str, ...]
    elements: tuple[str, ...]


@dataclass(frozen=True)
class Programme:
    """One version of the whole. A version in use never changes."""

    key: str
    version: str
    title: str
    notices: tuple[Prompt, ...]
    steps: tuple[Step, ...]
    cards: tuple[Card, ...]
    licence: str

    def __post_init__(self) -> None:
        _require(_VERSION.fullmatch(self.version) is not None, "a version is of the form 1.0.0")
        _require([each.key for each in self.steps] == list("1234567"), "seven steps, numbered in order")
        for each in self.steps:
            keys = [task.key for task in each.tasks]
            _require(all(_TASK.fullmatch(key) and key[0] == each.key for key in keys), "a task is of its step")
            _require(keys == sorted(set(keys)), f"tasks of step {each.key} are lettered in order")
            asked = [question.key for question in each.questions()]
            _require(len(set(asked)) == len(asked), f"a question of step {each.key} is named twice")
        _require(len({each.key for each in self.cards}) == len(self.cards), "a card is named twice")

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def step(self, key: str) -> Step:
        """Raises LookupError."""
        return next((each for each in self.steps if each.key == key), None) or _missing(key)

    def task(self, key: str) -> Task:
        """Raises LookupError."""
        return next((each for each in self.tasks() if each.key == key), None) or _missing(key)

    def card(self, key: str) -> Card:
        """Raises LookupError."""
        return next((each for each in self.cards if each.key == key), None) or _missing(key)

    def tasks(self) -> Iterator[Task]:
        for each in self.steps:
            yield from each.tasks

    def elements(self) -> Iterator[tuple[str, str]]:
        """(element of the source guide, part of the programme) for every part that names one."""
        yield from ((element, "notice") for each in self.notices for element in each.elements)
        for step in self.steps:
            yield from ((element, f"step {step.key}") for element in step.elements)
            yield from ((element, f"step {step.key}, prompt") for each in step.prompts for element in each.elements)
            for task in step.tasks:
                yield from ((element, f"task {task.key}") for element in task.elements)
                yield from ((element, f"task {task.key}") for way in task.ways for element in way.elements)
        yield from ((element, f"card {each.key}") for each in self.cards for element in each.elements)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the canonical JSON of the whole definition."""
        text = json.dumps(canonical(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _missing(key: str) -> NoReturn:
    raise LookupError(f"the programme has no part {key!r}")


def _require(holds: bool, words: str) -> None:
    if not holds:
        raise ValueError(words)
