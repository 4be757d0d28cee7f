"""Forms worked out through the child: right totals, sound scopes, and caps that hold whatever an expression tries."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from service.errors import Invalid, Unavailable
from service.fhirpath import engine, pool
from service.fhirpath.engine import ALL, Evaluated, Request
from service.fhirpath.expressions import Kind
from tests.fhirpath.forms import (
    NOW,
    Json,
    chosen,
    constraint,
    form,
    given,
    group,
    integers,
    item,
    option,
    response,
    value,
    variable,
)

ROOT = Path(engine.__file__).resolve().parents[2]
SECRET = "the-words-of-another-file"
LATE = "more time"


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    engine.close()


def worked(questionnaire: Json, *items: Json, **more: Any) -> Evaluated:
    now, seconds = more.pop("now", NOW), more.pop("seconds", 1.0)
    return engine.evaluate(Request(engine.prepare(questionnaire), response(*items), now, **more), seconds=seconds)


def one(text: str, *items: Json, kind: str = "decimal", **more: Any) -> Any:
    """What one calculated item gives; it must not fail."""
    found = worked(form(item("x", kind, calculated=text)), *items, **more)
    assert found.failed == {}
    return found.value("x")


def child() -> pool.Child:
    found = next(each for each in engine._pool(os.getpid())._slots.queue if each)
    assert isinstance(found, pool.Child)
    return found


# Totals


def scored(parts: int, questions: int) -> Json:
    """A screener: groups of scored questions, a subtotal in each, the total from variables."""
    groups = [
        item(
            f"g{g}",
            "group",
            item=[
                *(
                    item(f"g{g}.{q}", "choice", answerOption=[option(str(n), n * (g + 1)) for n in range(5)])
                    for q in range(questions)
                ),
                item(
                    f"g{g}.sum",
                    "decimal",
                    calculated=f"%resource.item.where(linkId='g{g}').item.answer.value.weight().sum()",
                ),
            ],
        )
        for g in range(parts)
    ]
    named = [
        variable(f"s{g}", f"%resource.item.where(linkId='g{g}').item.where(linkId='g{g}.sum').answer.value")
        for g in range(parts)
    ]
    total = item("total", "decimal", calculated=" + ".join(f"%s{g}" for g in range(parts)))
    return form(total, *groups, extension=named)


@pytest.mark.parametrize("seed", range(10))
def test_totals_are_those_that_plain_addition_gives(seed: int) -> None:
    rng = random.Random(seed)
    answers = {g: {q: rng.randrange(5) for q in range(6) if rng.random() > 0.3} for g in range(3)}
    items = [
        group(f"g{g}", *(given(f"g{g}.{q}", chosen(str(n))) for q, n in each.items())) for g, each in answers.items()
    ]
    found = worked(scored(3, 6), *items)
    sums = {g: sum(n * (g + 1) for n in each.values()) if each else None for g, each in answers.items()}
    assert [found.value(f"g{g}.sum") for g in sums] == list(sums.values())
    assert found.value("total") == (None if None in sums.values() else sum(n for n in sums.values() if n is not None))


def test_the_score_that_a_rule_editor_writes_is_worked_out() -> None:
    """One variable a question that looks up the score in the form, and a sum that leaves out what is not answered."""
    url = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
    named = [
        variable(
            name,
            f"%questionnaire.item.where(linkId = '{name}').answerOption.where(valueCoding.code=%resource.item"
            f".where(linkId = '{name}').answer.valueCoding.code).extension.where(url='{url}').valueDecimal",
        )
        for name in "ab"
    ]
    named.append(variable("any_questions_answered", "%a.exists() or %b.exists()"))
    text = "iif(%any_questions_answered, iif(%a.exists(), %a, 0) + iif(%b.exists(), %b, 0), {})"
    questions = [item(name, "choice", answerOption=[option("x", 1), option("y", 2)]) for name in "ab"]
    questionnaire = form(*questions, item("total", "decimal", calculated=text), extension=named)
    assert worked(questionnaire).value("total") is None
    assert worked(questionnaire, given("b", chosen("y"))).value("total") == 2
    assert worked(questionnaire, given("a", chosen("x")), given("b", chosen("y"))).value("total") == 3


def test_a_stored_total_that_is_stale_is_replaced() -> None:
    items = [group(f"g{g}", given(f"g{g}.0", chosen("4"))) for g in range(3)]
    stale = [given("total", {"valueDecimal": 999}), *items]
    assert worked(scored(3, 1), *stale).value("total") == 4 + 8 + 12


def test_an_item_may_stand_before_what_it_needs_over_many_steps() -> None:
    steps = [item(f"i{n}", "integer", calculated=f"{value(f'i{n + 1}')} + 1") for n in range(40)]
    found = worked(form(*steps, item("i40", "integer", calculated="2")))
    assert found.failed == {}
    assert found.value("i0") == 42


def test_dependence_that_no_name_shows_settles_too() -> None:
    rest = "%resource.item.skip({}).take(1).answer.value + 1"
    found = worked(
        form(
            item("a", "integer", calculated=rest.format(1)),
            item("b", "integer", calculated=rest.format(2)),
            item("c", "integer"),
        ),
        *integers({"b": 0, "c": 5}),
    )
    assert (found.value("b"), found.failed) == (6, {}) or found.failed


# Variables and places


def test_a_nearer_variable_hides_one_further_out() -> None:
    inner = item("g", "group", variable("v", "2"), item=[item("in", "integer", calculated="%v")])
    found = worked(form(inner, item("out", "integer", calculated="%v"), extension=[variable("v", "1")]))
    assert (found.value("in"), found.value("out")) == (2, 1)


def test_a_variable_is_not_seen_beyond_its_group_and_the_item_is_named() -> None:
    found = worked(
        form(
            item("g", "group", variable("v", "2")),
            item("out", "integer", calculated="%v"),
            item("y", "integer", calculated="3"),
        )
    )
    assert found.failed == {"out": "%v is not known here"}
    assert found.value("y") == 3


def test_variables_may_use_each_other_in_any_order() -> None:
    named = [variable("c", "%b * 2"), variable("b", "%a + 1"), variable("a", "3")]
    assert worked(form(item("x", "integer", calculated="%c"), extension=named)).value("x") == 8


def test_variables_that_need_each_other_are_named() -> None:
    named = [variable("a", "%b"), variable("b", "%a")]
    assert "needs itself" in worked(form(item("x", "integer", calculated="%a"), extension=named)).failed["x"]


def test_a_repeating_group_is_worked_out_in_each_instance() -> None:
    dose = "%context.item.where(linkId='dose').answer.value"
    rows = item(
        "row",
        "group",
        variable("times", "item.where(linkId='times').answer.value"),
        variable("dose", dose),
        repeats=True,
        item=[item("dose", "decimal"), item("times", "integer"), item("daily", "decimal", calculated="%dose * %times")],
    )
    everything = item(
        "all", "decimal", calculated="%resource.item.where(linkId='row').item.where(linkId='daily').answer.value.sum()"
    )
    given_rows = [
        group("row", given("dose", {"valueDecimal": dose}), given("times", {"valueInteger": times}))
        for dose, times in ((Decimal("0.5"), 3), (Decimal("2.25"), 2), (Decimal("10"), 1))
    ]
    found = worked(form(rows, everything), *given_rows, group("row"))
    assert found.values["daily"] == ((Decimal("1.5"),), (Decimal("4.5"),), (10,), ())
    assert found.value("all") == 16


def test_items_under_a_question_are_worked_out_under_each_answer() -> None:
    under = [
        item("days", "integer"),
        item("weeks", "decimal", calculated="%resource.descendants().where(linkId='days').answer.value.sum() / 7"),
    ]
    answers = [{**chosen("a"), "item": integers({"days": 14})}, {**chosen("b"), "item": integers({"days": 7})}]
    found = worked(form(item("q", "choice", repeats=True, item=under)), given("q", *answers))
    assert found.values["weeks"] == ((3,), (3,))


def test_the_question_of_an_expression_can_be_named() -> None:
    questionnaire = form(
        item("x", "string", calculated="%qitem.prefix & %questionnaire.title", prefix="1."), title="Form"
    )
    assert worked(questionnaire).value("x") == "1.Form"


def test_a_leaf_that_begins_with_item_means_the_form() -> None:
    assert one("item.where(linkId='a').answer.value + 1", *integers({"a": 1})) == 2


# Values


def test_nothing_gives_nothing() -> None:
    assert one(f"{value('a')} + {value('b')}", *integers({"a": 1})) is None
    assert one(f"({value('a')} | {value('b')}).sum()", *integers({"a": 1})) == 1
    assert one(f"iif({value('b')} > 1, 'yes', 'no')", kind="string") == "no"


def test_decimals_are_exact() -> None:
    answer = given("a", {"valueDecimal": Decimal("0.1")})
    assert one(f"{value('a')} * 3", answer) == Decimal("0.3")
    assert one(f"{value('a')} + 0.2", given("a", {"valueDecimal": 0.1})) == Decimal("0.3")
    assert one("10 / 4") == Decimal("2.5")


def test_numbers_that_a_file_holds_as_text_are_numbers() -> None:
    assert one(
        f"{value('a')} + {value('b')}", given("a", {"valueDecimal": "1.5"}), given("b", {"valueInteger": "2"})
    ) == Decimal("3.5")


def test_a_whole_number_is_not_rounded_in_silence() -> None:
    assert one("7 / 2", kind="integer") == Decimal("3.5")
    assert one("8 / 2", kind="integer") == 4


def test_body_mass_from_quantities_and_numbers() -> None:
    weight = given("w", {"valueQuantity": {"value": 70, "code": "kg", "system": "http://unitsofmeasure.org"}})
    height = given("h", {"valueInteger": 175})
    text = f"({value('w')}.value / ({value('h')} / 100).power(2)).round(1)"
    assert one(text, weight, height) == Decimal("22.9")
    found = one(f"{value('w')} + 500 'g'", weight, kind="quantity")
    assert (found["value"], found["code"]) == (70500, "g")


def test_a_number_takes_the_unit_of_a_quantity_item() -> None:
    unit = {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
        "valueCoding": {"code": "kg", "display": "kilo"},
    }
    found = worked(form(item("x", "quantity", unit, calculated="70")))
    assert found.value("x") == {"value": 70, "unit": "kilo", "code": "kg"}


@pytest.mark.parametrize(("born", "grown"), [("2008-11-22", True), ("2008-11-23", False), ("2000-02-29", True)])
def test_an_age_is_told_to_the_day(born: str, grown: bool) -> None:
    answer = given("born", {"valueDate": born})
    assert one(f"{value('born')} + 18 years <= today()", answer, kind="boolean") is grown
    years = f"today().yearOf() - {value('born')}.yearOf()"
    assert one(years, answer, kind="integer") == 2026 - int(born[:4])


def test_today_is_that_of_the_clinic() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert one("today()", kind="date", now=late) == "2026-11-22"
    assert one("today()", kind="date", now=late.astimezone(timezone(timedelta(hours=2)))) == "2026-11-23"


def test_a_code_becomes_the_option_that_has_it() -> None:
    questionnaire = form(item("x", "choice", calculated="iif(true, 'b', 'a')", answerOption=[option("a"), option("b")]))
    assert worked(questionnaire).value("x") == {"system": "urn:s", "code": "b"}


def test_a_repeating_item_takes_every_value() -> None:
    found = worked(
        form(item("x", "integer", calculated="1 | 2 | 3", repeats=True), item("y", "integer", calculated="4 | 5"))
    )
    assert (found.values["x"], found.values["y"]) == (((1, 2, 3),), ((4,),))


def test_numbers_beyond_any_integer_come_back_whole() -> None:
    assert one("(10).power(27)") == Decimal(10) ** 27


def test_a_number_of_many_pages_is_told_as_none() -> None:
    found = worked(
        form(item("x", "decimal", calculated="10.power(5000).power(101)"), item("y", "integer", calculated="2"))
    )
    assert found.value("y") == 2
    assert found.value("x") is None
    assert found.failed == {"x": "its result is a number that no answer can hold"}


# Enabling, constraints, initial values


def test_what_is_not_enabled_counts_nowhere() -> None:
    questionnaire = form(
        item("a", "integer"),
        item("b", "integer", enabled=f"{value('a')} > 5"),
        item("sum", "integer", calculated="%resource.item.where(linkId in ('a' | 'b')).answer.value.sum()"),
        item("g", "group", enabled=f"{value('sum')} > 10", item=[item("c", "integer", calculated="1")]),
    )
    shown, hidden = (
        worked(questionnaire, *integers({"a": 6, "b": 7})),
        worked(questionnaire, *integers({"a": 5, "b": 7})),
    )
    assert (shown.value("sum"), shown.enabled, shown.value("c")) == (13, {"b": (True,), "g": (True,)}, 1)
    assert (hidden.value("sum"), hidden.enabled, hidden.value("c")) == (5, {"b": (False,), "g": (False,)}, None)


def test_an_item_whose_enabling_fails_stays_and_is_named() -> None:
    found = worked(form(item("a", "integer", enabled="%nowhere > 1")), *integers({"a": 1}))
    assert found.enabled == {"a": (True,)}
    assert found.failed == {"a": "%nowhere is not known here"}


def test_constraints_that_do_not_hold_are_told_with_their_place() -> None:
    questionnaire = form(
        item(
            "row",
            "group",
            constraint("order", "item.where(linkId='to').answer.value >= item.where(linkId='from').answer.value"),
            repeats=True,
            item=[item("from", "integer"), item("to", "integer")],
        ),
        item("free", "integer", constraint("never", "false")),
        extension=[constraint("any", "item.exists()")],
    )
    rows = [group("row", *integers(pair)) for pair in ({"from": 1, "to": 2}, {"from": 3, "to": 2}, {"from": 1})]
    found = worked(questionnaire, *rows)
    assert [(each.link_id, each.place, each.key, each.severity, each.human) for each in found.broken] == [
        ("row", 1, "order", "error", "what order asks for")
    ]
    assert [each.key for each in worked(questionnaire).broken] == ["any"]


def test_initial_values_are_for_open_questions() -> None:
    questionnaire = form(
        item("day", "date", initial="today()"),
        item("name", "string", initial="%patient.name.where(use='official').given.first()"),
        item("who", "string", initial="%user.name.text"),
        item("kept", "integer", initial="1"),
    )
    patient = {"resourceType": "Patient", "name": [{"use": "official", "given": ["Ada", "B."]}]}
    found = worked(questionnaire, *integers({"kept": 5}), kinds=frozenset({Kind.INITIAL}), launch={"patient": patient})
    assert found.initial == {"day": (("2026-11-22",),), "name": (("Ada",),), "who": ((),)}
    assert found.failed == {}


def test_what_never_settles_is_named_and_has_no_value() -> None:
    questionnaire = form(
        item("a", "integer", calculated=f"iif({value('b')}.exists(), {{}}, 1)"),
        item("b", "integer", calculated=value("a")),
        item("c", "integer", calculated="3"),
    )
    found = worked(questionnaire)
    assert "does not settle" in found.failed["a"]
    assert (found.value("a"), found.value("c")) == (None, 3)


# Hostile


MANY = [item(f"m{n}", "integer") for n in range(100)]
HOSTILE = {
    "regular expression": "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a+)+$')",
    "replacement": "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.replaceMatches('(a|a)*$', 'x')",
    "endless repeat": "(1).repeat($this + 1).count()",
    "nested descendants": "%resource.descendants()"
    ".where(%resource.descendants().where(%resource.descendants().exists(code = 'no')).exists())",
    "growing number": f"({' | '.join(map(str, range(40)))}).aggregate($total * $total, 9)",
    "doubling text": "'aaaaaaaaaa'" + ".select($this & $this)" * 60,
    "doubling list": "(1).combine(1)" + ".select((1).combine($this))" * 40,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_an_explosive_expression_is_named_and_the_rest_goes_on(kind: str) -> None:
    found = worked(
        form(item("bad", "string", calculated=HOSTILE[kind]), item("good", "integer", calculated="1 + 1"), *MANY),
        *integers({f"m{n}": n for n in range(100)}),
        seconds=0.4,
    )
    assert found.failed.keys() == {"bad"}
    assert found.value("good") == 2
    assert one("1 + 1") == 2


def test_an_explosive_variable_is_named_with_the_item() -> None:
    found = worked(
        form(
            item("bad", "string", calculated="%v"),
            item("good", "integer", calculated="2"),
            extension=[variable("v", HOSTILE["endless repeat"])],
        ),
        seconds=0.4,
    )
    assert found.failed["bad"].startswith("%v: it takes more time")
    assert (found.exploded, found.value("good")) == (("%v",), 2)


def test_twenty_explosive_expressions_take_no_longer_than_one() -> None:
    bad = [item(f"bad{n}", "string", calculated=HOSTILE["endless repeat"]) for n in range(20)]
    found = worked(form(item("good", "integer", calculated="2"), *bad), seconds=0.4)
    assert len(found.failed) == 20
    assert found.value("good") == 2
    assert found.spent < 0.6


@pytest.mark.slow
def test_memory_is_capped_and_the_item_named() -> None:
    nine = "(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9)"
    hungry = f"{nine}.select({nine}.select({nine}.select({nine}.select(%big & $this.toString())))).count()"
    big = f"'{'x' * 8_000}'" + ".select($this & $this)" * 3
    questionnaire = form(
        item("bad", "integer", calculated=hungry),
        item("good", "integer", calculated="2"),
        extension=[variable("big", big)],
    )
    found = worked(questionnaire, seconds=5)
    assert "memory" in found.failed["bad"]
    assert (found.exploded, found.value("good")) == (("bad",), 2)


@pytest.mark.parametrize(
    "text",
    [
        "%resource.resolve()",
        "'x'.memberOf('http://x')",
        "%resource.conformsTo('http://x')",
        "foo(1)",
        "1.where()",
        "%a",
        "1 +",
    ],
)
def test_what_is_not_supported_fails_by_name(text: str) -> None:
    found = worked(form(item("bad", "string", calculated=text), item("good", "integer", calculated="2")))
    assert found.failed.keys() == {"bad"}
    assert found.value("good") == 2


def test_no_words_of_an_answer_get_into_a_reason() -> None:
    found = worked(
        form(item("x", "integer", calculated=f"{value('a')} * 2 + {value('a')}.foo()")),
        given("a", {"valueString": SECRET}),
    )
    assert found.failed
    assert SECRET not in json.dumps(dict(found.failed))


def test_a_form_beyond_all_size_is_refused() -> None:
    with pytest.raises(Invalid, match="larger"):
        engine.prepare(form(item("x", "string", text="x" * engine.INPUT)))
    deep: Json = item("x", "group")
    for n in range(300):
        deep = item(f"g{n}", "group", item=[deep])
    with pytest.raises(Invalid, match="nest"):
        engine.prepare(form(deep))


# The child


def test_the_child_can_open_nothing_and_knows_nothing_of_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPWELL_CANARY", SECRET)
    engine.close()
    assert one("1") == 1
    folder = Path("/proc", str(child().process.pid))
    limits = {line[:25].strip(): line[25:].split()[0] for line in (folder / "limits").read_text().splitlines()[1:]}
    assert (limits["Max open files"], limits["Max address space"]) == ("0", str(150 * pool.MEBIBYTE))
    assert SECRET.encode() not in (folder / "environ").read_bytes()
    assert (folder / "cwd").resolve() == Path("/")


@pytest.mark.slow
def test_every_function_works_in_a_child_that_can_open_nothing() -> None:
    golden = json.loads((ROOT / "tests" / "golden" / "fhirpath.json").read_text())
    texts = [text for text, _ in golden["results"]]
    items = [item(f"x{n}", "string", initial=text, repeats=True) for n, text in enumerate(texts)]
    questionnaire = {**golden["questionnaire"], "item": [*golden["questionnaire"]["item"], *items]}
    made = engine.prepare(questionnaire)
    found = engine.evaluate(Request(made, golden["response"], NOW, frozenset({Kind.INITIAL})), seconds=10)
    assert found.failed == {}


def test_a_child_that_died_is_replaced() -> None:
    assert one("1") == 1
    before = child()
    os.kill(before.process.pid, signal.SIGKILL)
    before.process.wait()
    assert one("2") == 2


def test_two_expressions_that_cannot_be_stopped_are_told_as_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_heard", _never)
    with pytest.raises(Unavailable, match="more time or memory"):
        one("1")


def _never(*_: object) -> bytes:
    raise pool.Overrun("x")


@pytest.mark.slow
def test_callers_in_many_threads_each_get_their_own_answer() -> None:
    made = engine.prepare(form(item("x", "integer", calculated=f"{value('a')} * 2")))

    def double(number: int) -> Any:
        return engine.evaluate(Request(made, response(*integers({"a": number})), NOW)).value("x")

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(double, range(60))) == [number * 2 for number in range(60)]


def test_a_form_without_expressions_starts_no_child() -> None:
    engine.close()
    assert worked(form(item("a", "integer")), *integers({"a": 1})) == Evaluated()
    assert [each for each in engine._pool(os.getpid())._slots.queue if each] == []


def test_the_parent_never_loads_fhirpathpy() -> None:
    script = "import sys, service.fhirpath.check; sys.exit('fhirpathpy' in sys.modules or 'antlr4' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


@pytest.mark.slow
def test_a_child_ends_when_its_parent_is_killed() -> None:
    script = (
        "import os, signal; from service.fhirpath import engine; from tests.fhirpath.test_engine import one, child;"
        "one('1'); print(child().process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, capture_output=True, text=True).stdout
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and Path("/proc", said.strip(), "cmdline").exists():
        time.sleep(0.05)
    assert said.strip().isdigit()
    assert not Path("/proc", said.strip(), "cmdline").exists()


def test_equal_forms_have_one_key() -> None:
    questionnaire = form(item("a", "integer", calculated="1"))
    assert engine.prepare(questionnaire).key == engine.prepare(json.loads(json.dumps(questionnaire))).key
    assert frozenset({Kind.CALCULATED, Kind.ENABLED, Kind.CONSTRAINT}) == ALL
