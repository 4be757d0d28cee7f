"""Filled-in instruments: table and queries. Answers and capture context are sealed; the total stands beside them for
caseloads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from schemas.instruments import find
from schemas.instruments.answer import Answers, from_json, to_json
from schemas.instruments.capture import CaptureContext
from schemas.vocabulary import ResponseStatus
from service.domain import clock
from service.domain.intakes import Intake
from service.domain.scoring import score_if_any
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


@dataclass(frozen=True)
class IntakeContent:
    """The sealed part of a response: answers in their JSON form, how they came about, and why they were corrected."""

    answers: dict[str, Any]
    capture: CaptureContext
    reason: str = ""


class IntakeRow(Base):
    __tablename__ = "intake"
    __table_args__ = (Index("ix_intake_case_instrument_time", "case_id", "instrument_key", "authored_at", "total"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    session_id: Mapped[str | None] = mapped_column(Id, ForeignKey("therapy_session.id"), index=True)
    instrument_key: Mapped[str] = mapped_column(Code)
    instrument_version: Mapped[str] = mapped_column(Code)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(Code)
    authored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    contact_context: Mapped[str] = mapped_column(Code)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    total: Mapped[float | None]
    prorated: Mapped[bool] = mapped_column(default=False)
    amends: Mapped[str | None] = mapped_column(Id, ForeignKey("intake.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


def new_row(case_id: str, author_id: str) -> IntakeRow:
    return IntakeRow(id=new_id(), case_id=case_id, author_id=author_id, version=1, updated_at=clock.now())


def seal_content(row: IntakeRow, answers: Answers, capture: CaptureContext, reason: str) -> None:
    content = IntakeContent(to_json(answers), capture, reason)
    row.content = ring().box(row.case_id).seal(Place("intake", row.id, "content"), content)


def row(intake_id: str) -> IntakeRow | None:
    return db.session.get(IntakeRow, intake_id)


def of_case(case_id: str, instrument_key: str | None = None) -> tuple[Intake, ...]:
    """Responses of a case in time order, corrected ones included (`replaced`)."""
    later = aliased(IntakeRow)
    query = (
        select(IntakeRow, later.id)
        .outerjoin(later, later.amends == IntakeRow.id)
        .where(IntakeRow.case_id == case_id)
        .order_by(IntakeRow.authored_at, IntakeRow.updated_at)
    )
    if instrument_key is not None:
        query = query.where(IntakeRow.instrument_key == instrument_key)
    found = db.session.execute(query).all()
    names = _names(row for row, _ in found)
    return tuple(_value(row, names[row.author_id], replaced=bool(by)) for row, by in found)


def of_moment(case_id: str, instrument_key: str, authored_at: datetime) -> tuple[Intake, ...]:
    """Responses to one instrument that were answered at this very time, corrections left out."""
    fitting = (IntakeRow.case_id == case_id, IntakeRow.instrument_key == instrument_key, IntakeRow.amends.is_(None))
    rows = db.session.scalars(select(IntakeRow).where(*fitting, IntakeRow.authored_at == authored_at))
    return tuple(map(value, rows.all()))


def standing_rows(case_id: str, instrument_keys: Iterable[str]) -> list[IntakeRow]:
    """Responses to these instruments that no correction replaced, unopened and in time order."""
    later = aliased(IntakeRow)
    query = (
        select(IntakeRow)
        .outerjoin(later, later.amends == IntakeRow.id)
        .where(IntakeRow.case_id == case_id, IntakeRow.instrument_key.in_(list(instrument_keys)), later.id.is_(None))
        .order_by(IntakeRow.authored_at, IntakeRow.updated_at)
    )
    return list(db.session.scalars(query))


def standing_values(rows: Sequence[IntakeRow]) -> tuple[Intake, ...]:
    """These, opened."""
    names = _names(rows)
    return tuple(_value(row, names[row.author_id], replaced=False) for row in rows)


def latest_of(case_ids: Iterable[str], instrument_key: str) -> dict[str, Intake]:
    """The latest standing response to one instrument on each of these cases, where there is one."""
    later = aliased(IntakeRow)
    query = (
        select(IntakeRow)
        .outerjoin(later, later.amends == IntakeRow.id)
        .where(IntakeRow.case_id.in_(list(case_ids)), IntakeRow.instrument_key == instrument_key, later.id.is_(None))
        .order_by(IntakeRow.authored_at, IntakeRow.updated_at)
    )
    newest = {row.case_id: row for row in db.session.scalars(query)}
    return dict(zip(newest, standing_values(list(newest.values())), strict=True))


def of_session(session_id: str) -> list[IntakeRow]:
    return list(db.session.scalars(select(IntakeRow).where(IntakeRow.session_id == session_id)))


def amended_by(intake_id: str) -> IntakeRow | None:
    """The correction of this response, if there is one."""
    return db.session.scalar(select(IntakeRow).where(IntakeRow.amends == intake_id))


def value(row: IntakeRow) -> Intake:
    replaced = db.session.scalar(select(IntakeRow.id).where(IntakeRow.amends == row.id))
    return _value(row, accounts.name_of(row.author_id), replaced=replaced is not None)


def _names(rows: Iterable[IntakeRow]) -> dict[str, str]:
    """The names of those who filled these in: few, however many the responses."""
    return {each: accounts.name_of(each) for each in {row.author_id for row in rows}}


def _value(row: IntakeRow, author_name: str, *, replaced: bool) -> Intake:
    content = ring().box(row.case_id).open(Place("intake", row.id, "content"), row.content, IntakeContent)
    instrument = find(row.instrument_key, row.instrument_version)
    answers = from_json(instrument, content.answers)
    return Intake(
        id=row.id,
        case_id=row.case_id,
        session_id=row.session_id,
        instrument_key=row.instrument_key,
        instrument_version=row.instrument_version,
        fingerprint=row.fingerprint,
        status=ResponseStatus(row.status),
        authored_at=row.authored_at,
        author_id=row.author_id,
        author_name=author_name,
        contact_context=row.contact_context,
        capture=content.capture,
        answers=answers,
        score=score_if_any(instrument, answers),
        amends=row.amends,
        reason=content.reason,
        replaced=replaced,
        version=row.version,
        updated_at=row.updated_at,
    )
