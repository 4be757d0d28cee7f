"""Safety plans in versions: table and queries. What they say is sealed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.plan_codes import PlanDoubt, PlanStep
from schemas.vocabulary import PlanStatus, PlanType
from service.domain import clock
from service.domain.safety import Plan, PlanLine
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
    doubt: Mapped[str | None] = mapped_column(Code)

    __mapper_args__ = {"version_id_col": version}


class PlanStepRow(Base):
    """What was done with a version."""

    __tablename__ = "safety_plan_step"
    __table_args__ = (Index("ix_safety_plan_step_version_at", "version_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    version_id: Mapped[str] = mapped_column(Id, ForeignKey("safety_plan.id"))
    step: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))


def add_step(row: PlanRow, step: PlanStep, by_id: str) -> None:
    db.session.add(PlanStepRow(id=new_id(), version_id=row.id, step=step, at=clock.now(), by_id=by_id))


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


def was_in_use(case_id: str, at: datetime) -> bool:
    """Whether a plan that is in use now was begun before `at`, in this version or an earlier one."""
    begun = select(PlanRow.plan_id).where(PlanRow.case_id == case_id, PlanRow.created_at < at)
    active = PlanRow.case_id == case_id, PlanRow.status == PlanStatus.ACTIVE
    return db.session.scalar(select(PlanRow.id).where(*active, PlanRow.plan_id.in_(begun)).limit(1)) is not None


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
        doubt=PlanDoubt(row.doubt) if row.doubt else None,
    )
