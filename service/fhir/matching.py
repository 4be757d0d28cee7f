"""Whether an opened resource fits what a search asks that no column tells. https://hl7.org/fhir/R4/search.html

Rule: pure; the parameter says where to look and how to compare, whatever the type.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson

from service.fhir.dates import began, is_in, read_range
from service.fhir.parameters import DATE, ID, URI, Parameter
from service.fhir.search import Condition
from service.store.resources import Stored


@dataclass(frozen=True)
class Hit:
    """A resource that a search looks at: its bytes as they are stored, opened when first asked."""

    type: str
    id: str
    body: bytes
    case_id: str | None = None
    date: datetime | None = None
    updated_at: datetime | None = None

    @cached_property
    def resource(self) -> Any:
        return orjson.loads(self.body)

    @property
    def name(self) -> str:
        return f"{self.type}/{self.id}"


def hit_of(stored: Stored) -> Hit:
    return Hit(stored.type, stored.id, stored.body, stored.case_id, stored.date, stored.updated_at)


def fits(hit: Hit, conditions: Iterable[Condition]) -> bool:
    return all(_fits(hit, each) for each in conditions)


def _fits(hit: Hit, condition: Condition) -> bool:
    found = found_in(hit, condition.parameter)
    match condition.modifier:
        case "missing":
            return (condition.values == ("true",)) is (not found)
        case "not":
            return not any(_is(condition, each, wanted) for each in found for wanted in condition.values)
        case _:
            return any(_is(condition, each, wanted) for each in found for wanted in condition.values)


def found_in(hit: Hit, parameter: Parameter) -> list[Any]:
    """What a resource holds where the parameter looks."""
    if parameter.column and hit.updated_at is not None:
        moment = hit.date if parameter.column == "date" else hit.updated_at
        return [moment] if moment else []
    if parameter.kind == ID:
        return [hit.id]
    if parameter.kind == URI and parameter.paths == ("url",):
        return canonical_of(hit)
    return [value for path in parameter.paths for value in walk(hit.resource, path.split("."))]


def canonical_of(hit: Hit) -> list[str]:
    """url|version of a definition, as far as it has them; nothing without a url."""
    url, version = str(hit.resource.get("url", "")), str(hit.resource.get("version", ""))
    return [f"{url}|{version}" if version else url] if url else []


def walk(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """The values at a path; lists are walked through."""
    if isinstance(value, list):
        for each in value:
            yield from walk(each, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from walk(value[path[0]], path[1:])


def references_in(hit: Hit, parameter: Parameter) -> set[str]:
    """What a resource names by the parameter: references, or canonical addresses."""
    found = found_in(hit, parameter)
    return {str(each.get("reference", "")) if isinstance(each, dict) else str(each) for each in found}


def _is(condition: Condition, value: Any, wanted: str) -> bool:
    match condition.parameter.kind:
        case "token":
            return _is_coded(value, wanted)
        case "reference":
            return _is_named(value, wanted)
        case "date":
            moment = value if isinstance(value, datetime) else began(value)
            prefix, stretch = read_range(condition.parameter.name, wanted)
            return moment is not None and is_in(moment, stretch) is (prefix != "ne")
        case "uri":
            return isinstance(value, str) and is_canonical(value, wanted)
        case _:
            return isinstance(value, str) and _reads(value, plain(wanted), condition.modifier)


def _is_coded(value: Any, wanted: str) -> bool:
    parts = re.split(r"(?<!\\)\|", wanted, maxsplit=1)
    system, code = (plain(parts[0]), plain(parts[1])) if len(parts) > 1 else (None, plain(parts[0]))
    return any(
        code in ("", held) and system in (None, held_system) and bool(code or system)
        for held_system, held in _codes(value)
    )


def _codes(value: Any) -> Iterator[tuple[str, str]]:
    """(system, code) of whatever holds a code: a Coding, a CodeableConcept, an Identifier, a code, a boolean."""
    match value:
        case bool():
            yield "", str(value).lower()
        case str():
            yield "", value
        case {"coding": list(codings)}:
            for each in codings:
                yield from _codes(each)
        case {"code": str(code)} | {"value": str(code)}:
            yield str(value.get("system", "")), code
        case _:
            return


def _is_named(value: Any, wanted: str) -> bool:
    held = str(value.get("reference", "")) if isinstance(value, dict) else ""
    return bool(held) and (held == wanted if "/" in wanted else held.rpartition("/")[2] == wanted)


def is_canonical(held: str, wanted: str) -> bool:
    """Without a version any version fits."""
    return held == wanted or ("|" not in wanted and held.partition("|")[0] == wanted)


def _reads(held: str, wanted: str, modifier: str) -> bool:
    if modifier == "exact":
        return held == wanted
    found = held.casefold().find(wanted.casefold())
    return found >= 0 if modifier == "contains" else found == 0


def plain(value: str) -> str:
    """Without the backslashes that kept separators from separating."""
    return re.sub(r"\\([\\,|$])", r"\1", value)


def ordered(hits: Iterable[Hit], order: Sequence[tuple[Parameter, bool]]) -> list[Hit]:
    """By id where nothing else is asked; what has no value comes last."""
    found = sorted(hits, key=lambda each: each.id)
    for parameter, falling in reversed(order):
        ranked = [(_rank(each, parameter), each) for each in found]
        known = sorted((each for each in ranked if each[0] is not None), key=_first, reverse=falling)
        found = [each for _rank_of, each in known] + [each for rank, each in ranked if rank is None]
    return found


def _first(pair: tuple[Any, Hit]) -> Any:
    return pair[0]


def _rank(hit: Hit, parameter: Parameter) -> Any:
    """What a resource is sorted by, or None."""
    found = found_in(hit, parameter)
    if parameter.kind == DATE:
        moments = [each if isinstance(each, datetime) else began(each) for each in found]
        return min((each for each in moments if each), default=None)
    return min((code for each in found for _system, code in _codes(each)), default=None)
