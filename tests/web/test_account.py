"""The own account: devices, password, sign-in codes."""

import re
from collections.abc import Callable

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from service.casework import accounts
from service.domain.actors import Actor
from service.web.devices import device_name
from tests.builders import PASSWORD, House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


def test_the_account_page_is_sound_and_shows_this_device(house: House, sign_in: SignIn) -> None:
    page = sign_in(house.therapist).get("/account")
    assert flaws(page.text) == []
    assert "This device" in page.text


def test_a_device_can_be_signed_out_from_another(house: House, sign_in: SignIn) -> None:
    lost, mine = sign_in(house.therapist), sign_in(house.therapist)
    other = re.search(r'name="id" value="([0-9a-f]{64})"', mine.get("/account").text)
    assert other is not None
    assert mine.post("/account/devices/end", data={"id": other[1]}).status_code == 303
    assert lost.get("/account").headers["Location"].startswith("/sign-in")
    assert mine.get("/account").status_code == 200


def test_a_device_of_somebody_else_cannot_be_signed_out(house: House, sign_in: SignIn) -> None:
    theirs, mine = sign_in(house.peer), sign_in(house.therapist)
    sign_in(house.peer)
    other = re.search(r'name="id" value="([0-9a-f]{64})"', theirs.get("/account").text)
    assert other is not None
    assert mine.post("/account/devices/end", data={"id": other[1]}).status_code == 404


def test_a_new_password_ends_the_other_devices(house: House, sign_in: SignIn) -> None:
    other, mine = sign_in(house.therapist), sign_in(house.therapist)
    mine.post("/account/password", data={"current": PASSWORD, "new": "willow harbour 7 kites"})
    assert mine.get("/account").status_code == 200
    assert other.get("/account").headers["Location"].startswith("/sign-in")


def test_a_wrong_current_password_keeps_nothing_that_was_typed(house: House, sign_in: SignIn) -> None:
    refused = sign_in(house.therapist).post(
        "/account/password", data={"current": "no", "new": "willow harbour 7 kites"}
    )
    assert refused.status_code == 422
    assert "not your current password" in refused.text
    assert "willow" not in refused.text
    assert flaws(refused.text) == []


def test_codes_are_on_once_one_was_typed(app: Flask, house: House, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    page = client.get("/account/codes")
    assert flaws(page.text) == []
    assert 'role="img"' in page.text
    secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', page.text)
    assert secret is not None
    wrong = client.post("/account/codes", data={"secret": secret[1], "code": "000000"})
    assert wrong.status_code == 422
    assert secret[1] in wrong.text
    right = client.post("/account/codes", data={"secret": secret[1], "code": pyotp.TOTP(secret[1]).now()})
    assert right.status_code == 303
    with app.app_context():
        person, _ = accounts.my_account(house.therapist)
    assert person.has_totp


def test_a_secret_that_we_did_not_show_is_refused(house: House, sign_in: SignIn) -> None:
    for made_up in ("plum river", "A" * 31, "0" * 32):
        refused = sign_in(house.therapist).post("/account/codes", data={"secret": made_up, "code": "123456"})
        assert refused.status_code == 422
        assert made_up not in refused.text


def test_a_device_is_named_coarsely() -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    assert device_name(firefox) == "Firefox on Windows"
    assert device_name("") == "Unknown browser"
