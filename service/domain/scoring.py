"""Answers -> Score, by the rules of domain model section 2.3.

Points are counted in tenths, as whole numbers: a prorated domain has one decimal, and sums of tenths carry no float
noise. `value` gives the number to show or export. A missing answer is never read as 0, and a place is on the
instrument's own range only.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, assert_never

from schemas.instruments.answer import Answer, Answers
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Domain, Instrument, Scoring
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

PLACE_SENTENCE = "place on this log's own range, not compared with other people"
TOTAL = "total"


class DomainScore(NamedTuple):
    """Points of one domain, or of the total. `tenths` is None where too much is missing; `ceiling` is the highest
    possible value.
    """

    key: str
    tenths: int | None
    prorated: bool
    answered: int
    missing: int
    ceiling: int
    position: str | None

    @property
    def value(self) -> float | None:
        """23 or 8.8: an int where there is no fraction, so that it is written without one."""
        return None if self.tenths is None else in_points(self.tenths)

    @property
    def text(self) -> str:
        return "not scored" if self.tenths is None else str(self.value)

    @property
    def place(self) -> str:
        """`high on this log`, or nothing where there is no score. Always shown together with PLACE_SENTENCE."""
        return "" if self.position is None else f"{self.position} on this log"


class Score(NamedTuple):
    """All domains, the total, and how many scored items were answered with 2 or more."""

    domains: tuple[DomainScore, ...]
    total: DomainScore
    at_least_two: int

    def domain(self, key: str) -> DomainScore:
        """Raises KeyError for a key that is neither a domain nor the total."""
        for each in (self.total, *self.domains):
            if each.key == key:
                return each
        raise KeyError(key)


def in_points(tenths: int) -> float:
    """Tenths as the number to show: an int where there is no fraction."""
    whole, rest = divmod(tenths, 10)
    return tenths / 10 if rest else whole


def weight_of(kind: AnswerKind, answer: Answer) -> int | Decimal | None:
    """What the answer counts, or None for a non-answer and for kinds that do not count."""
    if isinstance(answer, NonAnswer):
        return None
    match kind:
        case Choice():
            return kind.weight(answer) if isinstance(answer, str) else None
        case WholeNumber():
            return answer if isinstance(answer, int) else None
        case DecimalNumber():
            return answer if isinstance(answer, Decimal) else None
        case MultiChoice() | Text() | YesNo() | Quantity() | Day() | Moment() | TimeOfDay():
            return None
        case Many() | Group() | Note() | Rows():
            return None
        case _:
            assert_never(kind)


def score(instrument: Instrument, answers: Answers) -> Score:
    """Raises ValueError for an instrument that is not scored."""
    scoring = instrument.scoring
    if scoring is None:
        raise ValueError(f"{instrument.key} has no scoring")
    weights = {domain.key: _weights(domain, answers) for domain in instrument.domains}
    domains = tuple(_domain_score(domain, weights[domain.key], scoring) for domain in instrument.domains)
    high = sum(1 for known in weights.values() for weight in known if weight >= 2)
    return Score(domains, _total(domains, len(instrument.scored_items()), scoring), high)


def score_if_any(instrument: Instrument, answers: Answers) -> Score | None:
    """The score, or None for an instrument that has none."""
    return None if instrument.scoring is None else score(instrument, answers)


def _weights(domain: Domain, answers: Answers) -> list[int]:
    """Weights of the answered items only."""
    asked = ((item.answer, answers[item.key]) for item in domain.items if item.key in answers)
    weights = [weight_of(kind, answer) for kind, answer in asked]
    return [weight for weight in weights if isinstance(weight, int)]


def _domain_score(domain: Domain, known: Sequence[int], scoring: Scoring) -> DomainScore:
    items, answered = len(domain.items), len(known)
    missing = items - answered
    tenths = _prorate(sum(known), answered, items) if missing <= scoring.missing_allowed else None
    return DomainScore(
        key=domain.key,
        tenths=tenths,
        prorated=tenths is not None and missing > 0,
        answered=answered,
        missing=missing,
        ceiling=_ceiling(items, scoring),
        position=_position(tenths, items, scoring),
    )


def _prorate(points: int, answered: int, items: int) -> int:
    """Items times the mean of the answered ones, in tenths, half rounds up (as the FHIRPath `round(1)` of the exported
    form does).
    """
    return (20 * items * points + answered) // (2 * answered)


def _total(domains: Sequence[DomainScore], items: int, scoring: Scoring) -> DomainScore:
    known = [domain.tenths for domain in domains if domain.tenths is not None]
    tenths = sum(known) if len(known) == len(domains) else None
    return DomainScore(
        key=TOTAL,
        tenths=tenths,
        prorated=tenths is not None and any(domain.prorated for domain in domains),
        answered=sum(domain.answered for domain in domains),
        missing=sum(domain.missing for domain in domains),
        ceiling=_ceiling(items, scoring),
        position=_position(tenths, items, scoring),
    )


def _ceiling(items: int, scoring: Scoring) -> int:
    return items * (len(scoring.positions) - 1)


def _position(tenths: int | None, items: int, scoring: Scoring) -> str | None:
    """The anchor nearest to the mean item, half rounds up: for 15 items 0-7, 8-22, 23-37, 38-52, 53-60; for 5 items
    0-2, 3-7, ...
    """
    if tenths is None:
        return None
    return scoring.positions[(2 * tenths + 10 * items) // (20 * items)]
