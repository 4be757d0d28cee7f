"""Forms handed to the client: table and queries. Of a code and of a screen's cookie only keyed hashes are kept; answers
so far are sealed with the case's key, and gone once they are recorded or discarded.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from schemas.instruments.answer import from_json, to_json
from schemas.instruments.capture import CaptureContext, ContactContext
from schemas.instruments.definition import Instrument
from schemas.vocabulary import CaseStatus, HandoverMode, HandoverState
from service.domain import clock
from service.domain.handovers import CODE_LASTS, LIVE, SCREEN_LASTS, Filling, Handover, Times, new_code, state_at
from service.store import accounts
from service.store.accounts import token_hash
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.cases import CaseRow
from service.store.keyring import Place, ring


@dataclass(frozen=True)
class HandoverContent:
    """The sealed part as it is stored, answers in their JSON form."""

    capture: CaptureContext
    contact_context: ContactContext
    with_once: bool
    answers: dict[str, Any]
    last_at: datetime | None = None


class HandoverRow(Base):
    __tablename__ = "handover"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    session_id: Mapped[str | None] = mapped_column(Id, ForeignKey("therapy_session.id"), index=True)
    intake_id: Mapped[str | None] = mapped_column(Id, ForeignKey("intake.id"), index=True)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    instrument_key: Mapped[str] = mapped_column(Code)
    instrument_version: Mapped[str] = mapped_column(Code)
    mode: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Code, index=True)
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    code_until: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    screen_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered: Mapped[int] = mapped_column(default=0)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


def new_row(case_id: str, author_id: str) -> HandoverRow:
    """A row that waits for its code; `give_code` and `seal` complete it."""
    at = clock.now()
    return HandoverRow(
        id=new_id(),
        case_id=case_id,
        author_id=author_id,
        state=HandoverState.WAITING,
        made_at=at,
        answered=0,
        version=1,
        updated_at=at,
    )


def give_code(row: HandoverRow) -> str:
    """A fresh code, in place of any earlier one. Returns it: it is stored nowhere."""
    code = new_code()
    row.code_hash, row.code_until = _code_hash(code), clock.now() + CODE_LASTS
    return code


def seal(row: HandoverRow, filling: Filling) -> None:
    content = HandoverContent(
        filling.capture, filling.contact_context, filling.with_once, to_json(filling.answers), filling.last_at
    )
    row.content = ring().box(row.case_id).seal(_place(row), content)
    row.answered, row.updated_at = len(filling.answers), clock.now()


def filling(row: HandoverRow, instrument: Instrument) -> Filling | None:
    """The circumstances and the answers so far; None once they are recorded, discarded or were never given."""
    if row.content is None:
        return None
    content = ring().box(row.case_id).open(_place(row), row.content, HandoverContent)
    answers = from_json(instrument, content.answers)
    return Filling(content.capture, content.contact_context, content.with_once, answers, content.last_at)


def row(handover_id: str) -> HandoverRow | None:
    return db.session.get(HandoverRow, handover_id)


def of_case(case_id: str) -> tuple[Handover, ...]:
    """Newest first."""
    query = select(HandoverRow).where(HandoverRow.case_id == case_id)
    rows = db.session.scalars(query.order_by(HandoverRow.made_at.desc(), HandoverRow.id))
    return tuple(value(each) for each in rows)


def by_code(code: str) -> HandoverRow | None:
    return db.session.scalar(select(HandoverRow).where(HandoverRow.code_hash == _code_hash(code)))


def by_token(token: str) -> HandoverRow | None:
    """The hand-over of a screen's cookie, until it has ended."""
    return db.session.scalar(select(HandoverRow).where(HandoverRow.token_hash == token_hash(token)))


def use_code(row: HandoverRow) -> str | None:
    """Open the screen: the code is gone, a token takes its place. None for whoever comes second or too late."""
    token, at = secrets.token_urlsafe(32), clock.now()
    unused = (HandoverRow.id == row.id) & (HandoverRow.code_hash == row.code_hash) & (HandoverRow.code_until > at)
    opened: Mapping[str, object] = {
        "state": HandoverState.OPEN,
        "code_hash": None,
        "token_hash": token_hash(token),
        "opened_at": at,
        "screen_until": at + SCREEN_LASTS,
        "updated_at": at,
        "version": HandoverRow.version + 1,
    }
    statement = update(HandoverRow).where(unused, HandoverRow.state == HandoverState.WAITING).values(opened)
    found = db.session.execute(statement.returning(HandoverRow.id), execution_options={"synchronize_session": False})
    if found.first() is None:
        return None
    db.session.expire(row)
    return token


def end(row: HandoverRow, state: HandoverState, *, keep_answers: bool = False) -> None:
    """Code and screen are worth nothing from here on."""
    at = clock.now()
    row.state, row.code_hash, row.token_hash = state, None, None
    row.ended_at, row.updated_at = row.ended_at or at, at
    if not keep_answers:
        row.content = None


def overdue() -> list[HandoverRow]:
    """Codes and screens whose time is over and that nobody has ended yet."""
    at = clock.now()
    lapsed = (HandoverRow.state == HandoverState.WAITING) & (HandoverRow.code_until <= at)
    over = (HandoverRow.state == HandoverState.OPEN) & (HandoverRow.screen_until <= at)
    query = select(HandoverRow).join(CaseRow, CaseRow.id == HandoverRow.case_id)
    kept = CaseRow.status != CaseStatus.PURGED
    return list(db.session.scalars(query.where(HandoverRow.state.in_(LIVE), lapsed | over, kept)))


def value(row: HandoverRow) -> Handover:
    """The hand-over as it stands now."""
    times = Times(row.code_until, row.screen_until, row.answered)
    return Handover(
        id=row.id,
        case_id=row.case_id,
        session_id=row.session_id,
        intake_id=row.intake_id,
        instrument_key=row.instrument_key,
        instrument_version=row.instrument_version,
        author_id=row.author_id,
        author_name=accounts.name_of(row.author_id),
        mode=HandoverMode(row.mode),
        state=state_at(HandoverState(row.state), times, clock.now()),
        made_at=row.made_at,
        code_until=row.code_until,
        opened_at=row.opened_at,
        screen_until=row.screen_until,
        ended_at=row.ended_at,
        answered=row.answered,
        version=row.version,
        updated_at=row.updated_at,
    )


def _place(row: HandoverRow) -> Place:
    return Place("handover", row.id, "content")


def _code_hash(code: str) -> str:
    """Keyed, for a code is short enough to be tried out against a plain hash."""
    return hmac.new(ring().derive("handover"), code.encode(), hashlib.sha256).hexdigest()
