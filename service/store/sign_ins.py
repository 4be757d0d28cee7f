"""Signed-in devices (server-side, only hashed ids are kept) and the counters that slow down guessing and
flooding.
"""

import hashlib
import hmac
import math
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, case, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.store.accounts import token_hash
from service.store.base import Base, Id, UtcDateTime, Words, db, insert_or_change
from service.store.keyring import ring

WINDOW = timedelta(minutes=15)
TRIES = 8
# Many people share one network address behind a practice's router: it gets a limit of its own.
ORIGIN_TRIES = 100
# Forms that one connected system may send: in all, and for one client.
SENT, SENT_FOR_ONE = 400, 40
ASKED = 20  # questions of one person to the servers of connected systems
_MOST = {"sender": SENT, "sent": SENT_FOR_ONE, "asker": ASKED}  # by what stands before the first colon of a key


class SignInRow(Base):
    __tablename__ = "sign_in"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stepped_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked: Mapped[bool] = mapped_column(default=False)
    device: Mapped[str] = mapped_column(Words, default="")


class AttemptRow(Base):
    """Failed tries, or what was sent, for one keyed hash: of an address, a network address, a system, its client."""

    __tablename__ = "sign_in_attempt"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime)


def start(account_id: str, device: str, *, proved: bool = True) -> str:
    """Open a sign-in; `proved` by a typed password counts as a confirmation of identity. Returns the cookie's token."""
    token, at = secrets.token_urlsafe(32), clock.now()
    db.session.add(
        SignInRow(
            token_hash=token_hash(token),
            account_id=account_id,
            created_at=at,
            last_seen_at=at,
            stepped_up_at=at if proved else None,
            locked=False,
            device=device[:200],
        )
    )
    return token


def find(token: str) -> SignInRow | None:
    return db.session.get(SignInRow, token_hash(token))


def rotate(row: SignInRow) -> str:
    """Give the same sign-in a new token (after a step-up), so that a token seen earlier is worth nothing."""
    token = secrets.token_urlsafe(32)
    row.token_hash = token_hash(token)
    return token


def touch(row: SignInRow) -> None:
    row.last_seen_at = clock.now()


def all_of(account_id: str) -> list[SignInRow]:
    query = select(SignInRow).where(SignInRow.account_id == account_id).order_by(SignInRow.last_seen_at.desc())
    return list(db.session.scalars(query))


def end(token_hash_value: str, account_id: str) -> bool:
    """End one sign-in of this account; false when it is not there."""
    mine = (SignInRow.token_hash == token_hash_value) & (SignInRow.account_id == account_id)
    return bool(db.session.execute(delete(SignInRow).where(mine).returning(SignInRow.token_hash)).first())


def end_all(account_id: str, *, but: str = "") -> None:
    others = (SignInRow.account_id == account_id) & (SignInRow.token_hash != but)
    db.session.execute(delete(SignInRow).where(others))


def lock(token_hash_value: str) -> None:
    db.session.execute(update(SignInRow).where(SignInRow.token_hash == token_hash_value).values(locked=True))


def too_many(*keys: str) -> bool:
    """Whether any of these has used up its tries in the running quarter of an hour."""
    return any(_failures(key) >= (ORIGIN_TRIES if key.startswith("origin:") else TRIES) for key in keys)


def _failures(key: str) -> int:
    running = (AttemptRow.key == _hashed(key)) & (AttemptRow.window_ends_at > clock.now())
    return db.session.scalar(select(AttemptRow.failures).where(running)) or 0


def take_up(number: int, *keys: str) -> int:
    """Count `number` for each key; 0, or for how many seconds a key has too little left. Then roll back: it is refused
    whole, and uses up nothing.
    """
    count_failure(*keys, number=number)
    at = clock.now()
    rows = [(_MOST[key.partition(":")[0]], db.session.get_one(AttemptRow, _hashed(key))) for key in keys]
    waits = [row.window_ends_at - at for most, row in rows if row.failures > most]
    return math.ceil(max(waits, default=timedelta()).total_seconds())


def count_failure(*keys: str, number: int = 1) -> None:
    """So many more for each key, in one statement each, so that tries at the same moment all count."""
    at = clock.now()
    table = AttemptRow.__table__
    for key in map(_hashed, keys):
        first = insert_or_change(AttemptRow).values(key=key, failures=number, window_ends_at=at + WINDOW)
        over = table.c.window_ends_at <= at
        again = {
            "failures": case((over, number), else_=table.c.failures + number),
            "window_ends_at": case((over, first.excluded.window_ends_at), else_=table.c.window_ends_at),
        }
        db.session.execute(first.on_conflict_do_update(index_elements=["key"], set_=again))


def clear_failures(*keys: str) -> None:
    db.session.execute(delete(AttemptRow).where(AttemptRow.key.in_([_hashed(key) for key in keys])))


def _hashed(key: str) -> str:
    return hmac.new(ring().derive("attempt"), key.encode(), hashlib.sha256).hexdigest()
