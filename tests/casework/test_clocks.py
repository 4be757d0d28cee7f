"""From when the clocks of an event count once it is due again, and what a caseload then shows as open."""

from datetime import datetime, timedelta

import pytest

from schemas.instruments.answer import Answer
from schemas.vocabulary import EventLevel, EventStatus, PlanType
from service.casework import caseloads, overviews, records
from service.domain import clock
from service.domain.cases import CaseloadRow
from service.domain.workload import Kind
from service.store import summary
from service.store.accounts import PracticeRow
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.casework.test_events import fear, follow_up, of_case, open_event

pytestmark = pytest.mark.usefixtures("context")

DAYS = timedelta(days=1)


def line(house: House, case_id: str) -> CaseloadRow:
    return next(each for each in caseloads.team_caseload(house.supervisor).rows if each.case_id == case_id)


def open_on_the_page(house: House, case_id: str) -> tuple[int, int]:
    found = records.read_record(house.therapist, case_id).open_events
    return len(found), sum(each.level is EventLevel.NOW for each in found)


def agree(house: House, case_id: str) -> tuple[int, int]:
    """What the supervisor's caseload shows, after seeing that case page and rebuilt summary say the same."""
    row = line(house, case_id)
    shown = (row.open_events, row.open_now_events)
    assert open_on_the_page(house, case_id) == shown
    db.session.rollback()
    summary.rebuild(house.practice_id)
    db.session.commit()
    row = line(house, case_id)
    assert (row.open_events, row.open_now_events) == shown
    return shown


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Honolulu"])
def test_every_list_counts_the_days_of_the_practice(house: House, zone: str) -> None:
    """In Auckland the next day begins before it does in UTC, in Honolulu after."""
    db.session.get_one(PracticeRow, house.practice_id).zone = zone
    db.session.commit()
    case_id = builders.add_case(house.therapist).id
    day = builders.add_plan(house.therapist, case_id).next_review + DAYS
    midnight = clock.start_of_day(day, zone)
    for moment, late in ((midnight - timedelta(minutes=1), False), (midnight, True)):
        with clock.standing_at(moment):
            told = (
                caseloads.my_day(house.therapist).due,
                caseloads.my_caseload(house.therapist).due,
                caseloads.team_caseload(house.supervisor).due,
                overviews.read_overview(house.therapist, case_id).due,
                records.read_surroundings(house.therapist, case_id).due,
            )
        assert [each.overdue for due in told for each in due if each.kind is Kind.PLAN] == [late] * len(told)


def test_an_answer_given_again_today_is_due_from_now_on(house: House) -> None:
    case, start = builders.add_case(house.therapist), clock.now()
    fear(house, case.id)
    follow_up(house.therapist, of_case(house, case.id)[0])
    later = start + 8 * DAYS
    with clock.standing_at(later):
        fear(house, case.id)
        (event,) = of_case(house, case.id)
        (due,) = [each for each in caseloads.team_caseload(house.supervisor).due if each.kind is Kind.EVENT]
        assert (event.status, event.waits_since, due.since) == (EventStatus.OPEN, later, later)
        assert event.opened_at < later
        assert (due.words, due.overdue) == ("Respond today: record what was done", False)


def test_what_is_due_again_now_has_until_the_end_of_the_later_session(house: House) -> None:
    case, start = builders.add_case(house.therapist), clock.now()
    first = builders.add_session(house.therapist, case.id)
    builders.add_intake(
        house.therapist, case.id, {"present": "nobody", "B1": True}, instrument_key="sfs", session_id=first.id
    )
    follow_up(house.therapist, next(each for each in of_case(house, case.id) if each.item == "sfs.B1"))
    later: datetime = start + 3 * DAYS
    with clock.standing_at(later):
        second = builders.add_session(house.therapist, case.id, starts_at=later, ends_at=later + timedelta(hours=1))
        builders.add_intake(
            house.therapist, case.id, {"present": "nobody", "B1": True}, instrument_key="sfs", session_id=second.id
        )
        clocks = line(house, case.id).events
        assert (clocks.now_since, clocks.now_by) == (later, second.ends_at)


def test_the_caseload_counts_what_the_case_page_shows_as_open(house: House) -> None:
    case = builders.add_case(house.therapist)
    follow_up(house.therapist, open_event(house, case.id, EventLevel.TODAY))
    follow_up(house.therapist, open_event(house, case.id, EventLevel.NOW))
    assert agree(house, case.id) == (0, 0)
    with clock.standing_at(clock.now() + 8 * DAYS):
        assert agree(house, case.id) == (2, 1)


def test_a_now_follow_up_that_a_later_session_left_behind_is_open(house: House) -> None:
    case = builders.add_case(house.therapist)
    event = follow_up(house.therapist, open_event(house, case.id, EventLevel.NOW))
    with clock.standing_at(clock.now() + DAYS):
        builders.add_session(house.therapist, case.id)
        assert agree(house, case.id) == (1, 1)
        follow_up(house.therapist, event)
        assert agree(house, case.id) == (0, 0)


def test_an_answer_given_again_brings_the_review_of_the_plan_forward(house: House) -> None:
    case = builders.add_case(house.therapist)
    concern: dict[str, Answer] = {"X1": ("they_reply",), "X1_concern": True}
    builders.add_intake(house.therapist, case.id, concern)
    plan = builders.add_plan(house.therapist, case.id, PlanType.PL_URGE)
    builders.add_intake(house.therapist, case.id, concern)
    (moved,) = [each for each in records.read_record(house.therapist, case.id).plans if each.id == plan.id]
    assert moved.next_review == clock.now().date() + 7 * DAYS


def test_a_passed_check_date_sorts_the_caseload_as_an_open_event_does(house: House) -> None:
    quiet, checked, opened = sorted((builders.add_case(house.therapist) for _ in range(3)), key=lambda each: each.code)
    follow_up(house.therapist, open_event(house, checked.id, EventLevel.NOW))
    with clock.standing_at(clock.now() + 8 * DAYS):
        open_event(house, opened.id, EventLevel.TODAY)
        for found in (caseloads.team_caseload(house.supervisor), caseloads.my_caseload(house.therapist)):
            assert [row.case_id for row in found.rows] == [checked.id, opened.id, quiet.id]
            first = found.due[0]
            assert (first.case_id, first.kind, first.overdue) == (checked.id, Kind.NOW_EVENT, True)


def test_up_to_its_check_date_a_follow_up_sorts_nothing_forward(house: House) -> None:
    first, checked = sorted((builders.add_case(house.therapist) for _ in range(2)), key=lambda each: each.code)
    follow_up(house.therapist, open_event(house, checked.id, EventLevel.NOW))
    with clock.standing_at(clock.now() + 7 * DAYS):
        assert [row.case_id for row in caseloads.team_caseload(house.supervisor).rows] == [first.id, checked.id]


def test_what_a_later_session_left_behind_is_the_first_thing_due(house: House) -> None:
    case = builders.add_case(house.therapist)
    follow_up(house.therapist, open_event(house, case.id, EventLevel.NOW))
    with clock.standing_at(clock.now() + DAYS):
        session = builders.add_session(house.therapist, case.id)
        first = caseloads.my_day(house.therapist).due[0]
        assert (first.kind, first.since, first.overdue) == (Kind.NOW_EVENT, session.starts_at, True)
