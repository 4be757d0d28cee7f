"""The audit: one row for every read, write and refusal, chained so that a change, a gap or a swap is found.

SQLite chains inside the transaction (there is one writer anyway). PostgreSQL writes plain rows and `seal_pending`
chains them in
order afterwards (performance.md section 9). A cut tail cannot be seen by any chain, so `head` is published outside
the database.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, func, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from schemas.vocabulary import Action, Verdict
from service.domain import clock
from service.domain.actors import Actor
from service.store.base import Base, Code, Id, UtcDateTime, Words, db
from service.store.keyring import ring

GENESIS = bytes(32)
_Number = BigInteger().with_variant(Integer, "sqlite")


class AuditRow(Base):
    """Who, what, on which record, allowed or not, why, when. Never content."""

    __tablename__ = "audit_row"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    practice_id: Mapped[str] = mapped_column(Id, index=True)
    actor_id: Mapped[str] = mapped_column(Id)
    role: Mapped[str] = mapped_column(Code)
    action: Mapped[str] = mapped_column(Code)
    subject: Mapped[str] = mapped_column(Words)
    verdict: Mapped[str] = mapped_column(Code)
    why: Mapped[str] = mapped_column(Words)
    request_id: Mapped[str] = mapped_column(String(64))


class AuditSeal(Base):
    """The chain: position 1, 2, 3 ... each mac covers the mac before it and one audit row."""

    __tablename__ = "audit_seal"

    position: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(_Number, ForeignKey("audit_row.number"), unique=True)
    mac: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Entry:
    """What a verb says of itself, before it has a number."""

    actor: Actor
    action: Action
    subject: str
    verdict: Verdict = Verdict.ALLOWED
    why: str = ""


@dataclass(frozen=True)
class Head:
    """How long the chain is and its last mac (hex)."""

    count: int
    mac: str


@dataclass(frozen=True)
class Verification:
    """`broken_at` is the first position that does not hold; `unsealed` counts rows that await their seal."""

    count: int
    broken_at: int | None
    problem: str
    unsealed: int

    @property
    def ok(self) -> bool:
        return self.broken_at is None and not self.problem


def append(entries: Sequence[Entry]) -> None:
    """Write the rows into the running transaction; on SQLite also their seals."""
    for entry in entries:
        values = _values(entry)
        number = db.session.execute(insert(AuditRow).values(values).returning(AuditRow.number)).scalar_one()
        if db.engine.dialect.name == "sqlite":
            _seal(number, values)


def seal_pending(limit: int = 10_000) -> int:
    """Chain rows that have no seal yet, oldest first; returns how many."""
    sealed = select(AuditSeal.number)
    query = select(AuditRow).where(AuditRow.number.not_in(sealed)).order_by(AuditRow.number).limit(limit)
    if db.engine.dialect.name == "postgresql":
        # Waits for writers that have not committed, so that no row can appear below one that is already sealed.
        db.session.execute(text("LOCK TABLE audit_row IN SHARE MODE"))
    rows = db.session.scalars(query).all()
    for row in rows:
        _seal(row.number, _canonical_values(row))
    db.session.commit()
    return len(rows)


def head() -> Head:
    """The end of the chain as it stands."""
    last = db.session.execute(select(AuditSeal.position, AuditSeal.mac).order_by(AuditSeal.position.desc())).first()
    return Head(last.position, last.mac.hex()) if last else Head(0, GENESIS.hex())


def verify(published: Head | None = None) -> Verification:
    """Walk the whole chain; `published` is a head written down earlier, against a cut tail."""
    previous, position, seen = GENESIS, 0, None
    key = ring().derive("audit")
    for expected, (seal, row) in enumerate(_chain(), start=1):
        previous = _mac(key, previous, _canonical_values(row))
        if seal.position != expected or not hmac.compare_digest(previous, seal.mac):
            return Verification(position, expected, "a row was changed, removed, added or swapped", 0)
        position = expected
        seen = previous.hex() if published and position == published.count else seen
    if published and published.count and seen != published.mac:
        return Verification(position, position + 1, "the chain is shorter than, or differs from, its published head", 0)
    unsealed = _unsealed_count()
    if unsealed and db.engine.dialect.name == "sqlite":
        return Verification(position, position + 1, "rows without a seal", unsealed)
    return Verification(position, None, "", unsealed)


def recent(practice_id: str, before: int | None, limit: int) -> list[AuditRow]:
    """The latest rows of one practice, newest first; page by `before` (a row number)."""
    query = select(AuditRow).where(AuditRow.practice_id == practice_id).order_by(AuditRow.number.desc()).limit(limit)
    return list(db.session.scalars(query if before is None else query.where(AuditRow.number < before)))


def _chain() -> Iterator[tuple[AuditSeal, AuditRow]]:
    query = select(AuditSeal, AuditRow).join(AuditRow, AuditRow.number == AuditSeal.number).order_by(AuditSeal.position)
    yield from db.session.execute(query.execution_options(yield_per=1000))


def _unsealed_count() -> int:
    rows = db.session.scalar(select(func.count()).select_from(AuditRow)) or 0
    seals = db.session.scalar(select(func.count()).select_from(AuditSeal)) or 0
    return rows - seals


def _seal(number: int, values: dict[str, object]) -> None:
    last = db.session.execute(
        select(AuditSeal.position, AuditSeal.mac).order_by(AuditSeal.position.desc()).limit(1)
    ).first()
    position, previous = (last.position + 1, last.mac) if last else (1, GENESIS)
    mac = _mac(ring().derive("audit"), previous, values)
    db.session.execute(insert(AuditSeal).values(position=position, number=number, mac=mac))


def _mac(key: bytes, previous: bytes, values: dict[str, object]) -> bytes:
    return hmac.new(key, previous + orjson.dumps(values, option=orjson.OPT_SORT_KEYS), hashlib.sha256).digest()


def _values(entry: Entry) -> dict[str, object]:
    return {
        "at": clock.now(),
        "practice_id": entry.actor.practice_id,
        "actor_id": entry.actor.user_id,
        "role": str(entry.actor.role),
        "action": str(entry.action),
        "subject": entry.subject,
        "verdict": str(entry.verdict),
        "why": entry.why,
        "request_id": entry.actor.request_id,
    }


def _canonical_values(row: AuditRow) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in AuditRow.__table__.columns if column.key != "number"}
