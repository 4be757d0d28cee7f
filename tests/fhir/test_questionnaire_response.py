"""Answers -> response -> answers, and the sums that stand in it."""

import pytest
from hypothesis import HealthCheck, given, settings

from schemas.instruments import INSTRUMENTS
from schemas.instruments.answer import Answers
from service.domain.scoring import score
from service.fhir.questionnaire import questionnaire
from service.fhir.questionnaire_response import answers_from, response_items
from service.fhir.shapes import Json
from tests.fhir.records import AT, WSL, an_intake
from tests.instruments import answers_to

SLOW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def response_to(answers: Answers) -> Json:
    return {"resourceType": "QuestionnaireResponse", "item": response_items(WSL, answers, score(WSL, answers), AT)}


def leaves(value: object) -> dict[str, list[object]]:
    """linkId -> its entries, anywhere in a form or a response."""
    found: dict[str, list[object]] = {}
    for each in value if isinstance(value, list) else []:
        found.setdefault(each["linkId"], []).append(each)
        for key, entries in leaves(each.get("item")).items():
            found.setdefault(key, []).extend(entries)
    return found


@SLOW
@given(answers_to(WSL))
def test_answers_survive_the_way_there_and_back(answers: Answers) -> None:
    assert answers_from(WSL, response_to(answers)) == answers


@SLOW
@given(answers_to(WSL))
def test_the_sums_stand_in_the_response_exactly_where_there_is_one(answers: Answers) -> None:
    items, found = leaves(response_to(answers)["item"]), score(WSL, answers)
    for name, each in [(f"{part.key}-subtotal", part) for part in found.domains] + [("total", found.total)]:
        held = [entry["answer"][0]["valueDecimal"] for entry in items.get(name, [])]  # type: ignore[index]
        assert held == ([] if each.value is None else [each.value])


@SLOW
@given(answers_to(WSL))
def test_a_response_follows_its_form(answers: Answers) -> None:
    """Same linkIds and texts in the same order, each at most once, and coded answers as the form offers them."""
    form, items = leaves(questionnaire(WSL, AT)["item"]), leaves(response_to(answers)["item"])
    assert [key for key in form if key in items] == list(items)
    for key, entries in items.items():
        (asked,), (given_here,) = form[key], entries
        assert given_here["text"] == asked["text"]  # type: ignore[index]
        offered = [option["valueCoding"] for option in asked.get("answerOption", [])]  # type: ignore[attr-defined]
        codings = [each["valueCoding"] for each in given_here.get("answer", []) if "valueCoding" in each]  # type: ignore[attr-defined]
        assert all(each in offered for each in codings)


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda each: each.key)
def test_every_form_has_an_item_for_each_question_and_for_its_skipping(instrument) -> None:  # type: ignore[no-untyped-def]
    found = leaves(questionnaire(instrument, AT)["item"])
    for item in instrument.items():
        assert len(found[item.key]) == len(found[f"{item.key}-skipped"]) == 1
    assert all(len(each) == 1 for each in found.values())


@pytest.mark.parametrize(
    "entry",
    [
        {"linkId": "P1", "answer": [{"valueCoding": {"code": "9"}}]},
        {"linkId": "P1", "answer": [{"valueInteger": 2}]},
        {"linkId": "P1", "answer": []},
        {"linkId": "P1", "answer": [{"valueCoding": {"code": "1"}}, {"valueCoding": {"code": "2"}}]},
        {"linkId": "U1", "answer": [{"valueInteger": 11}]},
        {"linkId": "P1-skipped", "answer": [{"valueCoding": {"code": "whim"}}]},
    ],
)
def test_an_answer_that_does_not_fit_is_named_and_never_repeated(entry: dict[str, object]) -> None:
    key = str(entry["linkId"]).removesuffix("-skipped")
    with pytest.raises(ValueError, match=f"^{key}: ") as caught:
        answers_from(WSL, {"item": [{"linkId": "physical", "item": [entry]}]})
    assert "whim" not in str(caught.value)


def test_a_fixed_response_gives_back_its_answers() -> None:
    intake = an_intake()
    assert answers_from(WSL, response_to(intake.answers)) == intake.answers
