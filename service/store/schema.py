"""The schema of the database: bringing it up to date, and saying where it stands.

The revisions lie in migrations/versions as NNNN_words.py and run in one transaction, so a start that is killed half-way
changes nothing. Alembic is loaded when one must really run: it costs 11 MB, which a server process seldom needs.
"""

import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import inspect, text

from service.store.base import db

VERSIONS = Path(__file__).parent / "migrations" / "versions"
VERSION_TABLE = "alembic_version"
NEWEST = "head"
NOTHING = "base"


class RevisionCommands(click.Group):
    """`flask db`: Flask-Migrate's own commands, loaded when somebody asks for them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return self._own(ctx).list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self._own(ctx).get_command(ctx, cmd_name)

    def _own(self, ctx: click.Context) -> click.Group:
        found: click.Group = _migrator().group(ctx.ensure_object(ScriptInfo).load_app())
        return found


def register(app: Flask) -> None:
    """Put `flask db ...` on the application."""
    app.cli.add_command(RevisionCommands("db", help="Write and run revisions of the schema."))


def upgrade(revision_id: str = NEWEST) -> None:
    """Bring the database of the running application up to `revision_id`."""
    if revision() != (newest() if revision_id == NEWEST else revision_id):
        _migrator().upgrade(revision_id)


def downgrade(revision_id: str) -> None:
    """Take the database back to an older revision, or to NOTHING."""
    _migrator().downgrade(revision_id)


def revision() -> str | None:
    """Where the database stands; None for one without tables."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def newest() -> str:
    """The revision that this version of the product needs."""
    return revisions()[-1]


@cache
def revisions() -> tuple[str, ...]:
    """All revisions, oldest first."""
    found = (re.match(r"\d{4}", file.name) for file in VERSIONS.glob("*.py"))
    return tuple(sorted(each[0] for each in found if each))


def known(revision_id: str) -> bool:
    """Whether this version of the product has heard of a revision (a newer version may have made it)."""
    return revision_id in revisions()


def _migrator() -> Any:
    return importlib.import_module("service.store.migrator")
