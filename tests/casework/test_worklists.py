"""What notes and sessions wait for, most pressing first, the own and those of supervised therapists."""

from datetime import timedelta

import pytest

from schemas.note_codes import WorkKind
from schemas.release_codes import ContentClass
from schemas.request_codes import AskedBy, RequestKind
from schemas.vocabulary import Attendance, EventLevel, NoteFormat, RiskStatus, SessionType
from service.casework import (
    caseloads,
    cases,
    crisis,
    events,
    joint_sessions,
    note_life,
    notes,
    people,
    purging,
    requests,
    walls,
    worklists,
)
from service.domain import clock
from service.domain.requests import Proposal
from service.domain.sessions import TherapySession
from service.domain.workload import Kind
from service.store import cases as case_store
from service.store import summary
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.casework.test_episodes import to_be_answered
from tests.casework.test_events import follow_up, open_event
from tests.casework.test_joint_sessions import WHY, screening
from tests.casework.test_requests import a_report, asking

pytestmark = pytest.mark.usefixtures("context")


def a_session(house: House, case_id: str, *, days: int = 0, **changes: object) -> TherapySession:
    at = clock.now() - timedelta(days=days, hours=2)
    return builders.add_session(house.therapist, case_id, starts_at=at, ends_at=at + timedelta(minutes=50), **changes)


def test_it_names_what_is_unsigned_blocked_and_missing(house: House) -> None:
    case = builders.add_case(house.therapist)
    missing = a_session(house, case.id, days=1)
    ready, blocked = a_session(house, case.id, days=4), a_session(house, case.id, risk=RiskStatus.UNRECORDED)
    builders.add_note(house.therapist, ready.id)
    notes.save_note(house.therapist, blocked.id, NoteFormat.DAP, {}, version=None)
    found = {each.session_id: each for each in worklists.read_worklist(house.therapist)}
    assert {key: each.kind for key, each in found.items()} == {
        missing.id: WorkKind.MISSING,
        ready.id: WorkKind.UNSIGNED,
        blocked.id: WorkKind.BLOCKED,
    }
    assert found[blocked.id].stuck == ("Safety asked", "The text of the note")
    assert (found[ready.id].overdue, found[missing.id].overdue) == (True, False)
    assert found[ready.id].gaps[:3] == ("Step", "Goal", "Measure")


def test_what_a_now_event_blocks_stands_on_top(house: House) -> None:
    case, quiet = builders.add_case(house.therapist), builders.add_case(house.therapist)
    a_session(house, quiet.id, days=9)
    session = a_session(house, case.id)
    builders.add_note(house.therapist, session.id)
    events.open_event(house.therapist, case.id, EventLevel.NOW, prompt="Said so at the door", session_id=session.id)
    first = worklists.read_worklist(house.therapist)[0]
    assert (first.kind, first.session_id, first.stuck) == (WorkKind.BLOCKED_NOW, session.id, ("Follow-ups",))


def test_the_cases_of_a_therapist_who_left_reach_the_supervisor_until_somebody_covers_them(house: House) -> None:
    case, closed = builders.add_case(house.therapist), builders.add_case(house.therapist)
    builders.close_case(house.therapist, closed.id, version=closed.version)
    hidden = builders.add_case(house.therapist)
    walls.restrict(house.therapist, hidden.id, WHY, wanted=True)
    assert kinds(house) == []
    people.end_account(house.admin, house.therapist.user_id)
    (left,) = worklists.read_worklist(house.supervisor)
    assert (left.kind, left.case_id, left.overdue) == (WorkKind.UNCOVERED, case.id, False)
    assert worklists.read_worklist(house.peer) == ()
    assert house.supervisor.user_id not in dict(cases.read_cover(house.supervisor, case.id).choices)
    cases.assign_cover(house.supervisor, case.id, house.peer.user_id, clock.now().date() + timedelta(days=2))
    assert kinds(house) == []
    events.open_event(house.peer, case.id, EventLevel.NEXT, prompt="Ask again")
    people.end_account(house.admin, house.peer.user_id)
    (left,) = worklists.read_worklist(house.supervisor)
    assert (left.kind, left.overdue) == (WorkKind.UNCOVERED, True)


def test_a_request_for_a_closed_case_of_a_therapist_who_left_is_in_somebody_s_hands_again(house: House) -> None:
    case = builders.add_case(house.therapist)
    closed = builders.close_case(house.therapist, case.id, version=case.version)
    found = requests.record_request(house.therapist, closed.id, asking(RequestKind.ACCESS, AskedBy.CLIENT))
    people.end_account(house.admin, house.therapist.user_id)
    assert [each.case_id for each in worklists.read_worklist(house.supervisor)] == [case.id]
    cases.assign_cover(house.supervisor, case.id, house.peer.user_id, clock.now().date() + timedelta(days=2))
    assert kinds(house) == []
    dates = Proposal((ContentClass.ATTENDANCE,), "The dates of all sessions in May")
    found = requests.propose(house.peer, found.id, dates, version=found.version)
    assert requests.approve(house.supervisor, found.id, version=found.version).approver_id == house.supervisor.user_id


def test_two_sessions_missed_in_a_row_with_an_open_event_reach_the_supervisor_at_once(house: House) -> None:
    case = builders.add_case(house.therapist)
    a_session(house, case.id, days=14, attendance=Attendance.NO_SHOW)
    a_session(house, case.id, days=7, attendance=Attendance.SAFETY_CANCELLED)
    assert WorkKind.MISSED not in kinds(house)
    a_session(house, case.id, days=1, attendance=Attendance.NO_SHOW)
    assert WorkKind.MISSED not in kinds(house)
    events.open_event(house.therapist, case.id, EventLevel.NEXT, prompt="Ask again")
    assert WorkKind.MISSED in kinds(house)
    assert WorkKind.MISSED in [each.kind for each in worklists.read_worklist(house.therapist)]


def test_sessions_called_off_for_the_client_s_protection_are_never_missed_ones(house: House) -> None:
    case = builders.add_case(house.therapist)
    for days in (15, 8, 1):
        a_session(house, case.id, days=days, attendance=Attendance.SAFETY_CANCELLED)
    events.open_event(house.therapist, case.id, EventLevel.NEXT, prompt="Ask again")
    assert WorkKind.MISSED not in kinds(house)


def test_one_missed_session_beside_a_cancellation_for_safety_is_one(house: House) -> None:
    case = builders.add_case(house.therapist)
    events.open_event(house.therapist, case.id, EventLevel.NEXT, prompt="Ask again")
    for days, attendance in ((14, Attendance.NO_SHOW), (7, Attendance.SAFETY_CANCELLED), (1, Attendance.PLANNED)):
        a_session(house, case.id, days=days, attendance=attendance)
    assert WorkKind.MISSED not in kinds(house)
    assert Kind.MISSED not in [due.kind for due in caseloads.my_day(house.therapist).due]
    a_session(house, case.id, days=3, attendance=Attendance.NO_SHOW)
    assert WorkKind.MISSED in kinds(house)
    for due in (caseloads.my_day(house.therapist).due, caseloads.team_caseload(house.supervisor).due):
        assert [each.overdue for each in due if each.kind is Kind.MISSED] == [True]


def test_a_session_that_took_place_ends_the_row(house: House) -> None:
    case = builders.add_case(house.therapist)
    events.open_event(house.therapist, case.id, EventLevel.NEXT, prompt="Ask again")
    for days, attendance in ((20, Attendance.NO_SHOW), (10, Attendance.LATE), (1, Attendance.NO_SHOW)):
        a_session(house, case.id, days=days, attendance=attendance)
    assert WorkKind.MISSED not in kinds(house)


def kinds(house: House) -> list[WorkKind]:
    return [each.kind for each in worklists.read_worklist(house.supervisor)]


def test_questions_wait_for_those_who_answer_them(house: House) -> None:
    people.supervise(house.admin, house.supervisor.user_id, house.therapist.user_id, clock.now().date(), cosigns=True)
    case = builders.add_case(house.therapist)
    joint = a_session(house, case.id, type=SessionType.JOINT, attendance=Attendance.PLANNED)
    joint_sessions.ask_joint(house.therapist, joint.id, screening(), WHY)
    note = builders.add_note(house.therapist, a_session(house, case.id).id, signed=True)
    note_life.say_error(house.therapist, note.id, WHY)
    note_life.ask_amendment(house.therapist, note.id, "It was my aunt.")
    assert kinds(house) == [WorkKind.JOINT, WorkKind.ERROR, WorkKind.COSIGN, WorkKind.AMENDMENT]
    assert [each.kind for each in worklists.read_worklist(house.therapist)] == [WorkKind.AMENDMENT]
    note_life.return_note(house.supervisor, note.id, WHY, version=notes.read_note(house.therapist, note.id).version)
    own = [each.kind for each in worklists.read_worklist(house.therapist)]
    assert own == [WorkKind.RETURNED, WorkKind.AMENDMENT]


def test_what_takes_a_second_signature_is_one_queue_with_the_page_where_it_is_given(house: House) -> None:
    case = to_be_answered(house)
    follow_up(house.therapist, open_event(house, builders.add_case(house.therapist).id))
    report = a_report(house, builders.add_case(house.therapist).id)
    assert kinds(house) == [WorkKind.READING, WorkKind.ENDING, WorkKind.LEAVING]
    assert {each.by for each in worklists.read_worklist(house.supervisor)} == {house.therapist.name}
    ending, leaving = worklists.read_signing(house.supervisor)
    assert (ending.case_id, leaving.subject_id) == (case.id, report.id)
    assert worklists.read_signing(house.therapist) == worklists.read_signing(house.peer) == ()
    second = [each.kind for each in worklists.read_second_person(house.supervisor)]
    assert second == [WorkKind.READING, WorkKind.ENDING, WorkKind.LEAVING]
    assert worklists.read_second_person(house.therapist) == worklists.read_second_person(house.peer) == ()
    assert {each.kind for each in worklists.read_worklist(house.therapist)}.isdisjoint(kinds(house))


@pytest.mark.parametrize(("days", "overdue", "escalated"), [(6, False, False), (7, True, False), (14, True, True)])
def test_a_second_signature_is_overdue_after_7_days_and_told_to_others_after_14(
    house: House, days: int, overdue: bool, escalated: bool
) -> None:
    people.supervise(house.admin, house.supervisor.user_id, house.therapist.user_id, clock.now().date(), cosigns=True)
    to_be_answered(house)
    builders.add_note(house.therapist, a_session(house, builders.add_case(house.therapist).id).id, signed=True)
    a_report(house, builders.add_case(house.therapist).id)
    with clock.standing_at(clock.now() + timedelta(days=days)):
        found = worklists.read_signing(house.supervisor)
        assert [each.kind for each in found] == [WorkKind.ENDING, WorkKind.COSIGN, WorkKind.LEAVING]
        assert {(each.overdue, each.escalated) for each in found} == {(overdue, escalated)}
        told = [each.words for each in crisis.left_to_do(house.admin) if each.task is crisis.Task.COSIGN]
        assert [": 3." in each for each in told] == [True] * escalated


def test_a_hold_to_be_lifted_and_a_purge_wait_for_whoever_did_not_ask(house: House) -> None:
    why = "Its years of keeping are over, nothing is open"
    held, old = builders.add_case(house.therapist), builders.add_case(house.therapist)
    walls.hold(house.therapist, held.id, why)
    builders.close_case(house.therapist, old.id, version=old.version)
    with clock.standing_at(clock.now() + timedelta(days=365 * 30)):
        walls.lift_hold(house.supervisor, held.id, why)
        purging.purge(house.therapist, old.id, why)
        assert kinds(house) == [WorkKind.PURGE]
        (lift,) = [each for each in worklists.read_worklist(house.therapist) if each.kind is WorkKind.HOLD]
        assert (lift.case_id, lift.by, lift.mine) == (held.id, house.supervisor.name, True)
        purging.purge(house.supervisor, old.id, why)
        walls.lift_hold(house.therapist, held.id, why)
        assert WorkKind.HOLD not in {each.kind for each in worklists.read_worklist(house.therapist)}
        assert kinds(house) == []


def test_a_colleague_and_a_restricted_case_stay_out(house: House) -> None:
    case = builders.add_case(house.therapist)
    a_session(house, case.id)
    assert worklists.read_worklist(house.peer) == ()
    assert len(worklists.read_worklist(house.supervisor)) == 1
    row = case_store.row(case.id)
    assert row is not None
    row.sealed = True
    summary.refresh(case.id)
    db.session.commit()
    assert worklists.read_worklist(house.supervisor) == ()
    assert len(worklists.read_worklist(house.therapist)) == 1
