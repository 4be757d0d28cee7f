"""Referrals to and from the practice: table and queries. Who referred and in which words is sealed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.case_codes import ReferralDecision, ReferralDirection, ReferralKind, Urgency
from service.domain import clock
from service.domain.referrals import Referral, ReferralDraft
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class ReferralRow(Base):
    __tablename__ = "referral"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    direction: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Code)
    urgency: Mapped[str] = mapped_column(Code)
    decision: Mapped[str] = mapped_column(Code)
    received_on: Mapped[date]
    decided_on: Mapped[date | None]
    words: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))

    __mapper_args__ = {"version_id_col": version}


@dataclass(frozen=True)
class ReferralWords:
    """The sealed part of a referral."""

    source: str
    reason: str
    reply_consent: bool
    note: str


def new(case_id: str, author_id: str) -> ReferralRow:
    return ReferralRow(id=new_id(), case_id=case_id, author_id=author_id, version=1, created_at=clock.now())


def fill(row: ReferralRow, draft: ReferralDraft) -> None:
    row.direction, row.kind, row.urgency, row.decision = draft.direction, draft.kind, draft.urgency, draft.decision
    row.received_on, row.decided_on, row.updated_at = draft.received_on, draft.decided_on, clock.now()
    words = ReferralWords(draft.source, draft.reason, draft.reply_consent, draft.note)
    row.words = ring().box(row.case_id).seal(Place("referral", row.id, "words"), words)


def row(referral_id: str) -> ReferralRow | None:
    return db.session.get(ReferralRow, referral_id)


def of_case(case_id: str) -> tuple[Referral, ...]:
    """The newest first."""
    query = select(ReferralRow).where(ReferralRow.case_id == case_id)
    return tuple(value(each) for each in db.session.scalars(query.order_by(ReferralRow.received_on.desc())))


def value(row: ReferralRow) -> Referral:
    own = ring().box(row.case_id).open(Place("referral", row.id, "words"), row.words, ReferralWords)
    return Referral(
        id=row.id,
        case_id=row.case_id,
        direction=ReferralDirection(row.direction),
        kind=ReferralKind(row.kind),
        urgency=Urgency(row.urgency),
        decision=ReferralDecision(row.decision),
        received_on=row.received_on,
        decided_on=row.decided_on,
        source=own.source,
        reason=own.reason,
        reply_consent=own.reply_consent,
        note=own.note,
        version=row.version,
        updated_at=row.updated_at,
        author_id=row.author_id or "",
    )
