"""Requests share nothing: the trap of tests/conftest.py, watched."""

from collections.abc import Callable

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from schemas.actions import Action
from service.domain.actors import Actor
from service.guard import needs, signed_in
from tests.builders import House


@pytest.mark.usefixtures("own_app")
def test_an_anonymous_call_after_a_signed_in_one_is_anonymous(
    app: Flask, house: House, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    seen: list[tuple[bool, list[str]]] = []

    def canary() -> str:
        before = sorted(g)
        seen.append((signed_in() is not None, before))
        return "seen"

    def guarded() -> str:
        return "mine"

    app.add_url_rule("/canary", view_func=canary)
    app.add_url_rule("/mine", view_func=needs(Action.ACCOUNT_READ)(guarded))
    client = sign_in(house.therapist)
    assert client.get("/mine").text == "mine"
    client.get("/canary")
    app.test_client().get("/canary")
    refused = app.test_client(use_cookies=False).get("/mine", environ_overrides={"HTTP_ACCEPT": "text/plain"})
    assert [state for state, _ in seen] == [True, False]
    assert [held for _, before in seen for held in before if held in ("actor", "standing")] == []
    assert refused.text != "mine"
