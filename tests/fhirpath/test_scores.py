"""Where the score of an answer is looked for, through the engine."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from service.fhirpath import engine
from service.fhirpath.engine import Request
from tests.fhirpath.forms import NOW, Json, chosen, form, given, group, item, option, response, score

SUM = "%resource.repeat(item).where(linkId != 'total').answer.value.weight().sum()"


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    engine.close()


def total(questions: list[Json], answers: list[Json], text: str = SUM, **more: Any) -> Any:
    made = engine.prepare(form(*questions, item("total", "decimal", calculated=text), **more))
    found = engine.evaluate(Request(made, response(*answers), NOW))
    assert found.failed == {}
    return found.value("total")


@pytest.mark.parametrize("name", ["itemWeight", "ordinalValue", "questionnaire-ordinalValue"])
def test_a_score_stands_on_the_option(name: str) -> None:
    held = {"valueCoding": {"system": "urn:s", "code": "a"}, "extension": [score(3, name)]}
    assert total([item("q", "choice", answerOption=[held])], [given("q", chosen("a"))]) == 3


def test_a_score_stands_on_the_coding_of_the_option() -> None:
    held = {"valueCoding": {"system": "urn:s", "code": "a", "extension": [score(3)]}}
    assert total([item("q", "choice", answerOption=[held])], [given("q", chosen("a"))]) == 3


def test_a_score_stands_on_the_answer_itself() -> None:
    answer = {"valueCoding": {"code": "a", "extension": [score(4)]}}
    assert total([item("q", "choice", answerOption=[option("a", 3)])], [given("q", answer)]) == 4


@pytest.mark.parametrize("written", ["2.5", 2.5])
def test_a_score_may_be_written_as_text(written: object) -> None:
    assert total([item("q", "choice", answerOption=[option("a", written)])], [given("q", chosen("a"))]) == Decimal(
        "2.5"
    )


def test_the_same_code_weighs_by_its_question() -> None:
    questions = [
        item("q1", "choice", answerOption=[option("often", 3), option("never", 0)]),
        item("q2", "choice", answerOption=[option("often", 0), option("never", 3)]),
    ]
    assert total(questions, [given("q1", chosen("often")), given("q2", chosen("often"))]) == 3
    assert total(questions, [given("q1", chosen("often")), given("q2", chosen("never"))]) == 6


def test_two_systems_with_one_code_are_told_apart() -> None:
    options = [option("a", 1, "urn:one"), option("a", 2, "urn:two")]
    assert total([item("q", "choice", answerOption=options)], [given("q", chosen("a", "urn:two"))]) == 2
    assert total([item("q", "choice", answerOption=options)], [given("q", {"valueCoding": {"code": "a"}})]) is None


def test_a_code_system_that_is_written_otherwise_does_not_lose_the_score() -> None:
    options = [option("a", 1, "relative/codes"), option("b", 2, "relative/codes")]
    assert total([item("q", "choice", answerOption=options)], [given("q", chosen("b", "urn:full/codes"))]) == 2


def test_options_of_the_older_release_count() -> None:
    assert total([item("q", "choice", option=[option("a", 3)])], [given("q", chosen("a"))]) == 3


def test_whole_numbers_and_text_may_have_scores() -> None:
    options = [{"valueInteger": 1, "extension": [score(10)]}, {"valueString": "much", "extension": [score(20)]}]
    questions = [item("q", "choice", repeats=True, answerOption=options)]
    assert total(questions, [given("q", {"valueInteger": 1}, {"valueString": "much"})]) == 30


@pytest.mark.parametrize("place", ["compose", "expansion"])
def test_a_contained_value_set_may_hold_the_scores(place: str) -> None:
    concepts: list[Json] = [{"code": "a", "extension": [score(5)]}, {"code": "b"}]
    coded = [{**each, "system": "urn:s"} for each in concepts]
    held = {"include": [{"system": "urn:s", "concept": concepts}]} if place == "compose" else {"contains": coded}
    contained = [{"resourceType": "ValueSet", "id": "vs", place: held}]
    questions = [item("q", "choice", answerValueSet="#vs")]
    assert total(questions, [given("q", chosen("a"))], contained=contained) == 5
    assert total(questions, [given("q", chosen("b"))], contained=contained) is None


def test_a_contained_code_system_may_hold_the_scores() -> None:
    concept = {"code": "a", "property": [{"code": "itemWeight", "valueDecimal": 6}]}
    contained = [{"resourceType": "CodeSystem", "url": "urn:s", "concept": [concept]}]
    assert total([item("q", "choice", answerOption=[option("a")])], [given("q", chosen("a"))], contained=contained) == 6


def test_an_answer_without_score_adds_nothing_and_no_answers_have_no_total() -> None:
    questions = [item("q", "choice", answerOption=[option("a", 3), option("b")])]
    assert total(questions, [given("q", chosen("b"))]) is None
    assert total(questions, []) is None


@pytest.mark.parametrize(
    "text",
    [
        "%resource.item.item.answer.value.weight().sum()",
        "%resource.item.item.answer.weight().sum()",
        "%resource.item.where(linkId='g').item.answer.value.ordinal().sum()",
        "%resource.item.where(linkId='g').answers().weight().sum()",
        "%resource.answers().value.ordinal().sum()",
        "%resource.descendants().where(linkId='q1' or linkId='q2').answer.value.weight().aggregate($this + $total, 0)",
        "%resource.item.item.answer.value.ofType(Coding).weight().sum()",
        "%resource.item.item.answer.valueCoding.weight().sum()",
        "%resource.item.item.answer.value.select($this.weight()).sum()",
        "%questionnaire.item.item.where(linkId = 'q1').answerOption.where(value.code = '7').extension.value",
    ],
)
def test_every_way_of_asking_for_scores_is_answered(text: str) -> None:
    questions = [item(f"q{n}", "choice", answerOption=[option("7", 7), option("0", 0)]) for n in (1, 2)]
    answers = [group("g", given("q1", chosen("7")), given("q2", chosen("0")))]
    assert total([item("g", "group", item=questions)], answers, text) == 7
