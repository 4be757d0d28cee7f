"""What is known of an imported form beside its definition: who answers for it, where it stands, published thresholds.

A published change threshold is a number from the literature: how far a result must move to count as changed. It is
shown with its citation and never stands alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from math import ceil

from schemas.instruments.definition import Instrument, Item, Status
from schemas.instruments.kinds import AnswerKind, Choice, DecimalNumber, Quantity, WholeNumber

LONGEST_CITATION = 1_000
# Above this a bound is a technical limit, not the range of a measure.
HIGHEST = 1_000
# Whatever makes of a sum something else than the sum of the chosen options.
NO_PLAIN_SUM = ("*", "/", "avg(", "-", "power(", "div ", "aggregate(")
_IS, _BEGINS = re.compile(r"linkId\s*=\s*'([^']*)'"), re.compile(r"linkId\.startsWith\('([^']*)'\)")


@dataclass(frozen=True)
class Threshold:
    """`result` is the key of a worked-out number of the form; it has changed when it moved by `change` or more."""

    result: str
    change: Decimal
    citation: str


@dataclass(frozen=True)
class Attested:
    """Who said that the practice may use the form, when, and on which grounds."""

    name: str
    at: datetime
    licence: str


@dataclass(frozen=True)
class Imported:
    """One imported version. `status` is read apart from the definition, which never changes."""

    id: str
    practice_id: str
    instrument: Instrument
    status: Status
    attested: Attested
    original_hash: str
    thresholds: tuple[Threshold, ...]
    version: int
    updated_at: datetime


@dataclass(frozen=True)
class Range:
    """How high a number can get, counted from 0, and in words how that is known."""

    high: int
    words: str


def range_of(instrument: Instrument, key: str) -> Range | None:
    """What the form says itself; else what its options add up to, where its only number is their plain sum."""
    kind = instrument.item(key).answer
    high = kind.high if isinstance(kind, WholeNumber | DecimalNumber | Quantity) else None
    if high is not None and 0 < high <= HIGHEST:
        return Range(ceil(high), f"The form gives {ceil(high)} as the highest possible number.")
    return _added_up(instrument, key) if len(instrument.results) == 1 else None


def _added_up(instrument: Instrument, key: str) -> Range | None:
    words = " ".join(_expressions(instrument, key))
    if ".sum()" not in words or any(sign in words for sign in NO_PLAIN_SUM):
        return None
    weights = [_weights(item.answer) for item in _named_in(instrument, words)]
    if any(weight < 0 for each in weights for weight in each):
        return None
    high = sum(max(each) for each in weights if each)
    return Range(ceil(high), f"Its highest options add up to {high}.") if 0 < high <= HIGHEST else None


def _named_in(instrument: Instrument, words: str) -> list[Item]:
    """The items that an expression names by their linkId, with what lies below them; all where it names none."""
    whole, begun = _IS.findall(words), _BEGINS.findall(words)
    tops = [each for each in instrument.items() if each.name in whole or each.name.startswith(tuple(begun))]
    found = [item for each in tops for item in each.walk()] if whole or begun else list(instrument.items())
    return list({each.key: each for each in found}.values())


def _weights(kind: AnswerKind) -> list[int | Decimal]:
    return [each.weight for each in kind.options if each.weight is not None] if isinstance(kind, Choice) else []


def _expressions(instrument: Instrument, key: str) -> Iterator[str]:
    """What works the number out, with the variables that it may use."""
    rules = instrument.item(key).rules
    if rules is not None:
        yield rules.calculated
    for variable in instrument.origin.variables if instrument.origin else ():
        yield variable.expression


def told_change(first: Decimal, latest: Decimal, threshold: Threshold | None) -> str:
    """What may be said of two results: how far they are apart and, where one was published, beside which threshold.

    Nothing is called better or worse: which way is which is the form's own business.
    """
    moved = latest - first
    if moved == 0:
        return "The same as at the first time."
    words = f"{'Up' if moved > 0 else 'Down'} by {abs(moved):f} since the first time."
    if threshold is None:
        return f"{words} No change threshold is attached to this number."
    is_enough = abs(moved) >= threshold.change
    beside = "which is at least" if is_enough else "about the same: less than"
    return f"{words[:-1]}, {beside} the published threshold of {threshold.change:f} ({threshold.citation})."


def read_change(text: str) -> Decimal | None:
    """A positive number as typed, None for anything else."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 < number < 10**9 and len(text) < 20 else None


def threshold_faults(instrument: Instrument, result: str, change: str, citation: str) -> Mapping[str, str]:
    """Field -> what is wrong with it."""
    wrong: dict[str, str] = {}
    if result not in instrument.results:
        wrong["result"] = "Choose one of the numbers that the form works out."
    if read_change(change) is None:
        wrong["change"] = "Give a number above 0."
    if not citation.strip():
        wrong["citation"] = "Say where the number was published."
    elif len(citation) > LONGEST_CITATION:
        wrong["citation"] = f"Use at most {LONGEST_CITATION} characters."
    return wrong
