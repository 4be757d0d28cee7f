"""How the database is: does it answer, is its schema the one this version needs, does work pile up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from service.domain import clock
from service.errors import Unavailable
from service.store import schema
from service.store.base import db
from service.store.outbox import OutboxRow
from service.store.transaction import NOT_SAVED

LATE_SECONDS = 900


@dataclass(frozen=True)
class Condition:
    """What `/readyz` tells; `waiting` counts outbox rows, `oldest_seconds` says how long the oldest has been due."""

    answers: bool
    schema: bool
    waiting: int = 0
    oldest_seconds: int = 0

    @property
    def ready(self) -> bool:
        return self.answers and self.schema

    @property
    def late(self) -> bool:
        return self.oldest_seconds > LATE_SECONDS


def look() -> Condition:
    """Ask the database; never raises."""
    try:
        with reachable():
            if schema.revision() != schema.newest():
                return Condition(answers=True, schema=False)
            return Condition(True, True, *_waiting())
    except Unavailable:
        return Condition(answers=False, schema=False)


@contextmanager
def reachable() -> Iterator[None]:
    """Turn what the database driver says about a lost or refusing database into Unavailable."""
    try:
        yield
    except DBAPIError as error:
        db.session.rollback()
        raise Unavailable("The database does not answer.") from error


def in_our_words(error: Exception) -> Exception:
    """The error, or Unavailable for a database that refused outside a transaction (a sign-in, a failed attempt)."""
    if not isinstance(error, OperationalError):
        return error
    db.session.rollback()
    return Unavailable(NOT_SAVED)


def rows() -> int:
    """How many practices, accounts and audit rows there are: 0 means that nobody has used this database yet."""
    tables = ("practice", "account", "audit_row")
    found = [db.session.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables]  # noqa: S608 (fixed names)
    db.session.rollback()
    return sum(each or 0 for each in found)


def _waiting() -> tuple[int, int]:
    query = select(func.count(), func.min(OutboxRow.due_at)).where(OutboxRow.done_at.is_(None))
    count, oldest = db.session.execute(query).one()
    db.session.rollback()
    return count, max(0, int((clock.now() - oldest).total_seconds())) if count else 0
