"""The network of a case: people with their gates."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.actions import Action
from service.casework.cards import add_card, change_card, put_away
from service.casework.records import Record
from service.domain.actors import Actor
from service.domain.cards import Card
from service.domain.intakes import Intake
from service.domain.networks import Gate, Person, check_of, gate_of


@dataclass(frozen=True)
class KnownPerson:
    """Somebody of the network, with their newest person check and what it says about paper."""

    card: Card[Person]
    check: Intake | None
    gate: Gate


def add_person(actor: Actor, case_id: str, person: Person) -> Card[Person]:
    return add_card(actor, Action.NETWORK_WRITE, case_id, person)


def save_person(actor: Actor, person_id: str, person: Person, *, version: int) -> Card[Person]:
    return change_card(actor, Action.NETWORK_WRITE, person_id, person, version=version)


def put_person_away(actor: Actor, person_id: str, *, version: int) -> None:
    put_away(actor, Action.NETWORK_WRITE, person_id, Person, version=version)


def people_of(record: Record) -> Sequence[KnownPerson]:
    """The people in use, each with their gate."""
    return [_known(each, record.intakes) for each in record.cards_of(Person)]


def _known(card: Card[Person], intakes: Sequence[Intake]) -> KnownPerson:
    check = check_of(card.words, intakes)
    return KnownPerson(card, check, gate_of(card.words, check))
