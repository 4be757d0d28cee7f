"""Which readings may be compared, joined, or only marked."""

from datetime import date, timedelta

from schemas.instruments.capture import ContactContext
from schemas.instruments.withdrawal import WSL
from service.domain.readings import Reading, comparable, declined_on, gaps, overlaps_recall, reading
from service.domain.scoring import score

START = date(2026, 1, 5)


def day(offset: int) -> date:
    return START + timedelta(offset)


def test_readings_are_compared_oldest_first_and_without_those_that_have_no_score() -> None:
    course = [Reading(day(14), 200), Reading(day(0), 300), Reading(day(7), None, declined=True)]
    assert [(point.at, point.value) for point in comparable(course)] == [(day(0), 30), (day(14), 20)]


def test_a_new_major_version_is_not_compared_with_the_old_one_and_a_minor_one_is() -> None:
    course = [
        Reading(day(0), 100, version="1.0.0"),
        Reading(day(7), 110, version="2.0.0"),
        Reading(day(14), 120, version="2.1.0"),
    ]
    assert [point.value for point in comparable(course)] == [11, 12]


def test_of_several_readings_on_one_day_the_last_counts() -> None:
    assert [point.value for point in comparable([Reading(day(0), 100), Reading(day(0), 120)])] == [12]


def test_a_gap_is_more_than_21_days_between_scored_readings_and_a_declined_one_does_not_bridge_it() -> None:
    course = [Reading(day(0), 1), Reading(day(21), 1), Reading(day(30), None, declined=True), Reading(day(43), 1)]
    assert gaps(course) == ((day(21), day(43)),)
    assert declined_on(course) == (day(30),)


def test_readings_less_than_five_days_apart_overlap() -> None:
    course = [Reading(day(0), 1), Reading(day(5), 1), Reading(day(9), None), Reading(day(10), None, declined=True)]
    assert overlaps_recall(course) == (day(9),)


def test_a_reading_is_made_from_a_score() -> None:
    answers = {item.key: "1" for item in WSL.scored_items()} | {"P1": "4"}
    del answers["P2"]
    found = reading(day(0), score(WSL, answers).total, context=ContactContext.TOGETHER, version=WSL.version)
    assert found == Reading(day(0), 188, True, False, ContactContext.TOGETHER, version="1.0.0")
    assert found.value == 18.8


def test_no_readings_are_no_trouble() -> None:
    assert (comparable([]), gaps([]), declined_on([]), overlaps_recall([])) == ((), (), (), ())
