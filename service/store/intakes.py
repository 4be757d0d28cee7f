"""Filled-in instruments: table and queries. Answers and capture context are sealed; the total stands beside them for
caseloads.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, select, text, update
from sqlalchemy.orm import Mapped, aliased, mapped_column

from schemas.instruments import find
from schemas.instruments.answer import Answers, from_json, to_json
from schemas.instruments.capture import CaptureContext
from schemas.vocabulary import ResponseStatus
from service.domain import clock
from service.domain.intakes import Intake, Unseen
from service.domain.scoring import score_if_any
from service.store import accounts
from service.store.base import POSTGRESQL_WHERE, Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


@dataclass(frozen=True)
class IntakeContent:
    """The sealed part of a response: answers in their JSON form, how they came about, why they were corrected, and what
    was confirmed by name to leave with them.
    """

    answers: dict[str, Any]
    capture: CaptureContext
    reason: str = ""
    named: tuple[str, ...] = ()
    named_at: datetime | None = None


_UNSEEN = text("unseen_since IS NOT NULL")


class IntakeRow(Base):
    """`unseen_since` is when a connected system sent it, until somebody who looks after the case has opened it."""

    __tablename__ = "intake"
    __table_args__ = (
        Index("ix_intake_case_instrument_time", "case_id", "instrument_key", "authored_at", "total"),
        Index("ix_intake_unseen", "case_id", "unseen_since", sqlite_where=_UNSEEN, info={POSTGRESQL_WHERE: _UNSEEN}),
    )

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
    unseen_since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


def new_row(case_id: str, author_id: str) -> IntakeRow:
    return IntakeRow(id=new_id(), case_id=case_id, author_id=author_id, version=1, updated_at=clock.now())


def seal_content(row: IntakeRow, answers: Answers, capture: CaptureContext, reason: str) -> None:
    content = IntakeContent(to_json(answers), capture, reason)
    row.content = ring().box(row.case_id).seal(Place("intake", row.id, "content"), content)


def name_finds(row: IntakeRow, named: Collection[str]) -> None:
    """Keep which finds of the leak guard may leave with this response; the answers stay as they are."""
    place = Place("intake", row.id, "content")
    box = ring().box(row.case_id)
    kept = box.open(place, row.content, IntakeContent)
    row.content = box.seal(place, replace(kept, named=tuple(sorted(named)), named_at=clock.now()))


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


def unseen(case_ids: Iterable[str]) -> tuple[Unseen, ...]:
    """What was sent to these cases and not looked at yet, the longest first; nothing is opened."""
    columns = (IntakeRow.id, IntakeRow.case_id, IntakeRow.instrument_key, IntakeRow.instrument_version)
    waiting = (IntakeRow.case_id.in_(list(case_ids)), IntakeRow.unseen_since.is_not(None))
    query = select(*columns, IntakeRow.unseen_since).where(*waiting).order_by(IntakeRow.unseen_since, IntakeRow.id)
    found = db.session.execute(query)
    return tuple(Unseen(key, case, name, version, at) for key, case, name, version, at in found if at is not None)


def mark_seen(intake_id: str) -> None:
    """Without a new version: nothing of the response changes by being looked at."""
    db.session.execute(update(IntakeRow).where(IntakeRow.id == intake_id).values(unseen_since=None))


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
        named=frozenset(content.named),
        named_at=content.named_at,
    )
