"""The pages of diagnoses."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain.actors import Actor
from service.domain.diagnoses import CLAIM_WARNING, NOT_A_DIAGNOSIS, NOT_OF_THEM
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
TYPED = {"code": "T74.31XA", "words": "", "other_code": "", "onset": "2024-05", "category": "problem-list-item"}
TYPED |= {"clinical_status": "active", "verification": "confirmed"}


@pytest.fixture
def base(app: Flask, house: House) -> str:
    with app.app_context():
        return f"/cases/{builders.add_case(house.therapist).id}"


def test_a_diagnosis_is_made_changed_and_withdrawn(house: House, base: str, sign_in: SignIn) -> None:
    client, url = sign_in(house.therapist), f"{base}/diagnoses"
    assert "No diagnosis is written down." in client.get(url).text
    assert flaws(client.get(f"{url}/new").text) == []
    assert client.post(f"{url}/new", data=TYPED).status_code == 303
    html = client.get(url).text
    assert flaws(html) == [] and "T74.31XA" in html and CLAIM_WARNING in html
    own = html.split('id="diagnosis-')[1].split('"')[0]
    assert flaws(client.get(f"{url}/{own}").text) == []
    changed = TYPED | {"code": "F43.10", "version": "1", "reason": "Assessed again"}
    assert client.post(f"{url}/{own}", data=changed).status_code == 303
    assert client.post(f"{url}/{own}", data=changed).status_code == 409
    html = client.get(url).text
    assert "Assessed again" in html and CLAIM_WARNING not in html
    assert "cannot be undone" in client.get(f"{url}/{own}/error").text
    assert client.post(f"{url}/{own}/error", data={"version": "2", "reason": "Mixed up"}).status_code == 303
    html = client.get(url).text
    assert "Entered in error" in html and "Mixed up" in html and f"{own}/error" not in html


def test_refusals_stand_at_their_field_with_the_typing_kept(house: House, base: str, sign_in: SignIn) -> None:
    client, url = sign_in(house.therapist), f"{base}/diagnoses/new"
    bond = client.post(url, data=TYPED | {"code": "", "words": "A trauma bond"})
    assert bond.status_code == 422 and NOT_A_DIAGNOSIS in bond.text and "A trauma bond" in bond.text
    theirs = client.post(url, data=TYPED | {"code": "", "words": "Partner", "other_code": "Y07.03"})
    assert theirs.status_code == 422 and NOT_OF_THEM in theirs.text
    assert client.post(url, data=TYPED | {"code": "Y07.03"}).status_code == 422
    assert "Y07" not in client.get(url).text


def test_no_code_stands_on_pages_that_a_client_may_look_at(house: House, base: str, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    client.post(f"{base}/diagnoses/new", data=TYPED)
    for path in ("", "/details", "/timeline", "/reports"):
        html = client.get(f"{base}{path}").text
        assert "T74" not in html and "psychological abuse" not in html
    assert f'href="{base}/diagnoses"' in client.get(base).text


def test_a_supervisor_reads_and_changes_nothing(house: House, base: str, sign_in: SignIn) -> None:
    sign_in(house.therapist).post(f"{base}/diagnoses/new", data=TYPED)
    client = sign_in(house.supervisor)
    html = client.get(f"{base}/diagnoses").text
    assert "T74.31XA" in html and "Add a diagnosis" not in html
    assert client.post(f"{base}/diagnoses/new", data=TYPED).status_code == 403


def test_the_same_over_the_json_edge(house: House, base: str, sign_in: SignIn) -> None:
    client, api = sign_in(house.therapist), f"/api/v1{base}/diagnoses"
    made = client.post(api, json={"code": "Z69.11"})
    found = made.get_json()
    assert (made.status_code, found["now"]["code"], found["tells_cause"]) == (201, "Z69.11", True)
    assert client.get(api).get_json() == [found]
    own = f"/api/v1/diagnoses/{found['id']}"
    whole = found["now"] | {"code": "F41.1", "reason": "Assessed again", "version": 1}
    assert client.put(own, json=whole).get_json()["tells_cause"] is False
    refused = client.post(api, json={"code": "Y07.03"})
    assert refused.status_code == 422 and list(refused.get_json()["errors"]) == ["code"]
    assert client.post(f"{own}/error", json={"version": 2, "reason": "Mixed up"}).get_json()["wrong"] is True
