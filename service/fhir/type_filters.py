"""`_typeFilter` of a bulk export: searches that say which lines of a type go. https://hl7.org/fhir/uv/bulkdata/export.html

Rule: a filter makes an export smaller and does nothing else. It looks at what already may leave, as it leaves, so that
neither a file nor a count answers a question about what stays. What is not understood is refused when it is asked for.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from urllib.parse import parse_qsl

from service.domain.bulk_exports import TypeFilter
from service.errors import Invalid
from service.fhir import RESOURCES
from service.fhir.addresses import Addresses
from service.fhir.matching import Hit, fits
from service.fhir.search import MOST_PARAMETERS, RESULTS, Condition, looked_for, read_query, unreadable
from service.store.resources import Line

NAME = "_typeFilter"
MOST_FILTERS = 20
IsWanted = Callable[[Line], bool]


def read_filters(
    written: Sequence[str], types: Collection[str], at: Addresses, *, lenient: bool
) -> tuple[TypeFilter, ...]:
    """Each is `Type?query`, percent-encoded once more than the request. `lenient` leaves out what the others would
    not miss: other types, parameters that are unknown or say how to answer. Raises Invalid.
    """
    if len(written) > MOST_FILTERS:
        raise _refused(f"Give at most {MOST_FILTERS} filters.")
    parts = [_parted(each) for each in written]
    beyond = [kind for kind, _given in parts if kind not in types]
    if beyond and not lenient:
        raise _refused(f"{beyond[0][:60]} is not among the types of this export.")
    return tuple(_read(kind, given, at, lenient=lenient) for kind, given in parts if kind in types)


def sieve(filters: Iterable[TypeFilter], at: Addresses) -> IsWanted:
    """Whether a line, as it would leave, goes: one of the filters of its type fits, or there is none."""
    ways: defaultdict[str, list[tuple[Condition, ...]]] = defaultdict(list)
    for each in filters:
        ways[each.type].append(tuple(looked_for(each.type, name, value, at) for name, value in each.asked))
    return lambda line: line.type not in ways or _is_one_of(ways[line.type], Hit(*line))


def _is_one_of(ways: Iterable[tuple[Condition, ...]], hit: Hit) -> bool:
    return any(fits(hit, each) for each in ways)


def _parted(text: str) -> tuple[str, list[tuple[str, str]]]:
    kind, _, query = text.partition("?")
    try:
        given = parse_qsl(
            query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except ValueError:
        given = []
    if not given:
        says = "Write Type?name=value, with a comma, & or % of a value percent-encoded once more than the rest."
        raise _refused(f"{text[:60]} cannot be read. {says}")
    return kind, given


def _read(kind: str, given: Sequence[tuple[str, str]], at: Addresses, *, lenient: bool) -> TypeFilter:
    for name, _value in given:
        _check_looks(kind, name)
    asides = [name for name, _value in given if _bare(name) in RESULTS]
    query = read_query(kind, [(name, value) for name, value in given if _bare(name) not in RESULTS], at)
    left_out = [*asides, *query.unknown]
    if left_out and not lenient:
        raise _refused(f"{kind} cannot be filtered by {left_out[0][:60] or 'a parameter without a name'}.")
    return TypeFilter(kind, query.used)


def _check_looks(kind: str, name: str) -> None:
    """Raises Invalid for what cannot be told from a line alone."""
    if "." in name:
        raise unreadable(name, "A filter looks at one resource; chains are not understood in it.")
    parameter = RESOURCES[kind].parameter(_bare(name))
    if parameter is not None and not parameter.paths:
        raise unreadable(name, f"No element of {kind} holds it, so a filter cannot look for it.")


def _bare(name: str) -> str:
    return name.partition(":")[0]


def _refused(says: str) -> Invalid:
    return Invalid(f"{NAME}: {says}", {NAME: says})
