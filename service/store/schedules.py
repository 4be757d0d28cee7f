"""How often an instrument is due on a case, and refusals to fill one in: tables and queries. The reason is sealed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    BindParameter,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    bindparam,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from schemas.vocabulary import Rhythm
from service.domain import clock
from service.domain.schedules import Asked, Refusal, Schedule, Setting
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.intakes import IntakeRow
from service.store.keyring import Place, ring
from service.store.sessions import TOOK_PLACE, SessionRow


class ScheduleRow(Base):
    """One row a case and instrument, where something else was agreed than the instrument's own cadence."""

    __tablename__ = "schedule"
    __table_args__ = (UniqueConstraint("case_id", "instrument_key"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    instrument_key: Mapped[str] = mapped_column(Code)
    rhythm: Mapped[str] = mapped_column(Code)
    days: Mapped[int | None]
    until: Mapped[date | None]
    why: Mapped[bytes] = mapped_column(LargeBinary)
    set_by: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


class RefusalRow(Base):
    """Asked, and the client declined. One entered by mistake is withdrawn, never deleted."""

    __tablename__ = "refusal"
    __table_args__ = (Index("ix_refusal_case_instrument_time", "case_id", "instrument_key", "declined_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    instrument_key: Mapped[str] = mapped_column(Code)
    declined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Reason:
    """The sealed part of a schedule."""

    why: str


def row(case_id: str, instrument_key: str) -> ScheduleRow | None:
    wanted = ScheduleRow.case_id == case_id, ScheduleRow.instrument_key == instrument_key
    return db.session.scalar(select(ScheduleRow).where(*wanted))


def put(row: ScheduleRow | None, case_id: str, instrument_key: str) -> ScheduleRow:
    """The row to fill: the one there is, or a new one."""
    if row is None:
        row = ScheduleRow(id=new_id(), case_id=case_id, instrument_key=instrument_key, version=1)
        db.session.add(row)
    row.updated_at = clock.now()
    return row


def fill(row: ScheduleRow, setting: Setting, why: str, set_by: str) -> None:
    row.rhythm, row.days, row.until, row.set_by = setting.rhythm, setting.days, setting.until, set_by
    row.why = ring().box(row.case_id).seal(Place("schedule", row.id, "why"), Reason(why))


def value(row: ScheduleRow | None) -> Schedule:
    if row is None:
        return Schedule()
    reason = ring().box(row.case_id).open(Place("schedule", row.id, "why"), row.why, Reason)
    return Schedule(_setting(row), reason.why, accounts.name_of(row.set_by), row.updated_at, row.version)


def of_case(case_id: str) -> dict[str, Schedule]:
    """What was agreed, by instrument."""
    rows = db.session.scalars(select(ScheduleRow).where(ScheduleRow.case_id == case_id))
    return {row.instrument_key: value(row) for row in rows}


def add_refusal(case_id: str, instrument_key: str, declined_at: datetime, author_id: str) -> RefusalRow:
    row = RefusalRow(id=new_id(), case_id=case_id, instrument_key=instrument_key, author_id=author_id)
    row.declined_at = declined_at
    db.session.add(row)
    db.session.flush()
    return row


def refusal_row(refusal_id: str) -> RefusalRow | None:
    return db.session.get(RefusalRow, refusal_id)


def refusal_value(row: RefusalRow) -> Refusal:
    return Refusal(row.id, row.case_id, row.instrument_key, row.declined_at, accounts.name_of(row.author_id))


def refusals(case_id: str) -> tuple[Refusal, ...]:
    """Those that stand, in time order."""
    standing = RefusalRow.case_id == case_id, RefusalRow.withdrawn_at.is_(None)
    rows = db.session.scalars(select(RefusalRow).where(*standing).order_by(RefusalRow.declined_at))
    return tuple(refusal_value(row) for row in rows)


def asked(case_id: str) -> tuple[Asked, ...]:
    """When the client was last asked for each instrument, and the sessions held since, for the summary row."""
    taken, declined = _last_times(case_id)
    rows = db.session.scalars(select(ScheduleRow).where(ScheduleRow.case_id == case_id))
    settings = {row.instrument_key: _setting(row) for row in rows}
    held = _held(case_id)
    found = [
        Asked(key, taken.get(key), declined.get(key), setting=settings.get(key, Setting()))
        for key in sorted({*taken, *declined, *settings})
    ]
    return tuple(_counted(each, held) for each in found)


def _counted(asked: Asked, held: Iterable[datetime]) -> Asked:
    since = sum(asked.at is not None and start > asked.at for start in held)
    return Asked(asked.instrument_key, asked.last_at, asked.declined_at, since, asked.setting)


def _last_times(case_id: str) -> tuple[dict[str, datetime], dict[str, datetime]]:
    found: tuple[dict[str, datetime], dict[str, datetime]] = ({}, {})
    for is_refusal, key, at in db.session.execute(_LAST_TIMES, {"case_id": case_id}):
        found[bool(is_refusal)][key] = at
    return found


def _held(case_id: str) -> list[datetime]:
    return list(db.session.scalars(select(SessionRow.starts_at).where(SessionRow.case_id == case_id, TOOK_PLACE)))


def _setting(row: ScheduleRow) -> Setting:
    return Setting(Rhythm(row.rhythm), row.days, row.until)


_CASE: BindParameter[str] = bindparam("case_id", type_=Id)
_LATER = aliased(IntakeRow)
# Built once, since it runs in every write of a case.
_LAST_TIMES = union_all(
    select(literal(False), IntakeRow.instrument_key, func.max(IntakeRow.authored_at, type_=UtcDateTime()))
    .outerjoin(_LATER, _LATER.amends == IntakeRow.id)
    .where(IntakeRow.case_id == _CASE, _LATER.id.is_(None))
    .group_by(IntakeRow.instrument_key),
    select(literal(True), RefusalRow.instrument_key, func.max(RefusalRow.declined_at, type_=UtcDateTime()))
    .where(RefusalRow.case_id == _CASE, RefusalRow.withdrawn_at.is_(None))
    .group_by(RefusalRow.instrument_key),
)
