"""The way to Alembic and Flask-Migrate. Only schema.py loads this module, by name, when revisions have to run."""

from pathlib import Path
from typing import cast

import alembic.command
import click
from alembic.config import Config
from flask import Flask
from flask_migrate import Migrate
from flask_migrate.cli import db as commands

from service.store.base import db

FOLDER = Path(__file__).with_name("migrations")


def upgrade(revision: str) -> None:
    alembic.command.upgrade(_config(), revision)


def downgrade(revision: str) -> None:
    alembic.command.downgrade(_config(), revision)


def group(app: Flask) -> click.Group:
    """`flask db ...`, for whoever writes the next revision."""
    Migrate(directory=str(FOLDER)).init_app(app, db)
    return cast(click.Group, commands)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
