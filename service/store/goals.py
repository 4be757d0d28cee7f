"""Goals of a case: table and queries. The words are sealed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.case_codes import GoalReview
from schemas.vocabulary import GoalDomain, GoalStatus
from service.domain import clock
from service.domain.cases import Goal
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


@dataclass(frozen=True)
class GoalWords:
    """The sealed part of a goal."""

    words: str
    measure: str
    next_step: str


class GoalRow(Base):
    __tablename__ = "goal"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    domain: Mapped[str] = mapped_column(Code)
    status: Mapped[str] = mapped_column(Code)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    target_on: Mapped[date | None]
    review_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reviewed_on: Mapped[date | None]
    review: Mapped[str | None] = mapped_column(Code)

    __mapper_args__ = {"version_id_col": version}


def add(case_id: str) -> GoalRow:
    return GoalRow(id=new_id(), case_id=case_id, version=1, updated_at=clock.now(), target_on=None, review_on=None)


def seal(goal: GoalRow, words: GoalWords) -> None:
    goal.words = ring().box(goal.case_id).seal(Place("goal", goal.id, "words"), words)
    goal.updated_at = clock.now()


def row(goal_id: str) -> GoalRow | None:
    return db.session.get(GoalRow, goal_id)


def of_case(case_id: str) -> tuple[Goal, ...]:
    rows = db.session.scalars(
        select(GoalRow).where(GoalRow.case_id == case_id).order_by(GoalRow.updated_at, GoalRow.id)
    )
    return tuple(value(each) for each in rows)


def value(goal: GoalRow) -> Goal:
    own = ring().box(goal.case_id).open(Place("goal", goal.id, "words"), goal.words, GoalWords)
    return Goal(
        id=goal.id,
        case_id=goal.case_id,
        domain=GoalDomain(goal.domain),
        words=own.words,
        measure=own.measure,
        next_step=own.next_step,
        status=GoalStatus(goal.status),
        target_on=goal.target_on,
        review_on=goal.review_on,
        version=goal.version,
        updated_at=goal.updated_at,
        reviewed_on=goal.reviewed_on,
        review=GoalReview(goal.review) if goal.review else None,
    )
