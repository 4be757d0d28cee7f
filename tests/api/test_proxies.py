"""Who could see it elsewhere, over the JSON edge: what blocks, what is said, and what is not."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain.actors import Actor
from tests import builders
from tests.api import bodies
from tests.builders import House

HIM = {"names": "Tomás O'Brien", "numbers": "", "emails": "", "addresses": "", "version": 0}
SEES = {"kind": "related", "name": "OBrien, Tomas"}

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


def test_a_proxy_of_the_receiving_system_blocks_until_it_is_ruled_out(
    case_id: str, house: House, sign_in: SignIn
) -> None:
    client, base = sign_in(house.therapist), f"/api/v1/cases/{case_id}"
    assert client.get(f"{base}/concern").get_json() == {"words": None, "version": 0}
    assert client.put(f"{base}/concern", json=HIM).get_json()["version"] == 1
    added = client.post(f"{base}/proxies", json=SEES)
    found = added.get_json()
    assert (added.status_code, found["matched"], found["blocks"]) == (201, ["name"], True)
    assert client.get(f"{base}/proxies").get_json() == [found]
    sent = bodies.a_departure(basis="treatment", why="Shared care", route="system", chart="own")
    refused = client.post(f"{base}/export", json=sent)
    assert refused.status_code == 422 and list(refused.get_json()["errors"]) == ["proxies"]
    assert "brien" not in refused.text.casefold() and '"bundle"' not in refused.text
    said = client.put(f"/api/v1/proxies/{found['id']}", json=SEES | {"somebody_else": "Her uncle", "version": 1})
    assert said.get_json()["blocks"] is False
    assert client.post(f"{base}/export", json=sent).status_code == 200
    assert client.post(f"/api/v1/proxies/{found['id']}/put-away", json={"version": 2}).status_code == 204


def test_an_export_says_in_whose_chart_it_ends_up(case_id: str, house: House, sign_in: SignIn) -> None:
    client, address = sign_in(house.therapist), f"/api/v1/cases/{case_id}/export"
    for chart in (None, "other"):
        refused = client.post(address, json=bodies.a_departure(chart=chart))
        assert refused.status_code == 422 and list(refused.get_json()["errors"]) == ["chart"]


def test_a_package_comes_in_its_form_with_every_class_counted(case_id: str, house: House, sign_in: SignIn) -> None:
    client, address = sign_in(house.therapist), f"/api/v1/cases/{case_id}/export"
    told = client.post(address, json=bodies.a_departure(audience="insurer", form="ndjson")).get_json()
    assert '"resourceType":"Patient"' in told["ndjson"] and "bundle" not in told
    counted = {each["class"]: each for each in told["manifest"]["by_class"]}
    assert (counted["psychotherapy"]["sent"], counted["psychotherapy"]["withheld"]) == (0, None)
    refused = client.post(address, json=bodies.a_departure(classes=["logs", "logs"]))
    assert refused.status_code == 422 and list(refused.get_json()["errors"]) == ["classes"]
