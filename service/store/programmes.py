"""The history of each case's programme: one table and its queries. What was said is sealed; rows are never removed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.programme import newest
from schemas.programme_codes import EntryKind
from service.domain import clock
from service.domain.programme import Entry, EntryWords, Programme
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class ProgrammeEntryRow(Base):
    """One thing that happened. `number` orders the entries of a case, `definition` is the version it was made under."""

    __tablename__ = "programme_entry"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        Index("ix_programme_entry_session", "session_id", "number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    number: Mapped[int]
    definition: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Code)
    step: Mapped[str] = mapped_column(Code)
    subject: Mapped[str] = mapped_column(Code)
    value: Mapped[str] = mapped_column(Code)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    session_id: Mapped[str | None] = mapped_column(Id, ForeignKey("therapy_session.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def new_row(case_id: str, kind: EntryKind, by_id: str) -> ProgrammeEntryRow:
    """The next entry of a case, with an id and about nothing yet; `put` fills it."""
    last = db.session.scalar(select(func.max(ProgrammeEntryRow.number)).where(ProgrammeEntryRow.case_id == case_id))
    return ProgrammeEntryRow(
        id=new_id(),
        case_id=case_id,
        number=(last or 0) + 1,
        definition=newest().version,
        kind=kind,
        step="",
        subject="",
        value="",
        at=clock.now(),
        by_id=by_id,
    )


def put(row: ProgrammeEntryRow, words: EntryWords) -> None:
    row.words = ring().box(row.case_id).seal(Place("programme_entry", row.id, "words"), words)
    db.session.add(row)
    db.session.flush()


def row(entry_id: str) -> ProgrammeEntryRow | None:
    return db.session.get(ProgrammeEntryRow, entry_id)


def of_case(case_id: str) -> Programme:
    """The programme of a case; without entries where nothing was offered."""
    rows = select(ProgrammeEntryRow).where(ProgrammeEntryRow.case_id == case_id).order_by(ProgrammeEntryRow.number)
    return Programme(case_id, newest(), tuple(value(each) for each in db.session.scalars(rows)))


def touched(session_id: str) -> tuple[str, ...]:
    """Keys of the steps and tasks of the programme that a session touched, as last recorded."""
    newest_first = ProgrammeEntryRow.number.desc()
    wanted = ProgrammeEntryRow.session_id == session_id, ProgrammeEntryRow.kind == EntryKind.TOUCH
    found = db.session.scalar(select(ProgrammeEntryRow).where(*wanted).order_by(newest_first).limit(1))
    return value(found).words.touched if found else ()


def value(row: ProgrammeEntryRow) -> Entry:
    words = ring().box(row.case_id).open(Place("programme_entry", row.id, "words"), row.words, EntryWords)
    return Entry(
        id=row.id,
        case_id=row.case_id,
        number=row.number,
        kind=EntryKind(row.kind),
        step=row.step,
        subject=row.session_id or row.subject,
        value=row.value,
        words=words,
        at=row.at,
        by_id=row.by_id,
        by_name=accounts.name_of(row.by_id),
        undone_at=row.undone_at,
    )
