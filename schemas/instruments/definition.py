"""An instrument as frozen data that knows none of its uses.

It checks itself when it is built and names itself by a fingerprint over everything in it. A used version never changes:
a change of wording, scale or scoring is a new major version, a new unscored item a minor one, a typing error a patch
(domain model, section 2.1).
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property

from schemas.instruments.capture import ContactContext
from schemas.instruments.kinds import CODE, AnswerKind, Choice, WholeNumber, YesNo, require, require_distinct
from schemas.vocabulary import Coded, EventLevel

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_EMPTY: tuple[object, ...] = (None, (), "")


class Status(Coded):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "In use"
    RETIRED = "retired", "No longer used"


class Validation(Coded):
    """What is known about an instrument's worth as a measure."""

    UN_NORMED = "un_normed", "un-normed tracking log"
    UNSCORED = "unscored", "unscored clinical checklist"
    EXTERNAL = "external", "external, imported"


class Informant(Coded):
    CLIENT = "client", "client"
    CLIENT_WITH_CLINICIAN = "client_with_clinician", "clinician with client"
    CLINICIAN = "clinician", "clinician"


@dataclass(frozen=True)
class Coding:
    """A code from a public code system that an item carries."""

    system: str
    code: str
    display: str


@dataclass(frozen=True)
class Item:
    """One question. `element` is the row of the content table it stands for; follow-ups are never scored."""

    key: str
    prompt: str
    answer: AnswerKind
    element: str | None = None
    code: Coding | None = None
    follow_ups: tuple["Item", ...] = ()

    def __post_init__(self) -> None:
        require(CODE.fullmatch(self.key) is not None, f"item key {self.key!r} is not a plain code")
        require(bool(self.prompt.strip()), f"item {self.key!r} has no prompt")

    def walk(self) -> Iterator["Item"]:
        """The item, then its follow-ups, in reading order."""
        yield self
        for item in self.follow_ups:
            yield from item.walk()


@dataclass(frozen=True)
class Section:
    """Items under one heading, not scored."""

    key: str
    title: str
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        require(CODE.fullmatch(self.key) is not None, f"section key {self.key!r} is not a plain code")
        require(bool(self.items), f"section {self.key!r} has no items")

    def walk(self) -> Iterator[Item]:
        """Every item with its follow-ups, in reading order."""
        for item in self.items:
            yield from item.walk()


@dataclass(frozen=True)
class Domain(Section):
    """A section whose own items (not their follow-ups) are added up."""


@dataclass(frozen=True)
class Recall:
    """The stretch of time that the questions are about."""

    days: int
    words: str


@dataclass(frozen=True)
class Scoring:
    """Each domain is the sum of its items, the total the sum of all domains, and the total needs every domain.

    `missing_allowed` items of a domain may lack an answer: the domain is then its number of items times the mean of the
    answered ones. `positions` are the words for a place on the instrument's own range, one for each anchor of the scale
    from 0 up.
    """

    missing_allowed: int
    positions: tuple[str, ...]


@dataclass(frozen=True)
class AtLeast:
    """The item's weight, or its whole number, is `low` or more."""

    item: str
    low: int


@dataclass(frozen=True)
class Among:
    """The item was answered with one of these: option codes, or True/False for a yes-or-no item."""

    item: str
    values: tuple[str | bool, ...]


@dataclass(frozen=True)
class AllOf:
    parts: tuple["Condition", ...]


Condition = AtLeast | Among | AllOf


@dataclass(frozen=True)
class Trigger:
    """A rule on single answers. `item` is what it is about, `opens` the response it asks for, None a prompt only."""

    rule: str
    item: str
    when: Condition
    prompt: str
    opens: EventLevel | None = None


@dataclass(frozen=True)
class Cadence:
    """How often it is meant to be filled in. The numbers are house defaults and may differ per case."""

    days: int
    remind_days: int = 21
    overdue_days: int = 28
    overdue_sessions: int = 4
    overlap_days: int = 5


@dataclass(frozen=True)
class Instrument:
    """One version of one form. `domains` are scored, `extra` is asked each time, `once` at the first time only."""

    key: str
    version: str
    title: str
    banner: str
    purpose: str
    recall: Recall
    question: str
    licence: str
    informant: Informant
    validation: Validation
    status: Status
    domains: tuple[Domain, ...] = ()
    extra: tuple[Section, ...] = ()
    once: tuple[Section, ...] = ()
    scoring: Scoring | None = None
    triggers: tuple[Trigger, ...] = ()
    cadence: Cadence | None = None
    titles: tuple[tuple[ContactContext, str], ...] = ()
    _items: dict[str, Item] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        require(CODE.fullmatch(self.key) is not None, f"instrument key {self.key!r} is not a plain code")
        require(VERSION.fullmatch(self.version) is not None, f"version {self.version!r} is not of the form 1.0.0")
        sections = self.sections()
        require_distinct([section.key for section in sections], "section")
        require_distinct([item.key for section in sections for item in section.walk()], "item")
        require_distinct([context.value for context, _ in self.titles], "title for")
        self._items.update((item.key, item) for item in self.items())
        _check_scoring(self)
        for trigger in self.triggers:
            require(trigger.item in self._items, f"{trigger.rule} is about {trigger.item!r}, which is no item")
            _check_condition(self, trigger.when)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def sections(self) -> tuple[Section, ...]:
        """Everything in reading order: scored, then extra, then asked once."""
        return (*self.domains, *self.extra, *self.once)

    def items(self) -> Iterator[Item]:
        """Every item with its follow-ups, in reading order."""
        for section in self.sections():
            yield from section.walk()

    def scored_items(self) -> tuple[Item, ...]:
        return tuple(item for domain in self.domains for item in domain.items)

    def item(self, key: str) -> Item:
        """Raises KeyError for a key that this version does not have."""
        return self._items[key]

    def has(self, key: str) -> bool:
        return key in self._items

    def title_for(self, context: ContactContext | None) -> str:
        return dict(self.titles).get(context, self.title) if context else self.title

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the canonical JSON of the whole definition; what a response pins beside the version."""
        text = json.dumps(canonical(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: object) -> object:
    """Plain JSON data for a definition or a part of one.

    Optional fields that are empty are left out, so that the classes can gain such fields without changing the
    fingerprint of a used version. Defaults that say something (numbers of days) are written, so that changing one does
    change it.
    """
    if is_dataclass(value):
        shown = [
            f for f in fields(value) if f.init and not (f.default in _EMPTY and getattr(value, f.name) == f.default)
        ]
        return {"is": type(value).__name__} | {f.name: canonical(getattr(value, f.name)) for f in shown}
    if isinstance(value, tuple):
        return [canonical(part) for part in value]
    return value


def _check_scoring(instrument: Instrument) -> None:
    scoring = instrument.scoring
    require((scoring is None) == (not instrument.domains), "scoring and domains come together or not at all")
    if scoring is None:
        return
    require(scoring.missing_allowed >= 0, "the number of items that may be missing is 0 or more")
    for domain in instrument.domains:
        require(scoring.missing_allowed < len(domain.items), f"domain {domain.key!r} would be scored without an answer")
        for item in domain.items:
            _check_scored(item, len(scoring.positions))


def _check_scored(item: Item, anchors: int) -> None:
    kind = item.answer
    weights = [option.weight for option in kind.options] if isinstance(kind, Choice) else []
    require(
        weights == list(range(anchors)), f"scored item {item.key!r} needs one option for each anchor, counted from 0"
    )


def _check_condition(instrument: Instrument, condition: Condition) -> None:
    if isinstance(condition, AllOf):
        require(bool(condition.parts), "a condition of no parts would always hold")
        for part in condition.parts:
            _check_condition(instrument, part)
        return
    require(instrument.has(condition.item), f"a condition refers to {condition.item!r}, which is no item")
    require(
        _can_hold(instrument.item(condition.item).answer, condition),
        f"a condition on {condition.item!r} can never hold",
    )


def _can_hold(kind: AnswerKind, condition: AtLeast | Among) -> bool:
    if isinstance(condition, AtLeast):
        highest = _highest(kind)
        return highest is not None and condition.low <= highest
    allowed: tuple[str | bool, ...] = (True, False) if isinstance(kind, YesNo) else getattr(kind, "codes", ())
    return bool(condition.values) and all(value in allowed for value in condition.values)


def _highest(kind: AnswerKind) -> int | None:
    if isinstance(kind, WholeNumber):
        return kind.high
    weights = (
        [option.weight for option in kind.options if option.weight is not None] if isinstance(kind, Choice) else []
    )
    return max(weights, default=None)
