"""Frozen means frozen: nothing is added to a signed session but an addendum, by whatever way it comes."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask

from schemas.instruments.capture import Privacy
from schemas.vocabulary import Attendance, EventLevel, NoteFormat
from service.casework import (
    client_screen,
    events,
    handovers,
    intakes,
    joint_sessions,
    notes,
    sessions,
    write_ups,
)
from service.casework.write_ups import WriteUp
from service.domain.notes import Note
from service.errors import Conflict, Invalid
from service.store import intakes as intake_store
from service.store.base import db
from service.store.events import EventRow
from service.store.intakes import IntakeRow
from service.store.notes import NoteRow
from service.store.sessions import SessionRow
from tests import builders
from tests.builders import House
from tests.casework.test_joint_sessions import WHY, screening

pytestmark = pytest.mark.usefixtures("context")
Act = Callable[[House, Note], object]


@pytest.fixture
def signed(house: House, context: Flask) -> Note:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    return builders.add_note(house.therapist, session.id, signed=True)


def frozen(note: Note) -> tuple[Any, ...]:
    """Every column of session and note but the version of the note, and what is joined to the session."""
    db.session.rollback()
    session, row = db.session.get(SessionRow, note.session_id), db.session.get(NoteRow, note.id)
    assert session is not None
    assert row is not None
    columns = {name.name: getattr(session, name.name) for name in SessionRow.__table__.columns}
    text = (row.format, row.status, row.sections, row.content_hash, row.signed_at, row.signed_by, row.session_id)
    joined = [db.session.query(table).filter_by(session_id=note.session_id).count() for table in (IntakeRow, EventRow)]
    return columns, text, joined


def a_write_up(note: Note, session_version: int) -> WriteUp:
    return WriteUp(builders.a_session_draft(), session_version, NoteFormat.DAP, {"data": "Other"}, note.version)


ACTS: Mapping[str, Act] = {
    "change_session": lambda house, note: sessions.change_session(
        house.therapist, note.session_id, builders.a_session_draft(), version=1
    ),
    "set_attendance": lambda house, note: sessions.set_attendance(
        house.therapist, note.session_id, Attendance.NO_SHOW, version=1
    ),
    "save_note": lambda house, note: notes.save_note(
        house.therapist, note.session_id, NoteFormat.DAP, {"data": "Other"}, version=note.version
    ),
    "save_note_as_new": lambda house, note: notes.save_note(
        house.therapist, note.session_id, NoteFormat.DAP, {"data": "Other"}, version=None
    ),
    "write_up": lambda house, note: write_ups.write_up(house.therapist, note.session_id, a_write_up(note, 1)),
    "sign_again": lambda house, note: notes.sign_note(house.therapist, note.id, version=note.version),
    "submit_intake": lambda house, note: builders.add_intake(house.therapist, note.case_id, session_id=note.session_id),
    "hand_over": lambda house, note: builders.add_handover(house.therapist, note.case_id, session_id=note.session_id),
    "open_event": lambda house, note: events.open_event(
        house.therapist, note.case_id, EventLevel.NEXT, prompt="Said so later", session_id=note.session_id
    ),
    "ask_joint": lambda house, note: joint_sessions.ask_joint(house.therapist, note.session_id, screening(), WHY),
}


@pytest.mark.parametrize("act", list(ACTS))
def test_nothing_but_an_addendum_reaches_a_signed_session(house: House, signed: Note, act: str) -> None:
    before = frozen(signed)
    with pytest.raises((Conflict, Invalid)):
        ACTS[act](house, signed)
    assert frozen(signed) == before


def test_an_addendum_leaves_everything_else_as_it_was(house: House, signed: Note) -> None:
    before = frozen(signed)
    for number in range(20):
        notes.add_addendum(house.therapist, signed.id, f"Addition {number}")
    assert frozen(signed) == before
    after = notes.read_note(house.therapist, signed.id)
    assert [each.text for each in after.addenda] == [f"Addition {number}" for number in range(20)]
    assert len({each.id for each in after.addenda}) == 20
    assert all(each.author_name == "Ana Núñez" and len(each.content_hash) == 64 for each in after.addenda)


def test_a_form_that_the_client_finishes_after_the_signature_is_kept_without_the_session(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id)
    made = builders.add_handover(house.therapist, case.id, session_id=session.id)
    screen = client_screen.open_screen(made.code)
    builders.add_note(house.therapist, session.id, signed=True)
    answers = builders.wsl_answers(E2="4")
    client_screen.finish(screen, answers, shown=list(answers))
    kept = intake_store.of_case(case.id)
    assert [(each.session_id, each.answers["E2"]) for each in kept] == [(None, "4")]
    opened = db.session.query(EventRow).filter_by(case_id=case.id).all()
    assert [each.session_id for each in opened] == [None]


def test_a_form_left_half_way_after_the_signature_opens_its_events_without_the_session(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id)
    made = builders.add_handover(house.therapist, case.id, session_id=session.id, private=Privacy.YES)
    screen = client_screen.open_screen(made.code)
    client_screen.answer(screen, {"E2": "4"}, shown=["E2"])
    builders.add_note(house.therapist, session.id, signed=True)
    handovers.end_handover(house.therapist, made.handover.id)
    assert [each.session_id for each in db.session.query(EventRow).filter_by(case_id=case.id)] == [None]
    assert handovers.take(house.therapist, made.handover.id).session_id is None


def test_a_correction_of_a_log_does_not_join_the_signed_session(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id)
    log = builders.add_intake(house.therapist, case.id, session_id=session.id).intake
    note = builders.add_note(house.therapist, session.id, signed=True)
    before = frozen(note)
    draft = builders.an_intake_draft(builders.wsl_answers(3), session_id=session.id)
    kept = intakes.amend_intake(house.therapist, log.id, draft, reason="Two items were swapped.")
    assert kept.intake.session_id is None
    assert frozen(note) == before


def test_the_guard_of_this_file_can_fail(house: House, signed: Note) -> None:
    """A change behind the verbs is seen: the comparison looks at every column."""
    before = frozen(signed)
    row = db.session.get(SessionRow, signed.session_id)
    assert row is not None
    row.private = "no"
    db.session.commit()
    assert frozen(signed) != before
