"""Requests that another site started, or that carry no token of this sign-in, change nothing: on every unsafe route."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from service.domain.actors import Actor
from tests.builders import House
from tests.contracts.route_ids import PLAIN, UNKNOWN

SignIn = Callable[[Actor], FlaskClient]
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def unsafe_routes(app: Flask) -> list[tuple[str, str]]:
    """(method, address) of every route that could change something; ids are unknown ones."""
    adapter = app.url_map.bind("localhost")
    return [
        (method, adapter.build(rule.endpoint, _parts(rule), method=method))
        for rule in app.url_map.iter_rules()
        for method in sorted(UNSAFE & (rule.methods or set()))
        if getattr(app.view_functions[rule.endpoint], "__needs__", None)
    ]


def _parts(rule: Rule) -> dict[str, str]:
    return {name: PLAIN.get(name, UNKNOWN) for name in rule.arguments}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
    ids=["cross-site", "same-site", "other origin", "null origin", "no header"],
)
def test_what_another_site_started_is_refused_everywhere(
    app: Flask, house: House, sign_in: SignIn, headers: dict[str, str]
) -> None:
    client = sign_in(house.supervisor)
    del client.environ_base["HTTP_SEC_FETCH_SITE"]
    answers = {(m, path): client.open(path, method=m, headers=headers).status_code for m, path in unsafe_routes(app)}
    assert {where: status for where, status in answers.items() if status != 403} == {}


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_without_the_token_of_this_sign_in_is_refused_everywhere(
    app: Flask, house: House, sign_in: SignIn, token: str
) -> None:
    client = sign_in(house.supervisor)
    client.environ_base["HTTP_X_CSRF_TOKEN"] = token
    answers = {(m, path): client.open(path, method=m).status_code for m, path in unsafe_routes(app)}
    assert {where: status for where, status in answers.items() if status != 403} == {}


def test_the_token_of_another_sign_in_does_not_count(house: House, sign_in: SignIn) -> None:
    mine, theirs = sign_in(house.admin), sign_in(house.supervisor)
    mine.environ_base["HTTP_X_CSRF_TOKEN"] = theirs.environ_base["HTTP_X_CSRF_TOKEN"]
    assert mine.post("/lock").status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_nobody_is_signed_in_by_another_site(browser: FlaskClient, house: House, site: str) -> None:
    assert browser.post("/sign-in", headers={"Sec-Fetch-Site": site}).status_code == 403


def test_an_old_browser_is_known_by_its_origin(browser: FlaskClient, house: House) -> None:
    del browser.environ_base["HTTP_SEC_FETCH_SITE"]
    assert browser.post("/sign-in", headers={"Origin": "http://localhost"}).status_code == 422
