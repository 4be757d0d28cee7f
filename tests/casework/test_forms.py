"""Working through an imported form with its own expressions, in the real child process."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from schemas.instruments.capture import NonAnswer
from schemas.instruments.kinds import Choice, Day, DecimalNumber, MultiChoice, Option, Rows, Text, WholeNumber, YesNo
from schemas.instruments.rules import Constraint, Operator, Rules, Severity, Shown, Test, Variable
from schemas.instruments.withdrawal import WSL
from service.casework.forms import completed, started, work_through
from service.domain.completion import NOT_ASKED_NOW, REQUIRED, WORKED_OUT
from service.errors import Invalid
from tests.imported import BOTHER, form, item

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
SUM = "%resource.item.where(linkId='a' or linkId='b').answer.value.weight().sum()"
SCREENER = form(
    item("a", Choice(BOTHER)),
    item("b", Choice(BOTHER)),
    item("sum", DecimalNumber(), rules=Rules(read_only=True, calculated=SUM)),
    item(
        "more",
        Text(40),
        rules=Rules(required=True, shown=Shown(expression="%resource.item.where(linkId='sum').answer.value > 2")),
    ),
    results=("sum",),
)


def complaints(answers: dict[str, object]) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        completed(SCREENER, answers, NOW)  # type: ignore[arg-type]
    return dict(caught.value.fields)


def test_a_sum_is_worked_out_from_the_weights_of_the_options() -> None:
    assert completed(SCREENER, {"a": "LA2", "b": "LA1"}, NOW)["sum"] == Decimal(1)
    whole = completed(SCREENER, {"a": "LA2", "b": "LA3", "more": "yes"}, NOW)
    assert whole == {"a": "LA2", "b": "LA3", "sum": Decimal("3.5"), "more": "yes"}


def test_a_sum_decides_what_is_asked_and_required() -> None:
    assert complaints({"a": "LA2", "b": "LA3"}) == {"answers.more": REQUIRED}
    assert complaints({"a": "LA2", "b": "LA1", "more": "x"}) == {"answers.more": NOT_ASKED_NOW}
    skipped = completed(SCREENER, {"a": "LA2", "b": "LA3", "more": NonAnswer.DECLINED}, NOW)
    assert skipped["more"] is NonAnswer.DECLINED


def test_nobody_hands_in_what_the_form_works_out() -> None:
    assert complaints({"a": "LA1", "b": "LA1", "sum": Decimal(9)})["answers.sum"] == WORKED_OUT


def test_what_is_not_asked_any_more_does_not_count() -> None:
    gated = form(
        item("gate", YesNo()),
        item("a", Choice(BOTHER), rules=Rules(shown=Shown((Test("gate", Operator.EQUALS, True),)))),
        item(
            "sum",
            DecimalNumber(),
            rules=Rules(calculated="%resource.item.where(linkId='a').answer.value.weight().sum()"),
        ),
    )
    worked = work_through(gated, {"gate": False, "a": "LA3"}, NOW)
    assert worked.answers == {"gate": False}


def test_each_row_is_worked_out_for_itself() -> None:
    rows = form(
        item(
            "people",
            Rows(),
            item("years", WholeNumber(0, 150)),
            item("months", WholeNumber(0, 2000), rules=Rules(calculated="%y * 12")),
            rules=Rules(variables=(Variable("y", "%context.item.where(linkId='years').answer.value"),)),
        )
    )
    worked = work_through(rows, {"people": ({"years": 2}, {}, {"years": 3})}, NOW)
    assert worked.answers["people"] == ({"years": 2, "months": 24}, {}, {"years": 3, "months": 36})


def test_a_rule_of_the_form_is_told_at_its_item() -> None:
    rule = Constraint("low", Severity.ERROR, "Give ten or more.", "answer.value >= 10")
    mild = Constraint("odd", Severity.WARNING, "That is much.", "answer.value < 50")
    ruled = form(item("a", WholeNumber(0, 99), rules=Rules(constraints=(rule, mild))))
    assert work_through(ruled, {"a": 9}, NOW).broken == {"a": "Give ten or more."}
    assert work_through(ruled, {"a": 60}, NOW).warnings == {"a": "That is much."}
    with pytest.raises(Invalid) as caught:
        completed(ruled, {"a": 9}, NOW)
    assert caught.value.fields == {"answers.a": "Give ten or more."}
    assert completed(ruled, {"a": 60}, NOW) == {"a": 60}


def test_only_what_the_form_offers_stands_there_at_the_start() -> None:
    offering = form(
        item("today", Day(), rules=Rules(initial_expression="today()")),
        item("drink", MultiChoice((Option("o1", "tea"),)), rules=Rules(initial=("o1",))),
        item("secret", Text(40), rules=Rules(hidden=True, initial=("set by the form",))),
        item("empty", Text(40)),
    )
    assert started(offering, NOW) == {"today": "2026-11-22", "drink": ("o1",), "secret": "set by the form"}
    assert completed(offering, {"empty": "x"}, NOW) == {"secret": "set by the form", "empty": "x"}


def test_a_failing_expression_is_named_and_hides_nothing() -> None:
    failing = form(
        item("a", WholeNumber(0, 9)),
        item("half", WholeNumber(0, 9), rules=Rules(calculated="%resource.item.where(linkId='a').answer.value / 2")),
        item("b", Text(40), rules=Rules(shown=Shown(expression="nonsense(1)"))),
    )
    worked = work_through(failing, {"a": 3, "b": "x"}, NOW)
    assert worked.answers == {"a": 3, "b": "x"}
    assert set(worked.failed) == {"half", "b"}


def test_own_instruments_pass_through_unchanged() -> None:
    answers = {"P1": "3"}
    assert completed(WSL, answers, NOW) is answers
