"""Safety plans and safety events: tables and queries. What plans and follow-ups say is sealed."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.vocabulary import EventLevel, EventStatus, PlanStatus, PlanType
from service.domain import clock
from service.domain.safety import FollowUp, Plan, PlanLine, SafetyEvent
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class PlanRow(Base):
    """One version of a plan; `plan_id` groups the versions."""

    __tablename__ = "safety_plan"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        Index("ix_safety_plan_case_status", "case_id", "status", "next_review"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    plan_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    type: Mapped[str] = mapped_column(Code)
    number: Mapped[int]
    status: Mapped[str] = mapped_column(Code)
    made_with_client: Mapped[bool]
    private_session: Mapped[bool]
    lines: Mapped[bytes] = mapped_column(LargeBinary)
    reviewed_on: Mapped[date]
    next_review: Mapped[date]
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


class EventRow(Base):
    __tablename__ = "safety_event"
    __table_args__ = (Index("ix_safety_event_case_status", "case_id", "status", "level"),)

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
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


def new_plan(
    case_id: str, plan_type: PlanType, author_id: str, *, plan_id: str | None = None, number: int = 1
) -> PlanRow:
    """A draft version with an id and no lines yet; `put_lines` fills it."""
    at = clock.now()
    return PlanRow(
        id=new_id(),
        plan_id=plan_id or new_id(),
        case_id=case_id,
        type=plan_type,
        number=number,
        status=PlanStatus.DRAFT,
        author_id=author_id,
        created_at=at,
        version=1,
        updated_at=at,
    )


def put_lines(row: PlanRow, lines: dict[str, PlanLine]) -> None:
    row.lines = ring().box(row.case_id).seal(Place("safety_plan", row.id, "lines"), lines)
    row.updated_at = clock.now()


def plan_row(row_id: str) -> PlanRow | None:
    return db.session.get(PlanRow, row_id)


def versions(plan_id: str) -> tuple[Plan, ...]:
    """All versions of a plan, newest first."""
    query = select(PlanRow).where(PlanRow.plan_id == plan_id).order_by(PlanRow.number.desc())
    return tuple(plan_value(each) for each in db.session.scalars(query))


def active_row(plan_id: str) -> PlanRow | None:
    return db.session.scalar(select(PlanRow).where(PlanRow.plan_id == plan_id, PlanRow.status == PlanStatus.ACTIVE))


def active_rows(case_id: str) -> list[PlanRow]:
    query = select(PlanRow).where(PlanRow.case_id == case_id, PlanRow.status == PlanStatus.ACTIVE)
    return list(db.session.scalars(query))


def of_case(case_id: str) -> tuple[Plan, ...]:
    """Every version of every plan of the case, newest first."""
    query = select(PlanRow).where(PlanRow.case_id == case_id).order_by(PlanRow.type, PlanRow.number.desc())
    return tuple(plan_value(each) for each in db.session.scalars(query))


def plan_value(row: PlanRow) -> Plan:
    lines = ring().box(row.case_id).open(Place("safety_plan", row.id, "lines"), row.lines, dict[str, PlanLine])
    return Plan(
        id=row.id,
        plan_id=row.plan_id,
        case_id=row.case_id,
        type=PlanType(row.type),
        number=row.number,
        status=PlanStatus(row.status),
        made_with_client=row.made_with_client,
        private_session=row.private_session,
        lines=lines,
        reviewed_on=row.reviewed_on,
        next_review=row.next_review,
        author_id=row.author_id,
        author_name=accounts.name_of(row.author_id),
        created_at=row.created_at,
        version=row.version,
        updated_at=row.updated_at,
    )


@dataclass(frozen=True)
class Opening:
    """Why an event is opened: by which rule, on which item ("" when a person noticed), in which words."""

    level: EventLevel
    rule: str
    item: str
    prompt: str


def add_event(case_id: str, why: Opening, opened_by: str) -> EventRow:
    at = clock.now()
    row = EventRow(
        id=new_id(),
        case_id=case_id,
        session_id=None,
        intake_id=None,
        level=why.level,
        origin=_origin(case_id, why.rule, why.item),
        opening=b"",
        opened_at=at,
        opened_by=opened_by,
        status=EventStatus.OPEN,
        follow_up=None,
        disposed_at=None,
        version=1,
        updated_at=at,
    )
    row.opening = ring().box(case_id).seal(Place("safety_event", row.id, "opening"), why)
    db.session.add(row)
    return row


def put_follow_up(row: EventRow, follow_up: FollowUp) -> None:
    row.follow_up = ring().box(row.case_id).seal(Place("safety_event", row.id, "follow_up"), follow_up)
    row.status = EventStatus.DISPOSED
    row.disposed_at = row.updated_at = clock.now()


def event_row(event_id: str) -> EventRow | None:
    return db.session.get(EventRow, event_id)


def open_event(case_id: str, rule: str, item: str) -> EventRow | None:
    """The open event that the same rule on the same item opened earlier: an unchanged answer joins it."""
    query = select(EventRow).where(
        EventRow.case_id == case_id,
        EventRow.origin == _origin(case_id, rule, item),
        EventRow.status == EventStatus.OPEN,
    )
    return db.session.scalars(query).first()


def events_of(case_id: str) -> tuple[SafetyEvent, ...]:
    """All events of the case, newest first."""
    query = select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.opened_at.desc(), EventRow.id)
    return tuple(event_value(each) for each in db.session.scalars(query))


def opening_of(row: EventRow) -> Opening:
    return ring().box(row.case_id).open(Place("safety_event", row.id, "opening"), row.opening, Opening)


def _origin(case_id: str, rule: str, item: str) -> str:
    """Finds the event that the same answer opened earlier, without saying in clear which answer that was."""
    return hmac.new(ring().derive("event"), f"{case_id}|{rule}|{item}".encode(), hashlib.sha256).hexdigest()


def event_value(row: EventRow) -> SafetyEvent:
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
    )
