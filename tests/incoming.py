"""A Bundle of another system, with an invented client and everybody around them; tests change what matters."""

import json
from datetime import timedelta
from typing import Any

from service.domain import clock

PATIENT = "urn:uuid:11111111-1111-4111-8111-111111111111"
HOLDER = "urn:uuid:22222222-2222-4222-8222-222222222222"
NUMBER = "https://clinic.example/numbers"


def resources(**changes: Any) -> dict[str, dict[str, Any]]:
    """One of each kind, by a short name; `changes` replaces or, with None, leaves one out."""
    start = clock.now() + timedelta(days=3)
    found: dict[str, Any] = {
        "patient": {
            "resourceType": "Patient",
            "id": "p1",
            "identifier": [{"system": NUMBER, "value": "77-31"}],
            "name": [{"use": "official", "given": ["Zoë", "Ada"], "family": "Okonkwo-Šimić"}],
            "birthDate": "1990-02-03",
            "gender": "female",
            "telecom": [{"system": "phone", "value": "+353 1 000 0001"}],
            "address": [{"line": ["9 Kept Away Road"], "city": "Howth"}],
            "communication": [{"language": {"text": "English, Igbo"}}],
            "contact": [
                {
                    "name": {"text": "Tomás O'Brien"},
                    "telecom": [{"system": "phone", "value": "086 123 4567"}],
                    "address": {"line": ["12 Harbour Street"], "city": "Howth"},
                }
            ],
        },
        "related": {
            "resourceType": "RelatedPerson",
            "patient": {"reference": PATIENT},
            "name": [{"given": ["Una"], "family": "Fernsby"}],
            "telecom": [{"system": "email", "value": "una@mail.example"}],
        },
        "coverage": {
            "resourceType": "Coverage",
            "status": "active",
            "beneficiary": {"reference": PATIENT},
            "subscriber": {"reference": HOLDER},
            "payor": [{"display": "An insurer"}],
        },
        "practitioner": {
            "resourceType": "Practitioner",
            "identifier": [{"system": NUMBER, "value": "gp-4"}],
            "name": [{"text": "Dr Invented Other"}],
            "qualification": [{"code": {"text": "General practitioner"}}],
        },
        "appointment": {
            "resourceType": "Appointment",
            "identifier": [{"system": NUMBER, "value": "a-1"}],
            "status": "booked",
            "start": start.isoformat(timespec="seconds"),
            "end": (start + timedelta(minutes=50)).isoformat(timespec="seconds"),
            "participant": [{"actor": {"reference": PATIENT}, "status": "accepted"}],
        },
        "observation": {"resourceType": "Observation", "status": "final", "code": {"text": "Something"}},
    }
    return {name: each for name, each in (found | changes).items() if each is not None}


def bundle(parts: dict[str, dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """The Bundle around `parts`; Patient and RelatedPerson have the addresses by which others speak of them."""
    addresses = {"patient": PATIENT, "related": HOLDER}
    entries = []
    for name, each in (resources() if parts is None else parts).items():
        entries.append({"fullUrl": addresses[name], "resource": each} if name in addresses else {"resource": each})
    return {"resourceType": "Bundle", "type": "collection", "entry": entries} | changes


def as_bytes(value: object) -> bytes:
    return json.dumps(value).encode()
