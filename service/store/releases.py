"""Consents and releases: tables and queries. Who receives what, and every note, is sealed with the case's key."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.release_codes import ConsentAnswer, ConsentKind, ReleaseForm, ReleaseStatus, SaidHow
from service.domain import clock
from service.domain.releases import Consent, Release, ReleaseTerms, Said
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class ConsentRow(Base):
    """One answer; rows are added, never changed."""

    __tablename__ = "consent"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    kind: Mapped[str] = mapped_column(Code)
    answer: Mapped[str] = mapped_column(Code)
    said_on: Mapped[date]
    how: Mapped[str] = mapped_column(Code)
    note: Mapped[bytes] = mapped_column(LargeBinary)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReleaseRow(Base):
    __tablename__ = "release"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    form: Mapped[str] = mapped_column(Code)
    status: Mapped[str] = mapped_column(Code)
    terms: Mapped[bytes] = mapped_column(LargeBinary)
    expires_on: Mapped[date]
    signed_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    ended_how: Mapped[str | None] = mapped_column(Code)
    ending: Mapped[bytes | None] = mapped_column(LargeBinary)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


def add_consent(case_id: str, author_id: str, said: Said) -> Consent:
    row = ConsentRow(id=new_id(), case_id=case_id, author_id=author_id, created_at=clock.now())
    row.kind, row.answer, row.said_on, row.how = said.kind, said.answer, said.on, said.how
    row.note = ring().box(case_id).seal(Place("consent", row.id, "note"), said.note)
    db.session.add(row)
    db.session.flush()
    return _consent(row)


def consents(case_id: str) -> tuple[Consent, ...]:
    """Every answer, newest first."""
    query = select(ConsentRow).where(ConsentRow.case_id == case_id)
    rows = db.session.scalars(query.order_by(ConsentRow.said_on.desc(), ConsentRow.created_at.desc(), ConsentRow.id))
    return tuple(_consent(each) for each in rows)


def refused(case_ids: Iterable[str], kind: ConsentKind) -> frozenset[str]:
    """Those of these cases whose client declined or withdrew this kind, as it stands; no note is opened."""
    of_kind = ConsentRow.case_id.in_(list(case_ids)), ConsentRow.kind == kind
    query = select(ConsentRow.case_id, ConsentRow.answer).where(*of_kind)
    rows = db.session.execute(query.order_by(ConsentRow.said_on, ConsentRow.created_at))
    answers = {row.case_id: row.answer for row in rows}
    return frozenset(case_id for case_id, answer in answers.items() if answer != ConsentAnswer.GIVEN)


def add(case_id: str, author_id: str, form: ReleaseForm, terms: ReleaseTerms, expires_on: date) -> ReleaseRow:
    row = ReleaseRow(id=new_id(), case_id=case_id, author_id=author_id, created_at=clock.now(), version=1)
    row.form, row.status, row.expires_on, row.updated_at = form, ReleaseStatus.DRAFT, expires_on, clock.now()
    row.terms = ring().box(case_id).seal(Place("release", row.id, "terms"), terms)
    db.session.add(row)
    db.session.flush()
    return row


def end(row: ReleaseRow, on: date, how: SaidHow, note: str) -> None:
    """The client took it back."""
    row.ended_on, row.ended_how = on, how
    row.ending = ring().box(row.case_id).seal(Place("release", row.id, "ending"), note)


def row(release_id: str) -> ReleaseRow | None:
    return db.session.get(ReleaseRow, release_id)


def of_case(case_id: str) -> tuple[Release, ...]:
    """Every release, newest first."""
    query = select(ReleaseRow).where(ReleaseRow.case_id == case_id)
    rows = db.session.scalars(query.order_by(ReleaseRow.created_at.desc(), ReleaseRow.id))
    return tuple(value(each) for each in rows)


def value(row: ReleaseRow) -> Release:
    box = ring().box(row.case_id)
    return Release(
        id=row.id,
        case_id=row.case_id,
        form=ReleaseForm(row.form),
        status=ReleaseStatus(row.status),
        terms=box.open(Place("release", row.id, "terms"), row.terms, ReleaseTerms),
        expires_on=row.expires_on,
        author_id=row.author_id,
        author_name=accounts.name_of(row.author_id),
        created_at=row.created_at,
        version=row.version,
        updated_at=row.updated_at,
        signed_on=row.signed_on,
        ended_on=row.ended_on,
        ended_how=SaidHow(row.ended_how) if row.ended_how else None,
    )


def _consent(row: ConsentRow) -> Consent:
    return Consent(
        id=row.id,
        case_id=row.case_id,
        kind=ConsentKind(row.kind),
        answer=ConsentAnswer(row.answer),
        on=row.said_on,
        how=SaidHow(row.how),
        note=ring().box(row.case_id).open(Place("consent", row.id, "note"), row.note, str),
        author_name=accounts.name_of(row.author_id),
        at=row.created_at,
    )
