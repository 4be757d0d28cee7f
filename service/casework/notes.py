"""Writing, signing and adding to progress notes. A signed note never changes; an addendum follows it."""

from collections.abc import Mapping

from schemas.actions import Action
from schemas.vocabulary import NoteFormat, NoteStatus
from service.casework.gate import admit, check_version, practice_today
from service.domain import clock
from service.domain.actors import Actor
from service.domain.notes import (
    SECTION_LONGEST,
    Note,
    check_complete,
    check_draft,
    check_sections,
    check_signed,
    content_hash,
)
from service.domain.sessions import close_steps
from service.errors import Invalid, NotFound
from service.store import events, notes, sessions, summary
from service.store.base import db
from service.store.notes import NoteRow
from service.store.transaction import Unit, transaction


def save_note(
    actor: Actor, session_id: str, note_format: NoteFormat, sections: Mapping[str, str], *, version: int | None
) -> Note:
    """Keep a draft. `version` is what the writer saw, None for a first save.

    Raises Conflict with both texts when somebody saved meanwhile or the note is signed, Invalid naming the section.
    """
    wanted = check_sections(note_format, sections)
    with transaction(actor, Action.NOTE_WRITE, f"session/{session_id}") as unit:
        session = sessions.row(session_id)
        case = admit(unit, session.case_id if session else None)
        row = notes.of_session(session_id) or notes.add(case.id, session_id, actor.user_id, note_format)
        stored = notes.value(row)
        check_draft(stored)
        is_new = version is None and not any(stored.sections.values())
        if not is_new:
            check_version(seen=version or 0, stored=row.version, yours=wanted, theirs=stored.sections)
        row.format = note_format
        notes.put_sections(row, wanted)
        db.session.flush()
        return notes.value(row)


def sign_note(actor: Actor, note_id: str, *, version: int) -> Note:
    """Freeze the note. Raises Invalid listing the close steps that do not hold yet."""
    with transaction(actor, Action.NOTE_SIGN, f"note/{note_id}") as unit:
        row = _admitted(unit, note_id)
        note = notes.value(row)
        check_draft(note)
        check_version(seen=version, stored=row.version, theirs=note.sections)
        check_complete(note)
        _check_closed(actor, row)
        row.status, row.signed_at, row.signed_by = NoteStatus.SIGNED, clock.now(), actor.user_id
        notes.put_content_hash(row, content_hash(note.format, note.sections, note.session_id))
        row.updated_at = clock.now()
        db.session.flush()
        unit.changed("note", row.id, row.version, case_id=row.case_id)
        summary.refresh(row.case_id)
        return notes.value(row)


def add_addendum(actor: Actor, note_id: str, text: str) -> Note:
    """Add to a signed note; the note itself stays as it was signed."""
    if not text.strip() or len(text) > SECTION_LONGEST:
        raise Invalid("The addendum cannot be kept.", {"text": "Write the addendum; at most 20,000 characters."})
    with transaction(actor, Action.NOTE_ADDENDUM, f"note/{note_id}") as unit:
        row = _admitted(unit, note_id)
        check_signed(notes.value(row))
        notes.add_addendum(row, actor.user_id, text)
        row.updated_at = clock.now()
        db.session.flush()
        unit.changed("note", row.id, row.version, case_id=row.case_id)
        return notes.value(row)


def read_note(actor: Actor, note_id: str) -> Note:
    with transaction(actor, Action.NOTE_READ, f"note/{note_id}") as unit:
        return notes.value(_admitted(unit, note_id))


def _admitted(unit: Unit, note_id: str) -> NoteRow:
    row = notes.row(note_id)
    admit(unit, row.case_id if row else None)
    if row is None:
        raise NotFound
    return row


def _check_closed(actor: Actor, row: NoteRow) -> None:
    session = sessions.row(row.session_id)
    if session is None:
        raise NotFound
    steps = close_steps(sessions.value(session), events.of_case(row.case_id), practice_today(actor))
    missing = {step.key: step.missing for step in steps if not step.done}
    if missing:
        raise Invalid("The session is not ready to be signed.", missing)
