"""Which connected systems read a case, and the two steps that change it.

Rule: each step is a page of its own that names the consequence for this very system.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.payload import Payload
from service.casework import system_links as casework
from service.errors import NotFound
from service.guard import current_actor, needs
from service.web.case_frame import tabs
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("system_links", __name__)


@page.get("/cases/<case_id>/systems")
@needs(Action.SYSTEM_READ)
def systems(case_id: str) -> Response:
    desk = casework.read_systems(current_actor(), case_id)
    return show(
        "pages/system_links/systems.html",
        task=f"Connected systems {desk.case.code}",
        case=desk.case,
        tabs_of_case=tabs(desk.case, "releases.releases"),
        systems=desk.systems,
        may_link=Action.SYSTEM_LINK in desk.case.may,
        may_unlink=Action.SYSTEM_UNLINK in desk.case.may,
    )


@page.get("/cases/<case_id>/systems/<client_id>/link")
@needs(Action.SYSTEM_LINK)
def link(case_id: str, client_id: str) -> Response:
    return _step("link", case_id, client_id)


@page.post("/cases/<case_id>/systems/<client_id>/link")
@needs(Action.SYSTEM_LINK)
@form_page(link)
def let_in(case_id: str, client_id: str) -> Response:
    read(Payload)
    casework.link_system(current_actor(), case_id, client_id)
    return done(_url(case_id), "Linked. It stands under What left.")


@page.get("/cases/<case_id>/systems/<client_id>/unlink")
@needs(Action.SYSTEM_UNLINK)
def unlink(case_id: str, client_id: str) -> Response:
    return _step("unlink", case_id, client_id)


@page.post("/cases/<case_id>/systems/<client_id>/unlink")
@needs(Action.SYSTEM_UNLINK)
@form_page(unlink)
def cut_off(case_id: str, client_id: str) -> Response:
    read(Payload)
    casework.unlink_system(current_actor(), case_id, client_id)
    return done(_url(case_id), "Cut off. It reads nothing of this case from now on.")


def _step(name: str, case_id: str, client_id: str) -> Response:
    desk = casework.read_systems(current_actor(), case_id)
    found = next((each for each in desk.systems if each.id == client_id), None)
    if found is None:
        raise NotFound
    return show(
        f"pages/system_links/{name}.html",
        task=f"Connected systems {desk.case.code}",
        case=desk.case,
        system=found,
        back_url=_url(case_id),
    )


def _url(case_id: str) -> str:
    return url_for("system_links.systems", case_id=case_id)
