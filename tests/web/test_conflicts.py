"""The pages of the conflict check."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain import clock
from service.domain.actors import Actor
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
HIM = "Corvin Hale"
MOVING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|C-[0-9A-Z]{5}|[0-9a-f]{64}|Odd Person|Corvin Hale")


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


def test_a_name_is_checked_and_never_shown_again(case_id: str, house: House, sign_in: SignIn) -> None:
    client, address = sign_in(house.therapist), f"/cases/{case_id}/conflict-check"
    refused = client.post(address, data={"name": "Corvin"})
    assert refused.status_code == 422 and 'value="Corvin"' in refused.text and flaws(refused.text) == []
    assert client.post(address, data={"name": HIM, "birth_date": "1980-01-01"}).location == address
    page = client.get(address).text
    assert "Not checked yet" not in page and "Corvin" not in page and flaws(page) == []
    assert client.post(address, data={"name": ""}).status_code == 303
    assert "Not checked yet" in client.get(address).text


def test_opening_a_case_reads_the_same_whether_the_client_is_known_or_not(
    case_id: str, house: House, sign_in: SignIn
) -> None:
    assert sign_in(house.therapist).post(f"/cases/{case_id}/conflict-check", data={"name": HIM}).status_code == 303
    client = sign_in(house.peer)
    pages: list[list[str]] = []
    with clock.standing_at(clock.now()):
        for name in ("Odd Person", HIM):
            opened = client.post("/cases/new", data={"chosen_name": name, "gender": "unknown", "state": "active"})
            assert opened.status_code == 303 and opened.location
            case = opened.location.rpartition("/")[2]
            seen = [client.get(address).text for address in (opened.location, f"/cases/{case}/conflict-check")]
            pages.append([MOVING.sub("", each) for each in seen])
    assert pages[0] == pages[1]
    assert "1 conflict waits" in sign_in(house.supervisor).get("/day").text
    assert client.get("/conflicts").status_code == 403


def test_somebody_of_the_staff_is_named_and_kept_away_from_there(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    opened = client.post("/cases/new", data={"chosen_name": "Marta Lucząk", "gender": "unknown", "state": "active"})
    page = client.get(opened.location or "").text
    assert "has the name of the client" in page and flaws(page) == []
    way = f"/walls/block?who={house.admin.user_id}"
    assert way in page
    form = client.get((opened.location or "").replace("/conflict-check", way)).text
    assert f'<option value="{house.admin.user_id}" selected>' in form


def test_a_supervisor_sees_codes_and_therapists_and_answers(case_id: str, house: House, sign_in: SignIn) -> None:
    sign_in(house.therapist).post(f"/cases/{case_id}/conflict-check", data={"name": HIM})
    sign_in(house.peer).post("/cases/new", data={"chosen_name": HIM, "gender": "unknown", "state": "active"})
    client = sign_in(house.supervisor)
    page = client.get("/conflicts").text
    assert "Hale" not in page and house.peer.name in page and flaws(page) == []
    address = re.findall(r'action="(/conflicts/[0-9a-f-]+)"', page)[0]
    answered = client.post(address, data={"answer": "arranged", "version": "1"})
    assert answered.status_code == 303
    again = client.post(address, data={"answer": "namesake", "version": "1"})
    assert again.status_code == 409
    page = client.get("/conflicts").text
    assert "arrangements are made" in page and "Nothing is waiting." in page and flaws(page) == []


def test_the_api_tells_the_same(case_id: str, house: House, sign_in: SignIn) -> None:
    client, address = sign_in(house.therapist), f"/api/v1/cases/{case_id}/conflict-check"
    told = client.put(address, json={"name": HIM, "birth_date": None}).json
    assert told and told["other_at"] and told["staff"] == []
    assert client.put(address, json={"name": "Corvin"}).status_code == 422
    sign_in(house.peer).post("/api/v1/cases", json={"chosen_name": HIM})
    supervisor = sign_in(house.supervisor)
    found = supervisor.get("/api/v1/conflicts").json
    assert (
        found and [set(each) for each in found["conflicts"][0]["sides"]] == [{"code", "therapist_name", "named_as"}] * 2
    )
    at = f"/api/v1/conflicts/{found['conflicts'][0]['id']}/answer"
    assert supervisor.post(at, json={"answer": "namesake", "version": 1}).status_code == 204
    assert supervisor.post(at, json={"answer": "namesake", "version": 1}).status_code == 409
    assert client.get("/api/v1/conflicts").status_code == 403
