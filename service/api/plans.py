"""Safety plans in versions."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.actions import Action
from schemas.payload import Page, VersionOnly
from schemas.safety_plans import (
    AgainstSchema,
    CopyRecord,
    CopySchema,
    PartChangeRecord,
    PlanRecord,
    PlanSchema,
    PlanStartSchema,
    SummarySchema,
)
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import plans, records
from service.casework.copies import CopyWish
from service.casework.plan_summaries import summarise_plan
from service.casework.plans import PlanDraft
from service.domain import clock
from service.domain.plan_changes import differences
from service.domain.plan_marks import mark_of
from service.domain.safety import Plan, PlanLine, copy_lines, summary_lines
from service.errors import Invalid
from service.guard import current_actor, current_practice, needs

routes = Routes("Plans", "Plans made with the client. No version is ever deleted.")


@dataclass(frozen=True)
class CopyLine:
    label: str
    text: str


@dataclass(frozen=True)
class Copy:
    """What stands on a client's copy."""

    title: str
    lines: tuple[CopyLine, ...]


@dataclass(frozen=True)
class MarkedPlan(Plan):
    """A version with why it wants looking at again, as of today."""

    mark: str = ""


@routes.get("/cases/<id:case_id>/plans", PlanRecord, many=True)
@needs(Action.PLAN_READ)
@asks(Page)
def list_plans(asked: Given, case_id: str) -> Listed:
    """Every version of every plan of a case, newest first."""
    return listed([*map(_marked, records.read_record(current_actor(), case_id, Action.PLAN_READ).plans)], asked)


@routes.post("/cases/<id:case_id>/plans", PlanRecord, status=201)
@needs(Action.PLAN_WRITE)
@takes(PlanStartSchema)
def start_plan(given: Given, case_id: str) -> MarkedPlan:
    """Start a draft: a first version, or the next one with the lines copied forward."""
    return _marked(plans.start_plan(current_actor(), case_id, given["type"]))


@routes.get("/plans/<id:plan_id>", PlanRecord)
@needs(Action.PLAN_READ)
def read_plan(plan_id: str) -> MarkedPlan:
    """One version of a plan."""
    return _marked(plans.read_plan(current_actor(), plan_id)[0])


@routes.get("/plans/<id:plan_id>/versions", PlanRecord, many=True)
@needs(Action.PLAN_READ)
@asks(Page)
def list_plan_versions(asked: Given, plan_id: str) -> Listed:
    """Every version of the same plan, newest first."""
    return listed([*map(_marked, plans.read_plan(current_actor(), plan_id)[1:])], asked)


@routes.get("/plans/<id:plan_id>/differences", PartChangeRecord, many=True)
@needs(Action.PLAN_READ)
@asks(AgainstSchema)
def list_differences(asked: Given, plan_id: str) -> list[Mapping[str, object]]:
    """What changed between this version and another of the same plan, part by part and line by line."""
    this, *versions = plans.read_plan(current_actor(), plan_id)
    wanted = asked["against"] or max(1, this.number - 1)
    other = next((each for each in versions if each.number == wanted), None)
    if other is None:
        raise Invalid("There is no such version.", {"against": "Give the number of a version of this plan."})
    older, newer = sorted((this, other), key=lambda each: each.number)
    return [{"key": each.part.key, "tick": each.tick, "lines": each.lines} for each in differences(older, newer)]


@routes.put("/plans/<id:plan_id>", PlanRecord)
@needs(Action.PLAN_WRITE)
@takes(PlanSchema)
def save_plan(given: Given, plan_id: str) -> MarkedPlan:
    """Replace a draft."""
    version = seen(given)
    lines = {key: PlanLine(**line) for key, line in given.pop("lines").items()}
    return _marked(plans.save_plan(current_actor(), plan_id, PlanDraft(lines, **given), version=version))


@routes.post("/plans/<id:plan_id>/activate", PlanRecord)
@needs(Action.PLAN_ACTIVATE)
@takes(VersionOnly)
def activate_plan(given: Given, plan_id: str) -> MarkedPlan:
    """Put a draft in use; the version used so far is kept."""
    return _marked(plans.activate_plan(current_actor(), plan_id, version=seen(given)))


@routes.post("/plans/<id:plan_id>/review", PlanRecord)
@needs(Action.PLAN_ACTIVATE)
@takes(VersionOnly)
def review_plan(given: Given, plan_id: str) -> MarkedPlan:
    """The client says that the plan in use still fits."""
    return _marked(plans.review_plan(current_actor(), plan_id, version=seen(given)))


@routes.post("/plans/<id:plan_id>/withdraw", PlanRecord)
@needs(Action.PLAN_ACTIVATE)
@takes(VersionOnly)
def withdraw_plan(given: Given, plan_id: str) -> MarkedPlan:
    """Take a draft or a plan out of use; it stays readable."""
    return _marked(plans.withdraw_plan(current_actor(), plan_id, version=seen(given)))


@routes.post("/plans/<id:plan_id>/copy", CopyRecord)
@needs(Action.PLAN_COPY)
@takes(CopySchema)
def copy_plan(given: Given, plan_id: str) -> Copy:
    """The lines of a client's own copy, once it was asked where the copy will be kept."""
    plan = plans.copy_plan(current_actor(), plan_id, CopyWish(**given))
    return Copy(given["title"], tuple(CopyLine(part.heading, text) for part, text in copy_lines(plan)))


@routes.post("/plans/<id:plan_id>/summary", CopyRecord)
@needs(Action.PLAN_SUMMARY)
@takes(SummarySchema)
def summarise(given: Given, plan_id: str) -> Copy:
    """The lines of a clinical summary for another provider, once a release carries it. It is in the disclosures log."""
    plan, release = summarise_plan(current_actor(), plan_id, given["release_id"], given["confirmed"])
    return Copy(release.terms.recipient, tuple(CopyLine(part.label, text) for part, text in summary_lines(plan)))


def _marked(plan: Plan) -> MarkedPlan:
    return MarkedPlan(**vars(plan), mark=mark_of(plan, clock.today(current_practice().zone)))
