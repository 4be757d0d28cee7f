"""The schema of the database: bringing it up to date, and saying where it stands.

The revisions lie in migrations/versions and run in one transaction, so a start that is killed half-way changes nothing.
"""

from functools import cache
from pathlib import Path

import alembic.command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import Flask
from flask_migrate import Migrate

from service.store.base import db

FOLDER = Path(__file__).with_name("migrations")
NEWEST = "head"


def register(app: Flask) -> None:
    """Put `flask db ...` on the application, for whoever writes the next revision."""
    Migrate(directory=str(FOLDER)).init_app(app, db)


def upgrade(revision: str = NEWEST) -> None:
    """Bring the database of the running application up to `revision`."""
    alembic.command.upgrade(_config(), revision)


def downgrade(revision: str) -> None:
    alembic.command.downgrade(_config(), revision)


def revision() -> str | None:
    """Where the database stands; None for one without tables."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision that this version of the product needs."""
    return str(_scripts().get_current_head())


def revisions() -> list[str]:
    """All revisions, oldest first."""
    return [each.revision for each in reversed(list(_scripts().walk_revisions()))]


def known(revision_id: str) -> bool:
    """Whether this version of the product has heard of a revision (a newer version may have made it)."""
    try:
        return _scripts().get_revision(revision_id) is not None
    except CommandError:
        return False


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
