"""Answers to an imported form and the items of its response."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instruments.answer import Answers, from_json, to_json
from schemas.instruments.capture import NonAnswer
from schemas.instruments.value import Amount
from service.fhirpath.form_items import questionnaire_of
from service.fhirpath.response_items import answers_from_items, response_items
from tests.imported import EVERY_KIND

WORDS = st.text("abc äß=", min_size=1, max_size=20).filter(lambda text: bool(text.strip()))
OWN = WORDS.map(lambda text: f"={text}")
SKIP = st.sampled_from(NonAnswer)
NUMBER = st.decimals(0, 100, places=2).map(lambda number: Decimal(f"{number:f}"))
DAYS = st.dates().map(str)
PETS = st.lists(st.fixed_dictionaries({"pet": WORDS}), min_size=1, max_size=2).map(tuple)
PERSON = st.fixed_dictionaries({"name": WORDS}, optional={"pets": PETS})
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "choice": st.sampled_from(["LA1", "LA2", "LA3"]),
    "open": st.sampled_from(["LA1", "LA2"]) | OWN,
    "words": st.lists(st.sampled_from(["o1", "o2"]) | OWN, min_size=1, max_size=3, unique=True).map(tuple),
    "whole": st.integers(-5, 500),
    "decimal": NUMBER,
    "weight": NUMBER.map(lambda number: Amount(number, "kg")),
    "count": NUMBER.map(Amount),
    "day": DAYS,
    "part": DAYS.map(lambda text: text[:7]),
    "moment": st.just("2026-03-01T14:05:00+01:00"),
    "time": st.times().map(lambda at: at.replace(microsecond=0).isoformat()),
    "text": WORDS,
    "why": WORDS,
    "link": st.just("https://example.org/a"),
    "yes": st.booleans(),
    "days": st.lists(DAYS, min_size=1, max_size=3).map(tuple),
    "inner": st.integers(0, 9),
    "deeper": st.booleans(),
    "people": st.lists(PERSON, min_size=1, max_size=3).map(tuple),
}
ANSWERS = st.fixed_dictionaries({}, optional={key: value | SKIP for key, value in VALUES.items()})


@given(ANSWERS)
def test_answers_survive_the_way_to_a_response_and_back(answers: Answers) -> None:
    assert answers_from_items(EVERY_KIND, response_items(EVERY_KIND, answers)) == answers


@given(ANSWERS)
def test_answers_survive_the_way_to_json_and_back(answers: Answers) -> None:
    assert from_json(EVERY_KIND, json.loads(json.dumps(to_json(answers)))) == answers


def test_digits_go_out_as_they_were_typed() -> None:
    (found,) = response_items(EVERY_KIND, {"decimal": Decimal("72.50")})
    assert str(found["answer"][0]["valueDecimal"]) == "72.50"


def test_items_are_nested_as_the_form_nests_them() -> None:
    found = response_items(
        EVERY_KIND, {"text": "a", "why": "b", "inner": 3, "deeper": True, "people": ({"name": "x"},)}
    )
    assert [each["linkId"] for each in found] == ["text", "group", "people"]
    assert found[0]["answer"] == [{"valueString": "a", "item": [_said("why", {"valueString": "b"})]}]
    assert found[1]["item"][0]["answer"] == [{"valueInteger": 3, "item": [_said("deeper", {"valueBoolean": True})]}]
    assert found[2]["item"] == [_said("name", {"valueString": "x"})]


def _said(key: str, value: dict[str, object]) -> dict[str, object]:
    return {"linkId": key, "text": f"What about {key}?", "answer": [value]}


def test_an_item_without_an_answer_says_why() -> None:
    (found,) = response_items(EVERY_KIND, {"link": NonAnswer.DECLINED}, "http://example.org/")
    assert found["linkId"] == "/a/link one"
    assert found["extension"] == [{"url": "http://example.org/skip-reason", "valueCode": "declined"}]
    assert "answer" not in found


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("items", "named"),
    [
        ([{"linkId": "nobody", "answer": [{"valueString": "secret"}]}], "nobody"),
        ([{"answer": [{"valueString": "secret"}]}], "item"),
        ([{"linkId": "inner", "answer": [{"valueInteger": 3}]}], "inner"),
        ([{"linkId": "whole", "answer": [{"valueString": "secret"}]}], "whole"),
        ([{"linkId": "whole", "answer": [{"valueInteger": 501}]}], "whole"),
        ([{"linkId": "whole", "answer": [{"valueInteger": 1}, {"valueInteger": 2}]}], "whole"),
        ([{"linkId": "whole", "answer": [{"valueInteger": 1}]}] * 2, "whole"),
        ([{"linkId": "choice", "answer": [{"valueCoding": {"code": "secret"}}]}], "choice"),
        ([{"linkId": "choice", "answer": [{"valueCoding": {"system": "http://other", "code": "LA1"}}]}], "choice"),
        ([{"linkId": "choice", "answer": [{"valueString": "secret"}]}], "choice"),
        ([{"linkId": "weight", "answer": [{"valueQuantity": {"value": 3, "code": "g"}}]}], "weight"),
        ([{"linkId": "group", "item": [{"linkId": "other", "answer": []}]}], "other"),
    ],
)
def test_what_does_not_fit_is_named_and_not_repeated(items: list[dict[str, Any]], named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named}: ") as caught:
        answers_from_items(EVERY_KIND, items)
    assert "secret" not in str(caught.value)


def test_the_form_itself_names_each_item_with_its_type() -> None:
    made = questionnaire_of(EVERY_KIND)
    types = {each["linkId"]: each["type"] for each in made["item"]}
    assert types["open"] == "open-choice"
    assert types["/a/link one"] == "url"
    assert types["people"] == "group"
    assert next(each for each in made["item"] if each["linkId"] == "people")["repeats"] is True
    option = made["item"][0]["answerOption"][2]
    assert {each["url"].rpartition("/")[2]: each["valueDecimal"] for each in option["extension"]} == {
        "itemWeight": Decimal("2.5"),
        "ordinalValue": Decimal("2.5"),
    }
