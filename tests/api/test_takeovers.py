"""Taking data over by the JSON edge: a look, a choice, and places in each refusal."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain.actors import Actor
from tests import builders
from tests.api.bodies import stored
from tests.builders import House
from tests.incoming import bundle, resources

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
