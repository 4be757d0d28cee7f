"""The words that a person typed in a FHIR resource: finding them, and putting others in the place of those that stay.

Rule: structure, names and numbers that leave on purpose are no narrative; everything else under a narrative key is.
"""

from collections.abc import Iterator

import orjson

from service.domain.leaks import Guard
from service.domain.withholding import WITHHELD

# Where FHIR keeps words, and parts that hold names and numbers on purpose.
NARRATIVE = frozenset({"valueString", "text", "description", "display", "div", "title", "note", "comment"})
STRUCTURE = frozenset({"name", "telecom", "meta", "identifier"})


def narrative(body: bytes) -> str:
    """The words in a FHIR resource that a person typed, one a line."""
    return "\n".join(_typed(orjson.loads(body)))


def without_protected(value: object, guard: Guard, key: str = "") -> object:
    """The same content, with each text that tells a protected value put aside."""
    match value:
        case {**parts}:
            return {
                name: each if name in STRUCTURE else without_protected(each, guard, str(name))
                for name, each in parts.items()
            }
        case list() | tuple():
            return [without_protected(each, guard, key) for each in value]
        case str() if key in NARRATIVE and guard.tells(value):
            return WITHHELD
        case _:
            return value


def _typed(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _typed(each)
    if isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str):
                yield from [each] if name in NARRATIVE else []
            elif name not in STRUCTURE:
                yield from _typed(each)
