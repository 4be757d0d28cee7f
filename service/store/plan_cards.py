"""Cards beside the plans: one table and its queries. What a card says is sealed."""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ForeignKey, Index, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.card_codes import CardKind
from service.domain import clock
from service.domain.cards import Card
from service.domain.contact_plans import Boundary, ContactPlan
from service.domain.networks import Person
from service.domain.proxies import Concern, Proxy
from service.domain.toolkits import Tool
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring

T = TypeVar("T")
KINDS: dict[type, CardKind] = {
    ContactPlan: CardKind.CONTACT_PLAN,
    Boundary: CardKind.BOUNDARY,
    Tool: CardKind.TOOL,
    Person: CardKind.PERSON,
    Concern: CardKind.CONCERN,
    Proxy: CardKind.PROXY,
}
_TYPES = {kind: words for words, kind in KINDS.items()}


class CardRow(Base):
    __tablename__ = "plan_card"
    __table_args__ = (Index("ix_plan_card_case_kind", "case_id", "kind"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    kind: Mapped[str] = mapped_column(Code)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    put_away_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


def new_card(case_id: str, author_id: str, words: object) -> CardRow:
    row = CardRow(id=new_id(), case_id=case_id, kind=KINDS[type(words)], version=1)
    fill(row, author_id, words)
    db.session.add(row)
    return row


def fill(row: CardRow, author_id: str, words: object) -> None:
    row.words = ring().box(row.case_id).seal(Place("plan_card", row.id, "words"), words)
    row.author_id, row.updated_at = author_id, clock.now()


def keep_older(row: CardRow) -> None:
    """Keep a card as it stands, put away, before it is changed: its words stay readable under their own date."""
    words = card_value(row).words
    older = CardRow(id=new_id(), case_id=row.case_id, kind=row.kind, version=1, put_away_at=clock.now())
    older.words = ring().box(row.case_id).seal(Place("plan_card", older.id, "words"), words)
    older.author_id, older.updated_at = row.author_id, row.updated_at
    db.session.add(older)


def card_row(card_id: str) -> CardRow | None:
    return db.session.get(CardRow, card_id)


def of_case(case_id: str) -> tuple[Card[Any], ...]:
    """Every card of a case, put away or not, the newest change first."""
    query = select(CardRow).where(CardRow.case_id == case_id).order_by(CardRow.updated_at.desc(), CardRow.id)
    return tuple(card_value(each) for each in db.session.scalars(query))


def only_row(case_id: str, kind: type) -> CardRow | None:
    """The card of a kind of which a case has one."""
    wanted = CardRow.case_id == case_id, CardRow.kind == KINDS[kind], CardRow.put_away_at.is_(None)
    return db.session.scalar(select(CardRow).where(*wanted))


def in_use(case_id: str, kind: type[T]) -> tuple[Card[T], ...]:
    """The cards of one kind that were not put away, the newest change first."""
    query = select(CardRow).where(
        CardRow.case_id == case_id, CardRow.kind == KINDS[kind], CardRow.put_away_at.is_(None)
    )
    return tuple(card_value(each) for each in db.session.scalars(query.order_by(CardRow.updated_at.desc(), CardRow.id)))


def card_value(row: CardRow) -> Card[Any]:
    kind = _TYPES[CardKind(row.kind)]
    return Card(
        id=row.id,
        case_id=row.case_id,
        words=ring().box(row.case_id).open(Place("plan_card", row.id, "words"), row.words, kind),
        author_name=accounts.name_of(row.author_id),
        version=row.version,
        updated_at=row.updated_at,
        put_away_at=row.put_away_at,
    )
