"""What is known of an imported form beside its definition: who answers for it, where it stands, published thresholds.

A published change threshold is a number from the literature: how far a result must move to count as changed. It is
shown with its citation and never stands alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from schemas.instruments.definition import Instrument, Status

LONGEST_CITATION = 1_000


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
