"""No system links anything, and none finds out by a number of its own whether somebody is in care here.

Why: decision 19.
"""

from typing import Any

import pytest
from flask import Flask

from schemas.takeover_codes import OutsideType
from service.domain.takeovers import Arrival
from service.store import outside_records
from service.store.base import db
from tests.api.bodies import stored
from tests.api.test_fhir import BASE
from tests.api.test_system_writes import BOTH, both, head
from tests.api.test_system_writes import case_id as case_id
from tests.api.test_system_writes import response as response
from tests.builders import House

KNOWN, UNKNOWN = ({"system": "urn:clinic", "value": each} for each in ("77-31", "99-99"))
RIGHTS = f"{BOTH} system/Patient.cruds"


@pytest.fixture
def numbered(app: Flask, house: House, case_id: str) -> str:
    """The linked case, for which a therapist took over the number that the system has for the client."""
    with app.app_context():
        arrival = Arrival("", OutsideType.PATIENT, "The client", "urn:clinic|77-31")
        outside_records.add(case_id, house.therapist.user_id, arrival, "Record bridge", case_id)
        db.session.commit()
    return case_id


def test_a_form_that_names_a_client_by_number_is_refused_alike_whoever_is_here(
    app: Flask, house: House, numbered: str, response: dict[str, Any]
) -> None:
    usual, client, before = head(app, house), app.test_client(), stored(app)
    told = []
    for number in (KNOWN, UNKNOWN):
        subject = {"type": "Patient", "identifier": number}
        for named in (subject, {"reference": f"Patient?identifier={number['system']}|{number['value']}"}):
            sent = {**response, "subject": named, "source": named}
            alone = client.post(f"{BASE}/QuestionnaireResponse", json=sent, headers=usual)
            inside = client.post(BASE, json=both("transaction", sent), headers=usual)
            told.append([(each.status_code, each.data) for each in (alone, inside)])
    assert {status for each in told for status, _body in each} == {400}
    assert told[:2] == told[2:]
    assert stored(app) == before


@pytest.mark.parametrize("number", [KNOWN, UNKNOWN])
def test_no_number_is_found_matched_or_written(app: Flask, house: House, numbered: str, number: dict[str, str]) -> None:
    usual, client, before = head(app, house, RIGHTS), app.test_client(), stored(app)
    patient = {"resourceType": "Patient", "id": numbered, "identifier": [number]}
    asked = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": patient}]}
    answers = [
        client.post(f"{BASE}/Patient/$match", json=asked, headers=usual),
        client.post(f"{BASE}/Patient", json=patient, headers=usual),
        client.put(f"{BASE}/Patient/{numbered}", json=patient, headers=usual),
        client.patch(f"{BASE}/Patient/{numbered}", json=patient, headers=usual),
    ]
    assert {each.status_code for each in answers} == {405}
    found = client.get(f"{BASE}/Patient?identifier={number['system']}|{number['value']}", headers=usual)
    assert (found.status_code, found.get_json(force=True)["total"]) == (200, 0), "the number stays beside the record"
    link = {"request": {"method": "PUT", "url": f"Patient/{numbered}"}, "resource": patient}
    refused = client.post(BASE, json={"resourceType": "Bundle", "type": "transaction", "entry": [link]}, headers=usual)
    assert refused.status_code == 400
    assert stored(app) == before
    held = client.get(f"{BASE}/Patient/{numbered}", headers=usual).text
    assert number["value"] not in held
