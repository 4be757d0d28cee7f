"""Which questions of an imported form are asked, given the answers so far. https://hl7.org/fhir/R4/questionnaire.html

A question has a place: its key, and inside repeated rows the way to it, `children~1~age` (rows count from 0). A
question is asked when its own condition holds and the question or group it stands under is asked.
Rule: a test looks at the nearest answer: in its own row first, then further out. Answers to a question that is not
asked are not looked at.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemas.instruments.answer import Answer, Answers
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import Rows
from schemas.instruments.rules import Operator, Shown, Test
from schemas.instruments.value import Amount

MARK = "~"
Truths = Mapping[str, bool]
_ORDERS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.ABOVE: operator.gt,
    Operator.BELOW: operator.lt,
    Operator.AT_LEAST: operator.ge,
    Operator.AT_MOST: operator.le,
}


@dataclass(frozen=True)
class Scope:
    """The answers within reach: those of the row, then those around it."""

    answers: Answers
    outer: "Scope | None" = None

    def find(self, key: str) -> Answer | None:
        if key in self.answers:
            return self.answers[key]
        return self.outer.find(key) if self.outer else None


def place(*parts: str | int) -> str:
    return MARK.join(str(part) for part in parts if part != "")


def key_at(at: str) -> str:
    """The key of the item at a place."""
    return at.rpartition(MARK)[2]


def asked_places(instrument: Instrument, answers: Answers, truths: Truths) -> frozenset[str]:
    """The places of every item that is asked. `truths` holds what the expressions of items gave, by place; an
    expression without a result does not hide its question.
    """
    pruned: Answers = answers
    seen: frozenset[str] = frozenset()
    for _ in range(_longest_chain(instrument)):
        found = frozenset(_places(instrument.tops(), Scope(pruned), truths, ""))
        if found == seen:
            break
        seen, pruned = found, kept(instrument, answers, found)
    return seen


def kept(instrument: Instrument, answers: Answers, places: frozenset[str]) -> dict[str, Answer]:
    """The answers to questions that are asked."""
    return dict(_kept(instrument.tops(), answers, places, ""))


def answered(instrument: Instrument, answers: Answers) -> Iterator[tuple[str, Item, Answer]]:
    """(place, item, answer) of everything answered or skipped, rows taken apart."""
    yield from _answered(instrument.tops(), answers, "")


def all_places(instrument: Instrument, answers: Answers) -> dict[str, list[str]]:
    """Item key -> its places, asked or not, in the order of the form: one, but inside repeated rows one a row."""
    found: dict[str, list[str]] = {}
    for key, at in _all_places(instrument.tops(), answers, ""):
        found.setdefault(key, []).append(at)
    return found


def _all_places(items: Sequence[Item], answers: Answers, at: str) -> Iterator[tuple[str, str]]:
    for item in items:
        here = place(at, item.key)
        yield item.key, here
        if isinstance(item.answer, Rows):
            for number, row in enumerate(_rows(answers.get(item.key))):
                yield from _all_places(item.follow_ups, row, place(here, number))
        else:
            yield from _all_places(item.follow_ups, answers, at)


def with_answers(instrument: Instrument, answers: Answers, given: Mapping[str, Answer | None]) -> dict[str, Answer]:
    """The answers with those at the given places put in, or taken out where None is given."""
    return _with(instrument.tops(), answers, given, "")


def _with(items: Sequence[Item], answers: Answers, given: Mapping[str, Answer | None], at: str) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for item in items:
        here, answer = place(at, item.key), answers.get(item.key)
        if isinstance(item.answer, Rows) and isinstance(answer, tuple):
            rows = enumerate(_rows(answer))
            answer = tuple(_with(item.follow_ups, row, given, place(here, number)) for number, row in rows)
        elif here in given:
            answer = given[here]
        if answer is not None:
            found[item.key] = answer
        if not isinstance(item.answer, Rows):
            found |= _with(item.follow_ups, answers, given, at)
    return found


def _longest_chain(instrument: Instrument) -> int:
    """Each turn settles at least one more question of a chain of conditions."""
    return 2 + sum(1 for item in instrument.items() if item.rules and item.rules.shown)


def _places(items: Sequence[Item], scope: Scope, truths: Truths, at: str) -> Iterator[str]:
    for item in items:
        here = place(at, item.key)
        if not _is_asked(item, scope, truths.get(here, True)):
            continue
        yield here
        if isinstance(item.answer, Rows):
            for number, row in enumerate(_rows(scope.answers.get(item.key))):
                yield from _places(item.follow_ups, Scope(row, scope), truths, place(here, number))
        else:
            yield from _places(item.follow_ups, scope, truths, at)


def _rows(answer: object) -> tuple[Answers, ...]:
    return tuple(row for row in answer if isinstance(row, Mapping)) if isinstance(answer, tuple) else ()


def _kept(items: Sequence[Item], answers: Answers, places: frozenset[str], at: str) -> Iterator[tuple[str, Answer]]:
    for item in items:
        here = place(at, item.key)
        if here not in places:
            continue
        answer = answers.get(item.key)
        if isinstance(item.answer, Rows):
            rows = (
                dict(_kept(item.follow_ups, row, places, place(here, number)))
                for number, row in enumerate(_rows(answer))
            )
            if answer is not None:
                yield item.key, answer if isinstance(answer, NonAnswer) else tuple(rows)
            continue
        if answer is not None:
            yield item.key, answer
        yield from _kept(item.follow_ups, answers, places, at)


def _answered(items: Sequence[Item], answers: Answers, at: str) -> Iterator[tuple[str, Item, Answer]]:
    for item in items:
        here, answer = place(at, item.key), answers.get(item.key)
        if answer is not None:
            yield here, item, answer
        if isinstance(item.answer, Rows):
            for number, row in enumerate(_rows(answer)):
                yield from _answered(item.follow_ups, row, place(here, number))
        else:
            yield from _answered(item.follow_ups, answers, at)


def _is_asked(item: Item, scope: Scope, truth: bool) -> bool:
    shown = item.rules.shown if item.rules else None
    if shown is None:
        return True
    return truth if shown.expression else _tests_hold(shown, scope)


def _tests_hold(shown: Shown, scope: Scope) -> bool:
    results = (holds(test, scope.find(test.item)) for test in shown.tests)
    return any(results) if shown.any else all(results)


def holds(test: Test, answer: Answer | None) -> bool:
    """Whether any of the answers fits; without an answer only `exists` false does."""
    has = answer is not None and not isinstance(answer, NonAnswer)
    if test.operator is Operator.EXISTS:
        return has is test.value
    if not has:
        return False
    return any(_compares(test, each) for each in (answer if isinstance(answer, tuple) else (answer,)))


def _compares(test: Test, value: object) -> bool:
    match test.operator:
        case Operator.EQUALS:
            return _same(value, test.value)
        case Operator.DIFFERS:
            return not _same(value, test.value)
        case _:
            return _in_order(test.operator, value, test.value)


def _same(value: object, wanted: object) -> bool:
    """True is not 1: an answer is compared with a value of its own kind only."""
    return isinstance(value, bool) is isinstance(wanted, bool) and value == wanted


def _in_order(comparison: Operator, value: object, wanted: object) -> bool:
    pair = _comparable(value, wanted)
    return pair is not None and _ORDERS[comparison](*pair)


def _comparable(value: object, wanted: object) -> tuple[Any, Any] | None:
    """Numbers with numbers, amounts of one unit, ISO text with ISO text; anything else has no order."""
    if isinstance(value, Amount) and isinstance(wanted, Amount):
        return (value.number, wanted.number) if value.unit == wanted.unit else None
    if isinstance(value, str) and isinstance(wanted, str):
        return value, wanted
    if isinstance(value, int | Decimal) and isinstance(wanted, int | Decimal):
        return Decimal(value), Decimal(wanted)
    return None
