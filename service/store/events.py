"""Safety events and their history: tables and queries. What opened an event, and what was done, is sealed."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    UniqueConstraint,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from schemas.event_codes import Awaiting, EventStep
from schemas.vocabulary import EventLevel, EventStatus
from service.domain import clock
from service.domain.events import FollowUp, Happened, SafetyEvent, is_left_behind
from service.store import accounts, sessions
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class EventRow(Base):
    """`level` may be stepped from now to today; the level it was opened with is sealed in `opening`.

    Clocks count from `due_since` and to the end of the session `due_session_id` once a follow-up is due anew, before
    that from the opening.
    """

    __tablename__ = "safety_event"
    __table_args__ = (
        Index("ix_safety_event_case_status", "case_id", "status", "level"),
        Index("ix_safety_event_awaiting", "awaiting", "case_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    session_id: Mapped[str | None] = mapped_column(Id, ForeignKey("therapy_session.id"))
    intake_id: Mapped[str | None] = mapped_column(Id, ForeignKey("intake.id"))
    level: Mapped[str] = mapped_column(Code)
    origin: Mapped[str] = mapped_column(String(64))
    opening: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    status: Mapped[str] = mapped_column(Code)
    follow_up: Mapped[bytes | None] = mapped_column(LargeBinary)
    disposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disposed_by: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    check_on: Mapped[date | None]
    earlier_id: Mapped[str | None] = mapped_column(Id, ForeignKey("safety_event.id"))
    due_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_session_id: Mapped[str | None] = mapped_column(Id, ForeignKey("therapy_session.id"))
    awaiting: Mapped[str | None] = mapped_column(Code)
    awaiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


class EventStepRow(Base):
    """What happened to an event: rows are added and never changed."""

    __tablename__ = "safety_event_step"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    event_id: Mapped[str] = mapped_column(Id, ForeignKey("safety_event.id"))
    number: Mapped[int]
    step: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    session_id: Mapped[str | None] = mapped_column(Id, ForeignKey("therapy_session.id"))
    intake_id: Mapped[str | None] = mapped_column(Id, ForeignKey("intake.id"))
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Opening:
    """Why an event is opened: by which rule, on which item ("" when a person noticed), on which answer, in which words;
    `prompts` is what to think of while responding.
    """

    level: EventLevel
    rule: str
    item: str
    prompt: str
    answer: str = ""
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepContent:
    """The sealed part of a step."""

    text: str = ""
    follow_up: FollowUp | None = None


def add(case_id: str, why: Opening, opened_by: str) -> EventRow:
    """A new open event, so that others can name it at once; joins the running transaction."""
    at = clock.now()
    row = EventRow(
        id=new_id(),
        case_id=case_id,
        level=why.level,
        origin=_origin(case_id, why.rule, why.item),
        opening=b"",
        opened_at=at,
        opened_by=opened_by,
        status=EventStatus.OPEN,
        version=1,
        updated_at=at,
    )
    row.opening = ring().box(case_id).seal(Place("safety_event", row.id, "opening"), why)
    db.session.add(row)
    return row


def put_follow_up(row: EventRow, follow_up: FollowUp, by: str) -> None:
    row.follow_up = ring().box(row.case_id).seal(Place("safety_event", row.id, "follow_up"), follow_up)
    row.status = EventStatus.ENDED if follow_up.ends else EventStatus.DISPOSED
    row.disposed_by, row.check_on = by, follow_up.next_check
    row.disposed_at = row.updated_at = clock.now()


def open_again(row: EventRow, session_id: str | None = None) -> None:
    """A follow-up is due anew, from now on and in this session. The one recorded before stays in the history."""
    row.status, row.follow_up, row.check_on = EventStatus.OPEN, None, None
    row.disposed_at = row.disposed_by = None
    row.due_since, row.due_session_id = clock.now(), session_id
    row.updated_at = clock.now()


def add_step(
    row: EventRow,
    step: EventStep,
    by_id: str,
    content: StepContent,
    *,
    given: tuple[str | None, str | None] = (None, None),
) -> None:
    """Keep what happened. `given` is the session and the log in which an answer was given again."""
    step_id = new_id()
    db.session.flush()
    before = db.session.scalar(select(func.max(EventStepRow.number)).where(EventStepRow.event_id == row.id))
    sealed = ring().box(row.case_id).seal(Place("safety_event_step", step_id, "content"), content)
    session_id, intake_id = given
    db.session.add(
        EventStepRow(
            id=step_id,
            event_id=row.id,
            number=(before or 0) + 1,
            step=step,
            at=clock.now(),
            by_id=by_id,
            session_id=session_id,
            intake_id=intake_id,
            content=sealed,
        )
    )


def row_of(event_id: str) -> EventRow | None:
    return db.session.get(EventRow, event_id)


def latest(case_id: str, rule: str, item: str) -> EventRow | None:
    """The newest event that the same rule on the same item opened, those entered in error left out."""
    query = (
        select(EventRow)
        .where(
            EventRow.case_id == case_id,
            EventRow.origin == _origin(case_id, rule, item),
            EventRow.status != EventStatus.WRONG,
        )
        .order_by(EventRow.opened_at.desc(), EventRow.id)
    )
    return db.session.scalars(query).first()


def of_case(case_id: str) -> tuple[SafetyEvent, ...]:
    """All events of the case, newest first."""
    query = select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.opened_at.desc(), EventRow.id)
    rows = db.session.scalars(query).all()
    last_held = sessions.last_held(case_id) if any(map(_may_be_left_behind, rows)) else None
    return tuple(_value(each, last_held) for each in rows)


def unended(case_id: str, last_held: datetime | None) -> tuple[SafetyEvent, ...]:
    """The part of that which was neither ended nor entered in error. `last_held` is when the latest session began."""
    kept = EventRow.case_id == case_id, EventRow.status.in_((str(EventStatus.OPEN), str(EventStatus.DISPOSED)))
    query = select(EventRow).where(*kept).order_by(EventRow.opened_at.desc(), EventRow.id)
    return tuple(_value(each, last_held) for each in db.session.scalars(query))


def belong_to(case_id: str, session_id: str) -> bool:
    """Whether an event was opened in this session, or its answer given again there; those entered in error left out."""
    again = select(EventStepRow.event_id).where(EventStepRow.session_id == session_id)
    here = or_(EventRow.session_id == session_id, EventRow.id.in_(again))
    stands = EventRow.case_id == case_id, EventRow.status != EventStatus.WRONG
    return db.session.scalar(select(EventRow.id).where(*stands, here).limit(1)) is not None


def of_cases(case_ids: Select[str]) -> list[EventRow]:
    """Every event of these cases, as rows."""
    return list(db.session.scalars(select(EventRow).where(EventRow.case_id.in_(case_ids)).order_by(EventRow.id)))


def awaiting(case_ids: Select[str] | Sequence[str]) -> list[EventRow]:
    """What waits for a second reader on these cases, longest first."""
    query = select(EventRow).where(EventRow.awaiting.is_not(None), EventRow.case_id.in_(case_ids))
    return list(db.session.scalars(query.order_by(EventRow.awaiting_since, EventRow.id)))


def awaiting_since_before(case_ids: Select[str], at: datetime) -> list[EventRow]:
    """The part of that which began to wait at `at` or earlier."""
    return [row for row in awaiting(case_ids) if row.awaiting_since is not None and row.awaiting_since <= at]


def reader_is_awaited(case_id: str) -> ColumnElement[bool]:
    """Whether an event of the case waits for a second reader, to be asked with other things."""
    return exists().where(EventRow.case_id == case_id, EventRow.awaiting.is_not(None))


def history(row: EventRow) -> tuple[Happened, ...]:
    """Everything that happened to an event, oldest first."""
    query = select(EventStepRow).where(EventStepRow.event_id == row.id).order_by(EventStepRow.number)
    return tuple(_happened(row.case_id, each) for each in db.session.scalars(query))


def last_session(row: EventRow) -> str | None:
    """The session in which the answer behind this event was given last."""
    given = (EventStep.JOINED, EventStep.DUE_AGAIN)
    query = select(EventStepRow.session_id).where(EventStepRow.event_id == row.id, EventStepRow.step.in_(given))
    found = db.session.scalars(query.order_by(EventStepRow.number.desc()).limit(1)).all()
    return found[0] if found else row.session_id


def opening_of(row: EventRow) -> Opening:
    return ring().box(row.case_id).open(Place("safety_event", row.id, "opening"), row.opening, Opening)


def value(row: EventRow) -> SafetyEvent:
    return _value(row, sessions.last_held(row.case_id) if _may_be_left_behind(row) else None)


def _value(row: EventRow, last_held: datetime | None) -> SafetyEvent:
    sealed = row.follow_up
    place, why = Place("safety_event", row.id, "follow_up"), opening_of(row)
    return SafetyEvent(
        id=row.id,
        case_id=row.case_id,
        session_id=row.session_id,
        intake_id=row.intake_id,
        level=EventLevel(row.level),
        rule=why.rule,
        item=why.item,
        prompt=why.prompt,
        opened_at=row.opened_at,
        opened_by=accounts.name_of(row.opened_by),
        status=EventStatus(row.status),
        follow_up=ring().box(row.case_id).open(place, sealed, FollowUp) if sealed else None,
        version=row.version,
        updated_at=row.updated_at,
        opened_as=why.level,
        answer=why.answer,
        prompts=why.prompts,
        earlier_id=row.earlier_id,
        disposed_at=row.disposed_at,
        disposed_by=accounts.name_of(row.disposed_by) if row.disposed_by else "",
        check_on=row.check_on,
        awaiting=Awaiting(row.awaiting) if row.awaiting else None,
        awaiting_since=row.awaiting_since,
        due_since=row.due_since,
        left_behind=_may_be_left_behind(row) and is_left_behind(row.disposed_at, last_held),
    )


def _may_be_left_behind(row: EventRow) -> bool:
    return row.level == EventLevel.NOW and row.status == EventStatus.DISPOSED


def _happened(case_id: str, row: EventStepRow) -> Happened:
    content = ring().box(case_id).open(Place("safety_event_step", row.id, "content"), row.content, StepContent)
    return Happened(
        step=EventStep(row.step),
        at=row.at,
        by_id=row.by_id,
        by=accounts.name_of(row.by_id),
        session_id=row.session_id,
        intake_id=row.intake_id,
        text=content.text,
        follow_up=content.follow_up,
    )


def _origin(case_id: str, rule: str, item: str) -> str:
    """Finds the event that the same answer opened earlier, without saying in clear which answer that was."""
    return hmac.new(ring().derive("event"), f"{case_id}|{rule}|{item}".encode(), hashlib.sha256).hexdigest()
