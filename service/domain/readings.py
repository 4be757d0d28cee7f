"""One course of readings: what may be compared with what, and what a chart must not join (domain model, sections 2.1,
2.2 and R6).

Values are tenths of a point, as in service/domain/scoring.py. Dates are those of the practice's own zone.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from schemas.instruments.capture import ContactContext
from service.domain.scoring import DomainScore, in_points

GAP_DAYS = 21
OVERLAP_DAYS = 5


class Reading(NamedTuple):
    """One response in the course. `tenths` is None when the form was declined or too much was missing to score it."""

    at: date
    tenths: int | None
    prorated: bool = False
    declined: bool = False
    context: ContactContext | None = None
    version: str = "1.0.0"

    @property
    def value(self) -> float | None:
        return None if self.tenths is None else in_points(self.tenths)

    @property
    def major(self) -> str:
        return self.version.split(".", 1)[0]


def reading(at: date, scored: DomainScore, *, context: ContactContext | None, version: str) -> Reading:
    """The reading that a response of this day gives for one domain or the total."""
    return Reading(at, scored.tenths, scored.prorated, context=context, version=version)


class Point(NamedTuple):
    """A day and a value in tenths, for the rules of change."""

    at: date
    tenths: int

    @property
    def value(self) -> float:
        return in_points(self.tenths)


def comparable(readings: Sequence[Reading]) -> tuple[Point, ...]:
    """The scored readings that may be compared, oldest first.

    A new major version is another scale, so only readings of the latest one's major version count. Of several on one
    day the last counts.
    """
    scored = sorted((each for each in readings if each.tenths is not None), key=lambda each: each.at)
    latest = scored[-1].major if scored else ""
    by_day = {each.at: each.tenths for each in scored if each.major == latest and each.tenths is not None}
    return tuple(Point(at, tenths) for at, tenths in by_day.items())


def gaps(readings: Sequence[Reading]) -> tuple[tuple[date, date], ...]:
    """R6: stretches of more than 21 days between neighbouring scored readings; drawn dashed. Declined readings do not
    bridge a gap.
    """
    days = sorted({each.at for each in readings if each.tenths is not None})
    return tuple((before, after) for before, after in pairwise(days) if (after - before).days > GAP_DAYS)


def declined_on(readings: Sequence[Reading]) -> tuple[date, ...]:
    """R6: days on which the form was declined; shown as ticks and never joined."""
    return tuple(sorted({each.at for each in readings if each.declined}))


def overlaps_recall(readings: Sequence[Reading], overlap_days: int = OVERLAP_DAYS) -> tuple[date, ...]:
    """Days of readings taken less than `overlap_days` after the one before: they ask in part about the same days."""
    days = sorted(each.at for each in readings if not each.declined)
    return tuple(after for before, after in pairwise(days) if (after - before).days < overlap_days)
