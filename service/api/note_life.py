"""What follows a signature, joint sessions, and the worklist."""

from schemas.actions import Action
from schemas.leaks import ConfirmedSchema, FindRecord
from schemas.notes import (
    AmendmentAnswerSchema,
    ErrorAnswerSchema,
    JointDecisionSchema,
    JointSchema,
    NoteReadingRecord,
    NoteRecord,
    ReasonSchema,
    ReturnSchema,
    WaitingNoteRecord,
    WorkRecord,
)
from schemas.payload import Page, VersionOnly
from schemas.sessions import SessionViewRecord
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import cosigning, joint_sessions, note_leaving, note_life, note_readings, worklists
from service.casework.note_readings import NoteReading
from service.casework.sessions import SessionView
from service.domain.leaks import Leak
from service.domain.note_life import Screening
from service.domain.notes import Note
from service.guard import current_actor, needs

routes = Routes("Note life", "Cosigning, errors, amendments and joint sessions. None of it changes a signed text.")


@routes.get("/worklist", WorkRecord, many=True)
@needs(Action.WORKLIST_READ)
@asks(Page)
def read_worklist(asked: Given) -> Listed:
    """What notes and sessions wait for, most pressing first: the own, and those of supervised therapists."""
    return listed(worklists.read_worklist(current_actor()), asked)


@routes.post("/notes/<id:note_id>/cosign", NoteRecord)
@needs(Action.NOTE_COSIGN)
@takes(VersionOnly)
def cosign_note(given: Given, note_id: str) -> Note:
    """Put a second signature under the note and its addenda as they stand."""
    return note_life.cosign_note(current_actor(), note_id, version=seen(given))


@routes.get("/notes/<id:note_id>/finds", FindRecord, many=True)
@needs(Action.FINDS_READ)
def list_finds(note_id: str) -> tuple[Leak, ...]:
    """What keeps the texts of a note from being read by connected systems."""
    return note_leaving.read_finds(current_actor(), note_id)


@routes.post("/notes/<id:note_id>/finds", NoteRecord)
@needs(Action.NOTE_SIGN)
@takes(ConfirmedSchema)
def confirm_finds(given: Given, note_id: str) -> Note:
    """Confirm by name what may leave with the texts of a signed note. Refused while a find stands."""
    return note_leaving.confirm_finds(current_actor(), note_id, given["confirmed"])


@routes.post("/notes/<id:note_id>/return", NoteRecord)
@needs(Action.NOTE_RETURN)
@takes(ReturnSchema)
def return_note(given: Given, note_id: str) -> Note:
    """Ask for an addendum in place of cosigning; the text stays locked."""
    version = seen(given)
    return note_life.return_note(current_actor(), note_id, given["text"], version=version)


@routes.post("/notes/<id:note_id>/error", NoteRecord)
@needs(Action.NOTE_ERROR)
@takes(ReasonSchema)
def say_note_error(given: Given, note_id: str) -> Note:
    """Say that a signed note was entered in error; a second reader is asked."""
    return note_life.say_error(current_actor(), note_id, given["text"])


@routes.post("/notes/<id:note_id>/error/answer", NoteRecord)
@needs(Action.NOTE_SECOND_READ)
@takes(ErrorAnswerSchema)
def answer_error(given: Given, note_id: str) -> Note:
    """Answer as second reader; agreeing hides the texts of note and session."""
    return note_life.answer_error(current_actor(), note_id, given["text"], agreed=given["agreed"])


@routes.get("/second-readings/notes", WaitingNoteRecord, many=True)
@needs(Action.READINGS_LIST)
@asks(Page)
def list_note_readings(asked: Given) -> Listed:
    """Notes said to be in error that wait for you as second reader, longest first."""
    return listed(note_readings.waiting_notes(current_actor()), asked)


@routes.get("/notes/<id:note_id>/reading", NoteReadingRecord)
@needs(Action.NOTE_SECOND_READ)
def read_note_reading(note_id: str) -> NoteReading:
    """A note said to be in error as its second reader sees it."""
    return note_readings.read_note_reading(current_actor(), note_id)


@routes.get("/notes/<id:note_id>/cosigning", NoteReadingRecord)
@needs(Action.NOTE_COSIGN)
def read_cosigning(note_id: str) -> NoteReading:
    """A note that waits to be cosigned, as who cosigns its author sees it."""
    return cosigning.read_cosigning(current_actor(), note_id)


@routes.get("/notes/<id:note_id>/hidden", NoteRecord)
@needs(Action.NOTE_HIDDEN_READ)
def read_hidden(note_id: str) -> Note:
    """A note with the texts that an error hides."""
    return note_life.read_hidden(current_actor(), note_id)


@routes.post("/notes/<id:note_id>/amendments", NoteRecord, status=201)
@needs(Action.AMENDMENT_ASK)
@takes(ReasonSchema)
def ask_amendment(given: Given, note_id: str) -> Note:
    """Keep what the client wants amended."""
    return note_life.ask_amendment(current_actor(), note_id, given["text"])


@routes.post("/notes/<id:note_id>/amendments/answer", NoteRecord)
@needs(Action.AMENDMENT_ANSWER)
@takes(AmendmentAnswerSchema)
def answer_amendment(given: Given, note_id: str) -> Note:
    """Accept the open request by an addendum, or decline it with a reason."""
    return note_life.answer_amendment(current_actor(), note_id, given["text"], accepted=given["accepted"])


@routes.post("/notes/<id:note_id>/disagreements", NoteRecord, status=201)
@needs(Action.DISAGREEMENT_KEEP)
@takes(ReasonSchema)
def keep_disagreement(given: Given, note_id: str) -> Note:
    """Attach the client's statement of disagreement."""
    return note_life.keep_disagreement(current_actor(), note_id, given["text"])


@routes.post("/sessions/<id:session_id>/joint", SessionViewRecord, status=201)
@needs(Action.JOINT_ASK)
@takes(JointSchema)
def ask_joint(given: Given, session_id: str) -> SessionView:
    """Ask the supervisor for a session together with the other person."""
    reason = given.pop("reason")
    return joint_sessions.ask_joint(current_actor(), session_id, Screening(**given), reason)


@routes.post("/sessions/<id:session_id>/joint/decision", SessionViewRecord)
@needs(Action.JOINT_DECIDE)
@takes(JointDecisionSchema)
def decide_joint(given: Given, session_id: str) -> SessionView:
    """Agree to a joint session, or not, with the reason."""
    return joint_sessions.decide_joint(current_actor(), session_id, given["reason"], allowed=given["allowed"])
