"""The programme through the API: definition, moves, tasks, rulers, conditions, barriers, sessions, and refusals."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain import clock
from service.domain.actors import Actor
from tests import builders
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]
NOWHERE = "00000000-0000-4000-8000-00000000dead"


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


@pytest.fixture
def client(house: House, sign_in: SignIn) -> FlaskClient:
    return sign_in(house.therapist)


def at(case_id: str, rest: str = "") -> str:
    return f"/api/v1/cases/{case_id}/programme{rest}"


def told(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.get_json(force=True)


def test_the_definition_names_the_source_of_each_task(client: FlaskClient) -> None:
    found = told(client.get("/api/v1/programme"))
    assert [each["key"] for each in found["steps"]] == list("1234567")
    assert found["steps"][0]["tasks"][2]["elements"] == ["ACK-3"]
    assert [each["key"] for each in found["cards"]][:4] == ["mixed", "first_weeks", "advice", "rights"]


def test_a_step_is_moved_by_its_version_and_its_ways(client: FlaskClient, case_id: str) -> None:
    before = told(client.get(at(case_id)))["steps"][3]
    assert (before["state"], before["ways"], before["version"]) == ("not_started", ["offered", "not_suitable"], 1)
    moved = client.post(at(case_id, "/steps/4/moves"), json={"to": "offered", "why": "Asked", "version": 1})
    assert told(moved)["state"] == "offered" and moved.headers["ETag"] == 'W/"2"'
    by_header = client.post(
        at(case_id, "/steps/4/moves"), json={"to": "active", "why": "Ready"}, headers={"If-Match": 'W/"2"'}
    )
    assert told(by_header)["ways"] == ["paused", "done_for_now", "not_suitable"]
    stale = client.post(at(case_id, "/steps/4/moves"), json={"to": "paused", "why": "Late", "version": 2})
    assert told(stale, 409)["yours"]["why"] == "Late"
    entries = told(client.get(at(case_id, "/entries")))
    assert [each["value"] for each in entries] == ["active", "offered"]
    assert {each["by_name"] for each in entries} == {"Ana Núñez"}


@pytest.mark.parametrize(
    ("rest", "body", "field"),
    [
        ("/steps/1/moves", {"to": "active", "why": "No", "version": 1}, "to"),
        ("/steps/1/moves", {"to": "gone", "why": "No", "version": 1}, "to"),
        ("/steps/1/moves", {"to": "offered", "why": "", "version": 1}, "why"),
        (
            "/steps/1/moves",
            {"to": "offered", "why": "x", "answers": {"own_words": "x"}, "version": 1},
            "answers.own_words",
        ),
        ("/steps/1/moves", {"to": "offered", "why": "x"}, "version"),
        ("/steps/1/rulers", {"importance": 11}, "importance"),
        ("/steps/1/rulers", {"confidence": True}, "confidence"),
        ("/steps/1/rulers", {}, "importance"),
        ("/confirmations", {"condition": "plan_current", "name": "Ana", "on": "2026-01-05"}, "condition"),
        ("/confirmations", {"condition": "client_agrees", "name": " ", "on": "2026-01-05"}, "name"),
        ("/confirmations", {"condition": "client_agrees", "name": "Ana", "on": "2199-01-05"}, "on"),
        ("/barriers", {"barrier": "blame", "words": ""}, "barrier"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_kept(
    client: FlaskClient, case_id: str, rest: str, body: dict[str, Any], field: str
) -> None:
    answer = told(client.post(at(case_id, rest), json=body), 422)
    assert field in answer["errors"]
    assert told(client.get(at(case_id, "/entries"))) == []


def test_tasks_rulers_conditions_and_barriers_are_kept(client: FlaskClient, case_id: str) -> None:
    told(client.post(at(case_id, "/steps/5/moves"), json={"to": "offered", "why": "Asked", "version": 1}))
    task = told(client.put(at(case_id, "/tasks/5h"), json={"state": "offered", "note": "Small", "version": 1}))
    assert (task["state"], task["note"], task["version"]) == ("offered", "Small", 2)
    refused = client.put(at(case_id, "/tasks/5h"), json={"state": "doing", "note": "", "version": 2})
    assert "Not yet." in told(refused, 422)["errors"]["state"]
    reading = told(client.post(at(case_id, "/steps/5/rulers"), json={"importance": 6, "safe_to_act": 2}), 201)
    assert reading["rulers"] == {"importance": 6, "safe_to_act": 2}
    confirmed = {"condition": "client_agrees", "name": "Ana Núñez", "on": clock.now().date().isoformat()}
    entry = told(client.post(at(case_id, "/confirmations"), json=confirmed), 201)
    standing = {each["condition"]: each["holds"] for each in told(client.get(at(case_id)))["conditions"]}
    assert standing["client_agrees"] and not standing["plan_current"]
    assert told(client.post(f"/api/v1/programme-entries/{entry['id']}/take-back"))["undone_at"]
    barrier = told(client.post(at(case_id, "/barriers"), json={"barrier": "housing", "words": "The lease"}), 201)
    assert (barrier["subject"], barrier["why"]) == ("housing", "The lease")


def test_a_session_is_told_which_steps_it_touched(app: Flask, house: House, client: FlaskClient, case_id: str) -> None:
    with app.app_context():
        session_id = builders.add_session(house.therapist, case_id).id
    address = f"/api/v1/sessions/{session_id}/programme"
    assert told(client.get(address)) == {"touched": []}
    assert told(client.put(address, json={"touched": ["3c", "3"]})) == {"touched": ["3", "3c"]}
    assert "touched" in told(client.put(address, json={"touched": ["9"]}), 422)["errors"]
    gaps = told(client.get(f"/api/v1/sessions/{session_id}")).get("gaps", [])
    assert "step" not in [each["key"] for each in gaps]


def test_what_is_not_there_and_what_is_not_yours_answer_alike(
    house: House, client: FlaskClient, case_id: str, sign_in: SignIn
) -> None:
    missing = client.get(at(NOWHERE))
    hidden = sign_in(house.peer).get(at(case_id))
    assert (missing.status_code, missing.data) == (hidden.status_code, hidden.data)
    told(client.post(at(case_id, "/steps/8/moves"), json={"to": "offered", "why": "x", "version": 1}), 404)
    told(client.put(at(case_id, "/tasks/1z"), json={"state": "done", "note": "", "version": 1}), 404)
    told(client.post(f"/api/v1/programme-entries/{NOWHERE}/take-back"), 404)
