"""What stands around cases: steps with their reasons, emergency openings, retention rules and certificates of purge.

Reasons are sealed with the case's key and end with it. A certificate holds nothing of any client.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, Text, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.wall_codes import WallStatus, WallStep
from service.domain import clock
from service.domain.retention import FALLBACK, RetentionRule
from service.domain.walls import GLASS_LASTS, Certificate, Opening, Wall
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class WallRow(Base):
    __tablename__ = "case_wall"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    step: Mapped[str] = mapped_column(Code)
    status: Mapped[str] = mapped_column(Code)
    account_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    by_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    second_id: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    second_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class GlassRow(Base):
    """One emergency opening."""

    __tablename__ = "glass_opening"
    __table_args__ = (Index("ix_glass_opening_case_account", "case_id", "account_id", "until"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class GlassSeenRow(Base):
    """Who took note of an emergency opening."""

    __tablename__ = "glass_seen"

    opening_id: Mapped[str] = mapped_column(Id, ForeignKey("glass_opening.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RetentionRow(Base):
    """A practice's own years of keeping."""

    __tablename__ = "retention_rule"

    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), primary_key=True)
    after_service: Mapped[int]
    after_majority: Mapped[int]
    majority: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


class CertificateRow(Base):
    __tablename__ = "purge_certificate"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), unique=True)
    code: Mapped[str] = mapped_column(Code)
    purged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    agreed_by: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    key_count: Mapped[int]
    kept_until: Mapped[date]
    source: Mapped[str] = mapped_column(Text)


def add(case_id: str, step: WallStep, by_id: str, reason: str, account_id: str | None = None) -> WallRow:
    """A step that is done at once; `asked` turns it into one that waits."""
    row = WallRow(id=new_id(), case_id=case_id, step=step, status=WallStatus.DONE, by_id=by_id, at=clock.now())
    row.account_id, row.version = account_id, 1
    row.reason = ring().box(case_id).seal(Place("case_wall", row.id, "reason"), reason)
    db.session.add(row)
    db.session.flush()
    return row


def waiting(case_id: str, step: WallStep) -> WallRow | None:
    """The request for this step that waits for a second person."""
    query = select(WallRow).where(WallRow.case_id == case_id, WallRow.step == step, WallRow.status == WallStatus.ASKED)
    return db.session.scalars(query).first()


def withdraw(case_id: str, step: WallStep) -> None:
    """What waits for a second person waits no longer."""
    row = waiting(case_id, step)
    if row is not None:
        row.status = WallStatus.WITHDRAWN


def asked(case_ids: Iterable[str]) -> list[WallRow]:
    """Steps around these cases that wait for a second person, the longest first."""
    query = select(WallRow).where(WallRow.case_id.in_(list(case_ids)), WallRow.status == WallStatus.ASKED)
    return list(db.session.scalars(query.order_by(WallRow.at, WallRow.id)))


def of_case(case_id: str) -> tuple[Wall, ...]:
    """Every step, newest first."""
    rows = db.session.scalars(select(WallRow).where(WallRow.case_id == case_id).order_by(WallRow.at.desc(), WallRow.id))
    return tuple(_wall(each) for each in rows)


def _wall(row: WallRow) -> Wall:
    return Wall(
        id=row.id,
        case_id=row.case_id,
        step=WallStep(row.step),
        status=WallStatus(row.status),
        reason=ring().box(row.case_id).open(Place("case_wall", row.id, "reason"), row.reason, str),
        by_id=row.by_id,
        by_name=accounts.name_of(row.by_id),
        at=row.at,
        about=accounts.name_of(row.account_id) if row.account_id else "",
        second_name=accounts.name_of(row.second_id) if row.second_id else "",
        second_at=row.second_at,
    )


def open_glass(case_id: str, account_id: str, reason: str) -> GlassRow:
    at = clock.now()
    row = GlassRow(id=new_id(), case_id=case_id, account_id=account_id, opened_at=at, until=at + GLASS_LASTS)
    row.reason = ring().box(case_id).seal(Place("glass_opening", row.id, "reason"), reason)
    db.session.add(row)
    db.session.flush()
    return row


def glass_is_open(case_id: str, account_id: str) -> ColumnElement[bool]:
    """Whether this person opened the case in an emergency within the last hour, to be asked with other things."""
    return exists().where(GlassRow.case_id == case_id, GlassRow.account_id == account_id, GlassRow.until > clock.now())


def glass_row(opening_id: str) -> GlassRow | None:
    return db.session.get(GlassRow, opening_id)


def unseen(case_ids: Iterable[str], account_id: str) -> list[GlassRow]:
    """Emergency openings of these cases by others that this person has not taken note of, newest first."""
    seen = exists().where(GlassSeenRow.opening_id == GlassRow.id, GlassSeenRow.account_id == account_id)
    query = select(GlassRow).where(GlassRow.case_id.in_(list(case_ids)), GlassRow.account_id != account_id, ~seen)
    return list(db.session.scalars(query.order_by(GlassRow.opened_at.desc())))


def opening(row: GlassRow, code: str) -> Opening:
    reason = ring().box(row.case_id).open(Place("glass_opening", row.id, "reason"), row.reason, str)
    return Opening(row.id, row.case_id, code, accounts.name_of(row.account_id), reason, row.opened_at, row.until)


def see_glass(opening_id: str, account_id: str) -> None:
    if db.session.get(GlassSeenRow, (opening_id, account_id)) is None:
        db.session.add(GlassSeenRow(opening_id=opening_id, account_id=account_id, at=clock.now()))
        db.session.flush()


def retention_row(practice_id: str) -> RetentionRow | None:
    return db.session.get(RetentionRow, practice_id)


def retention(practice_id: str) -> RetentionRule:
    """The practice's own years, or the fallback."""
    row = retention_row(practice_id)
    return RetentionRule(row.after_service, row.after_majority, row.majority, row.source) if row else FALLBACK


def put_retention(practice_id: str, rule: RetentionRule, changed_by: str) -> None:
    row = retention_row(practice_id)
    if row is None:
        row = RetentionRow(practice_id=practice_id, version=1)
        db.session.add(row)
    row.after_service, row.after_majority, row.majority = rule.after_service, rule.after_majority, rule.majority
    row.source, row.changed_by, row.updated_at = rule.source, changed_by, clock.now()
    db.session.flush()


def certify(row: CertificateRow) -> None:
    db.session.add(row)
    db.session.flush()


def certificates(practice_id: str) -> tuple[Certificate, ...]:
    """All of a practice, newest first."""
    query = select(CertificateRow).where(CertificateRow.practice_id == practice_id)
    rows = db.session.scalars(query.order_by(CertificateRow.purged_at.desc(), CertificateRow.id))
    return tuple(certificate(each) for each in rows)


def certificate(row: CertificateRow) -> Certificate:
    return Certificate(
        id=row.id,
        code=row.code,
        purged_at=row.purged_at,
        asked_by=accounts.name_of(row.asked_by),
        agreed_by=accounts.name_of(row.agreed_by),
        keys=row.key_count,
        kept_until=row.kept_until,
        source=row.source,
    )
