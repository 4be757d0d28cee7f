"""A session together with the other person is blocked until a supervisor agrees."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.note_codes import NoteStep
from schemas.vocabulary import Attendance, SessionType
from service.casework import joint_sessions, notes, sessions
from service.domain import clock
from service.domain.note_life import Screening, waiting
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
    return builders.add_session(house.therapist, case.id, type=SessionType.JOINT, attendance=Attendance.PLANNED)


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


def test_only_a_supervisor_of_the_therapist_decides(house: House, planned: TherapySession) -> None:
    joint_sessions.ask_joint(house.therapist, planned.id, screening(), WHY)
    for other in (house.peer, house.stranger, house.admin):
        with pytest.raises(NotFound):
            joint_sessions.decide_joint(other, planned.id, WHY, allowed=True)


def test_an_ordinary_session_needs_no_question(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    with pytest.raises(Conflict):
        joint_sessions.ask_joint(house.therapist, session.id, screening(), WHY)
    signed = builders.add_note(house.therapist, session.id, signed=True)
    assert notes.read_note(house.therapist, signed.id).trail == ()
