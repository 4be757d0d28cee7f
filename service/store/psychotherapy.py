"""Psychotherapy notes and who may read one in training: tables and queries. The text has a key apart from the case's.

Rule: a note is looked up by its author. Nothing here lists the notes of a case, and no other table points at one.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.domain.psychotherapy import PsychotherapyNote, TrainingGrant
from service.store import accounts
from service.store.base import Base, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, Scope, ring


class PsychotherapyRow(Base):
    __tablename__ = "psychotherapy_note"
    __table_args__ = (
        UniqueConstraint("session_id", "author_id"),
        Index("ix_psychotherapy_note_case_author", "case_id", "author_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    session_id: Mapped[str] = mapped_column(Id, ForeignKey("therapy_session.id"))
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    text: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


class TrainingGrantRow(Base):
    """One note opened to one supervisor until a moment. It is never removed, only withdrawn or run out."""

    __tablename__ = "psychotherapy_grant"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    note_id: Mapped[str] = mapped_column(Id, ForeignKey("psychotherapy_note.id"), index=True)
    supervisor_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def own(session_id: str, author_id: str) -> PsychotherapyRow | None:
    """What this author wrote about this session."""
    query = select(PsychotherapyRow).where(
        PsychotherapyRow.session_id == session_id, PsychotherapyRow.author_id == author_id
    )
    return db.session.scalar(query)


def own_of_case(case_id: str, author_id: str) -> list[PsychotherapyRow]:
    """What this author wrote on this case, newest first."""
    query = select(PsychotherapyRow).where(PsychotherapyRow.case_id == case_id, PsychotherapyRow.author_id == author_id)
    return list(db.session.scalars(query.order_by(PsychotherapyRow.created_at.desc(), PsychotherapyRow.id)))


def row(note_id: str) -> PsychotherapyRow | None:
    return db.session.get(PsychotherapyRow, note_id)


def add(case_id: str, session_id: str, author_id: str, text: str) -> PsychotherapyRow:
    """The first note of a case brings the case's key for such notes with it."""
    at = clock.now()
    row = PsychotherapyRow(
        id=new_id(),
        case_id=case_id,
        session_id=session_id,
        author_id=author_id,
        created_at=at,
        version=1,
        updated_at=at,
    )
    put_text(row, text)
    db.session.add(row)
    return row


def put_text(row: PsychotherapyRow, text: str) -> None:
    row.text = ring().own_box(Scope.PSYCHOTHERAPY, row.case_id).seal(_place(row.id), text)
    row.updated_at = clock.now()


def value(row: PsychotherapyRow) -> PsychotherapyNote:
    return PsychotherapyNote(
        id=row.id,
        case_id=row.case_id,
        session_id=row.session_id,
        author_id=row.author_id,
        author_name=accounts.name_of(row.author_id),
        text=ring().box(row.case_id, Scope.PSYCHOTHERAPY).open(_place(row.id), row.text, str),
        created_at=row.created_at,
        version=row.version,
        updated_at=row.updated_at,
    )


def add_grant(note_id: str, supervisor_id: str, until: datetime) -> TrainingGrantRow:
    at = clock.now()
    row = TrainingGrantRow(
        id=new_id(), note_id=note_id, supervisor_id=supervisor_id, granted_at=at, until=until, opened=0
    )
    db.session.add(row)
    return row


def grant_row(grant_id: str) -> TrainingGrantRow | None:
    return db.session.get(TrainingGrantRow, grant_id)


def grants(note: PsychotherapyRow) -> tuple[TrainingGrant, ...]:
    """Every grant of a note, newest first."""
    query = select(TrainingGrantRow).where(TrainingGrantRow.note_id == note.id)
    rows = db.session.scalars(query.order_by(TrainingGrantRow.granted_at.desc(), TrainingGrantRow.id))
    return tuple(grant_value(each, note) for each in rows)


def grants_to(supervisor_id: str) -> list[tuple[TrainingGrantRow, PsychotherapyRow]]:
    """What was opened to this supervisor and has neither run out nor been withdrawn, soonest end first."""
    query = (
        select(TrainingGrantRow, PsychotherapyRow)
        .join(PsychotherapyRow, PsychotherapyRow.id == TrainingGrantRow.note_id)
        .where(
            TrainingGrantRow.supervisor_id == supervisor_id,
            TrainingGrantRow.withdrawn_at.is_(None),
            TrainingGrantRow.until > clock.now(),
        )
        .order_by(TrainingGrantRow.until, TrainingGrantRow.id)
    )
    return [(grant, note) for grant, note in db.session.execute(query)]


def grant_value(row: TrainingGrantRow, note: PsychotherapyRow) -> TrainingGrant:
    return TrainingGrant(
        id=row.id,
        note_id=row.note_id,
        case_id=note.case_id,
        author_id=note.author_id,
        author_name=accounts.name_of(note.author_id),
        supervisor_id=row.supervisor_id,
        supervisor_name=accounts.name_of(row.supervisor_id),
        granted_at=row.granted_at,
        until=row.until,
        withdrawn_at=row.withdrawn_at,
        opened=row.opened,
        opened_at=row.opened_at,
    )


def _place(note_id: str) -> Place:
    return Place("psychotherapy_note", note_id, "text")
