"""What files of other makers do that ours never would: each one was met in a public form and is told here anew."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from schemas.instruments.answer import Answers
from schemas.instruments.definition import Instrument
from service.casework import forms
from service.fhir.importing.findings import Weight
from service.fhir.importing.form import Reading, read_form
from tests.forms import CALCULATED, PRACTICE, small_form, to_bytes

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
HL7 = "http://hl7.org/fhir/StructureDefinition"
INITIAL = CALCULATED.replace("calculated", "initial")
OPTIONS = [
    {"valueCoding": {"code": code, "display": words}} for code, words in (("some", "At times"), ("none", "Never"))
]


def read(*items: dict[str, Any], **more: Any) -> Reading:
    return read_form(to_bytes(small_form(*items, **more)), PRACTICE)


def accepted(*items: dict[str, Any], **more: Any) -> Instrument:
    reading = read(*items, **more)
    assert reading.instrument is not None, reading.refusals
    return reading.instrument


def told(reading: Reading) -> list[tuple[Weight, str, str]]:
    return [(each.weight, each.link_id, each.path) for each in reading.findings if each.weight is not Weight.NOTE]


def item(link_id: str, kind: str, *extensions: dict[str, Any], **more: Any) -> dict[str, Any]:
    held = {"extension": list(extensions)} if extensions else {}
    return {"linkId": link_id, "text": f"About {link_id}", "type": kind, **held, **more}


def expression(text: str, url: str = CALCULATED, **more: str) -> dict[str, Any]:
    return {"url": url, "valueExpression": {"language": "text/fhirpath", "expression": text, **more}}


def variable(name: str, text: str) -> dict[str, Any]:
    return expression(text, f"{HL7}/variable", name=name)


def worked(instrument: Instrument, answers: Answers) -> dict[str, object]:
    found = forms.work_through(instrument, answers, NOW)
    assert found.failed == {}
    return dict(found.answers)


def test_a_result_that_is_chosen_from_its_own_options_needs_no_circle() -> None:
    """Its variable names the question itself, by %questionnaire, to pick one of its options."""
    picks = (
        "iif(%resource.item.where(linkId='meals').answer.value.code = 'some', %own.valueCoding.where(code='yes'), {})"
    )
    instrument = accepted(
        item("meals", "choice", answerOption=OPTIONS),
        item(
            "result",
            "choice",
            variable("own", "%questionnaire.item.where(linkId = 'result').answerOption"),
            expression(picks),
            readOnly=True,
            answerOption=[{"valueCoding": {"code": code, "display": code}} for code in ("yes", "no")],
        ),
    )
    assert worked(instrument, {"meals": "some"})["result"] == "yes"
    assert "result" not in worked(instrument, {"meals": "none"})


def test_a_calculated_value_with_a_name_is_used_by_that_name_below_and_from_the_form() -> None:
    instrument = accepted(
        item("a", "integer"),
        item(
            "b",
            "integer",
            expression("%resource.item.where(linkId='a').answer.value + 1", name="next"),
            item=[item("b1", "integer", expression("%next + 1"))],
        ),
        item("c", "integer", expression("%whole * 10")),
        extension=[expression("%resource.item.where(linkId='b').answer.value", name="whole")],
    )
    assert worked(instrument, {"a": 1}) == {"a": 1, "b": 2, "b1": 3, "c": 20}


def test_a_value_that_is_worked_out_for_the_form_without_a_name_is_told() -> None:
    assert told(read(extension=[expression("1 + 1")])) == [(Weight.KEPT, "", "extension[0]")]


def test_a_coded_result_in_a_question_without_options_is_its_words() -> None:
    instrument = accepted(
        item("pick", "choice", answerOption=OPTIONS, repeats=True),
        item("first", "open-choice", expression("%resource.item.where(linkId='pick').answer.value[0]")),
        item("all", "open-choice", expression("%resource.item.where(linkId='pick').answer.value")),
    )
    assert worked(instrument, {"pick": ("none", "some")})["first"] == "Never"


def test_an_initial_value_that_begins_with_patient_means_the_client() -> None:
    instrument = accepted(
        item("born", "date", expression("Patient.birthDate", INITIAL)),
        item("names", "string", expression("Patient.name.first().given.first()", INITIAL)),
    )
    patient = {"resourceType": "Patient", "birthDate": "1990-04-01", "name": [{"given": ["Robin"]}]}
    assert forms.started(instrument, NOW, {"patient": patient}) == {"born": "1990-04-01", "names": "Robin"}
    assert forms.started(instrument, NOW) == {}


def test_a_question_without_words_takes_those_of_its_help() -> None:
    control = {"coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "flyover"}]}
    hint = item("h", "display", {"url": f"{HL7}/questionnaire-itemControl", "valueCodeableConcept": control})
    reading = read({"linkId": "a", "type": "string", "item": [hint]})
    assert reading.instrument is not None
    assert reading.instrument.item("a").prompt == "About h"
    assert told(reading) == [(Weight.WARNING, "a", "item[0].text")]


INNER = [{"linkId": "in", "text": "Inside", "type": "string"}]


@pytest.mark.parametrize(
    ("form", "weight", "path"),
    [
        (item("a", "group", readOnly=True, item=INNER), Weight.KEPT, "item[0].readOnly"),
        (item("a", "group", repeats=True, readOnly=True, item=INNER), Weight.KEPT, "item[0].readOnly"),
        (item("a", "group", required=True, item=INNER), Weight.KEPT, "item[0].required"),
        (item("a", "integer", maxLength=10), Weight.KEPT, "item[0].maxLength"),
        (item("a", "choice", repeats=True, answerOption=OPTIONS, item=INNER), Weight.WARNING, "item[0].item"),
        (item("a", "open-choice"), Weight.WARNING, "item[0].type"),
    ],
)
def test_what_has_no_effect_where_it_stands_is_told(form: dict[str, Any], weight: Weight, path: str) -> None:
    reading = read(form)
    assert reading.instrument is not None
    assert told(reading) == [(weight, "a", path)]


def test_what_has_its_effect_is_not_told() -> None:
    required = item("a", "group", required=True, item=[INNER[0] | {"required": True, "maxLength": 9}])
    asked = item("b", "choice", answerOption=OPTIONS, item=[INNER[0] | {"linkId": "in2"}])
    assert told(read(required, asked)) == []


@pytest.mark.parametrize(("told_as", "hides"), [("not-equal", "some"), ("!==", "some"), ("equal", "none")])
def test_an_operator_in_words_is_read_and_told(told_as: str, hides: str) -> None:
    when = {"question": "a", "operator": told_as, "answerCoding": {"code": "some"}}
    reading = read(item("a", "choice", answerOption=OPTIONS), item("b", "string", enableWhen=[when]))
    assert reading.instrument is not None, reading.refusals
    assert told(reading) == [(Weight.WARNING, "b", "item[1].enableWhen[0].operator")]
    shown = forms.work_through(reading.instrument, {"a": hides, "b": "words"}, NOW)
    assert "b" not in shown.answers


def test_a_status_of_no_release_is_told() -> None:
    assert told(read(status="_active")) == [(Weight.WARNING, "", "status")]


def test_a_risk_by_powers_and_logarithms_comes_out_with_eight_places() -> None:
    """As calculators of other makers have it: nested brackets, ln, exp, power, and no value before all is answered."""
    risk = "iif(%age.exists(), 1 - (0.98).power((2.5 * (%age.ln() - 3.9)).exp()), {})"
    instrument = accepted(
        item("age", "decimal"),
        item("risk", "decimal", expression(risk)),
        extension=[variable("age", "item.where(linkId='age').answer.valueDecimal")],
    )
    assert worked(instrument, {"age": Decimal(50)})["risk"] == Decimal("0.02060395")
    assert "risk" not in worked(instrument, {})


ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


@pytest.mark.parametrize(
    "text",
    [
        "%resource.item.answer.valueCoding.extension.valueDecimal.sum()",
        f"%resource.item.answer.value.extension.where(url='{ORDINAL}').value.sum()",
        f"item.answer.valueCoding.extension('{ORDINAL}').valueDecimal.sum()",
        "item.where(linkId='x').answer.valueCoding.extension.value + item.where(linkId='y').answer.value.ordinal()",
        "%resource.item.answer.value.ordinal().sum()",
    ],
)
def test_a_sum_of_scores_that_are_looked_for_on_the_answers_comes_out(text: str) -> None:
    """Some makers copy the whole option into the answer, its extension with it; ours leave it on the option."""

    def weighed(code: str, points: float) -> dict[str, Any]:
        return {"valueCoding": {"code": code, "display": code, "extension": [{"url": ORDINAL, "valueDecimal": points}]}}

    options = [weighed("few", 1), weighed("many", 2.5)]
    asked = [item(name, "choice", answerOption=options) for name in ("x", "y")]
    below = item("z", "string", item=[item("zz", "choice", answerOption=options)])
    instrument = accepted(*asked, below, item("sum", "decimal", expression(text)))
    found = worked(instrument, {"x": "few", "y": "many", "z": "words", "zz": "few"})
    assert found["sum"] == Decimal("3.5")
    assert found["x"] == "few"


@pytest.mark.parametrize("kind", ["attachment", "reference"])
def test_what_cannot_be_asked_is_left_out_by_name_or_refuses_the_form_that_requires_it(kind: str) -> None:
    words, needed = item("w", "string"), item("x", kind, required=True)
    reading = read(words, item("x", kind))
    assert reading.instrument is not None
    assert [key for key in ("w", "x") if reading.instrument.item(key) in reading.instrument.asked()] == ["w"]
    assert told(reading) == [(Weight.UNSUPPORTED, "x", "item[1].type")]
    assert [(each.link_id, each.path) for each in read(words, needed).refusals] == [("x", "item[1].type")]
