"""Resets of accounts: who asked, who granted, whether the owner has seen it. Links themselves are in accounts.py."""

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.domain.accounts import RESET_WAITS, Reset
from service.store.accounts import name_of
from service.store.base import Base, Id, UtcDateTime, db, new_id


class ResetRow(Base):
    """`refused_at` and `granted_at` are set once, by `second_id`, who is neither the owner nor who asked."""

    __tablename__ = "account_reset"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    asked_by: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    second_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    granted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


def ask(practice_id: str, account_id: str, asked_by: str) -> ResetRow:
    row = ResetRow(
        id=new_id(), practice_id=practice_id, account_id=account_id, asked_by=asked_by, asked_at=clock.now(), version=1
    )
    db.session.add(row)
    db.session.flush()
    return row


def row(reset_id: str) -> ResetRow | None:
    return db.session.get(ResetRow, reset_id)


def waiting(practice_id: str) -> list[ResetRow]:
    """Those nobody has answered yet, the oldest first; after a day they lapse."""
    query = select(ResetRow).where(
        ResetRow.practice_id == practice_id,
        ResetRow.granted_at.is_(None),
        ResetRow.refused_at.is_(None),
        ResetRow.asked_at > clock.now() - RESET_WAITS,
    )
    return list(db.session.scalars(query.order_by(ResetRow.asked_at, ResetRow.id)))


def unseen(account_id: str) -> list[ResetRow]:
    """Granted resets of an account that its owner has not taken note of."""
    query = select(ResetRow).where(
        ResetRow.account_id == account_id, ResetRow.granted_at.is_not(None), ResetRow.seen_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(ResetRow.granted_at)))


def value(found: ResetRow) -> Reset:
    return Reset(
        id=found.id,
        account_id=found.account_id,
        name=name_of(found.account_id),
        asked_by=found.asked_by,
        asked_by_name=name_of(found.asked_by),
        asked_at=found.asked_at,
        granted_by_name=name_of(found.second_id) if found.granted_at and found.second_id else "",
        granted_at=found.granted_at,
    )
