"""The maintained summary row behind every caseload page (performance.md section 6).

`refresh` works one case out anew inside the transaction that changed it, so a back-dated, corrected or reopened
record needs no
special case; `rebuild` does the same for all. Overdue is never stored: it is worked out from dates at reading time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, func, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from schemas.vocabulary import Attendance, CaseStatus, EventLevel, EventStatus, NoteStatus, PlanStatus
from service.domain import clock
from service.domain.cases import CaseloadRow, CoursePoint
from service.domain.sessions import HELD
from service.store import accounts, cases
from service.store.base import Base, Code, Id, UtcDateTime, db
from service.store.intakes import IntakeRow
from service.store.keyring import Place, ring
from service.store.notes import NoteRow
from service.store.plans import EventRow, PlanRow
from service.store.sessions import SessionRow

CASELOAD_INSTRUMENT = "wsl"
COURSE_POINTS = 12


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


@dataclass(frozen=True)
class Shown:
    """The sealed part of a summary row."""

    chosen_name: str
    course: tuple[CoursePoint, ...] = ()


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


def rebuild(practice_id: str) -> int:
    """Work out every summary row of a practice; returns how many."""
    case_ids = cases.all_ids(practice_id)
    for case_id in case_ids:
        refresh(case_id)
    return len(case_ids)


def of_therapists(therapist_ids: Iterable[str], *, only_named: bool = False) -> list[CaseloadRow]:
    """Caseload rows of these therapists, cases with open events first; restricted cases are left out if
    `only_named`.
    """
    query = (
        select(SummaryRow)
        .where(SummaryRow.therapist_id.in_(list(therapist_ids)), SummaryRow.status != CaseStatus.PURGED)
        .order_by(SummaryRow.status.desc(), SummaryRow.open_events.desc(), SummaryRow.code)
    )
    if only_named:
        query = query.where(SummaryRow.sealed.is_(False))
    return [value(row) for row in db.session.scalars(query)]


def of_cases(case_ids: Iterable[str]) -> list[CaseloadRow]:
    query = select(SummaryRow).where(SummaryRow.case_id.in_(list(case_ids)), SummaryRow.status != CaseStatus.PURGED)
    return [value(row) for row in db.session.scalars(query.order_by(SummaryRow.code))]


def value(row: SummaryRow) -> CaseloadRow:
    shown = ring().box(row.case_id).open(Place("case_summary", row.case_id, "shown"), row.shown, Shown)
    return CaseloadRow(
        case_id=row.case_id,
        code=row.code,
        chosen_name=shown.chosen_name,
        therapist_id=row.therapist_id,
        therapist_name=accounts.name_of(row.therapist_id),
        status=CaseStatus(row.status),
        last_session_at=row.last_session_at,
        next_session_at=row.next_session_at,
        baseline_total=row.baseline_total,
        last_total=row.last_total,
        last_intake_at=row.last_intake_at,
        plan_due=row.plan_due,
        unsigned=row.unsigned,
        oldest_unsigned_at=row.oldest_unsigned_at,
        open_events=row.open_events,
        open_now_events=row.open_now_events,
        course=shown.course,
    )


def _worked_out(case_id: str) -> dict[str, object]:
    case = db.session.get_one(cases.CaseRow, case_id)
    course = _course(case_id)
    scored = [point.value for point in course if point.value is not None]
    shown = Shown(cases.client_of(case).chosen_name, course[-COURSE_POINTS:])
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
        "plan_due": _plan_due(case_id),
        **_session_dates(case_id),
        **_unsigned(case_id),
        **_open_events(case_id),
    }


def _course(case_id: str) -> tuple[CoursePoint, ...]:
    later = aliased(IntakeRow)
    query = (
        select(IntakeRow.authored_at, IntakeRow.total, IntakeRow.prorated)
        .outerjoin(later, later.amends == IntakeRow.id)
        .where(IntakeRow.case_id == case_id, IntakeRow.instrument_key == CASELOAD_INSTRUMENT, later.id.is_(None))
        .order_by(IntakeRow.authored_at)
    )
    return tuple(CoursePoint(at, total, prorated) for at, total, prorated in db.session.execute(query))


def _session_dates(case_id: str) -> dict[str, object]:
    held = select(func.max(SessionRow.starts_at)).where(
        SessionRow.case_id == case_id, SessionRow.attendance.in_([str(each) for each in HELD])
    )
    ahead = select(func.min(SessionRow.starts_at)).where(
        SessionRow.case_id == case_id,
        SessionRow.attendance == Attendance.PLANNED,
        SessionRow.starts_at >= clock.now(),
    )
    return {"last_session_at": db.session.scalar(held), "next_session_at": db.session.scalar(ahead)}


def _plan_due(case_id: str) -> object:
    query = select(func.min(PlanRow.next_review)).where(PlanRow.case_id == case_id, PlanRow.status == PlanStatus.ACTIVE)
    return db.session.scalar(query)


def _unsigned(case_id: str) -> dict[str, object]:
    """Sessions that took place and whose note is missing or a draft."""
    query = (
        select(func.count(), func.min(SessionRow.ends_at))
        .select_from(SessionRow)
        .outerjoin(NoteRow, NoteRow.session_id == SessionRow.id)
        .where(
            SessionRow.case_id == case_id,
            SessionRow.attendance.in_([str(each) for each in HELD]),
            (NoteRow.id.is_(None)) | (NoteRow.status == NoteStatus.DRAFT),
        )
    )
    count, oldest = db.session.execute(query).one()
    return {"unsigned": count, "oldest_unsigned_at": oldest}


def _open_events(case_id: str) -> dict[str, object]:
    query = (
        select(EventRow.level, func.count())
        .where(EventRow.case_id == case_id, EventRow.status == EventStatus.OPEN)
        .group_by(EventRow.level)
    )
    by_level = dict(db.session.execute(query).all())
    return {"open_events": sum(by_level.values()), "open_now_events": by_level.get(EventLevel.NOW, 0)}
