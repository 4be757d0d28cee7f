"""What was taken over from other systems: table and queries. Rows are added, never changed; what it is, its identifier
and the system are sealed with the case's key.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.takeover_codes import OutsideType
from service.domain import clock
from service.domain.takeovers import Arrival, Taken
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class OutsideRow(Base):
    """`record_id` is what it became here; None where this row is all that is kept."""

    __tablename__ = "outside_record"
    __table_args__ = (Index("ix_outside_record_case_time", "case_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    type: Mapped[str] = mapped_column(Code)
    record_id: Mapped[str | None] = mapped_column(Id)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))


@dataclass(frozen=True)
class Content:
    """The sealed part of a row."""

    title: str
    system: str
    identifier: str


def add(case_id: str, by_id: str, arrival: Arrival, system: str, record_id: str | None) -> None:
    row = OutsideRow(id=new_id(), case_id=case_id, type=arrival.type, record_id=record_id, at=clock.now(), by_id=by_id)
    content = Content(arrival.title, system, arrival.identifier)
    row.content = ring().box(case_id).seal(Place("outside_record", row.id, "content"), content)
    db.session.add(row)


def of_case(case_id: str) -> tuple[Taken, ...]:
    """Everything that was taken over, newest first."""
    query = select(OutsideRow).where(OutsideRow.case_id == case_id).order_by(OutsideRow.at.desc(), OutsideRow.id)
    return tuple(_value(each) for each in db.session.scalars(query))


def _value(row: OutsideRow) -> Taken:
    content = ring().box(row.case_id).open(Place("outside_record", row.id, "content"), row.content, Content)
    return Taken(
        id=row.id,
        case_id=row.case_id,
        type=OutsideType(row.type),
        title=content.title,
        system=content.system,
        identifier=content.identifier,
        record_id=row.record_id,
        at=row.at,
        by_name=accounts.name_of(row.by_id),
    )
