"""What is due, when it is overdue, and in which order."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schemas.vocabulary import CaseStatus
from service.domain.cases import CaseloadRow, EventClock
from service.domain.workload import Kind, all_due, due_of
from tests.builders import at

NOW = at(2026, 3, 30)


def a_row(**changes: object) -> CaseloadRow:
    values: dict[str, object] = {
        "case_id": "c",
        "code": "C-22222",
        "chosen_name": "Zoë",
        "therapist_id": "t",
        "therapist_name": "Ana",
        "status": CaseStatus.OPEN,
        "last_session_at": NOW - timedelta(days=3),
        "next_session_at": NOW + timedelta(days=4),
        "baseline_total": 30.0,
        "last_total": 20.0,
        "last_intake_at": NOW - timedelta(days=3),
        "plan_due": (NOW + timedelta(days=20)).date(),
        "unsigned": 0,
        "oldest_unsigned_at": None,
        "open_events": 0,
        "open_now_events": 0,
    }
    return CaseloadRow(**{**values, **changes})  # type: ignore[arg-type]


def kinds(row: CaseloadRow, moment: datetime = NOW) -> list[tuple[Kind, bool]]:
    return [(each.kind, each.overdue) for each in due_of(row, moment)]


def test_a_case_in_order_has_nothing_due() -> None:
    assert kinds(a_row()) == []


@pytest.mark.parametrize(("hours", "overdue"), [(1, False), (71, False), (72, True)])
def test_an_unsigned_note_waits_at_once_and_is_overdue_after_72_hours(hours: int, overdue: bool) -> None:
    assert kinds(a_row(unsigned=1, oldest_unsigned_at=NOW - timedelta(hours=hours))) == [(Kind.NOTE, overdue)]


@pytest.mark.parametrize(
    ("days", "expected"), [(4, []), (3, [(Kind.PLAN, False)]), (0, [(Kind.PLAN, False)]), (-1, [(Kind.PLAN, True)])]
)
def test_a_plan_is_reminded_three_days_ahead(days: int, expected: list[tuple[Kind, bool]]) -> None:
    assert kinds(a_row(plan_due=(NOW + timedelta(days=days)).date())) == expected


@pytest.mark.parametrize(
    ("zone", "late"), [("Pacific/Auckland", True), ("Europe/Dublin", False), ("Pacific/Honolulu", False)]
)
def test_a_day_passes_when_it_does_in_the_practice(zone: str, late: bool) -> None:
    """13:00 UTC on 30 March is the 31st in Auckland."""
    moment = at(2026, 3, 30, 13).astimezone(ZoneInfo(zone))
    assert kinds(a_row(plan_due=date(2026, 3, 30)), moment) == [(Kind.PLAN, late)]
    waiting = a_row(events=EventClock(check_on=date(2026, 3, 30)))
    assert kinds(waiting, moment) == [(Kind.EVENT, late)]


@pytest.mark.parametrize(("zone", "early"), [("Pacific/Auckland", False), ("Pacific/Honolulu", True)])
def test_a_day_begins_when_it_does_in_the_practice(zone: str, early: bool) -> None:
    """05:00 UTC on 30 March is still the 29th in Honolulu."""
    moment = at(2026, 3, 30, 5).astimezone(ZoneInfo(zone))
    assert kinds(a_row(events=EventClock(check_on=date(2026, 3, 30))), moment) == (
        [] if early else [(Kind.EVENT, False)]
    )


@pytest.mark.parametrize(("days", "expected"), [(20, []), (21, [(Kind.LOG, False)]), (28, [(Kind.LOG, True)])])
def test_a_log_is_offered_after_three_weeks_and_overdue_after_four(
    days: int, expected: list[tuple[Kind, bool]]
) -> None:
    assert kinds(a_row(last_intake_at=NOW - timedelta(days=days))) == expected


@pytest.mark.parametrize(("hours", "expected"), [(-1, []), (1, [(Kind.SESSION, False)]), (72, [(Kind.SESSION, True)])])
def test_a_session_whose_hour_has_passed_asks_for_its_attendance(hours: int, expected: list[tuple[Kind, bool]]) -> None:
    assert kinds(a_row(next_session_at=NOW - timedelta(hours=hours))) == expected


@pytest.mark.parametrize(("sessions", "expected"), [(3, []), (4, [(Kind.LOG, True)])])
def test_a_log_is_overdue_after_four_sessions_without_one(sessions: int, expected: list[tuple[Kind, bool]]) -> None:
    assert kinds(a_row(sessions_since_log=sessions)) == expected


def test_a_case_without_any_log_is_offered_one() -> None:
    assert kinds(a_row(last_intake_at=None)) == [(Kind.LOG, False)]


@pytest.mark.parametrize(("days", "expected"), [(13, []), (14, [(Kind.QUIET, False)]), (21, [(Kind.QUIET, True)])])
def test_a_case_without_a_next_session_is_noticed(days: int, expected: list[tuple[Kind, bool]]) -> None:
    row = a_row(next_session_at=None, last_session_at=NOW - timedelta(days=days))
    assert kinds(row) == expected


def test_a_closed_case_asks_for_its_notes_and_events_only() -> None:
    row = a_row(status=CaseStatus.CLOSED, plan_due=None, last_intake_at=None, events=EventClock(today_since=NOW))
    assert kinds(row) == [(Kind.EVENT, False)]


def test_what_could_do_harm_by_waiting_comes_first() -> None:
    rows = [
        a_row(code="C-3", last_intake_at=None),
        a_row(code="C-2", unsigned=2, oldest_unsigned_at=NOW - timedelta(days=9)),
        a_row(code="C-1", events=EventClock(now_since=NOW, now_by=NOW, today_since=NOW, reading_since=NOW)),
    ]
    assert [(each.code, each.kind) for each in all_due(rows, NOW)] == [
        ("C-1", Kind.NOW_EVENT),
        ("C-1", Kind.READING),
        ("C-1", Kind.EVENT),
        ("C-2", Kind.NOTE),
        ("C-3", Kind.LOG),
    ]


H = timedelta(hours=1)


def clocks(**since: object) -> list[tuple[Kind, bool]]:
    return kinds(a_row(events=EventClock(**since)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("by", "overdue"), [(NOW + H, False), (NOW, True), (NOW - H, True)])
def test_a_now_event_is_reminded_at_once_and_overdue_when_its_session_ends(by: datetime, overdue: bool) -> None:
    assert clocks(now_since=NOW, now_by=by) == [(Kind.NOW_EVENT, overdue)]


@pytest.mark.parametrize(("by", "overdue"), [(NOW + H, False), (NOW, True)])
def test_a_today_event_is_overdue_when_the_day_ends(by: datetime, overdue: bool) -> None:
    assert clocks(today_since=NOW - H, today_by=by) == [(Kind.EVENT, overdue)]


@pytest.mark.parametrize(("hours", "reminded"), [(3, False), (4, True)])
def test_a_today_event_is_reminded_after_four_hours(hours: int, reminded: bool) -> None:
    (due,) = due_of(a_row(events=EventClock(today_since=NOW - hours * H, today_by=NOW + H)), NOW)
    assert ("over four hours" in due.words) is reminded


@pytest.mark.parametrize(("held_after", "overdue"), [(-H, False), (H, True)])
def test_a_next_event_is_overdue_once_a_session_was_held_after_it(held_after: timedelta, overdue: bool) -> None:
    since = NOW - 3 * H
    row = a_row(last_session_at=since + held_after, events=EventClock(next_since=since))
    assert kinds(row) == [(Kind.EVENT, overdue)]


@pytest.mark.parametrize(("hours", "near"), [(25, False), (24, True)])
def test_a_next_event_is_reminded_the_day_before_the_session(hours: int, near: bool) -> None:
    row = a_row(next_session_at=NOW + hours * H, last_session_at=NOW - 9 * H, events=EventClock(next_since=NOW))
    (due,) = due_of(row, NOW)
    assert ("is near" in due.words) is near


@pytest.mark.parametrize(("days", "expected"), [(1, []), (0, [(Kind.EVENT, False)]), (-1, [(Kind.EVENT, True)])])
def test_a_check_falls_due_on_its_date_and_is_overdue_after_it(days: int, expected: list[tuple[Kind, bool]]) -> None:
    assert clocks(check_on=NOW.date() + timedelta(days=days)) == expected


@pytest.mark.parametrize(("hours", "reminded", "overdue"), [(11, False, False), (12, True, False), (24, True, True)])
def test_a_second_reader_is_reminded_after_12_hours_and_overdue_after_24(
    hours: int, reminded: bool, overdue: bool
) -> None:
    (due,) = due_of(a_row(events=EventClock(reading_since=NOW - hours * H)), NOW)
    assert (due.kind, "over twelve hours" in due.words, due.overdue) == (Kind.READING, reminded, overdue)
