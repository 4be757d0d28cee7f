"""The part of an export that a scope lets through, and how a package is written. Rule: bytes are passed on as stored.

What speaks of another resource goes only where all it speaks of goes.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from schemas.release_codes import ContentClass
from service.domain.packages import Scope
from service.fhir.classes import CLASS_OF
from service.fhir.entries import Entry
from service.fhir.shapes import Json

SPEAKS_OF_OTHERS = "Provenance"
BY_RELEASE = "They go by a release that names them alone."


def narrowed(found: Sequence[Entry], scope: Scope) -> list[Entry]:
    """The entries that the scope lets through, in their order."""
    reach = scope.reach
    kept = {f"{each.type}/{each.id}" for each in found if _class_of(each) in reach}
    return [
        each
        for each in found
        if _class_of(each) in reach and (each.type != SPEAKS_OF_OTHERS or kept.issuperset(_targets(each)))
    ]


def ndjson(found: Iterable[Entry]) -> bytes:
    """One resource a line."""
    return b"".join(each.body + b"\n" for each in found)


def classes_told(found: Sequence[Entry], kept: Sequence[Entry], scope: Scope) -> list[Json]:
    """For each class how many resources go and how many stay, and why; of psychotherapy notes none goes, ever."""
    there, sent = (Counter(_class_of(each) for each in entries) for entries in (found, kept))
    return [
        {
            "class": str(each),
            "label": each.label,
            "sent": sent[each],
            "withheld": None if each is ContentClass.PSYCHOTHERAPY else there[each] - sent[each],
            "why": scope.why_not(each) or ("" if sent[each] or each is not ContentClass.PLAN_LINES else BY_RELEASE),
        }
        for each in ContentClass
    ]


def _targets(provenance: Entry) -> list[str]:
    told: dict[str, Any] = orjson.loads(provenance.body)
    return [str(each.get("reference")) for each in told.get("target", [])]


def _class_of(entry: Entry) -> ContentClass:
    return entry.content or CLASS_OF[entry.type]
