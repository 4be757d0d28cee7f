"""Relationship facts of a case in versions: table and queries. Everything told is sealed; nothing is overwritten."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.domain.relationship import KeptFacts, RelationshipFacts
from service.store import accounts
from service.store.base import Base, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class RelationshipRow(Base):
    """One version of the facts; the highest number stands."""

    __tablename__ = "relationship"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Content:
    """The sealed part of a version."""

    facts: RelationshipFacts
    changed: tuple[str, ...]


def of_case(case_id: str) -> tuple[KeptFacts, ...]:
    """Every version, the newest first."""
    query = select(RelationshipRow).where(RelationshipRow.case_id == case_id)
    return tuple(_value(each) for each in db.session.scalars(query.order_by(RelationshipRow.number.desc())))


def add(case_id: str, number: int, facts: RelationshipFacts, changed: tuple[str, ...], by_id: str) -> KeptFacts:
    """A new version; two people who save the same number at once meet at the unique constraint."""
    row = RelationshipRow(id=new_id(), case_id=case_id, number=number, at=clock.now(), by_id=by_id)
    row.content = ring().box(case_id).seal(Place("relationship", row.id, "content"), Content(facts, changed))
    db.session.add(row)
    db.session.flush()
    return _value(row)


def _value(row: RelationshipRow) -> KeptFacts:
    own = ring().box(row.case_id).open(Place("relationship", row.id, "content"), row.content, Content)
    return KeptFacts(row.number, own.facts, row.at, accounts.name_of(row.by_id), own.changed)
