"""Search parameters -> what the store is asked. https://hl7.org/fhir/R4/search.html

Rule: a parameter is either understood and does what it says, or it is left out of the self link (and refused under
strict handling). Times without a zone are read as UTC; a period is found by its start.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from service.errors import Invalid
from service.fhir.addresses import Addresses
from service.store.resources import Search

DEFAULT_COUNT, MOST = 50, 200
COUNT, CURSOR = "_count", "_cursor"
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_DATE = re.compile(
    r"(eq|ge|gt|le|lt|sa|eb)?(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
_STEP = (timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))


@dataclass(frozen=True)
class Parameter:
    """A search parameter as the capability statement declares it. `tokens` are the values that every resource of
    the type has.
    """

    name: str
    kind: str
    says: str = ""
    tokens: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Query:
    """A search read from its parameters. `nothing` is true when no resource can fit; `used` goes into the self link."""

    wanted: Search
    used: tuple[tuple[str, str], ...] = ()
    identifier: str = ""
    url: str = ""
    nothing: bool = False
    count_only: bool = False
    unknown: tuple[str, ...] = field(default_factory=tuple)


def read_query(
    resource_type: str, known: Iterable[Parameter], given: Iterable[tuple[str, str]], at: Addresses
) -> Query:
    """Raises Invalid naming the parameter that cannot be read."""
    by_name = {each.name: each for each in known}
    query = Query(Search(resource_type, "", limit=DEFAULT_COUNT))
    for name, value in given:
        if name in (COUNT, CURSOR):
            query = _paged(query, name, value)
        elif name in by_name and value:
            query = _narrowed(query, by_name[name], value, at)
        elif name != "_format":
            query = replace(query, unknown=(*query.unknown, name))
            continue
        query = replace(query, used=(*query.used, (name, value)))
    return query


def _narrowed(query: Query, parameter: Parameter, value: str, at: Addresses) -> Query:
    match parameter.kind:
        case "id":
            ids = tuple(value.split(","))[:MOST]
            known = query.wanted.ids
            kept = ids if known is None else tuple(each for each in ids if each in known)
            return replace(query, wanted=replace(query.wanted, ids=kept))
        case "patient":
            return _of_patient(query, parameter.name, value)
        case "date":
            return replace(query, wanted=_dated(query.wanted, parameter.name, value))
        case "code":
            return replace(query, wanted=replace(query.wanted, code=_token(value, at.system("score"))))
        case "category":
            if set(value.split(",")) & parameter.tokens:
                return query
            return replace(query, wanted=replace(query.wanted, code=_token(value, at.system("care-plan-kind"))))
        case "identifier":
            return replace(query, identifier=_token(value, at.identifier("case-code")))
        case "response-of":
            return replace(query, wanted=replace(query.wanted, code=value))
        case "url":
            return replace(query, url=value)
        case "fixed":
            return replace(query, nothing=query.nothing or not set(value.split(",")) & parameter.tokens)
        case _:
            raise ValueError(f"no parameter kind {parameter.kind}")


def cursor(resource_id: str) -> str:
    """An opaque mark of where the next page starts."""
    return base64.urlsafe_b64encode(resource_id.encode()).decode().rstrip("=")


def _paged(query: Query, name: str, value: str) -> Query:
    if name == CURSOR:
        return replace(query, wanted=replace(query.wanted, offset_id=_offset(value)))
    if not re.fullmatch(r"\d{1,6}", value):
        raise _unreadable(name, "Give a whole number, for example 20.")
    count = int(value)
    return replace(query, wanted=replace(query.wanted, limit=min(count, MOST)), count_only=count == 0)


def _offset(value: str) -> str:
    try:
        found = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise _unreadable(CURSOR, "Take it from the next link of a page.") from error
    if not _ID.fullmatch(found):
        raise _unreadable(CURSOR, "Take it from the next link of a page.")
    return found


def _of_patient(query: Query, name: str, value: str) -> Query:
    case_id = value.removeprefix("Patient/")
    if "," in case_id:
        raise _unreadable(name, "Search for one patient at a time.")
    earlier = query.wanted.case_ids
    clash = earlier is not None and earlier != (case_id,)
    return replace(query, wanted=replace(query.wanted, case_ids=(case_id,)), nothing=query.nothing or clash)


def _token(value: str, own_system: str) -> str:
    """`system|code`; a bare code is one of our own system."""
    return value if "|" in value else f"{own_system}|{value}"


def _dated(wanted: Search, name: str, value: str) -> Search:
    prefix, start, end = _range(name, value)
    low = {"eq": start, "ge": start, "gt": end, "sa": end}.get(prefix)
    high = {"eq": end, "le": end, "lt": start, "eb": start}.get(prefix)
    after = max((each for each in (wanted.after, low) if each), default=None)
    before = min((each for each in (wanted.before, high) if each), default=None)
    return replace(wanted, after=after, before=before)


def _range(name: str, value: str) -> tuple[str, datetime, datetime]:
    """The prefix and the stretch of time that a date of this precision covers."""
    found = _DATE.fullmatch(value.replace(" ", "+"))
    if found is None:
        raise _unreadable(name, "Give a date such as 2026-03-01, ge2026-03-01 or lt2026-03-01T10:00:00Z.")
    prefix, zone, parts = found[1] or "eq", found[8], [int(each) for each in found.groups()[1:7] if each]
    try:
        start = datetime.fromisoformat(_padded(parts) + ("+00:00" if zone in (None, "Z") else zone)).astimezone(UTC)
        return prefix, start, _end(start, len(parts))
    except (ValueError, OverflowError) as error:
        raise _unreadable(name, "There is no such day or time.") from error


def _padded(parts: list[int]) -> str:
    year, month, date, hour, minute, second = [*parts, *(0, 1, 1, 0, 0, 0)[len(parts) :]]
    return f"{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}"


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


def _unreadable(name: str, says: str) -> Invalid:
    return Invalid(f"The parameter {name} cannot be read. {says}", {name: says})


def strictly(query: Query, prefer: Mapping[str, str]) -> None:
    """Raises Invalid for parameters that were not understood, if the client asked for strict handling."""
    if query.unknown and prefer.get("handling") == "strict":
        name = query.unknown[0]
        raise Invalid(f"The parameter {name[:60]} is not known here.", {name[:60]: "Leave it out."})
