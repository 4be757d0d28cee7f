"""The course: what the pictures mark, and what the rules of change say on the course page and on the case page."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from schemas.actions import Action
from schemas.instruments.beside import TR_8
from schemas.instruments.capture import ContactContext
from service.casework import records
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.trend import OVERLAP_NOTE
from service.reports.log_series import CHANGED, log_series
from service.web.course import course_of
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
STEADY = (1, 1, 2, 1, 1, 2, 1, 1)


@pytest.fixture
def case(app: Flask, house: House) -> Case:
    with app.app_context():
        return builders.add_case(house.therapist)


def fill(actor: Actor, case_id: str, levels: Sequence[int], *, every: int = 7, **changes: object) -> None:
    for place, level in enumerate(levels):
        at = clock.now() - timedelta(days=every * (len(levels) - 1 - place), hours=1)
        builders.add_intake(actor, case_id, builders.wsl_answers(level), authored_at=at, **changes)


@pytest.mark.parametrize(("levels", "asked"), [((*STEADY, 1, 1), False), ((*STEADY, 3, 3), True)])
def test_a_worsening_asks_for_a_review_on_the_course_and_on_the_case(
    app: Flask, house: House, case: Case, sign_in: SignIn, levels: Sequence[int], asked: bool
) -> None:
    with app.app_context():
        fill(house.therapist, case.id, levels)
    client = sign_in(house.therapist)
    for address in (f"/cases/{case.id}/course", f"/cases/{case.id}"):
        html = client.get(address).text
        assert (escape(TR_8.prompt) in html) is asked
        assert flaws(html) == []


def test_readings_of_the_same_days_are_marked(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    with app.app_context():
        fill(house.therapist, case.id, (2, 2, 1), every=4)
    html = sign_in(house.therapist).get(f"/cases/{case.id}/course").text
    assert "2 less than 5 days after the one before (short stroke beside it)." in html
    assert OVERLAP_NOTE in html


def test_the_page_tells_how_things_stand_and_paper_only_that_they_changed(app: Flask, house: House, case: Case) -> None:
    with app.app_context():
        fill(house.therapist, case.id, (2, 2))
        fill(house.therapist, case.id, (1,), contact_context=ContactContext.TOGETHER)
        record = records.read_record(house.therapist, case.id, Action.INTAKE_READ)
        page, paper = course_of(record, "wsl"), log_series(record.standing_intakes("wsl"), record.practice.zone)
    assert page is not None and paper is not None
    assert ContactContext.TOGETHER.label in page.total.wide.text_equivalent
    assert [each.context for each in paper.total] == [None, None, CHANGED]
    assert ContactContext.TOGETHER.label not in "".join(each.context or "" for each in paper.total)
