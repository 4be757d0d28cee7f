"""Saving session and note together: the editor is one form, and a draft that saves itself is one write.

Rule: only what differs is written, both parts or neither; a part that moved on meanwhile is a Conflict of that part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from schemas.actions import Action
from schemas.vocabulary import AskedAnswer, NoteFormat
from service.casework.gate import practice_today
from service.casework.notes import keep_text, put_text
from service.casework.sessions import SessionDraft, admitted, check_times, put, steps_to_signing
from service.domain import clock
from service.domain.actors import Actor
from service.domain.notes import Note, check_sections
from service.domain.sessions import CloseStep, TherapySession
from service.store import accounts, events, notes, sessions, summary
from service.store.notes import NoteRow
from service.store.sessions import SessionRow
from service.store.transaction import Unit, transaction


@dataclass(frozen=True)
class WriteUp:
    """The whole editor as typed, with the versions that were seen (0 for no note yet). Times are to the minute.
    `empty_too`: keep a note even while nothing is written in it.
    """

    session: SessionDraft
    session_version: int
    format: NoteFormat
    sections: Mapping[str, str]
    note_version: int
    empty_too: bool = False


@dataclass(frozen=True)
class Kept:
    """Session and note as they stand, with the steps to signing."""

    session: TherapySession
    note: Note | None
    steps: tuple[CloseStep, ...]


def write_up(actor: Actor, session_id: str, typed: WriteUp) -> Kept:
    """Keep the draft. Raises Invalid naming the field, Conflict with both texts of the part that moved on."""
    wanted = check_sections(typed.format, typed.sections)
    with transaction(actor, Action.SESSION_WRITE_UP, f"session/{session_id}") as unit:
        row = admitted(unit, session_id)
        stored = sessions.value(row)
        draft = _as_shown(typed.session, stored, accounts.practice(actor.practice_id).zone)
        check_times(draft)
        differs = draft != drafted_from(stored)
        if differs:
            put(unit, row, draft, version=typed.session_version)
        before = notes.of_session(row.id)
        note = _keep_note(unit, row, replace(typed, sections=wanted), before)
        if differs or before is None:
            summary.refresh(row.case_id)
        session = sessions.value(row) if differs else stored
        found = steps_to_signing(session, events.of_case(row.case_id), practice_today(actor))
        return Kept(session, notes.value(note) if note else None, found)


def drafted_from(session: TherapySession) -> SessionDraft:
    """A stored session as it would be typed."""
    values = {part.name: getattr(session, part.name) for part in fields(SessionDraft)}
    return SessionDraft(**{**values, "private": AskedAnswer(session.private)})


def _keep_note(unit: Unit, row: SessionRow, typed: WriteUp, before: NoteRow | None) -> NoteRow | None:
    wanted = dict(typed.sections)
    if before is None and not any(wanted.values()) and not typed.empty_too:
        return None
    if before is not None:
        stored = notes.value(before)
        if (stored.format, dict(stored.sections)) == (typed.format, wanted):
            return before
        version = typed.note_version or None
        return put_text(before, stored, note_format=typed.format, wanted=wanted, version=version)
    return keep_text(unit, row, typed.format, wanted, version=typed.note_version or None)


def _as_shown(typed: SessionDraft, stored: TherapySession, zone: str) -> SessionDraft:
    """The controls show minutes on the clocks of the practice: what they cannot show is no change. That is a second,
    and which of two it is where the clocks go back and an hour comes twice.
    """
    return replace(
        typed,
        starts_at=stored.starts_at if _looks_alike(stored.starts_at, typed.starts_at, zone) else typed.starts_at,
        ends_at=stored.ends_at if _looks_alike(stored.ends_at, typed.ends_at, zone) else typed.ends_at,
    )


def _looks_alike(one: datetime, other: datetime, zone: str) -> bool:
    shown, typed = (clock.local(each, zone).replace(second=0, microsecond=0, tzinfo=None) for each in (one, other))
    return shown == typed
