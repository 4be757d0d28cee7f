"""Answers to an imported form -> items of a response -> the same answers, for every sample."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, assert_never

import pytest

from schemas.instruments.answer import Answer, Answers, from_json, to_json
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import (
    OWN_WORDS,
    AnswerKind,
    Choice,
    Day,
    DecimalNumber,
    Group,
    Many,
    Moment,
    MultiChoice,
    Note,
    Quantity,
    Rows,
    Text,
    TimeOfDay,
    WholeNumber,
    YesNo,
)
from schemas.instruments.value import Amount
from service.fhir.importing.form import read_form
from service.fhirpath.response_items import answers_from_items, response_items
from tests.forms import NAMES, PRACTICE, hundred_items, instrument_of, to_bytes

WORDS = ("Zoë said no", "שלום", "a\nb", "=", "x" * 12)
BASE = "https://stepwell.example.org/StructureDefinition/"


def answered(items: Sequence[Item], chance: random.Random) -> dict[str, Answer]:
    """Every question answered, skipped or left out."""
    found: dict[str, Answer] = {}
    for item in items:
        if isinstance(item.answer, Rows):
            rows = tuple(answered(item.follow_ups, chance) for _ in range(chance.randrange(3)))
            found |= {item.key: rows} if rows and all(rows) else {}
            continue
        fate = chance.random()
        if not isinstance(item.answer, Group | Note) and fate < 0.9:
            found[item.key] = value(item.answer, chance) if fate > 0.15 else chance.choice(list(NonAnswer))
        found |= answered(item.follow_ups, chance)
    return found


def value(kind: AnswerKind, chance: random.Random) -> Any:
    match kind:
        case Choice():
            own = f"{OWN_WORDS}{WORDS[0]}" if kind.open_length else kind.codes[0]
            return chance.choice([*kind.codes, own])
        case MultiChoice():
            free = [code for code in kind.codes if code not in kind.alone]
            return tuple(chance.sample(free, chance.randrange(1, len(free) + 1)))
        case WholeNumber():
            return chance.randint(kind.low, kind.high)
        case DecimalNumber():
            return number(kind, chance)
        case Quantity():
            return Amount(number(kind.number, chance), chance.choice(kind.codes or ("",)))
        case Text():
            words = "https://a.example/x" if kind.link else chance.choice(WORDS)
            return (words * 3)[: kind.max_length] if len(words) < kind.min_length else words[: kind.max_length]
        case YesNo():
            return chance.random() < 0.5
        case Day():
            return chance.choice(["2026-05-04", "2026-02"] if kind.partial else ["2026-05-04", "2024-02-29"])
        case Moment():
            return "2026-05-04T10:20:30+02:00"
        case TimeOfDay():
            return "09:30:00"
        case Many():
            return tuple(value(kind.of, chance) for _ in range(chance.randrange(1, 4)))
        case Group() | Note() | Rows():
            raise AssertionError("no single answer")
        case _:
            assert_never(kind)


def number(kind: DecimalNumber, chance: random.Random) -> Decimal:
    digits = 2 if kind.places is None else kind.places
    low = kind.low if kind.low is not None else Decimal(-50)
    high = kind.high if kind.high is not None else low + 100
    return Decimal(chance.randint(int(low), int(high) - 1)) + Decimal(chance.randrange(10**digits)).scaleb(-digits)


def check_back_and_forth(instrument: Instrument, answers: Answers) -> None:
    assert from_json(instrument, to_json(answers)) == answers
    items = response_items(instrument, answers, BASE)
    assert answers_from_items(instrument, items) == answers


@pytest.mark.parametrize("name", NAMES)
def test_answers_to_every_sample_come_back_as_they_were(name: str) -> None:
    instrument, chance = instrument_of(name), random.Random(name)
    for _ in range(60):
        check_back_and_forth(instrument, answered([*instrument.extra[0].items], chance))


def test_answers_to_a_hundred_items_come_back_as_they_were() -> None:
    instrument = read_form(to_bytes(hundred_items()), PRACTICE).instrument
    assert instrument is not None
    check_back_and_forth(instrument, answered(instrument.extra[0].items, random.Random(1)))
