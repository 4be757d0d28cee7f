"""An export as a transaction Bundle: the same resources, for a FHIR server that takes them in, twice without a copy.
https://hl7.org/fhir/R4/http.html#transaction

Rule: an entry is found again by what is its own alone. That is an identifier which holds the random id of the resource,
or else a tag with that id: a case code is unique in its practice only, and all versions of a plan share one identifier.
So `PUT Type?identifier=system|id` or `PUT Type?_tag=system|id` makes it the first time and brings it up to date after
that. A definition is published, so it is only made where its url and version are not there yet: `POST`, `ifNoneExist`.

The receiver gives ids and versions of its own, and R4 refuses a conditional update that brings an id; so ours stay
behind, and what refers to an entry does so by its `fullUrl`. The text of a note that stays is named by its address
here, because `Binary/ID` would be looked for there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

import orjson

from service.fhir.addresses import Addresses
from service.fhir.entries import Entry
from service.fhir.package import DEFINED
from service.fhir.publish import fit
from service.fhir.shapes import Json, from_bytes, to_bytes

TAG = "resource-id"
_GIVEN_BY_THE_RECEIVER = frozenset({"versionId", "lastUpdated"})
_POINTERS = frozenset({"reference", "url"})
_APART = re.compile(r"([\\,$|])")
Parameter = tuple[str, str]


def transaction_entries(found: Sequence[Entry], at: Addresses) -> list[Json]:
    """What a transaction holds of a package. Raises Unfit."""
    urls = {f"{each.type}/{each.id}": _full_url(each, at) for each in found}
    return [_entry(each, urls, at) for each in found]


def _full_url(entry: Entry, at: Addresses) -> str:
    """The same for the same resource each time; several types share an id, so the type counts as well."""
    return uuid5(NAMESPACE_URL, at.full_url(entry.type, entry.id)).urn


def _entry(entry: Entry, urls: Mapping[str, str], at: Addresses) -> Json:
    content = from_bytes(entry.body)
    own = _own(entry, content, at)
    tags = [{"system": at.system(TAG), "code": entry.id}] if own[0][0] == "_tag" else []
    sent = _pointing(_unplaced(content, tags), lambda named: _place(named, urls, at))
    return {
        "fullUrl": urls[f"{entry.type}/{entry.id}"],
        "resource": orjson.Fragment(to_bytes(sent) if entry.type in DEFINED else fit(sent)),
        "request": _request(entry.type, urlencode(own)),
    }


def _own(entry: Entry, content: Json, at: Addresses) -> list[Parameter]:
    """The search that finds this resource and no other."""
    if entry.type in DEFINED and content.get("url"):
        names = (name for name in ("url", "version") if content.get(name))
        return [(name, _escaped(content[name])) for name in names]
    for each in _listed(content.get("identifier")):
        if each.get("value") == entry.id:
            return [("identifier", _token(each["system"], entry.id))]
    return [("_tag", _token(at.system(TAG), entry.id))]


def _request(resource_type: str, query: str) -> Json:
    if resource_type in DEFINED:
        return {"method": "POST", "url": resource_type, "ifNoneExist": query}
    return {"method": "PUT", "url": f"{resource_type}?{query}"}


def _unplaced(content: Json, tags: Sequence[Mapping[str, str]]) -> Json:
    """Without what the receiver gives, and with our tag."""
    meta: Any = content.get("meta", {})
    kept = {name: each for name, each in meta.items() if name not in _GIVEN_BY_THE_RECEIVER}
    if tags:
        kept["tag"] = [*kept.get("tag", []), *tags]
    rest = {name: each for name, each in content.items() if name not in ("id", "meta")}
    return {**rest, **({"meta": kept} if kept else {})}


def _pointing(value: Any, place: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_pointing(each, place) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: place(each) if name in _POINTERS and isinstance(each, str) else _pointing(each, place)
        for name, each in value.items()
    }


def _place(named: str, urls: Mapping[str, str], at: Addresses) -> str:
    stays = named.startswith("Binary/") and named not in urls
    return f"{at.rest}/{named}" if stays else urls.get(named, named)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _token(system: str, value: str) -> str:
    return f"{_escaped(system)}|{_escaped(value)}"


def _escaped(value: object) -> str:
    return _APART.sub(r"\\\1", str(value))
