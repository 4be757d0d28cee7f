"""Engine, naming convention and column types. Flask-SQLAlchemy is fenced here: the rest of the store sees `db` and
`Base`.
"""

import importlib
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, String, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 5_000
# Under this key the `info` of an index holds its condition on PostgreSQL, for migrations/env.py: as an argument it
# would load that dialect (2 MB) into every process that has SQLite beneath.
POSTGRESQL_WHERE = "postgresql_where"
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes on both databases; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """SQLite keeps text: one call in place of three, for what is read more often than anything else."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


Id = String(36)
Code = String(40)
Words = String(200)


def new_id() -> str:
    """A random id: not ordered by time, fit for URLs and as a FHIR id."""
    return str(uuid.uuid4())


def insert_or_change(table: type[Base]) -> Any:
    """An insert of the database in use that may say what to change where the row is there already."""
    return importlib.import_module(f"sqlalchemy.dialects.{db.engine.dialect.name}").insert(table)


def engine_options(database_url: str) -> dict[str, Any]:
    """Options for create_engine; a PostgreSQL connection is probed before it is lent out (the server may have
    restarted). Values never stand in the words of an error.
    """
    if database_url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000}, "hide_parameters": True}
    return {"pool_pre_ping": True, "pool_size": 8, "max_overflow": 4, "hide_parameters": True}


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver must not open transactions by itself: `_begin_immediate` does, so that no writer fails half-way.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def unhurried() -> Iterator[None]:
    """Let SQLite leave to the system when it writes to the disk, for a load that could be made anew. A loss of power
    meanwhile may undo the last of it and breaks nothing; the next ordinary commit makes all of it last.
    """
    engine = db.engine
    give_back()
    event.listen(engine, "connect", _loosen_sqlite)
    try:
        yield
    finally:
        give_back()
        event.remove(engine, "connect", _loosen_sqlite)


def give_back() -> None:
    """Close every connection: the next one is made and prepared anew."""
    db.session.remove()
    db.engine.dispose()


def _loosen_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=NORMAL")


@event.listens_for(Engine, "begin")
def _begin_immediate(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
