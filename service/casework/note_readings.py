"""Second reading of notes that are said to be in error, for whoever may and did not write them.

Rule: where the therapist of the case has a supervisor, the supervisor reads, or who covers the case. Where there is
none, a colleague whom the practice named does, and sees the note and nothing else of the case.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas.actions import Action
from schemas.note_codes import NoteStep
from schemas.vocabulary import Relation
from service.casework.gate import practice_unit
from service.casework.notes import admitted
from service.domain.access import decide
from service.domain.actors import Actor
from service.domain.note_life import Taken, waiting
from service.domain.notes import Note, told_of
from service.errors import NotFound
from service.store import accounts, cases, note_steps, notes, sessions
from service.store.base import db
from service.store.cases import CaseRow
from service.store.notes import NoteRow
from service.store.transaction import Unit, transaction

NOT_YOUR_OWN = "Somebody else has to read this: you wrote it."
UNREAD = (
    "Nobody can be its second reader at present. Give cover to a colleague who did not write it, or ask an "
    "administrator to name a supervisor or, where there is none, a second reader."
)
UNREAD_RESTRICTED = (
    "Nobody can be its second reader at present, for the case is restricted. Give cover to a colleague who did not "
    "write it, or lift the restriction."
)
NOTHING_WAITS = "Nothing waits for a second reader here."


@dataclass(frozen=True)
class NoteReading:
    """A note as its second reader sees it: of the case the code only. `barred` says why this reader cannot answer."""

    code: str
    note: Note
    held_at: datetime
    reason: str
    barred: str


@dataclass(frozen=True)
class WaitingNote:
    """One note of the queue of second readers."""

    code: str
    note_id: str
    by: str
    since: datetime


def read_note_reading(actor: Actor, note_id: str) -> NoteReading:
    """What waits for a second reader, as far as it concerns the reading."""
    with transaction(actor, Action.NOTE_SECOND_READ, f"note/{note_id}") as unit:
        row = admitted_to_read(unit, note_id)
        note, session = notes.value(row), sessions.row(row.session_id)
        if session is None:
            raise NotFound
        asked = waiting(note.trail, NoteStep.ERROR_SAID)
        note = told_of(note, NoteStep.ERROR_SAID) if is_only_named(actor, row) else note
        barred = NOT_YOUR_OWN if asked and wrote(actor, row, asked) else ""
        return NoteReading(
            code=_case_of(row.case_id).code,
            note=note,
            held_at=session.starts_at,
            reason=asked.words.text if asked else "",
            barred=barred if asked else NOTHING_WAITS,
        )


def waiting_notes(actor: Actor) -> tuple[WaitingNote, ...]:
    """Notes said to be in error that this reader can answer, longest first."""
    with practice_unit(actor, Action.READINGS_LIST):
        found = note_steps.unanswered(cases.all_ids(actor.practice_id), NoteStep.ERROR_SAID)
        return tuple(
            WaitingNote(_case_of(each.case_id).code, row.id, each.by, each.at)
            for each in found
            if (row := notes.of_session(each.session_id)) and _may_answer(actor, row, each)
        )


def why_unread(actor: Actor, note_id: str) -> str:
    """What to do where a note said to be in error waits and nobody can read it; empty where somebody can."""
    with transaction(actor, Action.NOTE_READ, f"note/{note_id}") as unit:
        row = admitted(unit, note_id)
        asked = waiting(note_steps.trail(row.session_id), NoteStep.ERROR_SAID)
        if asked is None:
            return ""
        people = (each for each in accounts.people(actor.practice_id) if each.active)
        if any(_may_answer(Actor(each.id, actor.practice_id, each.role), row, asked) for each in people):
            return ""
        return UNREAD_RESTRICTED if _case_of(row.case_id).sealed else UNREAD


def admitted_to_read(unit: Unit, note_id: str) -> NoteRow:
    """For whoever is only named as second reader, there is nothing of the case but the note that waits."""
    row = admitted(unit, note_id)
    if is_only_named(unit.actor, row) and not _waits_for_named(row):
        raise NotFound
    return row


def wrote(actor: Actor, row: NoteRow, asked: Taken) -> bool:
    """Whether this person wrote or signed the note, or said that it was in error."""
    return actor.user_id in (asked.by_id, row.signed_by, row.author_id)


def is_only_named(actor: Actor, row: NoteRow) -> bool:
    """Whether nothing but being named as second reader lets this person in."""
    return cases.facts(actor, _case_of(row.case_id)).relation is Relation.READER


def _may_answer(actor: Actor, row: NoteRow, asked: Taken) -> bool:
    facts = cases.facts(actor, _case_of(row.case_id))
    if facts.relation is Relation.READER and not _waits_for_named(row):
        return False
    return decide(Action.NOTE_SECOND_READ, actor.role, facts).allowed and not wrote(actor, row, asked)


def _waits_for_named(row: NoteRow) -> bool:
    """An event of the case may be what the reader was let in for: then its notes are not."""
    asked = waiting(note_steps.trail(row.session_id), NoteStep.ERROR_SAID)
    return asked is not None and not accounts.supervisors_of(cases.owner_id(row.case_id))


def _case_of(case_id: str) -> CaseRow:
    return db.session.get_one(CaseRow, case_id)
