"""Limits from a hand-worked baseline, and the signals that leave them."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from service.domain.personal_range import asks_for_review, baseline_phase, personal_range, signals
from service.domain.readings import Point

START = date(2026, 1, 5)

# Mean 24; moving ranges 4 2 4 2 4, mean 3.2; reach 2.66 * 3.2 = 8.512.
BASELINE = (20, 24, 22, 26, 24, 28)


def course(*values: float) -> list[Point]:
    return [Point(day(week), round(value * 10)) for week, value in enumerate(values)]


def day(week: int) -> date:
    return START + timedelta(7 * week)


def found_in(values: Sequence[float], baseline: int = 6) -> tuple[tuple[date, ...], tuple[date, date] | None]:
    points = course(*values)
    limits = personal_range(points, ceiling=60, baseline=baseline)
    assert limits is not None
    found = signals(points, limits)
    return found.outside, found.run


def test_limits_are_those_worked_out_by_hand() -> None:
    limits = personal_range(course(*BASELINE), ceiling=60)
    assert limits is not None
    assert (limits.n, limits.mean, limits.median) == (6, 24, 24)
    assert (limits.low, limits.high) == pytest.approx((15.488, 32.512))


def test_five_readings_are_too_few_for_a_range_of_one_s_own() -> None:
    assert personal_range(course(*BASELINE[:5]), ceiling=60) is None


def test_limits_stay_on_the_scale() -> None:
    limits = personal_range(course(0, 20, 0, 20, 0, 20), ceiling=20)
    assert limits is not None
    assert (limits.low, limits.high) == (0, 20)


@pytest.mark.parametrize(("n", "provisional"), [(6, True), (11, True), (12, False)])
def test_a_range_is_provisional_under_twelve_readings(n: int, provisional: bool) -> None:
    limits = personal_range(course(*range(20, 20 + n)), ceiling=60, baseline=n)
    assert limits is not None
    assert limits.provisional is provisional


def test_later_readings_do_not_move_the_limits() -> None:
    alone = personal_range(course(*BASELINE), ceiling=60, baseline=6)
    assert personal_range(course(*BASELINE, 60, 60), ceiling=60, baseline=6) == alone


@pytest.mark.parametrize(("value", "outside"), [(15, True), (15.5, False), (32.5, False), (32.6, True)])
def test_a_reading_beyond_a_limit_is_a_signal(value: float, outside: bool) -> None:
    assert found_in([*BASELINE, value])[0] == ((day(6),) if outside else ())


def test_eight_in_a_row_on_one_side_are_a_signal_and_seven_are_not() -> None:
    # Two baseline readings, 26 and 28 on days 3 and 5, already lie above the middle of 24; those on it are skipped.
    assert found_in([*BASELINE, *[25] * 5])[1] is None
    assert found_in([*BASELINE, *[25] * 6])[1] == (day(3), day(11))


def test_readings_on_the_middle_are_skipped_and_one_on_the_other_side_ends_the_run() -> None:
    assert found_in([*BASELINE, 25, 25, 24, 25, 25, 25, 25, 25])[1] == (day(3), day(13))
    assert found_in([*BASELINE, 25, 25, 25, 23, 25, 25, 25, 25])[1] is None


def test_five_rising_in_a_row_are_no_signal() -> None:
    assert found_in([*BASELINE, 20, 21, 22, 23, 25]) == ((), None)


@pytest.mark.parametrize(
    ("later", "asked"),
    [
        ((), False),
        ((30,), False),
        ((30, 30), True),
        ((30, 29.9), False),
        ((30, 29, 30), False),
        ((24, 30, 30), True),
        ((30, 30, 24), False),
        ((32.6,), True),
        ((32.6, 24), False),
    ],
)
def test_a_review_is_asked_for_by_two_raised_readings_or_one_above_the_limit(
    later: tuple[float, ...], asked: bool
) -> None:
    points = course(*BASELINE, *later)
    limits = personal_range(points, ceiling=60, baseline=6)
    assert limits is not None
    assert asks_for_review(points, limits, threshold=6) is asked


STEADY = (20, 24, 22, 26, 24, 28, 23, 25)


@pytest.mark.parametrize(
    ("later", "phase"),
    [
        ((), 8),
        ((24, 25, 23), 8),
        ((24, 25, 23, 24), 12),
        ((24, 25, 23, 24, 40, 40), 12),
        ((12, 11, 10, 9), 12),
        ((30, 30, 23, 24), 8),
        ((24, 25, 23, 45), 8),
    ],
)
def test_twelve_readings_settle_the_range_unless_the_last_four_of_them_call_for_a_review(
    later: tuple[float, ...], phase: int
) -> None:
    points = course(*STEADY, *later)
    assert baseline_phase(points, ceiling=60, threshold=6) == phase
    limits = personal_range(points, ceiling=60, baseline=phase)
    assert limits is not None
    assert limits.provisional is (phase < 12)
