"""The short way to the database for what is asked most: who is asking, and stored resources. No sessions, no mapper,
no compiling.

A statement is written with SQLAlchemy, compiled once for each kind of database, and run on the driver's own cursor;
types are converted by SQLAlchemy's own processors. Measured against the ordinary way it saves about nine tenths of a
read's time.

    with line() as driver:
        row = driver.first(BY_ID, {"id": record_id})
        driver.audit(entry)         # the row of what was just read; nothing may be answered before it is there

PostgreSQL lends a line from the pool. SQLite has one writer and one kept line, which threads take in turn: its page
cache always holds what was just written, and nobody has to wait inside SQLite, which means to sleep and ask again.

Rule: one read and its audit row. Whatever writes anything else goes through service/store/transaction.py.
"""

import sqlite3
import threading
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import Any, Self, cast

from flask import current_app
from sqlalchemy import ClauseElement, Dialect, Engine, Select, event, insert, select

from service.errors import Unavailable
from service.store import audit
from service.store.audit import AuditRow, AuditSeal, Entry
from service.store.base import db

Process = Callable[[Any], Any]
KEPT = "stepwell.kept_line"


@dataclass(frozen=True)
class Ready:
    """A statement as one driver takes it. `ordered` puts its values in order (None where they go in by name), `fixed`
    are values that the statement itself holds; `binds` and `results` say which values and columns are converted, and
    how. `named` makes a row of its columns.
    """

    text: str
    ordered: Callable[[Mapping[str, object]], Sequence[object]] | None
    fixed: Mapping[str, object]
    binds: Mapping[str, Process]
    results: Sequence[tuple[int, Process]]
    named: Callable[[Sequence[object]], object]

    def values(self, given: Mapping[str, object]) -> Any:
        found = {**self.fixed, **given}
        for name, process in self.binds.items():
            found[name] = process(found[name])
        return found if self.ordered is None else self.ordered(found)

    def rows(self, found: Sequence[Sequence[object]]) -> list[Any]:
        """Column by column: of many rows, all but the conversions is done by the interpreter's own loops."""
        if not found:
            return []
        columns: list[Iterable[object]] = list(zip(*found, strict=True))
        for place, process in self.results:
            columns[place] = map(process, columns[place])
        return list(map(self.named, zip(*columns, strict=True)))


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
    """A driver connection in the hands of one thread: use it in a `with` block.

    The block raises Unavailable when the database does not accept what is asked of it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._dialect = engine, engine.dialect
        self._connection: Any = None
        self._cursor: Any = None

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._close()
        self._explain(error)

    def first(self, prepared: Prepared, given: Mapping[str, object]) -> Any:
        """The columns of the first row by name, or None."""
        ready = prepared.ready(self._dialect)
        self._cursor.execute(ready.text, ready.values(given))
        # All rows, though one is wanted: a statement that has not ended keeps its view of the database.
        found = ready.rows(self._cursor.fetchall())
        return found[0] if found else None

    def all(self, prepared: Prepared, given: Mapping[str, object]) -> list[Any]:
        """Every row, its columns by name."""
        ready = prepared.ready(self._dialect)
        self._cursor.execute(ready.text, ready.values(given))
        return ready.rows(self._cursor.fetchall())

    def audit(self, entry: Entry) -> None:
        """Commit the audit row of a read, with its seal where rows are sealed at once."""
        ready = _AUDIT.ready(self._dialect)
        self._cursor.execute(ready.text, ready.values(audit.values_of(entry)))
        self._connection.commit()

    def _open(self) -> None:
        self._connection = self._engine.raw_connection()
        self._cursor = self._connection.cursor()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _explain(self, error: BaseException | None) -> None:
        if isinstance(error, cast(Any, self._dialect.loaded_dbapi).Error):
            raise Unavailable("The record could not be read: the database did not accept it.") from error


class KeptLine(Line):
    """The one connection of the short way to SQLite, apart from the pool; who disposes of the pool closes it too.

    It remembers where it has left the end of the chain.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._turn = threading.RLock()
        self._head = _START
        event.listen(engine, "engine_disposed", self._dispose)

    def __enter__(self) -> Self:
        leave_session()
        self._turn.acquire()
        try:
            if self._connection is None:
                self._open()
        except BaseException as error:
            self.__exit__(None, error, None)
            raise
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            if error is not None:
                self._explain(error)
        except Unavailable:
            self._close()
            raise
        finally:
            self._turn.release()

    def audit(self, entry: Entry) -> None:
        leave_session()
        values = audit.values_of(entry)
        given, canonical = _AUDIT.ready(self._dialect).values(values), audit.canonical(values)
        try:
            self._append(given, canonical)
        except sqlite3.IntegrityError:
            self._append_at_end(given, canonical)

    def _append(self, given: Sequence[object], canonical: bytes) -> None:
        """Write a row and its seal after the remembered head; IntegrityError says that somebody else was there.

        One statement: between two, Python would let other threads go first while SQLite's lock is held.
        """
        position, mac = self._head[0] + 1, audit.mac_after(self._head[1], canonical)
        self._cursor.execute(_APPEND, (*given, position, mac))
        self._head = position, mac

    def _append_at_end(self, given: Sequence[object], canonical: bytes) -> None:
        """The same where the chain ends now, with everybody else kept out meanwhile."""
        self._cursor.execute("BEGIN IMMEDIATE")
        try:
            last = self.first(_LAST, {})
            self._head = (last.position, last.mac) if last else _START
            self._append(given, canonical)
            self._cursor.execute("COMMIT")
        except BaseException:
            self._close()
            raise

    def _open(self) -> None:
        super()._open()
        self._connection.detach()
        for statement in _SETTING_UP:
            self._cursor.execute(statement)

    def _close(self) -> None:
        """What was begun is undone, and what is remembered may be wrong."""
        super()._close()
        self._head = _START

    def _dispose(self, _engine: Engine) -> None:
        with self._turn:
            self._close()


def line() -> Line:
    """The short way to the database of the running application."""
    kept: KeptLine | None = current_app.extensions.get(KEPT)
    if kept is not None:
        return kept
    engine = db.engine
    if engine.dialect.name != "sqlite":
        return Line(engine)
    return cast(Line, current_app.extensions.setdefault(KEPT, KeptLine(engine)))


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
    results = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns]
    row: Any = cast(Any, namedtuple)("Row", [str(each.key) for each in columns])
    return Ready(
        text=str(compiled),
        ordered=_in_order(compiled.positiontup),
        fixed={str(name): each.value for name, each in values.items() if not each.required},
        binds={name: process for name, process in binds.items() if process},
        results=[(place, process) for place, process in enumerate(results) if process],
        named=partial(tuple.__new__, row),  # as many columns as names, always: both are of one statement
    )


def _in_order(names: Sequence[str] | None) -> Callable[[Mapping[str, object]], Sequence[object]] | None:
    if names is None:
        return None
    return itemgetter(*names) if len(names) > 1 else lambda found: [found[name] for name in names]


_START = (0, audit.GENESIS)
_LAST = Prepared(select(AuditSeal.position, AuditSeal.mac).order_by(AuditSeal.position.desc()).limit(1))
_FILLED = tuple(each.key for each in AuditRow.__table__.columns if each.key != "number")
_AUDIT = Prepared(insert(AuditRow), _FILLED)
# An audit row with its seal, as something that one statement can insert. All that is put in are names of columns.
_NAMES, _VALUES = ", ".join(_FILLED), ", ".join(f"NEW.{each}" for each in _FILLED)
_APPEND = f"INSERT INTO sealed_row VALUES ({', '.join('?' * (len(_FILLED) + 2))})"  # noqa: S608
_SETTING_UP = (
    # The row of a read outlives a crash of the process at once, and a power cut from the next write on: waiting
    # for the disk would make every read wait longer than all else together. Emptying the log waits for it too.
    "PRAGMA synchronous=NORMAL",
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA temp_store=MEMORY",
    f"CREATE TEMP VIEW sealed_row AS SELECT {_NAMES}, position, mac FROM audit_row JOIN audit_seal USING (number)",  # noqa: S608
    f"""CREATE TEMP TRIGGER sealed_row_added INSTEAD OF INSERT ON sealed_row BEGIN
        INSERT INTO audit_row ({_NAMES}) VALUES ({_VALUES});
        INSERT INTO audit_seal (position, number, mac) VALUES (NEW.position, last_insert_rowid(), NEW.mac);
    END""",  # noqa: S608
)
