"""A person's own earlier range, and readings that leave it (R3, R8).

Individuals and moving range chart: the mean of the baseline, plus and minus 2.66 (= 3 / 1.128) times its mean moving
range, clipped to the scale. A signal is a reading outside the limits, or eight in a row on one side of the baseline
median (readings on it are skipped). The earlier readings are the first eight until there are twelve, which settle the
limits; a worsening among the ninth to twelfth is not taken into the range that it is measured by. The rule "five rising
in a row" is not used: for slow drift it is nearly useless (Anhøj and Olesen 2014 on run charts, domain model 2.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from statistics import fmean, median

from service.domain.readings import Point

BASELINE_LEAST, BASELINE_BETTER, SETTLED_FROM = 6, 8, 12
RUN_LENGTH = 8
MOVING_RANGE_FACTOR = 2.66


@dataclass(frozen=True)
class PersonalRange:
    """Limits in points, drawn from the first `n` readings; provisional under 12 of them."""

    n: int
    mean: float
    median: float
    low: float
    high: float

    @property
    def provisional(self) -> bool:
        return self.n < SETTLED_FROM


@dataclass(frozen=True)
class Signals:
    """`outside` holds the days of readings beyond the limits, `run` the first and last day of the latest long run on
    one side.
    """

    outside: tuple[date, ...] = ()
    run: tuple[date, date] | None = None

    def __bool__(self) -> bool:
        return bool(self.outside) or self.run is not None


def personal_range(points: Sequence[Point], *, ceiling: int, baseline: int = BASELINE_BETTER) -> PersonalRange | None:
    """Limits from the first `baseline` readings, or from as many as there are; None under six."""
    first = [point.value for point in points[: max(baseline, BASELINE_LEAST)]]
    if len(first) < BASELINE_LEAST:
        return None
    mean = fmean(first)
    reach = MOVING_RANGE_FACTOR * fmean(abs(after - before) for before, after in pairwise(first))
    return PersonalRange(len(first), mean, median(first), max(0.0, mean - reach), min(float(ceiling), mean + reach))


def baseline_phase(points: Sequence[Point], *, ceiling: int, threshold: float) -> int:
    """How many first readings make the baseline: eight, and twelve once there are as many, unless the last four of
    them ask for a review against the first eight. Eight or fewer give a provisional range.
    """
    if len(points) < SETTLED_FROM:
        return BASELINE_BETTER
    first = personal_range(points, ceiling=ceiling)
    later = range(BASELINE_BETTER + 1, SETTLED_FROM + 1)
    worse = first and any(asks_for_review(points[:n], first, threshold=threshold) for n in later)
    return BASELINE_BETTER if worse else SETTLED_FROM


def signals(points: Sequence[Point], limits: PersonalRange) -> Signals:
    """What in the whole course leaves the limits. Prompts for a conversation, never findings."""
    outside = tuple(point.at for point in points if not limits.low <= point.value <= limits.high)
    return Signals(outside, _latest_run(points, limits.median))


def _latest_run(points: Sequence[Point], middle: float) -> tuple[date, date] | None:
    """The latest stretch of eight or more on one side of the middle."""
    sided = [point for point in points if point.value != middle]
    runs = [list(run) for _, run in groupby(sided, key=lambda point: point.value > middle)]
    long_runs = [(run[0].at, run[-1].at) for run in runs if len(run) >= RUN_LENGTH]
    return long_runs[-1] if long_runs else None


def asks_for_review(points: Sequence[Point], limits: PersonalRange, *, threshold: float) -> bool:
    """R8: after the baseline, the last two readings each lie `threshold` or more above its mean, or the last one lies
    above the upper limit (TR-8).
    """
    if len(points) <= limits.n:
        return False
    raised = all(point.value - limits.mean >= threshold for point in points[-2:])
    return raised or points[-1].value > limits.high
