"""Who could see the record elsewhere: contact persons, relatives, who holds the insurance, who may look into a portal.

Rule: for whoever works on the case. A match says what two descriptions have in common and what to do, nothing more.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.payload import VersionOnly
from schemas.proxies import ConcernFormSchema, ProxyChangeSchema, ProxySchema
from schemas.proxy_codes import ProxyKind
from service.casework import proxies as casework
from service.domain.proxies import Concern, Proxy
from service.errors import NotFound
from service.guard import current_actor, needs
from service.web.case_frame import tabs
from service.web.cases import labels
from service.web.departures import words
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("proxies", __name__)


@page.get("/cases/<case_id>/elsewhere")
@needs(Action.PROXY_READ)
def proxies(case_id: str) -> Response:
    desk = casework.read_proxies(current_actor(), case_id)
    return show(
        "pages/proxies/proxies.html",
        task=f"Who could see it elsewhere {desk.case.code}",
        case=desk.case,
        tabs_of_case=tabs(desk.case, "exports.export"),
        desk=desk,
        known=[(each, words(each.matched)) for each in desk.proxies],
        may_write=Action.PROXY_WRITE in desk.case.may,
    )


@page.get("/cases/<case_id>/elsewhere/other-person")
@needs(Action.PROXY_WRITE)
def concern(case_id: str) -> Response:
    desk = casework.read_proxies(current_actor(), case_id, Action.PROXY_WRITE)
    stands = desk.concern.words if desk.concern else Concern()
    return show(
        "pages/proxies/concern.html",
        task=f"The other person {desk.case.code}",
        case=desk.case,
        stands=stands,
        version=desk.concern.version if desk.concern else 0,
    )


@page.post("/cases/<case_id>/elsewhere/other-person")
@needs(Action.PROXY_WRITE)
@form_page(concern)
def save_concern(case_id: str) -> Response:
    given = read(ConcernFormSchema)
    version = given.pop("version")
    casework.save_concern(current_actor(), case_id, Concern(**given), version=version)
    return done(url_for("proxies.proxies", case_id=case_id), "Saved and compared.")


@page.get("/cases/<case_id>/elsewhere/new")
@needs(Action.PROXY_WRITE)
def new(case_id: str) -> Response:
    return _form(case_id, None)


@page.post("/cases/<case_id>/elsewhere/new")
@needs(Action.PROXY_WRITE)
@form_page(new)
def add(case_id: str) -> Response:
    casework.add_proxy(current_actor(), case_id, Proxy(**read(ProxySchema)))
    return done(url_for("proxies.proxies", case_id=case_id), "Saved and compared.")


@page.get("/cases/<case_id>/elsewhere/<proxy_id>")
@needs(Action.PROXY_WRITE)
def proxy(case_id: str, proxy_id: str) -> Response:
    return _form(case_id, proxy_id)


@page.post("/cases/<case_id>/elsewhere/<proxy_id>")
@needs(Action.PROXY_WRITE)
@form_page(proxy)
def save(case_id: str, proxy_id: str) -> Response:
    given = read(ProxyChangeSchema)
    version = given.pop("version")
    casework.save_proxy(current_actor(), proxy_id, Proxy(**given), version=version)
    return done(url_for("proxies.proxies", case_id=case_id), "Saved and compared.")


@page.post("/cases/<case_id>/elsewhere/<proxy_id>/away")
@needs(Action.PROXY_WRITE)
@form_page(proxy)
def put_away(case_id: str, proxy_id: str) -> Response:
    casework.put_proxy_away(current_actor(), proxy_id, version=read(VersionOnly)["version"])
    return done(url_for("proxies.proxies", case_id=case_id), "Put away. It stays in the record.")


def _form(case_id: str, proxy_id: str | None) -> Response:
    desk = casework.read_proxies(current_actor(), case_id, Action.PROXY_WRITE)
    found = next((each for each in desk.proxies if each.card.id == proxy_id), None)
    if proxy_id and found is None:
        raise NotFound
    return show(
        "pages/proxies/proxy.html",
        task=f"Who could see it elsewhere {desk.case.code}",
        case=desk.case,
        known=found,
        stands=found.card.words if found else None,
        common=words(found.matched) if found else "",
        kinds=labels(ProxyKind),
    )
