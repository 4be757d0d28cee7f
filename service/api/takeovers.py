"""Taking data over from another system's Bundle, or from its server."""

from collections.abc import Mapping, Sequence

from schemas.actions import Action
from schemas.payload import Page
from schemas.takeovers import (
    ArrivalRecord,
    ArrivalSchema,
    AskSchema,
    FetchedRecord,
    OfferRecord,
    TakeoverRecord,
    TakeSchema,
)
from service.api.routes import Given, Listed, Routes, asks, listed, takes
from service.casework import takeovers
from service.casework.fetching import ask_server
from service.casework.takeovers import Choice
from service.domain.takeovers import Offer
from service.fhir.incoming.arrivals import read_arrivals
from service.guard import current_actor, needs

routes = Routes(
    "Takeovers",
    "What another system holds about a client, laid beside what is here and taken over by choice: the details of the "
    "Patient, contact persons, RelatedPerson, Coverage, Practitioner, booked Appointments and QuestionnaireResponses.",
)


@routes.get("/cases/<id:case_id>/takeovers", TakeoverRecord, many=True)
@needs(Action.RECORD_IMPORT)
@asks(Page)
def list_taken(asked: Given, case_id: str) -> Listed:
    """Everything that was taken over: from which system, when and by whom."""
    return listed(takeovers.read_takeovers(current_actor(), case_id).taken, asked)


@routes.post("/cases/<id:case_id>/takeovers/look", ArrivalRecord)
@needs(Action.RECORD_IMPORT)
@takes(ArrivalSchema)
def look_at_bundle(given: Given, case_id: str) -> Mapping[str, object]:
    """What a Bundle holds beside what is here; nothing is stored. One Patient a Bundle, and that of this client."""
    actor = current_actor()
    looked = takeovers.look_at(actor, case_id, read_arrivals(actor, given["bundle"].encode(), given["system"]))
    return {"seen": looked.seen, "offers": [_told(each) for each in looked.offers]}


@routes.post("/cases/<id:case_id>/takeovers/fetch", FetchedRecord)
@needs(Action.RECORD_IMPORT)
@takes(AskSchema)
def look_on_server(given: Given, case_id: str) -> Mapping[str, object]:
    """What the server of a linked system holds about this client, beside what is here; nothing is stored."""
    actor = current_actor()
    found = ask_server(actor, case_id, given["client_id"], given["number"])
    gathered = found.gathered
    data = gathered.bundle
    looked = takeovers.look_at(actor, case_id, read_arrivals(actor, data, found.system))
    told = {"system": found.system, "bundle": data.decode(), "missing": gathered.missing, "left_out": gathered.left_out}
    return {"seen": looked.seen, "offers": [_told(each) for each in looked.offers], **told}


@routes.post("/cases/<id:case_id>/takeovers", OfferRecord, many=True, status=201)
@needs(Action.RECORD_IMPORT)
@takes(TakeSchema)
def take_over(given: Given, case_id: str) -> Sequence[Mapping[str, object]]:
    """Take over what was chosen, all or none. `take` names places as they were shown."""
    actor = current_actor()
    arrivals = read_arrivals(actor, given["bundle"].encode(), given["system"])
    choice = Choice(given["system"], tuple(given["take"]), given["seen"])
    return [_told(each) for each in takeovers.take_over(actor, case_id, arrivals, choice)]


def _told(offer: Offer) -> Mapping[str, object]:
    return {**vars(offer.arrival), **vars(offer)}
