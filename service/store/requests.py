"""Requests for the record: table and queries. Who asks, for what, what was said about it, and the file of a summary as
long as it waits to be cosigned or to leave, are sealed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, func, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.request_codes import RequestKind, RequestStatus
from service.domain import clock
from service.domain.requests import OWN, Asking, Done, Proposal, Refusal, Request, SentBack
from service.domain.summaries import SummaryDraft
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class RequestRow(Base):
    __tablename__ = "record_request"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    kind: Mapped[str] = mapped_column(Code)
    status: Mapped[str] = mapped_column(Code)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    file: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    proposer_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    approver_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


@dataclass(frozen=True)
class Content:
    """The sealed part of a request. `waits_since`: when it was proposed, however often its words changed since.
    `draft`: what a summary for another clinician would leave as.
    """

    asking: Asking
    done: tuple[Done, ...] = ()
    proposal: Proposal = field(default_factory=Proposal)
    refusal: Refusal | None = None
    back: SentBack | None = None
    waits_since: datetime | None = None
    draft: SummaryDraft | None = None


def add(case_id: str, author_id: str, asking: Asking) -> RequestRow:
    row = RequestRow(id=new_id(), case_id=case_id, author_id=author_id, created_at=clock.now(), version=1)
    row.kind, row.status = asking.kind, RequestStatus.OPEN
    put(row, Content(asking))
    db.session.add(row)
    db.session.flush()
    return row


def put(row: RequestRow, content: Content) -> None:
    row.content = ring().box(row.case_id).seal(_place(row), content)
    row.updated_at = clock.now()


def content(row: RequestRow) -> Content:
    return ring().box(row.case_id).open(_place(row), row.content, Content)


def put_file(row: RequestRow, file: bytes) -> None:
    row.file = ring().box(row.case_id).seal_bytes(_place(row, "file"), file)


def file(row: RequestRow) -> bytes | None:
    return None if row.file is None else ring().box(row.case_id).open_bytes(_place(row, "file"), row.file)


def waits_since(row: RequestRow) -> datetime:
    """Since when a proposed request waits for its second person."""
    return content(row).waits_since or row.updated_at


def row(request_id: str) -> RequestRow | None:
    return db.session.get(RequestRow, request_id)


def of_case(case_id: str) -> tuple[Request, ...]:
    """Every request, newest first."""
    query = select(RequestRow).where(RequestRow.case_id == case_id)
    rows = db.session.scalars(query.order_by(RequestRow.created_at.desc(), RequestRow.id))
    return tuple(value(each) for each in rows)


def sent_to_cosign(case_id: str, author_id: str, kind: RequestKind) -> list[RequestRow]:
    """What of this kind this person sent to cosign, newest first; nothing that is over."""
    own = RequestRow.case_id == case_id, RequestRow.author_id == author_id, RequestRow.kind == kind
    query = select(RequestRow).where(*own, RequestRow.status.not_in([RequestStatus.REFUSED, RequestStatus.CLOSED]))
    return list(db.session.scalars(query.order_by(RequestRow.created_at.desc(), RequestRow.id)))


def in_status(case_ids: Iterable[str], status: RequestStatus) -> list[RequestRow]:
    """The requests of these cases that stand so, the longest unchanged first."""
    waiting = RequestRow.case_id.in_(list(case_ids)), RequestRow.status == status
    return list(db.session.scalars(select(RequestRow).where(*waiting).order_by(RequestRow.updated_at, RequestRow.id)))


def count_open(case_id: str) -> int:
    """Requests that nobody closed or refused; what the practice itself writes is none."""
    over = RequestRow.status.in_([RequestStatus.REFUSED, RequestStatus.CLOSED])
    asked = RequestRow.case_id == case_id, RequestRow.kind.not_in(OWN), ~over
    return db.session.scalar(select(func.count()).select_from(RequestRow).where(*asked)) or 0


def value(row: RequestRow) -> Request:
    kept = content(row)
    return Request(
        id=row.id,
        case_id=row.case_id,
        status=RequestStatus(row.status),
        asking=kept.asking,
        done=kept.done,
        proposal=kept.proposal,
        refusal=kept.refusal,
        author_name=accounts.name_of(row.author_id),
        proposer_id=row.proposer_id,
        proposer_name=accounts.name_of(row.proposer_id) if row.proposer_id else "",
        approver_id=row.approver_id,
        approver_name=accounts.name_of(row.approver_id) if row.approver_id else "",
        created_at=row.created_at,
        version=row.version,
        updated_at=row.updated_at,
        back=kept.back,
    )


def _place(row: RequestRow, column: str = "content") -> Place:
    return Place("record_request", row.id, column)
