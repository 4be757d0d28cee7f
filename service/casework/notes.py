"""Writing, signing and adding to progress notes. A signed note never changes; an addendum follows it."""

from collections.abc import Mapping

from schemas.actions import Action
from schemas.note_codes import NoteStep
from schemas.vocabulary import NoteFormat, NoteStatus
from service.casework.gate import admit, check_version, practice_today
from service.casework.sessions import steps_to_signing
from service.domain import clock
from service.domain.actors import Actor
from service.domain.note_life import StepWords, joint_agreed, needs_cosign, waiting
from service.domain.notes import (
    SECTION_LONGEST,
    Note,
    added_last,
    check_complete,
    check_draft,
    check_sections,
    check_signed,
    content_hash,
    is_late,
    late_after,
)
from service.domain.sessions import TherapySession
from service.errors import Invalid, NotFound
from service.store import accounts, events, note_steps, notes, sessions, summary
from service.store.base import db
from service.store.notes import NoteRow
from service.store.sessions import SessionRow
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
        admit(unit, session.case_id if session else None)
        if session is None:
            raise NotFound
        return notes.value(keep_text(unit, session, note_format, wanted, version=version))


def keep_text(
    unit: Unit, session: SessionRow, note_format: NoteFormat, wanted: dict[str, str], *, version: int | None
) -> NoteRow:
    """The same inside a transaction that has admitted the case; `wanted` has every section of the format."""
    row = notes.of_session(session.id) or notes.add(session.case_id, session.id, unit.actor.user_id, note_format)
    return put_text(row, notes.value(row), note_format=note_format, wanted=wanted, version=version)


def put_text(
    row: NoteRow, stored: Note, *, note_format: NoteFormat, wanted: dict[str, str], version: int | None
) -> NoteRow:
    """The same for a note that was opened in this transaction."""
    check_draft(stored)
    is_new = version is None and not any(stored.sections.values())
    if not is_new:
        check_version(seen=version or 0, stored=row.version, yours=wanted, theirs=stored.sections)
    row.format = note_format
    notes.put_sections(row, wanted)
    db.session.flush()
    return row


def sign_note(actor: Actor, note_id: str, *, version: int) -> Note:
    """Freeze the note. Raises Invalid listing the close steps that do not hold yet."""
    with transaction(actor, Action.NOTE_SIGN, f"note/{note_id}") as unit:
        row = admitted(unit, note_id)
        note = notes.value(row)
        check_draft(note)
        check_version(seen=version, stored=row.version, theirs=note.sections)
        check_complete(note)
        session = _closed(actor, row)
        row.status, row.signed_at, row.signed_by = NoteStatus.SIGNED, clock.now(), actor.user_id
        notes.put_content_hash(row, content_hash(note.format, note.sections, note.session_id))
        row.updated_at = clock.now()
        db.session.flush()
        _mark(actor, row, session)
        unit.changed("note", row.id, row.version, case_id=row.case_id)
        summary.refresh(row.case_id)
        return notes.value(row)


def add_addendum(actor: Actor, note_id: str, text: str) -> Note:
    """Add to a signed note; the note itself stays as it was signed. The same words sent twice are added once."""
    if not text.strip() or len(text) > SECTION_LONGEST:
        raise Invalid("The addendum cannot be kept.", {"text": "Write the addendum; at most 20,000 characters."})
    with transaction(actor, Action.NOTE_ADDENDUM, f"note/{note_id}") as unit:
        row = admitted(unit, note_id)
        note = notes.value(row)
        check_signed(note)
        if not added_last(note, actor.user_id, text):
            append(unit, row, text)
        return notes.value(row)


def append(unit: Unit, row: NoteRow, text: str) -> None:
    """Add to a signed note inside a transaction that has admitted it; where it must be cosigned, it waits again."""
    trail = note_steps.trail(row.session_id)
    notes.add_addendum(row, unit.actor.user_id, text)
    is_asked = needs_cosign(trail) or accounts.is_cosigned(unit.actor.user_id)
    if is_asked and waiting(trail, NoteStep.COSIGN_ASKED) is None:
        note_steps.add((row.case_id, row.session_id), NoteStep.COSIGN_ASKED, unit.actor.user_id, StepWords())
    row.updated_at = clock.now()
    db.session.flush()
    unit.changed("note", row.id, row.version, case_id=row.case_id)


def read_note(actor: Actor, note_id: str) -> Note:
    with transaction(actor, Action.NOTE_READ, f"note/{note_id}") as unit:
        return notes.value(admitted(unit, note_id))


def admitted(unit: Unit, note_id: str) -> NoteRow:
    row = notes.row(note_id)
    admit(unit, row.case_id if row else None)
    if row is None:
        raise NotFound
    return row


def _closed(actor: Actor, row: NoteRow) -> TherapySession:
    """The session of a note that may be signed. Raises Invalid naming the close steps that do not hold."""
    found = sessions.row(row.session_id)
    if found is None:
        raise NotFound
    session = sessions.value(found)
    steps = steps_to_signing(session, events.of_case(row.case_id), practice_today(actor))
    missing = {step.key: step.missing for step in steps if not step.done}
    if missing:
        raise Invalid("The session is not ready to be signed.", missing)
    return session


def _mark(actor: Actor, row: NoteRow, session: TherapySession) -> None:
    """What goes on the trail with a signature: that it came late, and that somebody must cosign."""
    of, policy = (row.case_id, row.session_id), late_after(accounts.practice(actor.practice_id).late_after_hours)
    if is_late(clock.now(), session.ends_at, policy):
        hours = int(policy.total_seconds() // 3600)
        note_steps.add(of, NoteStep.LATE, actor.user_id, StepWords(f"Signed more than {hours} hours after the session"))
    if accounts.is_cosigned(actor.user_id) or joint_agreed(note_steps.trail(row.session_id)) is not None:
        note_steps.add(of, NoteStep.COSIGN_ASKED, actor.user_id, StepWords())
