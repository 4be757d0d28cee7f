"""Answers to imported forms over the edges: refused by name where they do not fit, stored and sent where they do."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.instruments.definition import Instrument
from schemas.instruments.kinds import DecimalNumber, Rows, Text, WholeNumber, YesNo
from schemas.instruments.rules import Operator, Rules, Shown, Test
from service.casework import instruments
from service.casework.instruments import Attestation
from service.domain.actors import Actor
from service.fhir import publish
from service.fhir.addresses import Addresses
from service.fhir.questionnaire_response import answers_from, response_items
from service.fhir.shapes import from_bytes, to_bytes
from tests import builders
from tests.builders import House
from tests.forms import NAMES, instrument_of, read_samples
from tests.imported import form, item
from tests.instruments import answers_to

SignIn = Callable[[Actor], FlaskClient]
AT = Addresses("https://stepwell.example", "https://stepwell.example/fhir/R4")
FORM = form(
    item("gate", YesNo(), rules=Rules(required=True)),
    item("behind", Text(40), rules=Rules(shown=Shown((Test("gate", Operator.EQUALS, True),)))),
    item("i1", WholeNumber(0, 9), link_id="/1/odd name"),
    item(
        "twice", DecimalNumber(), rules=Rules(calculated="%resource.item.where(linkId='/1/odd name').answer.value * 2")
    ),
    item("rows", Rows(), item("inner", WholeNumber(0, 9))),
    key="answers-1",
)
CAPTURE = {"channel": "in_person", "private": "yes"}


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        instruments.import_instrument(house.supervisor, FORM, b"{}", Attestation("Pat Doe"))
        return builders.add_case(house.therapist).id


@pytest.fixture
def client(sign_in: SignIn, house: House) -> FlaskClient:
    return sign_in(house.therapist)


def body(answers: dict[str, Any], **more: object) -> dict[str, Any]:
    named = {"instrument_key": FORM.key, "contact_context": "unsure", "authored_at": "2026-05-04T10:00:00Z"}
    return {**named, "capture": CAPTURE, "answers": answers, **more}


@pytest.mark.parametrize(
    ("answers", "more", "named"),
    [
        ({}, {}, "answers.gate"),
        ({"gate": {"value": True}, "nobody": {"value": 1}}, {}, "answers.nobody"),
        ({"gate": {"value": False}, "behind": {"value": "x"}}, {}, "answers.behind"),
        ({"gate": {"value": True}, "twice": {"value": 4}}, {}, "answers.twice"),
        ({"gate": {"value": True}, "i1": {"value": 10}}, {}, "answers.i1"),
        ({"gate": {"value": True}, "rows": {"value": [{"inner": {"value": 99}}]}}, {}, "answers.rows"),
        ({"gate": {"value": True}}, {"instrument_version": "2.0.0"}, "instrument_version"),
    ],
)
def test_what_does_not_fit_the_form_is_refused_by_name(
    client: FlaskClient, case_id: str, answers: dict[str, Any], more: dict[str, str], named: str
) -> None:
    answer = client.post(f"/api/v1/cases/{case_id}/intakes", json=body(answers, **more))
    assert answer.status_code == 422
    assert list((answer.json or {})["errors"]) == [named]
    assert client.get(f"/api/v1/cases/{case_id}/intakes").json == []


def test_a_response_is_stored_sent_and_extracted(app: Flask, client: FlaskClient, case_id: str) -> None:
    answers = {"gate": {"value": True}, "behind": {"skipped": "declined"}, "i1": {"value": 4}}
    made = client.post(f"/api/v1/cases/{case_id}/intakes", json=body(answers, instrument_version="1.0.0"))
    assert made.status_code == 201, made.text
    intake = (made.json or {})["intake"]
    assert intake["score"] is None
    assert intake["answers"]["twice"] == {"value": "8"}
    with app.app_context():
        publish.drain()
    sent = client.get(f"/fhir/R4/QuestionnaireResponse/{intake['id']}")
    assert sent.status_code == 200, sent.text
    resource = sent.json or {}
    assert resource["questionnaire"] == "http://example.org/forms/1|3"
    assert [each["linkId"] for each in resource["item"]] == ["gate", "behind", "/1/odd name", "twice"]
    assert resource["item"][1]["extension"][0]["valueCode"] == "declined"
    assert resource["item"][3]["answer"] == [{"valueDecimal": 8}]


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_keeps_its_answers_on_the_way_to_fhir_and_back(name: str) -> None:
    instrument = instrument_of(name)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(answers_to(instrument))
    def there_and_back(answers: dict[str, Any]) -> None:
        sent = from_bytes(to_bytes({"item": response_items(instrument, answers, None, AT)}))
        assert answers_from(instrument, sent) == answers

    there_and_back()


@given(st.sampled_from(read_samples()).flatmap(lambda each: st.tuples(st.just(each), answers_to(each))))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_digits_and_rows_survive_json(pair: tuple[Instrument, dict[str, Any]]) -> None:
    instrument, answers = pair
    first = to_bytes({"item": response_items(instrument, answers, None, AT)})
    again = to_bytes({"item": response_items(instrument, answers_from(instrument, from_bytes(first)), None, AT)})
    assert again == first
