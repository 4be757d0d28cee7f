"""What a resource says about others, and the same without those that do not go along.

Rule: a reference to what stays behind tells nothing, neither an id nor a display. Where R4 can do without, it is left
out; where an element must stand, it says `masked`. Such a resource passes both gates anew and names no version, because
it is none that is stored; every other one goes out as the bytes that were stored.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import cast

import orjson

from service.fhir.publish import fit
from service.fhir.shapes import Json, absent, from_bytes, unversioned

# What a resource speaks of as a whole, and goes nowhere without: the targets of a Provenance; the session whose
# interventions or homework it tells; whose words a Composition holds.
SPEAKS_OF: Mapping[str, str] = {
    "Provenance": "target",
    "Procedure": "encounter",
    "Task": "encounter",
    "Composition": "author",
}
# Whom or what something is about: these stand in R4 resources at least once, and say `masked` in place of an id.
STANDS = frozenset({"subject", "patient", "for", "actor", "who"})
# Parts that are nothing without what they refer to.
HOLLOW = frozenset({"relatesTo", "entity"})
_NAMED = re.compile(rb'"reference"\s*:\s*"([^"#][^"]*)"')
IsThere = Callable[[str], bool]


def named_in(body: bytes) -> list[str]:
    """Every reference in a resource as it is stored, for example `Encounter/ID`; not those to its own parts."""
    return [each.decode() for each in _NAMED.findall(body)]


def spoken_of(resource_type: str, body: bytes) -> list[str]:
    """What this resource speaks of as a whole; most speak of nothing but themselves."""
    if resource_type not in SPEAKS_OF or not named_in(body):
        return []
    told = orjson.loads(body).get(SPEAKS_OF[resource_type], [])
    return [str(each.get("reference")) for each in (told if isinstance(told, list) else [told])]


def speaks_within(names: frozenset[str], resource_type: str, body: bytes) -> bool:
    """Whether all that this resource speaks of is among these names; where all that it refers to is, that is."""
    return names.issuperset(named_in(body)) or names.issuperset(spoken_of(resource_type, body))


def without_absent(body: bytes, is_there: IsThere) -> bytes:
    """The resource without references to what is not there. Raises Unfit."""
    if all(map(is_there, named_in(body))):
        return body
    content = cast(Json, _cut(from_bytes(body), is_there))
    return fit(unversioned(content))


def _cut(value: object, is_there: IsThere) -> object:
    if isinstance(value, list):
        return _held(_cut(each, is_there) for each in value)
    if not isinstance(value, dict):
        return value
    parts = ((name, _part(name, each, is_there)) for name, each in value.items())
    return {name: each for name, each in parts if each not in (None, [], {})}


def _part(name: str, value: object, is_there: IsThere) -> object:
    if _is_absent(value, is_there):
        return {"extension": [absent("masked")]} if name in STANDS else None
    if isinstance(value, list):
        kept = [each for each in value if not (name in HOLLOW and _refers_to_absent(each, is_there))]
        return _held(_part(name, each, is_there) for each in kept)
    return _cut(value, is_there)


def _held(values: Iterable[object]) -> list[object]:
    return [each for each in values if each not in (None, [], {})]


def _is_absent(value: object, is_there: IsThere) -> bool:
    named = value.get("reference") if isinstance(value, dict) else None
    return isinstance(named, str) and not named.startswith("#") and not is_there(named)


def _refers_to_absent(value: object, is_there: IsThere) -> bool:
    return isinstance(value, dict) and any(_is_absent(each, is_there) for each in value.values())
