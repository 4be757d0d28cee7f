"""A therapy session and the order in which it is closed (domain.md 2.5, "Session close order")."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from schemas.vocabulary import Attendance, PlanRight, RiskStatus, SessionType
from service.domain.events import SafetyEvent, blocking
from service.domain.session_work import NO_WORK, Work
from service.errors import Invalid

HELD = frozenset({Attendance.ATTENDED, Attendance.LATE})
LONGEST = timedelta(hours=8)
CHANGED = "Something changed: fill in the safety screen or open a safety event in this session, or give a reason."


class Sitting(Protocol):
    """A session as far as its id, its hour and the attendance tell of it."""

    @property
    def id(self) -> str: ...

    @property
    def starts_at(self) -> datetime: ...

    @property
    def attendance(self) -> Attendance: ...

    @property
    def wrong(self) -> bool: ...


@dataclass(frozen=True)
class TherapySession:
    """`private` is yes, no or unknown (an AskedAnswer code). Times are UTC. `wrong`: it was entered in error, so it
    counts as neither held nor missed nor planned.
    """

    id: str
    case_id: str
    type: SessionType
    starts_at: datetime
    ends_at: datetime
    place: str
    private: str
    attendance: Attendance
    risk: RiskStatus
    risk_reason: str
    plan_right: PlanRight
    homework_given: str
    homework_reviewed: str
    next_on: date | None
    next_reason: str
    author_id: str
    author_name: str
    version: int
    updated_at: datetime
    work: Work = NO_WORK
    wrong: bool = False


@dataclass(frozen=True)
class CloseStep:
    """One named step of closing. `missing` says what to do; empty when the step holds."""

    key: str
    label: str
    missing: str

    @property
    def done(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class Beside:
    """What the close order asks of the rest of the case: its events, the day in the practice's zone, whether a safety
    screen or an event belongs to the session, and whether a plan was in use before it.
    """

    events: tuple[SafetyEvent, ...]
    today: date
    responded: bool = True
    plan_in_use: bool = False


def was_held(session: Sitting) -> bool:
    return session.attendance in HELD and not session.wrong


def check_joint(session_type: SessionType, attendance: Attendance, *, allowed: bool) -> None:
    """Raises Invalid: a session together with the other person does not take place unless a supervisor agreed."""
    if session_type is SessionType.JOINT and attendance in HELD and not allowed:
        words = "A joint session is blocked until a supervisor agrees. Ask on the page of the session."
        raise Invalid("This joint session is blocked.", {"attendance": words})


def close_steps(session: TherapySession, beside: Beside) -> tuple[CloseStep, ...]:
    """The steps before signing, in order."""
    events = _events_step(session, beside.events, beside.today)
    if not was_held(session) and session.attendance is not Attendance.PLANNED:
        return (CloseStep("attendance", "Attendance", ""), events)
    return (
        CloseStep("attendance", "Attendance", _attendance_missing(session)),
        CloseStep("risk", "Safety asked", _risk_missing(session, responded=beside.responded)),
        events,
        CloseStep("plan", "Plan still right", _plan_missing(session, in_use=beside.plan_in_use)),
        CloseStep("next", "Homework and next date", _next_missing(session)),
    )


def _attendance_missing(session: TherapySession) -> str:
    return "Say whether the client came." if session.attendance is Attendance.PLANNED else ""


def _risk_missing(session: TherapySession, *, responded: bool) -> str:
    if session.risk is RiskStatus.UNRECORDED:
        return "Record whether safety was asked about."
    if session.risk is RiskStatus.NOT_ASKED and not session.risk_reason.strip():
        return "Give the reason why safety was not asked about."
    if session.risk is RiskStatus.ASKED_CHANGED and not responded and not session.risk_reason.strip():
        return CHANGED
    return ""


def _events_step(session: TherapySession, events: tuple[SafetyEvent, ...], today: date) -> CloseStep:
    """A session that took place also answers what an earlier one answered for its own day only."""
    count = len(blocking(events, today, session.starts_at if was_held(session) else None))
    missing = f"Record a follow-up for {count} open safety event{'s' if count > 1 else ''}." if count else ""
    return CloseStep("events", "Follow-ups", missing)


def _plan_missing(session: TherapySession, *, in_use: bool) -> str:
    if session.plan_right is PlanRight.NO_PLAN and in_use:
        return "A plan is in use since before this session: say whether it still fits, or that it was not discussed."
    return "Say whether the plan still fits." if session.plan_right is PlanRight.UNRECORDED else ""


def _next_missing(session: TherapySession) -> str:
    if session.next_on is None and not session.next_reason.strip():
        return "Give the next date, or why there is none."
    return ""
