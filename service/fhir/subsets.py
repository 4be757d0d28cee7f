"""Parts of a resource: `_summary` and `_elements`. https://hl7.org/fhir/R4/search.html#summary

Rule: the labels and what every resource of the type must hold always stay, and a part says that it is one. The stored
bytes are opened only when a part is asked for.
"""

from service.fhir.models import needed_of, summary_of
from service.fhir.shapes import coding, from_bytes, to_bytes

_ALWAYS = frozenset({"resourceType", "id", "meta"})
SUBSETTED = coding("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "SUBSETTED", "subsetted")


def subset(resource_type: str, body: bytes, *, summary: str = "false", elements: tuple[str, ...] = ()) -> bytes:
    if summary in ("false", "count") and not elements:
        return body
    resource = from_bytes(body)
    kept = {name: value for name, value in resource.items() if _stays(resource_type, name, summary, elements)}
    meta = {**resource.get("meta", {})}
    return to_bytes({**kept, "meta": {**meta, "tag": [*meta.get("tag", []), SUBSETTED]}})


def _stays(resource_type: str, name: str, summary: str, elements: tuple[str, ...]) -> bool:
    if name in _ALWAYS or name in needed_of(resource_type):
        return True
    if elements:
        return name in elements
    match summary:
        case "true":
            return name in summary_of(resource_type)
        case "text":
            return name == "text"
        case _:
            return name != "text"
