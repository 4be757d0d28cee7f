"""The words that a person typed in a FHIR resource: finding them, and putting others in the place of those that stay.

Rule: structure, names and numbers that leave on purpose are no narrative; everything else under a narrative key is, and
so is the value of an answer.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from service.domain.leaks import Guard
from service.domain.withholding import WITHHELD

# Where FHIR keeps words, and parts that hold names and numbers on purpose.
NARRATIVE = frozenset({"valueString", "text", "description", "display", "div", "title", "note", "comment"})
# What holds the words of a signed text: read by its own address alone, and never found, exported or sent in bulk. Each
# text was held against the guard as a whole before it was put in (domain/withholding.py).
BY_ADDRESS_ALONE = frozenset({"Binary", "Composition"})
# What a connected system reads only by a release that names it and this.
BY_NAME_ALONE = frozenset({"Condition"})
# The records of which resources go by what a report holds, whatever their type (domain/leaving.py, IN_REPORT).
REPORT_RECORDS = frozenset({"summary"})
REPORT_TYPES = frozenset({"DocumentReference", "Binary", "Composition", "Provenance"})
STRUCTURE = frozenset({"name", "telecom", "meta", "identifier"})
# Answers that are no text may tell a number, an address or a name all the same. An extension (with its `url`) is ours.
VALUES = frozenset(f"value{kind}" for kind in ("Uri", "Integer", "Decimal", "Quantity", "Coding", "CodeableConcept"))


def narrative(body: bytes) -> str:
    """The words in a FHIR resource that a person typed, one a line."""
    found: list[str] = []
    _gather(orjson.loads(body), found)
    return "\n".join(found)


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


def _said(value: object) -> list[str]:
    """Everything that a value says, whatever its type; the system of a code is ours."""
    if isinstance(value, str):
        return [str(value)]
    if isinstance(value, Mapping):
        return [said for name, each in value.items() if name != "system" for said in _said(each)]
    if isinstance(value, list | tuple):
        return [said for each in value for said in _said(each)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _gather(value: object, found: list[str]) -> None:
    """Add what was typed somewhere in parsed JSON."""
    if isinstance(value, list):
        for each in value:
            _gather(each, found)
    if isinstance(value, dict):
        for name, each in value.items():
            _gather_part(value, name, each, found)


def _gather_part(whole: Mapping[Any, object], name: str, value: object, found: list[str]) -> None:
    if name in VALUES and _is_value(whole, name):
        found.extend(_said(value))
    elif isinstance(value, str):
        found.extend([value] if name in NARRATIVE else [])
    elif name not in STRUCTURE:
        _gather(value, found)
