"""The network of a case."""

from collections.abc import Mapping

from schemas.actions import Action
from schemas.networks import NetworkPersonChangeSchema, NetworkPersonRecord, NetworkPersonSchema
from schemas.payload import Page, VersionOnly
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import networks, records
from service.casework.networks import KnownPerson
from service.domain.cards import Card
from service.domain.networks import Person
from service.guard import current_actor, needs

routes = Routes("Networks", "People around the client, by initials or nickname. How to reach them never leaves.")


@routes.get("/cases/<id:case_id>/network", NetworkPersonRecord, many=True)
@needs(Action.PLAN_READ)
@asks(Page)
def list_network(asked: Given, case_id: str) -> Listed:
    """The people in use, each with why they cannot be named on a printed copy."""
    record = records.read_record(current_actor(), case_id, Action.PLAN_READ)
    return listed([_shown(each) for each in networks.people_of(record)], asked)


@routes.post("/cases/<id:case_id>/network", NetworkPersonRecord, status=201)
@needs(Action.NETWORK_WRITE)
@takes(NetworkPersonSchema)
def add_person(given: Given, case_id: str) -> Card[Person]:
    """Add somebody."""
    return networks.add_person(current_actor(), case_id, _person(given))


@routes.put("/network/<id:person_id>", NetworkPersonRecord)
@needs(Action.NETWORK_WRITE)
@takes(NetworkPersonChangeSchema)
def save_person(given: Given, person_id: str) -> Card[Person]:
    """Replace what is known of somebody."""
    version = seen(given)
    return networks.save_person(current_actor(), person_id, _person(given), version=version)


@routes.post("/network/<id:person_id>/put-away", status=204)
@needs(Action.NETWORK_WRITE)
@takes(VersionOnly)
def put_person_away(given: Given, person_id: str) -> None:
    """Take somebody out of the network; what was kept stays in the record."""
    networks.put_person_away(current_actor(), person_id, version=seen(given))


def _person(given: Given) -> Person:
    return Person(**{**given, "asked_for": tuple(given["asked_for"])})


def _shown(known: KnownPerson) -> Mapping[str, object]:
    return {**vars(known.card), "why_not": known.gate.why_not}
