"""Responses that arrive filled in: several at once are kept all or none, and what was sent twice is kept once."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.actions import Action
from service.casework.crisis import check_current
from service.casework.gate import case_unit
from service.casework.instruments import usable
from service.casework.intakes import IntakeDraft, Place, keep
from service.domain.actors import Actor
from service.domain.intakes import Intake
from service.store import intakes
from service.store.transaction import Unit


@dataclass(frozen=True)
class Received:
    """`is_new` is false for a response that was there already."""

    intake: Intake
    is_new: bool


def receive_responses(actor: Actor, case_id: str, drafts: Sequence[IntakeDraft]) -> tuple[Received, ...]:
    """Keep responses of one client in one transaction. Raises Invalid naming the field, and then keeps none."""
    places = [Place(case_id, usable(actor, each.instrument_key)) for each in drafts]
    with case_unit(actor, Action.INTAKE_SUBMIT, case_id) as (unit, _row):
        check_current(actor.practice_id)
        return tuple(_once(unit, place, draft) for place, draft in zip(places, drafts, strict=True))


def _once(unit: Unit, place: Place, draft: IntakeDraft) -> Received:
    """The same form of the same client with the same time and answers is the same response."""
    for each in intakes.of_moment(place.case_id, draft.instrument_key, draft.authored_at):
        if each.answers == draft.answers:
            return Received(each, is_new=False)
    return Received(keep(unit, place, draft).intake, is_new=True)
