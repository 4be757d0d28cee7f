"""The contact plan of a case: the mode that the client set, its parts, and the boundaries with their checks.

Rule: undecided is an answer; blocking and moving stay "not now" until each check holds. None of it leaves the record.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.card_codes import BoundaryKind, ContactMode
from schemas.contact_plans import BoundaryChangeSchema, BoundarySchema, ContactPlanSchema, UseBoundarySchema
from schemas.payload import VersionOnly
from service.casework import contact_plans as casework
from service.casework import records
from service.domain import clock
from service.domain.cards import Card
from service.domain.contact_plans import EVERY_PART, GATED, PARTS, REVIEW_EVERY, Boundary, Checks, ContactPlan, is_due
from service.domain.networks import Person
from service.domain.plan_changes import contact_changes
from service.domain.plan_types import PlanField
from service.errors import Conflict, Invalid
from service.guard import current_actor, needs
from service.web.cards import card_of, card_page, cards_page
from service.web.cases import labels
from service.web.forms import form_page, read
from service.web.frame import done
from service.web.plan_versions import Changed, in_pieces

page = Blueprint("contact_plans", __name__)
Told = tuple[Card[ContactPlan], list[tuple[PlanField, str]], bool, Changed]


@page.get("/cases/<case_id>/contact-plan")
@needs(Action.PLAN_READ)
def contact_plan(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.PLAN_READ)
    card = next(iter(record.cards_of(ContactPlan)), None)
    today = clock.today(record.practice.zone)
    return cards_page(
        "contact_plans/contact_plan",
        "Contact plan",
        record,
        card=card,
        plan=card.words if card else ContactPlan(),
        modes=labels(ContactMode),
        parts=[(mode, mode.label, parts) for mode, parts in PARTS.items()],
        again_by=card.words.reviewed_on + REVIEW_EVERY if card and card.words.reviewed_on else None,
        older=len(casework.versions_of(record)) - 1,
        boundaries=[(each, is_due(each.words, today)) for each in record.cards_of(Boundary)],
        may_write=Action.CONTACT_PLAN_WRITE in record.case.may,
    )


@page.get("/cases/<case_id>/contact-plan/versions")
@needs(Action.PLAN_READ)
def versions(case_id: str) -> Response:
    """What it says and what it said before, with what each version changed."""
    record = records.read_record(current_actor(), case_id, Action.PLAN_READ)
    newest_first = casework.versions_of(record)
    befores = [*newest_first[1:], None]
    told = [_change(each, before) for each, before in zip(newest_first, befores, strict=False)]
    return cards_page("contact_plans/versions", "Contact plan", record, versions=told)


@page.post("/cases/<case_id>/contact-plan")
@needs(Action.CONTACT_PLAN_WRITE)
@form_page(contact_plan)
def save(case_id: str) -> Response:
    given = read(ContactPlanSchema)
    version = given.pop("version")
    with _named_as_in_the_form():
        casework.save_contact_plan(current_actor(), case_id, ContactPlan(**given), version=version)
    return done(url_for("contact_plans.contact_plan", case_id=case_id), "The contact plan is saved.")


@page.get("/cases/<case_id>/boundaries/new")
@needs(Action.CONTACT_PLAN_WRITE)
def new(case_id: str) -> Response:
    return _page(case_id, None)


@page.post("/cases/<case_id>/boundaries/new")
@needs(Action.CONTACT_PLAN_WRITE)
@form_page(new)
def add(case_id: str) -> Response:
    casework.add_boundary(current_actor(), case_id, Boundary(**read(BoundarySchema)))
    return _back(case_id, "The boundary is saved. It is not in use yet.")


@page.get("/cases/<case_id>/boundaries/<boundary_id>")
@needs(Action.CONTACT_PLAN_WRITE)
def boundary(case_id: str, boundary_id: str) -> Response:
    return _page(case_id, boundary_id)


@page.post("/cases/<case_id>/boundaries/<boundary_id>")
@needs(Action.CONTACT_PLAN_WRITE)
@form_page(boundary)
def save_boundary(case_id: str, boundary_id: str) -> Response:
    given = read(BoundaryChangeSchema)
    version = given.pop("version")
    casework.save_boundary(current_actor(), boundary_id, Boundary(**given), version=version)
    return _back(case_id, "The boundary is saved. It is not in use until it was gone through again.")


@page.get("/cases/<case_id>/boundaries/<boundary_id>/use")
@needs(Action.CONTACT_PLAN_ACTIVATE)
def use(case_id: str, boundary_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.CONTACT_PLAN_ACTIVATE)
    card = card_of(record, Boundary, boundary_id)
    ground = casework.read_ground(current_actor(), case_id)
    return cards_page("contact_plans/use", "Boundary", record, card=card, gated=card.words.kind in GATED, ground=ground)


@page.post("/cases/<case_id>/boundaries/<boundary_id>/use")
@needs(Action.CONTACT_PLAN_ACTIVATE)
@form_page(use)
def bring_into_use(case_id: str, boundary_id: str) -> Response:
    given = read(UseBoundarySchema)
    version = given.pop("version")
    casework.use_boundary(current_actor(), boundary_id, Checks(**given), version=version)
    return _back(case_id, "The boundary is in use.")


@page.post("/cases/<case_id>/boundaries/<boundary_id>/fits")
@needs(Action.CONTACT_PLAN_WRITE)
@form_page(boundary)
def still_fits(case_id: str, boundary_id: str) -> Response:
    casework.still_fits(current_actor(), boundary_id, version=read(VersionOnly)["version"])
    return _back(case_id, f"It stays in use, to look at again in {REVIEW_EVERY.days} days.")


@page.post("/cases/<case_id>/boundaries/<boundary_id>/away")
@needs(Action.CONTACT_PLAN_WRITE)
@form_page(boundary)
def put_away(case_id: str, boundary_id: str) -> Response:
    casework.put_boundary_away(current_actor(), boundary_id, version=read(VersionOnly)["version"])
    return _back(case_id, "Put away. It stays in the record.")


def _change(card: Card[ContactPlan], before: Card[ContactPlan] | None) -> Told:
    """One version: the card, every part that says something, whether the mode changed, and what changed in words."""
    lines = card.words.lines
    parts = [(part, lines[key]) for key, part in EVERY_PART.items() if lines.get(key, "").strip()]
    if before is None:
        return card, parts, False, ()
    is_other_mode = before.words.mode is not card.words.mode
    return card, parts, is_other_mode, in_pieces(contact_changes(before.words, card.words))


def _page(case_id: str, boundary_id: str | None) -> Response:
    record = records.read_record(current_actor(), case_id, Action.CONTACT_PLAN_WRITE)
    people = [(each.id, each.words.name) for each in record.cards_of(Person)]
    return card_page(
        "contact_plans/boundary", record, (Boundary, boundary_id), kinds=labels(BoundaryKind), people=people
    )


@contextmanager
def _named_as_in_the_form() -> Iterator[None]:
    """The verb names a part by its key; the page names its control and says labels where both texts are shown."""
    try:
        yield
    except Invalid as error:
        raise Invalid(error.message, {f"lines.{key}": text for key, text in error.fields.items()}) from error
    except Conflict as error:
        yours, theirs = (
            {EVERY_PART[key].label: text for key, text in each.items()} for each in (error.yours, error.theirs)
        )
        raise Conflict(error.message, yours=yours, theirs=theirs) from error


def _back(case_id: str, words: str) -> Response:
    return done(url_for("contact_plans.contact_plan", case_id=case_id), words)
