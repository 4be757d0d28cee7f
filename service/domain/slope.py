"""The slope of a few readings without assumptions about their spread (R2).

Theil (1950) and Sen (1968): the median of the slopes of all pairs. Its interval runs between two of the ordered slopes;
which two follows from the exact null distribution of Kendall's S (the number of orderings of n values with a given
number of swapped pairs), so that a claim of direction at five readings needs all ten pairs to move the same way. Above
40 readings the normal approximation stands in for the exact count. Equal values are counted as no movement, which makes
a claim harder, never easier. Readings of one person lean on each other, so the interval is rather too narrow than too
wide: reported as a prompt for a conversation only.
"""

from bisect import bisect
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
SORTED_UP_TO = 60  # readings up to which sorting the slopes of all pairs is quickest
MARGINS = (0.03, 0.1, 0.25)  # of all pairs, on either side of the interval; the next when one was too narrow
# No slope between two days is a fraction of this prime, so a border in such fractions has no slope upon it.
PARTS = 1_000_003

Plain = tuple[int, int]  # day, tenths


@dataclass(frozen=True)
class Slope:
    """Points per week: the middle slope and its 95 % interval."""

    per_week: float
    low: float
    high: float


def slope(points: Sequence[Point]) -> Slope | None:
    """The points must lie on different days, in time order. None where even a perfect run would not reach 95 % (fewer
    than five points).
    """
    rank = interval_rank(len(points))
    if rank is None:
        return None
    central = _central_slopes([(point.at.toordinal(), point.tenths) for point in points], rank)
    return Slope(*(POINTS_PER_WEEK * each for each in (median(central), central[0], central[-1])))


def _central_slopes(plain: Sequence[Plain], rank: int) -> list[float]:
    """Slopes of all pairs in tenths per day, ordered, without the `rank` lowest and highest: interval and median.

    Of many readings only the pairs near the interval are looked at. The borders come from a part of the pairs, and the
    exact count of pairs below tells whether they hold the interval; if not, wider ones are tried.
    """
    pairs = len(plain) * (len(plain) - 1) // 2
    for margin in MARGINS if len(plain) > SORTED_UP_TO else ():
        low, high = _borders(plain, rank / pairs - margin)
        below, inside = _pairs_below(plain, low), _slopes_between(plain, low, high)
        if below <= rank and below + len(inside) >= pairs - rank:
            return sorted(inside)[rank - below : pairs - rank - below]
    return sorted([(w - v) / (u - t) for (t, v), (u, w) in combinations(plain, 2)])[rank : pairs - rank]


def _borders(plain: Sequence[Plain], share: float) -> tuple[int, int]:
    """Slopes, in PARTS, that leave about this share of all pairs out at either end, from pairs at eight distances."""
    step = len(plain) // 8
    near = [
        (w - v) / (u - t)
        for lag in range(step // 2, len(plain), step)
        for (t, v), (u, w) in zip(plain, plain[lag:], strict=False)
    ]
    near.sort()
    left_out = max(int(share * len(near)), 0)
    return _border(near[left_out] - 1 / PARTS), _border(near[-1 - left_out] + 1 / PARTS)


def _border(value: float) -> int:
    parts = floor(value * PARTS)
    return parts if parts % PARTS else parts + 1


def _pairs_below(plain: Sequence[Plain], border: int) -> int:
    """How many pairs have a smaller slope: those that change places when each reading is taken down along `border`."""
    levels: list[int] = []
    count = 0
    for day, tenths in plain:
        level = PARTS * tenths - border * day
        place = bisect(levels, level)
        count += len(levels) - place
        levels.insert(place, level)
    return count


def _slopes_between(plain: Sequence[Plain], low: int, high: int) -> list[float]:
    """Slopes of the pairs whose order along one border differs from that along the other."""
    levels: list[int] = []
    placed: list[Plain] = []
    found: list[float] = []
    for day, tenths in sorted(plain, key=lambda each: PARTS * each[1] - low * each[0]):
        level = PARTS * tenths - high * day
        place = bisect(levels, level)
        found += [(tenths - before) / (day - earlier) for earlier, before in placed[place:]]
        levels.insert(place, level)
        placed.insert(place, (day, tenths))
    return found


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
