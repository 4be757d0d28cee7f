"""A form that the practice brought, in the client's hands: what it asks follows the answers, without script too."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from schemas.instruments.definition import Informant, Instrument
from schemas.instruments.kinds import Choice
from service.casework import handovers, instruments, intakes
from service.casework.instruments import Attestation
from service.domain.actors import Actor
from service.fhir.importing.form import read_form
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.forms import sample_bytes
from tests.web.conftest import form_token_on
from tests.web.markup import flaws


@pytest.fixture
def form(app: Flask, house: House) -> Instrument:
    data = sample_bytes("mood-nine")
    with app.app_context():
        read = read_form(data, house.practice_id).instrument
        assert read is not None
        attested = Attestation("Siobhán Byrne", informant=Informant.CLIENT)
        return instruments.import_instrument(house.supervisor, read, data, attested).instrument


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


@pytest.fixture
def begun(app: Flask, house: House, case_id: str, form: Instrument, browser: FlaskClient) -> FlaskClient:
    with app.app_context():
        code = builders.add_handover(house.therapist, case_id, instrument_key=form.key).code
        db.session.rollback()
    assert browser.post("/begin", data={"code": code}).status_code == 303
    return browser


def rows_of(form: Instrument) -> list[tuple[str, str]]:
    """(name, the highest option) of each question with weights."""
    weighed = [each for each in form.items() if isinstance(each.answer, Choice) and each.answer.options[-1].weight]
    return [(f"a.{each.key}", each.answer.options[-1].code) for each in weighed if isinstance(each.answer, Choice)]


def send(client: FlaskClient, page: TestResponse, **values: str) -> TestResponse:
    asked = re.search(r'name="asked" value="([^"]*)"', page.text)
    data = {"csrf_token": form_token_on(page), "asked": asked[1] if asked else "", "at": "0"}
    return client.post("/form", data={**data, **values})


def test_a_brought_form_is_offered_and_stands_on_one_page(begun: FlaskClient, form: Instrument) -> None:
    page = begun.get("/form")
    assert flaws(page.text) == []
    assert "data-asks-again" in page.text
    assert all(f'name="{name}"' in page.text for name, _ in rows_of(form))
    assert " checked" not in page.text


def test_the_clinician_finds_it_among_the_forms(
    house: House, case_id: str, form: Instrument, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    page = sign_in(house.therapist).get(f"/cases/{case_id}/handover").text
    assert f'<option value="{form.key}">' in page
    assert page.count('<option value="wsl">') == 1


def test_what_it_asks_and_works_out_follows_the_answers(
    app: Flask, house: House, case_id: str, begun: FlaskClient, form: Instrument
) -> None:
    before = begun.get("/form")
    answers = dict(rows_of(form))
    after = send(begun, before, **answers, update="yes")
    assert after.status_code == 200
    assert flaws(after.text) == []
    assert len(re.findall("<legend>", after.text)) > len(re.findall("<legend>", before.text))
    unseen = send(begun, before, **answers, then="finish")
    assert unseen.status_code == 422
    done = send(begun, after, **answers, then="finish")
    assert (done.status_code, done.headers["Location"]) == (303, "/form")
    with app.app_context():
        [log] = intakes.list_intakes(house.therapist, case_id)
    assert log.instrument_key == form.key
    assert {name[2:] for name in answers} <= set(log.answers)
    assert any(key not in {name[2:] for name in answers} for key in log.answers), "nothing was worked out"


def test_an_unfinished_one_is_taken_with_what_it_works_out(
    app: Flask, house: House, case_id: str, begun: FlaskClient, form: Instrument
) -> None:
    page = begun.get("/form")
    answers = dict(rows_of(form)[:9])
    assert send(begun, page, **answers, then="stop").status_code == 303
    with app.app_context():
        [handed] = handovers.list_handovers(house.therapist, case_id)
        taken = handovers.take(house.therapist, handed.id)
    assert len(taken.answers) > len(answers)
