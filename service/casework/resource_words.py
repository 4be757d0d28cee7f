"""The words that a person typed in a FHIR resource: finding them, and putting others in the place of those that stay.

Rule: structure, names and numbers that leave on purpose are no narrative; everything else under a narrative key is, and
so is the value of an answer.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from service.domain.leaks import Guard
from service.domain.withholding import WITHHELD

# Where FHIR keeps words, and parts that hold names and numbers on purpose.
NARRATIVE = frozenset({"valueString", "text", "description", "display", "div", "title", "note", "comment"})
# What holds the words of a signed text: read by its own address alone, and never found, exported or sent in bulk. Each
# text was held against the guard as a whole before it was put in (domain/withholding.py).
BY_ADDRESS_ALONE = frozenset({"Binary", "Composition"})
STRUCTURE = frozenset({"name", "telecom", "meta", "identifier"})
# Answers that are no text may tell a number, an address or a name all the same. An extension (with its `url`) is ours.
VALUES = frozenset(f"value{kind}" for kind in ("Uri", "Integer", "Decimal", "Quantity", "Coding", "CodeableConcept"))


def narrative(body: bytes) -> str:
    """The words in a FHIR resource that a person typed, one a line."""
    return "\n".join(_typed(orjson.loads(body)))


def without_protected(value: object, guard: Guard, key: str = "") -> object:
    """The same content, with each text that tells a protected value put aside."""
    match value:
        case {**parts}:
            return dict(_kept(parts, str(name), guard) for name in parts)
        case list() | tuple():
            return [without_protected(each, guard, key) for each in value]
        case str() if key in NARRATIVE and guard.tells(value):
            return WITHHELD
        case _:
            return value


def _kept(parts: Mapping[Any, object], name: str, guard: Guard) -> tuple[str, object]:
    """One element under its name; in the place of a value that tells too much stands a text."""
    value = parts[name]
    if name in STRUCTURE:
        return name, value
    if _is_value(parts, name) and guard.tells("\n".join(_said(value))):
        return "valueString", WITHHELD
    return name, without_protected(value, guard, name)


def _is_value(parts: Mapping[Any, object], name: str) -> bool:
    return name in VALUES and "url" not in parts


def _said(value: object) -> Iterator[str]:
    """Everything that a value says, whatever its type; the system of a code is ours."""
    match value:
        case {**parts}:
            yield from (said for name, each in parts.items() if name != "system" for said in _said(each))
        case list() | tuple():
            yield from (said for each in value for said in _said(each))
        case bool() | None:
            return
        case _:
            yield str(value)


def _typed(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _typed(each)
    if isinstance(value, dict):
        for name, each in value.items():
            if _is_value(value, name):
                yield from _said(each)
            elif isinstance(each, str):
                yield from [each] if name in NARRATIVE else []
            elif name not in STRUCTURE:
                yield from _typed(each)
