"""The closed union of answer kinds: what one item can be answered with.

A kind is data that checks itself when it is built. What is done with a kind (schema, form control, score, FHIR type) is
one function in the room of that use, and each such function ends its `match` in `assert_never`: adding a kind here
makes mypy list the work.
"""

import re
from dataclasses import dataclass

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


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
class Option:
    """One answer to choose. `weight` is what it counts where the item is scored or compared with a limit."""

    code: str
    label: str
    weight: int | None = None

    def __post_init__(self) -> None:
        require(CODE.fullmatch(self.code) is not None, f"option code {self.code!r} is not a plain code")
        require(bool(self.label.strip()), f"option {self.code!r} has no label")


def _check_options(options: tuple[Option, ...]) -> None:
    require(bool(options), "a choice needs options")
    require_distinct([option.code for option in options], "option")


@dataclass(frozen=True)
class Choice:
    """Exactly one of the options; the answer is its code."""

    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        _check_options(self.options)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(option.code for option in self.options)

    def weight(self, code: str) -> int | None:
        return next((option.weight for option in self.options if option.code == code), None)


@dataclass(frozen=True)
class MultiChoice:
    """One or more of the options; the answer is a tuple of codes. A code in `alone` cannot stand beside another."""

    options: tuple[Option, ...]
    alone: tuple[str, ...] = ()

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
    """Free text of 1 to `max_length` characters; clinical, so sealed wherever it is stored."""

    max_length: int

    def __post_init__(self) -> None:
        require(self.max_length > 0, "a text needs room for at least one character")


@dataclass(frozen=True)
class YesNo:
    """Yes (True) or no (False); anything else is a non-answer."""


AnswerKind = Choice | MultiChoice | WholeNumber | Text | YesNo


def scale(*labels: str) -> Choice:
    """Anchors counted from 0: `scale("not at all", "a little")` has codes "0", "1" with weights 0, 1."""
    return Choice(tuple(Option(str(weight), label, weight) for weight, label in enumerate(labels)))
