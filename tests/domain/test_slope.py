"""The slope and its interval against full enumeration of all orderings, and against values worked out by hand."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import accumulate, combinations, permutations
from math import comb, factorial
from random import Random
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.readings import Point
from service.domain.slope import interval_rank, orderings_by_swaps, slope

START = date(2026, 1, 5)


def course(tenths: Sequence[int], days: Sequence[int] | None = None) -> list[Point]:
    offsets = days if days is not None else [7 * week for week in range(len(tenths))]
    return [Point(START + timedelta(offset), value) for offset, value in zip(offsets, tenths, strict=True)]


def kendall(values: Sequence[Fraction]) -> int:
    """Pairs that rise minus pairs that fall."""
    return sum((later > earlier) - (later < earlier) for earlier, later in combinations(values, 2))


@cache
def chance_of_at_least(n: int, s: int) -> Fraction:
    """Two-sided probability of |S| >= s when every ordering of n values is as likely, by listing them all."""
    counts = Counter(abs(kendall([Fraction(v) for v in order])) for order in permutations(range(n)))
    return Fraction(sum(count for found, count in counts.items() if found >= s), factorial(n))


def refuses(points: Sequence[Point], per_week: Fraction) -> bool:
    """Whether the exact test at 5 % refuses this slope: is what is left after taking it away still in an unlikely
    order?
    """
    left = [Fraction(p.tenths, 10) - per_week * Fraction((p.at - START).days, 7) for p in points]
    return chance_of_at_least(len(points), abs(kendall(left))) <= Fraction(1, 20)


def test_a_perfect_run_is_no_claim_at_four_and_one_at_five() -> None:
    assert round(float(chance_of_at_least(4, 6)), 3) == 0.083
    assert round(float(chance_of_at_least(5, 10)), 3) == 0.017
    assert [interval_rank(n) for n in range(1, 6)] == [None, None, None, None, 0]


@pytest.mark.parametrize("n", range(1, 8))
def test_orderings_are_counted_as_listing_them_counts_them(n: int) -> None:
    listed = Counter(sum(a > b for a, b in combinations(order, 2)) for order in permutations(range(n)))
    assert orderings_by_swaps(n) == [listed[swaps] for swaps in range(comb(n, 2) + 1)]


def test_slope_and_interval_of_five_readings_are_those_worked_out_by_hand() -> None:
    # Pair slopes of 30, 28, 27, 25, 20: -2 -1.5 -5/3 -2.5 | -1 -1.5 -8/3 | -2 -3.5 | -5; the middle two are -2 and -2.
    found = slope(course([300, 280, 270, 250, 200]))
    assert found is not None
    assert (found.per_week, found.low, found.high) == pytest.approx((-2.0, -5.0, -1.0))


def test_uneven_days_weigh_as_time_and_not_as_order() -> None:
    # 40, 38, 30, 29, 20 on days 0, 7, 21, 28, 56: -2 -10/3 -2.75 -2.5 | -4 -3 -18/7 | -1 -2 | -2.25.
    found = slope(course([400, 380, 300, 290, 200], [0, 7, 21, 28, 56]))
    assert found is not None
    assert (found.per_week, found.low, found.high) == pytest.approx(((-2.5 - 18 / 7) / 2, -4.0, -1.0))


@settings(deadline=None)  # the first call for each n lists all orderings
@given(st.lists(st.integers(0, 600), min_size=5, max_size=7, unique=True), st.data())
def test_the_interval_holds_exactly_the_slopes_that_the_exact_test_does_not_refuse(
    tenths: list[int], data: st.DataObject
) -> None:
    days = sorted(data.draw(st.lists(st.integers(0, 120), min_size=len(tenths), max_size=len(tenths), unique=True)))
    points = course(tenths, days)
    found = slope(points)
    assert found is not None
    little = Fraction(1, 10**6)
    for end, outward in ((found.low, -1), (found.high, 1)):
        edge = Fraction(end)
        assert refuses(points, edge + outward * little)
        if found.low < found.high:
            assert not refuses(points, edge - outward * little)


@given(st.lists(st.integers(0, 600), min_size=5, max_size=45))
def test_a_mirrored_course_has_the_mirrored_slope(tenths: list[int]) -> None:
    one, other = slope(course(tenths)), slope(course([600 - value for value in tenths]))
    assert one is not None
    assert other is not None
    assert (one.per_week, one.low, one.high) == pytest.approx((-other.per_week, -other.high, -other.low))
    assert one.low <= one.per_week <= one.high


def exact_rank(n: int) -> int:
    """The largest number of swaps whose lower tail is at most 2.5 %, from the exact counts."""
    seen, rank = 0, -1
    for count in orderings_by_swaps(n):
        seen += count
        if Fraction(seen, factorial(n)) > Fraction(1, 40):
            return rank
        rank += 1
    return rank


@pytest.mark.parametrize("n", [8, 10, 20, 40])
def test_up_to_forty_readings_the_rank_is_exact(n: int) -> None:
    assert interval_rank(n) == exact_rank(n)


@pytest.mark.parametrize("n", [41, 45, 60])
def test_above_forty_readings_the_rank_differs_from_the_exact_one_by_one_pair_at_most(n: int) -> None:
    found = interval_rank(n)
    assert found is not None
    assert abs(found - exact_rank(n)) <= 1


def by_sorting_all_pairs(points: Sequence[Point]) -> tuple[float, float, float]:
    """The definition taken literally."""
    slopes = sorted(0.7 * (b.tenths - a.tenths) / (b.at - a.at).days for a, b in combinations(points, 2))
    rank = interval_rank(len(points))
    assert rank is not None
    return median(slopes), slopes[rank], slopes[-1 - rank]


SHAPES: dict[str, Callable[[Random, int], int]] = {
    "anything": lambda chance, _: chance.randint(0, 600),
    "few values": lambda chance, _: chance.choice((0, 10, 20)),
    "all equal": lambda _chance, _: 70,
    "a straight line": lambda _chance, place: place * 2,
    "to and fro": lambda _chance, place: 600 if place % 2 else 0,
    "one long drift": lambda chance, place: min(600, place * 3 + chance.randint(0, 40)),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("n", [60, 61, 97, 200])
def test_the_quick_way_for_long_courses_finds_what_sorting_every_pair_finds(n: int, shape: str) -> None:
    chance = Random(n)
    days = list(accumulate(chance.choice((1, 3, 7, 7, 7, 14, 60)) for _ in range(n)))
    points = course([SHAPES[shape](chance, place) for place in range(n)], days)
    found = slope(points)
    assert found is not None
    assert (found.per_week, found.low, found.high) == pytest.approx(by_sorting_all_pairs(points), abs=1e-12)
