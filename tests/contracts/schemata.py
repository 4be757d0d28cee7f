"""The whole schema of a database as a comparable value, with the checks and conditions that generation overlooks."""

import re

from sqlalchemy import Connection, text

VERSION_TABLE = "alembic_version"
Schema = dict[str, list[str]]

_POSTGRES = {
    "columns": """
        SELECT table_name, table_name || '.' || column_name || ' ' || data_type || coalesce('(' ||
        character_maximum_length || ')', '') || ' null=' || is_nullable || ' default=' || coalesce(column_default, '')
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT relname, conname || ' ' || pg_get_constraintdef(c.oid)
        FROM pg_constraint c JOIN pg_class t ON t.oid = conrelid WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


def schema_of(connection: Connection) -> Schema:
    """Every column, constraint and index, by kind."""
    found = _sqlite(connection) if connection.dialect.name == "sqlite" else _postgres(connection)
    return {kind: sorted(line for table, line in lines if table != VERSION_TABLE) for kind, lines in found.items()}


def tables_of(connection: Connection) -> set[str]:
    return {line.split(".")[0] for line in schema_of(connection)["columns"]}


def triggers_of(connection: Connection) -> set[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    return set(connection.scalars(text(query)))


def _postgres(connection: Connection) -> dict[str, list[tuple[str, str]]]:
    return {kind: [(row[0], row[1]) for row in connection.execute(text(query))] for kind, query in _POSTGRES.items()}


def _sqlite(connection: Connection) -> dict[str, list[tuple[str, str]]]:
    """SQLite keeps the words of each CREATE; a table's are cut into its columns and constraints."""
    rows = connection.execute(
        text("SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    ).all()
    parts = [(table, part) for kind, table, words in rows if kind == "table" for part in _parts(_plain(words))]
    return {
        "columns": [(table, f"{table}.{part}") for table, part in parts if not part.startswith("CONSTRAINT")],
        "constraints": [(table, f"{table} {part}") for table, part in parts if part.startswith("CONSTRAINT")],
        "indexes": [(table, _plain(words)) for kind, table, words in rows if kind == "index"],
    }


def _plain(words: str) -> str:
    return re.sub(r"\s+", " ", words.replace('"', "")).strip()


def _parts(words: str) -> list[str]:
    """The entries between the outer brackets of CREATE TABLE, cut at commas that stand in no inner bracket."""
    inside = words[words.index("(") + 1 : words.rindex(")")]
    found, depth, start = [], 0, 0
    for place, letter in enumerate(inside):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            found.append(inside[start:place].strip())
            start = place + 1
    return [*found, inside[start:].strip()]
