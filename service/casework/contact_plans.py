"""The contact plan of a case and its boundaries.

Rule: a boundary comes into use only with its checks; an edit of one in use puts it back to "not now", because the
checks were about other words.
"""

from dataclasses import replace
from datetime import date

from schemas.actions import Action
from schemas.card_codes import BoundaryState
from schemas.instruments import find
from service.casework.cards import card_unit, check_card, put_away, written
from service.casework.gate import case_unit, check_version, practice_day, practice_today
from service.casework.records import Record
from service.domain.actors import Actor
from service.domain.cards import Card
from service.domain.contact_plans import REVIEW_EVERY, Boundary, Checks, ContactPlan, Ground, check_plan, missing_checks
from service.domain.events import calls_now
from service.domain.module_times import whole_modules
from service.domain.networks import Person
from service.domain.plan_changes import contact_changes as changes
from service.errors import Conflict, Invalid
from service.store import events, intakes, plan_cards

SCREEN, DANGER = "sfs", "B"
NOT_NOW = "It stays not now: something is missing before it can come into use."


def save_contact_plan(actor: Actor, case_id: str, plan: ContactPlan, *, version: int | None) -> Card[ContactPlan]:
    """The one contact plan of a case; the first save sends no version. What it said before is kept."""
    check_plan(plan)
    with case_unit(actor, Action.CONTACT_PLAN_WRITE, case_id) as (unit, _row):
        looked_at = replace(plan, reviewed_on=practice_today(actor))
        row = plan_cards.only_row(case_id, ContactPlan)
        if row is None:
            check_version(seen=version or 0, stored=0)
            return written(unit, plan_cards.new_card(case_id, actor.user_id, looked_at), looked_at)
        stored = plan_cards.card_value(row).words
        check_version(seen=version or 0, stored=row.version, yours=dict(plan.lines), theirs=dict(stored.lines))
        wanted = replace(looked_at, lines={**stored.lines, **plan.lines})
        if changes(stored, wanted) or stored.mode is not wanted.mode:
            plan_cards.keep_older(row)
        return written(unit, row, wanted)


def versions_of(record: Record) -> tuple[Card[ContactPlan], ...]:
    """The contact plan as it stands, then what it said before, newest first."""
    every = [each for each in record.cards if isinstance(each.words, ContactPlan)]
    return tuple(sorted(every, key=lambda each: (each.put_away_at is None, each.updated_at), reverse=True))


def add_boundary(actor: Actor, case_id: str, boundary: Boundary) -> Card[Boundary]:
    with case_unit(actor, Action.CONTACT_PLAN_WRITE, case_id) as (unit, _row):
        _check_person(case_id, boundary)
        words = _not_now(boundary)
        return written(unit, plan_cards.new_card(case_id, actor.user_id, words), words)


def save_boundary(actor: Actor, boundary_id: str, boundary: Boundary, *, version: int) -> Card[Boundary]:
    with card_unit(actor, Action.CONTACT_PLAN_WRITE, boundary_id, Boundary) as (unit, row):
        check_card(row, boundary, version)
        _check_person(row.case_id, boundary)
        return written(unit, row, _not_now(boundary))


def put_boundary_away(actor: Actor, boundary_id: str, *, version: int) -> None:
    put_away(actor, Action.CONTACT_PLAN_WRITE, boundary_id, Boundary, version=version)


def use_boundary(actor: Actor, boundary_id: str, checks: Checks, *, version: int) -> Card[Boundary]:
    """Bring it into use. Raises Invalid naming each check that is missing; it then stays not now."""
    with card_unit(actor, Action.CONTACT_PLAN_ACTIVATE, boundary_id, Boundary) as (unit, row):
        stored = plan_cards.card_value(row).words
        check_card(row, stored, version)
        today = practice_today(actor)
        wrong = missing_checks(stored.kind, checks, _ground(actor, row.case_id), today)
        if wrong:
            raise Invalid(NOT_NOW, wrong)
        used = replace(stored, checks=checks, state=BoundaryState.ACTIVE, review_on=today + REVIEW_EVERY)
        return written(unit, row, used)


def still_fits(actor: Actor, boundary_id: str, *, version: int) -> Card[Boundary]:
    """The client says that a boundary in use still fits: it stays in use, and is looked at again after 30 days. Raises
    Conflict for one that is not in use.
    """
    with card_unit(actor, Action.CONTACT_PLAN_WRITE, boundary_id, Boundary) as (unit, row):
        stored = plan_cards.card_value(row).words
        check_card(row, stored, version)
        if stored.state is not BoundaryState.ACTIVE:
            raise Conflict("This boundary is not in use. Go through its checks first.")
        unit.why = "still fits"
        return written(unit, row, replace(stored, review_on=practice_today(actor) + REVIEW_EVERY))


def read_ground(actor: Actor, case_id: str) -> Ground:
    """What the record says before a boundary comes into use."""
    with case_unit(actor, Action.PLAN_READ, case_id):
        return _ground(actor, case_id)


def _ground(actor: Actor, case_id: str) -> Ground:
    return Ground(_screened_on(actor, case_id), calls_now(events.of_case(case_id), practice_today(actor)))


def _screened_on(actor: Actor, case_id: str) -> date | None:
    """The day on which all of module B was last put to the client, on the practice's calendar."""
    screens = [each for each in intakes.of_case(case_id) if each.instrument_key == SCREEN and not each.replaced]
    asked = [
        each.authored_at
        for each in screens
        if DANGER in whole_modules(find(each.instrument_key, each.instrument_version), each.answers)
    ]
    return practice_day(actor, max(asked)) if asked else None


def _check_person(case_id: str, boundary: Boundary) -> None:
    known = {each.id for each in plan_cards.of_case(case_id) if isinstance(each.words, Person)}
    if boundary.person_id and boundary.person_id not in known:
        raise Invalid("The boundary could not be kept as it is.", {"person_id": "Choose somebody of the network."})


def _not_now(boundary: Boundary) -> Boundary:
    return replace(boundary, state=BoundaryState.NOT_NOW, checks=Checks())
