"""Plans: those of a case, the editor, putting one in use, looking at it again, taking it out of use.

Rule: how far each part may travel stands beside it while it is typed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.payload import VersionOnly
from schemas.safety_plans import PlanFormSchema, PlanStartSchema
from schemas.vocabulary import PlanStatus, PlanType
from service.casework import plans as casework
from service.casework import records
from service.casework.plans import PlanDraft
from service.casework.records import Record
from service.domain.plan_types import EVERY_FIELD, SHAPES
from service.domain.safety import Plan, PlanLine
from service.errors import Conflict, Invalid
from service.guard import current_actor, needs
from service.web.case_frame import banner_of, tabs
from service.web.forms import form_page, read, saved, wants_json
from service.web.frame import done, go, show
from service.web.plan_page import plan_page, read_plan

page = Blueprint("plans", __name__)


@dataclass(frozen=True)
class PlanLineUp:
    """All that a case has of one type of plan."""

    type: PlanType
    purpose: str
    active: Plan | None
    draft: Plan | None
    versions: int
    mark: str


@page.get("/cases/<case_id>/plans")
@needs(Action.PLAN_READ)
def plans(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.PLAN_READ)
    line_ups = [_line_up(record, each) for each in PlanType]
    return show(
        "pages/plans/plans.html",
        task=f"Plans {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        tabs_of_case=tabs(record.case, "plans.plans"),
        begun=[each for each in line_ups if each.versions],
        not_begun=[each for each in line_ups if not each.versions],
        may_write=Action.PLAN_WRITE in record.case.may,
    )


@page.post("/cases/<case_id>/plans")
@needs(Action.PLAN_WRITE)
@form_page(plans)
def start(case_id: str) -> Response:
    plan = casework.start_plan(current_actor(), case_id, read(PlanStartSchema)["type"])
    return go(url_for("plans.edit", plan_id=plan.id))


@page.get("/plans/<plan_id>")
@needs(Action.PLAN_READ)
def plan(plan_id: str) -> Response:
    found, record = read_plan(plan_id)
    may, active = record.case.may, found.status is PlanStatus.ACTIVE
    draft = found.status is PlanStatus.DRAFT
    return plan_page(
        "plan",
        found,
        record,
        may_write=Action.PLAN_WRITE in may and draft,
        may_use=Action.PLAN_ACTIVATE in may and draft,
        may_renew=Action.PLAN_WRITE in may and not draft and not _draft_of(record, found.type),
        may_review=Action.PLAN_ACTIVATE in may and active,
        may_withdraw=Action.PLAN_ACTIVATE in may and (active or draft),
        may_copy=Action.PLAN_COPY in may and active,
        versions=[each for each in record.plans if each.plan_id == found.plan_id],
    )


@page.get("/plans/<plan_id>/edit")
@needs(Action.PLAN_WRITE)
def edit(plan_id: str) -> Response:
    found, record = read_plan(plan_id)
    if found.status is not PlanStatus.DRAFT:
        return go(_url(plan_id))
    return plan_page("edit", found, record)


@page.post("/plans/<plan_id>/edit")
@needs(Action.PLAN_WRITE)
@form_page(edit)
def save(plan_id: str) -> Response:
    with _named_as_in_the_form():
        given = read(PlanFormSchema)
        version, then = given.pop("version"), given.pop("then")
        lines = {key: PlanLine(**line) for key, line in given.pop("lines").items()}
        kept = casework.save_plan(current_actor(), plan_id, PlanDraft(lines, **given), version=version)
    if wants_json():
        return saved(kept.version)
    if then == "use":
        return go(url_for("plans.use", plan_id=plan_id))
    return done(url_for("plans.edit", plan_id=plan_id), "The draft is saved.")


@page.get("/plans/<plan_id>/use")
@needs(Action.PLAN_ACTIVATE)
def use(plan_id: str) -> Response:
    found, record = read_plan(plan_id)
    if found.status is not PlanStatus.DRAFT:
        return go(_url(plan_id))
    is_empty = not any(line.text.strip() for line in found.lines.values())
    older = next((each for each in record.active_plans if each.plan_id == found.plan_id), None)
    return plan_page("use", found, record, is_empty=is_empty, older=older)


@page.post("/plans/<plan_id>/use")
@needs(Action.PLAN_ACTIVATE)
@form_page(use)
def put_in_use(plan_id: str) -> Response:
    given = read(VersionOnly)
    with _named_as_in_the_form():
        casework.activate_plan(current_actor(), plan_id, version=given["version"])
    return done(_url(plan_id), "The plan is in use. The version before it stays readable.")


@page.post("/plans/<plan_id>/review")
@needs(Action.PLAN_ACTIVATE)
@form_page(plan)
def review(plan_id: str) -> Response:
    found = casework.review_plan(current_actor(), plan_id, version=read(VersionOnly)["version"])
    return done(_url(found.id), "Looked at together today; the next review is set.")


@page.get("/plans/<plan_id>/withdraw")
@needs(Action.PLAN_ACTIVATE)
def withdraw(plan_id: str) -> Response:
    found, record = read_plan(plan_id)
    if found.status not in (PlanStatus.DRAFT, PlanStatus.ACTIVE):
        return go(_url(plan_id))
    return plan_page("withdraw", found, record)


@page.post("/plans/<plan_id>/withdraw")
@needs(Action.PLAN_ACTIVATE)
@form_page(withdraw)
def take_out_of_use(plan_id: str) -> Response:
    found = casework.withdraw_plan(current_actor(), plan_id, version=read(VersionOnly)["version"])
    return done(url_for("plans.plans", case_id=found.case_id), "Withdrawn. It stays readable under its versions.")


def _line_up(record: Record, plan_type: PlanType) -> PlanLineUp:
    of_type = [each for each in record.plans if each.type is plan_type]
    active = next((each for each in of_type if each.status is PlanStatus.ACTIVE), None)
    mark = record.plan_marks.get(active.id, "") if active else ""
    return PlanLineUp(plan_type, SHAPES[plan_type].purpose, active, _draft_of(record, plan_type), len(of_type), mark)


def _draft_of(record: Record, plan_type: PlanType) -> Plan | None:
    drafts = (each for each in record.plans if each.type is plan_type and each.status is PlanStatus.DRAFT)
    return next(drafts, None)


@contextmanager
def _named_as_in_the_form() -> Iterator[None]:
    """The verbs name a part by its key; the page names its control, and says labels where both texts are shown."""
    try:
        yield
    except Invalid as error:
        raise Invalid(error.message, {_control(key): text for key, text in error.fields.items()}) from error
    except Conflict as error:
        raise Conflict(error.message, yours=_labelled(error.yours), theirs=_labelled(error.theirs)) from error


def _control(key: str) -> str:
    return f"lines.{key}.text" if key in EVERY_FIELD else key


def _labelled(texts: Mapping[str, str]) -> dict[str, str]:
    return {EVERY_FIELD[key].label if key in EVERY_FIELD else key: text for key, text in texts.items()}


def _url(plan_id: str) -> str:
    return url_for("plans.plan", plan_id=plan_id)
