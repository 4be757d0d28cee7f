"""The contact plan of a case and its boundaries."""

from schemas.actions import Action
from schemas.contact_plans import (
    BoundaryChangeSchema,
    BoundaryRecord,
    BoundarySchema,
    ContactPlanRecord,
    ContactPlanSchema,
    UseBoundarySchema,
)
from schemas.payload import Page, VersionOnly
from service.api.routes import Given, Listed, Routes, asks, listed, seen, seen_or_none, takes
from service.casework import contact_plans, records
from service.domain.cards import Card
from service.domain.contact_plans import Boundary, Checks, ContactPlan
from service.errors import NotFound
from service.guard import current_actor, needs

routes = Routes("ContactPlans", "How the client wants to go about contact. None of it leaves the record.")


@routes.get("/cases/<id:case_id>/contact-plan", ContactPlanRecord)
@needs(Action.PLAN_READ)
def read_contact_plan(case_id: str) -> Card[ContactPlan]:
    """The contact plan, once there is one."""
    found = records.read_record(current_actor(), case_id, Action.PLAN_READ).cards_of(ContactPlan)
    if not found:
        raise NotFound
    return found[0]


@routes.get("/cases/<id:case_id>/contact-plan/versions", ContactPlanRecord, many=True)
@needs(Action.PLAN_READ)
@asks(Page)
def list_contact_plan_versions(asked: Given, case_id: str) -> Listed:
    """The contact plan as it stands, then what it said before, newest first."""
    record = records.read_record(current_actor(), case_id, Action.PLAN_READ)
    return listed(contact_plans.versions_of(record), asked)


@routes.put("/cases/<id:case_id>/contact-plan", ContactPlanRecord)
@needs(Action.CONTACT_PLAN_WRITE)
@takes(ContactPlanSchema)
def save_contact_plan(given: Given, case_id: str) -> Card[ContactPlan]:
    """Set the mode and write parts; parts of other modes are kept."""
    version = seen_or_none(given)
    return contact_plans.save_contact_plan(current_actor(), case_id, ContactPlan(**given), version=version)


@routes.get("/cases/<id:case_id>/boundaries", BoundaryRecord, many=True)
@needs(Action.PLAN_READ)
@asks(Page)
def list_boundaries(asked: Given, case_id: str) -> Listed:
    """The boundaries, the newest change first."""
    return listed(records.read_record(current_actor(), case_id, Action.PLAN_READ).cards_of(Boundary), asked)


@routes.post("/cases/<id:case_id>/boundaries", BoundaryRecord, status=201)
@needs(Action.CONTACT_PLAN_WRITE)
@takes(BoundarySchema)
def add_boundary(given: Given, case_id: str) -> Card[Boundary]:
    """Add a boundary; it begins as not now."""
    return contact_plans.add_boundary(current_actor(), case_id, Boundary(**given))


@routes.put("/boundaries/<id:boundary_id>", BoundaryRecord)
@needs(Action.CONTACT_PLAN_WRITE)
@takes(BoundaryChangeSchema)
def save_boundary(given: Given, boundary_id: str) -> Card[Boundary]:
    """Replace a boundary; one in use goes back to not now."""
    version = seen(given)
    return contact_plans.save_boundary(current_actor(), boundary_id, Boundary(**given), version=version)


@routes.post("/boundaries/<id:boundary_id>/use", BoundaryRecord)
@needs(Action.CONTACT_PLAN_ACTIVATE)
@takes(UseBoundarySchema)
def use_boundary(given: Given, boundary_id: str) -> Card[Boundary]:
    """Bring a boundary into use. Blocking and moving need all their checks; else it stays not now."""
    version = seen(given)
    return contact_plans.use_boundary(current_actor(), boundary_id, Checks(**given), version=version)


@routes.post("/boundaries/<id:boundary_id>/still-fits", BoundaryRecord)
@needs(Action.CONTACT_PLAN_WRITE)
@takes(VersionOnly)
def boundary_still_fits(given: Given, boundary_id: str) -> Card[Boundary]:
    """A boundary in use stays so; it is looked at again after 30 days. Its checks are not asked anew."""
    return contact_plans.still_fits(current_actor(), boundary_id, version=seen(given))


@routes.post("/boundaries/<id:boundary_id>/put-away", status=204)
@needs(Action.CONTACT_PLAN_WRITE)
@takes(VersionOnly)
def put_boundary_away(given: Given, boundary_id: str) -> None:
    """Take a boundary out of use; it stays in the record."""
    contact_plans.put_boundary_away(current_actor(), boundary_id, version=seen(given))
