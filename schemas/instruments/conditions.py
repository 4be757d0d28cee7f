"""What an instrument's triggers and outputs may ask of the answers: conditions as data, checked when they are built.

A condition names an item of its own instrument by its key, an item of another one with that instrument's key before it
(`sfs.B3`). Whether a condition holds is worked out in service/domain/triggers.py; each `match` over `Condition` ends in
`assert_never`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from schemas.instruments.capture import ContactContext, NonAnswer
from schemas.instruments.kinds import AnswerKind, Choice, WholeNumber, YesNo, require
from schemas.vocabulary import EventLevel

KindOf = Callable[[str], AnswerKind | None]


@dataclass(frozen=True)
class AtLeast:
    """The item's weight, or its whole number, is `low` or more."""

    item: str
    low: int


@dataclass(frozen=True)
class Among:
    """The item was answered with one of these, or with one of these among others: option codes, or True/False for a
    yes-or-no item.
    """

    item: str
    values: tuple[str | bool, ...]


@dataclass(frozen=True)
class Skipped:
    """The item has no answer, for one of these reasons. "Not asked" holds only where its section was taken up."""

    item: str
    reasons: tuple[NonAnswer, ...]


@dataclass(frozen=True)
class CountOf:
    """Of these items so many, and no more than `at_most`, were answered with one of these values."""

    items: tuple[str, ...]
    values: tuple[str | bool, ...]
    at_least: int
    at_most: int | None = None


@dataclass(frozen=True)
class ContextIs:
    """How things stand with the other person, as recorded with the response."""

    contexts: tuple[ContactContext, ...]


@dataclass(frozen=True)
class NotAskedFor:
    """Nothing of this section of an instrument (`sfs.danger`) was asked in so many days before."""

    section: str
    days: int


@dataclass(frozen=True)
class AllOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple["Condition", ...]


Condition = AtLeast | Among | Skipped | CountOf | ContextIs | NotAskedFor | AllOf | AnyOf


@dataclass(frozen=True)
class Trigger:
    """A rule on single answers. `item` is what it is about, an item or a whole section; `opens` is the response it asks
    for, None a prompt only.
    """

    rule: str
    item: str
    when: Condition
    prompt: str
    opens: EventLevel | None = None


@dataclass(frozen=True)
class Line:
    """Words that are shown with a response where the condition holds."""

    when: Condition
    words: str


@dataclass(frozen=True)
class Output:
    """What a form without a score gives back: lines under one title. No line is a verdict."""

    title: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        require(bool(self.lines), f"output {self.title!r} has no lines")


def named_items(condition: Condition) -> Iterator[str]:
    """Every item that a condition names, as it names it."""
    match condition:
        case AtLeast() | Among() | Skipped():
            yield condition.item
        case CountOf():
            yield from condition.items
        case AllOf() | AnyOf():
            for part in condition.parts:
                yield from named_items(part)
        case ContextIs() | NotAskedFor():
            return
        case _:
            assert_never(condition)


def check_condition(condition: Condition, kind_of: KindOf) -> None:
    """Raises ValueError for a condition that could never, or would always, hold. `kind_of` knows the items of this
    instrument only; what is said of another one is checked once both are on the shelf.
    """
    for part in condition.parts if isinstance(condition, AllOf | AnyOf) else ():
        check_condition(part, kind_of)
    match condition:
        case AllOf() | AnyOf():
            require(bool(condition.parts), "a condition of no parts would always hold")
        case AtLeast() | Among():
            _check_answered(condition, kind_of)
        case Skipped():
            _known(condition.item, kind_of)
            require(bool(condition.reasons), f"a condition on {condition.item!r} can never hold")
        case CountOf():
            _check_count(condition, kind_of)
        case ContextIs():
            require(bool(condition.contexts), "a condition on no context can never hold")
        case NotAskedFor():
            require(condition.days > 0 and "." in condition.section, "a stretch of days is about a named section")
        case _:
            assert_never(condition)


def _known(item: str, kind_of: KindOf) -> AnswerKind | None:
    """The kind of an item of this instrument, None for one of another. Raises ValueError for neither."""
    kind = kind_of(item)
    require(kind is not None or "." in item, f"a condition refers to {item!r}, which is no item")
    return kind


def _check_answered(condition: AtLeast | Among, kind_of: KindOf) -> None:
    kind = _known(condition.item, kind_of)
    require(kind is None or can_hold(kind, condition), f"a condition on {condition.item!r} can never hold")


def _check_count(condition: CountOf, kind_of: KindOf) -> None:
    for item in condition.items:
        _check_answered(Among(item, condition.values), kind_of)
    most = len(condition.items) if condition.at_most is None else condition.at_most
    require(0 < condition.at_least <= most <= len(condition.items), "a count can never hold")


def can_hold(kind: AnswerKind, condition: AtLeast | Among) -> bool:
    """Whether an item of this kind can be answered so."""
    if isinstance(condition, AtLeast):
        highest = _highest(kind)
        return highest is not None and condition.low <= highest
    allowed: tuple[str | bool, ...] = (True, False) if isinstance(kind, YesNo) else getattr(kind, "codes", ())
    return bool(condition.values) and all(value in allowed for value in condition.values)


def _highest(kind: AnswerKind) -> int | Decimal | None:
    if isinstance(kind, WholeNumber):
        return kind.high
    weights = (
        [option.weight for option in kind.options if option.weight is not None] if isinstance(kind, Choice) else []
    )
    return max(weights, default=None)
