"""Everything in the database, out to files and in again, as one moment in time.

SQLite: the online backup interface, which lets writers go on. PostgreSQL: COPY of every table inside one transaction.
The digest of a table adds up the hashes of its rows, so it does not depend on their order.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import MetaData, Table

from service.errors import Invalid
from service.store import schema
from service.store.base import db

FILE = "database.sqlite3"
VERSION_TABLE = "alembic_version"
SPAN = 1 << 256
DISAGREE = "The rows that were put back are not those of the backup, so nothing was kept: "
# What COPY writes depends on these.
COPY_AS = "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL bytea_output = 'hex'"

# A psycopg connection: named loosely, so that nothing of PostgreSQL is loaded where SQLite is used.
Driver = Any


@dataclass(frozen=True)
class Contents:
    """How many rows a table holds, and a digest over all of them."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Dump:
    """What was copied out: `parts` are files in the folder."""

    database: str
    revision: str
    tables: dict[str, Contents]
    parts: tuple[str, ...]


def copy_out(work: Path) -> Dump:
    """Copy the whole database into files in `work`. Raises Invalid for a database without tables."""
    db.session.rollback()
    revision = schema.revision()
    if revision is None:
        raise Invalid("The database has no tables yet, so there is nothing to back up.")
    if db.engine.dialect.name == "sqlite":
        tables = _sqlite_out(work / FILE)
        return Dump("sqlite", revision, tables, (FILE,))
    tables = _postgres_out(work)
    return Dump("postgresql", revision, tables, tuple(f"{name}.copy" for name in tables))


def copy_in(work: Path, revision: str, wanted: Mapping[str, Contents]) -> None:
    """Fill the empty database with the files in `work`, at `revision`; compare with `wanted` unless that is empty."""
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        _sqlite_in(work / FILE, wanted)
        return
    if schema.revision() not in (None, revision):
        schema.downgrade("base")
    schema.upgrade(revision)
    _postgres_in(work, wanted)


def contents() -> dict[str, Contents]:
    """Rows and digest of every table as they are now."""
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        return _sqlite_contents(_sqlite_file())
    with _moment() as driver:
        return {table.name: _postgres_contents(driver, table) for table in _tables()}


def _sqlite_file() -> Path:
    return Path(db.engine.url.database or "")


def _sqlite_out(target: Path) -> dict[str, Contents]:
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(_sqlite_file())) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    return _sqlite_contents(target)


def _sqlite_in(file: Path, wanted: Mapping[str, Contents]) -> None:
    with closing(sqlite3.connect(file)) as copy:
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise Invalid("The database inside the backup is damaged. Nothing was written.")
    if wanted:
        _compare(wanted, _sqlite_contents(file))
    target = _sqlite_file()
    db.engine.dispose()
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    file.chmod(0o600)
    file.replace(target)


def _sqlite_contents(file: Path) -> dict[str, Contents]:
    with closing(sqlite3.connect(file)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        wanted = [name for (name,) in names if name != VERSION_TABLE]
        return {name: _add_up(_sqlite_rows(connection, name)) for name in wanted}


def _sqlite_rows(connection: sqlite3.Connection, table: str) -> Iterator[bytes]:
    columns = sorted(row[1] for row in connection.execute(f'PRAGMA table_info("{table}")'))
    listed = ", ".join(f'"{column}"' for column in columns)
    for row in connection.execute(f'SELECT {listed} FROM "{table}"'):  # noqa: S608 (names come from the database itself)
        yield orjson.dumps(row, default=bytes.hex)


def _postgres_out(work: Path) -> dict[str, Contents]:
    found: dict[str, Contents] = {}
    with _moment() as driver:
        for table in _tables():
            with (work / f"{table.name}.copy").open("wb") as stream:
                stream.writelines(_copied(driver, table))
            with (work / f"{table.name}.copy").open("rb") as stream:
                found[table.name] = _add_up(stream)
    return found


def _postgres_in(work: Path, wanted: Mapping[str, Contents]) -> None:
    tables = _tables()
    with _moment() as driver:
        for table in tables:
            _fill(driver, table, work / f"{table.name}.copy")
        _set_sequences(driver)
        if wanted:
            _compare(wanted, {table.name: _postgres_contents(driver, table) for table in tables})
        driver.commit()


def _fill(driver: Driver, table: Table, file: Path) -> None:
    with (
        driver.cursor().copy(f"COPY {_quoted(table.name)} ({_columns(table)}) FROM STDIN") as copy,
        file.open("rb") as stream,
    ):
        while block := stream.read(1 << 20):
            copy.write(block)


def _set_sequences(driver: Driver) -> None:
    """Numbers go on after the highest that was put back."""
    query = "SELECT table_name, column_name FROM information_schema.columns WHERE column_default LIKE 'nextval(%'"
    for table, column in driver.execute(query).fetchall():
        highest = f"SELECT max({_quoted(column)}) FROM {_quoted(table)}"  # noqa: S608 (names come from the database itself)
        (found,) = driver.execute(highest).fetchone()
        if found is not None:
            driver.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", (table, column, found))


def _copied(driver: Driver, table: Table) -> Iterator[bytes]:
    with driver.cursor().copy(f"COPY {_quoted(table.name)} ({_columns(table)}) TO STDOUT") as copy:
        yield from (bytes(block) for block in copy)


def _postgres_contents(driver: Driver, table: Table) -> Contents:
    return _add_up(line for block in _copied(driver, table) for line in block.splitlines(keepends=True))


def _columns(table: Table) -> str:
    return ", ".join(_quoted(name) for name in sorted(table.columns.keys()))


def _quoted(name: str) -> str:
    return db.engine.dialect.identifier_preparer.quote(name)


def _tables() -> list[Table]:
    """The tables that are there, each after those it points at."""
    found = MetaData()
    found.reflect(db.engine)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


@contextmanager
def _moment() -> Iterator[Driver]:
    """One transaction that sees the database as it was at its start; rolled back unless committed."""
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.exec_driver_sql(COPY_AS)
        yield connection.connection.driver_connection


def _add_up(rows: Iterable[bytes]) -> Contents:
    count = total = 0
    for row in rows:
        count += 1
        total = (total + int.from_bytes(hashlib.sha256(row).digest(), "big")) % SPAN
    return Contents(count, f"{total:064x}")


def _compare(wanted: Mapping[str, Contents], found: Mapping[str, Contents]) -> None:
    differing = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if differing:
        raise Invalid(DISAGREE + ", ".join(differing))
