"""FHIR data types as plain dicts, and the bytes of a resource. Rule: a value that is absent leaves no key behind.

https://hl7.org/fhir/R4/datatypes.html
"""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

import orjson

Json = dict[str, object]

UCUM = "http://unitsofmeasure.org"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
ABSENT_SYSTEM = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


def instant(at: datetime) -> str:
    """UTC to the millisecond: `2026-03-01T09:30:00.000Z`."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def day(on: date) -> str:
    return on.isoformat()


def coding(system: str, code: str, display: str = "") -> Json:
    return present(system=system, code=code, display=display)


def concept(*codings: Json, text: str = "") -> Json:
    """A CodeableConcept; with text alone it says so in words only."""
    return present(coding=list(codings), text=text)


def reference(resource_type: str, resource_id: str) -> Json:
    return {"reference": f"{resource_type}/{resource_id}"}


def identifier(system: str, value: str) -> Json:
    return {"system": system, "value": value}


def score_quantity(value: float) -> Json:
    return {"value": value, "unit": "score", "system": UCUM, "code": "{score}"}


def absent(reason: str) -> Json:
    """The extension that stands where a value is left out."""
    return {"url": ABSENT, "valueCode": reason}


def present(**entries: object) -> Json:
    """The entries that hold something; None, "" and empty containers are not allowed in FHIR."""
    return {key: value for key, value in entries.items() if value is not None and value not in ("", [], {})}


def unversioned(resource: Json) -> Json:
    """For what is made of a stored version and differs from it: it names no version."""
    meta = cast(Json, resource["meta"])
    return {**resource, "meta": {name: each for name, each in meta.items() if name != "versionId"}}


def to_bytes(resource: Json) -> bytes:
    """Decimal numbers go out with the digits that they hold: 72.50 stays 72.50."""
    return orjson.dumps(resource, default=_digits)


def from_bytes(body: bytes) -> Any:
    """JSON with its decimal numbers as they are written. Raises ValueError for what is no JSON, NaN included."""
    return json.loads(body, parse_float=Decimal, parse_constant=_no_number)


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number in JSON")


def _digits(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}".encode())
    raise TypeError
