"""Answers to an instrument as a plain value, and the one place that says what a fitting answer is.

`Answers` maps item keys to answers; an item that is missing was not asked. A chosen option is stored as its code, a
number as int, yes or no as bool, several options as a tuple of codes. As JSON (stored, posted, exported) each answer is
`{"value": ...}` or `{"skipped": "declined"}`; reading it back gives the same value. Nothing is coerced.
"""

import unicodedata
from collections.abc import Mapping
from typing import assert_never

from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument
from schemas.instruments.kinds import AnswerKind, Choice, MultiChoice, Text, WholeNumber, YesNo

Value = str | int | bool | tuple[str, ...]
Answer = Value | NonAnswer
Answers = Mapping[str, Answer]

_REASONS = {reason.value: reason for reason in NonAnswer}
_LINE_BREAKS_AND_TABS = "\n\r\t"


def answer_to(answers: Answers, key: str) -> Answer:
    """The answer or the kind of non-answer; what is missing was not asked."""
    return answers.get(key, NonAnswer.NOT_ASKED)


def value_of(answers: Answers, key: str) -> Value | None:
    """The answer itself, or None for each kind of non-answer."""
    answer = answer_to(answers, key)
    return None if isinstance(answer, NonAnswer) else answer


def to_json(answers: Answers) -> dict[str, object]:
    """Plain JSON data; `from_json` gives the same answers back."""
    return {key: _entry(answer) for key, answer in answers.items()}


def _entry(answer: Answer) -> dict[str, object]:
    if isinstance(answer, NonAnswer):
        return {"skipped": answer.value}
    return {"value": list(answer) if isinstance(answer, tuple) else answer}


def from_json(instrument: Instrument, data: object) -> Answers:
    """Answers from JSON data. Raises ValueError naming the item that does not fit; never repeats what was answered."""
    match data:
        case {**entries}:
            return dict(_read_named(instrument, key, entry) for key, entry in entries.items())
        case _:
            raise ValueError("answers must be an object keyed by item")


def _read_named(instrument: Instrument, key: object, entry: object) -> tuple[str, Answer]:
    if not isinstance(key, str) or not instrument.has(key):
        raise ValueError("answers hold a key that is no item of this instrument")
    try:
        return key, read_entry(instrument.item(key).answer, entry)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def read_entry(kind: AnswerKind, entry: object) -> Answer:
    """One `{"value": ...}` or `{"skipped": ...}`. Raises ValueError with a sentence fit to be shown at the item."""
    match entry:
        case {"value": value, **rest} if not rest:
            return read_value(kind, value)
        case {"skipped": str(reason), **rest} if not rest:
            return _read_reason(reason)
        case _:
            raise ValueError('Give either {"value": ...} or {"skipped": ...}, and nothing else.')


def _read_reason(reason: str) -> NonAnswer:
    if reason not in _REASONS:
        raise ValueError(f"The reason for skipping must be one of: {', '.join(_REASONS)}.")
    return _REASONS[reason]


def read_value(kind: AnswerKind, value: object) -> Value:
    """The value as stored, if it is exactly of the kind. Raises ValueError with a sentence for the item."""
    match kind:
        case Choice():
            return _read_code(kind.codes, value)
        case MultiChoice():
            return _read_codes(kind, value)
        case WholeNumber():
            return _read_whole(kind, value)
        case Text():
            return _read_text(kind, value)
        case YesNo():
            return _read_yes_no(value)
        case _:
            assert_never(kind)


def _read_code(codes: tuple[str, ...], value: object) -> str:
    if not isinstance(value, str) or value not in codes:
        raise ValueError(f"Choose one of: {', '.join(codes)}.")
    return value


def _read_codes(kind: MultiChoice, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(f"Choose one or more of: {', '.join(kind.codes)}.")
    codes = tuple(_read_code(kind.codes, code) for code in value)
    if len(set(codes)) != len(codes):
        raise ValueError("Each may be chosen once only.")
    lone = next((code for code in codes if code in kind.alone), None)
    if lone is not None and len(codes) > 1:
        raise ValueError(f"{lone} cannot be chosen together with others.")
    return codes


def _read_whole(kind: WholeNumber, value: object) -> int:
    if type(value) is not int or not kind.low <= value <= kind.high:
        raise ValueError(f"Give a whole number from {kind.low} to {kind.high}.")
    return value


def _read_text(kind: Text, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("Write something, or choose a reason for skipping.")
    if len(value) > kind.max_length:
        raise ValueError(f"Use at most {kind.max_length} characters.")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in _LINE_BREAKS_AND_TABS for c in value):
        raise ValueError("The text holds control characters that cannot be stored.")
    return value


def _read_yes_no(value: object) -> bool:
    match value:
        case bool():
            return value
        case _:
            raise ValueError("Answer true or false.")
