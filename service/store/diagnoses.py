"""Diagnoses of a case in versions: table and queries. What was found and why it changed is sealed, the code too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.diagnosis_codes import DiagnosisStep
from service.domain import clock
from service.domain.diagnoses import Assessed, Diagnosis, DiagnosisVersion
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class DiagnosisRow(Base):
    """One version. The id of the first is that of the diagnosis; the highest number stands."""

    __tablename__ = "diagnosis"
    __table_args__ = (UniqueConstraint("diagnosis_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    diagnosis_id: Mapped[str] = mapped_column(Id, ForeignKey("diagnosis.id"))
    number: Mapped[int]
    step: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Content:
    """The sealed part of a version."""

    assessed: Assessed
    reason: str = ""


@dataclass(frozen=True)
class Added:
    """A version about to be kept."""

    step: DiagnosisStep
    content: Content
    by_id: str


def start(case_id: str, added: Added) -> Diagnosis:
    """A new diagnosis."""
    return _kept(new_id(), None, case_id, 1, added)


def add(to: Diagnosis, added: Added) -> Diagnosis:
    """The next version; two people who save the same number at once meet at the unique constraint."""
    return _kept(new_id(), to.id, to.case_id, to.version + 1, added)


def _kept(row_id: str, diagnosis_id: str | None, case_id: str, number: int, added: Added) -> Diagnosis:
    row = DiagnosisRow(id=row_id, case_id=case_id, diagnosis_id=diagnosis_id or row_id, number=number)
    row.step, row.at, row.by_id = added.step, clock.now(), added.by_id
    row.content = ring().box(case_id).seal(Place("diagnosis", row.id, "content"), added.content)
    db.session.add(row)
    db.session.flush()
    return _value(_rows(row.diagnosis_id))


def diagnosis(diagnosis_id: str) -> Diagnosis | None:
    rows = _rows(diagnosis_id)
    return _value(rows) if rows else None


def of_case(case_id: str) -> tuple[Diagnosis, ...]:
    """Every diagnosis, the first that was made first."""
    query = select(DiagnosisRow).where(DiagnosisRow.case_id == case_id)
    rows = db.session.scalars(query.order_by(DiagnosisRow.diagnosis_id, DiagnosisRow.number.desc()))
    found = (_value(list(each)) for _, each in groupby(rows, key=lambda row: row.diagnosis_id))
    return tuple(sorted(found, key=lambda each: (each.recorded_at, each.id)))


def case_of(diagnosis_id: str) -> str | None:
    return db.session.scalar(select(DiagnosisRow.case_id).where(DiagnosisRow.id == diagnosis_id))


def author_ids(case_id: str) -> set[str]:
    """Who made, changed or withdrew any of them."""
    return set(db.session.scalars(select(DiagnosisRow.by_id).where(DiagnosisRow.case_id == case_id)))


def _rows(diagnosis_id: str) -> list[DiagnosisRow]:
    query = select(DiagnosisRow).where(DiagnosisRow.diagnosis_id == diagnosis_id)
    return list(db.session.scalars(query.order_by(DiagnosisRow.number.desc())))


def _value(rows: Sequence[DiagnosisRow]) -> Diagnosis:
    return Diagnosis(rows[0].diagnosis_id, rows[0].case_id, tuple(_version(each) for each in rows))


def _version(row: DiagnosisRow) -> DiagnosisVersion:
    own = ring().box(row.case_id).open(Place("diagnosis", row.id, "content"), row.content, Content)
    step, by = DiagnosisStep(row.step), accounts.name_of(row.by_id)
    return DiagnosisVersion(row.number, step, own.assessed, own.reason, row.at, row.by_id, by)
