"""Taking data over from another system: choosing a file or asking its server, seeing what of it is new or differs,
taking over what was chosen.

Rule: nothing is stored before the choice. Between the two steps the file travels packed inside the form.
"""

from datetime import datetime

from flask import Blueprint, request, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.takeover_codes import Meeting
from schemas.takeovers import AskSchema, PackedSchema, SystemSchema
from service.casework import takeovers as casework
from service.casework.fetching import Gathered, ask_server
from service.casework.takeovers import Choice
from service.domain.takeovers import Offer, Visit
from service.errors import Invalid, Unavailable
from service.fhir.incoming.arrivals import read_arrivals
from service.guard import current_actor, needs
from service.web.case_frame import tabs
from service.web.forms import current_form, form_page, read
from service.web.frame import done, show
from service.web.packing import packed, unpacked

page = Blueprint("takeovers", __name__)
TONES = {Meeting.NEW: "part", Meeting.SAME: "quiet", Meeting.DIFFERS: "attention", Meeting.REFUSED: "closed"}


@page.get("/cases/<case_id>/import")
@needs(Action.RECORD_IMPORT)
def takeovers(case_id: str) -> Response:
    desk = casework.read_takeovers(current_actor(), case_id)
    return show(
        "pages/takeovers/takeovers.html",
        task=f"Take over {desk.case.code}",
        case=desk.case,
        tabs_of_case=tabs(desk.case, "cases.details"),
        taken=desk.taken,
        sources=desk.sources,
        source_choices=[(each.id, f"{each.name}, at {each.host}") for each in desk.sources],
    )


@page.post("/cases/<case_id>/import")
@needs(Action.RECORD_IMPORT)
@form_page(takeovers)
def look(case_id: str) -> Response:
    """The first step: what the file holds beside what is here."""
    system, file = read(SystemSchema)["system"], request.files.get("file")
    data = file.read() if file else b""
    if not data:
        raise Invalid("There is no file.", {"file": "Choose the file that the other system gave out."})
    return _shown(case_id, Gathered(data), system)


@page.post("/cases/<case_id>/import/server")
@needs(Action.RECORD_IMPORT)
@form_page(takeovers)
def ask(case_id: str) -> Response:
    """The first step without a file: what the server of a linked system holds."""
    given = read(AskSchema)
    try:
        found = ask_server(current_actor(), case_id, given["client_id"], given["number"])
    except Unavailable as error:
        raise Invalid(error.message, {"number": error.message}) from error
    return _shown(case_id, found.gathered, found.system, field="number")


def look_again(case_id: str) -> Response:
    """The second step once more, with what was wrong with it."""
    try:
        form = current_form()
        return _shown(case_id, Gathered(unpacked(form.value("packed"))), form.value("system"))
    except Invalid:
        return takeovers(case_id)


@page.get("/cases/<case_id>/import/server")
@page.get("/cases/<case_id>/import/take")
@needs(Action.RECORD_IMPORT)
def opened_anew(case_id: str) -> Response:
    """Where the address of the second step is opened once more."""
    return takeovers(case_id)


@page.post("/cases/<case_id>/import/take")
@needs(Action.RECORD_IMPORT)
@form_page(look_again)
def take(case_id: str) -> Response:
    given, actor = read(PackedSchema), current_actor()
    arrivals = read_arrivals(actor, unpacked(given["packed"]), given["system"])
    choice = Choice(given["system"], tuple(given["take"]), given["seen"])
    taken = casework.take_over(actor, case_id, arrivals, choice)
    return done(url_for("takeovers.takeovers", case_id=case_id), f"{len(taken)} taken over.")


def _shown(case_id: str, gathered: Gathered, system: str, *, field: str = "file") -> Response:
    actor, data = current_actor(), gathered.bundle
    try:
        looked = casework.look_at(actor, case_id, read_arrivals(actor, data, system))
    except Invalid as error:
        raise Invalid(error.message, {field: error.message}) from error
    return show(
        "pages/takeovers/look.html",
        task=f"Take over {looked.case.code}",
        case=looked.case,
        offers=[(each, TONES[each.meeting], _starts_at(each)) for each in looked.offers],
        any_left=any(each.can_be_taken for each in looked.offers),
        sent_along=[("packed", packed(data)), ("system", system), ("seen", looked.seen)],
        system=system,
        missing=gathered.missing,
        left_out=gathered.left_out,
    )


def _starts_at(offer: Offer) -> datetime | None:
    """When a session would begin, to be told on the clocks of the practice."""
    return offer.arrival.value.starts_at if isinstance(offer.arrival.value, Visit) else None
