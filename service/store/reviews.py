"""The text of the structured relationship review in versions: table and queries. Sealed, and never exported."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.case_codes import Voice
from service.domain import clock
from service.domain.relationship_review import ReviewText
from service.store import accounts
from service.store.base import Base, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class RelationshipReviewRow(Base):
    """One version of the text; the highest number stands."""

    __tablename__ = "relationship_review"
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

    voice: Voice
    text: str


def of_case(case_id: str) -> tuple[ReviewText, ...]:
    """Every version, the newest first."""
    query = select(RelationshipReviewRow).where(RelationshipReviewRow.case_id == case_id)
    return tuple(_value(each) for each in db.session.scalars(query.order_by(RelationshipReviewRow.number.desc())))


def add(case_id: str, number: int, voice: Voice, text: str, by_id: str) -> ReviewText:
    row = RelationshipReviewRow(id=new_id(), case_id=case_id, number=number, at=clock.now(), by_id=by_id)
    place = Place("relationship_review", row.id, "content")
    row.content = ring().box(case_id).seal(place, Content(voice, text))
    db.session.add(row)
    db.session.flush()
    return _value(row)


def _value(row: RelationshipReviewRow) -> ReviewText:
    place = Place("relationship_review", row.id, "content")
    own = ring().box(row.case_id).open(place, row.content, Content)
    return ReviewText(row.number, own.voice, own.text, row.at, accounts.name_of(row.by_id))
