"""Answers to an instrument as a plain value.

`Answers` maps item keys to answers; an item that is missing was not asked. A chosen option is stored as its code, a
number as int or Decimal, yes or no as bool, dates and times as ISO text, several answers as a tuple, and rows of a
repeated group as a tuple of Answers. As JSON (stored, posted, exported) each answer is `{"value": ...}` or
`{"skipped": "declined"}`; reading it back gives the same value. What fits a kind is in fitting.py.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item
from schemas.instruments.fitting import read_value
from schemas.instruments.kinds import AnswerKind, Rows, holds_answer
from schemas.instruments.value import Amount, Single

Value = Single | tuple[Single, ...] | tuple["Answers", ...]
Answer = Value | NonAnswer
Answers = Mapping[str, "Answer"]

_REASONS = {reason.value: reason for reason in NonAnswer}


def answer_to(answers: Answers, key: str) -> Answer:
    """The answer or the kind of non-answer; what is missing was not asked."""
    return answers.get(key, NonAnswer.NOT_ASKED)


def answers_to(answers: Answers, key: str) -> tuple[Answer, ...]:
    """Every answer to an item: one, but for what is asked in rows, where there is one a row."""
    return tuple(_everywhere(answers, key)) or (NonAnswer.NOT_ASKED,)


def _everywhere(answers: Answers, key: str) -> Iterator[Answer]:
    if key in answers:
        yield answers[key]
    for each in answers.values():
        for row in each if isinstance(each, tuple) else ():
            if isinstance(row, Mapping):
                yield from _everywhere(row, key)


def value_of(answers: Answers, key: str) -> Value | None:
    """The answer itself, or None for each kind of non-answer."""
    answer = answer_to(answers, key)
    return None if isinstance(answer, NonAnswer) else answer


def to_json(answers: Answers) -> dict[str, object]:
    """Plain JSON data; `from_json` gives the same answers back."""
    return {key: _entry(answer) for key, answer in answers.items()}


def _entry(answer: Answer | object) -> dict[str, object]:
    if isinstance(answer, NonAnswer):
        return {"skipped": answer.value}
    return {"value": _plain(answer)}


def _plain(value: object) -> object:
    match value:
        case tuple():
            return [_plain(each) for each in value]
        case Decimal():
            return str(value)
        case Amount():
            return {"number": str(value.number), "unit": value.unit}
        case {**entries}:
            return {key: _entry(answer) for key, answer in entries.items()}
        case _:
            return value


def from_json(instrument: Instrument, data: object) -> Answers:
    """Answers from JSON data. Raises ValueError naming the item that does not fit; never repeats what was answered."""
    return _read_all(instrument.asked_by_key, data)


def _read_all(items: Mapping[str, Item], data: object) -> Answers:
    if not isinstance(data, Mapping):
        raise ValueError("answers must be an object keyed by item")
    return {key: _read_named(items, key, entry) for key, entry in data.items()}


def _read_named(items: Mapping[str, Item], key: object, entry: object) -> Answer:
    if not isinstance(key, str) or key not in items:
        raise ValueError("answers hold a key that is no item of this instrument")
    try:
        return read_answer(items[key], entry)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def read_answer(item: Item, entry: object) -> Answer:
    """One `{"value": ...}` or `{"skipped": ...}` of an item, rows of a repeated group included. Raises ValueError with
    a sentence fit to be shown at the item.
    """
    kind = item.answer
    if not isinstance(kind, Rows):
        return read_entry(kind, entry)
    match entry:
        case {"value": [*given], **rest} if not rest:
            return _read_rows(item, kind, given)
        case _:
            return read_entry(kind, entry)


def _read_rows(item: Item, rows: Rows, given: list[object]) -> tuple[Answers, ...]:
    if not rows.least <= len(given) <= rows.most:
        raise ValueError(f"Give {rows.least} to {rows.most} rows.")
    inside = {each.key: each for each in item.inside()}
    return tuple(_read_row(inside, number, row) for number, row in enumerate(given, start=1))


def _read_row(inside: Mapping[str, Item], number: int, row: object) -> Answers:
    try:
        return _read_all(inside, row)
    except ValueError as error:
        raise ValueError(f"row {number}: {error}") from None


def read_entry(kind: AnswerKind, entry: object) -> Answer:
    """One `{"value": ...}` or `{"skipped": ...}`. Raises ValueError with a sentence fit to be shown at the item."""
    alone = isinstance(entry, dict) and len(entry) == 1
    match entry:
        case {"value": value} if alone and holds_answer(kind):
            return read_value(kind, value)
        case {"skipped": str(reason)} if alone:
            return _read_reason(reason)
        case _:
            raise ValueError('Give either {"value": ...} or {"skipped": ...}, and nothing else.')


def _read_reason(reason: str) -> NonAnswer:
    if reason not in _REASONS:
        raise ValueError(f"The reason for skipping must be one of: {', '.join(_REASONS)}.")
    return _REASONS[reason]
