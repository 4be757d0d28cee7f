"""Filling in an imported form: what is asked, what is worked out, rows, and nothing lost on the way."""

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.instruments.definition import Instrument
from schemas.instruments.kinds import Choice, Day, DecimalNumber, Group, Moment, Quantity, Rows, Text, YesNo
from schemas.instruments.rules import Operator, Rules, Shown, Test
from schemas.instruments.value import Amount
from service.casework import instruments, intakes
from service.casework.instruments import Attestation, ThresholdDraft
from service.domain.actors import Actor
from service.domain.cases import Case
from tests import builders
from tests.builders import House
from tests.forms import instrument_of
from tests.imported import BOTHER, EVERY_KIND, KILOGRAM, form, item
from tests.web.markup import flaws
from tests.web.test_intakes import CIRCUMSTANCES

SignIn = Callable[[Actor], FlaskClient]
FORM = form(
    item("gate", YesNo()),
    item("why", Text(400), rules=Rules(required=True, shown=Shown((Test("gate", Operator.EQUALS, True),)))),
    item("a", Choice(BOTHER)),
    item(
        "sum", DecimalNumber(), rules=Rules(calculated="%resource.item.where(linkId='a').answer.value.weight().sum()")
    ),
    item("weight", Quantity((KILOGRAM,))),
    item("when", Moment()),
    item("people", Rows(most=3), item("name", Text(80)), item("born", Day())),
    item("group", Group(), item("inner", Choice(BOTHER, open_length=40))),
    key="invented-1",
)


@pytest.fixture
def case(app: Flask, house: House) -> Case:
    with app.app_context():
        for each in (FORM, EVERY_KIND):
            instruments.import_instrument(house.supervisor, each, each.key.encode(), Attestation("Pat Doe"))
        return builders.add_case(house.therapist)


@pytest.fixture
def client(sign_in: SignIn, house: House) -> FlaskClient:
    return sign_in(house.therapist)


def seen(page: str) -> str:
    """The questions that a page showed, as it sends them back."""
    found = re.search(r'name="asked" value="([^"]*)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("key", [FORM.key, EVERY_KIND.key])
def test_every_kind_of_question_has_its_control(client: FlaskClient, case: Case, key: str) -> None:
    page = client.get(f"/cases/{case.id}/log/{key}").text
    assert flaws(page) == []
    assert " checked" not in page


def test_a_question_behind_a_condition_comes_with_the_answer(client: FlaskClient, case: Case) -> None:
    path = f"/cases/{case.id}/log/{FORM.key}"
    assert "What about why?" not in client.get(path).text
    answer = client.post(path, data={**CIRCUMSTANCES, "a.gate": "yes", "a.a": "LA3", "update": "yes"})
    assert answer.status_code == 200
    assert flaws(answer.text) == []
    assert "What about why?" in answer.text
    assert "<output>2.5</output>" in answer.text
    assert answer.text.count(" checked") == 2


def test_nobody_records_past_a_question_that_just_came_up(
    app: Flask, house: House, client: FlaskClient, case: Case
) -> None:
    path = f"/cases/{case.id}/log/{FORM.key}"
    first = seen(client.get(path).text)
    given = {**CIRCUMSTANCES, "a.gate": "yes", "a.weight": ["", "kg"]}
    answer = client.post(path, data={**given, "asked": first})
    assert answer.status_code == 422
    assert 'href="#f-a.why"' in answer.text
    again = client.post(path, data={**given, "asked": seen(answer.text)})
    assert again.status_code == 422
    assert "The form asks for an answer here." in again.text
    done = client.post(path, data={**given, "asked": seen(answer.text), "skip.why": "declined"})
    assert done.status_code == 303
    with app.app_context():
        (found,) = intakes.list_intakes(house.therapist, case.id)
    assert found.answers["gate"] is True
    assert found.score is None


def test_rows_are_added_taken_out_and_recorded(app: Flask, house: House, client: FlaskClient, case: Case) -> None:
    path = f"/cases/{case.id}/log/{FORM.key}"
    rows = {"a.people": ["0"], "a.people~0~name": "Quíllon", "a.people~0~born": "1990-02-03"}
    more = client.post(path, data={**CIRCUMSTANCES, **rows, "add": "people"}).text
    assert flaws(more) == []
    assert 'name="a.people~1~name"' in more
    assert 'value="Quíllon"' in more
    rows |= {"a.people": ["0", "1"], "a.people~1~name": "שרה"}
    fewer = client.post(path, data={**CIRCUMSTANCES, **rows, "remove": "people~0"}).text
    assert 'name="a.people~0~name" aria-describedby="f-a.people~0~name-error" value="שרה"' in fewer
    assert "Quíllon" not in fewer
    answer = client.post(path, data={**CIRCUMSTANCES, **rows, "asked": seen(more)})
    assert answer.status_code == 303
    with app.app_context():
        (found,) = intakes.list_intakes(house.therapist, case.id)
    assert found.answers["people"] == ({"name": "Quíllon", "born": "1990-02-03"}, {"name": "שרה"})


def test_numbers_times_and_own_words_are_kept_as_typed(
    app: Flask, house: House, client: FlaskClient, case: Case
) -> None:
    path = f"/cases/{case.id}/log/{FORM.key}"
    given = {
        "a.weight": ["72.50", "kg"],
        "a.when": "2026-07-01T09:30",
        "a.inner": ["", "in my own words"],
        "a.a": "LA2",
    }
    answer = client.post(path, data={**CIRCUMSTANCES, **given, "asked": seen(client.get(path).text)})
    assert answer.status_code == 303, answer.text
    with app.app_context():
        (found,) = intakes.list_intakes(house.therapist, case.id)
    assert found.answers["weight"] == Amount(Decimal("72.50"), "kg")
    assert str(found.answers["when"]).startswith("2026-07-01T09:30:00")
    assert found.answers["inner"] == "=in my own words"
    assert found.answers["sum"] == 1
    page = client.get(f"/intakes/{found.id}").text
    assert flaws(page) == []
    assert all(words in page for words in ("72.50 kg", "in my own words", "some"))
    again = client.get(f"/intakes/{found.id}/amend").text
    assert flaws(again) == []
    assert 'value="2026-07-01T09:30"' in again
    assert 'value="72.50"' in again


def test_what_does_not_fit_is_named_and_the_typing_stays(client: FlaskClient, case: Case) -> None:
    path = f"/cases/{case.id}/log/{FORM.key}"
    given = {"a.weight": ["heavy", "kg"], "a.people": ["0"], "a.people~0~born": "soon"}
    answer = client.post(path, data={**CIRCUMSTANCES, **given, "asked": seen(client.get(path).text)})
    assert answer.status_code == 422
    assert 'href="#f-a.weight"' in answer.text
    assert 'value="heavy"' in answer.text
    assert 'value="soon"' in answer.text
    assert flaws(answer.text) == []


def test_a_strange_field_is_refused_by_name(client: FlaskClient, case: Case) -> None:
    path = f"/cases/{case.id}/log/{FORM.key}"
    answer = client.post(path, data={**CIRCUMSTANCES, "a.people~7~name": "x", "a.sum": "9", "asked": ""})
    assert answer.status_code == 422
    assert "There is no such question." in answer.text


def test_a_form_is_shown_in_another_of_its_languages(app: Flask, house: House, client: FlaskClient, case: Case) -> None:
    with app.app_context():
        brought = instrument_of("many-languages")
        instruments.import_instrument(house.supervisor, brought, b"{}", Attestation("Pat Doe"))
    path = f"/cases/{case.id}/log/{brought.key}"
    own = client.get(path).text
    assert "Wie ausgeruht sind Sie" not in own
    german = client.post(path, data={**CIRCUMSTANCES, "language": "de", "a.rest": "well", "update": "yes"}).text
    assert flaws(german) == []
    assert "Wie ausgeruht sind Sie" in german
    assert 'lang="de"' in german
    assert german.count(" checked") == 1
    answer = client.post(path, data={**CIRCUMSTANCES, "language": "de", "a.rest": "well", "asked": seen(german)})
    assert answer.status_code == 303
    with app.app_context():
        (found,) = intakes.list_intakes(house.therapist, case.id)
    assert (found.answers["rest"], found.fingerprint) == ("well", brought.fingerprint)


def test_results_stand_with_their_difference_and_the_published_threshold(
    app: Flask, house: House, client: FlaskClient, case: Case
) -> None:
    scored = replace(FORM, key="scored-1", results=("sum",))
    with app.app_context():
        instruments.import_instrument(house.supervisor, scored, b"{1}", Attestation("Pat Doe"))
        for level, at in (("LA3", "2026-03-01T10:00"), ("LA1", "2026-05-01T10:00")):
            given = {**CIRCUMSTANCES, "a.a": level, "authored_at": at, "asked": " ".join(scored_places(scored))}
            assert client.post(f"/cases/{case.id}/log/scored-1", data=given).status_code == 303
    page = client.get(f"/cases/{case.id}/forms/scored-1").text
    assert flaws(page) == []
    assert "2 readings, first 2.5 of 3 on 1 Mar 2026, last 0 of 3 on 1 May 2026: 2.5 points lower." in page
    assert "that limit is a house choice and arbitrary" in page
    assert "Its highest options add up to 2.5." in page
    assert "1 gap longer than 21 days (dashed)" in page
    with app.app_context():
        draft = ThresholdDraft("sum", "3", "Invented and others 2020")
        instruments.attach_threshold(house.supervisor, "scored-1", "1.0.0", draft)
    page = client.get(f"/cases/{case.id}/forms/scored-1").text
    assert "about the same (2.5 points lower)" in page
    assert "Differences under 3 of 3 are called about the same; that limit comes from Invented and others 2020." in page
    assert "Too few to tell change from ordinary ups and downs." in page


def scored_places(instrument: Instrument) -> list[str]:
    return [each.key for each in instrument.items()]
