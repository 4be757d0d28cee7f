"""What may be said about a course, rule by rule, in the words that page and paper show."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.readings import Reading
from service.domain.reliable_change import UNAVAILABLE_NOTE, Reliability
from service.domain.trend import (
    ABOUT_THE_SAME,
    CHANCE_NOTE,
    FIVE_NOTE,
    HELP,
    OVERLAP_NOTE,
    TOO_FEW,
    TOO_SHORT,
    Basis,
    Change,
    Direction,
    Published,
    change,
    number,
    threshold,
    threshold_note,
)

START = date(2026, 1, 5)
WEEK = 7


def told(values: Sequence[float | None], *, step: int = WEEK, ceiling: int = 60, basis: Basis | None = None) -> Change:
    readings = [
        Reading(START + timedelta(step * index), None if value is None else round(value * 10), declined=value is None)
        for index, value in enumerate(values)
    ]
    return change(readings, ceiling=ceiling, basis=basis or Basis())


def test_without_a_reading_nothing_is_said() -> None:
    found = told([])
    assert (found.rule, found.n, found.difference, found.direction) == ("R0", 0, None, Direction.NONE)
    assert found.sentence == "No scored reading yet."
    assert found.notes == ()


def test_one_reading_shows_its_value_only() -> None:
    found = told([34])
    assert (found.rule, found.difference) == ("R0", None)
    assert found.sentence == "One reading: 34 of 60 on 5 Jan 2026."


def test_two_to_four_readings_show_values_and_difference_and_say_that_they_are_too_few() -> None:
    found = told([34, 30, 25])
    assert (found.rule, found.difference, found.slope) == ("R1", -9, None)
    assert found.sentence == (
        f"3 readings, first 34 of 60 on 5 Jan 2026, last 25 of 60 on 19 Jan 2026: 9 points lower. {TOO_FEW}"
    )


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (30, "about the same (no difference)"),
        (35.9, "about the same (5.9 points higher)"),
        (36, "6 points higher"),
        (24.1, "about the same (5.9 points lower)"),
        (24, "6 points lower"),
    ],
)
def test_a_difference_under_six_of_sixty_is_called_about_the_same(last: float, words: str) -> None:
    assert f": {words}. " in told([30, last]).sentence


def test_prorated_values_differ_without_float_noise() -> None:
    assert told([2.8, 8.8]).difference == 6
    assert ": 6 points higher. " in told([2.8, 8.8]).sentence


def test_a_domain_has_the_display_threshold_of_two_of_twenty() -> None:
    assert (threshold(60), threshold(20)) == (6, 2)
    assert ": 2 points lower. " in told([10, 8], ceiling=20).sentence
    assert ": about the same (1 point lower). " in told([10, 9], ceiling=20).sentence
    assert "2 of 20" in threshold_note(20)
    assert "arbitrary" in threshold_note(60)


def test_five_readings_in_under_28_days_are_too_short_for_a_direction() -> None:
    found = told([40, 35, 30, 25, 20], step=6)
    assert (found.rule, found.slope, found.direction) == ("R1", None, Direction.NONE)
    assert found.sentence.endswith(TOO_SHORT)


def test_five_readings_over_28_days_that_all_fall_are_falling() -> None:
    found = told([40, 36, 33, 29, 20])
    assert (found.rule, found.direction) == ("R2", Direction.FALLING)
    assert found.slope is not None
    assert found.slope.high < 0
    assert found.sentence == (
        "5 readings over 28 days: falling. The middle slope is 4 points down a week, "
        "95 % interval from 9 points down to 3 points down."
    )
    assert FIVE_NOTE in found.notes
    assert CHANCE_NOTE in found.notes


def test_the_mirrored_course_is_rising() -> None:
    assert told([20, 29, 33, 36, 40]).direction is Direction.RISING


@pytest.mark.parametrize("values", [(40, 36, 36, 29, 20), (40, 33, 36, 29, 20)])
def test_at_five_readings_one_tie_or_one_turn_leaves_the_direction_open(values: tuple[float, ...]) -> None:
    found = told(values)
    assert found.direction is Direction.UNCLEAR
    assert "no clear direction" in found.sentence


def test_a_sure_but_small_change_is_called_about_the_same() -> None:
    found = told([30, 29, 28, 27, 26])
    assert found.slope is not None
    assert found.slope.high < 0
    assert found.direction is Direction.SAME
    assert "about the same" in found.sentence


def test_declined_readings_do_not_count_and_are_marked() -> None:
    found = told([40, None, 36, 33, 29, None])
    assert (found.n, found.rule) == (4, "R1")
    assert found.declined == (START + timedelta(7), START + timedelta(35))


def test_a_personal_range_is_told_with_its_basis_and_its_signals() -> None:
    # Mean 190 / 8 = 23.75, mean moving range 22 / 7, reach 2.66 * 22 / 7 = 8.36.
    found = told([20, 24, 22, 26, 24, 28, 24, 22, 50])
    assert found.limits is not None
    assert found.range_sentence.startswith("Own earlier range 15.4 to 32.1 (from the first 8 readings, provisional).")
    assert "Outside it on 2 Mar 2026." in found.range_sentence
    assert found.review


def test_a_quiet_course_is_told_as_such_and_asks_for_no_review() -> None:
    found = told([20, 24, 22, 26, 24, 28, 24, 22, 25])
    assert found.range_sentence.endswith("No reading outside it and no long run on one side.")
    assert not found.review
    assert not found.signals


def test_a_long_run_is_told_with_its_days() -> None:
    found = told([20, 24, 22, 26, 24, 28, 24, 22, *[25] * 8])
    assert (
        "Eight or more in a row on one side of the earlier middle, 2 Mar 2026 to 20 Apr 2026." in found.range_sentence
    )


def test_overlapping_readings_are_marked_and_explained() -> None:
    found = told([30, 30], step=4)
    assert found.overlapping == (START + timedelta(4),)
    assert OVERLAP_NOTE in found.notes


def test_a_gap_is_carried_for_the_chart() -> None:
    assert told([30, 31], step=22).gaps == ((START, START + timedelta(22)),)


def test_the_help_text_names_the_three_ways_to_be_misled() -> None:
    for word in ("regression to the mean", "autocorrelation", "waves"):
        assert word in HELP


def test_numbers_are_shown_without_needless_decimals() -> None:
    assert [number(value) for value in (23.0, 8.75, -0.01, 0.0, 14.3)] == ["23", "8.8", "0", "0", "14.3"]


@given(st.lists(st.none() | st.integers(0, 600), max_size=30), st.integers(1, 30))
def test_whatever_the_course_the_sentences_never_judge(tenths: list[int | None], step: int) -> None:
    found = told([None if each is None else each / 10 for each in tenths], step=step)
    text = " ".join((found.sentence, found.range_sentence, *found.notes))
    assert not re.search(r"\b(safe|low risk|no concern|cleared|better|worse|improve\w*|healed|relapse\w*)\b", text)
    assert "!" not in text
    assert (found.direction in (Direction.FALLING, Direction.RISING)) <= (
        found.slope is not None and (found.slope.high < 0 or found.slope.low > 0)
    )


@given(st.lists(st.integers(0, 600), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_the_order_in_which_readings_are_handed_over_does_not_matter(tenths: list[int], random: object) -> None:
    readings = [Reading(START + timedelta(WEEK * index), value) for index, value in enumerate(tenths)]
    assert change(readings[::-1], ceiling=60) == change(readings, ceiling=60)


def test_twelve_steady_readings_make_a_range_that_is_no_longer_provisional() -> None:
    steady = [20, 24, 22, 26, 24, 28, 23, 25, 24, 25, 23, 24]
    assert "from the first 8 readings, provisional)" in told(steady[:11]).range_sentence
    assert "(from the first 12 readings)" in told(steady).range_sentence


def test_a_worsening_is_not_swallowed_by_the_range_that_it_is_measured_by() -> None:
    steady, raised = [20, 24, 22, 26, 24, 28, 23, 25], [31, 32, 31, 33]
    assert [told([*steady, *raised[:n]]).review for n in range(5)] == [False, False, True, True, True]


KNOWN = Reliability(sd=10.0, r=0.82, population="adults", n=60, citation="A study", approver="Clinical lead")


def test_without_a_reliability_the_index_is_named_as_unavailable() -> None:
    found = told([40, 28])
    assert found.index is not None and found.index.index is None
    assert found.index_sentence == ""
    assert UNAVAILABLE_NOTE in found.notes
    assert told([40]).index is None


def test_with_a_reliability_the_index_goes_from_the_first_reading_to_the_last() -> None:
    found = told([40, 60, 28], basis=Basis(reliability=KNOWN))
    assert found.index is not None
    assert found.index.index == pytest.approx(-2.0)
    assert found.index_sentence.startswith("Reliable change index from first to last: 2.00 down, beyond 1.96 (A study")
    assert UNAVAILABLE_NOTE not in found.notes


def test_a_published_threshold_takes_the_place_of_the_house_choice_and_names_its_source() -> None:
    found = told([10, 5], ceiling=27, basis=Basis(published=Published(6, "a manual")))
    assert ABOUT_THE_SAME in found.sentence
    assert ABOUT_THE_SAME not in told([10, 5], ceiling=27).sentence
    assert found.notes[0] == "Differences under 6 of 27 are called about the same; that limit comes from a manual."
