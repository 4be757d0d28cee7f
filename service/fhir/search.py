"""Search parameters -> a Query: what the store is asked, and what must be looked for in the opened resources.

https://hl7.org/fhir/R4/search.html. Rule: a parameter is either understood and does what it says, or it is left out of
the self link (and refused under strict handling). A modifier, chain or include that is not understood is refused,
because leaving it out would find more than was asked for.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from service.errors import Invalid, NotOffered
from service.fhir import RESOURCES
from service.fhir.addresses import Addresses
from service.fhir.dates import Range, read_range
from service.fhir.parameters import CASE_CODE, DATE, ID, PATIENT, REFERENCE, STRING, TOKEN, URI, Parameter
from service.store.resources import Search

DEFAULT_COUNT, MOST, MOST_VALUES, MOST_PARAMETERS = 50, 200, 200, 60
COUNT, CURSOR = "_count", "_cursor"
# They say how to answer and not what to look for.
_ASIDE = frozenset({"_format", "_pretty", "_total", "_contained", "_containedType"})
_LOGICAL_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_MODIFIERS: Mapping[str, frozenset[str]] = {
    TOKEN: frozenset({"missing", "not"}),
    REFERENCE: frozenset({"missing"}),
    DATE: frozenset({"missing"}),
    URI: frozenset({"missing"}),
    STRING: frozenset({"missing", "exact", "contains"}),
}
_IN_RESOURCES: Mapping[str, str] = {ID: TOKEN, CASE_CODE: TOKEN, PATIENT: REFERENCE}
SUMMARIES = ("true", "text", "data", "count", "false")


@dataclass(frozen=True)
class Condition:
    """What must hold of a resource: one of the values, or (`then`) that what it refers to fits."""

    parameter: Parameter
    values: tuple[str, ...]
    modifier: str = ""
    of: tuple[str, ...] = ()
    then: "Condition | None" = None


@dataclass(frozen=True)
class Include:
    """What goes along with the matches: the `targets` that they name by `parameter`, or (`back`) the resources of
    `type` that name them by it.
    """

    type: str
    parameter: Parameter
    targets: tuple[str, ...]
    back: bool = False


class Query(NamedTuple):
    """A search read from its parameters. `nothing` is true when no resource can fit; `used` goes into the self link;
    `code` names a case; `path` is the address of an operation that answers as a search does.
    """

    wanted: Search
    used: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    ids: frozenset[str] | None = None
    code: str = ""
    nothing: bool = False
    count_only: bool = False
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[Parameter, bool], ...] = ()
    includes: tuple[Include, ...] = ()
    summary: str = "false"
    elements: tuple[str, ...] = ()
    path: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the columns alone answer it."""
        return not (self.conditions or self.order or self.includes or self.ids is not None)


def read_query(resource_type: str, given: Iterable[tuple[str, str]], at: Addresses) -> Query:
    """Raises Invalid naming the parameter that cannot be read."""
    query, used = Query(Search(resource_type, limit=DEFAULT_COUNT)), []
    for number, (name, value) in enumerate(given):
        if number == MOST_PARAMETERS:
            raise Invalid("There are too many parameters.", {name[:60]: f"Give at most {MOST_PARAMETERS}."})
        understood = _with(query, name, value, at)
        if understood is None:
            query = query._replace(unknown=(*query.unknown, name))
        elif name.partition(":")[0] not in _ASIDE:
            query = understood
            used.append((name, value))
    return query._replace(used=tuple(used))


def _with(query: Query, name: str, value: str, at: Addresses) -> Query | None:
    """None for a parameter that this type does not have."""
    bare, _, modifier = name.partition(":")
    if bare in _ASIDE:
        return query
    if "\0" in value:
        raise unreadable(name, "It holds a character that no text has.")
    if bare == "_has":
        raise not_offered(name, "Reverse chains are not understood here.")
    if name in _RESULTS:
        return _RESULTS[name](query, value)
    if bare in _RESULTS:
        raise not_offered(name, "This modifier is not understood here.")
    parameter = RESOURCES[query.wanted.type].parameter(bare.partition(".")[0])
    if parameter is None or not value:
        return None
    if "." in name:
        return _chained(query, parameter, name, value, at)
    return _narrowed(query, parameter, modifier, value, at)


def _narrowed(query: Query, parameter: Parameter, modifier: str, value: str, at: Addresses) -> Query:
    match parameter.kind:
        case "patient":
            return _of_patient(query, parameter.name, modifier, value, at)
        case "case-code" if not modifier:
            return query._replace(code=_case_code(value, at), nothing=query.nothing or not _case_code(value, at))
        case "id" if not modifier:
            found = {each for each in values_in(parameter.name, value) if _LOGICAL_ID.fullmatch(each)}
            kept = found if query.ids is None else found & query.ids
            return query._replace(ids=frozenset(kept), nothing=query.nothing or not kept)
        case "date" if parameter.column and not modifier and "," not in value and not value.startswith("ne"):
            _prefix, stretch = read_range(parameter.name, value)
            return query._replace(wanted=_dated(query.wanted, parameter.column, stretch))
        case _:
            return _looked_for(query, _condition(parameter, modifier, value, at))


def _looked_for(query: Query, condition: Condition) -> Query:
    return query._replace(conditions=(*query.conditions, condition))


def _condition(parameter: Parameter, modifier: str, value: str, at: Addresses) -> Condition:
    """Raises Invalid for a modifier that the kind of parameter does not have."""
    if parameter.kind == REFERENCE and modifier in parameter.targets:
        value, modifier = ",".join(f"{modifier}/{each}" for each in values_in(parameter.name, value)), ""
    if modifier and modifier not in _MODIFIERS.get(parameter.kind, ()):
        raise not_offered(f"{parameter.name}:{modifier[:20]}", "This modifier is not understood here.")
    if modifier == "missing" and value not in ("true", "false"):
        raise unreadable(parameter.name, "Say true or false.")
    values = values_in(parameter.name, value)
    if parameter.kind == REFERENCE:
        values = tuple(each.removeprefix(f"{at.rest}/") for each in values)
    if parameter.kind == DATE and not modifier:
        for each in values:
            read_range(parameter.name, each)
    return Condition(parameter, values, modifier)


def _chained(query: Query, parameter: Parameter, name: str, value: str, at: Addresses) -> Query:
    """`name.further` or `name:Type.further`; one step, to where the reference may lead. Raises Invalid."""
    first, _, further = name.partition(".")
    kind = first.partition(":")[2]
    targets = tuple(each for each in parameter.targets if kind in ("", each))
    if not targets or "." in further or parameter.kind not in (REFERENCE, PATIENT):
        raise not_offered(name[:60], "Only chains of one step along a reference are understood.")
    bare, _, modifier = further.partition(":")
    found = [(each, RESOURCES[each].parameter(bare)) for each in targets]
    known = [(each, then) for each, then in found if then is not None]
    if not known:
        raise unreadable(name[:60], "What it refers to has no such parameter.")
    if parameter.kind == PATIENT and known[0][1].kind in (CASE_CODE, ID):
        return _of_the_patient(query, name, known[0][1], value, at)
    then = _as_looked_for(known[0][1])
    condition = _condition(then, modifier, value, at)
    return _looked_for(query, Condition(parameter, (), of=tuple(each for each, _ in known), then=condition))


def _of_the_patient(query: Query, name: str, parameter: Parameter, value: str, at: Addresses) -> Query:
    """A chain to what names the patient names the patient."""
    if parameter.kind == ID:
        return _of_patient(query, name, "", value, at)
    code = _case_code(value, at)
    return query._replace(code=code, nothing=query.nothing or not code or query.code not in ("", code))


def looked_for(resource_type: str, name: str, value: str, at: Addresses) -> Condition:
    """A parameter that `read_query` understands, as it is looked for in opened resources alone. Raises Invalid."""
    bare, _, modifier = name.partition(":")
    parameter = RESOURCES[resource_type].parameter(bare)
    if parameter is None:
        raise unreadable(name, "It is not known here.")
    return _condition(_as_looked_for(parameter), modifier, value, at)


def _as_looked_for(parameter: Parameter) -> Parameter:
    """In opened resources an id is a token, and the patient a reference, like any other."""
    return replace(parameter, kind=_IN_RESOURCES.get(parameter.kind, parameter.kind))


def _of_patient(query: Query, name: str, modifier: str, value: str, at: Addresses) -> Query:
    if modifier not in ("", "Patient"):
        raise not_offered(f"{name}:{modifier[:20]}", "This modifier is not understood here.")
    case_id = value.removeprefix(f"{at.rest}/").removeprefix("Patient/")
    if "," in case_id:
        raise unreadable(name, "Search for one patient at a time.")
    if not _LOGICAL_ID.fullmatch(case_id):
        is_elsewhere = case_id.startswith(("http://", "https://", "urn:"))
        if not is_elsewhere:
            raise unreadable(name, "Give one patient, as ID or Patient/ID.")
        return query._replace(nothing=True)
    earlier = query.wanted.case_id
    clash = earlier is not None and earlier != case_id
    return query._replace(wanted=query.wanted._replace(case_id=case_id), nothing=query.nothing or clash)


def _case_code(value: str, at: Addresses) -> str:
    """The case code in an identifier; "" where another system names it."""
    system, bar, code = value.rpartition("|")
    return code if not bar or system == at.identifier("case-code") else ""


def _dated(wanted: Search, column: str, stretch: Range) -> Search:
    low, high = stretch
    if column == "updated_at":
        return wanted._replace(
            updated_from=_latest(wanted.updated_from, low),
            updated_before=_earliest(wanted.updated_before, high),
        )
    return wanted._replace(after=_latest(wanted.after, low), before=_earliest(wanted.before, high))


def _latest(*moments: datetime | None) -> datetime | None:
    return max((each for each in moments if each), default=None)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((each for each in moments if each), default=None)


def values_in(name: str, value: str) -> tuple[str, ...]:
    """Values separated by commas; a backslash takes the meaning from the one after it. Raises Invalid for too many."""
    found = tuple(each for each in re.split(r"(?<!\\),", value) if each)
    if len(found) > MOST_VALUES:
        raise unreadable(name, f"Give at most {MOST_VALUES} values.")
    return found


def cursor(resource_id: str) -> str:
    """An opaque mark of where the next page starts."""
    return base64.urlsafe_b64encode(resource_id.encode()).decode().rstrip("=")


def _paged(query: Query, value: str) -> Query:
    if not re.fullmatch(r"[0-9]+", value):
        raise unreadable(COUNT, "Give a whole number, for example 20.")
    count = MOST if len(value) > 9 else int(value)
    limit = min(count, MOST)
    return query._replace(wanted=query.wanted._replace(limit=limit), count_only=query.count_only or count == 0)


def _from(query: Query, value: str) -> Query:
    try:
        found = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise unreadable(CURSOR, "Take it from the next link of a page.") from error
    if not _LOGICAL_ID.fullmatch(found):
        raise unreadable(CURSOR, "Take it from the next link of a page.")
    return query._replace(wanted=query.wanted._replace(offset_id=found))


def _ordered(query: Query, value: str) -> Query:
    shelved = RESOURCES[query.wanted.type]
    for each in values_in("_sort", value):
        parameter = shelved.parameter(each.removeprefix("-"))
        if parameter is None or parameter.kind in (PATIENT, CASE_CODE, REFERENCE):
            raise unreadable("_sort", "Sort by a date, code or text parameter of this type.")
        query = query._replace(order=(*query.order, (parameter, each.startswith("-"))))
    return query


def _including(query: Query, value: str) -> Query:
    return _include(query, "_include", value)


def _including_back(query: Query, value: str) -> Query:
    return _include(query, "_revinclude", value)


def _include(query: Query, name: str, value: str) -> Query:
    """`Type:parameter` or `Type:parameter:Target`. Raises Invalid for what the shelf does not know."""
    kind, _, rest = value.partition(":")
    called, _, target = rest.partition(":")
    shelved = RESOURCES.get(kind)
    parameter = shelved.parameter(called) if shelved else None
    is_back, here = name == "_revinclude", query.wanted.type
    targets = tuple(each for each in (parameter.targets if parameter else ()) if target in ("", each))
    if parameter is None or not targets or (here not in targets if is_back else kind != here):
        raise unreadable(name, "Name a reference as Type:parameter, as the capability statement lists them.")
    return query._replace(includes=(*query.includes, Include(kind, parameter, targets, is_back)))


def _summarised(query: Query, value: str) -> Query:
    check_summary(value)
    return query._replace(summary=value, count_only=query.count_only or value == "count")


def check_summary(value: str) -> None:
    """Raises Invalid."""
    if value not in SUMMARIES:
        raise unreadable("_summary", f"Give one of {', '.join(SUMMARIES)}.")


def _with_elements(query: Query, value: str) -> Query:
    return query._replace(elements=(*query.elements, *values_in("_elements", value)))


_RESULTS: Mapping[str, Callable[[Query, str], Query]] = {
    COUNT: _paged,
    CURSOR: _from,
    "_sort": _ordered,
    "_include": _including,
    "_revinclude": _including_back,
    "_summary": _summarised,
    "_elements": _with_elements,
}
RESULTS = _ASIDE | _RESULTS.keys()
"""They say how to answer, in what order and with what beside it, and never what fits."""


def unreadable(name: str, says: str) -> Invalid:
    return Invalid(f"The parameter {name[:60]} cannot be read. {says}", {name[:60]: says})


def not_offered(name: str, says: str) -> NotOffered:
    return NotOffered(f"The parameter {name[:60]} is not offered here. {says}", {name[:60]: says})


def strictly(query: Query, prefer: Mapping[str, str]) -> None:
    """Raises Invalid for parameters that were not understood, if the client asked for strict handling."""
    if query.unknown and prefer.get("handling") == "strict":
        name = query.unknown[0]
        raise Invalid(f"The parameter {name[:60]} is not known here.", {name[:60]: "Leave it out."})
