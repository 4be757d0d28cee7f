"""Goals of a case: table and queries. The words are sealed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.case_codes import GoalReview
from schemas.vocabulary import GoalDomain, GoalStatus
from service.domain import clock
from service.domain.cases import Goal, GoalSaid, GoalVersion
from service.store import accounts
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
    author_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))

    __mapper_args__ = {"version_id_col": version}


class GoalVersionRow(Base):
    """What a goal said as of one save; `look` is what a look at it brought, where that save told of one."""

    __tablename__ = "goal_version"
    __table_args__ = (UniqueConstraint("goal_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    goal_id: Mapped[str] = mapped_column(Id, ForeignKey("goal.id"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    look: Mapped[str | None] = mapped_column(Code)
    body: Mapped[bytes] = mapped_column(LargeBinary)


def add(case_id: str, author_id: str) -> GoalRow:
    row = GoalRow(id=new_id(), case_id=case_id, author_id=author_id, version=1, updated_at=clock.now())
    row.target_on = row.review_on = None
    return row


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
        author_id=goal.author_id or "",
    )


def add_version(goal: GoalRow, said: GoalSaid, by_id: str | None, look: GoalReview | None) -> None:
    """What the goal says as it stands, under the next number."""
    before = db.session.scalar(select(func.max(GoalVersionRow.number)).where(GoalVersionRow.goal_id == goal.id))
    row = GoalVersionRow(id=new_id(), goal_id=goal.id, number=(before or 0) + 1, at=goal.updated_at, by_id=by_id)
    row.look = look
    row.body = ring().box(goal.case_id).seal(Place("goal_version", row.id, "body"), said)
    db.session.add(row)
    db.session.flush()


def has_versions(goal_id: str) -> bool:
    return db.session.scalar(select(GoalVersionRow.id).where(GoalVersionRow.goal_id == goal_id).limit(1)) is not None


def versions(goal: GoalRow) -> tuple[GoalVersion, ...]:
    """What the goal says, then what it said before, the newest first."""
    query = select(GoalVersionRow).where(GoalVersionRow.goal_id == goal.id).order_by(GoalVersionRow.number.desc())
    return tuple(_version(goal.case_id, each) for each in db.session.scalars(query))


def _version(case_id: str, row: GoalVersionRow) -> GoalVersion:
    return GoalVersion(
        number=row.number,
        at=row.at,
        by=accounts.name_of(row.by_id) if row.by_id else "",
        look=GoalReview(row.look) if row.look else None,
        said=ring().box(case_id).open(Place("goal_version", row.id, "body"), row.body, GoalSaid),
    )
