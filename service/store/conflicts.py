"""Keyed hashes of the persons whom cases name, and the matches between them.

Rule: hashes have a key of the practice's own, so that they compare with nothing outside it; they are never read out,
exported or logged, and go with their case when it is purged.
"""

import hmac
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, and_, delete, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.conflict_codes import NamedAs
from schemas.vocabulary import CaseStatus
from service.domain import clock
from service.domain.cases import Client
from service.domain.conflicts import Mark, marks_of, same_person
from service.store import accounts, cases
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.cases import CaseRow
from service.store.keyring import Scope, ring

MOST = 20
Hash = String(64)
# A case, and as whom it names somebody.
There = tuple[str, NamedAs]


class PersonHashRow(Base):
    """One name of one person whom a case names. `name_hash` is empty where a name says too little to be compared."""

    __tablename__ = "person_hash"
    __table_args__ = (Index("ix_person_hash_practice_name", "practice_id", "name_hash"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"))
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    named_as: Mapped[str] = mapped_column(Code)
    name_hash: Mapped[str] = mapped_column(Hash)
    born_hash: Mapped[str | None] = mapped_column(Hash)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConflictRow(Base):
    """Two cases that name one person: the one that was checked, and the one that was there."""

    __tablename__ = "conflict"
    __table_args__ = (UniqueConstraint("case_id", "named_as", "there_id", "there_as"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    named_as: Mapped[str] = mapped_column(Code)
    there_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    there_as: Mapped[str] = mapped_column(Code)
    by_birth_date: Mapped[bool]
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(Code)
    answered_by: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


def keep_client(row: CaseRow, client: Client) -> None:
    """Compare the client of a case, by both names."""
    names = (client.chosen_name, client.legal_name)
    keep(row, NamedAs.CLIENT, marks_of(names, client.birth_date, keyed(row.practice_id)))


def keep(row: CaseRow, named_as: NamedAs, marks: tuple[Mark, ...]) -> None:
    """Put these marks in place of those that stood there, and note whom else of the practice they may be.

    Needs `hold`. Answers to what still matches stand.
    """
    db.session.execute(delete(PersonHashRow).where(*_of(row.id, named_as)))
    for mark in marks or (Mark(""),):
        added = PersonHashRow(id=new_id(), practice_id=row.practice_id, case_id=row.id, named_as=named_as)
        added.name_hash, added.born_hash, added.at = mark.name, mark.born, clock.now()
        db.session.add(added)
    db.session.flush()
    found, standing = _others(row, marks), _standing(row.id, named_as)
    for there, conflict in standing.items():
        if there in found:
            conflict.by_birth_date = found[there]
        else:
            db.session.delete(conflict)
    for there in sorted(found.keys() - standing.keys()):
        db.session.add(_new(row, named_as, there, by_birth_date=found[there]))
    db.session.flush()


def hold(practice_id: str) -> None:
    """One check at a time in a practice, or two at once would not see each other; before any case is held still."""
    db.session.get(accounts.PracticeRow, practice_id, with_for_update={"key_share": True}, populate_existing=True)


def forget(case_id: str, named_as: NamedAs | None = None) -> None:
    """Remove what stands here about the persons of a case, or about one of them."""
    whose = [named_as] if named_as else list(NamedAs)
    for each in whose:
        for conflict in _standing(case_id, each).values():
            db.session.delete(conflict)
        db.session.execute(delete(PersonHashRow).where(*_of(case_id, each)))
    db.session.flush()


def complete() -> int:
    """Compare clients who never were, as after a migration; returns how many."""
    known = exists().where(PersonHashRow.case_id == CaseRow.id, PersonHashRow.named_as == NamedAs.CLIENT)
    query = select(CaseRow).where(CaseRow.status != CaseStatus.PURGED, ~known).order_by(CaseRow.id)
    found = db.session.scalars(query).all()
    for row in found:
        keep_client(row, cases.client_of(row))
    db.session.commit()
    return len(found)


def checked_at(case_id: str, named_as: NamedAs) -> datetime | None:
    return db.session.scalars(select(PersonHashRow.at).where(*_of(case_id, named_as))).first()


def marks_in(case_id: str) -> list[tuple[NamedAs, Mark]]:
    rows = db.session.scalars(select(PersonHashRow).where(PersonHashRow.case_id == case_id))
    return [(NamedAs(each.named_as), Mark(each.name_hash, each.born_hash)) for each in rows if each.name_hash]


def of_practice(practice_id: str) -> list[ConflictRow]:
    """Every match, what waits for an answer first, the newest in front."""
    query = select(ConflictRow).where(ConflictRow.practice_id == practice_id)
    rows = db.session.scalars(query.order_by(ConflictRow.found_at.desc(), ConflictRow.id))
    return sorted(rows, key=lambda each: each.answer is not None)


def conflict(conflict_id: str) -> ConflictRow | None:
    return db.session.get(ConflictRow, conflict_id)


def keyed(practice_id: str) -> Callable[[str], str]:
    """The hash of this practice."""
    key = ring().secret(Scope.CONFLICT, practice_id)
    return lambda text: hmac.digest(key, text.encode(), "sha256").hex()


def _of(case_id: str, named_as: NamedAs) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return PersonHashRow.case_id == case_id, PersonHashRow.named_as == named_as


def _others(row: CaseRow, marks: Iterable[Mark]) -> dict[There, bool]:
    """As whom other cases name the same person, and whether the birth dates agree; a very common name is cut short."""
    found: dict[There, bool] = {}
    for mark in marks:
        query = select(PersonHashRow).where(
            PersonHashRow.practice_id == row.practice_id,
            PersonHashRow.name_hash == mark.name,
            PersonHashRow.case_id != row.id,
        )
        for each in db.session.scalars(query.order_by(PersonHashRow.at.desc(), PersonHashRow.id).limit(MOST)):
            if same_person(mark, Mark(each.name_hash, each.born_hash)):
                there = each.case_id, NamedAs(each.named_as)
                found[there] = found.get(there, False) or None not in (mark.born, each.born_hash)
    return found


def _standing(case_id: str, named_as: NamedAs) -> dict[There, ConflictRow]:
    """The matches of one person of a case, by the other side."""
    here = and_(ConflictRow.case_id == case_id, ConflictRow.named_as == named_as)
    there = and_(ConflictRow.there_id == case_id, ConflictRow.there_as == named_as)
    return {
        (each.there_id, NamedAs(each.there_as))
        if each.case_id == case_id
        else (each.case_id, NamedAs(each.named_as)): each
        for each in db.session.scalars(select(ConflictRow).where(or_(here, there)))
    }


def _new(row: CaseRow, named_as: NamedAs, there: There, *, by_birth_date: bool) -> ConflictRow:
    return ConflictRow(
        id=new_id(),
        practice_id=row.practice_id,
        case_id=row.id,
        named_as=named_as,
        there_id=there[0],
        there_as=there[1],
        by_birth_date=by_birth_date,
        found_at=clock.now(),
        version=1,
    )
