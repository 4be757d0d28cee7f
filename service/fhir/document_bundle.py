"""A signed text with everything it names, each once, as a Bundle of type document. https://hl7.org/fhir/R4/documents.html

Rule: stored bytes are passed on as they are; the same versions make the same bytes, whenever and by whichever door the
document leaves.
"""

import hashlib
from collections.abc import Callable, Sequence
from uuid import NAMESPACE_URL, uuid5

import orjson

from service.fhir.addresses import Addresses
from service.fhir.entries import Entry
from service.fhir.labels import high_water
from service.fhir.references import named_in

TYPE = "Composition"
Read = Callable[[str, str], Entry]


def parts_of(composition_id: str, read: Read) -> tuple[Entry, ...]:
    """The Composition, then what it names and what further Compositions name, each once."""
    found: dict[str, Entry] = {}
    waiting = [f"{TYPE}/{composition_id}"]
    while waiting:
        named = waiting.pop(0)
        if named in found:
            continue
        kind, _, name = named.partition("/")
        found[named] = read(kind, name)
        waiting += named_in(found[named].body) if kind == TYPE else []
    return tuple(found.values())


def written(parts: Sequence[Entry], at: Addresses) -> bytes:
    """The document, as of the newest of its parts."""
    contents = digest_of(b"\n".join(each.body for each in parts))
    return orjson.dumps(
        {
            "resourceType": "Bundle",
            "id": str(uuid5(NAMESPACE_URL, contents)),
            "meta": {"security": high_water(each.type for each in parts)},
            "identifier": {"system": at.identifier("bundle"), "value": contents},
            "type": "document",
            "timestamp": max(orjson.loads(each.body)["meta"]["lastUpdated"] for each in parts),
            "entry": [
                {"fullUrl": at.full_url(each.type, each.id), "resource": orjson.Fragment(each.body)} for each in parts
            ],
        }
    )


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
