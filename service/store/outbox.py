"""The outbox: what must still happen after a commit. A row names an event, a record and its version, never a payload.

The table is the truth; a waker is only an alarm clock. Whoever drains takes a due row with a lease and builds from
the frozen
record, so a crash between commit and build loses nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Index, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.store.base import POSTGRESQL_WHERE, Base, Code, Id, UtcDateTime, Words, db, new_id
from service.store.cases import CaseRow

PROTECTED = "protected"  # what must not leave a case changed; the record is the case
LEASE = timedelta(seconds=60)
SLOWEST_RETRY = timedelta(minutes=15)

Waker = Callable[[str | None], object]


class OutboxRow(Base):
    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "due_at",
            sqlite_where=text("done_at IS NULL"),
            info={POSTGRESQL_WHERE: text("done_at IS NULL")},
        ),
        Index(
            "ix_outbox_case_waiting",
            "case_id",
            sqlite_where=text("done_at IS NULL"),
            info={POSTGRESQL_WHERE: text("done_at IS NULL")},
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    event: Mapped[str] = mapped_column(Code)
    record_type: Mapped[str] = mapped_column(Code)
    record_id: Mapped[str] = mapped_column(Id)
    version: Mapped[int]
    practice_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leased_by: Mapped[str | None] = mapped_column(Id)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(Words, default="")


@dataclass(frozen=True)
class Task:
    """One thing to do: build the FHIR resources of `record_type`/`record_id` as of `version`."""

    id: str
    record_type: str
    record_id: str
    version: int
    practice_id: str
    case_id: str | None
    lease: str


@dataclass(frozen=True)
class Notice:
    """A record that changed, as a verb announces it."""

    record_type: str
    record_id: str
    version: int
    case_id: str | None


def post(practice_id: str, notices: Sequence[Notice]) -> None:
    """Write the rows into the running transaction."""
    at = clock.wall()
    db.session.add_all(
        OutboxRow(
            id=new_id(),
            event="fhir",
            record_type=each.record_type,
            record_id=each.record_id,
            version=each.version,
            practice_id=practice_id,
            case_id=each.case_id,
            created_at=at,
            due_at=at,
        )
        for each in notices
    )


def take(case_id: str | None = None) -> Task | None:
    """Lease the oldest due row (of one case and the directory of its practice, if named) and commit the lease. None
    when nothing is due.
    """
    at, lease = clock.now(), new_id()
    due = (OutboxRow.done_at.is_(None)) & (OutboxRow.due_at <= at)
    free = (OutboxRow.leased_until.is_(None)) | (OutboxRow.leased_until < at)
    query = select(OutboxRow).where(due & free).order_by(OutboxRow.created_at).limit(1)
    if case_id is not None:
        query = query.where((OutboxRow.case_id == case_id) | _of_directory(case_id))
    row = db.session.scalar(query.with_for_update(skip_locked=True))
    if row is None:
        db.session.rollback()
        return None
    row.leased_until, row.leased_by, row.attempts = at + LEASE, lease, row.attempts + 1
    task = Task(row.id, row.record_type, row.record_id, row.version, row.practice_id, row.case_id, lease)
    db.session.commit()
    return task


def finish(task: Task) -> None:
    """Mark done inside the running transaction, if the lease is still ours."""
    mine = (OutboxRow.id == task.id) & (OutboxRow.leased_by == task.lease)
    db.session.execute(update(OutboxRow).where(mine).values(done_at=clock.now(), leased_by=None, problem=""))


def postpone(task: Task, problem: str) -> None:
    """Give the row back, to be tried again later; the wait doubles up to a quarter of an hour."""
    row = db.session.get(OutboxRow, task.id)
    if row is not None and row.leased_by == task.lease:
        row.due_at = clock.now() + min(timedelta(seconds=2**row.attempts), SLOWEST_RETRY)
        row.leased_until, row.leased_by, row.problem = None, None, problem[:200]
    db.session.commit()


def drop(case_id: str) -> None:
    """Nothing more is built of a purged case."""
    mine = (OutboxRow.case_id == case_id) & OutboxRow.done_at.is_(None)
    db.session.execute(update(OutboxRow).where(mine).values(done_at=clock.now(), problem="purged"))


def waiting(case_id: str) -> bool:
    """Whether FHIR data of this case is behind its records."""
    query = select(OutboxRow.id).where(OutboxRow.case_id == case_id, OutboxRow.done_at.is_(None)).limit(1)
    return db.session.scalar(query) is not None


def directory_waiting(case_id: str) -> bool:
    """Whether people of this case's practice, or the practice itself, wait to be built."""
    query = select(OutboxRow.id).where(_of_directory(case_id), OutboxRow.done_at.is_(None)).limit(1)
    return db.session.scalar(query) is not None


def _of_directory(case_id: str) -> ColumnElement[bool]:
    practice_id = select(CaseRow.practice_id).where(CaseRow.id == case_id).scalar_subquery()
    return OutboxRow.case_id.is_(None) & (OutboxRow.practice_id == practice_id)


def overtaken(task: Task) -> bool:
    """Whether a later task of the same kind about the same record waits, which will see all that this one sees."""
    later = select(OutboxRow.id).where(
        OutboxRow.record_type == task.record_type,
        OutboxRow.record_id == task.record_id,
        OutboxRow.done_at.is_(None),
        OutboxRow.id != task.id,
        OutboxRow.leased_until.is_(None),
    )
    return db.session.scalar(later.limit(1)) is not None


def wake(notices: Sequence[Notice]) -> None:
    """Ring the alarm clock that the application installed, if any, once for each case announced (None: for no case).
    That other words are protected need not be built while somebody types: whoever reads the case builds it first.
    """
    waker: Waker | None = current_app.extensions.get("stepwell.waker")
    if waker is not None:
        for case_id in {each.case_id for each in notices if each.record_type != PROTECTED}:
            waker(case_id)
