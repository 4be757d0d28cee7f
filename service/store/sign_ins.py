"""Signed-in devices (server-side, only hashed ids are kept) and the counters that slow down guessing."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.store.accounts import token_hash
from service.store.base import Base, Id, UtcDateTime, Words, db
from service.store.keyring import ring

WINDOW = timedelta(minutes=15)
TRIES = 8


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
    """Failed tries for one keyed hash of an address or a network address."""

    __tablename__ = "sign_in_attempt"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime)


def start(account_id: str, device: str) -> str:
    """Open a sign-in that has just proved who it is; returns the token for the cookie."""
    token, at = secrets.token_urlsafe(32), clock.now()
    db.session.add(
        SignInRow(
            token_hash=token_hash(token),
            account_id=account_id,
            created_at=at,
            last_seen_at=at,
            stepped_up_at=at,
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
    hashed = [_hashed(key) for key in keys]
    query = select(AttemptRow.key).where(
        AttemptRow.key.in_(hashed), AttemptRow.failures >= TRIES, AttemptRow.window_ends_at > clock.now()
    )
    return db.session.scalar(query.limit(1)) is not None


def count_failure(*keys: str) -> None:
    at = clock.now()
    for key in map(_hashed, keys):
        row = db.session.get(AttemptRow, key)
        if row is None:
            row = AttemptRow(key=key, failures=0, window_ends_at=at + WINDOW)
            db.session.add(row)
        if row.window_ends_at <= at:
            row.failures, row.window_ends_at = 0, at + WINDOW
        row.failures += 1


def clear_failures(*keys: str) -> None:
    db.session.execute(delete(AttemptRow).where(AttemptRow.key.in_([_hashed(key) for key in keys])))


def _hashed(key: str) -> str:
    return hmac.new(ring().derive("attempt"), key.encode(), hashlib.sha256).hexdigest()
