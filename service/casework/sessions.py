"""Recording therapy sessions and closing them in their order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from schemas.actions import Action
from schemas.event_codes import NoteState
from schemas.instruments.safety_screen import SFS
from schemas.plan_codes import PlanDoubt
from schemas.vocabulary import (
    AskedAnswer,
    Attendance,
    EventLevel,
    NoteStatus,
    PlanRight,
    RiskStatus,
    SessionType,
)
from schemas.years import YEARS, is_year_taken
from service.casework.gate import admit, case_unit, check_version, practice_day
from service.casework.plan_reviews import want_look
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.events import SafetyEvent, blocking
from service.domain.note_life import Taken, joint_allowed
from service.domain.notes import Note
from service.domain.safety import REVIEW_AFTER_NO
from service.domain.session_work import NO_WORK, Gap, Reviewed, Work, gaps_of, homework_items
from service.domain.sessions import LONGEST, Beside, CloseStep, TherapySession, check_joint, close_steps, was_held
from service.errors import Conflict, Invalid, NotFound
from service.store import (
    accounts,
    cases,
    events,
    goals,
    intakes,
    note_steps,
    notes,
    plans,
    programmes,
    schedules,
    sessions,
    summary,
)
from service.store.base import db
from service.store.sessions import SessionRow, SessionWords
from service.store.transaction import Unit, transaction


@dataclass(frozen=True)
class SessionDraft:
    """A session as typed. Times are aware; `private` is an AskedAnswer."""

    starts_at: datetime
    ends_at: datetime
    type: SessionType = SessionType.INDIVIDUAL
    place: str = ""
    private: AskedAnswer = AskedAnswer.NOT_ASKED
    attendance: Attendance = Attendance.PLANNED
    risk: RiskStatus = RiskStatus.UNRECORDED
    risk_reason: str = ""
    plan_right: PlanRight = PlanRight.UNRECORDED
    homework_given: str = ""
    homework_reviewed: str = ""
    next_on: date | None = None
    next_reason: str = ""
    work: Work = NO_WORK


def drafted(given: Mapping[str, Any]) -> SessionDraft:
    """A draft from the loaded values of schemas.sessions.SessionSchema."""
    typed: Mapping[str, Any] = given.get("work", {})
    work = Work(
        interventions=tuple(typed.get("interventions", ())),
        modality=typed.get("modality", ""),
        goal_ids=tuple(typed.get("goal_ids", ())),
        reviewed=tuple(Reviewed(**each) for each in typed.get("reviewed", ())),
    )
    return SessionDraft(**{**given, "work": work})


@dataclass(frozen=True)
class SessionView:
    """A session with its note, the events of the case, and the steps that lead to signing. `gaps` are the loose ends
    of the thread, `carried` the homework of the session before, `touched` steps and tasks of the programme by their
    keys, `trail` what happened beside the text.
    """

    case: Case
    session: TherapySession
    note: Note | None
    events: tuple[SafetyEvent, ...]
    today: date
    steps: tuple[CloseStep, ...]
    gaps: tuple[Gap, ...] = ()
    carried: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()
    trail: tuple[Taken, ...] = ()

    @property
    def to_answer(self) -> tuple[SafetyEvent, ...]:
        """Events that wait for a follow-up, those included that an earlier session answered for its own day only."""
        held = set(blocking(self.events, self.today, self._held_at))
        return tuple(each for each in self.events if each in held or each.is_waiting(self.today))

    @property
    def _held_at(self) -> datetime | None:
        return self.session.starts_at if was_held(self.session) else None

    @property
    def note_state(self) -> NoteState | None:
        """A draft stays blocked for as long as an event to respond to now has no follow-up."""
        if self.note is None or self.note.status is NoteStatus.SIGNED:
            return _signed_state(self.note) if self.note else None
        urgent = any(each.level is EventLevel.NOW for each in blocking(self.events, self.today, self._held_at))
        return NoteState.DRAFT_BLOCKED if urgent else NoteState.DRAFT


def _signed_state(note: Note) -> NoteState:
    return NoteState.WRONG if note.wrong else NoteState.SIGNED


def record_session(actor: Actor, case_id: str, draft: SessionDraft) -> TherapySession:
    """Plan or record a session. Raises Invalid naming the field. The same form sent twice leads to the one session."""
    check_times(draft)
    with case_unit(actor, Action.SESSION_WRITE, case_id) as (unit, _case):
        check_joint(draft.type, draft.attendance, allowed=False)
        row = sessions.at(case_id, actor.user_id, draft.type, (draft.starts_at, draft.ends_at))
        if row is None:
            row = add(unit, case_id, draft)
            summary.refresh(case_id)
        return sessions.value(row)


def change_session(actor: Actor, session_id: str, draft: SessionDraft, *, version: int) -> TherapySession:
    """Change a session seen as `version`. Raises Conflict when it moved on or its note is signed."""
    check_times(draft)
    with transaction(actor, Action.SESSION_WRITE, f"session/{session_id}") as unit:
        row = admitted(unit, session_id)
        put(unit, row, draft, version=version)
        summary.refresh(row.case_id)
        return sessions.value(row)


def put(unit: Unit, row: SessionRow, draft: SessionDraft, *, version: int) -> None:
    """The same inside a transaction that has admitted the case."""
    check_version(seen=version, stored=row.version, yours=_texts(draft), theirs=_texts_of(row))
    refuse_if_signed(row)
    check_joint(draft.type, draft.attendance, allowed=_may_be_joint(unit, row, draft.starts_at))
    _check_goals(row, draft)
    asked_before = row.plan_right
    _fill(row, draft)
    db.session.flush()
    unit.changed("session", row.id, row.version, case_id=row.case_id)
    _doubt_plans(unit, row, asked_before)


def add(unit: Unit, case_id: str, draft: SessionDraft) -> SessionRow:
    """A new session inside a transaction that has admitted the case."""
    check_joint(draft.type, draft.attendance, allowed=False)
    row = sessions.new_row(case_id, unit.actor.user_id)
    _check_goals(row, draft)
    _fill(row, draft)
    db.session.add(row)
    db.session.flush()
    unit.changed("session", row.id, row.version, case_id=case_id)
    _doubt_plans(unit, row, PlanRight.UNRECORDED)
    return row


def set_attendance(actor: Actor, session_id: str, attendance: Attendance, *, version: int) -> TherapySession:
    """One tap on the day page."""
    with transaction(actor, Action.SESSION_WRITE, f"session/{session_id}") as unit:
        row = admitted(unit, session_id)
        check_version(seen=version, stored=row.version)
        refuse_if_signed(row)
        check_joint(SessionType(row.type), attendance, allowed=_may_be_joint(unit, row, row.starts_at))
        row.attendance = attendance
        db.session.flush()
        unit.changed("session", row.id, row.version, case_id=row.case_id)
        summary.refresh(row.case_id)
        return sessions.value(row)


def read_session(actor: Actor, session_id: str) -> SessionView:
    """The session with what its editor needs. Raises NotFound."""
    with transaction(actor, Action.SESSION_READ, f"session/{session_id}") as unit:
        row = admitted(unit, session_id)
        return view(row)


def view(row: SessionRow) -> SessionView:
    """The parts of an admitted session, inside the running transaction."""
    case = cases.row(row.case_id)
    if case is None:
        raise NotFound
    session, note, found = sessions.value(row), notes.of_session(row.id), events.of_case(row.case_id)
    zone = accounts.practice(case.practice_id).zone
    today, carried, touched = clock.today(zone), carried_into(session), programmes.touched(row.id)
    return SessionView(
        case=cases.opened(case),
        session=session,
        note=notes.value(note) if note else None,
        events=found,
        today=today,
        steps=steps_to_signing(session, found, today),
        gaps=_gaps_in(session, carried, zone, touched=bool(touched)),
        carried=carried,
        touched=touched,
        trail=note_steps.trail(row.id),
    )


def steps_to_signing(session: TherapySession, found: tuple[SafetyEvent, ...], today: date) -> tuple[CloseStep, ...]:
    """The close order of a session whose case holds these events."""
    changed = session.risk is RiskStatus.ASKED_CHANGED
    beside = Beside(
        events=found,
        today=today,
        responded=changed and (_screened_in(session.id) or events.belong_to(session.case_id, session.id)),
        plan_in_use=session.plan_right is PlanRight.NO_PLAN and plans.was_in_use(session.case_id, session.starts_at),
    )
    return close_steps(session, beside)


def _screened_in(session_id: str) -> bool:
    return any(each.instrument_key == SFS.key for each in intakes.of_session(session_id))


def carried_into(session: TherapySession) -> tuple[str, ...]:
    """The homework of the last session that took place before this one."""
    before = sessions.held_before(session.case_id, session.starts_at)
    return homework_items(sessions.value(before).homework_given) if before else ()


def _gaps_in(session: TherapySession, carried: tuple[str, ...], zone: str, *, touched: bool) -> tuple[Gap, ...]:
    """Loose ends of a session that took place; a form that was declined that day counts as measured."""
    if not was_held(session):
        return ()
    day = clock.local(session.starts_at, zone).date()
    declined = (clock.local(each.declined_at, zone).date() for each in schedules.refusals(session.case_id))
    measured = bool(intakes.of_session(session.id)) or day in declined
    return gaps_of(session.work, measured=measured, carried=carried, touched=touched)


def check_times(draft: SessionDraft) -> None:
    """Raises Invalid when a session ends before it starts, lasts longer than a day's work or lies centuries away."""
    if not is_year_taken(draft.starts_at.year):
        raise Invalid("The times do not fit.", {"starts_at": YEARS})
    if draft.ends_at <= draft.starts_at:
        raise Invalid("The times do not fit.", {"ends_at": "The end must come after the start."})
    if draft.ends_at - draft.starts_at > LONGEST:
        raise Invalid("The times do not fit.", {"ends_at": "A session cannot last longer than 8 hours."})


def admitted(unit: Unit, session_id: str) -> SessionRow:
    row = sessions.row(session_id)
    admit(unit, row.case_id if row else None)
    if row is None:
        raise NotFound
    return row


def refuse_if_signed(row: SessionRow) -> None:
    note = notes.of_session(row.id)
    if note is not None and note.status == NoteStatus.SIGNED:
        raise Conflict("The note of this session is signed, so the session is frozen. Add an addendum instead.")


def _may_be_joint(unit: Unit, row: SessionRow, starts_at: datetime) -> bool:
    return joint_allowed(note_steps.trail(row.id), practice_day(unit.actor, starts_at))


def _doubt_plans(unit: Unit, row: SessionRow, asked_before: str) -> None:
    """What the client said in a session marks the plans in use once; the next look clears the mark."""
    if row.plan_right == PlanRight.NEEDS_CHANGE != asked_before:
        want_look(unit, row.case_id, PlanDoubt.SESSION, REVIEW_AFTER_NO)


def _check_goals(row: SessionRow, draft: SessionDraft) -> None:
    known = {each.id for each in goals.of_case(row.case_id)} if draft.work.goal_ids else set()
    if not set(draft.work.goal_ids) <= known:
        raise Invalid("A goal does not fit.", {"work.goal_ids": "There is no such goal in this case."})


def _fill(row: SessionRow, draft: SessionDraft) -> None:
    row.type, row.attendance, row.risk = draft.type, draft.attendance, draft.risk
    row.starts_at, row.ends_at = draft.starts_at, draft.ends_at
    row.private, row.plan_right, row.next_on = draft.private, draft.plan_right, draft.next_on
    words = SessionWords(
        place=draft.place,
        risk_reason=draft.risk_reason,
        homework_given=draft.homework_given,
        homework_reviewed=draft.homework_reviewed,
        next_reason=draft.next_reason,
        work=draft.work,
    )
    sessions.seal_words(row, words)


def _texts(draft: SessionDraft) -> dict[str, str]:
    return {
        "homework_given": draft.homework_given,
        "homework_reviewed": draft.homework_reviewed,
        "next_reason": draft.next_reason,
        "risk_reason": draft.risk_reason,
        "modality": draft.work.modality,
    }


def _texts_of(row: SessionRow) -> dict[str, str]:
    value = sessions.value(row)
    names = ("homework_given", "homework_reviewed", "next_reason", "risk_reason")
    return {name: getattr(value, name) for name in names} | {"modality": value.work.modality}
