"""Fixtures: a real application on a real database for each test, its people, and clients that are signed in.

The schema comes from the migrations, run once a session into a template that each test copies. STEPWELL_TEST_DATABASE
chooses where: `sqlite` (what you get without it), `postgres`, or `both`, which runs each test that uses the
application twice.

pytest-flask pushes one request context around each test; `g` and the database session would then outlive a client
call and a second, anonymous call would still be signed in. `_push_request_context` is therefore replaced by nothing,
and tests/test_request_context.py would notice its return.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.domain.actors import Actor
from service.settings import Settings
from service.store import keyring, schema, sign_ins
from service.store.base import db
from tests import builders
from tests.builders import House

if TYPE_CHECKING:
    from tests.databases import PostgresServer

pytest_plugins = ["tests.browsers", "tests.databases"]

DATABASES: dict[str, list[object]] = {
    "sqlite": ["sqlite"],
    "postgres": [pytest.param("postgres", marks=pytest.mark.postgres)],
    "both": ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
}


@dataclass(frozen=True)
class Database:
    """A migrated database of one test."""

    kind: str
    url: str


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses the application on the chosen databases; a browser does not care which one it is."""
    if "database_kind" in metafunc.fixturenames:
        chosen = os.environ.get("STEPWELL_TEST_DATABASE", "sqlite")
        browser = metafunc.definition.get_closest_marker("browser") is not None
        metafunc.parametrize("database_kind", DATABASES["sqlite" if browser else chosen])


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    return


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file that others are copied from."""
    folder = tmp_path_factory.mktemp("sqlite")
    file = folder / "template.sqlite3"
    migrate(settings_for(folder, folder / "no-key", f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> str:
    """The name of a migrated database that others are copied from."""
    name = f"template_{secrets.token_hex(4)}"
    folder = tmp_path_factory.mktemp("postgres")
    migrate(settings_for(folder, folder / "no-key", postgres_server.create(name)))
    return name


@pytest.fixture
def database_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def database(database_kind: str, database_folder: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A copy of the template, on the database that this run asks for."""
    if database_kind == "sqlite":
        file = database_folder / "stepwell.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield Database(database_kind, f"sqlite:///{file}")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"test_{secrets.token_hex(4)}"
    yield Database(database_kind, server.copy(request.getfixturevalue("postgres_template"), name))
    server.drop(name)


@pytest.fixture
def settings(tmp_path: Path, database: Database, database_folder: Path) -> Settings:
    return settings_for(database_folder, tmp_path / "keys" / "master.json", database.url)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    keyring.create_file(settings.key_file)
    app = create_app(settings)
    yield app
    close(app)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """An application context, for tests that call verbs without HTTP."""
    with app.app_context():
        yield app


@pytest.fixture
def house(app: Flask) -> House:
    with app.app_context():
        return builders.add_house()


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Actor], FlaskClient]:
    """A browser-like client signed in as the actor; sends what a browser sends on its own pages, and the form token."""

    def signed_in(actor: Actor) -> FlaskClient:
        with app.app_context():
            token = sign_ins.start(actor.user_id, "test")
            db.session.commit()
        client = app.test_client()
        client.set_cookie("stepwell", token, domain="localhost")
        client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        client.environ_base["HTTP_X_CSRF_TOKEN"] = form_token_of(app, token)
        return client

    return signed_in


def form_token_of(app: Flask, token: str) -> str:
    """What `guard.form_token` gives to the pages of this sign-in."""
    with app.test_request_context(headers={"Cookie": f"stepwell={token}"}):
        from_page = app.extensions["stepwell.form_token"]()
    return str(from_page)


def settings_for(data_dir: Path, key_file: Path, database_url: str) -> Settings:
    """Settings for a test: cheap password hashing, everything else as in production."""
    return Settings(
        data_dir=data_dir,
        key_file=key_file,
        database_url=database_url,
        argon2_memory_kib=1024,
        argon2_time_cost=1,
        testing=True,
    )


def migrate(settings: Settings) -> None:
    """Bring the database of these settings to the newest revision, and let go of it."""
    app = create_app(settings)
    with app.app_context():
        schema.upgrade()
    close(app)


def close(app: Flask) -> None:
    """Let go of every connection, so that the database can be copied or dropped."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
