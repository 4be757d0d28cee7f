"""The team page over HTTP."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.vocabulary import EventLevel
from service.casework import events, schedules
from service.domain import clock
from service.domain.actors import Actor
from service.store import cases as case_store
from service.store import summary
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        case = builders.add_case(house.therapist)
        builders.add_session(house.therapist, case.id)
        events.open_event(house.therapist, case.id, EventLevel.NOW, prompt="Somebody waited outside")
        return case.id


def test_a_supervisor_sees_the_cases_of_the_therapists_by_name(house: House, case_id: str, sign_in: SignIn) -> None:
    html = sign_in(house.supervisor).get("/team").text
    assert "Ana Núñez" in html
    assert f'href="/cases/{case_id}"' in html
    assert "1 open, 1 with something waiting" in html
    assert flaws(html) == []


def test_a_queue_says_why_something_is_in_it(house: House, case_id: str, sign_in: SignIn) -> None:
    html = sign_in(house.supervisor).get("/team").text
    assert html.index("Respond now: 1") < html.index("Notes: 1")
    assert "Overdue 72 hours after the end" in html
    assert "Overdue after 28" in html


def test_a_case_of_somebody_who_is_not_supervised_is_not_in_it(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        builders.add_case(house.peer, chosen_name="Quiet Person")
    html = sign_in(house.supervisor).get("/team").text
    assert "Quiet Person" not in html
    assert flaws(html) == []


def test_a_restricted_case_is_neither_shown_nor_counted(
    app: Flask, house: House, case_id: str, sign_in: SignIn
) -> None:
    with app.app_context():
        row = case_store.row(case_id)
        assert row is not None
        row.sealed = True
        summary.refresh(case_id)
        db.session.commit()
    html = sign_in(house.supervisor).get("/team").text
    assert case_id not in html
    assert "Respond now" not in html


def test_the_view_can_be_sorted_and_narrowed(app: Flask, house: House, case_id: str, sign_in: SignIn) -> None:
    with app.app_context():
        quiet = builders.add_case(house.therapist, chosen_name="Quiet Person").id
        builders.add_intake(house.therapist, quiet)
        schedules.record_refusal(house.therapist, quiet, "sfs", clock.now())
    client = sign_in(house.supervisor)
    assert "Quiet Person" in client.get("/team?sort=-name").text
    assert "Quiet Person" not in client.get("/team?show=waiting").text


def test_a_therapist_has_no_team_page(house: House, sign_in: SignIn) -> None:
    assert sign_in(house.therapist).get("/team").status_code == 403
