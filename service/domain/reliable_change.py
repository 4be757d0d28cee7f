"""The reliable change index (R5), withheld until someone answers for the numbers it needs.

Jacobson and Truax (1991): the difference over SD * sqrt(2) * sqrt(1 - r). Stepwell ships no SD and no reliability for
its own log, so the index is unavailable until they are entered with population, number of people, citation and
approver. Never from alpha of the practice's own few clients; a retest study of its own is a local estimate.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import isfinite, sqrt
from typing import Protocol

from schemas.vocabulary import ReliabilityMethod, ReliabilitySource
from service.domain.scoring import TOTAL

UNAVAILABLE = "unavailable: no reliability published"
UNAVAILABLE_NOTE = f"Reliable change index {UNAVAILABLE}."
BEYOND = 1.96
OWN_ALPHA = (
    "An alpha of the practice's own clients cannot stand here: it comes from few people and says nothing about how "
    "answers differ from one time to the next. Enter a published value or a retest study."
)


class Figures(Protocol):
    """What a reliability is made of, as stored or as typed."""

    @property
    def sd(self) -> float: ...
    @property
    def r(self) -> float: ...
    @property
    def population(self) -> str: ...
    @property
    def n(self) -> int: ...
    @property
    def citation(self) -> str: ...
    @property
    def approver(self) -> str: ...
    @property
    def source(self) -> ReliabilitySource: ...
    @property
    def method(self) -> ReliabilityMethod: ...


@dataclass(frozen=True)
class Reliability:
    """What the index needs: spread and reliability, of whom, how many, from where, and who approved their use."""

    sd: float
    r: float
    population: str
    n: int
    citation: str
    approver: str
    source: ReliabilitySource = ReliabilitySource.PUBLISHED
    method: ReliabilityMethod = ReliabilityMethod.RETEST

    def __post_init__(self) -> None:
        wrong = faults(self)
        if wrong:
            raise ValueError(f"a reliability needs {', '.join(wrong)}")


@dataclass(frozen=True)
class StatedReliability:
    """A reliability as entered for one score (`part`: a domain's key or `total`) of one instrument's major version."""

    id: str
    instrument_key: str
    major: int
    part: str
    reliability: Reliability
    entered_by: str
    entered_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class ReliableChange:
    """`index` beyond 1.96 either way would be rare by error of measurement alone; None when it is unavailable. `label`
    says on what it stands, or why there is none.
    """

    index: float | None
    label: str


def reliable_change(first: float, last: float, reliability: Reliability | None) -> ReliableChange:
    """(last - first) / (SD * sqrt(2) * sqrt(1 - r)); unavailable without a reliability (Jacobson and Truax 1991)."""
    if reliability is None:
        return ReliableChange(None, UNAVAILABLE)
    error = reliability.sd * sqrt(2) * sqrt(1 - reliability.r)
    return ReliableChange((last - first) / error, _label(reliability))


def faults(given: Figures) -> dict[str, str]:
    """What is missing or cannot be, by field: empty when the reliability may be used."""
    checks = (
        ("sd", isfinite(given.sd) and given.sd > 0, "The standard deviation is greater than 0."),
        ("r", 0 <= given.r < 1, "The reliability is 0 or more and under 1."),
        ("n", given.n > 1, "Say how many people the numbers come from: two or more."),
        ("population", bool(given.population.strip()), "Say whom the numbers come from."),
        ("citation", bool(given.citation.strip()), "Say where the numbers can be looked up."),
        ("approver", bool(given.approver.strip()), "Name the person who approved their use."),
        ("method", not _own_alpha(given), OWN_ALPHA),
    )
    return {field: words for field, holds, words in checks if not holds}


def standing(stated: Iterable[StatedReliability], *, key: str, major: int, part: str = TOTAL) -> Reliability | None:
    """The one in use for this score: the latest entered that was not withdrawn."""
    wanted = (key, major, part)
    found = [each for each in stated if (each.instrument_key, each.major, each.part) == wanted]
    in_use = [each for each in found if each.withdrawn_at is None]
    return max(in_use, key=lambda each: each.entered_at).reliability if in_use else None


def reliable_sentence(told: ReliableChange) -> str:
    """The index in words, with what it rests on; empty when there is none."""
    if told.index is None:
        return ""
    size = f"{abs(told.index):.2f} {'down' if told.index < 0 else 'up'}" if told.index else "0"
    place = "beyond" if abs(told.index) > BEYOND else "within"
    return (
        f"Reliable change index from first to last: {size}, {place} {BEYOND} ({told.label}). Beyond {BEYOND} would be "
        "rare by error of measurement alone; it says nothing about the cause, nor whether it matters to the person."
    )


def _own_alpha(given: Figures) -> bool:
    return given.source is ReliabilitySource.LOCAL and given.method is ReliabilityMethod.ALPHA


def _label(given: Reliability) -> str:
    basis = "local estimate" if given.source is ReliabilitySource.LOCAL else given.citation
    return f"{basis}, {given.population}, n = {given.n}, {given.method.label}, approved by {given.approver}"
