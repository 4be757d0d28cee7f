"""Progress notes and their addenda: tables and queries. The text is sealed; a signed note never changes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.vocabulary import NoteFormat, NoteStatus
from service.domain import clock
from service.domain.note_life import Trail, covered, is_wrong
from service.domain.notes import Addendum, Note, text_hash
from service.store import accounts, note_steps
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring
from service.store.sessions import TOOK_PLACE, SessionRow


class NoteRow(Base):
    __tablename__ = "note"
    __table_args__ = (
        Index("ix_note_case_status", "case_id", "status"),
        CheckConstraint("(status = 'signed') = (signed_at IS NOT NULL)", name="signed_has_time"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    session_id: Mapped[str] = mapped_column(Id, ForeignKey("therapy_session.id"), unique=True)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    format: Mapped[str] = mapped_column(Code)
    status: Mapped[str] = mapped_column(Code)
    sections: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_by: Mapped[str | None] = mapped_column(Id)
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


class AddendumRow(Base):
    __tablename__ = "note_addendum"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    note_id: Mapped[str] = mapped_column(Id, ForeignKey("note.id"), index=True)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    text: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary)


def add(case_id: str, session_id: str, author_id: str, note_format: NoteFormat) -> NoteRow:
    at = clock.now()
    row = NoteRow(
        id=new_id(),
        case_id=case_id,
        session_id=session_id,
        author_id=author_id,
        format=note_format,
        status=NoteStatus.DRAFT,
        created_at=at,
        signed_at=None,
        signed_by=None,
        content_hash=None,
        version=1,
        updated_at=at,
    )
    put_sections(row, {})
    db.session.add(row)
    db.session.flush()
    return row


def put_sections(row: NoteRow, sections: dict[str, str]) -> None:
    row.sections = ring().box(row.case_id).seal(Place("note", row.id, "sections"), sections)
    row.updated_at = clock.now()


def put_content_hash(row: NoteRow, content_hash: str) -> None:
    """Sealed: a plain hash of short text would give the text away."""
    row.content_hash = ring().box(row.case_id).seal(Place("note", row.id, "content_hash"), content_hash)


def add_addendum(note: NoteRow, author_id: str, text: str) -> AddendumRow:
    addendum_id = new_id()
    box = ring().box(note.case_id)
    row = AddendumRow(
        id=addendum_id,
        note_id=note.id,
        author_id=author_id,
        text=box.seal(Place("note_addendum", addendum_id, "text"), text),
        created_at=clock.now(),
        content_hash=box.seal(Place("note_addendum", addendum_id, "content_hash"), text_hash(text)),
    )
    db.session.add(row)
    return row


def signed_of_case(case_id: str) -> list[NoteRow]:
    signed = NoteRow.case_id == case_id, NoteRow.status == NoteStatus.SIGNED
    return list(db.session.scalars(select(NoteRow).where(*signed).order_by(NoteRow.id)))


def written_hashes(note: NoteRow) -> dict[str, str]:
    """The hash of each addendum as it was written, by id; those from before it was kept are left out."""
    box, place = ring().box(note.case_id), "content_hash"
    return {
        each.id: box.open(Place("note_addendum", each.id, place), each.content_hash, str)
        for each in _addenda(note.id)
        if each.content_hash
    }


def row(note_id: str) -> NoteRow | None:
    return db.session.get(NoteRow, note_id)


def of_session(session_id: str) -> NoteRow | None:
    return db.session.scalar(select(NoteRow).where(NoteRow.session_id == session_id))


def is_signed(session_id: str) -> bool:
    signed = NoteRow.session_id == session_id, NoteRow.status != NoteStatus.DRAFT
    return db.session.scalar(select(NoteRow.id).where(*signed)) is not None


def of_case(case_id: str) -> tuple[Note, ...]:
    rows = db.session.scalars(select(NoteRow).where(NoteRow.case_id == case_id).order_by(NoteRow.created_at.desc()))
    trails, added = note_steps.of_case(case_id), _addenda_of_case(case_id)
    return tuple(_value(each, trails.get(each.session_id, ()), added=added.get(each.id, ())) for each in rows)


def unwritten(case_ids: Iterable[str]) -> list[tuple[SessionRow, NoteRow | None]]:
    """Sessions whose note is missing though they took place, or is a draft; the longest ago first."""
    is_missing = NoteRow.id.is_(None) & TOOK_PLACE
    query = (
        select(SessionRow, NoteRow)
        .outerjoin(NoteRow, NoteRow.session_id == SessionRow.id)
        .where(SessionRow.case_id.in_(list(case_ids)), is_missing | (NoteRow.status == NoteStatus.DRAFT))
        .order_by(SessionRow.ends_at, SessionRow.id)
    )
    return [(session, note) for session, note in db.session.execute(query)]


def signer_ids(case_id: str) -> set[str]:
    """Accounts that signed notes of this case."""
    query = select(NoteRow.signed_by).where(NoteRow.case_id == case_id, NoteRow.signed_by.is_not(None))
    return {each for each in db.session.scalars(query) if each}


def value(row: NoteRow) -> Note:
    """The note, opened, with its addenda in order; one that was entered in error without its texts."""
    return _value(row, note_steps.trail(row.session_id))


def whole(row: NoteRow) -> Note:
    """The same with the texts that an error hides: for a reader who has asked for them."""
    return _value(row, note_steps.trail(row.session_id), hidden=False)


def _value(row: NoteRow, trail: Trail, *, hidden: bool = True, added: Sequence[AddendumRow] | None = None) -> Note:
    box, wrong = ring().box(row.case_id), is_wrong(trail)
    left_out = wrong and hidden
    added = _addenda(row.id) if added is None else added
    sections = box.open(Place("note", row.id, "sections"), row.sections, dict[str, str])
    return Note(
        id=row.id,
        case_id=row.case_id,
        session_id=row.session_id,
        author_id=row.author_id,
        author_name=accounts.name_of(row.author_id),
        format=NoteFormat(row.format),
        status=NoteStatus(row.status),
        sections={} if left_out else sections,
        created_at=row.created_at,
        signed_at=row.signed_at,
        signed_by=accounts.name_of(row.signed_by) if row.signed_by else "",
        content_hash=box.open(Place("note", row.id, "content_hash"), row.content_hash, str) if row.content_hash else "",
        addenda=tuple(_addendum(row, each, trail, left_out=left_out) for each in added),
        version=row.version,
        updated_at=row.updated_at,
        trail=tuple(trail),
        wrong=wrong,
    )


def _addenda(note_id: str) -> list[AddendumRow]:
    query = select(AddendumRow).where(AddendumRow.note_id == note_id).order_by(AddendumRow.created_at, AddendumRow.id)
    return list(db.session.scalars(query))


def _addenda_of_case(case_id: str) -> dict[str, list[AddendumRow]]:
    """The addenda of every note of a case, by note, in one question."""
    of_case = select(NoteRow.id).where(NoteRow.case_id == case_id)
    query = select(AddendumRow).where(AddendumRow.note_id.in_(of_case))
    found: dict[str, list[AddendumRow]] = {}
    for each in db.session.scalars(query.order_by(AddendumRow.created_at, AddendumRow.id)):
        found.setdefault(each.note_id, []).append(each)
    return found


def _addendum(note: NoteRow, row: AddendumRow, trail: Trail, *, left_out: bool) -> Addendum:
    text = ring().box(note.case_id).open(Place("note_addendum", row.id, "text"), row.text, str)
    return Addendum(
        row.id,
        row.author_id,
        accounts.name_of(row.author_id),
        "" if left_out else text,
        text_hash(text),
        row.created_at,
        cosigned=row.id in covered(trail),
    )
