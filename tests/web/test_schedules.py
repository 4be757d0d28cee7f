"""The schedule of a case and the reliabilities of a practice, over HTTP."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain import clock
from service.domain.actors import Actor
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
OWN = {"rhythm": "own", "days": "14", "until": "", "why": "Weekly work on sleep", "version": ""}
STATED = {
    "score": "wsl.total",
    "sd": "9,5",
    "r": "0.82",
    "n": "60",
    "population": "Adults",
    "citation": "Retest study, 2027",
    "approver": "Siobhán Byrne",
    "source": "local",
    "method": "retest",
}


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        found = builders.add_case(house.therapist)
        builders.add_intake(house.therapist, found.id, authored_at=clock.now() - timedelta(days=40))
        return found.id


def test_the_page_says_how_often_and_what_is_overdue(house: House, case_id: str, sign_in: SignIn) -> None:
    html = sign_in(house.therapist).get(f"/cases/{case_id}/schedule").text
    assert "Due 21 days after the last time, overdue after 28 days or 4 sessions" in html
    assert "Overdue" in html
    assert flaws(html) == []


def test_an_interval_is_set_with_its_reason(house: House, case_id: str, sign_in: SignIn) -> None:
    client, url = sign_in(house.therapist), f"/cases/{case_id}/schedule/wsl"
    assert flaws(client.get(url).text) == []
    assert client.post(url, data=OWN).status_code == 303
    html = client.get(f"/cases/{case_id}/schedule").text
    assert "Every 14 days" in html and "Weekly work on sleep" in html and "Ana Núñez" in html
    assert client.post(url, data=OWN | {"version": "1", "rhythm": "usual"}).status_code == 303


def test_an_interval_without_days_comes_back_with_the_rest(house: House, case_id: str, sign_in: SignIn) -> None:
    answer = sign_in(house.therapist).post(f"/cases/{case_id}/schedule/wsl", data=OWN | {"days": ""})
    assert answer.status_code == 422
    assert "Weekly work on sleep" in answer.text
    assert flaws(answer.text) == []


def test_a_refusal_is_recorded_and_can_be_undone(house: House, case_id: str, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    at = clock.local(clock.now(), "Europe/Dublin").strftime("%Y-%m-%dT%H:%M")
    answer = client.post(f"/cases/{case_id}/schedule/wsl/declined", data={"declined_at": at}, follow_redirects=True)
    assert "Recorded: the client declined." in answer.text and "Asked and declined" in answer.text
    assert flaws(answer.text) == []
    undo = answer.text.split('action="/refusals/')[1].split('"')[0]
    assert "The refusal is taken back." in client.post(f"/refusals/{undo}", follow_redirects=True).text


def test_a_refusal_is_a_mark_on_the_course_and_no_reading(house: House, case_id: str, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    at = clock.local(clock.now() - timedelta(days=3), "Europe/Dublin").strftime("%Y-%m-%dT%H:%M")
    client.post(f"/cases/{case_id}/schedule/wsl/declined", data={"declined_at": at})
    html = client.get(f"/cases/{case_id}/course").text
    assert "one reading" in html and "1 declined (short stroke on the axis)" in html


def test_the_team_counts_refusals_apart(house: House, case_id: str, sign_in: SignIn) -> None:
    at = clock.local(clock.now(), "Europe/Dublin").strftime("%Y-%m-%dT%H:%M")
    sign_in(house.therapist).post(f"/cases/{case_id}/schedule/wsl/declined", data={"declined_at": at})
    html = sign_in(house.supervisor).get("/team").text
    row = html.split("Logs and their time</caption>")[1].split("</tbody>")[0]
    assert 'data-label="Declined" class="num"><span dir="auto">1<' in row
    assert 'data-label="Overdue" class="num"><span dir="auto">0<' in row
    assert flaws(html) == []


def test_a_reliability_is_entered_and_withdrawn_by_an_administrator(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    assert flaws(client.get("/reliabilities/new").text) == []
    answer = client.post("/reliabilities/new", data=STATED, follow_redirects=True)
    assert "local estimate: " in answer.text and "9.5" in answer.text
    assert flaws(answer.text) == []
    reliability_id = answer.text.split('action="/reliabilities/')[1].split("/withdraw")[0]
    assert "Withdrawn" in client.post(f"/reliabilities/{reliability_id}/withdraw", follow_redirects=True).text


@pytest.mark.parametrize(
    ("changed", "name"), [({"method": "alpha"}, "method"), ({"sd": "x"}, "sd"), ({"score": "a.b"}, "score")]
)
def test_what_cannot_stand_behind_an_index_comes_back(
    house: House, sign_in: SignIn, changed: dict[str, str], name: str
) -> None:
    answer = sign_in(house.supervisor).post("/reliabilities/new", data=STATED | changed)
    assert answer.status_code == 422
    assert f'href="#f-{name}"' in answer.text and "Retest study, 2027" in answer.text
    assert flaws(answer.text) == []


def test_the_caseload_says_when_the_log_was_declined(house: House, case_id: str, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    assert "Overdue" in client.get("/caseload").text
    at = clock.local(clock.now(), "Europe/Dublin").strftime("%Y-%m-%dT%H:%M")
    client.post(f"/cases/{case_id}/schedule/wsl/declined", data={"declined_at": at})
    html = client.get("/caseload").text
    assert "<small>declined " in html and "Overdue" not in html
    assert flaws(html) == []
