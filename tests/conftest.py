"""Fixtures: a real application on a real database for each test, its people, and clients that are signed in.

The schema comes from the migrations, run once a session into a template that each test copies; a test that asks for
`house` copies one in which the house already stands. The application is put together once for each kind of database and
lent from test to test, on the settings and the database of the test and without what the one before left in it; a test
that adds routes asks for an application of its own (`own_app`). STEPWELL_TEST_DATABASE chooses where: `sqlite` (what
you get without it), `postgres`, or `both`, which runs each test that uses the application twice.

A verb and a page must not need what is built after a commit, so tests/casework and tests/web do without (a third of
their time): FHIR data is built there once an export reads it, as it is in production when that building was late. A
test that looks at what is stored, or asks for it by its address, asks for `published`.

pytest-flask pushes one request context around each test; `g` and the database session would then outlive a client
call and a second, anonymous call would still be signed in. `_push_request_context` is therefore replaced by nothing,
and tests/test_request_context.py would notice its return.
"""

from __future__ import annotations

import contextlib
import gc
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Dialect, Engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from service.app import create_app
from service.casework.records import Record
from service.domain.actors import Actor
from service.settings import Settings
from service.store import instruments, keyring, schema, sign_ins
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.prepared import Shelf, place_of
from tests.reports import records

if TYPE_CHECKING:
    from tests.databases import PostgresServer

pytest_plugins = ["tests.browsers", "tests.databases"]

# A test that is slow on a busy machine has found nothing.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
# `./test fast` looks at fewer examples where a test asks for no number of its own; the whole run looks at all of them.
hypothesis.settings.register_profile("fast", hypothesis.settings.get_profile("any machine"), max_examples=20)
hypothesis.settings.load_profile("any machine")

DATABASES: dict[str, list[object]] = {
    "sqlite": ["sqlite"],
    "postgres": [pytest.param("postgres", marks=pytest.mark.postgres)],
    "both": ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
}

# Rooms in whose tests nothing is built after a commit, unless they ask for it.
UNPUBLISHED = frozenset({"casework", "web"})
# Rooms whose tests take a case that they begin with from a copy (tests/prepared.py).
COPIED = frozenset({"casework", "fhir", "web"})


@dataclass(frozen=True)
class Database:
    """A migrated database of one test."""

    kind: str
    url: str


@dataclass(frozen=True)
class Furnished:
    """A database to copy in which the house stands (file or name), the keys that open it, and who lives there."""

    database: str
    key_file: Path
    house: House


@event.listens_for(Engine, "connect")
def _wait_for_no_disk(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Nobody pulls the plug of a test: its database may be written late, as that of PostgreSQL here."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses the application on the chosen databases; a browser does not care which one it is."""
    if "database_kind" in metafunc.fixturenames:
        chosen = os.environ.get("STEPWELL_TEST_DATABASE", "sqlite")
        browser = metafunc.definition.get_closest_marker("browser") is not None
        metafunc.parametrize("database_kind", DATABASES["sqlite" if browser else chosen])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is allowed to take longest starts first, so that no process is left alone with it at the end."""
    items.sort(key=allowed_seconds, reverse=True)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: looking through it for garbage again and again took a fifth of
    all time.
    """
    gc.collect()
    gc.freeze()


def allowed_seconds(item: pytest.Item) -> float:
    """The timeout that a test asks for, 0 for the usual one."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else 0.0


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


@pytest.fixture(scope="session")
def sqlite_house(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Furnished:
    folder = tmp_path_factory.mktemp("sqlite-house")
    file = folder / "house.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return furnished(folder, str(file), f"sqlite:///{file}")


@pytest.fixture(scope="session")
def postgres_house(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, postgres_template: str
) -> Furnished:
    name = f"house_{secrets.token_hex(4)}"
    url = postgres_server.copy(postgres_template, name)
    return furnished(tmp_path_factory.mktemp("postgres-house"), name, url)


@pytest.fixture
def template(database_kind: str, request: pytest.FixtureRequest) -> Furnished | str:
    """What this test's database is copied from."""
    wanted = "house" if "house" in request.fixturenames else "template"
    found: Furnished | Path | str = request.getfixturevalue(f"{database_kind}_{wanted}")
    return found if isinstance(found, Furnished) else str(found)


@pytest.fixture
def database_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def database(
    database_kind: str, database_folder: Path, template: Furnished | str, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """A copy of the template, on the database that this run asks for."""
    source = template.database if isinstance(template, Furnished) else template
    if database_kind == "sqlite":
        file = database_folder / "stepwell.sqlite3"
        shutil.copyfile(source, file)
        yield Database(database_kind, f"sqlite:///{file}")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"test_{secrets.token_hex(4)}"
    yield Database(database_kind, server.copy(source, name))
    server.drop(name)


@pytest.fixture
def settings(tmp_path: Path, database: Database, database_folder: Path) -> Settings:
    return settings_for(database_folder, tmp_path / "keys" / "master.json", database.url)


@pytest.fixture
def own_app() -> None:
    """An application that nobody used before: no more routes can be added to one that has answered."""


@pytest.fixture
def published() -> None:
    """FHIR data is built right after each commit, as it is when Stepwell serves."""


@pytest.fixture(scope="session")
def kept_apps() -> dict[str, Flask]:
    """The application that is lent, by kind of database."""
    return {}


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def app(
    settings: Settings, database_kind: str, template: Furnished | str, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    if isinstance(template, Furnished):
        settings.key_file.parent.mkdir(mode=0o700)
        shutil.copy(template.key_file, settings.key_file)
    else:
        keyring.create_file(settings.key_file)
    instruments._definition.cache_clear()  # the same house in another database may hold another form of that name
    if "own_app" in request.fixturenames:
        app = create_app(settings)
        publish_if_wanted(app, request)
        yield app
        close(app)
        return
    kept: dict[str, Flask] = request.getfixturevalue("kept_apps")
    if database_kind not in kept:
        kept[database_kind] = lendable(settings)
    with lent(kept[database_kind], settings) as app:
        publish_if_wanted(app, request)
        if isinstance(template, Furnished) and database_kind == "sqlite" and request.path.parent.name in COPIED:
            file = Path(str(make_url(settings.database_url).database))
            app.extensions["tests.place"] = place_of(request.getfixturevalue("shelf"), file)
        yield app


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """An application context, for tests that call verbs without HTTP."""
    with app.app_context():
        yield app


@pytest.fixture
def house(app: Flask, template: Furnished | str) -> House:
    """The people of the house, who stand in this test's database."""
    assert isinstance(template, Furnished)
    return template.house


@pytest.fixture(scope="session")
def sqlite_record(tmp_path_factory: pytest.TempPathFactory, sqlite_house: Furnished) -> Record:
    folder = tmp_path_factory.mktemp("sqlite-record")
    file = folder / "record.sqlite3"
    shutil.copyfile(sqlite_house.database, file)
    return written(sqlite_house, folder, f"sqlite:///{file}")


@pytest.fixture(scope="session")
def postgres_record(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, postgres_house: Furnished
) -> Record:
    url = postgres_server.copy(postgres_house.database, f"record_{secrets.token_hex(4)}")
    return written(postgres_house, tmp_path_factory.mktemp("postgres-record"), url)


@pytest.fixture
def record(database_kind: str, request: pytest.FixtureRequest) -> Record:
    """The fixed record of tests/reports/records.py, written into and read from this kind of database once a session."""
    found: Record = request.getfixturevalue(f"{database_kind}_record")
    return found


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


def furnished(folder: Path, database: str, url: str) -> Furnished:
    """Build the house into the migrated database at `url`."""
    settings = settings_for(folder, folder / "keys" / "master.json", url)
    keyring.create_file(settings.key_file)
    app = create_app(settings)
    with app.app_context():
        house = builders.add_house()
    close(app)
    return Furnished(database, settings.key_file, house)


def written(furnished: Furnished, folder: Path, url: str) -> Record:
    """Write the fixed record into the furnished database at `url`."""
    app = create_app(settings_for(folder, furnished.key_file, url))
    with app.app_context():
        record = records.written(furnished.house.therapist)
    close(app)
    return record


def migrate(settings: Settings) -> None:
    """Bring the database of these settings to the newest revision, and let go of it."""
    app = create_app(settings)
    with app.app_context():
        schema.upgrade()
    close(app)


def lendable(settings: Settings) -> Flask:
    """An application whose engine connects to wherever its address points by then."""
    app = create_app(settings)
    with app.app_context():
        engine = db.engine

    def follow(dialect: Dialect, _record: object, arguments: list[object], options: dict[str, object]) -> None:
        arguments[:], found = dialect.create_connect_args(engine.url)
        options.update(found)

    event.listen(engine, "do_connect", follow)
    return app


@contextlib.contextmanager
def lent(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The application on the database and keys of one test; afterwards it is as it was."""
    extensions, config = dict(app.extensions), dict(app.config)
    app.extensions["stepwell.settings"] = settings
    with app.app_context():
        db.engine.url = make_url(settings.database_url)
    yield app
    close(app)
    for mine, before in ((app.extensions, extensions), (app.config, config)):
        mine.clear()
        mine.update(before)


def publish_if_wanted(app: Flask, request: pytest.FixtureRequest) -> None:
    """Take the alarm clock out of the application where nobody looks at what it would have built."""
    if request.path.parent.name in UNPUBLISHED and "published" not in request.fixturenames:
        del app.extensions["stepwell.waker"]


def close(app: Flask) -> None:
    """Let go of every connection, so that the database can be copied or dropped."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
