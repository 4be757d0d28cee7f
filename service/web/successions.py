"""Ended accounts of clinicians, and who takes over what they left: named by one person, confirmed by another.

Rule: accounts only. No page here says whether an account left anything, how much, or what stayed.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.accounts import SuccessionSchema
from schemas.actions import Action
from service.casework import successions as casework
from service.guard import current_actor, needs
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("successions", __name__)


@page.get("/people/ended")
@needs(Action.PEOPLE_READ)
def ended() -> Response:
    found = casework.read_ended(current_actor())
    return show("pages/successions/ended.html", task="Ended accounts", accounts=found)


@page.get("/people/<account_id>/succession")
@needs(Action.SUCCESSION_ASK)
def new(account_id: str) -> Response:
    found = casework.read_choosing(current_actor(), account_id)
    return show("pages/successions/new.html", task="A new therapist", ended=found.ended, choices=found.choices)


@page.post("/people/<account_id>/succession")
@needs(Action.SUCCESSION_ASK)
@form_page(new)
def ask(account_id: str) -> Response:
    given = read(SuccessionSchema)
    casework.ask(current_actor(), account_id, given["successor_id"], given["reason"])
    return done(url_for("successions.ended"), "Asked. Another administrator or a supervisor finds it under Account.")


@page.get("/successions/<succession_id>")
@needs(Action.SUCCESSION_READ)
def succession(succession_id: str) -> Response:
    sheet = casework.read_succession(current_actor(), succession_id)
    return show("pages/successions/succession.html", task="A new therapist", sheet=sheet, found=sheet.succession)


@page.get("/successions/<succession_id>/confirm")
@page.get("/successions/<succession_id>/leave")
@needs(Action.SUCCESSION_READ)
def opened_anew(succession_id: str) -> Response:
    """Where the address of a step comes back to after identity was confirmed."""
    return succession(succession_id)


@page.post("/successions/<succession_id>/confirm")
@needs(Action.SUCCESSION_CONFIRM)
@form_page(succession)
def confirm(succession_id: str) -> Response:
    casework.confirm(current_actor(), succession_id)
    return done(url_for("account.account"), "Confirmed. Whatever could pass has passed.")


@page.post("/successions/<succession_id>/leave")
@needs(Action.SUCCESSION_LEAVE)
@form_page(succession)
def leave(succession_id: str) -> Response:
    casework.leave(current_actor(), succession_id)
    return done(url_for("account.account"), "Nothing passes. Somebody can be named anew.")
