"""A database that takes nothing any more (full disk): what is written outside a verb says so too.

Signing in, counting a failure, confirming identity, being seen and being refused all leave a row before any verb runs.
"""

import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, update
from werkzeug.test import TestResponse

from service.domain import clock
from service.domain.actors import Actor
from service.store.base import db
from service.store.sign_ins import SignInRow
from tests.builders import PASSWORD, House, email_of
from tests.web.markup import flaws

pytestmark = pytest.mark.usefixtures("published")

SignIn = Callable[[Actor], FlaskClient]
Ask = Callable[[FlaskClient, str], TestResponse]
UNKNOWN = ".".join(urlsafe_b64encode(each).decode().rstrip("=") for each in (b'{"alg":"RS384"}', b'{"iss":"x"}', b"x"))
ASKED = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "client_assertion": UNKNOWN,
    "scope": "system/Patient.rs",
}
PAGES: dict[str, Ask] = {
    "signing in": lambda client, email: client.post("/sign-in", data={"email": email, "password": PASSWORD}),
    "counting a failure": lambda client, email: client.post("/sign-in", data={"email": email, "password": "not this"}),
    "being seen": lambda client, _email: client.get("/people"),
    "being refused": lambda client, _email: client.get("/caseload"),
    "confirming": lambda client, _email: client.post("/step-up", data={"password": PASSWORD}),
    "failing to confirm": lambda client, _email: client.post("/step-up", data={"password": "not this"}),
}


@contextmanager
def refusing(app: Flask) -> Iterator[None]:
    """The driver says of whatever writes what it says when the disk is full."""
    with app.app_context():
        engine = db.engine
    full = sqlite3.OperationalError if engine.dialect.name == "sqlite" else psycopg.errors.DiskFull

    def refuse(_cursor: object, statement: str, _given: object, _context: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            raise full("database or disk is full")

    event.listen(engine, "do_execute", refuse)
    try:
        yield
    finally:
        event.remove(engine, "do_execute", refuse)


@pytest.fixture
def client(app: Flask, house: House, sign_in: SignIn) -> FlaskClient:
    """An administrator last seen two minutes ago, so that any page marks them as seen."""
    signed_in = sign_in(house.admin)
    with app.app_context():
        db.session.execute(update(SignInRow).values(last_seen_at=clock.now() - timedelta(minutes=2)))
        db.session.commit()
    return signed_in


@pytest.mark.parametrize("what", PAGES)
def test_a_page_says_that_nothing_was_saved(app: Flask, house: House, client: FlaskClient, what: str) -> None:
    with app.app_context():
        email = email_of(house.admin)
    with refusing(app):
        answer = PAGES[what](client, email)
    assert answer.status_code == 503
    assert "the database did not accept it" in answer.text
    assert flaws(answer.text) == []
    assert PAGES[what](client, email).status_code != 503


def test_a_connected_system_hears_the_same(app: Flask, house: House) -> None:
    client, bearer = app.test_client(), {"Authorization": f"Bearer {house.machine_token}"}
    with refusing(app):
        refused = client.post("/api/v1/cases", json={}, headers=bearer)
        token = client.post("/fhir/R4/auth/token", data=ASKED)
    assert (refused.status_code, token.status_code) == (503, 503)
    assert refused.content_type == "application/problem+json"
    assert client.post("/api/v1/cases", json={}, headers=bearer).status_code == 403
    assert client.post("/fhir/R4/auth/token", data=ASKED).status_code == 401
