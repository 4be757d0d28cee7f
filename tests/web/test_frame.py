"""Headers, problem pages, notices and the way back: what every page of the HTML edge shares."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain.actors import Actor
from service.errors import Conflict, Invalid, NotAllowed, NotFound, StepwellError, Unavailable, Why
from service.guard import public
from service.settings import Settings
from service.web import headers
from service.web.frame import local_path, static_prefix
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
FAILURES: list[tuple[Exception, int]] = [
    (NotFound(), 404),
    (NotAllowed("Your role does not allow this."), 403),
    (NotAllowed("Not in this state.", Why.STATE), 403),
    (NotAllowed("Too many.", Why.TOO_MANY), 429),
    (Conflict("It moved on."), 409),
    (Invalid("Not like this."), 422),
    (Unavailable("The disk is full."), 503),
    (RuntimeError("kept secret: Zoë"), 500),
]


def test_every_answer_carries_the_headers_that_close_the_page(browser: FlaskClient, house: House) -> None:
    for path in ("/sign-in", "/nowhere", "/", f"{static_prefix()}/app.css"):
        with browser.get(path) as response:
            found = response.headers
        policy = found["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert found["X-Content-Type-Options"] == "nosniff"
        assert found["Referrer-Policy"] == "no-referrer"
        assert found["Cross-Origin-Opener-Policy"] == "same-origin"
        assert found["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in found["Permissions-Policy"]


@pytest.mark.parametrize(("secure", "told"), [(True, "max-age=63072000; includeSubDomains"), (False, None)])
def test_browsers_are_held_to_encryption_where_there_is_some(
    settings: Settings, secure: bool, told: str | None
) -> None:
    bare = Flask("bare")
    bare.extensions["stepwell.settings"] = replace(settings, secure_cookies=secure)
    headers.register(bare)
    answer = bare.test_client().get("/")
    assert answer.headers.get("Strict-Transport-Security") == told
    assert answer.headers.getlist("Cache-Control") == ["no-store"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_pages_are_kept_nowhere_and_shipped_files_for_good(browser: FlaskClient, house: House) -> None:
    assert browser.get("/sign-in").headers["Cache-Control"] == "no-store"
    with browser.get(f"{static_prefix()}/app.css") as current, browser.get("/static/older/app.css") as older:
        assert "immutable" in current.headers["Cache-Control"]
        assert len(current.headers.getlist("Cache-Control")) == 1
        assert older.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["../edge.py", "..%2fedge.py", "vendor/../../edge.py"])
def test_only_shipped_files_are_served(browser: FlaskClient, house: House, name: str) -> None:
    assert browser.get(f"{static_prefix()}/{name}").status_code == 404


@pytest.mark.usefixtures("own_app")
@pytest.mark.parametrize(("failure", "status"), FAILURES, ids=lambda value: getattr(value, "message", str(value)))
def test_each_kind_of_failure_has_its_calm_page(
    app: Flask, browser: FlaskClient, house: House, failure: Exception, status: int
) -> None:
    @public("only in this test")
    def fails() -> str:
        raise failure

    app.add_url_rule("/fails", view_func=fails)
    response = browser.get("/fails")
    assert response.status_code == status
    assert flaws(response.text) == []
    assert (response.headers.get("Retry-After") == "900") == (status == 429)
    if isinstance(failure, StepwellError):
        assert failure.message in response.text
    else:
        assert "Zoë" not in response.text
        assert "quote" in response.text


def test_an_unknown_host_gets_no_page_of_ours(browser: FlaskClient, house: House) -> None:
    response = browser.get("/sign-in", base_url="http://evil.example")
    assert (response.status_code, response.mimetype) == (400, "text/plain")
    assert "evil" not in response.text


def test_a_refused_method_names_those_that_work(browser: FlaskClient, house: House) -> None:
    response = browser.delete("/sign-in")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_too_large_a_body_is_a_page_and_not_a_crash(app: Flask, browser: FlaskClient, house: House) -> None:
    limit = app.config["MAX_CONTENT_LENGTH"]
    response = browser.post("/sign-in", data={"email": "x" * (limit + 1)})
    assert response.status_code == 413
    assert flaws(response.text) == []


@pytest.mark.parametrize("path", ["/people", "/cases/1?x=2"])
def test_a_path_on_this_host_is_a_way_back(path: str) -> None:
    assert local_path(path) == path


def test_a_notice_is_told_once(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    changed = client.post("/account/password", data={"current": "plum river candle", "new": "willow harbour 7 kites"})
    assert changed.status_code == 303
    assert "Password changed" in client.get("/account").text
    assert "Password changed" not in client.get("/account").text


def test_the_navigation_holds_what_one_may_see(house: House, sign_in: SignIn) -> None:
    admin, therapist = sign_in(house.admin).get("/account").text, sign_in(house.therapist).get("/account").text
    assert ('href="/people"' in admin, 'href="/audit"' in admin, 'action="/find"' in admin) == (True, True, False)
    assert ('href="/people"' in therapist, 'href="/audit"' in therapist) == (False, False)
