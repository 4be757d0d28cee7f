"""Words of a note that would leave with it: showing what was found, and confirming by name what may go.

Rule: nothing here changes a text. What stays here cannot be confirmed; then the whole text stays.
"""

from collections.abc import Sequence

from schemas.actions import Action
from schemas.note_codes import NoteStep
from service.casework.leaks import guard_of, let_pass
from service.casework.notes import admitted
from service.domain.actors import Actor
from service.domain.leaks import Guard, Leak, tokens
from service.domain.note_life import StepWords
from service.domain.notes import Note, check_signed
from service.domain.withholding import standing_finds
from service.errors import NotFound
from service.store import cases, note_steps, notes
from service.store.notes import NoteRow
from service.store.transaction import Unit, transaction


def read_finds(actor: Actor, note_id: str) -> tuple[Leak, ...]:
    """What keeps texts of this note from leaving, draft or signed."""
    with transaction(actor, Action.FINDS_READ, f"note/{note_id}") as unit:
        row = admitted(unit, note_id)
        return standing_finds(notes.value(row), _guard(row))


def confirm_finds(actor: Actor, note_id: str, confirmed: Sequence[str]) -> Note:
    """Let the texts of a signed note leave. Raises Invalid naming each find that still stands."""
    with transaction(actor, Action.NOTE_SIGN, f"note/{note_id}") as unit:
        row = admitted(unit, note_id)
        note = notes.value(row)
        check_signed(note)
        found = standing_finds(note, _guard(row))
        let_pass(unit, found, confirmed)
        _keep(unit, note, tokens(found, confirmed))
        return notes.value(row)


def _guard(row: NoteRow) -> Guard:
    case = cases.row(row.case_id)
    if case is None:
        raise NotFound
    return guard_of(case)


def _keep(unit: Unit, note: Note, confirmed: tuple[str, ...]) -> None:
    if confirmed:
        words = StepWords(covers=confirmed)
        note_steps.add((note.case_id, note.session_id), NoteStep.NAMED, unit.actor.user_id, words)
        unit.changed("note", note.id, note.version, case_id=note.case_id)
