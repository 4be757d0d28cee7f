"""Signing in: one answer for every refusal, links that work once, sign-ins that end when they should."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from schemas.vocabulary import LinkKind
from service.casework import accounts
from service.domain import clock
from service.domain.actors import Actor
from service.store import accounts as account_store
from service.store.base import db
from tests.builders import PASSWORD, House, email_of
from tests.web.conftest import form_token_on
from tests.web.markup import flaws

Enter = Callable[..., TestResponse]
SignIn = Callable[[Actor], FlaskClient]
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def issue(app: Flask, actor: Actor, kind: LinkKind) -> str:
    with app.app_context():
        token = account_store.issue_link(actor.user_id, kind)
        db.session.commit()
        return token


def turn_codes_on(app: Flask, actor: Actor) -> str:
    with app.app_context():
        secret = pyotp.random_base32()
        accounts.confirm_totp(actor, secret, pyotp.TOTP(secret).at(clock.now() - timedelta(seconds=30)))
        return secret


def test_the_right_details_lead_to_the_first_page(browser: FlaskClient, house: House, enter: Enter) -> None:
    response = enter(browser, house.admin)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert browser.get("/").headers["Location"] == "/people"


def test_signing_in_leads_back_to_where_one_wanted_to_go(app: Flask, browser: FlaskClient, house: House) -> None:
    assert browser.get("/people?x=1").headers["Location"] == "/sign-in?next=/people?x%3D1"
    with app.app_context():
        given = {"email": email_of(house.admin), "password": PASSWORD, "code": ""}
    assert browser.post("/sign-in?next=/people", data=given).headers["Location"] == "/people"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1", "/a\nb"]
)
def test_nobody_is_led_to_another_host(app: Flask, browser: FlaskClient, house: House, elsewhere: str) -> None:
    with app.app_context():
        given = {"email": email_of(house.admin), "password": PASSWORD, "code": ""}
    response = browser.post("/sign-in", query_string={"next": elsewhere}, data=given)
    assert response.headers["Location"] == "/"


def test_every_refusal_reads_alike(app: Flask, browser: FlaskClient, house: House, enter: Enter) -> None:
    turn_codes_on(app, house.peer)
    refusals = {
        "unknown": enter(browser, house.admin, email="nobody@linden.example"),
        "wrong password": enter(browser, house.admin, password="not this one at all"),
        "wrong code": enter(browser, house.peer, code="000000"),
        "no code": enter(browser, house.peer),
    }
    for _ in range(8):
        enter(browser, house.therapist, password="not this one at all")
    locked = enter(browser, house.therapist)
    typed = re.compile(r'value="[^"]*@[^"]*"')
    bodies = {typed.sub("", response.text) for response in (*refusals.values(), locked)}
    assert len(bodies) == 1
    assert {response.status_code for response in refusals.values()} == {422}
    assert (locked.status_code, locked.headers["Retry-After"]) == (429, "900")
    assert flaws(locked.text) == []


def test_guessing_slows_down_unknown_addresses_too(browser: FlaskClient, house: House, enter: Enter) -> None:
    tries = [enter(browser, house.admin, email="nobody@linden.example").status_code for _ in range(9)]
    assert tries == [422] * 8 + [429]


def test_a_code_counts_once(app: Flask, browser: FlaskClient, house: House, enter: Enter) -> None:
    secret = turn_codes_on(app, house.peer)
    code = pyotp.TOTP(secret).now()
    assert enter(browser, house.peer, code=code).status_code == 303
    assert enter(browser, house.peer, code=code).status_code == 422


def test_a_token_planted_before_signing_in_is_worth_nothing(browser: FlaskClient, house: House, enter: Enter) -> None:
    browser.set_cookie("stepwell", "planted", domain="localhost")
    enter(browser, house.admin)
    cookie = browser.get_cookie("stepwell", domain="localhost")
    assert cookie is not None
    assert cookie.value != "planted"
    browser.set_cookie("stepwell", "planted", domain="localhost")
    assert browser.get("/people").headers["Location"].startswith("/sign-in")


def test_signing_in_again_ends_the_sign_in_of_this_browser(browser: FlaskClient, house: House, enter: Enter) -> None:
    enter(browser, house.admin)
    first = browser.get_cookie("stepwell", domain="localhost")
    enter(browser, house.admin)
    assert first is not None
    browser.set_cookie("stepwell", first.value, domain="localhost")
    assert browser.get("/people").headers["Location"].startswith("/sign-in")


def test_the_cookie_cannot_be_read_by_script_or_sent_from_elsewhere(
    browser: FlaskClient, house: House, enter: Enter
) -> None:
    cookie = enter(browser, house.admin).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_a_cookie_kept_from_before_signing_out_is_worth_nothing(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    kept = client.get_cookie("stepwell", domain="localhost")
    assert kept is not None
    left = client.post("/sign-out")
    assert left.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    client.set_cookie("stepwell", kept.value, domain="localhost")
    assert client.get("/people").headers["Location"].startswith("/sign-in")


def test_looking_at_a_link_does_not_use_it_up(app: Flask, browser: FlaskClient, house: House) -> None:
    token = issue(app, house.admin, LinkKind.SIGN_IN)
    pages = [browser.get(f"/link/{token}") for _ in range(3)]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert flaws(pages[0].text) == []
    assert "Marta" not in pages[0].text
    assert browser.post(f"/link/{token}").status_code == 303
    assert browser.get("/people").status_code == 200


def test_a_link_works_once(app: Flask, browser: FlaskClient, house: House) -> None:
    token = issue(app, house.admin, LinkKind.SIGN_IN)
    assert browser.post(f"/link/{token}").status_code == 303
    again = browser.post(f"/link/{token}")
    assert again.status_code == 404
    assert "used already" in again.text
    assert browser.get("/link/never-was").data == browser.get(f"/link/{token}").data


def test_a_link_runs_out(app: Flask, browser: FlaskClient, house: House) -> None:
    with time_machine.travel(NOON) as time:
        token = issue(app, house.admin, LinkKind.RESET)
        time.shift(timedelta(hours=1))
        assert browser.get(f"/link/{token}").status_code == 404


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short", "at least 12"),
        ("password password", "very common"),
        ("aaaaaaaaaaaaaaaa", "more different"),
        ("marta and the river", "your own name"),
        ("x y z " * 23, "at most 128"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_stays(
    app: Flask, browser: FlaskClient, house: House, password: str, problem: str
) -> None:
    token = issue(app, house.admin, LinkKind.RESET)
    refused = browser.post(f"/link/{token}", data={"password": password})
    assert refused.status_code == 422
    assert problem in refused.text
    assert password not in refused.text
    assert flaws(refused.text) == []
    assert browser.post(f"/link/{token}", data={"password": "willow harbour 7 kites"}).status_code == 303


def test_a_reset_signs_out_every_other_device(app: Flask, house: House, browser: FlaskClient, sign_in: SignIn) -> None:
    other = sign_in(house.admin)
    token = issue(app, house.admin, LinkKind.RESET)
    browser.post(f"/link/{token}", data={"password": "willow harbour 7 kites"})
    assert browser.get("/people").status_code == 200
    assert other.get("/people").headers["Location"].startswith("/sign-in")


def test_ten_idle_minutes_lock_the_screen(house: House, sign_in: SignIn) -> None:
    with time_machine.travel(NOON) as time:
        client = sign_in(house.admin)
        time.shift(timedelta(minutes=9, seconds=59))
        assert client.get("/people").status_code == 200
        time.shift(timedelta(minutes=10))
        assert client.get("/people").headers["Location"] == "/unlock?next=/people"
        wrong = client.post("/unlock?next=/people", data={"password": "not this one at all"})
        assert wrong.status_code == 422
        opened = client.post("/unlock?next=/people", data={"password": PASSWORD})
        assert opened.headers["Location"] == "/people"
        assert client.get("/people").status_code == 200


def test_half_an_idle_hour_ends_the_sign_in(house: House, sign_in: SignIn) -> None:
    with time_machine.travel(NOON) as time:
        client = sign_in(house.admin)
        time.shift(timedelta(minutes=30))
        assert client.get("/people").headers["Location"].startswith("/sign-in")


def test_twelve_hours_end_even_a_busy_sign_in(house: House, sign_in: SignIn) -> None:
    with time_machine.travel(NOON) as time:
        client = sign_in(house.admin)
        for _ in range(12 * 12 - 1):
            time.shift(timedelta(minutes=5))
            assert client.get("/people").status_code == 200
        time.shift(timedelta(minutes=5))
        assert client.get("/people").headers["Location"].startswith("/sign-in")


def test_a_locked_screen_shows_nothing_and_lets_one_leave(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    assert client.post("/lock?next=/audit").headers["Location"] == "/unlock?next=/audit"
    page = client.get("/unlock?next=/audit")
    assert flaws(page.text) == []
    assert client.get("/audit").status_code == 303
    assert client.post("/sign-out").headers["Location"] == "/sign-in"


def test_guessing_at_the_lock_ends_every_sign_in(house: House, sign_in: SignIn) -> None:
    client, other = sign_in(house.admin), sign_in(house.admin)
    client.post("/lock")
    for _ in range(8):
        assert client.post("/unlock", data={"password": "not this one at all"}).status_code == 422
    assert client.post("/unlock", data={"password": PASSWORD}).headers["Location"].startswith("/sign-in")
    assert other.get("/people").headers["Location"].startswith("/sign-in")


def test_a_stale_confirmation_is_asked_for_again_and_changes_the_token(house: House, sign_in: SignIn) -> None:
    with time_machine.travel(NOON) as time:
        client = sign_in(house.admin)
        time.shift(timedelta(minutes=5))
        assert client.get("/people/invite").headers["Location"] == "/step-up?next=/people/invite"
        page = client.get("/step-up?next=/people/invite")
        assert flaws(page.text) == []
        before = client.get_cookie("stepwell", domain="localhost")
        confirmed = client.post("/step-up?next=/people/invite", data={"password": PASSWORD})
        after = client.get_cookie("stepwell", domain="localhost")
        assert confirmed.headers["Location"] == "/people/invite"
        assert before is not None
        assert after is not None
        assert before.value != after.value
        assert client.get("/people/invite").status_code == 200
        client.set_cookie("stepwell", before.value, domain="localhost")
        assert client.get("/people").headers["Location"].startswith("/sign-in")


def test_a_signed_in_page_carries_the_token_that_its_forms_need(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    token = form_token_on(client.get("/people"))
    assert token == client.environ_base["HTTP_X_CSRF_TOKEN"]
