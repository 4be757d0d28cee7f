"""Forms handed to the client. The client's own screen is no part of this edge."""

from dataclasses import dataclass

from flask import url_for

from schemas.actions import Action
from schemas.handovers import HandoverMadeRecord, HandoverRecord, HandoverSchema
from schemas.payload import Page
from service.api.routes import Given, Listed, Routes, asks, listed, takes
from service.casework import handovers
from service.casework.handovers import HandoverDraft
from service.domain.handovers import Handover
from service.guard import current_actor, needs

routes = Routes(
    "Handovers",
    "A form handed to the client on the practice's own device. Its code is told once; finished answers become a log.",
)


@dataclass(frozen=True)
class Told:
    """A hand-over, its code, and where the code is typed."""

    handover: Handover
    code: str
    address: str


@routes.get("/cases/<id:case_id>/handovers", HandoverRecord, many=True)
@needs(Action.HANDOVER_READ)
@asks(Page)
def list_handovers(asked: Given, case_id: str) -> Listed:
    """What was handed over on a case, newest first."""
    return listed(handovers.list_handovers(current_actor(), case_id), asked)


@routes.post("/cases/<id:case_id>/handovers", HandoverMadeRecord, status=201)
@needs(Action.HANDOVER_MAKE)
@takes(HandoverSchema)
def hand_over(given: Given, case_id: str) -> Told:
    """Make a code that opens one form, once, within half an hour."""
    made = handovers.hand_over(current_actor(), case_id, HandoverDraft(**given))
    return Told(made.handover, made.code, url_for("client_form.begin", _external=True))


@routes.get("/handovers/<id:handover_id>", HandoverRecord)
@needs(Action.HANDOVER_READ)
def read_handover(handover_id: str) -> Handover:
    """How one stands."""
    return handovers.read_handover(current_actor(), handover_id).handover


@routes.post("/handovers/<id:handover_id>/end", HandoverRecord)
@needs(Action.HANDOVER_END)
def end_handover(handover_id: str) -> Handover:
    """Call off a code, or close the client's screen; answers so far wait for review on the page of the hand-over."""
    return handovers.end_handover(current_actor(), handover_id)
