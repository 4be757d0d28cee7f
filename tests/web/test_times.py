"""Times as people of the practice read them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from service.domain import clock
from service.web import times

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=3), "3 minutes ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=19), "19 days ago"),
        (timedelta(days=92), "3 months ago"),
        (timedelta(minutes=-61), "in 1 hour"),
        (timedelta(days=-7), "in 7 days"),
    ],
)
def test_the_distance_is_counted_as_people_count(back: timedelta, words: str) -> None:
    with clock.standing_at(NOW):
        assert times.ago(NOW - back, "Europe/Dublin") == words


def test_a_day_boundary_is_the_one_of_the_practice() -> None:
    with clock.standing_at(NOW):
        assert times.ago(NOW - timedelta(hours=14), "Australia/Sydney") == "1 day ago"
        assert times.ago(NOW - timedelta(hours=14), "Europe/Dublin") == "14 hours ago"


def test_absolute_comes_first_and_the_year_when_it_is_another() -> None:
    with clock.standing_at(NOW):
        assert times.moment(datetime(2026, 11, 3, 14, tzinfo=UTC), "Europe/Dublin") == "Tue 3 Nov, 14:00 (19 days ago)"
    assert times.day(date(2025, 11, 3), today=NOW.date()) == "Mon 3 Nov 2025"


def test_a_control_shows_and_takes_the_same_minute() -> None:
    at = datetime(2026, 7, 1, 13, tzinfo=UTC)
    shown = times.for_input(at, "Europe/Dublin")
    assert shown == "2026-07-01T14:00"
    assert datetime.fromisoformat(times.with_offset(shown, "Europe/Dublin")) == at


def test_the_hour_that_comes_twice_is_its_first() -> None:
    assert times.with_offset("2026-10-25T01:30", "Europe/Dublin") == "2026-10-25T01:30:00+01:00"
