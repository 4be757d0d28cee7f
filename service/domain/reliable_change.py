"""The reliable change index (R5), withheld until someone answers for the numbers it needs.

Jacobson and Truax (1991): the difference over SD * sqrt(2) * sqrt(1 - r). Stepwell ships no SD and no reliability for
its own log, so the index is unavailable until they are entered with population, number of people, citation and
approver. Never from alpha of the practice's own few clients.
"""

from dataclasses import dataclass
from math import sqrt

UNAVAILABLE = "unavailable: no reliability published"


@dataclass(frozen=True)
class Reliability:
    """A published, or local, retest reliability, with the person who approved its use."""

    sd: float
    r: float
    population: str
    n: int
    citation: str
    approver: str
    local: bool = False

    def __post_init__(self) -> None:
        if not (self.sd > 0 and 0 <= self.r < 1 and self.n > 1):
            raise ValueError("a reliability needs sd > 0, 0 <= r < 1 and n > 1")
        if not all(text.strip() for text in (self.population, self.citation, self.approver)):
            raise ValueError("a reliability needs its population, citation and approver")


@dataclass(frozen=True)
class ReliableChange:
    """`index` beyond 1.96 either way would be rare by error of measurement alone. `label` says on what it stands."""

    index: float
    label: str


def reliable_change(first: float, last: float, reliability: Reliability | None) -> ReliableChange | None:
    """None when it is unavailable; show UNAVAILABLE then."""
    if reliability is None:
        return None
    error = reliability.sd * sqrt(2) * sqrt(1 - reliability.r)
    basis = "local estimate" if reliability.local else reliability.citation
    return ReliableChange((last - first) / error, f"{basis}, {reliability.population}, n = {reliability.n}")
