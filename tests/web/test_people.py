"""People and audit, as administrators use them."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.casework import walls
from service.domain.actors import Actor
from tests.builders import House, add_case
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


@pytest.mark.parametrize("path", ["/people", "/people/invite", "/people/supervision", "/audit"])
def test_each_page_is_sound(house: House, sign_in: SignIn, path: str) -> None:
    page = sign_in(house.admin).get(path)
    assert page.status_code == 200
    assert flaws(page.text) == []


def test_an_invitation_link_is_shown_once_and_lets_its_person_in(
    house: House, sign_in: SignIn, browser: FlaskClient
) -> None:
    given = {"name": "Łukasz Ó", "email": "lukasz@linden.example", "role": "therapist", "qualification": ""}
    shown = sign_in(house.admin).post("/people/invite", data=given)
    assert flaws(shown.text) == []
    link = re.search(r"http://localhost(/link/[\w-]+)", shown.text)
    assert link is not None
    assert browser.post(link[1], data={"password": "willow harbour 7 kites"}).status_code == 303
    assert browser.get("/account").status_code == 200


def test_what_was_typed_stays_when_an_invitation_is_refused(house: House, sign_in: SignIn) -> None:
    refused = sign_in(house.admin).post("/people/invite", data={"name": "Łukasz Ó", "email": "nowhere", "role": ""})
    assert refused.status_code == 422
    assert 'value="Łukasz Ó"' in refused.text
    assert 'href="#f-role"' in refused.text
    assert flaws(refused.text) == []


def test_a_field_that_the_form_does_not_have_is_refused(house: House, sign_in: SignIn) -> None:
    given = {"name": "A B", "email": "a@linden.example", "role": "therapist", "practice_id": "another"}
    assert sign_in(house.admin).post("/people/invite", data=given).status_code == 422


def test_a_reset_is_asked_for_a_colleague_and_not_for_oneself(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    assert flaws(client.get(f"/people/{house.peer.user_id}/reset").text) == []
    assert client.post(f"/people/{house.peer.user_id}/reset").status_code == 303
    assert client.post(f"/people/{house.admin.user_id}/reset").status_code == 403


def test_a_second_person_grants_a_reset_and_its_owner_is_told(
    house: House, sign_in: SignIn, browser: FlaskClient
) -> None:
    sign_in(house.admin).post(f"/people/{house.peer.user_id}/reset")
    assert "waits for a second person" not in sign_in(house.admin).get("/account").text
    supervisor = sign_in(house.supervisor)
    assert "Something about accounts waits" in supervisor.get("/day").text
    page = supervisor.get("/account")
    assert flaws(page.text) == []
    grant = re.search(r'action="(/account/resets/[\w-]+/grant)"', page.text)
    assert grant is not None
    shown = supervisor.post(grant[1])
    link = re.search(r"http://localhost(/link/[\w-]+)", shown.text)
    assert link is not None
    assert browser.post(link[1], data={"password": "willow harbour 7 kites"}).status_code == 303
    told = browser.get("/account").text
    assert flaws(told) == []
    assert "Marta Łuczak" in told
    assert "Siobhán Byrne" in told
    assert "Something about accounts waits" in browser.get("/day").text


def test_a_supervisor_reads_nothing_before_the_therapist_agrees(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = add_case(house.peer)
    pair = {"supervisor_id": house.supervisor.user_id, "therapist_id": house.peer.user_id, "since": "2026-05-04"}
    sign_in(house.admin).post("/people/supervision", data=pair)
    assert "Waits for the therapist" in sign_in(house.admin).get("/people/supervision").text
    supervisor = sign_in(house.supervisor)
    assert supervisor.get(f"/cases/{case.id}").status_code == 404
    assert case.code not in supervisor.get("/team").text
    therapist = sign_in(house.peer)
    assert flaws(therapist.get("/account").text) == []
    assert therapist.post(f"/account/supervision/{house.supervisor.user_id}/agree").status_code == 303
    assert therapist.post(f"/account/supervision/{house.supervisor.user_id}/agree").status_code == 409
    assert sign_in(house.supervisor).get(f"/cases/{case.id}").status_code == 200


def test_an_ended_account_is_out_at_once(house: House, sign_in: SignIn) -> None:
    theirs = sign_in(house.peer)
    client = sign_in(house.admin)
    page = client.get(f"/people/{house.peer.user_id}/end").text
    assert "Nobody supervises this person" in page and flaws(page) == []
    assert "Their supervisor arranges cover" in client.get(f"/people/{house.therapist.user_id}/end").text
    page = client.get(f"/people/{house.supervisor.user_id}/end").text
    assert f"Without a supervisor then: {house.therapist.name}" in page and flaws(page) == []
    assert "supervis" not in client.get(f"/people/{house.machine.user_id}/end").text
    assert client.post(f"/people/{house.peer.user_id}/end").status_code == 303
    assert theirs.get("/account").headers["Location"].startswith("/sign-in")


def test_people_of_another_practice_are_not_there(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    assert client.get(f"/people/{house.stranger.user_id}/end").status_code == 404
    assert client.post(f"/people/{house.stranger.user_id}/end").status_code == 404


def test_supervision_is_recorded_and_ended(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    pair = {"supervisor_id": house.supervisor.user_id, "therapist_id": house.peer.user_id}
    assert client.post("/people/supervision", data=pair | {"since": date(2026, 5, 4).isoformat()}).status_code == 303
    supervised = client.get("/people/supervision").text
    address = f"/people/supervision/{house.supervisor.user_id}/{house.peer.user_id}/end"
    assert f'href="{address}"' in supervised and "/end" not in "".join(re.findall(r'action="[^"]*"', supervised))
    asked = client.get(address).text
    assert "did not agree yet" in asked and house.peer.name in asked and flaws(asked) == []
    agreed = client.get(f"/people/supervision/{house.supervisor.user_id}/{house.therapist.user_id}/end").text
    assert "closed to the supervisor" in agreed and flaws(agreed) == []
    assert client.post(address).status_code == 303
    assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)
    assert client.get("/people/supervision").text.count("/end") == 1


def test_the_audit_names_a_case_by_its_code_alone_and_pages_by_key(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = add_case(house.therapist)
    client = sign_in(house.admin)
    first = client.get("/audit").text
    assert case.code in first
    assert "Zoë" not in first
    for _ in range(60):
        client.get("/people")
    page = client.get("/audit").text
    older = re.search(r'href="(/audit\?before=[\w-]+)" rel="next"', page)
    assert older is not None
    assert case.code not in page
    assert case.code in client.get(older[1]).text
    assert client.get("/audit?before=x").status_code == 422


@pytest.mark.parametrize("how", ["blocked", "restricted"])
def test_the_audit_shows_nothing_of_a_hidden_case_and_no_gap_where_it_was(
    app: Flask, house: House, sign_in: SignIn, how: str
) -> None:
    with app.app_context():
        hidden, shown = add_case(house.therapist), add_case(house.therapist)
        if how == "blocked":
            walls.block(house.therapist, hidden.id, house.admin.user_id, "Her brother keeps the books here")
        else:
            walls.restrict(house.therapist, hidden.id, "Her brother keeps the books here", wanted=True)
    client = sign_in(house.admin)
    page, told = client.get("/audit").text, client.get("/api/v1/audit?limit=200").json
    assert hidden.code not in page and "Kept a person away" not in page and shown.code in page
    assert told and {each["subject"] for each in told} >= {f"case {shown.code}"}
    assert f"case {hidden.code}" not in {each["subject"] for each in told}
    assert all("number" not in each for each in told)
    older = client.get(f"/api/v1/audit?limit=1&before={told[0]['mark']}").json
    assert older and (older[0]["at"], older[0]["subject"]) == (told[1]["at"], told[1]["subject"])
