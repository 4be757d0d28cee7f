"""Letting a connected system read a case and cutting it off, over HTTP and over the JSON API."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.release_codes import ConsentKind
from service.casework import machine_clients
from service.domain.actors import Actor
from service.domain.machine_clients import ClientDraft
from service.domain.scopes import SENDING, read_scopes
from tests import builders
from tests.builders import House
from tests.machines import a_key_set
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


def test_each_step_has_a_page_that_names_the_consequence(
    app: Flask, case_id: str, house: House, sign_in: SignIn
) -> None:
    client, where = sign_in(house.therapist), f"/cases/{case_id}/systems"
    step = f"{where}/{house.machine.user_id}"
    assert "Not linked" in client.get(where).text
    page = client.get(f"{step}/link").text
    assert "cannot be called back" in page and flaws(page) == []
    refused = client.post(f"{step}/link")
    assert refused.status_code == 422 and "No consent or release stands" in refused.text and flaws(refused.text) == []
    with app.app_context():
        builders.add_consent(house.therapist, case_id, ConsentKind.RECORD_SYSTEM)
    assert client.post(f"{step}/link").status_code == 303
    assert client.post(f"{step}/link").status_code == 409
    page = client.get(where).text
    assert "Linked" in page and "Cut off" in page and flaws(page) == []
    page = client.get(f"{step}/unlink").text
    assert "finds nothing of this case" in page and flaws(page) == []
    assert client.post(f"{step}/unlink").status_code == 303
    assert client.post(f"{step}/unlink").status_code == 409


@pytest.mark.parametrize(("scopes", "told"), [("system/*.rs", False), (f"system/*.rs {SENDING}", True)])
def test_who_links_reads_first_whether_it_may_send(
    app: Flask, case_id: str, house: House, sign_in: SignIn, scopes: str, told: bool
) -> None:
    with app.app_context():
        draft = ClientDraft(read_scopes(scopes), keys=a_key_set())
        made = machine_clients.register_client(house.admin, "Ward portal", "portal@linden.example", draft)
    page = sign_in(house.therapist).get(f"/cases/{case_id}/systems/{made.id}/link").text
    assert ("may also send forms" in page) == told
    assert flaws(page) == []


def test_a_supervisor_sees_it_without_buttons_and_others_see_nothing(
    case_id: str, house: House, sign_in: SignIn
) -> None:
    page = sign_in(house.supervisor).get(f"/cases/{case_id}/systems").text
    assert house.machine.name in page and "Let it read" not in page and flaws(page) == []
    assert sign_in(house.peer).get(f"/cases/{case_id}/systems").status_code == 404


def test_the_json_api_links_and_cuts_off(app: Flask, case_id: str, house: House, sign_in: SignIn) -> None:
    client, where = sign_in(house.therapist), f"/api/v1/cases/{case_id}/systems"
    body = {"client_id": house.machine.user_id}
    assert client.post(where, json=body).status_code == 422
    with app.app_context():
        builders.add_consent(house.therapist, case_id, ConsentKind.RECORD_SYSTEM)
    made = client.post(where, json=body)
    assert (made.status_code, made.get_json()["linked"]) == (201, True)
    assert [each["linked"] for each in client.get(where).get_json()] == [True]
    assert client.post(f"{where}/{house.machine.user_id}/unlink").get_json()["linked"] is False
