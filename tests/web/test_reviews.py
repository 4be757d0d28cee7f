"""The page of the structured relationship review; what is written there goes nowhere else. Goals looked at together."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from schemas.case_codes import GoalReview, Voice
from schemas.vocabulary import GoalDomain
from service.casework import cases, goals, records, reviews
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case, OtherPerson
from service.errors import Conflict, Invalid, NotFound
from service.fhir import bundle
from service.reports import render
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

pytestmark = pytest.mark.usefixtures("published")

SignIn = Callable[[Actor], FlaskClient]
COPY = {"answer": "copy", "title": "Notes", "kept_where": "with the recipe books"}
WORDS = "First flowers every day, then doors closing"


@pytest.fixture
def case(app: Flask, house: House) -> Case:
    with app.app_context():
        return builders.add_case(house.therapist)


def test_a_text_is_kept_beside_what_was_gathered(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    with app.app_context():
        answers = {"phase": "tension", "noticed": "Steps on the stairs at night"}
        builders.add_intake(house.therapist, case.id, answers, instrument_key="cyl")
    client, url = sign_in(house.therapist), f"/cases/{case.id}/relationship-review"
    html = client.get(url).text
    assert "Steps on the stairs at night" in html
    assert "As described by one person" in html
    assert 'maxlength="20000"></textarea>' in html.replace("\n", ""), "nothing is written for anybody"
    assert flaws(html) == []
    assert client.post(url, data={"text": " ", "voice": "client", "version": "0"}).status_code == 422
    assert client.post(url, data={"text": WORDS, "voice": "client", "version": "0"}).status_code == 303
    assert WORDS in client.get(url).text
    stale = client.post(url, data={"text": "Other words", "voice": "client", "version": "0"})
    assert stale.status_code == 409
    assert "Other words" in stale.text and WORDS in stale.text
    assert sign_in(house.supervisor).post(url, data={"text": "x", "version": "1"}).status_code == 403


def test_what_is_written_leaves_by_no_export(app: Flask, house: House, case: Case) -> None:
    with app.app_context():
        reviews.keep_review(house.therapist, case.id, WORDS, Voice.CLINICIAN, version=0)
        with pytest.raises(Conflict):
            reviews.keep_review(house.therapist, case.id, WORDS, Voice.CLIENT, version=0)
        with pytest.raises(NotFound):
            reviews.read_review(house.peer, case.id)
        made, manifest = bundle.export(house.therapist, case.id, None)
        assert WORDS not in made.decode()
        assert WORDS not in str(manifest)
        assert WORDS not in str(records.read_record(house.therapist, case.id))


def test_a_look_at_a_goal_has_a_day_and_what_it_brought(app: Flask, house: House, case: Case) -> None:
    with app.app_context():
        today = clock.today("Europe/Dublin")
        for half in ({"reviewed_on": today}, {"review": GoalReview.SAME}):
            with pytest.raises(Invalid):
                goals.save_goal(house.therapist, case.id, GoalDraft(GoalDomain.PERSONAL, "Sleep", **half))
        whole = GoalDraft(GoalDomain.PERSONAL, "Sleep", reviewed_on=today, review=GoalReview.MOVING)
        assert goals.save_goal(house.therapist, case.id, whole).review is GoalReview.MOVING


def test_a_copy_of_the_text_is_asked_about_first_and_holds_the_text_alone(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    client, url = sign_in(house.therapist), f"/cases/{case.id}/relationship-review"
    assert "Nothing is written down yet" in client.post(f"{url}/copy", data=COPY).text
    with app.app_context():
        cases.change_other_person(house.therapist, case.id, OtherPerson("Bartholomew"), version=case.version)
        reviews.keep_review(house.therapist, case.id, f"{WORDS}\nBartholomew left", Voice.CLIENT, version=0)
    assert f'href="{url}/copy"' in client.get(url).text
    page = client.get(f"{url}/copy").text
    assert re.findall(r'name="answer" value="(\w+)" ?checked', page) == ["none"] and flaws(page) == []
    assert client.post(f"{url}/copy", data={"answer": "none"}).status_code == 303
    page = client.post(f"{url}/copy", data=COPY).text
    assert 'value="text:other-person"' in page
    assert "cannot be made here" in client.post(f"{url}/copy", data=COPY | {"answer": "card"}).text
    assert sign_in(house.supervisor).get(f"{url}/copy").status_code == 403
    if render.available():
        file = client.post(f"{url}/copy", data=COPY | {"confirmed": "text:other-person"})
        text = PdfReader(io.BytesIO(file.data)).pages[0].extract_text()
        assert "As described by one person" in text and WORDS in text and "Okonkwo" not in text
