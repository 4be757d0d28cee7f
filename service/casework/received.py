"""Responses that arrive filled in: several at once are kept all or none, and what was sent twice is kept once.

Rule: a connected system needs its own scope, names each response, and sends only what a client may fill in alone; what
it named stays beside what it became. It sends so many within a quarter of an hour, in all and for one client, counted
before the case is looked for. Events open as for a form at the screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.actions import Action
from schemas.takeover_codes import OutsideType
from schemas.vocabulary import Role
from service.casework.crisis import check_current
from service.casework.gate import case_unit, check_scope
from service.casework.instruments import usable
from service.casework.intakes import IntakeDraft, Place, keep
from service.domain.actors import Actor
from service.domain.handovers import may_be_sent
from service.domain.intakes import Intake
from service.domain.scopes import CREATE, WRITTEN
from service.domain.takeovers import Arrival
from service.errors import Conflict, Invalid, NotAllowed, Why
from service.store import accounts, intakes, outside_records, sign_ins
from service.store.base import db
from service.store.transaction import Unit, record_refusal

OTHER_CONTENT = "A response with this identifier is kept already, and it says something else. Give a new identifier."
NO_NAME = "Give the response an identifier with system and value: sent again, it is kept once."
NOT_ALONE = "A connected system may send what a client fills in alone. A clinician asks these questions."

TOO_MANY = (
    f"At most {sign_ins.SENT_FOR_ONE} forms for one client and {sign_ins.SENT} in all are taken from a system within a "
    "quarter of an hour, and nothing of this request was kept. Send fewer at a time, or send it again with the same "
    "identifiers in {wait} seconds."
)


@dataclass(frozen=True)
class Arriving:
    """A response with the identifier that its sender gave it ("" from a person, who needs none)."""

    draft: IntakeDraft
    identifier: str = ""


@dataclass(frozen=True)
class Received:
    """`is_new` is false for a response that was there already."""

    intake: Intake
    is_new: bool


def check_may_send(actor: Actor) -> None:
    """Before anything that was sent is read. Raises NotAllowed for a token without the scope, with its audit row."""
    try:
        check_scope(actor, WRITTEN, CREATE)
    except NotAllowed as error:
        record_refusal(actor, Action.INTAKE_SEND, WRITTEN, error)
        raise


def receive_responses(actor: Actor, case_id: str, arriving: Sequence[Arriving]) -> tuple[Received, ...]:
    """Keep responses of one client in one transaction. Raises Invalid naming the field, Conflict for an identifier that
    stands for something else, and then keeps none.
    """
    places = [Place(case_id, usable(actor, each.draft.instrument_key)) for each in arriving]
    check_may_send(actor)
    if actor.role is Role.MACHINE:
        _check_number(actor, case_id, len(arriving))
    with case_unit(actor, Action.INTAKE_SEND, case_id) as (unit, _row):
        check_current(actor.practice_id)
        take = _named if actor.role is Role.MACHINE else _once
        return tuple(take(unit, place, each) for place, each in zip(places, arriving, strict=True))


def _check_number(actor: Actor, case_id: str, number: int) -> None:
    """Raises NotAllowed, with its audit row, for more than may come: alike for cases that are here, hidden or not."""
    db.session.rollback()
    wait = sign_ins.take_up(number, f"sender:{actor.user_id}", f"sent:{actor.user_id}:{case_id}")
    if wait:
        db.session.rollback()
        error = NotAllowed(TOO_MANY.format(wait=wait), Why.TOO_MANY, wait=wait)
        record_refusal(actor, Action.INTAKE_SEND, f"case/{case_id}", error)
        raise error
    db.session.commit()


def _named(unit: Unit, place: Place, arriving: Arriving) -> Received:
    """From a connected system: what it named before is what it was then, or a conflict."""
    if not arriving.identifier:
        raise Invalid(NO_NAME, {"identifier": NO_NAME})
    if not may_be_sent(place.instrument):
        raise Invalid(NOT_ALONE, {"questionnaire": NOT_ALONE})
    earlier = _kept_as(place.case_id, arriving.identifier)
    if earlier is not None:
        return _same(earlier, arriving.draft)
    received = _once(unit, place, arriving)
    arrival = Arrival("", OutsideType.RESPONSE, place.instrument.title, arriving.identifier)
    sender = accounts.name_of(unit.actor.user_id)
    outside_records.add(place.case_id, unit.actor.user_id, arrival, sender, received.intake.id)
    return received


def _kept_as(case_id: str, identifier: str) -> Intake | None:
    named = (each for each in outside_records.of_case(case_id) if each.type is OutsideType.RESPONSE)
    ids = [each.record_id for each in named if each.identifier == identifier and each.record_id]
    row = intakes.row(ids[0]) if ids else None
    return intakes.value(row) if row is not None else None


def _same(earlier: Intake, draft: IntakeDraft) -> Received:
    here = (earlier.instrument_key, earlier.authored_at, earlier.contact_context, earlier.answers)
    if here != (draft.instrument_key, draft.authored_at, draft.contact_context, draft.answers):
        raise Conflict(OTHER_CONTENT)
    return Received(earlier, is_new=False)


def _once(unit: Unit, place: Place, arriving: Arriving) -> Received:
    """The same form of the same client with the same time and answers is the same response."""
    draft = arriving.draft
    for each in intakes.of_moment(place.case_id, draft.instrument_key, draft.authored_at):
        if each.answers == draft.answers:
            return Received(each, is_new=False)
    return Received(keep(unit, place, draft).intake, is_new=True)
