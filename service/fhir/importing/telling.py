"""What an import says of a form: each item with what it becomes here, each remark with its place."""

from collections.abc import Iterator
from typing import assert_never

from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import (
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
from service.fhir.importing.findings import Finding, Weight, on_one_line
from service.fhir.importing.form import Reading

WORDS = {
    Weight.REFUSED: "refused",
    Weight.UNSUPPORTED: "not supported",
    Weight.WARNING: "warning",
    Weight.KEPT: "kept in the original",
    Weight.NOTE: "note",
}


def lines(reading: Reading) -> Iterator[str]:
    """For a terminal: the items that can be asked, then every remark."""
    if reading.instrument is not None:
        yield from (
            f"supported: {on_one_line(each.name)}: {what(each.answer)}" for each in items_of(reading.instrument)
        )
    yield from (remark(each) for each in reading.findings)


def items_of(instrument: Instrument) -> Iterator[Item]:
    """What is asked or shown, without the notes that stand for items that are not asked."""
    return (each for each in instrument.items() if not isinstance(each.answer, Note))


def remark(finding: Finding) -> str:
    place = ", ".join(each for each in (finding.link_id and f"item {finding.link_id}", finding.path) if each)
    return f"{WORDS[finding.weight]}: {place + ': ' if place else ''}{finding.words}"


def what(kind: AnswerKind) -> str:
    """What an item is answered with, in a few words."""
    match kind:
        case Choice():
            return f"one of {_options(kind)}{', or own words' if kind.open_length else ''}"
        case MultiChoice():
            return f"any of {_options(kind)}{', or own words' if kind.open_length else ''}"
        case WholeNumber():
            return "whole number"
        case DecimalNumber():
            return "number"
        case Quantity():
            return "number with a unit" if kind.units else "number"
        case Text():
            return "web address" if kind.link else "text"
        case YesNo():
            return "yes or no"
        case Day():
            return "date"
        case Moment():
            return "date and time"
        case TimeOfDay():
            return "time"
        case Many():
            return f"several answers, each: {what(kind.of)}"
        case Group():
            return "heading"
        case Rows():
            return f"questions asked up to {kind.most} times"
        case Note():
            return "words to read"
        case _:
            assert_never(kind)


def _options(kind: Choice | MultiChoice) -> str:
    return "1 option" if len(kind.options) == 1 else f"{len(kind.options)} options"
