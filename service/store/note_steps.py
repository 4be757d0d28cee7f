"""The trail of a session and its note: one table of rows that are added and never changed. Words are sealed."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, Select, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from schemas.note_codes import NoteStep
from service.domain import clock
from service.domain.note_life import StepWords, Taken
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class NoteStepRow(Base):
    __tablename__ = "note_step"
    __table_args__ = (
        UniqueConstraint("session_id", "number"),
        Index("ix_note_step_case_step", "case_id", "step"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    session_id: Mapped[str] = mapped_column(Id, ForeignKey("therapy_session.id"))
    number: Mapped[int]
    step: Mapped[str] = mapped_column(Code)
    answers: Mapped[str | None] = mapped_column(Id, ForeignKey("note_step.id"), unique=True)
    by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    words: Mapped[bytes] = mapped_column(LargeBinary)


def add(of: tuple[str, str], step: NoteStep, by_id: str, words: StepWords, *, answers: str | None = None) -> Taken:
    """A new row of the trail; `of` is (case id, session id). A second answer to one question does not commit."""
    case_id, session_id = of
    before = db.session.scalar(select(func.max(NoteStepRow.number)).where(NoteStepRow.session_id == session_id))
    row = NoteStepRow(
        id=new_id(),
        case_id=case_id,
        session_id=session_id,
        number=(before or 0) + 1,
        step=step,
        answers=answers,
        by_id=by_id,
        at=clock.now(),
    )
    row.words = ring().box(case_id).seal(Place("note_step", row.id, "words"), words)
    db.session.add(row)
    db.session.flush()
    return _value(row)


def trail(session_id: str) -> tuple[Taken, ...]:
    """Everything that happened to a session's note, oldest first."""
    rows = db.session.scalars(
        select(NoteStepRow).where(NoteStepRow.session_id == session_id).order_by(NoteStepRow.number)
    )
    return tuple(_value(each) for each in rows)


def of_case(case_id: str) -> dict[str, tuple[Taken, ...]]:
    """The trails of a case, by session."""
    found: dict[str, tuple[Taken, ...]] = {}
    query = select(NoteStepRow).where(NoteStepRow.case_id == case_id).order_by(NoteStepRow.number)
    for each in map(_value, db.session.scalars(query)):
        found[each.session_id] = (*found.get(each.session_id, ()), each)
    return found


def unanswered(case_ids: Iterable[str], *steps: NoteStep) -> tuple[Taken, ...]:
    """Questions of these kinds without an answer, on these cases, longest first."""
    query = _open_questions(*steps).where(NoteStepRow.case_id.in_(list(case_ids)))
    return tuple(_value(each) for each in db.session.scalars(query.order_by(NoteStepRow.at, NoteStepRow.id)))


def cosign_asked_by(author_ids: Iterable[str]) -> tuple[Taken, ...]:
    """What these people wrote that waits to be cosigned, on whatever case, longest first."""
    query = _open_questions(NoteStep.COSIGN_ASKED).where(NoteStepRow.by_id.in_(list(author_ids)))
    return tuple(_value(each) for each in db.session.scalars(query.order_by(NoteStepRow.at, NoteStepRow.id)))


def cosign_waits(case_id: str, author_ids: Select[str]) -> ColumnElement[bool]:
    """Whether something that these people wrote on the case waits to be cosigned, to be asked with other things."""
    asked = _open_questions(NoteStep.COSIGN_ASKED).where(NoteStepRow.by_id.in_(author_ids))
    return asked.where(NoteStepRow.case_id == case_id).exists()


def _open_questions(*steps: NoteStep) -> Select[NoteStepRow]:
    later = aliased(NoteStepRow)
    query = select(NoteStepRow).outerjoin(later, later.answers == NoteStepRow.id)
    return query.where(NoteStepRow.step.in_([str(each) for each in steps]), later.id.is_(None))


def error_waits(case_id: str) -> ColumnElement[bool]:
    """Whether a note of the case is said to be in error and nobody has answered, to be asked with other things."""
    return _open_questions(NoteStep.ERROR_SAID).where(NoteStepRow.case_id == case_id).exists()


def newest(case_ids: Iterable[str], *steps: NoteStep) -> tuple[Taken, ...]:
    """The newest row of any of these kinds in each session of these cases, longest ago first."""
    wanted = NoteStepRow.case_id.in_(list(case_ids)), NoteStepRow.step.in_([str(each) for each in steps])
    rows = db.session.scalars(select(NoteStepRow).where(*wanted).order_by(NoteStepRow.number))
    found = {row.session_id: row for row in rows}
    return tuple(_value(row) for row in sorted(found.values(), key=lambda each: (each.at, each.id)))


def _value(row: NoteStepRow) -> Taken:
    return Taken(
        id=row.id,
        case_id=row.case_id,
        session_id=row.session_id,
        step=NoteStep(row.step),
        at=row.at,
        by_id=row.by_id,
        by=accounts.name_of(row.by_id),
        words=ring().box(row.case_id).open(Place("note_step", row.id, "words"), row.words, StepWords),
        answers=row.answers,
    )
