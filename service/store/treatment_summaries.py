"""Summaries of treatment that left: table and queries. Rows are added and never changed.

What it says, for whom, and the file as it was handed out are sealed with the case's key; a purge destroys both with it.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.domain.disclosures import Disclosure
from service.domain.summaries import Summary, SummaryWords
from service.store import accounts
from service.store.base import Base, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class TreatmentSummaryRow(Base):
    __tablename__ = "treatment_summary"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    disclosure_id: Mapped[str] = mapped_column(Id, ForeignKey("disclosure.id"))
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    file: Mapped[bytes] = mapped_column(LargeBinary)


def add(disclosure: Disclosure, author_id: str, words: SummaryWords, file: bytes) -> Summary:
    """Keep what left with its row in the log. Joins the running transaction."""
    row = TreatmentSummaryRow(id=new_id(), case_id=disclosure.case_id, disclosure_id=disclosure.id)
    row.author_id, row.made_at = author_id, clock.now()
    box = ring().box(row.case_id)
    row.words = box.seal(Place("treatment_summary", row.id, "words"), words)
    row.file = box.seal_bytes(Place("treatment_summary", row.id, "file"), file)
    db.session.add(row)
    db.session.flush()
    return value(row)


def row(summary_id: str) -> TreatmentSummaryRow | None:
    return db.session.get(TreatmentSummaryRow, summary_id)


def of_case(case_id: str) -> tuple[Summary, ...]:
    """Every summary, newest first."""
    query = select(TreatmentSummaryRow).where(TreatmentSummaryRow.case_id == case_id)
    rows = db.session.scalars(query.order_by(TreatmentSummaryRow.made_at.desc(), TreatmentSummaryRow.id))
    return tuple(value(each) for each in rows)


def value(row: TreatmentSummaryRow) -> Summary:
    box = ring().box(row.case_id)
    words = box.open(Place("treatment_summary", row.id, "words"), row.words, SummaryWords)
    return Summary(
        id=row.id,
        case_id=row.case_id,
        disclosure_id=row.disclosure_id,
        author_id=row.author_id,
        author_name=accounts.name_of(row.author_id),
        made_at=row.made_at,
        words=words,
        file=box.open_bytes(Place("treatment_summary", row.id, "file"), row.file),
        cosigner_name=accounts.name_of(words.cosign.cosigner_id) if words.cosign else "",
    )
