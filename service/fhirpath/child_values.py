"""The values that expressions work on, in the child: nodes of a resource, quantities, moments, and what equal means.

FHIRPath is careful where Python is not: dates of different precision may be neither equal nor unequal, quantities
compare across units, a decimal is never a binary float. `None` from `same` and `order` means: cannot be told.
"""

import calendar
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from fhirpathpy.engine.nodes import ResourceNode

MOMENT = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d))?)?"
    r"(?P<time>T(?:(?P<hour>\d\d)(:(?P<minute>\d\d)(:(?P<second>\d\d(\.\d+)?))?)?)?)?(?P<zone>Z|[+-]\d\d:\d\d)?"
)
TIME = re.compile(r"T?(?P<hour>\d\d)(:(?P<minute>\d\d)(:(?P<second>\d\d(\.\d+)?))?)?")
TEMPORAL = {"date": "date", "dateTime": "dateTime", "instant": "dateTime", "time": "time"}
STEPS = ("year", "month", "day", "hour", "minute", "second")
WORDS = {
    **{f"{word}{s}": word for word in ("year", "month", "week", "day", "hour", "minute", "second") for s in ("", "s")},
    "millisecond": "millisecond",
    "milliseconds": "millisecond",
    "a": "year",
    "mo": "month",
    "wk": "week",
    "d": "day",
    "h": "hour",
    "min": "minute",
    "s": "second",
    "ms": "millisecond",
}
SECONDS: dict[str, int | Decimal] = {
    "week": 604800,
    "day": 86400,
    "hour": 3600,
    "minute": 60,
    "second": 1,
    "millisecond": Decimal("0.001"),
}
# Unit -> dimension and factor to its base, as UCUM defines them; enough for the quantities of forms.
UNITS: dict[str, tuple[str, Decimal]] = {
    **{unit: ("time", Decimal(SECONDS[word])) for unit, word in WORDS.items() if word in SECONDS},
    **{unit: ("months", Decimal(12 if "y" in unit else 1)) for unit in ("year", "years", "month", "months")},
    **{unit: ("time", Decimal(days) * 86400) for unit, days in (("a", "365.25"), ("mo", "30.4375"))},
    **{f"{prefix}g": ("mass", Decimal(f"1e{power}")) for prefix, power in (("", 0), ("m", -3), ("u", -6), ("k", 3))},
    **{f"{prefix}m": ("length", Decimal(f"1e{power}")) for prefix, power in (("", 0), ("m", -3), ("c", -2), ("k", 3))},
    **{
        f"{prefix}{litre}": ("volume", Decimal(f"1e{power}"))
        for litre in "lL"
        for prefix, power in (("", 0), ("m", -3), ("d", -1), ("u", -6))
    },
    "[lb_av]": ("mass", Decimal("453.59237")),
    "[oz_av]": ("mass", Decimal("28.349523125")),
    "lbs": ("mass", Decimal("453.59237")),
    "lb": ("mass", Decimal("453.59237")),
    "[in_i]": ("length", Decimal("0.0254")),
    "[ft_i]": ("length", Decimal("0.3048")),
    "%": ("number", Decimal("0.01")),
    "1": ("number", Decimal(1)),
    "": ("number", Decimal(1)),
}


class Mismatch(Exception):
    """An operation on values that it does not fit; the text is fit to be shown."""


class Node(ResourceNode):
    """A piece of a resource that knows its type and what it stands in. `beside` holds the `_name` of a primitive."""

    __slots__ = ("beside", "parent")

    def __init__(self, data: Any, path: str | None, parent: "Node | None" = None, beside: Any = None) -> None:
        self.data = data
        self.path = data["resourceType"] if isinstance(data, dict) and "resourceType" in data else path
        self.parent = parent
        self.beside = beside
        self.propName = self.index = self._data = None


@dataclass(frozen=True)
class Quantity:
    """A number with a unit: a UCUM code, or a word such as `year`."""

    value: Decimal
    unit: str

    def __str__(self) -> str:
        word = self.unit if self.unit in WORDS and len(self.unit) > 3 else f"'{self.unit or '1'}'"
        return f"{text(self.value)} {word}"

    def base(self) -> tuple[str, Decimal] | None:
        """Dimension and value in its base unit, if the unit is a known one."""
        known = UNITS.get(self.unit)
        return known and (known[0], self.value * known[1])

    def into(self, unit: str) -> "Quantity | None":
        known, wanted = self.base(), UNITS.get(unit)
        if self.unit == unit:
            return self
        return Quantity(known[1] / wanted[1], unit) if known and wanted and known[0] == wanted[0] else None


@dataclass(frozen=True)
class Moment:
    """A date, a dateTime or a time of day, as precise as it was written; `offset` in minutes when a zone was given."""

    kind: str
    parts: tuple[Decimal, ...]
    offset: int | None = None

    def __str__(self) -> str:
        if self.kind == "time":
            return _clock(self.parts)
        date = "-".join(f"{int(part):0{width}d}" for part, width in zip(self.parts[:3], (4, 2, 2), strict=False))
        clock = f"T{_clock(self.parts[3:])}" if len(self.parts) > len(STEPS) // 2 else ""
        return date + clock + (_zone(self.offset) if clock else "")

    def plus(self, length: Quantity, sign: int = 1) -> "Moment":
        """Move on by a length of time; what is finer than this moment's own precision is cut off first."""
        unit = WORDS.get(length.unit)
        if unit is None:
            raise Mismatch(f"a date or time cannot be moved by {length}")
        if self.kind == "time":
            seconds = sum(part * step for part, step in zip(self.parts, (3600, 60, 1), strict=False))
            moved = (seconds + sign * length.value * SECONDS.get(unit, 0)) % 86400
            return Moment("time", _hours(moved)[: len(self.parts)])
        whole = int(length.value) * sign if unit != "second" else length.value * sign
        return self._moved(unit, Decimal(whole))

    def _moved(self, unit: str, amount: Decimal) -> "Moment":
        if unit not in {"year", "month"} and len(self.parts) < 3:
            amount, unit = (amount * SECONDS[unit] / 86400 / 30).to_integral_value(ROUND_DOWN), "month"
        if unit in {"year", "month"}:
            return self._by_months(int(amount) * (12 if unit == "year" else 1))
        try:
            at = self._datetime() + timedelta(microseconds=int(amount * SECONDS[unit] * 1_000_000))
        except OverflowError:
            raise Mismatch("the date lies outside the calendar") from None
        return Moment(self.kind, _parts(at)[: len(self.parts)], self.offset)

    def _by_months(self, months: int) -> "Moment":
        year, month, *rest = (*self.parts, *(Decimal(1),) * (2 - len(self.parts)))
        if len(self.parts) == 1:
            months = int(months / 12) * 12
        count = int(year) * 12 + int(month) - 1 + months
        if not 12 <= count < 120_000:
            raise Mismatch("the date lies outside the calendar")
        moved = (Decimal(count // 12), Decimal(count % 12 + 1))
        if rest:
            rest[0] = min(rest[0], Decimal(calendar.monthrange(count // 12, count % 12 + 1)[1]))
        return Moment(self.kind, (*moved, *rest)[: len(self.parts)], self.offset)

    def _datetime(self) -> datetime:
        year, month, day, hour, minute, second = (*self.parts, *map(Decimal, (1, 1, 1, 0, 0, 0)[len(self.parts) :]))
        whole = datetime(int(year), int(month), int(day), int(hour), int(minute), tzinfo=UTC)
        return whole + timedelta(microseconds=int(second * 1_000_000))

    def in_utc(self, default: int) -> tuple[Decimal, ...]:
        """The parts as they would be in UTC; a moment without a zone is taken to be in the default one."""
        if len(self.parts) <= 3:
            return self.parts
        offset = default if self.offset is None else self.offset
        return _parts(self._datetime() - timedelta(minutes=offset))[: len(self.parts)]


def moment(written: str, kind: str | None = None) -> Moment | None:
    """Read a moment; None when it is none. Without a kind, the text tells."""
    found = TIME.fullmatch(written) if kind == "time" else MOMENT.fullmatch(written)
    if not found:
        return None
    named = found.groupdict()
    steps = STEPS[3:] if kind == "time" else STEPS
    parts = tuple(Decimal(named[step]) for step in steps if named.get(step))
    read = Moment(kind or ("dateTime" if named["time"] else "date"), parts, _offset(named.get("zone")))
    return read if _exists(read) else None


def _exists(read: Moment) -> bool:
    """No 30 February and no 25 o'clock."""
    full = (*map(Decimal, (2000, 1, 1)), *read.parts) if read.kind == "time" else read.parts
    try:
        return Moment("dateTime", full)._datetime() is not None
    except (ValueError, OverflowError):
        return False


def now(written: str) -> Moment:
    """The moment of a whole batch, given from outside."""
    read = moment(written, "dateTime")
    if read is None:
        raise Mismatch("the clock was not given as a date and time")
    return read


def _offset(zone: str | None) -> int | None:
    if not zone:
        return None
    return 0 if zone == "Z" else int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[4:6]))


def _zone(offset: int | None) -> str:
    if offset is None:
        return ""
    return "Z" if not offset else f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"


def _clock(parts: tuple[Decimal, ...]) -> str:
    whole = [f"{int(part):02d}" for part in parts[:2]]
    return ":".join([*whole, *(f"{part:06.3f}".removesuffix(".000") for part in parts[2:])])


def _parts(at: datetime) -> tuple[Decimal, ...]:
    second = at.second + Decimal(at.microsecond) / 1_000_000
    return (*map(Decimal, (at.year, at.month, at.day, at.hour, at.minute)), second)


def _hours(seconds: Decimal) -> tuple[Decimal, ...]:
    return (seconds // 3600, seconds % 3600 // 60, seconds % 60)


def plain(value: Any) -> Any:
    """A value without its node: numbers as int or Decimal, dates and quantities as ours, the rest as it came."""
    if not isinstance(value, ResourceNode):
        return value
    data, path = value.data, value.path
    if isinstance(data, str):
        return _typed(data, path)
    if (
        isinstance(data, dict)
        and is_number(data.get("value"))
        and (path == "Quantity" or "unit" in data or "code" in data)
    ):
        return Quantity(Decimal(data["value"]), str(data.get("code") or data.get("unit") or ""))
    return data


def _typed(data: str, path: str | None) -> Any:
    """Text by its type: moments, and numbers that a file holds as text."""
    if path in TEMPORAL:
        return moment(data, TEMPORAL[path]) or data
    if path in {"decimal", "integer", "positiveInt", "unsignedInt"}:
        return number(data)
    return data


def number(data: str) -> Any:
    """A number that is written as text, or the text."""
    if not re.fullmatch(r"[+-]?\d{1,30}(\.\d{1,30})?", data):
        return data
    return Decimal(data) if "." in data else int(data)


def is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def text(value: Any) -> str:
    """What toString() gives."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def moments(left: Any, right: Any) -> tuple[Any, Any]:
    """When one of two is a moment, the other may be one in text."""
    if isinstance(left, Moment) and isinstance(right, str):
        return left, moment(right, left.kind) or right
    if isinstance(right, Moment) and isinstance(left, str):
        return moment(left, right.kind) or left, right
    return left, right


def order(left: Any, right: Any, offset: int) -> int | None:
    """-1, 0 or 1; None when precision or units do not let it be told. Raises Mismatch for values of unlike kinds."""
    left, right = moments(left, right)
    if isinstance(left, Moment) and isinstance(right, Moment):
        return _order_moments(left, right, offset)
    left, right = _quantities(left, right)
    if isinstance(left, Quantity):
        return _order_quantities(left, right)
    alike = (is_number(left) and is_number(right)) or (isinstance(left, str) and isinstance(right, str))
    if not alike:
        raise Mismatch(f"{kind_of(left)} cannot be compared with {kind_of(right)}")
    return int(left > right) - int(left < right)


def _quantities(left: Any, right: Any) -> tuple[Any, Any]:
    """A number beside a quantity is a quantity without unit."""
    if isinstance(left, Quantity) and is_number(right):
        return left, Quantity(Decimal(right), "")
    if isinstance(right, Quantity) and is_number(left):
        return Quantity(Decimal(left), ""), right
    return (left, right) if isinstance(left, Quantity) == isinstance(right, Quantity) else (str(left), right)


def _order_quantities(left: Quantity, right: Quantity) -> int | None:
    converted = left.into(right.unit)
    return None if converted is None else int(converted.value > right.value) - int(converted.value < right.value)


def _order_moments(left: Moment, right: Moment, offset: int) -> int | None:
    if (left.kind == "time") != (right.kind == "time"):
        raise Mismatch("a time of day cannot be compared with a date")
    zoned = left.offset is not None or right.offset is not None
    mine, other = (left.in_utc(offset), right.in_utc(offset)) if zoned else (left.parts, right.parts)
    for a, b in zip(mine, other, strict=False):
        if a != b:
            return 1 if a > b else -1
    return 0 if len(mine) == len(other) else None


def same(left: Any, right: Any, offset: int) -> bool | None:
    """Whether two plain values are equal; None when it cannot be told."""
    left, right = moments(left, right)
    if isinstance(left, Moment) and isinstance(right, Moment):
        alike = (left.kind == "time") == (right.kind == "time")
        found = _order_moments(left, right, offset) if alike else 1
        return None if found is None else found == 0
    if isinstance(left, Quantity) or isinstance(right, Quantity):
        left, right = _quantities(left, right)
        found = _order_quantities(left, right) if isinstance(left, Quantity) and isinstance(right, Quantity) else 1
        return None if found is None else found == 0
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def same_lists(left: list[Any], right: list[Any], offset: int) -> bool | None:
    """Two collections are equal when they are as long and equal in order."""
    if len(left) != len(right):
        return False
    found = [same(plain(a), plain(b), offset) for a, b in zip(left, right, strict=True)]
    return False if False in found else None if None in found else True


def alike(left: Any, right: Any) -> bool:
    """Equivalence (`~`): capitals and spacing do not count, decimals only as precise as the vaguer of the two."""
    if isinstance(left, str) and isinstance(right, str):
        return left.lower().split() == right.lower().split()
    if is_number(left) and is_number(right):
        places = min(max(0, -int(Decimal(each).normalize().as_tuple().exponent)) for each in (left, right))
        return round(Decimal(left), places) == round(Decimal(right), places)
    if isinstance(left, dict) and isinstance(right, dict) and "code" in left and "code" in right:
        return (left.get("system"), left["code"]) == (right.get("system"), right["code"])
    return same(left, right, 0) is True


def unique(values: Iterable[Any]) -> list[Any]:
    """The first of each group of equal values, in order."""
    found: dict[Any, Any] = {}
    for each in values:
        found.setdefault(fingerprint(each), each)
    return list(found.values())


def fingerprint(value: Any) -> Any:
    """Something hashable that is equal for equal values."""
    value = plain(value)
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True, default=str)
    if isinstance(value, Quantity):
        return value.base() or value
    return (isinstance(value, bool), value)


def kind_of(value: Any) -> str:
    """The name of a value's type, for a message."""
    names = {bool: "a boolean", int: "a number", Decimal: "a number", str: "text", dict: "a group of values"}
    return names.get(type(value), f"a {type(value).__name__.lower()}")
