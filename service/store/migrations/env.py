"""Runs the revisions against the application's own database, in one transaction on either database.

SQLite can do DDL in a transaction once the driver no longer commits by itself (service/store/base.py), so a start
that is killed half-way leaves the old schema. Foreign keys rest while tables are rebuilt and are checked before the
commit.
"""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, MetaData, text

from service.store.base import POSTGRESQL_WHERE, Base, UtcDateTime, db

# One number for the whole product: two processes that start together take turns.
TURN = 5_716_391


def run() -> None:
    """Upgrade or downgrade on one connection. Raises RuntimeError when rows would point at nothing."""
    with db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        _rest_foreign_keys(connection, resting=sqlite)
        try:
            _migrate(connection)
        finally:
            _rest_foreign_keys(connection, resting=False)


def _migrate(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=_with_conditions(Base.metadata),
        compare_type=True,
        render_as_batch=sqlite,
        render_item=_in_plain_types,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if not sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        context.run_migrations()
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError("a revision left rows that point at nothing; nothing was changed")


def _with_conditions(metadata: MetaData) -> MetaData:
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        if POSTGRESQL_WHERE in index.info:
            index.dialect_kwargs[POSTGRESQL_WHERE] = index.info[POSTGRESQL_WHERE]
    return metadata


def _in_plain_types(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A revision never names the product's own types: it must still run when they have changed."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _rest_foreign_keys(connection: Connection, *, resting: bool) -> None:
    """Outside a transaction, where alone SQLite listens to this pragma."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA foreign_keys={'OFF' if resting else 'ON'}")


run()
