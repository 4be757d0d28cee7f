"""The maintained summary row behind every caseload page (performance.md section 6).

`refresh` works one case out anew inside the transaction that changed it, so a back-dated, corrected or reopened
record needs no
special case; `rebuild` does the same for all. Overdue is never stored: it is worked out from dates at reading time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    ScalarSelect,
    bindparam,
    exists,
    func,
    select,
)
from sqlalchemy import (
    case as either,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from schemas.vocabulary import Attendance, CaseStatus, EventLevel, EventStatus, NoteStatus, PlanStatus
from service.domain.cases import CaseloadRow, CoursePoint, EventClock
from service.domain.clock import end_of_day, start_of_day, today
from service.domain.deadlines import Deadline
from service.domain.events import Check, is_left_behind
from service.domain.module_times import ModuleAsked
from service.domain.schedules import Asked
from service.store import accounts, cases, deadlines, module_times, schedules
from service.store.base import Base, Code, Id, UtcDateTime, db
from service.store.events import EventRow
from service.store.intakes import IntakeRow
from service.store.keyring import Place, ring
from service.store.notes import NoteRow
from service.store.plans import PlanRow
from service.store.sessions import STANDS, TOOK_PLACE, SessionRow

CASELOAD_INSTRUMENT = "wsl"
COURSE_POINTS = 12

T = TypeVar("T")


class SummaryRow(Base):
    """One row a case. `shown` is the sealed chosen name and course, read only for the rows on a page."""

    __tablename__ = "case_summary"
    __table_args__ = (Index("ix_case_summary_caseload", "therapist_id", "status", "open_events", "case_id"),)

    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, index=True)
    therapist_id: Mapped[str] = mapped_column(Id)
    code: Mapped[str] = mapped_column(Code)
    status: Mapped[str] = mapped_column(Code)
    sealed: Mapped[bool] = mapped_column(Boolean, default=False)
    shown: Mapped[bytes] = mapped_column(LargeBinary)
    last_session_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_session_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    baseline_total: Mapped[float | None]
    last_total: Mapped[float | None]
    last_intake_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    plan_due: Mapped[date | None]
    unsigned: Mapped[int] = mapped_column(default=0)
    oldest_unsigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    open_events: Mapped[int] = mapped_column(default=0)
    open_now_events: Mapped[int] = mapped_column(default=0)
    sessions_since_log: Mapped[int] = mapped_column(default=0)
    now_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    now_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    today_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    today_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    check_on: Mapped[date | None]
    reading_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unseen: Mapped[int | None]
    unseen_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Shown:
    """The sealed part of a summary row."""

    chosen_name: str
    course: tuple[CoursePoint, ...] = ()
    asked: tuple[Asked, ...] = ()
    checks: tuple[Check, ...] = ()
    left_since: datetime | None = None
    modules: tuple[ModuleAsked, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


def refresh(case_id: str) -> None:
    """Work the summary of one case out anew; joins the running transaction."""
    db.session.flush()
    values = _worked_out(case_id)
    row = db.session.get(SummaryRow, case_id)
    if row is None:
        db.session.add(SummaryRow(case_id=case_id, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
    db.session.flush()


def empty(case_id: str) -> None:
    """Leave nothing in the row of a purged case but that there was one."""
    row = db.session.get(SummaryRow, case_id)
    if row is None:
        return
    for column in SummaryRow.__table__.columns:
        if column.nullable:
            setattr(row, column.key, None)
    row.status, row.shown = CaseStatus.PURGED, b""
    row.unsigned = row.open_events = row.open_now_events = row.sessions_since_log = 0
    db.session.flush()


def rebuild(practice_id: str) -> int:
    """Work out every summary row of a practice; returns how many."""
    case_ids = cases.all_ids(practice_id)
    for case_id in case_ids:
        refresh(case_id)
    return len(case_ids)


def of_therapists(therapist_ids: Iterable[str], *, only_named: bool = False) -> list[CaseloadRow]:
    """Caseload rows of these therapists; restricted cases are left out if `only_named`."""
    query = select(SummaryRow).where(
        SummaryRow.therapist_id.in_(list(therapist_ids)), SummaryRow.status != CaseStatus.PURGED
    )
    if only_named:
        query = query.where(SummaryRow.sealed.is_(False))
    return _values(db.session.scalars(query.order_by(SummaryRow.code)).all())


def of_cases(case_ids: Iterable[str]) -> list[CaseloadRow]:
    query = select(SummaryRow).where(SummaryRow.case_id.in_(list(case_ids)), SummaryRow.status != CaseStatus.PURGED)
    return _values(db.session.scalars(query.order_by(SummaryRow.code)).all())


def _values(rows: Sequence[SummaryRow]) -> list[CaseloadRow]:
    names = {each: accounts.name_of(each) for each in {row.therapist_id for row in rows}}
    zones = {each: accounts.practice(each).zone for each in {row.practice_id for row in rows}}
    return [_value(row, names[row.therapist_id], zones[row.practice_id]) for row in rows]


def _value(row: SummaryRow, therapist_name: str, zone: str) -> CaseloadRow:
    """An event is open again the day after its check date, without anybody having written anything."""
    shown = ring().box(row.case_id).open(Place("case_summary", row.case_id, "shown"), row.shown, Shown)
    day = today(zone)
    passed = [each.level for each in shown.checks if each.on < day]
    return CaseloadRow(
        case_id=row.case_id,
        code=row.code,
        chosen_name=shown.chosen_name,
        therapist_id=row.therapist_id,
        therapist_name=therapist_name,
        status=CaseStatus(row.status),
        last_session_at=row.last_session_at,
        next_session_at=row.next_session_at,
        baseline_total=row.baseline_total,
        last_total=row.last_total,
        last_intake_at=row.last_intake_at,
        plan_due=row.plan_due,
        unsigned=row.unsigned,
        oldest_unsigned_at=row.oldest_unsigned_at,
        open_events=row.open_events + len(passed),
        open_now_events=row.open_now_events + passed.count(EventLevel.NOW),
        sessions_since_log=row.sessions_since_log,
        events=EventClock(
            row.now_since,
            row.now_by,
            row.today_since,
            row.today_by,
            row.next_since,
            _next_check(shown, day),
            row.reading_since,
            _again_since(shown, zone),
        ),
        course=shown.course,
        asked=shown.asked,
        modules=shown.modules,
        deadlines=shown.deadlines,
        unseen=row.unseen or 0,
        unseen_since=row.unseen_since,
    )


def _is_lapsed(check: Check, day: date) -> bool:
    """What is to be responded to now does not wait for its check like the others: it is due at once."""
    return check.level is EventLevel.NOW and check.on < day


def _next_check(shown: Shown, day: date) -> date | None:
    return min((each.on for each in shown.checks if not _is_lapsed(each, day)), default=None)


def _again_since(shown: Shown, zone: str) -> datetime | None:
    """Since when a follow-up to something to respond to now no longer stands."""
    lapsed = [start_of_day(each.on + timedelta(days=1), zone) for each in shown.checks if _is_lapsed(each, today(zone))]
    return min((*lapsed, *filter(None, (shown.left_since,))), default=None)


def _worked_out(case_id: str) -> dict[str, object]:
    case = db.session.get_one(cases.CaseRow, case_id)
    course = _course(case_id)
    scored = [point.value for point in course if point.value is not None]
    zone = accounts.practice(case.practice_id).zone
    figures = _figures(case_id, zone)
    checks, lapsed = _followed_up(case_id, figures["last_session_at"])
    name, asked = cases.client_of(case).chosen_name, schedules.asked(case_id)
    modules = module_times.asked_in_modules(case_id, asked)
    left_since = figures["last_session_at"] if lapsed else None
    due_days = deadlines.of_case(case, zone)
    shown = Shown(name, course[-COURSE_POINTS:], asked, checks, left_since, modules, due_days)
    return {
        "practice_id": case.practice_id,
        "therapist_id": cases.owner_id(case_id),
        "code": case.code,
        "status": case.status,
        "sealed": case.sealed,
        "shown": ring().box(case_id).seal(Place("case_summary", case_id, "shown"), shown),
        "baseline_total": scored[0] if scored else None,
        "last_total": scored[-1] if scored else None,
        "last_intake_at": course[-1].at if course else None,
        **figures,
        "open_events": figures["open_events"] + lapsed,
        "open_now_events": figures["open_now_events"] + lapsed,
    }


def _followed_up(case_id: str, last_session_at: datetime | None) -> tuple[tuple[Check, ...], int]:
    """The checks to come, and how many follow-ups of events to respond to now a later session has left behind."""
    query = select(EventRow.level, EventRow.check_on, EventRow.disposed_at).where(
        EventRow.case_id == case_id, EventRow.status == EventStatus.DISPOSED
    )
    found = [(EventLevel(level), on, at) for level, on, at in db.session.execute(query.order_by(EventRow.check_on))]
    left = [each for each in found if each[0] is EventLevel.NOW and is_left_behind(each[2], last_session_at)]
    return tuple(Check(on, level) for level, on, at in found if on and (level, on, at) not in left), len(left)


def _course(case_id: str) -> tuple[CoursePoint, ...]:
    found = db.session.execute(_COURSE, {"case_id": case_id})
    return tuple(CoursePoint(at, total, prorated) for at, total, prorated in found)


def _figures(case_id: str, zone: str) -> dict[str, Any]:
    """Dates and counts in one statement; its parts are built once, since this runs in every write."""
    figures = dict(db.session.execute(_FIGURES, {"case_id": case_id}).one()._mapping)
    return {**figures, "today_by": end_of_day(figures["today_since"], zone) if figures["today_since"] else None}


def _part(column: ColumnElement[T], *conditions: ColumnElement[bool]) -> ScalarSelect[T]:
    return select(column).where(*conditions).scalar_subquery()


_CASE: BindParameter[str] = bindparam("case_id")
_LATER = aliased(IntakeRow)
_COURSE = (
    select(IntakeRow.authored_at, IntakeRow.total, IntakeRow.prorated)
    .outerjoin(_LATER, _LATER.amends == IntakeRow.id)
    .where(IntakeRow.case_id == _CASE, IntakeRow.instrument_key == CASELOAD_INSTRUMENT, _LATER.id.is_(None))
    .order_by(IntakeRow.authored_at)
)
_HELD = (SessionRow.case_id == _CASE, TOOK_PLACE)
# Sessions that took place and whose note is missing or a draft.
_UNSIGNED = (*_HELD, ~exists().where(NoteRow.session_id == SessionRow.id, NoteRow.status != NoteStatus.DRAFT))
# The earliest session that still awaits its attendance, even if its hour has passed: it must not drop out of sight.
_AHEAD = (SessionRow.case_id == _CASE, SessionRow.attendance == Attendance.PLANNED, STANDS)
_LAST_LOG = (
    select(func.max(IntakeRow.authored_at))
    .where(IntakeRow.case_id == _CASE, IntakeRow.instrument_key == CASELOAD_INSTRUMENT)
    .scalar_subquery()
)
_UNSEEN = (IntakeRow.case_id == _CASE, IntakeRow.unseen_since.is_not(None))
_OPEN = (EventRow.case_id == _CASE, EventRow.status == EventStatus.OPEN)
_NOW, _TODAY = (*_OPEN, EventRow.level == EventLevel.NOW), (*_OPEN, EventRow.level == EventLevel.TODAY)
_SINCE = func.coalesce(EventRow.due_since, EventRow.opened_at)
_SITTING = either((EventRow.due_since.is_(None), EventRow.session_id), else_=EventRow.due_session_id)
# When the session ends in which an event to respond to now was opened or became due again; without one, at once.
_NOW_BY = (
    select(func.min(func.coalesce(SessionRow.ends_at, _SINCE)))
    .select_from(EventRow)
    .outerjoin(SessionRow, SessionRow.id == _SITTING)
    .where(*_NOW)
    .scalar_subquery()
)
_FIGURES = select(
    _part(func.min(_SINCE), *_NOW).label("now_since"),
    _NOW_BY.label("now_by"),
    _part(func.min(_SINCE), *_TODAY).label("today_since"),
    _part(func.min(_SINCE), *_OPEN, EventRow.level == EventLevel.NEXT).label("next_since"),
    _part(func.min(EventRow.check_on), EventRow.case_id == _CASE, EventRow.status == EventStatus.DISPOSED).label(
        "check_on"
    ),
    _part(func.min(EventRow.awaiting_since), EventRow.case_id == _CASE, EventRow.awaiting.is_not(None)).label(
        "reading_since"
    ),
    _part(func.count(IntakeRow.id), *_UNSEEN).label("unseen"),
    _part(func.min(IntakeRow.unseen_since), *_UNSEEN).label("unseen_since"),
    _part(func.max(SessionRow.starts_at), *_HELD).label("last_session_at"),
    _part(func.min(SessionRow.starts_at), *_AHEAD).label("next_session_at"),
    _part(func.min(PlanRow.next_review), PlanRow.case_id == _CASE, PlanRow.status == PlanStatus.ACTIVE).label(
        "plan_due"
    ),
    _part(func.count(SessionRow.id), *_UNSIGNED).label("unsigned"),
    _part(func.min(SessionRow.ends_at), *_UNSIGNED).label("oldest_unsigned_at"),
    _part(func.count(EventRow.id), *_OPEN).label("open_events"),
    _part(func.count(EventRow.id), *_OPEN, EventRow.level == EventLevel.NOW).label("open_now_events"),
    _part(func.count(SessionRow.id), *_HELD, SessionRow.starts_at > _LAST_LOG).label("sessions_since_log"),
)
