"""The network of a case: people by initials or nickname, with the two gates for paper.

Rule: it says what somebody could be asked for today, never what they are worth; how to reach them stays here.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.card_codes import PersonRole
from schemas.networks import NetworkPersonChangeSchema, NetworkPersonSchema
from schemas.payload import VersionOnly
from service.casework import networks as casework
from service.casework import records
from service.domain.networks import IDEAS, Person
from service.guard import current_actor, needs
from service.web.cards import card_page, cards_page
from service.web.cases import labels
from service.web.forms import form_page, read
from service.web.frame import done

page = Blueprint("networks", __name__)


@page.get("/cases/<case_id>/network")
@needs(Action.PLAN_READ)
def network(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.PLAN_READ)
    may, ideas = Action.NETWORK_WRITE in record.case.may, [words for _element, words in IDEAS]
    people = casework.people_of(record)
    return cards_page("networks/network", "Network", record, people=people, ideas=ideas, may_write=may)


@page.get("/cases/<case_id>/network/new")
@needs(Action.NETWORK_WRITE)
def new(case_id: str) -> Response:
    return _page(case_id, None)


@page.post("/cases/<case_id>/network/new")
@needs(Action.NETWORK_WRITE)
@form_page(new)
def add(case_id: str) -> Response:
    casework.add_person(current_actor(), case_id, _person(read(NetworkPersonSchema)))
    return _back(case_id)


@page.get("/cases/<case_id>/network/<person_id>")
@needs(Action.NETWORK_WRITE)
def person(case_id: str, person_id: str) -> Response:
    return _page(case_id, person_id)


@page.post("/cases/<case_id>/network/<person_id>")
@needs(Action.NETWORK_WRITE)
@form_page(person)
def save(case_id: str, person_id: str) -> Response:
    given = read(NetworkPersonChangeSchema)
    version = given.pop("version")
    casework.save_person(current_actor(), person_id, _person(given), version=version)
    return _back(case_id)


@page.post("/cases/<case_id>/network/<person_id>/away")
@needs(Action.NETWORK_WRITE)
@form_page(person)
def put_away(case_id: str, person_id: str) -> Response:
    casework.put_person_away(current_actor(), person_id, version=read(VersionOnly)["version"])
    return done(url_for("networks.network", case_id=case_id), "Put away. It stays in the record.")


def _page(case_id: str, person_id: str | None) -> Response:
    record = records.read_record(current_actor(), case_id, Action.NETWORK_WRITE)
    return card_page("networks/person", record, (Person, person_id), tasks=labels(PersonRole))


def _person(given: dict[str, object]) -> Person:
    return Person(**{**given, "asked_for": tuple(given["asked_for"])})  # type: ignore[arg-type]


def _back(case_id: str) -> Response:
    return done(url_for("networks.network", case_id=case_id), "Saved.")
