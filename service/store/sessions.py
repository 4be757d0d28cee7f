"""Therapy sessions: table and queries. What was said is sealed; times, attendance and type are not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, and_, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.vocabulary import Attendance, PlanRight, RiskStatus, SessionType
from service.domain import clock
from service.domain.session_work import NO_WORK, Work
from service.domain.sessions import HELD, TherapySession
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


@dataclass(frozen=True)
class SessionWords:
    """The sealed part of a session."""

    place: str = ""
    risk_reason: str = ""
    homework_given: str = ""
    homework_reviewed: str = ""
    next_reason: str = ""
    work: Work = NO_WORK


class SessionRow(Base):
    __tablename__ = "therapy_session"
    __table_args__ = (
        Index("ix_therapy_session_case_time", "case_id", "starts_at"),
        Index("ix_therapy_session_author_time", "author_id", "starts_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    type: Mapped[str] = mapped_column(Code)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    private: Mapped[str] = mapped_column(Code)
    attendance: Mapped[str] = mapped_column(Code)
    risk: Mapped[str] = mapped_column(Code)
    plan_right: Mapped[str] = mapped_column(Code)
    next_on: Mapped[date | None]
    words: Mapped[bytes] = mapped_column(LargeBinary)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    hidden_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


# What was not entered in error.
STANDS = SessionRow.hidden_at.is_(None)
# What took place.
TOOK_PLACE = and_(SessionRow.attendance.in_([str(each) for each in HELD]), STANDS)


def new_row(case_id: str, author_id: str) -> SessionRow:
    """A row with an id and nothing else; `put` fills it."""
    return SessionRow(id=new_id(), case_id=case_id, author_id=author_id, version=1, updated_at=clock.now())


def seal_words(row: SessionRow, words: SessionWords) -> None:
    row.words = ring().box(row.case_id).seal(Place("therapy_session", row.id, "words"), words)
    row.updated_at = clock.now()


def row(session_id: str) -> SessionRow | None:
    return db.session.get(SessionRow, session_id)


def at(case_id: str, author_id: str, kind: SessionType, span: tuple[datetime, datetime]) -> SessionRow | None:
    """The session of this kind that this author recorded for exactly this time, but for one entered in error."""
    same = SessionRow.case_id == case_id, SessionRow.author_id == author_id, SessionRow.type == kind, STANDS
    query = select(SessionRow).where(*same, SessionRow.starts_at == span[0], SessionRow.ends_at == span[1])
    return db.session.scalars(query.limit(1)).first()


def of_case(case_id: str) -> tuple[TherapySession, ...]:
    """All sessions of a case, newest first; those entered in error say so."""
    query = select(SessionRow).where(SessionRow.case_id == case_id).order_by(SessionRow.starts_at.desc(), SessionRow.id)
    return tuple(value(each) for each in db.session.scalars(query))


def planned(case_id: str) -> list[SessionRow]:
    """Sessions of which nobody has said yet whether the client came, the earliest first."""
    still = SessionRow.case_id == case_id, SessionRow.attendance == Attendance.PLANNED, STANDS
    return list(db.session.scalars(select(SessionRow).where(*still).order_by(SessionRow.starts_at, SessionRow.id)))


def last_held(case_id: str) -> datetime | None:
    """When the latest session that took place began."""
    return db.session.scalar(select(func.max(SessionRow.starts_at)).where(SessionRow.case_id == case_id, TOOK_PLACE))


def held_before(case_id: str, at: datetime) -> SessionRow | None:
    """The last session of a case that took place and started before `at`."""
    query = select(SessionRow).where(SessionRow.case_id == case_id, SessionRow.starts_at < at, TOOK_PLACE)
    return db.session.scalars(query.order_by(SessionRow.starts_at.desc(), SessionRow.id).limit(1)).first()


def held_after(case_id: str, at: datetime) -> SessionRow | None:
    """The first session of a case that took place and started after `at`."""
    query = select(SessionRow).where(SessionRow.case_id == case_id, SessionRow.starts_at > at, TOOK_PLACE)
    return db.session.scalars(query.order_by(SessionRow.starts_at, SessionRow.id).limit(1)).first()


def missed_in_a_row(case_id: str) -> int:
    """How often the client did not come since the last session that took place. What was called off for the client's
    protection, or by anybody, is neither counted nor ends the row.
    """
    held = last_held(case_id)
    missed = SessionRow.case_id == case_id, SessionRow.attendance == Attendance.NO_SHOW, STANDS
    query = select(func.count(SessionRow.id)).where(*missed)
    return db.session.scalar(query.where(SessionRow.starts_at > held) if held else query) or 0


def last_missed(case_id: str) -> SessionRow | None:
    """The latest session to which the client did not come."""
    query = select(SessionRow).where(SessionRow.case_id == case_id, SessionRow.attendance == Attendance.NO_SHOW, STANDS)
    return db.session.scalars(query.order_by(SessionRow.starts_at.desc(), SessionRow.id).limit(1)).first()


def between(author_id: str, covered: Iterable[str], times: tuple[datetime, datetime]) -> list[SessionRow]:
    """The author's sessions, and all of the cases they cover, that start within the times, in time order."""
    theirs = or_(SessionRow.author_id == author_id, SessionRow.case_id.in_(list(covered)))
    then = SessionRow.starts_at >= times[0], SessionRow.starts_at < times[1], STANDS
    query = select(SessionRow).where(theirs, *then).order_by(SessionRow.starts_at, SessionRow.id)
    return list(db.session.scalars(query))


def value(row: SessionRow) -> TherapySession:
    """The session, opened; the words of one whose note was entered in error are left out."""
    words = SessionWords() if row.hidden_at else _words(row)
    return TherapySession(
        id=row.id,
        case_id=row.case_id,
        type=SessionType(row.type),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place=words.place,
        private=row.private,
        attendance=Attendance(row.attendance),
        risk=RiskStatus(row.risk),
        risk_reason=words.risk_reason,
        plan_right=PlanRight(row.plan_right),
        homework_given=words.homework_given,
        homework_reviewed=words.homework_reviewed,
        next_on=row.next_on,
        next_reason=words.next_reason,
        author_id=row.author_id,
        author_name=accounts.name_of(row.author_id),
        version=row.version,
        updated_at=row.updated_at,
        work=words.work,
        wrong=row.hidden_at is not None,
    )


def _words(row: SessionRow) -> SessionWords:
    return ring().box(row.case_id).open(Place("therapy_session", row.id, "words"), row.words, SessionWords)
