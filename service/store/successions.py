"""Who takes over the records of ended accounts: who named whom, and who confirmed. Nothing of any record.

The reason is sealed with the practice's key.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.wall_codes import WallStatus
from service.domain import clock
from service.domain.accounts import Succession
from service.store.accounts import name_of
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class SuccessionRow(Base):
    """`second_id` is who confirmed, or who ended it, at `ended_at`."""

    __tablename__ = "account_succession"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    successor_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(Code)
    asked_by: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    second_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


def ask(practice_id: str, account_id: str, successor_id: str, *, reason: str, asked_by: str) -> SuccessionRow:
    row = SuccessionRow(
        id=new_id(),
        practice_id=practice_id,
        account_id=account_id,
        successor_id=successor_id,
        status=WallStatus.ASKED,
        asked_by=asked_by,
        asked_at=clock.now(),
        version=1,
    )
    row.reason = ring().box(practice_id).seal(_place(row.id), reason)
    db.session.add(row)
    db.session.flush()
    return row


def row(succession_id: str) -> SuccessionRow | None:
    return db.session.get(SuccessionRow, succession_id)


def waiting(practice_id: str) -> list[SuccessionRow]:
    """Those that nobody has answered yet, the oldest first."""
    return [each for each in of_practice(practice_id) if each.status == WallStatus.ASKED]


def of_practice(practice_id: str) -> list[SuccessionRow]:
    """All, the oldest first."""
    query = select(SuccessionRow).where(SuccessionRow.practice_id == practice_id)
    return list(db.session.scalars(query.order_by(SuccessionRow.asked_at, SuccessionRow.id)))


def value(found: SuccessionRow) -> Succession:
    return Succession(
        id=found.id,
        account_id=found.account_id,
        name=name_of(found.account_id),
        successor_id=found.successor_id,
        successor_name=name_of(found.successor_id),
        reason=ring().box(found.practice_id).open(_place(found.id), found.reason, str),
        status=WallStatus(found.status),
        asked_by=found.asked_by,
        asked_by_name=name_of(found.asked_by),
        asked_at=found.asked_at,
        second_name=name_of(found.second_id) if found.second_id else "",
        ended_at=found.ended_at,
    )


def _place(succession_id: str) -> Place:
    return Place("account_succession", succession_id, "reason")
