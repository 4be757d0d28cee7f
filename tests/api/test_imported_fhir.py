"""Responses to imported forms that do not fit, on the FHIR edge: an OperationOutcome that names the linkId."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.casework import instruments
from service.casework.instruments import Attestation
from service.domain.actors import Actor
from service.fhir import publish
from service.fhir.importing.form import read_form
from tests import builders
from tests.builders import House
from tests.forms import CALCULATED, PRACTICE, small_form, to_bytes

Posted = Callable[..., tuple[int, dict[str, Any]]]
TWICE = {"language": "text/fhirpath", "expression": "%resource.item.where(linkId='/n').answer.value * 2"}
NOW = {
    "url": "http://hl7.org/fhir/StructureDefinition/variable",
    "valueExpression": {"name": "more", "expression": "item.where(linkId='/rows/n').answer.value"},
}
MORE = {"url": CALCULATED, "valueExpression": {"expression": "%more + 1"}}
FORM = small_form(
    {"linkId": "/gate", "text": "Go on", "type": "boolean", "required": True},
    {
        "linkId": "/behind",
        "text": "Tell more",
        "type": "string",
        "enableWhen": [{"question": "/gate", "operator": "=", "answerBoolean": True}],
    },
    {"linkId": "/pick", "text": "Which", "type": "choice", "answerOption": [{"valueCoding": {"code": "a"}}]},
    {"linkId": "/n", "text": "How many", "type": "integer"},
    {
        "linkId": "/twice",
        "text": "Twice as many",
        "type": "integer",
        "readOnly": True,
        "extension": [{"url": CALCULATED, "valueExpression": TWICE}],
    },
    {
        "linkId": "/rows",
        "text": "Each time",
        "type": "group",
        "repeats": True,
        "extension": [NOW],
        "item": [
            {"linkId": "/rows/n", "text": "How many", "type": "integer", "required": True},
            {"linkId": "/rows/more", "text": "One more", "type": "integer", "extension": [MORE]},
        ],
    },
)
GATE = {"linkId": "/gate", "answer": [{"valueBoolean": True}]}
SHUT = {"linkId": "/gate", "answer": [{"valueBoolean": False}]}


@pytest.fixture
def posted(app: Flask, house: House, sign_in: Callable[[Actor], FlaskClient]) -> Posted:
    """Hands a response with these items to $extract."""
    with app.app_context():
        data = to_bytes(FORM)
        instrument = read_form(data, PRACTICE).instrument
        assert instrument is not None
        instruments.import_instrument(house.supervisor, instrument, data, Attestation("Pat Doe"))
        case_id = builders.add_case(house.therapist).id
        publish.drain()
    client = sign_in(house.therapist)

    def post(*items: dict[str, Any], form: str = f"{FORM['url']}|1") -> tuple[int, dict[str, Any]]:
        named = {"questionnaire": form, "subject": {"reference": f"Patient/{case_id}"}, "item": list(items)}
        body = {"resourceType": "QuestionnaireResponse", "status": "completed"} | named
        answer = client.post("/fhir/R4/QuestionnaireResponse/$extract", json=body)
        return answer.status_code, answer.json or {}

    return post


@pytest.mark.parametrize(
    ("items", "named"),
    [
        ([GATE, {"linkId": "/nobody", "answer": [{"valueInteger": 1}]}], "/nobody"),
        ([SHUT, {"linkId": "/behind", "answer": [{"valueString": "x"}]}], "/behind"),
        ([], "/gate"),
        ([GATE, {"linkId": "/pick", "answer": [{"valueCoding": {"code": "z"}}]}], "/pick"),
        ([GATE, {"linkId": "/pick", "answer": [{"valueString": "a"}]}], "/pick"),
        ([GATE, {"linkId": "/n", "answer": [{"valueString": "many"}]}], "/n"),
        ([GATE, {"linkId": "/n", "answer": [{"valueInteger": 1}, {"valueInteger": 2}]}], "/n"),
        ([GATE, GATE], "/gate"),
        ([GATE, {"linkId": "/rows", "item": [{"linkId": "/rows/n", "answer": [{"valueInteger": "x"}]}]}], "/rows/n"),
        ([GATE, {"linkId": "/rows", "item": [{"linkId": "/rows/more", "answer": [{"valueInteger": 2}]}]}], "/rows/n"),
        ([GATE, {"linkId": "/rows/n", "answer": [{"valueInteger": 1}]}], "/rows/n"),
    ],
)
def test_an_answer_that_does_not_fit_is_named_by_its_link_id(
    posted: Posted, items: list[dict[str, Any]], named: str
) -> None:
    status, outcome = posted(*items)
    assert status == 400, outcome
    assert outcome["resourceType"] == "OperationOutcome"
    assert [each for issue in outcome["issue"] for each in issue["expression"]] == [named]


@pytest.mark.parametrize("form", [f"{FORM['url']}|9", "https://forms.example/Questionnaire/other|1", ""])
def test_another_form_or_version_is_refused_by_name(posted: Posted, form: str) -> None:
    status, outcome = posted(GATE, form=form)
    assert status == 400, outcome
    assert outcome["issue"][0]["expression"] == ["questionnaire"]


def test_an_answer_that_fits_is_taken(posted: Posted) -> None:
    """What the form works out itself may stand there, in rows too; it is worked out anew."""
    worked = [
        {"linkId": "/rows/n", "answer": [{"valueInteger": 1}]},
        {"linkId": "/rows/more", "answer": [{"valueInteger": 7}]},
    ]
    given = {"linkId": "/n", "answer": [{"valueInteger": 2}]}, {"linkId": "/twice", "answer": [{"valueInteger": 5}]}
    status, answer = posted(GATE, *given, {"linkId": "/rows", "item": worked})
    assert status == 200, answer
