"""The short way to the database for what is asked most: who is asking, and one stored resource. No sessions, no
mapper, no compiling.

A statement is written with SQLAlchemy, compiled once for each kind of database, and run on the driver's own cursor;
types are converted by SQLAlchemy's own processors. Measured against the ordinary way it saves about nine tenths of a
read's time.

    with line() as driver:
        row = driver.first(BY_ID, {"id": record_id})
        driver.audit(entry)         # the row of what was just read; nothing may be answered before it is there

Rule: one read and its audit row. Whatever writes anything else goes through service/store/transaction.py.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import ClauseElement, Dialect, Select, insert, select

from service.errors import Unavailable
from service.store import audit
from service.store.audit import AuditRow, AuditSeal, Entry
from service.store.base import db

Process = Callable[[Any], Any]
# SQLite has one writer. Waiting here costs nothing; waiting inside SQLite means sleeping and asking again.
_one_writer = threading.Lock()


@dataclass(frozen=True)
class Ready:
    """A statement as one driver takes it. `names` gives the order of its values (None where they go in by name),
    `fixed` are values that the statement itself holds; `binds` and `results` say which values and columns are
    converted, and how.
    """

    text: str
    names: Sequence[str] | None
    fixed: Mapping[str, object]
    binds: Mapping[str, Process]
    columns: Sequence[str]
    results: Mapping[str, Process]

    def values(self, given: Mapping[str, object]) -> Any:
        found = {**self.fixed, **given}
        for name, process in self.binds.items():
            found[name] = process(found[name])
        return found if self.names is None else [found[name] for name in self.names]

    def row(self, values: Sequence[object]) -> SimpleNamespace:
        found = dict(zip(self.columns, values, strict=True))
        for name, process in self.results.items():
            found[name] = process(found[name])
        return SimpleNamespace(**found)


@dataclass(frozen=True)
class Prepared:
    """A statement that is compiled once for each kind of database. `keys` are the columns that an insert fills."""

    statement: ClauseElement
    keys: tuple[str, ...] = ()
    _ready: dict[str, Ready] = field(default_factory=dict)

    def ready(self, dialect: Dialect) -> Ready:
        known = self._ready.get(dialect.name)
        if known is None:
            known = self._ready[dialect.name] = _compiled(self, dialect)
        return known


class Line:
    """A borrowed driver connection."""

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        self._connection, self._cursor, self._dialect = connection, connection.cursor(), dialect

    def first(self, prepared: Prepared, given: Mapping[str, object]) -> Any:
        """The columns of the first row by name, or None."""
        ready = prepared.ready(self._dialect)
        self._cursor.execute(ready.text, ready.values(given))
        found = self._cursor.fetchone()
        return None if found is None else ready.row(found)

    def audit(self, entry: Entry) -> None:
        """Commit the audit row of a read, with its seal where rows are sealed at once."""
        if self._dialect.name == "sqlite":
            self._seal_at_once(audit.values_of(entry))
        else:
            self._run(_AUDIT, audit.values_of(entry))
            self._connection.commit()

    def _seal_at_once(self, values: dict[str, object]) -> None:
        leave_session()
        with _one_writer:
            # The row of a read outlives a crash of the process at once, and a power cut from the next
            # write on: waiting for the disk would make every read wait longer than all else together.
            self._cursor.execute("PRAGMA synchronous=NORMAL")
            self._cursor.execute("BEGIN IMMEDIATE")
            try:
                self._append(values)
                self._cursor.execute("COMMIT")
            except BaseException:
                self._cursor.execute("ROLLBACK")
                raise
            finally:
                self._cursor.execute("PRAGMA synchronous=FULL")

    def _append(self, values: dict[str, object]) -> None:
        last = self.first(_LAST, {})
        position, previous = (last.position, last.mac) if last else (0, audit.GENESIS)
        self._run(_AUDIT, values)
        number = self._cursor.fetchone()[0]
        self._run(_SEAL, {"position": position + 1, "number": number, "mac": audit.mac_after(previous, values)})

    def _run(self, prepared: Prepared, given: Mapping[str, object]) -> None:
        ready = prepared.ready(self._dialect)
        self._cursor.execute(ready.text, ready.values(given))


@contextmanager
def line() -> Iterator[Line]:
    """Borrow a connection from the pool. Raises Unavailable when the database does not accept what is asked of it."""
    engine = db.engine
    connection = engine.raw_connection()
    try:
        yield Line(connection, engine.dialect)
    except cast(Any, engine.dialect.loaded_dbapi).Error as error:
        raise Unavailable("The record could not be read: the database did not accept it.") from error
    finally:
        connection.close()


def leave_session() -> None:
    """End what the ordinary session of this thread may hold open: its lock would keep this one waiting for itself."""
    if db.session.registry.has():
        db.session.rollback()


def _compiled(prepared: Prepared, dialect: Dialect) -> Ready:
    statement = prepared.statement
    compiled: Any = statement.compile(dialect=dialect, column_keys=prepared.keys or None)
    values = dict(compiled.binds)
    binds = {name: each.type.dialect_impl(dialect).bind_processor(dialect) for name, each in values.items()}
    columns = list(statement.selected_columns) if isinstance(statement, Select) else []
    results = {str(each.key): each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns}
    return Ready(
        text=str(compiled),
        names=compiled.positiontup,
        fixed={name: each.value for name, each in values.items() if each.value is not None},
        binds={name: process for name, process in binds.items() if process},
        columns=[str(each.key) for each in columns],
        results={name: process for name, process in results.items() if process},
    )


_LAST = Prepared(select(AuditSeal.position, AuditSeal.mac).order_by(AuditSeal.position.desc()).limit(1))
_AUDIT = Prepared(
    insert(AuditRow).returning(AuditRow.number),
    tuple(each.key for each in AuditRow.__table__.columns if each.key != "number"),
)
_SEAL = Prepared(insert(AuditSeal), tuple(each.key for each in AuditSeal.__table__.columns))
