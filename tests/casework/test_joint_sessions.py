"""A session together with the other person is blocked until a supervisor agrees."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas.note_codes import NoteStep
from schemas.vocabulary import Attendance, SessionType
from service.casework import cases, joint_sessions, notes, people, sessions, walls
from service.casework.write_ups import drafted_from
from service.domain import clock
from service.domain.note_life import Screening, StepWords, moved_away, waiting
from service.domain.sessions import TherapySession
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
WHY = "The client asks for one hour about the handing over of the children."


def screening(**changes: object) -> Screening:
    today = clock.now().date()
    return replace(Screening(today, "Ana Núñez", today - timedelta(days=3), "Jonas Weiß"), **changes)  # type: ignore[arg-type]


@pytest.fixture
def planned(house: House, context: object) -> TherapySession:
    case = builders.add_case(house.therapist)
    noon = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    times = {"starts_at": noon, "ends_at": noon + timedelta(minutes=50)}
    return builders.add_session(
        house.therapist, case.id, type=SessionType.JOINT, attendance=Attendance.PLANNED, **times
    )


def test_it_can_be_planned_and_does_not_take_place(house: House, planned: TherapySession) -> None:
    draft = builders.a_session_draft(type=SessionType.JOINT)
    with pytest.raises(Invalid) as caught:
        sessions.record_session(house.therapist, planned.case_id, draft)
    assert list(caught.value.fields) == ["attendance"]
    with pytest.raises(Invalid):
        sessions.change_session(house.therapist, planned.id, draft, version=planned.version)
    with pytest.raises(Invalid):
        sessions.set_attendance(house.therapist, planned.id, Attendance.LATE, version=planned.version)


def test_a_session_that_took_place_does_not_become_a_joint_one(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    with pytest.raises(Invalid):
        sessions.change_session(
            house.therapist, session.id, builders.a_session_draft(type=SessionType.JOINT), version=session.version
        )


def test_each_person_is_screened_alone_and_lately(house: House, planned: TherapySession) -> None:
    today = clock.now().date()
    wrong = screening(client_on=today - timedelta(days=31), other_on=today + timedelta(days=1), other_by=" ")
    with pytest.raises(Invalid) as caught:
        joint_sessions.ask_joint(house.therapist, planned.id, wrong, WHY)
    assert sorted(caught.value.fields) == ["client_on", "other_by", "other_on"]


def test_the_supervisor_agrees_and_the_note_waits_to_be_cosigned(house: House, planned: TherapySession) -> None:
    joint_sessions.ask_joint(house.therapist, planned.id, screening(), WHY)
    with pytest.raises(NotAllowed):
        joint_sessions.decide_joint(house.therapist, planned.id, WHY, allowed=True)
    with pytest.raises(Invalid):
        joint_sessions.decide_joint(house.supervisor, planned.id, "fine", allowed=True)
    joint_sessions.decide_joint(house.supervisor, planned.id, WHY, allowed=True)
    held = sessions.set_attendance(house.therapist, planned.id, Attendance.ATTENDED, version=planned.version)
    note = builders.add_note(house.therapist, held.id, signed=True)
    assert waiting(note.trail, NoteStep.COSIGN_ASKED) is not None


def test_it_stays_blocked_when_the_supervisor_does_not_agree_and_can_be_asked_anew(
    house: House, planned: TherapySession
) -> None:
    joint_sessions.ask_joint(house.therapist, planned.id, screening(), WHY)
    with pytest.raises(Conflict):
        joint_sessions.ask_joint(house.therapist, planned.id, screening(), WHY)
    joint_sessions.decide_joint(house.supervisor, planned.id, "Not while the hearing is open.", allowed=False)
    with pytest.raises(Invalid):
        sessions.set_attendance(house.therapist, planned.id, Attendance.ATTENDED, version=planned.version)
    view = joint_sessions.ask_joint(house.therapist, planned.id, screening(), WHY)
    assert waiting(view.trail, NoteStep.JOINT_ASKED) is not None


def moved(house: House, session: TherapySession, days: int, **changes: object) -> TherapySession:
    by = timedelta(days=days)
    draft = replace(drafted_from(session), starts_at=session.starts_at + by, ends_at=session.ends_at + by, **changes)  # type: ignore[arg-type]
    return sessions.change_session(house.therapist, session.id, draft, version=session.version)


def agreed_to(house: House, session: TherapySession, **changes: object) -> None:
    joint_sessions.ask_joint(house.therapist, session.id, screening(**changes), WHY)
    joint_sessions.decide_joint(house.supervisor, session.id, WHY, allowed=True)


@pytest.mark.parametrize(("days", "holds"), [(7, True), (-7, True), (8, False), (-8, False), (200, False)])
def test_what_was_agreed_to_holds_for_its_day_and_a_week_around_it(
    house: House, planned: TherapySession, days: int, holds: bool
) -> None:
    agreed_to(house, planned)
    if holds:
        assert moved(house, planned, days, attendance=Attendance.ATTENDED).attendance is Attendance.ATTENDED
        return
    with pytest.raises(Invalid) as caught:
        moved(house, planned, days, attendance=Attendance.ATTENDED)
    assert list(caught.value.fields) == ["attendance"]
    later = moved(house, planned, days)
    with pytest.raises(Invalid):
        sessions.set_attendance(house.therapist, planned.id, Attendance.ATTENDED, version=later.version)


def test_a_session_that_was_moved_is_asked_for_anew(house: House, planned: TherapySession) -> None:
    agreed_to(house, planned)
    later = moved(house, planned, 20)
    agreed_to(house, later)
    held = sessions.set_attendance(house.therapist, planned.id, Attendance.ATTENDED, version=later.version)
    assert waiting(builders.add_note(house.therapist, held.id, signed=True).trail, NoteStep.COSIGN_ASKED) is not None


def test_a_screening_is_no_older_than_a_month_on_the_day_of_the_session(house: House, planned: TherapySession) -> None:
    ago = clock.now().date() - timedelta(days=28)
    agreed_to(house, planned, other_on=ago)
    with pytest.raises(Invalid):
        moved(house, planned, 4, attendance=Attendance.ATTENDED)
    far = moved(house, planned, 40)
    with pytest.raises(Invalid) as caught:
        joint_sessions.ask_joint(house.therapist, far.id, screening(), WHY)
    assert sorted(caught.value.fields) == ["client_on", "other_on"]


def test_a_supervisor_does_not_agree_to_another_day_than_was_asked_for(house: House, planned: TherapySession) -> None:
    joint_sessions.ask_joint(house.therapist, planned.id, screening(), WHY)
    moved(house, planned, 10)
    with pytest.raises(Invalid) as caught:
        joint_sessions.decide_joint(house.supervisor, planned.id, WHY, allowed=True)
    assert list(caught.value.fields) == ["allowed"]
    view = joint_sessions.decide_joint(house.supervisor, planned.id, WHY, allowed=False)
    assert waiting(view.trail, NoteStep.JOINT_ASKED) is None


def test_a_question_of_before_its_day_was_kept_is_held_to_the_screening() -> None:
    day = date(2026, 3, 31)
    asked = StepWords(WHY, screening=Screening(date(2026, 3, 2), "Ana", date(2026, 3, 1), "Jonas"))
    assert (moved_away(asked, day), moved_away(asked, day + timedelta(days=1))) == (False, True)


def test_only_a_supervisor_of_the_therapist_decides(house: House, planned: TherapySession) -> None:
    joint_sessions.ask_joint(house.therapist, planned.id, screening(), WHY)
    for other in (house.peer, house.stranger, house.admin):
        with pytest.raises(NotFound):
            joint_sessions.decide_joint(other, planned.id, WHY, allowed=True)


@pytest.mark.parametrize("gone", ["ended", "covers", "restricted"])
def test_nobody_is_asked_where_no_supervisor_can_decide(house: House, planned: TherapySession, gone: str) -> None:
    day = clock.now().date() + timedelta(days=2)
    if gone == "ended":
        people.end_account(house.admin, house.supervisor.user_id)
    if gone == "covers":
        cases.assign_cover(house.therapist, planned.case_id, house.supervisor.user_id, day)
    if gone == "restricted":
        walls.restrict(house.therapist, planned.case_id, "A relative of hers works here", wanted=True)
    assert "ask an administrator to name another" in joint_sessions.why_stuck(house.therapist, planned.id)
    with pytest.raises(Conflict, match="Lift a restriction"):
        joint_sessions.ask_joint(house.therapist, planned.id, screening(), WHY)
    assert sessions.read_session(house.therapist, planned.id).trail == ()


def test_an_ordinary_session_needs_no_question(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    with pytest.raises(Conflict):
        joint_sessions.ask_joint(house.therapist, session.id, screening(), WHY)
    signed = builders.add_note(house.therapist, session.id, signed=True)
    assert notes.read_note(house.therapist, signed.id).trail == ()
