"""Who cosigns a note: whoever cosigns what its author signs, on whatever case it was written.

Rule: a supervisor who stands to the case in no other way sees the note that waits and nothing else of it. Where nobody
cosigns the author (a joint session was allowed), who supervises the therapist of the case does. A restricted case opens
to nobody for this: the note waits, and whoever works on the case reads why.
"""

from schemas.actions import Action
from schemas.note_codes import NoteStep
from schemas.vocabulary import Relation
from service.casework.gate import who_of
from service.casework.note_readings import NoteReading
from service.casework.notes import admitted
from service.domain.actors import Actor
from service.domain.note_life import Taken, waiting
from service.domain.notes import Note, told_of
from service.errors import NotAllowed, NotFound
from service.store import accounts, cases, note_steps, notes, sessions
from service.store.base import db
from service.store.cases import CaseRow
from service.store.notes import NoteRow
from service.store.transaction import Unit, transaction

NOTHING_WAITS = "This note does not wait to be cosigned."
NOT_THE_COSIGNER = "Somebody else has to cosign this: who cosigns its author, and did not write it."
RESTRICTED = "The case is restricted: lift that, or give cover to the supervisor who cosigns"
NOBODY = "No supervisor who may cosign can sign in: an administrator names one under Supervision"
ONLY_FOR_THIS = frozenset({Relation.COSIGNER, Relation.READER, Relation.GLASS})


def read_cosigning(actor: Actor, note_id: str) -> NoteReading:
    """What waits to be cosigned, as far as it concerns the signature. Raises NotFound."""
    with transaction(actor, Action.NOTE_COSIGN, f"note/{note_id}") as unit:
        row = admitted_to_cosign(unit, note_id)
        session, note = sessions.row(row.session_id), shown(notes.value(row), relation_of(actor, row))
        if session is None:
            raise NotFound
        asked = waiting(note.trail, NoteStep.COSIGN_ASKED)
        barred = "" if asked and is_cosigner(actor, row, asked) else NOT_THE_COSIGNER
        return NoteReading(
            code=_case_of(row).code,
            note=note,
            held_at=session.starts_at,
            reason="",
            barred=barred if asked else NOTHING_WAITS,
        )


def admitted_to_cosign(unit: Unit, note_id: str) -> NoteRow:
    """For whoever is let in for a signature alone, there is nothing of the case but the note that waits for it."""
    row = admitted(unit, note_id)
    if relation_of(unit.actor, row) in ONLY_FOR_THIS:
        asked = waiting(note_steps.trail(row.session_id), NoteStep.COSIGN_ASKED)
        if asked is None or not is_cosigner(unit.actor, row, asked):
            raise NotFound
    return row


def relation_of(actor: Actor, row: NoteRow) -> Relation:
    """To be asked before the answer is kept: with it, whoever was let in for this is let in no longer."""
    return cases.facts(actor, _case_of(row)).relation


def shown(note: Note, relation: Relation) -> Note:
    """The note as it concerns the signature: what else happened to its session is not for who is let in for this."""
    return told_of(note, NoteStep.COSIGN_ASKED) if relation in ONLY_FOR_THIS else note


def waits_for(actor: Actor, note_id: str) -> bool:
    """Whether a note that this person reads waits for their signature."""
    with transaction(actor, Action.NOTE_READ, f"note/{note_id}") as unit:
        row = admitted(unit, note_id)
        asked = waiting(note_steps.trail(row.session_id), NoteStep.COSIGN_ASKED)
        return asked is not None and is_cosigner(actor, row, asked)


def check_cosigner(actor: Actor, row: NoteRow, asked: Taken) -> None:
    """Raises NotAllowed for anybody else than who cosigns the author."""
    if not is_cosigner(actor, row, asked):
        raise NotAllowed(NOT_THE_COSIGNER)


def is_cosigner(actor: Actor, row: NoteRow, asked: Taken) -> bool:
    return actor.user_id in {each.user_id for each in cosigners(row, asked)}


def cosigners(row: NoteRow, asked: Taken) -> list[Actor]:
    """Those who can put the second signature under it now."""
    theirs = accounts.cosigners_of(asked.by_id) or accounts.supervisors_of(cases.owner_id(row.case_id))
    others = [each for each in theirs if each not in (row.signed_by, row.author_id)]
    return who_of(others, Action.NOTE_COSIGN, _case_of(row))


def why_stuck(row: NoteRow) -> str:
    """What to do about a note that nobody can cosign."""
    return RESTRICTED if _case_of(row).sealed else NOBODY


def read_foreseen(actor: Actor, note_id: str) -> str:
    """What to do beforehand where nobody could cosign what this person signs here; empty where somebody could."""
    with transaction(actor, Action.NOTE_SIGN, f"note/{note_id}") as unit:
        case = _case_of(admitted(unit, note_id))
        there = {each.account_id for each in case.assigned}
        is_open = not case.sealed or there & set(accounts.cosigners_of(actor.user_id))
        return "" if is_open or not accounts.is_cosigned(actor.user_id) else RESTRICTED


def _case_of(row: NoteRow) -> CaseRow:
    return db.session.get_one(CaseRow, row.case_id)
