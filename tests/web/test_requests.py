"""Requests for the record, over HTTP: tasks, two people, refusal."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.casework import cases
from service.domain import clock
from service.domain.actors import Actor
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
DONE = "Spoke with the lawyer of the practice on Monday"


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


def an_order(**changes: str) -> dict[str, str]:
    body = {"kind": "court_order", "by": "court", "name": "A court", "address": "", "words": "All dates", "due_on": ""}
    return body | {"received_on": str(clock.now().date())} | changes


def test_an_order_goes_through_its_tasks_to_a_second_person(case_id: str, house: House, sign_in: SignIn) -> None:
    client, supervisor = sign_in(house.therapist), sign_in(house.supervisor)
    assert flaws(client.get(f"/cases/{case_id}/requests").text) == []
    assert flaws(client.get(f"/cases/{case_id}/requests/new").text) == []
    refused = client.post(f"/cases/{case_id}/requests/new", data=an_order(name=""))
    assert refused.status_code == 422 and "All dates" in refused.text and flaws(refused.text) == []
    at = client.post(f"/cases/{case_id}/requests/new", data=an_order()).location
    assert flaws(client.get(at).text) == []
    early = client.post(f"{at}/propose", data={"classes": "attendance", "items": "May", "version": "1"})
    assert early.status_code == 422 and "First:" in early.text and flaws(early.text) == []
    for version, task in (("1", "review"), ("2", "notice")):
        assert client.post(f"{at}/task", data={"task": task, "words": DONE, "version": version}).status_code == 303
    proposed = client.post(f"{at}/propose", data={"classes": "attendance", "items": "May", "version": "3"})
    assert proposed.status_code == 303
    page = client.get(at).text
    assert "Another person who may see this case" in page and "Release it" not in page
    assert f'href="/cases/{case_id}/cover"' in page
    assert client.post(f"{at}/approve", data={"version": "4"}).status_code == 409
    assert "Release it" in supervisor.get(at).text
    silent = supervisor.post(f"{at}/return", data={"back": "", "version": "4"})
    assert silent.status_code == 422 and flaws(silent.text) == []
    assert supervisor.post(f"{at}/return", data={"back": "May only", "version": "4"}).status_code == 303
    page = client.get(at).text
    assert "Sent back on" in page and "May only" in page and flaws(page) == []
    assert at in client.get("/worklist").text
    again = client.post(f"{at}/propose", data={"classes": "attendance", "items": "May", "version": "5"})
    assert again.status_code == 303
    assert supervisor.post(f"{at}/approve", data={"version": "6"}).status_code == 303
    assert "Released by two people" in client.get(at).text and flaws(client.get(at).text) == []
    assert 'action="' + at + '/close"' not in client.get(at).text and f'href="{at}/close"' in client.get(at).text
    page = client.get(f"{at}/close").text
    assert "Has everything left?" in page and "cannot be opened again" in page and flaws(page) == []
    assert client.post(f"{at}/close", data={"version": "6"}).status_code == 409
    assert client.post(f"{at}/close", data={"version": "7"}).status_code == 303
    over = client.get(f"{at}/close").text
    assert "Nothing waits to leave by it" in over and "<form" not in over.partition("<main")[2] and flaws(over) == []


def test_a_report_is_offered_for_release_to_those_alone_who_may_cosign_it(
    app: Flask, case_id: str, house: House, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    with app.app_context():
        cases.assign_cover(house.therapist, case_id, house.peer.user_id, clock.now().date() + timedelta(days=2))
    asked = an_order(kind="report", by="client", name="Harbour Insurance")
    at = client.post(f"/cases/{case_id}/requests/new", data=asked).location
    words = {"classes": "summary", "items": "Attended nine sessions", "version": "1"}
    assert client.post(f"{at}/propose", data=words).status_code == 303
    page = sign_in(house.peer).get(at).text
    assert f'href="/cases/{case_id}/cover"' not in page
    assert "Release it" not in page and "cosigned by a supervisor of the therapist" in page and flaws(page) == []
    assert "Release it" in sign_in(house.supervisor).get(at).text


def test_a_subpoena_alone_is_refused_at_the_proposal_and_can_be_refused_for_good(
    case_id: str, house: House, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    at = client.post(f"/cases/{case_id}/requests/new", data=an_order(kind="subpoena", by="lawyer")).location
    alone = client.post(f"{at}/propose", data={"classes": "attendance", "items": "May", "version": "1"})
    assert alone.status_code == 422 and "A subpoena alone lets nothing out" in alone.text
    said = {"reason": "subpoena_alone", "words": "No order came with it", "version": "1"}
    assert client.post(f"{at}/refuse", data=said).status_code == 303
    page = client.get(at).text
    assert "No order came with it" in page and flaws(page) == []


def test_a_request_of_another_is_not_there(case_id: str, house: House, sign_in: SignIn) -> None:
    at = sign_in(house.therapist).post(f"/cases/{case_id}/requests/new", data=an_order()).location
    for actor in (house.peer, house.stranger):
        assert sign_in(actor).get(at).status_code == 404
