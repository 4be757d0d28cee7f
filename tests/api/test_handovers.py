"""Handing a form over by the JSON edge: the code is told once, answers only as a log."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.instruments.capture import NonAnswer
from service.casework import client_screen
from tests.api import bodies
from tests.api.conftest import Furnished

TIMES = ("made_at", "code_until")


def made(client: FlaskClient, case_id: str, **changes: object) -> dict[str, Any]:
    answer = client.post(f"/api/v1/cases/{case_id}/handovers", json=bodies.a_handover(**changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_form_is_handed_over_answered_and_found_as_a_log(
    app: Flask, client: FlaskClient, furnished: Furnished
) -> None:
    told = made(client, furnished.case_id, session_id=furnished.session_id)
    assert told["address"] == "http://localhost/begin"
    address = f"/api/v1/handovers/{told['handover']['id']}"
    assert client.get(address).get_json()["state"] == "waiting"
    assert told["code"] not in client.get(address).text
    with app.app_context():
        token = client_screen.open_screen(told["code"])
        assert client.get(address).get_json()["state"] == "open"
        client_screen.finish(token, {"P1": "3", "P2": NonAnswer.DECLINED}, shown=("P1", "P2"))
    found = client.get(address).get_json()
    assert (found["state"], found["session_id"]) == ("finished", furnished.session_id)
    log = client.get(f"/api/v1/intakes/{found['intake_id']}").get_json()
    assert (log["capture"]["channel"], log["capture"]["held_pen"]) == ("clinic_device", "client")
    assert log["answers"]["P1"] == {"value": "3"}


def test_what_was_handed_over_is_listed_newest_first(client: FlaskClient, furnished: Furnished) -> None:
    newest = made(client, furnished.case_id)["handover"]["id"]
    answer = client.get(f"/api/v1/cases/{furnished.case_id}/handovers")
    assert [each["id"] for each in answer.get_json()] == [newest, furnished.handover_id]
    assert answer.headers["X-Total-Count"] == "2"
    assert "answers" not in answer.text


def test_a_code_is_called_off_once(client: FlaskClient, furnished: Furnished) -> None:
    address = f"/api/v1/handovers/{furnished.handover_id}/end"
    assert client.post(address).get_json()["state"] == "cancelled"
    assert client.post(address).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"instrument_key": "sfs"}, "instrument_key"),
        ({"instrument_key": "nothing"}, "instrument_key"),
        ({"interpreter": "partner"}, "interpreter"),
        ({"interpreter": None}, "interpreter"),
        ({"mode": "fast"}, "mode"),
        ({"session_id": "00000000-0000-4000-8000-00000000dead"}, "session_id"),
        ({"where": "here"}, "where"),
    ],
)
def test_what_cannot_be_handed_over_names_the_field(
    client: FlaskClient, furnished: Furnished, changes: dict[str, object], field: str
) -> None:
    body = bodies.a_handover(**changes)
    answer = client.post(f"/api/v1/cases/{furnished.case_id}/handovers", json=body)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]
