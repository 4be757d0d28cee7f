"""Supervision meetings, the cases they touched and what is to be done: tables and queries.

Rule: words about a case are sealed with a key that this case has for supervision, so that they go when the case is
purged; other words with a key of the meeting itself, so that they can go without anybody's chart.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.domain.supervision_records import TouchedWords
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Box, Place, Scope, ring


class SupervisionRecordRow(Base):
    __tablename__ = "supervision_record"
    __table_args__ = (
        Index("ix_supervision_record_supervisor", "supervisor_id", "held_on"),
        Index("ix_supervision_record_therapist", "therapist_id", "held_on"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    supervisor_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    therapist_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    held_on: Mapped[date]
    minutes: Mapped[int]
    mode: Mapped[str] = mapped_column(Code)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


class TouchedRow(Base):
    __tablename__ = "supervision_case"
    __table_args__ = (UniqueConstraint("record_id", "case_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    record_id: Mapped[str] = mapped_column(Id, ForeignKey("supervision_record.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ActionRow(Base):
    __tablename__ = "supervision_action"
    __table_args__ = (Index("ix_supervision_action_owner", "owner_id", "due_on"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    record_id: Mapped[str] = mapped_column(Id, ForeignKey("supervision_record.id"), index=True)
    case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    words: Mapped[bytes] = mapped_column(LargeBinary)
    due_on: Mapped[date]
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def new_row(practice_id: str, supervisor_id: str, therapist_id: str) -> SupervisionRecordRow:
    """A meeting of two with an id and nothing else."""
    return SupervisionRecordRow(
        id=new_id(), practice_id=practice_id, supervisor_id=supervisor_id, therapist_id=therapist_id, version=1
    )


def put_words(row: SupervisionRecordRow, words: str) -> None:
    row.words = _own_box(row.id).seal(Place("supervision_record", row.id, "words"), words)
    row.updated_at = clock.now()


def words_of(row: SupervisionRecordRow) -> str:
    return ring().box(row.id, Scope.SUPERVISION).open(Place("supervision_record", row.id, "words"), row.words, str)


def row(record_id: str) -> SupervisionRecordRow | None:
    return db.session.get(SupervisionRecordRow, record_id)


def of_person(account_id: str) -> list[SupervisionRecordRow]:
    """Every meeting that this person had on either side, newest first."""
    mine = or_(SupervisionRecordRow.supervisor_id == account_id, SupervisionRecordRow.therapist_id == account_id)
    query = select(SupervisionRecordRow).where(mine)
    return list(db.session.scalars(query.order_by(SupervisionRecordRow.held_on.desc(), SupervisionRecordRow.id)))


def touched(record_id: str) -> list[TouchedRow]:
    return list(db.session.scalars(select(TouchedRow).where(TouchedRow.record_id == record_id).order_by(TouchedRow.id)))


def new_touched(record_id: str, case_id: str) -> TouchedRow:
    return TouchedRow(id=new_id(), record_id=record_id, case_id=case_id, version=1)


def put_touched(row: TouchedRow, words: TouchedWords) -> None:
    row.words = _own_box(row.case_id).seal(Place("supervision_case", row.id, "words"), words)


def touched_words(row: TouchedRow) -> TouchedWords:
    box = ring().box(row.case_id, Scope.SUPERVISION)
    return box.open(Place("supervision_case", row.id, "words"), row.words, TouchedWords)


def actions(record_id: str) -> list[ActionRow]:
    query = select(ActionRow).where(ActionRow.record_id == record_id)
    return list(db.session.scalars(query.order_by(ActionRow.due_on, ActionRow.id)))


def action(action_id: str) -> ActionRow | None:
    return db.session.get(ActionRow, action_id)


def waiting_for(owner_id: str, until: date) -> list[ActionRow]:
    """What this person still has to do by `until`, the earliest first."""
    mine = (ActionRow.owner_id == owner_id, ActionRow.done_at.is_(None), ActionRow.due_on <= until)
    return list(db.session.scalars(select(ActionRow).where(*mine).order_by(ActionRow.due_on, ActionRow.id)))


def new_action(record_id: str, case_id: str | None, owner_id: str, due_on: date) -> ActionRow:
    return ActionRow(id=new_id(), record_id=record_id, case_id=case_id, owner_id=owner_id, due_on=due_on)


def put_action(row: ActionRow, words: str) -> None:
    row.words = _own_box(row.case_id or row.record_id).seal(Place("supervision_action", row.id, "words"), words)


def action_words(row: ActionRow) -> str:
    box = ring().box(row.case_id or row.record_id, Scope.SUPERVISION)
    return box.open(Place("supervision_action", row.id, "words"), row.words, str)


def meetings(supervisor_id: str, therapist_id: str) -> list[tuple[date, int]]:
    """(day, minutes) of every meeting of these two."""
    query = select(SupervisionRecordRow.held_on, SupervisionRecordRow.minutes).where(
        SupervisionRecordRow.supervisor_id == supervisor_id, SupervisionRecordRow.therapist_id == therapist_id
    )
    return [(held_on, minutes) for held_on, minutes in db.session.execute(query)]


def _own_box(scope_id: str) -> Box:
    return ring().own_box(Scope.SUPERVISION, scope_id)
