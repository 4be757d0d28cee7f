"""Reliabilities that a practice entered for the reliable change index: table and queries. Nothing of any client is in
them, so they are not sealed. A wrong one is withdrawn, never changed.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.vocabulary import ReliabilityMethod, ReliabilitySource
from service.domain import clock
from service.domain.reliable_change import Reliability, StatedReliability
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, Words, db, new_id


class ReliabilityRow(Base):
    __tablename__ = "reliability"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    instrument_key: Mapped[str] = mapped_column(Code)
    major: Mapped[int]
    part: Mapped[str] = mapped_column(Code)
    sd: Mapped[float]
    r: Mapped[float]
    n: Mapped[int]
    source: Mapped[str] = mapped_column(Code)
    method: Mapped[str] = mapped_column(Code)
    population: Mapped[str] = mapped_column(Words)
    citation: Mapped[str] = mapped_column(Text)
    approver: Mapped[str] = mapped_column(Words)
    entered_by: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def add(practice_id: str, entered_by: str, score: tuple[str, int, str], given: Reliability) -> ReliabilityRow:
    """`score` names instrument, major version and part."""
    key, major, part = score
    row = ReliabilityRow(id=new_id(), practice_id=practice_id, entered_by=entered_by, entered_at=clock.now())
    row.instrument_key, row.major, row.part = key, major, part
    row.sd, row.r, row.n, row.source, row.method = given.sd, given.r, given.n, given.source, given.method
    row.population, row.citation, row.approver = given.population, given.citation, given.approver
    db.session.add(row)
    db.session.flush()
    return row


def row(reliability_id: str) -> ReliabilityRow | None:
    return db.session.get(ReliabilityRow, reliability_id)


def of_practice(practice_id: str) -> tuple[StatedReliability, ...]:
    """All that were ever entered, newest first."""
    wanted = select(ReliabilityRow).where(ReliabilityRow.practice_id == practice_id)
    rows = db.session.scalars(wanted.order_by(ReliabilityRow.entered_at.desc(), ReliabilityRow.id))
    return tuple(value(row) for row in rows)


def value(row: ReliabilityRow) -> StatedReliability:
    source, method = ReliabilitySource(row.source), ReliabilityMethod(row.method)
    return StatedReliability(
        id=row.id,
        instrument_key=row.instrument_key,
        major=row.major,
        part=row.part,
        reliability=Reliability(row.sd, row.r, row.population, row.n, row.citation, row.approver, source, method),
        entered_by=accounts.name_of(row.entered_by),
        entered_at=row.entered_at,
        withdrawn_at=row.withdrawn_at,
    )
