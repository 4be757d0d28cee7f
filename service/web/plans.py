"""Safety plans: those of a case, the editor, putting one in use, its versions, and the client's own copy.

Rule: how far each part may travel stands beside it while it is typed; no copy is made before the copy question has been
answered, and no copy is the answer that stands until another is given.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.payload import VersionOnly
from schemas.safety_plans import CopyQuestionSchema, PlanFormSchema, PlanStartSchema
from schemas.vocabulary import CopyAnswer, FieldClass, PlanStatus, PlanType
from service.casework import plans as casework
from service.casework import records
from service.casework.plans import PlanDraft
from service.casework.records import Record
from service.domain import clock
from service.domain.safety import COPY_TITLES, FIELDS, Plan, PlanLine, differences, is_out_of_date
from service.errors import Conflict, Invalid
from service.guard import current_actor, needs
from service.reports import render, report, safety_plan
from service.web.case_frame import banner_of, tabs
from service.web.files import attachment
from service.web.forms import form_page, read, saved, wants_json
from service.web.frame import done, go, show
from service.web.word_changes import Piece, told, word_changes

page = Blueprint("plans", __name__)
COPY_QUESTION = "Is any copy safe to hold?"
OUT_OF_DATE = "Out of date, review: this plan was last looked at more than 90 days ago."
NO_PDF = "PDF cannot be made on this computer at present, so no copy can be taken away. Reading aloud works."
TONES = {PlanStatus.DRAFT: "part", PlanStatus.ACTIVE: "done", PlanStatus.SUPERSEDED: "closed"}
LABELS = {each.key: each.label for fields in FIELDS.values() for each in fields}


@dataclass(frozen=True)
class PlanPart:
    """One part of a plan as the pages show it; `class_word` says how far it may travel."""

    key: str
    label: str
    hint: str
    class_word: str
    may_copy: bool
    text: str
    on_copy: bool


@dataclass(frozen=True)
class PlanLineUp:
    """All that a case has of one type of plan."""

    type: PlanType
    active: Plan | None
    draft: Plan | None
    versions: int
    late: bool


@dataclass(frozen=True)
class Change:
    """What one version changed against the one before: (label, class, in words, pieces)."""

    plan: Plan
    parts: tuple[tuple[str, str, str, tuple[Piece, ...]], ...]


@page.get("/cases/<case_id>/plans")
@needs(Action.PLAN_READ)
def plans(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.PLAN_READ)
    return show(
        "pages/plans/plans.html",
        task=f"Plans {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        tabs_of_case=tabs(record.case, "plans.plans"),
        line_ups=[_line_up(record, each) for each in PlanType],
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
    found, record = _read(plan_id)
    may, active = record.case.may, found.status is PlanStatus.ACTIVE
    draft = found.status is PlanStatus.DRAFT
    return _page(
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
    found, record = _read(plan_id)
    if found.status is not PlanStatus.DRAFT:
        return go(_url(plan_id))
    return _page("edit", found, record)


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
    found, record = _read(plan_id)
    if found.status is not PlanStatus.DRAFT:
        return go(_url(plan_id))
    is_empty = not any(line.text.strip() for line in found.lines.values())
    older = next((each for each in record.active_plans if each.plan_id == found.plan_id), None)
    return _page("use", found, record, is_empty=is_empty, older=older)


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
    found, record = _read(plan_id)
    if found.status not in (PlanStatus.DRAFT, PlanStatus.ACTIVE):
        return go(_url(plan_id))
    return _page("withdraw", found, record)


@page.post("/plans/<plan_id>/withdraw")
@needs(Action.PLAN_ACTIVATE)
@form_page(withdraw)
def take_out_of_use(plan_id: str) -> Response:
    found = casework.withdraw_plan(current_actor(), plan_id, version=read(VersionOnly)["version"])
    return done(url_for("plans.plans", case_id=found.case_id), "Withdrawn. It stays readable under its versions.")


@page.get("/plans/<plan_id>/versions")
@needs(Action.PLAN_READ)
def versions(plan_id: str) -> Response:
    found, record = _read(plan_id)
    every = [each for each in record.plans if each.plan_id == found.plan_id]
    return _page("versions", found, record, changes=_changes(every))


@page.get("/plans/<plan_id>/copy")
@needs(Action.PLAN_COPY)
def copy(plan_id: str) -> Response:
    found, record = _read(plan_id)
    if found.status is not PlanStatus.ACTIVE:
        return go(_url(plan_id))
    return _page(
        "copy",
        found,
        record,
        question=COPY_QUESTION,
        answers=[(each, each.label) for each in CopyAnswer],
        titles=[(each, each) for each in COPY_TITLES],
        sections=safety_plan.sections(found),
        no_pdf="" if render.available() else NO_PDF,
    )


@page.post("/plans/<plan_id>/copy")
@needs(Action.PLAN_COPY)
@form_page(copy)
def answer_copy(plan_id: str) -> Response:
    given = read(CopyQuestionSchema)
    if given["answer"] is CopyAnswer.COPY:
        return _copy_file(plan_id, given["title"], given["kept_where"])
    casework.make_no_copy(current_actor(), plan_id, given["answer"])
    if given["answer"] is CopyAnswer.ALOUD:
        return go(url_for("plans.aloud", plan_id=plan_id))
    return done(_url(plan_id), "No copy was made. The answer is kept.")


@page.get("/plans/<plan_id>/aloud")
@needs(Action.PLAN_COPY)
def aloud(plan_id: str) -> Response:
    found, record = _read(plan_id)
    return _page("aloud", found, record, sections=safety_plan.sections(found))


def _copy_file(plan_id: str, title: str, kept_where: str) -> Response:
    """The copy as a file with a name that says nothing."""
    plan = casework.copy_plan(current_actor(), plan_id, title=title, kept_where=kept_where)
    _, record = _read(plan_id)
    context = safety_plan.collect(plan, title=title, today=clock.today(record.practice.zone))
    made = report.pdf(safety_plan.REPORT, context)
    return attachment(made, safety_plan.file_name(title), "application/pdf")


def _read(plan_id: str) -> tuple[Plan, Record]:
    found = casework.read_plan(current_actor(), plan_id)[0]
    return found, records.read_record(current_actor(), found.case_id, Action.PLAN_READ)


def _page(name: str, plan: Plan, record: Record, **context: object) -> Response:
    late = is_out_of_date(plan, clock.today(record.practice.zone)) and plan.status is PlanStatus.ACTIVE
    return show(
        f"pages/plans/{name}.html",
        task=f"{plan.type.label} {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        plan=plan,
        parts=_parts(plan),
        tone=TONES.get(plan.status, "quiet"),
        late=OUT_OF_DATE if late else "",
        **context,
    )


def _parts(plan: Plan) -> list[PlanPart]:
    lines = ((each, plan.lines.get(each.key, PlanLine())) for each in FIELDS[plan.type])
    return [
        PlanPart(
            key=each.key,
            label=each.label,
            hint=each.hint,
            class_word=each.field_class.label,
            may_copy=each.field_class is not FieldClass.N,
            text=line.text,
            on_copy=line.on_copy,
        )
        for each, line in lines
    ]


def _line_up(record: Record, plan_type: PlanType) -> PlanLineUp:
    of_type = [each for each in record.plans if each.type is plan_type]
    active = next((each for each in of_type if each.status is PlanStatus.ACTIVE), None)
    late = active is not None and is_out_of_date(active, clock.today(record.practice.zone))
    return PlanLineUp(plan_type, active, _draft_of(record, plan_type), len(of_type), late)


def _draft_of(record: Record, plan_type: PlanType) -> Plan | None:
    drafts = (each for each in record.plans if each.type is plan_type and each.status is PlanStatus.DRAFT)
    return next(drafts, None)


def _changes(newest_first: Sequence[Plan]) -> list[Change]:
    befores = [*newest_first[1:], None]
    return [Change(plan, _changed(before, plan)) for plan, before in zip(newest_first, befores, strict=True)]


def _changed(before: Plan | None, after: Plan) -> tuple[tuple[str, str, str, tuple[Piece, ...]], ...]:
    if before is None:
        return ()
    return tuple(
        (part.label, part.field_class.label, told(old, new), word_changes(old, new))
        for part, old, new in differences(before, after)
    )


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
    return f"lines.{key}.text" if key in LABELS else key


def _labelled(texts: Mapping[str, str]) -> dict[str, str]:
    return {LABELS.get(key, key): text for key, text in texts.items()}


def _url(plan_id: str) -> str:
    return url_for("plans.plan", plan_id=plan_id)
