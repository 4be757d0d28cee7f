"""The audit: one row for every read, write and refusal, chained so that a change, a gap or a swap is found.

SQLite chains inside the transaction (one writer anyway). PostgreSQL writes plain rows and `seal_pending` chains
them in order afterwards. A cut tail cannot be seen by any chain, so the head is written down outside the database
(service/store/heads.py).
"""

import base64
import hmac
from collections.abc import Container, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, cast

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    Executable,
    ForeignKey,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from schemas.actions import Action
from schemas.vocabulary import Verdict
from service.domain import clock
from service.domain.actors import Actor
from service.errors import Invalid, Unavailable
from service.store.base import Base, Code, Id, UtcDateTime, Words, db
from service.store.keyring import Place, ring

GENESIS = bytes(32)
ROWS_AT_ONCE = 200
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


# Every verb and every page writes a row: made once, and of the tables, which costs less than half of the mapper's way.
_ROW, _SEAL = (insert(cast(Table, each.__table__)) for each in (AuditRow, AuditSeal))
_END = select(AuditSeal.position, AuditSeal.mac).order_by(AuditSeal.position.desc()).limit(1)


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
    connection = db.session.connection()
    for entry in entries:
        values = values_of(entry)
        written = connection.execute(_ROW, values)
        if connection.dialect.name == "sqlite":
            _seal(connection, cast(Any, written.inserted_primary_key).number, values)


def seal_pending(limit: int = 10_000) -> int:
    """Chain the rows above the last sealed one, in order; returns how many. Nothing is locked while there are none."""
    if db.session.scalar(_pending().limit(1)) is None:
        db.session.rollback()
        return 0
    if db.engine.dialect.name == "postgresql":
        # Waits for writers that have not committed, so that no row can appear below one that is already sealed, and for
        # other sealers.
        db.session.execute(text("LOCK TABLE audit_row IN SHARE ROW EXCLUSIVE MODE"))
    position, previous, begun = *_last(), ring().begun("audit")
    seals: list[dict[str, object]] = []
    for row in db.session.scalars(_pending().order_by(AuditRow.number).limit(limit)):
        previous = _mac(begun, previous, canonical(_values_in(row)))
        seals.append({"position": position + len(seals) + 1, "number": row.number, "mac": previous})
    if seals:
        db.session.execute(insert(AuditSeal), seals)
    db.session.commit()
    return len(seals)


def head() -> Head:
    """The end of the chain as it stands."""
    position, mac = _last()
    return Head(position, mac.hex())


def holds(published: Head) -> bool:
    """Whether the chain still contains this head where it stood."""
    mac = db.session.scalar(select(AuditSeal.mac).where(AuditSeal.position == published.count))
    return published.count == 0 or (mac is not None and mac.hex() == published.mac)


def verify(published: Head | None = None) -> Verification:
    """Walk the whole chain; `published` is a head written down earlier, against a cut tail."""
    found = _walk(published)
    db.session.rollback()
    return found


def _walk(published: Head | None) -> Verification:
    previous, position, seen = GENESIS, 0, None
    begun = ring().begun("audit")
    with db.session.execute(_chain()) as chain:
        for expected, (seal, row) in enumerate(chain, start=1):
            previous = _mac(begun, previous, canonical(_values_in(row)))
            if seal.position != expected or not hmac.compare_digest(previous, seal.mac):
                return Verification(position, expected, "a row was changed, removed, added or swapped", 0)
            position = expected
            seen = previous.hex() if published and position == published.count else seen
    if published and published.count and seen != published.mac:
        return Verification(position, position + 1, "the chain is shorter than, or differs from, its published head", 0)
    return _ends(position)


def recent(
    practice_id: str,
    before: int | None,
    limit: int,
    *,
    without: Container[str] = frozenset(),
    untold: Container[str] = frozenset(),
) -> list[AuditRow]:
    """The latest rows of one practice, newest first; page by `before` (a row number). `without`: ids of records whose
    rows are left out, under whatever kind they stand; `untold`: actions of which no record is told,
    only what stands on an account or on the practice.
    """
    query = select(AuditRow).where(AuditRow.practice_id == practice_id).order_by(AuditRow.number.desc())
    rows = db.session.scalars(query if before is None else query.where(AuditRow.number < before))
    with closing(rows.yield_per(ROWS_AT_ONCE)):
        return list(islice((each for each in rows if _is_told(each, without, untold)), limit))


_OF_NO_CASE = frozenset({"", "account"})


def _is_told(row: AuditRow, without: Container[str], untold: Container[str]) -> bool:
    kind, _, record_id = row.subject.rpartition("/")
    return record_id not in without and not (row.action in untold and kind not in _OF_NO_CASE)


def mark_of(row: AuditRow) -> str:
    """The place of a row in a list. A gap in plain numbers would tell that something was left out."""
    sealed = ring().box(row.practice_id).seal(Place("audit_row", row.practice_id, "mark"), row.number)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def marked(practice_id: str, mark: str) -> int:
    """The number of the row that `mark_of` marked. Raises Invalid."""
    try:
        sealed = base64.b64decode(mark + "=" * (-len(mark) % 4), altchars=b"-_", validate=True)
        return ring().box(practice_id).open(Place("audit_row", practice_id, "mark"), sealed, int)
    except (ValueError, Unavailable) as error:
        raise Invalid("This part of the list does not exist.", {"before": "Take it from a row of the list."}) from error


def _chain() -> Executable:
    query = select(AuditSeal, AuditRow).join(AuditRow, AuditRow.number == AuditSeal.number).order_by(AuditSeal.position)
    return query.execution_options(yield_per=1000)


def _ends(position: int) -> Verification:
    """What the chain itself cannot show: seals whose row is gone, and rows that nobody will seal any more."""
    seals = db.session.scalar(select(func.count()).select_from(AuditSeal)) or 0
    rows = db.session.scalar(select(func.count()).select_from(AuditRow)) or 0
    pending = db.session.scalar(select(func.count()).select_from(_pending().subquery())) or 0
    if seals != position:
        return Verification(position, position + 1, "a sealed row is gone", 0)
    if rows - pending != seals or (pending and db.engine.dialect.name == "sqlite"):
        return Verification(position, position + 1, "a row was added outside the chain", rows - seals)
    return Verification(position, None, "", pending)


def _pending() -> Select[AuditRow]:
    """Rows above the last sealed one."""
    last = select(func.coalesce(func.max(AuditSeal.number), 0)).scalar_subquery()
    return select(AuditRow).where(AuditRow.number > last)


def _last(connection: Connection | None = None) -> tuple[int, bytes]:
    last = (connection or db.session.connection()).execute(_END).first()
    return (last.position, last.mac) if last else (0, GENESIS)


def _seal(connection: Connection, number: int, values: dict[str, object]) -> None:
    position, previous = _last(connection)
    mac = mac_after(previous, canonical(values))
    connection.execute(_SEAL, {"position": position + 1, "number": number, "mac": mac})


def mac_after(previous: bytes, canonical: bytes) -> bytes:
    """The seal of a row (its `canonical` bytes) that follows the seal `previous`."""
    return _mac(ring().begun("audit"), previous, canonical)


def canonical(values: dict[str, object]) -> bytes:
    """The bytes of a row that its seal covers."""
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def _mac(begun: hmac.HMAC, previous: bytes, canonical: bytes) -> bytes:
    mac = begun.copy()
    mac.update(previous + canonical)
    return mac.digest()


def values_of(entry: Entry) -> dict[str, object]:
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


def _values_in(row: AuditRow) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in AuditRow.__table__.columns if column.key != "number"}
