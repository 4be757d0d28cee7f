"""What the check says of the expressions of a form before it is accepted."""

import json
from collections.abc import Iterator

import pytest

from service.fhirpath import check as check_module
from service.fhirpath import engine, pool
from service.fhirpath.check import ALL_TOKENS, COUNT, DEPTH, LENGTH, TOKENS, Finding, check
from service.fhirpath.expressions import Kind
from tests.fhirpath.forms import NOW, SDC, Json, constraint, form, integers, item, option, response, value, variable


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    engine.close()


def found(questionnaire: Json) -> list[tuple[str | None, str, bool]]:
    return [(each.link_id, each.reason, each.refuse) for each in check(questionnaire, NOW)]


def on(text: str) -> list[tuple[str | None, str, bool]]:
    return found(form(item("x", "integer", calculated=text)))


def test_sound_expressions_are_found_sound() -> None:
    questionnaire = form(
        item("q", "choice", answerOption=[option("a", 1)]),
        item("x", "integer", calculated="%v + defineVariable('h', 2).select(%h) + %patient.birthDate.count()"),
        item("y", "integer", enabled="%resource.status = 'completed'", initial="today()"),
        item("z", "string", constraint("c", "%`ext-x`.exists() or %context.answer.exists() or %qitem.required")),
        extension=[variable("v", "%resource.item.answer.value.weight().sum()")],
    )
    assert found(questionnaire) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("%resource.resolve().id", "the function resolve is not supported"),
        ("answer.value.memberOf('http://x')", "the function memberOf is not supported"),
        ("conformsTo('x')", "the function conformsTo is not supported"),
        ("1.nonsense()", "the function nonsense is not supported"),
        ("%nowhere + 1", "%nowhere is not known here"),
        ("1 +", "it is not well formed at line 1, character 4"),
        ("", "it is not well formed at line 1, character 1"),
    ],
)
def test_what_will_not_be_worked_out_is_named_but_no_reason_to_refuse(text: str, reason: str) -> None:
    assert ("x", reason, False) in on(text)
    assert not any(refuse for _, _, refuse in on(text))


def test_each_thing_in_an_expression_is_named_once() -> None:
    assert on("%a + %b + %a.resolve().resolve()") == [
        ("x", "the function resolve is not supported", False),
        ("x", "%a is not known here", False),
        ("x", "%b is not known here", False),
    ]


def test_another_language_is_named_where_it_stands_and_where_it_is_used() -> None:
    query = variable("obs", "Observation?code=1")
    query["valueExpression"]["language"] = "application/x-fhir-query"
    assert found(form(item("x", "integer", calculated="%obs.count()"), extension=[query])) == [
        (None, "it is written in application/x-fhir-query, which is not evaluated", False),
        ("x", "%obs is written in application/x-fhir-query, which is not evaluated", False),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1" * (LENGTH + 1), f"it is longer than {LENGTH} characters"),
        ("(" * (DEPTH + 1) + "1" + ")" * (DEPTH + 1), f"it nests deeper than {DEPTH} brackets"),
        ("a(" * (DEPTH + 1), f"it nests deeper than {DEPTH} brackets"),
        ("+".join("1" * TOKENS), f"it has more than {TOKENS} parts"),
    ],
)
def test_an_expression_out_of_all_measure_refuses_the_form(text: str, reason: str) -> None:
    assert on(text) == [("x", reason, True)]


def test_an_expression_in_a_place_without_meaning_is_named() -> None:
    stray = {"url": f"{SDC}initialExpression", "valueExpression": {"expression": "1"}}
    assert found(form(extension=[stray])) == [(None, "it stands on the form itself, where it has no meaning", False)]


def test_too_many_expressions_refuse_the_form() -> None:
    many = form(*(item(f"x{n}", "integer", calculated="1") for n in range(COUNT + 1)))
    assert found(many) == [(f"x{COUNT}", f"the form has more than {COUNT} expressions", True)]
    text = "+".join("1" * (TOKENS // 2))
    long = form(*(item(f"x{n}", "integer", calculated=text) for n in range(1 + ALL_TOKENS // (TOKENS - 2))))
    ((link_id, reason, refuse),) = found(long)
    assert (reason, refuse) == ("the expressions of the form are too long together", True)
    assert link_id == f"x{len(long['item']) - 1}"


def test_expressions_that_need_themselves_refuse_the_form_and_are_named() -> None:
    questionnaire = form(
        item("a", "integer", calculated=f"{value('b')} + 1"),
        item("b", "integer", calculated="%v"),
        extension=[variable("v", value("a"))],
    )
    ((link_id, reason, refuse),) = found(questionnaire)
    assert refuse
    assert {"a", "b", "%v"} == {link_id or "%v", *reason.removeprefix("it needs itself, by way of ").split(", ")}
    assert on(f"{value('x')} + 1") == [("x", "it needs itself", True)]


@pytest.mark.parametrize(
    "text",
    [
        "(1).repeat($this + 1).count()",
        "%resource.item.where(linkId = 's').answer.value.matches('^(a|a)+$')",
    ],
)
def test_an_explosion_on_a_trial_run_refuses_the_form(text: str) -> None:
    questionnaire = form(item("s", "string"), item("x", "integer", calculated=text))
    assert found(questionnaire) == [("x", "it takes more time than an expression may", True)]


def test_what_takes_the_child_with_it_refuses_the_form_and_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def died(*given: object) -> bytes:
        asked.append(given)
        raise pool.Overrun("x")

    monkeypatch.setattr(engine, "_heard", died)
    assert on("1 + 1") == [("x", engine.KILLED, True)]
    assert len(asked) == 1


def test_expressions_that_take_too_long_to_read_refuse_the_form_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(check_module, "READING", 0.01)
    monkeypatch.setattr(check_module, "attempt", pytest.fail)
    told = found(form(*(item(f"x{n}", "integer", calculated=f"a{n}{'.b' * 700}") for n in range(6))))
    assert told
    assert all(refuse for _, _, refuse in told)


def test_reading_and_trial_share_a_fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def noted(_request: object, *, seconds: float) -> engine.Evaluated:
        given.append(seconds)
        return engine.Evaluated()

    monkeypatch.setattr(check_module, "attempt", noted)
    on("1 + 1")
    assert 0 < check_module.LEAST <= given[0] <= check_module.TOGETHER < 1
    assert check_module.READING + check_module.LEAST < 1


def test_the_trial_run_minds_no_other_failure() -> None:
    assert on("(1 | 2).single()") == []


def test_a_finding_says_item_and_kind() -> None:
    at = Finding("x", Kind.ENABLED, "", "", "it is odd")
    assert at.sentence == "x, enabling expression: it is odd."
    assert Finding(None, Kind.VARIABLE, "v", "", "it is odd").sentence == "The form, variable %v: it is odd."


def test_a_form_with_very_many_items_is_checked() -> None:
    items = [item(f"m{n}", "integer") for n in range(3_000)]
    assert found(form(*items, item("x", "integer", calculated="%resource.item.answer.value.sum()"))) == []


def test_odd_shapes_in_a_file_do_not_stop_the_check() -> None:
    odd = form(item("x", "integer", calculated="1"))
    odd["extension"] = ["text", None, {"url": 5}, {"url": f"{SDC}calculatedExpression"}]
    odd["item"] += [None, "text"]
    odd["item"][0]["extension"] += [{"url": f"{SDC}initialExpression", "valueExpression": "2"}]
    reasons = {reason for _, reason, _ in found(json.loads(json.dumps(odd)))}
    assert reasons == {"it is not well formed at line 1, character 1"}


def test_what_passed_the_check_is_worked_out() -> None:
    questionnaire = form(item("a", "integer"), item("x", "integer", calculated=f"{value('a')} * 2"))
    assert found(questionnaire) == []
    made = engine.prepare(questionnaire)
    assert engine.evaluate(engine.Request(made, response(*integers({"a": 4})), NOW)).value("x") == 8
