"""Asking for a session together with the other person, and deciding on it.

Rule: blocked until a supervisor agrees, with a reason, after each person was screened alone. Who asked never decides.
"""

from schemas.actions import Action
from schemas.note_codes import NoteStep
from schemas.vocabulary import SessionType
from service.casework.gate import practice_today
from service.casework.sessions import SessionView, admitted, refuse_if_signed, view
from service.domain.actors import Actor
from service.domain.note_life import Screening, StepWords, check_reason, check_screening, joint_allowed, waiting
from service.errors import Conflict, NotAllowed
from service.store import note_steps
from service.store.sessions import SessionRow
from service.store.transaction import Unit, transaction


def ask_joint(actor: Actor, session_id: str, screening: Screening, reason: str) -> SessionView:
    """Put the question to the supervisor. Raises Invalid naming the field, Conflict when it is asked or answered."""
    check_reason(reason)
    with transaction(actor, Action.JOINT_ASK, f"session/{session_id}") as unit:
        row = admitted(unit, session_id)
        check_screening(screening, practice_today(actor))
        _refuse_unfit(row)
        return _kept(unit, row, NoteStep.JOINT_ASKED, StepWords(reason, screening=screening))


def decide_joint(actor: Actor, session_id: str, reason: str, *, allowed: bool) -> SessionView:
    """The supervisor's answer, with the reason. Raises Conflict when nothing is asked."""
    check_reason(reason)
    with transaction(actor, Action.JOINT_DECIDE, f"session/{session_id}") as unit:
        row = admitted(unit, session_id)
        refuse_if_signed(row)
        asked = waiting(note_steps.trail(row.id), NoteStep.JOINT_ASKED)
        if asked is None:
            raise Conflict("No joint session waits for a decision here.")
        if asked.by_id == actor.user_id:
            raise NotAllowed("Somebody else has to decide: you asked.")
        step = NoteStep.JOINT_ALLOWED if allowed else NoteStep.JOINT_REFUSED
        return _kept(unit, row, step, StepWords(reason), answers=asked.id)


def _refuse_unfit(row: SessionRow) -> None:
    refuse_if_signed(row)
    trail = note_steps.trail(row.id)
    if row.type != SessionType.JOINT:
        raise Conflict("This is no joint session. Change its type first.")
    if waiting(trail, NoteStep.JOINT_ASKED) is not None or joint_allowed(trail):
        raise Conflict("This was asked already.")


def _kept(unit: Unit, row: SessionRow, step: NoteStep, words: StepWords, *, answers: str | None = None) -> SessionView:
    note_steps.add((row.case_id, row.id), step, unit.actor.user_id, words, answers=answers)
    return view(row)
