"""The crisis panel and the named second readers of each practice: tables and queries. Lines and names are sealed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.domain.crisis import NO_PANEL, CrisisLine, CrisisPanel
from service.store import accounts
from service.store.base import Base, Id, UtcDateTime, db
from service.store.keyring import Place, ring


class CrisisPanelRow(Base):
    """One row a practice, made when its administrator first types a line."""

    __tablename__ = "crisis_panel"

    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_on: Mapped[date | None]
    changed_by: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


class SecondReaderRow(Base):
    """A therapist whom the practice named to read follow-ups of cases that are not theirs."""

    __tablename__ = "second_reader"

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    named_by: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    named_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Content:
    """The sealed part of a panel."""

    lines: tuple[CrisisLine, ...]
    confirmed_by: str = ""


def panel_row(practice_id: str) -> CrisisPanelRow | None:
    return db.session.get(CrisisPanelRow, practice_id)


def panel(practice_id: str) -> CrisisPanel:
    """The panel of a practice; an empty one before anything was typed."""
    row = panel_row(practice_id)
    if row is None:
        return NO_PANEL
    content = ring().box(practice_id).open(_place(practice_id), row.content, Content)
    return CrisisPanel(
        lines=content.lines,
        confirmed_on=row.confirmed_on,
        confirmed_by=content.confirmed_by,
        changed_by=accounts.name_of(row.changed_by),
        version=row.version,
        updated_at=row.updated_at,
    )


def put_panel(practice_id: str, wanted: CrisisPanel, changed_by: str) -> CrisisPanelRow:
    """Keep lines and confirmation; joins the running transaction."""
    sealed = ring().box(practice_id).seal(_place(practice_id), Content(wanted.lines, wanted.confirmed_by))
    row = panel_row(practice_id)
    if row is None:
        row = CrisisPanelRow(practice_id=practice_id, version=1)
        db.session.add(row)
    row.content, row.confirmed_on = sealed, wanted.confirmed_on
    row.changed_by, row.updated_at = changed_by, clock.now()
    db.session.flush()
    return row


def reader(account_id: str) -> SecondReaderRow | None:
    return db.session.get(SecondReaderRow, account_id)


def is_reader(account_id: str) -> ColumnElement[bool]:
    """Whether the practice named this person as second reader, to be asked with other things."""
    return exists().where(SecondReaderRow.account_id == account_id)


def readers(practice_id: str) -> list[SecondReaderRow]:
    return list(db.session.scalars(select(SecondReaderRow).where(SecondReaderRow.practice_id == practice_id)))


def name_reader(practice_id: str, account_id: str, named_by: str) -> None:
    row = SecondReaderRow(account_id=account_id, practice_id=practice_id, named_by=named_by, named_at=clock.now())
    db.session.add(row)
    db.session.flush()


def _place(practice_id: str) -> Place:
    return Place("crisis_panel", practice_id, "content")
