"""The slope of a few readings without assumptions about their spread (R2).

Theil (1950) and Sen (1968): the median of the slopes of all pairs. Its interval runs between two of the ordered slopes;
which two follows from the exact null distribution of Kendall's S (the number of orderings of n values with a given
number of swapped pairs), so that a claim of direction at five readings needs all ten pairs to move the same way. Above
40 readings the normal approximation stands in for the exact count. Equal values are counted as no movement, which makes
a claim harder, never easier. Readings of one person lean on each other, so the interval is rather too narrow than too
wide: reported as a prompt for a conversation only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import factorial, floor, sqrt
from statistics import median

from service.domain.readings import Point

EXACT_UP_TO = 40
Z_95 = 1.959964
POINTS_PER_WEEK = 0.7  # one tenth of a point per day


@dataclass(frozen=True)
class Slope:
    """Points per week: the middle slope and its 95 % interval."""

    per_week: float
    low: float
    high: float


def slope(points: Sequence[Point]) -> Slope | None:
    """The points must lie on different days. None where even a perfect run would not reach 95 % (fewer than five
    points).
    """
    rank = interval_rank(len(points))
    if rank is None:
        return None
    slopes = _pair_slopes(points)
    return Slope(*(POINTS_PER_WEEK * each for each in (median(slopes), slopes[rank], slopes[-1 - rank])))


def _pair_slopes(points: Sequence[Point]) -> list[float]:
    """Slopes of all pairs in tenths per day, ordered."""
    plain = [(point.at.toordinal(), point.tenths) for point in points]
    return sorted([(later - earlier) / (end - start) for (start, earlier), (end, later) in combinations(plain, 2)])


@lru_cache(maxsize=512)
def interval_rank(n: int) -> int | None:
    """How many ordered slopes lie outside the 95 % interval at each end; None where no such interval exists.

    With s swapped pairs out of n(n-1)/2, the interval drops the largest rank j for which P(s <= j) is at most 2.5 %.
    """
    return _exact_rank(n) if n <= EXACT_UP_TO else _approximate_rank(n)


def _exact_rank(n: int) -> int | None:
    allowed, seen, rank = factorial(n), 0, -1
    for count in orderings_by_swaps(n):
        seen += count
        if 40 * seen > allowed:
            break
        rank += 1
    return rank if rank >= 0 else None


def orderings_by_swaps(n: int) -> list[int]:
    """How many orderings of n different values have 0, 1, 2, ... swapped pairs."""
    counts = [1]
    for size in range(2, n + 1):
        wide = len(counts) + size - 1
        counts = [sum(counts[max(0, swaps - size + 1) : swaps + 1]) for swaps in range(wide)]
    return counts


def _approximate_rank(n: int) -> int:
    pairs, spread = n * (n - 1) / 2, sqrt(n * (n - 1) * (2 * n + 5) / 18)
    return floor((pairs - Z_95 * spread) / 2 - 0.5)
