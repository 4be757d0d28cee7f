"""An imported form of 100 items with 20 expressions: what loading, answering and scoring it costs beyond evaluating
its expressions.

    python -m benchmarks.forms       milliseconds of this one run; the goal is about what is not evaluation

Loading is restoring the definition from its stored JSON and making it ready; answering is reading a posted form;
scoring is working it through, of which the child's own time in the expressions is told apart.
"""

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from schemas.instruments.answer import from_json
from schemas.instruments.definition import Instrument, Item, canonical
from schemas.instruments.kinds import Choice, DecimalNumber
from schemas.instruments.restoring import restored
from schemas.instruments.rules import Operator, Rules, Shown, Test
from service.casework import forms
from service.fhirpath import engine
from service.fhirpath.engine import Request
from service.fhirpath.form_items import questionnaire_of
from service.fhirpath.response_items import response_items
from tests.imported import BOTHER, form

ITEMS, EXPRESSIONS, ROUNDS = 80, 20, 15
GOAL = 150
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def hundred_items() -> Instrument:
    """80 questions, every eighth behind a condition, and 20 sums over four questions each."""
    asked = [Item(f"q{n}", f"Question {n}", Choice(BOTHER), rules=_rules(n)) for n in range(ITEMS)]
    sums = [Item(f"sum{n}", f"Sum {n}", DecimalNumber(), rules=Rules(calculated=_sum(n))) for n in range(EXPRESSIONS)]
    return form(*asked, *sums, results=tuple(each.key for each in sums))


def _rules(number: int) -> Rules:
    if number % 8 or not number:
        return Rules()
    return Rules(shown=Shown((Test(f"q{number - 1}", Operator.DIFFERS, "LA1"),)))


def _sum(number: int) -> str:
    named = " or ".join(f"linkId='q{number * 4 + each}'" for each in range(4))
    return f"%resource.item.where({named}).answer.value.weight().sum()"


def milliseconds(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent)


def main() -> None:
    instrument = hundred_items()
    stored = json.dumps(canonical(instrument))
    posted = {f"q{n}": {"value": ("LA1", "LA2", "LA3")[n % 3]} for n in range(ITEMS)}
    answers = from_json(instrument, posted)
    ready = engine.prepare(questionnaire_of(instrument))
    response = {"resourceType": "QuestionnaireResponse", "item": response_items(instrument, answers)}
    engine.evaluate(Request(ready, response, NOW))
    loading = milliseconds(lambda: engine.prepare(questionnaire_of(restored(json.loads(stored)))))
    answering = milliseconds(lambda: from_json(instrument, posted))
    scoring = milliseconds(lambda: forms.work_through(instrument, answers, NOW))
    inside = [engine.evaluate(Request(ready, response, NOW)).spent * 1000 for _ in range(ROUNDS)]
    evaluating = statistics.median(inside)
    beyond = loading + answering + scoring - evaluating
    print(f"loading   {loading:7.1f} ms")
    print(f"answering {answering:7.1f} ms")
    print(f"scoring   {scoring:7.1f} ms, of which in the expressions {evaluating:.1f}")
    print(f"beyond the expressions {beyond:.1f} ms   (goal {GOAL})")
    engine.close()


if __name__ == "__main__":
    main()
