"""Therapy sessions, and the notes that belong to them."""

from schemas.actions import Action
from schemas.notes import AddendumSchema, NoteRecord, NoteSchema
from schemas.payload import Page, VersionOnly
from schemas.sessions import (
    AttendanceSchema,
    GroupSchema,
    SessionChangeSchema,
    SessionRecord,
    SessionSchema,
    SessionViewRecord,
)
from service.api.routes import Given, Listed, Routes, asks, listed, seen, seen_or_none, takes
from service.casework import group_sessions, notes, records, sessions
from service.casework.sessions import SessionView, drafted
from service.domain.notes import Note
from service.domain.sessions import TherapySession
from service.guard import current_actor, needs

routes = Routes("Sessions", "Sessions and their notes. A signed note freezes its session; only addenda follow.")


@routes.get("/cases/<id:case_id>/sessions", SessionRecord, many=True)
@needs(Action.SESSION_READ)
@asks(Page)
def list_sessions(asked: Given, case_id: str) -> Listed:
    """The sessions of a case, newest first."""
    return listed(records.read_record(current_actor(), case_id, Action.SESSION_READ).sessions, asked)


@routes.post("/cases/<id:case_id>/sessions", SessionRecord, status=201)
@needs(Action.SESSION_WRITE)
@takes(SessionSchema)
def record_session(given: Given, case_id: str) -> TherapySession:
    """Plan or record a session."""
    return sessions.record_session(current_actor(), case_id, drafted(given))


@routes.post("/group-sessions", SessionRecord, many=True, status=201)
@needs(Action.GROUP_RECORD)
@takes(GroupSchema)
def record_group(given: Given) -> list[TherapySession]:
    """Place one group session in the record of each client, with no trace of the others."""
    return list(group_sessions.record_group(current_actor(), group_sessions.grouped(given)))


@routes.get("/sessions/<id:session_id>", SessionViewRecord)
@needs(Action.SESSION_READ)
def read_session(session_id: str) -> SessionView:
    """A session with its note, the events of its case, and the steps to signing."""
    return sessions.read_session(current_actor(), session_id)


@routes.put("/sessions/<id:session_id>", SessionRecord)
@needs(Action.SESSION_WRITE)
@takes(SessionChangeSchema)
def change_session(given: Given, session_id: str) -> TherapySession:
    """Replace what is recorded of a session, until its note is signed."""
    version = seen(given)
    return sessions.change_session(current_actor(), session_id, drafted(given), version=version)


@routes.put("/sessions/<id:session_id>/attendance", SessionRecord)
@needs(Action.SESSION_WRITE)
@takes(AttendanceSchema)
def set_attendance(given: Given, session_id: str) -> TherapySession:
    """Say whether the client came."""
    version = seen(given)
    return sessions.set_attendance(current_actor(), session_id, given["attendance"], version=version)


@routes.get("/cases/<id:case_id>/notes", NoteRecord, many=True)
@needs(Action.NOTE_READ)
@asks(Page)
def list_notes(asked: Given, case_id: str) -> Listed:
    """The notes of a case, newest first."""
    return listed(records.read_record(current_actor(), case_id, Action.NOTE_READ).notes, asked)


@routes.put("/sessions/<id:session_id>/note", NoteRecord)
@needs(Action.NOTE_WRITE)
@takes(NoteSchema)
def save_note(given: Given, session_id: str) -> Note:
    """Keep the draft of a session's note; a first save sends no version."""
    version = seen_or_none(given)
    return notes.save_note(current_actor(), session_id, given["format"], given["sections"], version=version)


@routes.get("/notes/<id:note_id>", NoteRecord)
@needs(Action.NOTE_READ)
def read_note(note_id: str) -> Note:
    """One note with its addenda."""
    return notes.read_note(current_actor(), note_id)


@routes.post("/notes/<id:note_id>/sign", NoteRecord)
@needs(Action.NOTE_SIGN)
@takes(VersionOnly)
def sign_note(given: Given, note_id: str) -> Note:
    """Freeze the note; refused with what is missing while a close step does not hold."""
    return notes.sign_note(current_actor(), note_id, version=seen(given))


@routes.post("/notes/<id:note_id>/addenda", NoteRecord, status=201)
@needs(Action.NOTE_ADDENDUM)
@takes(AddendumSchema)
def add_addendum(given: Given, note_id: str) -> Note:
    """Add to a signed note."""
    return notes.add_addendum(current_actor(), note_id, given["text"])
