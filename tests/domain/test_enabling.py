"""Which questions of an imported form are asked."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.instruments.answer import Answers
from schemas.instruments.capture import NonAnswer
from schemas.instruments.kinds import Group, Many, Rows, Text, WholeNumber, YesNo
from schemas.instruments.rules import Operator, Rules, Shown, Test
from schemas.instruments.value import Amount
from service.domain.completion import NOT_ASKED_NOW, REQUIRED, WORKED_OUT, offered, still_open, wrongly_answered
from service.domain.enabling import asked_places, holds, kept
from tests.imported import form, item, shown_when


@pytest.mark.parametrize(
    ("operator", "wanted", "answer", "expected"),
    [
        ("exists", True, 1, True),
        ("exists", True, None, False),
        ("exists", True, NonAnswer.DECLINED, False),
        ("exists", False, None, True),
        ("exists", False, NonAnswer.DECLINED, True),
        ("exists", False, "x", False),
        ("=", "LA2", "LA2", True),
        ("=", "LA2", "LA1", False),
        ("=", "LA2", ("LA1", "LA2"), True),
        ("=", True, True, True),
        ("=", True, 1, False),
        ("=", 1, True, False),
        ("=", Decimal("1.50"), Decimal("1.5"), True),
        ("=", Amount(Decimal(5), "kg"), Amount(Decimal("5.0"), "kg"), True),
        ("!=", "LA2", "LA1", True),
        ("!=", "LA2", "LA2", False),
        ("!=", "LA2", None, False),
        (">", 3, 4, True),
        (">", 3, 3, False),
        (">", 3, Decimal("3.1"), True),
        (">=", 3, 3, True),
        ("<", 3, 2, True),
        ("<", 3, 3, False),
        ("<=", 3, 3, True),
        ("<=", 3, 4, False),
        (">", "2026-01-31", "2026-02-01", True),
        (">", Amount(Decimal(5), "kg"), Amount(Decimal(6), "kg"), True),
        (">", Amount(Decimal(5), "kg"), Amount(Decimal(6), "g"), False),
        (">", 3, "many", False),
        (">", 3, NonAnswer.UNSURE, False),
    ],
)
def test_a_comparison_holds_as_the_specification_says(
    operator: str, wanted: object, answer: object, expected: bool
) -> None:
    assert holds(Test("a", Operator(operator), wanted), answer) is expected  # type: ignore[arg-type]


CHAIN = form(
    item("a", YesNo()),
    item("b", YesNo(), rules=shown_when("a", "=", True)),
    item("c", YesNo(), rules=shown_when("b", "=", True)),
    item("g", Group(), item("in", YesNo()), rules=shown_when("c", "=", True)),
)


def test_a_question_behind_a_hidden_one_is_hidden_whatever_was_answered_there() -> None:
    answers = {"a": False, "b": True, "c": True, "in": True}
    places = asked_places(CHAIN, answers, {})
    assert places == {"a"}
    assert kept(CHAIN, answers, places) == {"a": False}


def test_a_chain_of_conditions_is_followed_to_its_end() -> None:
    answers = {"a": True, "b": True, "c": True, "in": True}
    places = asked_places(CHAIN, answers, {})
    assert places == {"a", "b", "c", "g", "in"}
    assert kept(CHAIN, answers, places) == answers


def test_any_and_all_differ() -> None:
    both = (Test("b", Operator.EQUALS, 2),)
    items = (item("a", WholeNumber(0, 9)), item("b", WholeNumber(0, 9)))
    every = form(*items, item("c", YesNo(), rules=shown_when("a", "=", 1, *both)))
    some = form(*items, item("c", YesNo(), rules=shown_when("a", "=", 1, *both, any_of=True)))
    assert "c" not in asked_places(every, {"a": 1, "b": 3}, {})
    assert "c" in asked_places(some, {"a": 1, "b": 3}, {})
    assert "c" in asked_places(every, {"a": 1, "b": 2}, {})


def test_a_test_inside_a_row_looks_at_its_own_row_first() -> None:
    people = form(
        item("known", YesNo()),
        item(
            "people",
            Rows(),
            item("has", YesNo()),
            item("which", Text(40), rules=shown_when("has", "=", True)),
            item("more", Text(40), rules=shown_when("known", "=", True)),
        ),
    )
    answers: Any = {"known": True, "people": ({"has": True, "which": "x"}, {"has": False, "which": "y"})}
    places = asked_places(people, answers, {})
    assert {"people~0~which", "people~0~more", "people~1~more"} <= places
    assert "people~1~which" not in places
    assert kept(people, answers, places)["people"] == ({"has": True, "which": "x"}, {"has": False})


def test_an_expression_decides_where_it_gave_a_result() -> None:
    asked = form(item("a", YesNo()), item("b", YesNo(), rules=Rules(shown=Shown(expression="%x > 3"))))
    assert asked_places(asked, {}, {"b": False}) == {"a"}
    assert asked_places(asked, {}, {"b": True}) == asked_places(asked, {}, {}) == {"a", "b"}


NEEDY = form(
    item("a", YesNo(), rules=Rules(required=True)),
    item("b", Text(40), rules=Rules(required=True, shown=Shown((Test("a", Operator.EQUALS, True),)))),
    item("sum", WholeNumber(0, 9), rules=Rules(required=True, calculated="1 + 1")),
    item("rows", Rows(), item("name", Text(40), rules=Rules(required=True))),
)


def test_what_is_required_and_asked_must_be_answered_or_skipped() -> None:
    def missing(answers: dict[str, object]) -> dict[str, str]:
        return still_open(NEEDY, answers, asked_places(NEEDY, answers, {}))  # type: ignore[arg-type]

    assert missing({}) == {"a": REQUIRED}
    assert missing({"a": False}) == {}
    assert missing({"a": True}) == {"b": REQUIRED}
    assert missing({"a": NonAnswer.DECLINED}) == {}
    assert missing({"a": True, "b": NonAnswer.DECLINED, "rows": ({},)}) == {"rows~0~name": REQUIRED}


def test_an_answer_to_what_is_not_asked_or_is_worked_out_is_named() -> None:
    answers: Answers = {"a": False, "b": "x", "sum": 3}
    places = asked_places(NEEDY, answers, {})
    assert wrongly_answered(NEEDY, answers, places) == {"b": NOT_ASKED_NOW, "sum": WORKED_OUT}


def test_only_what_the_form_itself_offers_is_filled_in_beforehand() -> None:
    given = form(
        item("a", WholeNumber(0, 9), rules=Rules(initial=(4,))),
        item("b", Many(Text(40)), rules=Rules(initial=("x", "y"))),
        item("c", YesNo()),
    )
    assert offered(given) == {"a": 4, "b": ("x", "y")}
