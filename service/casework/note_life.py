"""What may follow a signature: cosigning, sending back, errors with a second reader, and the client's amendments.

Rule: the signed text stays as it is. Each verb adds a row to the trail, and an addendum at most.
"""

from schemas.actions import Action
from schemas.note_codes import NoteStep
from service.casework.cosigning import NOTHING_WAITS as NOTHING_TO_COSIGN
from service.casework.cosigning import admitted_to_cosign, check_cosigner, relation_of, shown
from service.casework.gate import check_version
from service.casework.note_readings import NOT_YOUR_OWN, NOTHING_WAITS, admitted_to_read, is_only_named, wrote
from service.casework.notes import admitted, append
from service.domain import clock
from service.domain.actors import Actor
from service.domain.note_life import (
    TEXT_LONGEST,
    StepWords,
    Taken,
    check_reason,
    cosign_hash,
    waiting,
)
from service.domain.notes import Note, check_signed, told_of
from service.errors import Conflict, Invalid, NotAllowed
from service.store import note_steps, notes, sessions, summary
from service.store.base import db
from service.store.notes import NoteRow
from service.store.transaction import Unit, transaction


def cosign_note(actor: Actor, note_id: str, *, version: int) -> Note:
    """Put a second signature under the note and the addenda that it has now. Raises Conflict when none is asked for."""
    with transaction(actor, Action.NOTE_COSIGN, f"note/{note_id}") as unit:
        row, asked = _to_cosign(unit, note_id, version)
        note, relation = notes.value(row), relation_of(actor, row)
        addenda = [(each.id, each.content_hash) for each in note.addenda]
        seen = StepWords(content_hash=cosign_hash(note.content_hash, addenda), covers=tuple(key for key, _ in addenda))
        return shown(_answered(unit, row, asked, NoteStep.COSIGNED, seen), relation)


def return_note(actor: Actor, note_id: str, text: str, *, version: int) -> Note:
    """Ask for an addendum in place of cosigning. The signed text stays locked."""
    check_reason(text)
    with transaction(actor, Action.NOTE_RETURN, f"note/{note_id}") as unit:
        row, asked = _to_cosign(unit, note_id, version, text)
        relation = relation_of(actor, row)
        return shown(_answered(unit, row, asked, NoteStep.RETURNED, StepWords(text)), relation)


def say_error(actor: Actor, note_id: str, text: str) -> Note:
    """Say that the note was entered in error. It stays in view until a second reader agrees."""
    check_reason(text)
    with transaction(actor, Action.NOTE_ERROR, f"note/{note_id}") as unit:
        row = _signed(unit, note_id)
        _refuse_open(notes.value(row), NoteStep.ERROR_SAID, "This was said already and waits for a second reader.")
        return _kept(unit, row, NoteStep.ERROR_SAID, StepWords(text))


def answer_error(actor: Actor, note_id: str, text: str, *, agreed: bool) -> Note:
    """Answer as second reader; agreeing hides the texts of note and session. A refusal needs its reason."""
    if not agreed:
        check_reason(text)
    with transaction(actor, Action.NOTE_SECOND_READ, f"note/{note_id}") as unit:
        row = admitted_to_read(unit, note_id)
        check_signed(notes.value(row))
        asked = _asked(notes.value(row), NoteStep.ERROR_SAID, NOTHING_WAITS)
        if wrote(actor, row, asked):
            raise NotAllowed(NOT_YOUR_OWN)
        step = NoteStep.ERROR_AGREED if agreed else NoteStep.ERROR_REFUSED
        named = is_only_named(actor, row)
        session = sessions.row(row.session_id)
        if agreed and session is not None:
            session.hidden_at = session.updated_at = clock.now()
            db.session.flush()
            unit.changed("session", session.id, session.version, case_id=session.case_id)
        answered = _answered(unit, row, asked, step, StepWords(text))
        return told_of(answered, NoteStep.ERROR_SAID) if named else answered


def read_hidden(actor: Actor, note_id: str) -> Note:
    """The note with the texts that an error hides. Leaves its own word in the audit."""
    with transaction(actor, Action.NOTE_HIDDEN_READ, f"note/{note_id}") as unit:
        return notes.whole(admitted(unit, note_id))


def ask_amendment(actor: Actor, note_id: str, text: str) -> Note:
    """Keep what the client wants amended, in the client's words. One request at a time."""
    _check_text(text)
    with transaction(actor, Action.AMENDMENT_ASK, f"note/{note_id}") as unit:
        row = _signed(unit, note_id)
        _refuse_open(notes.value(row), NoteStep.AMENDMENT_ASKED, "An earlier request waits for its answer.")
        return _kept(unit, row, NoteStep.AMENDMENT_ASKED, StepWords(text))


def answer_amendment(actor: Actor, note_id: str, text: str, *, accepted: bool) -> Note:
    """Accept a request by an addendum that holds `text`, or decline it with `text` as the reason."""
    _check_text(text) if accepted else check_reason(text)
    with transaction(actor, Action.AMENDMENT_ANSWER, f"note/{note_id}") as unit:
        row = _signed(unit, note_id)
        asked = _asked(notes.value(row), NoteStep.AMENDMENT_ASKED, "No request for an amendment waits here.")
        if accepted:
            append(unit, row, text)
        step = NoteStep.AMENDMENT_ACCEPTED if accepted else NoteStep.AMENDMENT_DENIED
        return _answered(unit, row, asked, step, StepWords("" if accepted else text))


def keep_disagreement(actor: Actor, note_id: str, text: str) -> Note:
    """Attach what the client says against the note, in the client's words. Sent twice, it is attached once."""
    _check_text(text)
    with transaction(actor, Action.DISAGREEMENT_KEEP, f"note/{note_id}") as unit:
        row = _signed(unit, note_id)
        note = notes.value(row)
        newest = note.trail[-1] if note.trail else None
        if newest and (newest.step, newest.by_id, newest.words.text) == (NoteStep.DISAGREEMENT, actor.user_id, text):
            return note
        return _kept(unit, row, NoteStep.DISAGREEMENT, StepWords(text))


def _to_cosign(unit: Unit, note_id: str, version: int, text: str = "") -> tuple[NoteRow, Taken]:
    """The note and the question, for who cosigns its author."""
    row = admitted_to_cosign(unit, note_id)
    note = notes.value(row)
    check_signed(note)
    check_version(seen=version, stored=row.version, yours={"text": text} if text else None)
    asked = _asked(note, NoteStep.COSIGN_ASKED, NOTHING_TO_COSIGN)
    check_cosigner(unit.actor, row, asked)
    return row, asked


def _signed(unit: Unit, note_id: str) -> NoteRow:
    row = admitted(unit, note_id)
    check_signed(notes.value(row))
    return row


def _asked(note: Note, step: NoteStep, otherwise: str) -> Taken:
    found = waiting(note.trail, step)
    if found is None:
        raise Conflict(otherwise)
    return found


def _refuse_open(note: Note, step: NoteStep, words: str) -> None:
    if waiting(note.trail, step) is not None:
        raise Conflict(words)


def _check_text(text: str) -> None:
    if not text.strip() or len(text) > TEXT_LONGEST:
        raise Invalid("There is nothing to keep.", {"text": "Write it down; at most 20,000 characters."})


def _answered(unit: Unit, row: NoteRow, asked: Taken, step: NoteStep, words: StepWords) -> Note:
    return _kept(unit, row, step, words, answers=asked.id)


def _kept(unit: Unit, row: NoteRow, step: NoteStep, words: StepWords, *, answers: str | None = None) -> Note:
    note_steps.add((row.case_id, row.session_id), step, unit.actor.user_id, words, answers=answers)
    row.updated_at = clock.now()
    db.session.flush()
    unit.changed("note", row.id, row.version, case_id=row.case_id)
    summary.refresh(row.case_id)
    return notes.value(row)
