"""Taking data over by the JSON edge: a look, a choice, and places in each refusal."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain.actors import Actor
from tests import builders
from tests.api.bodies import stored
from tests.builders import House
from tests.incoming import PATIENT, bundle, resources

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


def test_a_bundle_is_looked_at_then_taken_over(case_id: str, house: House, sign_in: SignIn, app: Flask) -> None:
    client, place = sign_in(house.therapist), f"/api/v1/cases/{case_id}/takeovers"
    given = {"system": "Harbour records", "bundle": json.dumps(bundle())}
    before = stored(app)
    looked = client.post(f"{place}/look", json=given).get_json()
    assert stored(app) == before
    offers = {each["at"]: each for each in looked["offers"]}
    assert offers["entry[0].resource"]["meeting"] == "differs"
    assert {each["name"] for each in offers["entry[0].resource"]["changes"]} == {"Legal name", "Gender", "Languages"}
    take = [at for at, each in offers.items() if each["meeting"] != "refused"]
    taken = client.post(place, json=given | {"take": take, "seen": looked["seen"]})
    assert taken.status_code == 201 and len(taken.get_json()) == len(take)
    kept = client.get(place).get_json()
    assert len(kept) == len(take) and {each["system"] for each in kept} == {"Harbour records"}
    assert client.post(place, json=given | {"take": take, "seen": looked["seen"]}).status_code == 409


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("nothing", "file"),
        (json.dumps(bundle(resources(patient=None))), "Bundle.entry"),
        (json.dumps(bundle(entry=[{"resource": 1}])), "entry[0].resource"),
    ],
)
def test_a_refusal_names_the_place_and_stores_nothing(
    case_id: str, house: House, sign_in: SignIn, app: Flask, value: str, at: str
) -> None:
    client, before = sign_in(house.therapist), stored(app)
    given = {"system": "Harbour records", "bundle": value}
    for address, more in (("/look", {}), ("", {"take": ["entry[0].resource"], "seen": "0" * 64})):
        refused = client.post(f"/api/v1/cases/{case_id}/takeovers{address}", json=given | more)
        assert refused.status_code == 422 and list(refused.get_json()["errors"]) == [at]
    assert stored(app) == before


FAR = ("0001-01-01T00:00:00Z", "9999-12-31T20:00:00Z", "9999-12-31T23:59:59-14:00")


def offered(client: FlaskClient, case_id: str, **changes: Any) -> dict[str, Any]:
    """What the look says of each resource, by its type; a response with `changes` is among them."""
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "https://stepwell.example/Questionnaire/wsl",
        "status": "completed",
        "subject": {"reference": PATIENT},
        "item": [],
    }
    start = changes.get("authored", "2999-01-01T00:00:00Z")
    visit = resources()["appointment"] | {"start": start, "end": start}
    sent = bundle(resources(response=response | changes, appointment=visit))
    given = {"system": "Harbour records", "bundle": json.dumps(sent)}
    looked = client.post(f"/api/v1/cases/{case_id}/takeovers/look", json=given)
    assert looked.status_code == 200, looked.text
    return {each["type"]: each for each in looked.get_json()["offers"]}


@pytest.mark.parametrize("far", FAR)
def test_a_time_that_no_practice_can_show_is_refused_in_its_place(
    case_id: str, house: House, sign_in: SignIn, far: str
) -> None:
    offers = offered(sign_in(house.therapist), case_id, authored=far)
    for kind, place in (("Appointment", ".start: "), ("QuestionnaireResponse", ".authored: ")):
        assert offers[kind]["meeting"] == "refused" and place in offers[kind]["reason"], offers[kind]


@pytest.mark.parametrize("answer", [None, -1, True])
def test_an_answer_that_is_no_list_is_refused_in_its_place(
    case_id: str, house: House, sign_in: SignIn, answer: object
) -> None:
    offers = offered(sign_in(house.therapist), case_id, item=[{"linkId": "P1", "answer": answer}])
    assert offers["QuestionnaireResponse"]["meeting"] == "refused"
