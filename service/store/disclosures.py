"""The disclosures log: table and queries. Rows are added and never changed; the database itself refuses.

When, by which door and on what ground stand in columns; who received it, what it was and its digest are
sealed with the case's key.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, func, select
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.domain.disclosures import Departure, Disclosure, Left
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class DisclosureRow(Base):
    __tablename__ = "disclosure"
    __table_args__ = (Index("ix_disclosure_case_time", "case_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    door: Mapped[str] = mapped_column(Code)
    basis: Mapped[str] = mapped_column(Code)
    release_id: Mapped[str | None] = mapped_column(Id, ForeignKey("release.id"))
    corrects: Mapped[str | None] = mapped_column(Id, ForeignKey("disclosure.id"))
    by_id: Mapped[str] = mapped_column(Id)
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Content:
    """The sealed part of a row."""

    left: Left
    departure: Departure


def add(case_id: str, by_id: str, left: Left, departure: Departure, corrects: str | None = None) -> Disclosure:
    """Write the row into the running transaction."""
    row = DisclosureRow(id=new_id(), case_id=case_id, at=clock.now(), by_id=by_id, corrects=corrects)
    row.door, row.basis, row.release_id = left.door, departure.basis, departure.release_id
    row.content = ring().box(case_id).seal(Place("disclosure", row.id, "content"), Content(left, departure))
    db.session.add(row)
    db.session.flush()
    return value(row)


def row(disclosure_id: str) -> DisclosureRow | None:
    return db.session.get(DisclosureRow, disclosure_id)


def of_case(case_id: str) -> tuple[Disclosure, ...]:
    """Every row, newest first."""
    query = select(DisclosureRow).where(DisclosureRow.case_id == case_id)
    rows = db.session.scalars(query.order_by(DisclosureRow.at.desc(), DisclosureRow.id))
    return tuple(value(each) for each in rows)


def last_at(case_id: str) -> datetime | None:
    """When something left last; that an entry was put right later is no leaving."""
    left = DisclosureRow.case_id == case_id, DisclosureRow.corrects.is_(None)
    return db.session.scalar(select(func.max(DisclosureRow.at)).where(*left))


def value(row: DisclosureRow) -> Disclosure:
    content = ring().box(row.case_id).open(Place("disclosure", row.id, "content"), row.content, Content)
    return Disclosure(
        id=row.id,
        case_id=row.case_id,
        at=row.at,
        left=content.left,
        departure=content.departure,
        by_id=row.by_id,
        by_name=accounts.name_of(row.by_id),
        corrects=row.corrects,
    )
