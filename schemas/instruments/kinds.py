"""The closed union of answer kinds: what one item can be answered with.

A kind is data that checks itself when it is built. What is done with a kind (schema, form control, score, FHIR type) is
one function in the room of that use, and each such function ends its `match` in `assert_never`: adding a kind here
makes mypy list the work.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
OWN_WORDS = "="
"""What a person wrote instead of choosing is stored behind this mark, which no option code begins with."""
LATER = {"later": True}
"""Marks a field that came after the first versions: left out of a fingerprint where it says nothing."""
LOWEST, HIGHEST = -(2**31), 2**31 - 1
"""The integers that FHIR R4 knows."""


def require(holds: bool, complaint: str) -> None:
    """Refuse a definition that contradicts itself. Raises ValueError."""
    if not holds:
        raise ValueError(complaint)


def require_distinct(names: list[str], what: str) -> None:
    """Refuse the first name that occurs twice. Raises ValueError."""
    seen: set[str] = set()
    for name in names:
        require(name not in seen, f"{what} {name!r} occurs twice")
        seen.add(name)


@dataclass(frozen=True)
class Coding:
    """A code from a code system outside this form. `version` is the code system's, where the form states one."""

    system: str
    code: str
    display: str
    version: str = ""


@dataclass(frozen=True)
class Plain:
    """An option of an imported form that is no code but a plain value; `text` is how the form writes it."""

    type: Literal["string", "integer", "date", "time"]
    text: str


@dataclass(frozen=True)
class Option:
    """One answer to choose. `weight` is what it counts where the item is scored or compared with a limit.

    `stands_for` is what the imported form holds at this place, and goes out again; own options have none.
    """

    code: str
    label: str
    weight: int | Decimal | None = None
    stands_for: Coding | Plain | None = None

    def __post_init__(self) -> None:
        require(CODE.fullmatch(self.code) is not None, f"option code {self.code!r} is not a plain code")
        require(bool(self.label.strip()), f"option {self.code!r} has no label")


def _check_options(options: tuple[Option, ...]) -> None:
    require(bool(options), "a choice needs options")
    require_distinct([option.code for option in options], "option")


@dataclass(frozen=True)
class Choice:
    """Exactly one of the options; the answer is its code. `open_length` above 0 lets a person write up to so many
    characters of their own instead.
    """

    options: tuple[Option, ...]
    open_length: int = field(default=0, metadata=LATER)

    def __post_init__(self) -> None:
        _check_options(self.options)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(option.code for option in self.options)

    @cached_property
    def weights(self) -> Mapping[str, int | Decimal | None]:
        return {option.code: option.weight for option in self.options}

    def weight(self, code: str) -> int | Decimal | None:
        return self.weights.get(code)


@dataclass(frozen=True)
class MultiChoice:
    """One or more of the options; the answer is a tuple of codes. A code in `alone` cannot stand beside another."""

    options: tuple[Option, ...]
    alone: tuple[str, ...] = ()
    open_length: int = field(default=0, metadata=LATER)

    def __post_init__(self) -> None:
        _check_options(self.options)
        for code in self.alone:
            require(code in self.codes, f"{code!r} is to stand alone but is no option")

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(option.code for option in self.options)


@dataclass(frozen=True)
class WholeNumber:
    """An integer from `low` to `high`, both included."""

    low: int
    high: int
    unit: str = ""

    def __post_init__(self) -> None:
        require(self.low < self.high, "a whole number needs low < high")


@dataclass(frozen=True)
class Text:
    """Free text of `min_length` or 1 to `max_length` characters; clinical, so sealed wherever it is stored. `link`: the
    text is a web address.
    """

    max_length: int
    min_length: int = field(default=0, metadata=LATER)
    link: bool = field(default=False, metadata=LATER)

    def __post_init__(self) -> None:
        require(self.max_length > 0, "a text needs room for at least one character")
        require(self.min_length <= self.max_length, "a text needs min_length <= max_length")


@dataclass(frozen=True)
class YesNo:
    """Yes (True) or no (False); anything else is a non-answer."""


@dataclass(frozen=True)
class DecimalNumber:
    """A decimal number, kept with the digits as typed. `places` is how many may follow the point."""

    low: Decimal | None = None
    high: Decimal | None = None
    places: int | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None:
            require(self.low <= self.high, "a decimal number needs low <= high")


@dataclass(frozen=True)
class Quantity:
    """A number with a unit. The code of the unit is one of `units`; with no units the number stands alone."""

    units: tuple[Option, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    places: int | None = None

    def __post_init__(self) -> None:
        require_distinct([unit.code for unit in self.units], "unit")

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(unit.code for unit in self.units)

    @property
    def number(self) -> DecimalNumber:
        return DecimalNumber(self.low, self.high, self.places)


@dataclass(frozen=True)
class Day:
    """A date as ISO text: `2026-11-22`; `partial` also takes `2026-11` and `2026`."""

    low: str = ""
    high: str = ""
    partial: bool = False


@dataclass(frozen=True)
class Moment:
    """A date with a time and its offset as ISO text: `2026-11-22T14:05:00+01:00`. A limit without an offset is meant
    by the clock that the answer names.
    """

    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class TimeOfDay:
    """A time without a date as ISO text: `14:05:00`."""

    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Many:
    """Several answers of one kind, one after the other; the answer is a tuple of them."""

    of: WholeNumber | DecimalNumber | Quantity | Text | Day | Moment | TimeOfDay | YesNo
    most: int = 100

    def __post_init__(self) -> None:
        require(self.most > 0, "there must be room for at least one answer")


@dataclass(frozen=True)
class Group:
    """A heading over its follow-ups; it holds no answer."""


@dataclass(frozen=True)
class Note:
    """Words to read; it holds no answer."""


@dataclass(frozen=True)
class Rows:
    """The item's follow-ups asked together several times; the answer is a tuple of rows, each the answers to them."""

    least: int = 0
    most: int = 50

    def __post_init__(self) -> None:
        require(0 <= self.least <= self.most, "rows need least <= most")


AnswerKind = (
    Choice
    | MultiChoice
    | WholeNumber
    | Text
    | YesNo
    | DecimalNumber
    | Quantity
    | Day
    | Moment
    | TimeOfDay
    | Many
    | Group
    | Note
    | Rows
)


def holds_answer(kind: AnswerKind) -> bool:
    """Whether an item of this kind can be answered at all."""
    return not isinstance(kind, Group | Note)


def options(**labels: str) -> tuple[Option, ...]:
    """Options without weight: `options(home="at home")` has the code "home"."""
    return tuple(Option(code, label) for code, label in labels.items())


def scale(*labels: str) -> Choice:
    """Anchors counted from 0: `scale("not at all", "a little")` has codes "0", "1" with weights 0, 1."""
    return Choice(tuple(Option(str(weight), label, weight) for weight, label in enumerate(labels)))
