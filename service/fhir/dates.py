"""Dates in searches: a prefix and the stretch of time that a date of its precision covers.

https://hl7.org/fhir/R4/search.html#date. Times without a zone are read as UTC; a period is found by its start.
"""

import re
from datetime import UTC, datetime, timedelta

from service.errors import Invalid

_DATE = re.compile(
    r"(eq|ne|ge|gt|le|lt|sa|eb)?"
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
_STEP = (timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))
Range = tuple[datetime | None, datetime | None]


def read_range(name: str, value: str) -> tuple[str, Range]:
    """The prefix, and the moments from and before which something must have begun. Raises Invalid naming the
    parameter.
    """
    found = _DATE.fullmatch(value.replace(" ", "+"))
    if found is None:
        says = "Give a date such as 2026-03-01, ge2026-03-01 or lt2026-03-01T10:00:00Z."
        raise Invalid(f"The parameter {name} cannot be read. {says}", {name: says})
    prefix = found[1] or "eq"
    try:
        start, end = _stretch([int(each) for each in found.groups()[1:7] if each], found[8])
    except (ValueError, OverflowError) as error:
        says = "There is no such day or time."
        raise Invalid(f"The parameter {name} cannot be read. {says}", {name: says}) from error
    low = {"eq": start, "ne": start, "ge": start, "gt": end, "sa": end}.get(prefix)
    high = {"eq": end, "ne": end, "le": end, "lt": start, "eb": start}.get(prefix)
    return prefix, (low, high)


def is_in(moment: datetime, stretch: Range) -> bool:
    low, high = stretch
    return (low is None or moment >= low) and (high is None or moment < high)


def began(value: object) -> datetime | None:
    """When a date, time or period of a resource begins."""
    text = value.get("start") if isinstance(value, dict) else value
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        return _stretch([int(each) for each in found.groups()[1:7] if each], found[8])[0]
    except (ValueError, OverflowError):
        return None


def _stretch(parts: list[int], zone: str | None) -> tuple[datetime, datetime]:
    year, month, date, hour, minute, second = [*parts, *(0, 1, 1, 0, 0, 0)[len(parts) :]]
    written = f"{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}"
    start = datetime.fromisoformat(written + ("+00:00" if zone in (None, "Z") else zone)).astimezone(UTC)
    return start, _end(start, len(parts))


def _end(start: datetime, precision: int) -> datetime:
    match precision:
        case 1:
            return start.replace(year=start.year + 1)
        case 2:
            return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
        case 3:
            return start + timedelta(days=1)
        case _:
            return start + _STEP[precision - 4]
