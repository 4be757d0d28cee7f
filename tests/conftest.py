"""Fixtures: a real application on a real database for each test, its people, and clients that are signed in.

pytest-flask pushes one request context around each test; `g` and the database session would then outlive a client
call and a
second, anonymous call would still be signed in. `_push_request_context` is therefore replaced by nothing, and
tests/test_request_context.py would notice its return.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.domain.actors import Actor
from service.settings import Settings
from service.store import keyring, sign_ins
from service.store.base import db
from tests import builders
from tests.builders import House

pytest_plugins = ["tests.databases"]


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    return


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    return Settings(
        data_dir=data_dir,
        key_file=tmp_path / "keys" / "master.json",
        database_url=f"sqlite:///{data_dir / 'stepwell.sqlite3'}",
        argon2_memory_kib=1024,
        argon2_time_cost=1,
        testing=True,
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    keyring.create_file(settings.key_file)
    app = create_app(settings)
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


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
