"""What the tests of pages share: a browser-like client that is not signed in, and reading tokens out of pages."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.domain.actors import Actor
from tests.builders import PASSWORD, email_of


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """Sends what a browser sends from our own pages."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


@pytest.fixture
def enter(app: Flask) -> Callable[..., TestResponse]:
    """Post the sign-in form as somebody; what is given by keyword replaces what is right."""

    def entered(client: FlaskClient, actor: Actor, **changes: str) -> TestResponse:
        with app.app_context():
            email = email_of(actor)
        return client.post("/sign-in", data={"email": email, "password": PASSWORD, "code": "", **changes})

    return entered


def form_token_on(response: TestResponse) -> str:
    """The hidden token of the forms on a page."""
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', response.text)
    assert found is not None, "the page has no form"
    return found[1]
