"""The own account: signed-in devices, password, sign-in codes."""

import re

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.accounts import DeviceEndSchema, PasswordChangeSchema, TotpSchema
from schemas.actions import Action
from service.casework import accounts, resets
from service.domain.access import role_may
from service.domain.accounts import PASSWORD_LONGEST, PASSWORD_SHORTEST
from service.guard import current_actor, needs
from service.web.forms import current_form, form_page, read
from service.web.frame import done, show
from service.web.people import issued
from service.web.qr import picture

page = Blueprint("account", __name__)


@page.get("/account")
@needs(Action.ACCOUNT_READ)
def account() -> Response:
    person, devices = accounts.my_account(current_actor())
    matters = resets.my_matters(current_actor())
    return show(
        "pages/account/account.html",
        task="Account",
        person=person,
        job=person.role.label,
        devices=devices,
        matters=matters,
        supervised=role_may(Action.SUPERVISION_LIST, person.role),
    )


@page.post("/account/resets/<reset_id>/grant")
@needs(Action.RESET_GRANT)
@form_page(lambda reset_id: account())
def grant_reset(reset_id: str) -> Response:
    reset, token = resets.grant_reset(current_actor(), reset_id)
    return issued(reset.name, token, "Reset link")


@page.post("/account/resets/<reset_id>/refuse")
@needs(Action.RESET_REFUSE)
@form_page(lambda reset_id: account())
def refuse_reset(reset_id: str) -> Response:
    resets.refuse_reset(current_actor(), reset_id)
    return done(url_for("account.account"), "Refused. No link was made.")


@page.post("/account/resets/seen")
@needs(Action.RESET_SEEN)
def take_note() -> Response:
    resets.take_note(current_actor())
    return done(url_for("account.account"), "Noted.")


@page.post("/account/supervision/<account_id>/agree")
@needs(Action.SUPERVISION_ANSWER)
@form_page(lambda account_id: account())
def agree_supervision(account_id: str) -> Response:
    resets.answer_supervision(current_actor(), account_id, agree=True)
    return done(url_for("account.account"), "Agreed. Your cases can be read by your supervisor from now on.")


@page.post("/account/supervision/<account_id>/decline")
@needs(Action.SUPERVISION_ANSWER)
@form_page(lambda account_id: account())
def decline_supervision(account_id: str) -> Response:
    resets.answer_supervision(current_actor(), account_id, agree=False)
    return done(url_for("account.account"), "Declined. Nobody can read your cases by this.")


@page.post("/account/devices/end")
@needs(Action.SESSIONS_END)
@form_page(account)
def end_device() -> Response:
    accounts.end_sign_in(current_actor(), read(DeviceEndSchema)["id"])
    return done(url_for("account.account"), "The device is signed out.")


@page.get("/account/password")
@needs(Action.PASSWORD_SET)
def password() -> Response:
    shortest, longest = PASSWORD_SHORTEST, PASSWORD_LONGEST
    return show("pages/account/password.html", task="Change password", shortest=shortest, longest=longest)


@page.post("/account/password")
@needs(Action.PASSWORD_SET)
@form_page(password)
def set_password() -> Response:
    given = read(PasswordChangeSchema)
    accounts.set_password(current_actor(), given["current"], given["new"])
    return done(url_for("account.account"), "Password changed. All your other devices are signed out.")


@page.get("/account/codes")
@needs(Action.TOTP_ENROL)
def codes() -> Response:
    shown = current_form().value("secret")
    secret = shown if accounts.is_totp_secret(shown) else accounts.start_totp(current_actor())
    address = accounts.totp_uri(secret)
    groups = " ".join(re.findall(".{1,4}", secret))
    return show(
        "pages/account/codes.html", task="Sign-in codes", secret=secret, groups=groups, picture=picture(address)
    )


@page.post("/account/codes")
@needs(Action.TOTP_ENROL)
@form_page(codes)
def confirm_codes() -> Response:
    given = read(TotpSchema)
    accounts.confirm_totp(current_actor(), given["secret"], given["code"])
    return done(url_for("account.account"), "Sign-in codes are on. From now on signing in asks for one.")
