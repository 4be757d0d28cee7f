"""Asking for a session together with the other person, and deciding on it.

Rule: blocked until a supervisor agrees, with a reason, after each person was screened alone. Who asked never decides.
The answer holds for the day that was asked for, and a week around it; a session moved further is asked for anew.
"""

from datetime import date

from schemas.actions import Action
from schemas.note_codes import NoteStep
from schemas.vocabulary import SessionType
from service.casework.gate import practice_day, practice_today, supervisors_who_may
from service.casework.sessions import SessionView, admitted, refuse_if_signed, view
from service.domain.actors import Actor
from service.domain.note_life import (
    Screening,
    StepWords,
    check_reason,
    check_screening,
    joint_allowed,
    moved_away,
    waiting,
)
from service.errors import Conflict, Invalid, NotAllowed
from service.store import cases, note_steps
from service.store.base import db
from service.store.cases import CaseRow
from service.store.sessions import SessionRow
from service.store.transaction import Unit, transaction

NOBODY_DECIDES = (
    "No supervisor can decide on this: the therapist of the case has none, or the one there is covers this case or "
    "cannot open it. Lift a restriction, or ask an administrator to name another supervisor. Until then the session "
    "does not take place."
)
MOVED = "The session was moved since, so it has to be asked for anew. Say no to this question."


def ask_joint(actor: Actor, session_id: str, screening: Screening, reason: str) -> SessionView:
    """Put the question to the supervisor. Raises Invalid naming the field, Conflict when it is asked or answered."""
    check_reason(reason)
    with transaction(actor, Action.JOINT_ASK, f"session/{session_id}") as unit:
        row = admitted(unit, session_id)
        day = practice_day(actor, row.starts_at)
        check_screening(screening, practice_today(actor), day)
        _refuse_unfit(row, day)
        _refuse_unanswerable(row)
        return _kept(unit, row, NoteStep.JOINT_ASKED, StepWords(reason, screening=screening, for_day=day))


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
        if allowed and moved_away(asked.words, practice_day(actor, row.starts_at)):
            raise Invalid("This was asked for another day.", {"allowed": MOVED})
        step = NoteStep.JOINT_ALLOWED if allowed else NoteStep.JOINT_REFUSED
        return _kept(unit, row, step, StepWords(reason), answers=asked.id)


def why_stuck(actor: Actor, session_id: str) -> str:
    """What to do where no supervisor can decide on this session; empty where somebody can."""
    with transaction(actor, Action.SESSION_READ, f"session/{session_id}") as unit:
        return "" if _deciders(admitted(unit, session_id)) else NOBODY_DECIDES


def _deciders(row: SessionRow) -> list[Actor]:
    case = db.session.get_one(CaseRow, row.case_id)
    return supervisors_who_may(Action.JOINT_DECIDE, cases.owner_id(row.case_id), case)


def _refuse_unanswerable(row: SessionRow) -> None:
    if not _deciders(row):
        raise Conflict(NOBODY_DECIDES)


def _refuse_unfit(row: SessionRow, day: date) -> None:
    refuse_if_signed(row)
    trail = note_steps.trail(row.id)
    if row.type != SessionType.JOINT:
        raise Conflict("This is no joint session. Change its type first.")
    if waiting(trail, NoteStep.JOINT_ASKED) is not None or joint_allowed(trail, day):
        raise Conflict("This was asked already.")


def _kept(unit: Unit, row: SessionRow, step: NoteStep, words: StepWords, *, answers: str | None = None) -> SessionView:
    note_steps.add((row.case_id, row.id), step, unit.actor.user_id, words, answers=answers)
    return view(row)
