"""Bulk exports: what was asked for, which cases are still to do, how long each file is. The rows are the truth; what a
file holds beyond its committed length is nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, delete, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from schemas.release_codes import ReleaseStatus
from schemas.vocabulary import AssignmentKind, CaseStatus
from service.domain import clock
from service.domain.bulk_exports import (
    LASTS,
    LEASE,
    BulkAsk,
    BulkExport,
    BulkFile,
    BulkJob,
    BulkState,
    tenths_of,
)
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.cases import AssignmentRow, CaseRow
from service.store.keyring import Place, ring
from service.store.releases import ReleaseRow


class BulkExportRow(Base):
    """`ask` and `withheld` are sealed with the practice's key; `position` is how many of its `total` cases are done."""

    __tablename__ = "bulk_export"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    state: Mapped[str] = mapped_column(Code)
    ask: Mapped[bytes] = mapped_column(LargeBinary)
    withheld: Mapped[bytes] = mapped_column(LargeBinary)
    total: Mapped[int]
    position: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leased_by: Mapped[str | None] = mapped_column(Id)


class BulkCaseRow(Base):
    """A case that an export is to look at, in its turn; `release_id` is what it left by, if it did."""

    __tablename__ = "bulk_case"

    export_id: Mapped[str] = mapped_column(Id, ForeignKey("bulk_export.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    release_id: Mapped[str | None] = mapped_column(Id, ForeignKey("release.id"))


class BulkFileRow(Base):
    """`end` is where the sealed file ends, `length` how long its lines are."""

    __tablename__ = "bulk_file"

    export_id: Mapped[str] = mapped_column(Id, ForeignKey("bulk_export.id"), primary_key=True)
    type: Mapped[str] = mapped_column(Code, primary_key=True)
    end: Mapped[int] = mapped_column(BigInteger)
    length: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int]


def add(practice_id: str, client_id: str, ask: BulkAsk, case_ids: Sequence[str]) -> BulkExportRow:
    row = BulkExportRow(id=new_id(), practice_id=practice_id, account_id=client_id, state=BulkState.RUNNING)
    row.total, row.position, row.started_at = len(case_ids), 0, clock.now()
    row.ask = ring().box(practice_id).seal(_place(row.id, "ask"), ask)
    put_withheld(row, {})
    db.session.add(row)
    db.session.flush()
    db.session.add_all(
        BulkCaseRow(export_id=row.id, ordinal=number, case_id=each) for number, each in enumerate(case_ids)
    )
    return row


def linked_cases(client_id: str, owner_id: str = "") -> list[str]:
    """The cases that are linked to a system and not purged, of one therapist if named, in a fixed order."""
    query = (
        select(CaseRow.id)
        .join(AssignmentRow, AssignmentRow.case_id == CaseRow.id)
        .where(AssignmentRow.account_id == client_id, AssignmentRow.kind == AssignmentKind.LINKED)
        .where(CaseRow.status != CaseStatus.PURGED)
        .order_by(CaseRow.id)
    )
    if owner_id:
        owned = AssignmentRow.__table__.alias("owned")
        of_owner = (owned.c.case_id == CaseRow.id) & (owned.c.kind == AssignmentKind.OWNER.value)
        query = query.where(exists().where(of_owner, owned.c.account_id == owner_id))
    return list(db.session.scalars(query))


def row(export_id: str, *, lock: bool = False) -> BulkExportRow | None:
    return db.session.get(BulkExportRow, export_id, with_for_update=True if lock else None, populate_existing=lock)


def value(row: BulkExportRow) -> BulkExport:
    return BulkExport(
        id=row.id,
        state=BulkState(row.state),
        ask=ask_of(row),
        started_at=row.started_at,
        tenths=tenths_of(row.position, row.total),
        files=tuple(BulkFile(each.type, each.lines, each.length) for each in files(row.id) if each.lines),
        withheld=withheld_of(row),
        expires_at=row.expires_at,
    )


def ask_of(row: BulkExportRow) -> BulkAsk:
    return ring().box(row.practice_id).open(_place(row.id, "ask"), row.ask, BulkAsk)


def withheld_of(row: BulkExportRow) -> dict[str, int]:
    return ring().box(row.practice_id).open(_place(row.id, "withheld"), row.withheld, dict[str, int])


def put_withheld(row: BulkExportRow, withheld: Mapping[str, int]) -> None:
    row.withheld = ring().box(row.practice_id).seal(_place(row.id, "withheld"), dict(withheld))


def of_client(client_id: str, most: int) -> tuple[BulkExport, ...]:
    """The newest exports of a system."""
    query = select(BulkExportRow).where(BulkExportRow.account_id == client_id)
    return tuple(map(value, db.session.scalars(query.order_by(BulkExportRow.started_at.desc()).limit(most))))


def running(client_id: str) -> int:
    mine = (BulkExportRow.account_id == client_id) & (BulkExportRow.state == BulkState.RUNNING)
    return db.session.scalar(select(func.count()).select_from(BulkExportRow).where(mine)) or 0


def started_since(client_id: str, since: datetime) -> int:
    mine = (BulkExportRow.account_id == client_id) & (BulkExportRow.started_at > since)
    return db.session.scalar(select(func.count()).select_from(BulkExportRow).where(mine)) or 0


def files(export_id: str) -> list[BulkFileRow]:
    query = select(BulkFileRow).where(BulkFileRow.export_id == export_id).order_by(BulkFileRow.type)
    return list(db.session.scalars(query))


def file(export_id: str, kind: str) -> BulkFileRow | None:
    return db.session.get(BulkFileRow, (export_id, kind))


def grown(export_id: str, kind: str) -> BulkFileRow:
    """The row of a file that lines are about to be added to."""
    found = file(export_id, kind)
    if found is None:
        found = BulkFileRow(export_id=export_id, type=kind, end=0, length=0, lines=0)
        db.session.add(found)
    return found


def take() -> BulkJob | None:
    """Lease the export that waits longest and commit the lease. None when nothing is to be done."""
    at, lease = clock.wall(), new_id()
    free = (BulkExportRow.leased_until.is_(None)) | (BulkExportRow.leased_until < at)
    query = select(BulkExportRow).where(BulkExportRow.state == BulkState.RUNNING, free)
    found = db.session.scalar(query.order_by(BulkExportRow.started_at).limit(1).with_for_update(skip_locked=True))
    if found is None:
        db.session.rollback()
        return None
    found.leased_until, found.leased_by = at + LEASE, lease
    job = _job(found, lease)
    db.session.commit()
    return job


def go_on(row: BulkExportRow) -> None:
    """To the step after this one, with the lease renewed in the same commit: one of its own would wait for the disk
    once more.
    """
    row.position, row.leased_until = row.position + 1, clock.wall() + LEASE


def next_of(job: BulkJob) -> BulkJob | None:
    """The step after this one, when the lease is still held."""
    found = held(job)
    after = None if found is None else _job(found, job.lease)
    db.session.rollback()
    return after


def let_go(job: BulkJob) -> None:
    """Somebody else may go on at once."""
    found = held(job)
    if found is not None:
        found.leased_until, found.leased_by = None, None
    db.session.commit()


def held(job: BulkJob) -> BulkExportRow | None:
    """The row, locked, while the job's lease holds and its step is still the next."""
    found = row(job.export_id, lock=True)
    mine = found is not None and found.state == BulkState.RUNNING and found.leased_by == job.lease
    return found if mine else None


def leave_by(job: BulkJob, release_id: str) -> None:
    mine = (BulkCaseRow.export_id == job.export_id) & (BulkCaseRow.ordinal == job.ordinal)
    db.session.execute(update(BulkCaseRow).where(mine).values(release_id=release_id))


def finish(row: BulkExportRow) -> None:
    row.state, row.expires_at = BulkState.DONE, clock.now() + LASTS
    row.leased_until, row.leased_by = None, None


def end(row: BulkExportRow, state: BulkState) -> None:
    """No file of it is given out any more."""
    row.state, row.leased_until, row.leased_by = state, None, None
    db.session.execute(delete(BulkFileRow).where(BulkFileRow.export_id == row.id))
    db.session.execute(delete(BulkCaseRow).where(BulkCaseRow.export_id == row.id))


def alive() -> list[BulkExportRow]:
    """Every export that has files or is to have them."""
    query = select(BulkExportRow).where(BulkExportRow.state.in_((BulkState.RUNNING, BulkState.DONE)))
    return list(db.session.scalars(query))


def is_uncovered(row: BulkExportRow, today: date) -> bool:
    """Whether something that an export holds may not be given out any more: the release ended, the case was purged or
    restricted, or it is no longer linked. `today` is the practice's.
    """
    linked = exists().where(
        AssignmentRow.case_id == BulkCaseRow.case_id,
        AssignmentRow.account_id == row.account_id,
        AssignmentRow.kind == AssignmentKind.LINKED,
        (AssignmentRow.until.is_(None)) | (AssignmentRow.until >= today),
    )
    query = (
        select(BulkCaseRow.case_id)
        .join(ReleaseRow, ReleaseRow.id == BulkCaseRow.release_id)
        .join(CaseRow, CaseRow.id == BulkCaseRow.case_id)
        .where(BulkCaseRow.export_id == row.id)
        .where(
            or_(
                ReleaseRow.status != ReleaseStatus.SIGNED,
                ReleaseRow.expires_on < today,
                CaseRow.status == CaseStatus.PURGED,
                CaseRow.sealed.is_(True),
                ~linked,
            )
        )
    )
    return db.session.scalars(query.limit(1)).first() is not None


def _job(row: BulkExportRow, lease: str) -> BulkJob:
    query = select(BulkCaseRow.case_id).where(BulkCaseRow.export_id == row.id, BulkCaseRow.ordinal == row.position)
    case_id = db.session.scalar(query)
    return BulkJob(row.id, row.practice_id, row.account_id, lease, ask_of(row), case_id, row.position)


def _place(export_id: str, column: str) -> Place:
    return Place("bulk_export", export_id, column)
