"""Copies of a plan: the question first, then what was chosen, and nothing when nothing was.

Rule: no copy is made before the copy question has been answered, and no copy is the answer that stands until another
is given.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.safety_plans import CopyQuestionSchema, SummarySchema
from schemas.vocabulary import CopyAnswer, PlanStatus
from service.casework import plans as casework
from service.casework import releases
from service.casework.copies import ON_PAPER, CopyWish
from service.casework.leaks import shown_leaks
from service.casework.plan_summaries import CLASSES, summarise_plan
from service.domain import clock
from service.domain.releases import why_not
from service.domain.safety import COPY_TITLES, copy_passages, filled, summary_lines, summary_passages
from service.guard import current_actor, needs
from service.reports import plan_summary, render, report, safety_plan
from service.reports.series import day
from service.web.files import attachment
from service.web.forms import form_page, read
from service.web.frame import done, go
from service.web.leaks import told_at_the_finds
from service.web.plan_page import plan_page, read_plan

page = Blueprint("plan_copies", __name__)
COPY_QUESTION = "Is any copy safe to hold?"
NO_PDF = "PDF cannot be made on this computer at present, so no copy can be taken away. Reading aloud works."


@page.get("/plans/<plan_id>/copy")
@needs(Action.PLAN_COPY)
def copy(plan_id: str) -> Response:
    found, record = read_plan(plan_id)
    if found.status is not PlanStatus.ACTIVE:
        return go(url_for("plans.plan", plan_id=plan_id))
    return plan_page(
        "copy",
        found,
        record,
        question=COPY_QUESTION,
        answers=[(each, each.label) for each in CopyAnswer],
        titles=[(each, each) for each in COPY_TITLES],
        sections=safety_plan.sections(found),
        leaks=shown_leaks(record, copy_passages(found)),
        no_pdf="" if render.available() else NO_PDF,
    )


@page.post("/plans/<plan_id>/copy")
@needs(Action.PLAN_COPY)
@form_page(copy)
def answer_copy(plan_id: str) -> Response:
    given = read(CopyQuestionSchema)
    if given["answer"] in ON_PAPER:
        with told_at_the_finds():
            return _copy_file(plan_id, CopyWish(**given | {"confirmed": tuple(given["confirmed"])}))
    if given["answer"] is CopyAnswer.SUMMARY:
        return go(url_for("plan_copies.summary", plan_id=plan_id))
    casework.make_no_copy(current_actor(), plan_id, given["answer"])
    if given["answer"] is CopyAnswer.ALOUD:
        return go(url_for("plan_copies.aloud", plan_id=plan_id))
    return done(url_for("plans.plan", plan_id=plan_id), "No copy was made. The answer is kept.")


@page.get("/plans/<plan_id>/aloud")
@needs(Action.PLAN_COPY)
def aloud(plan_id: str) -> Response:
    found, record = read_plan(plan_id)
    return plan_page("aloud", found, record, sections=safety_plan.sections(found))


@page.get("/plans/<plan_id>/summary")
@needs(Action.PLAN_SUMMARY)
def summary(plan_id: str) -> Response:
    """What another provider would receive, and the release that it would leave by."""
    found, record = read_plan(plan_id)
    if found.status is not PlanStatus.ACTIVE:
        return go(url_for("plans.plan", plan_id=plan_id))
    desk = releases.read_desk(current_actor(), found.case_id)
    carrying = [each for each in desk.releases if not why_not(each, CLASSES, desk.today)]
    return plan_page(
        "summary",
        found,
        record,
        releases=[(each.id, f"{each.terms.recipient}, until {day(each.expires_on)}") for each in carrying],
        sections=[(each.label, filled(text)) for each, text in summary_lines(found)],
        leaks=shown_leaks(record, summary_passages(found)),
        no_pdf="" if render.available() else NO_PDF,
    )


@page.post("/plans/<plan_id>/summary")
@needs(Action.PLAN_SUMMARY)
@form_page(summary)
def make_summary(plan_id: str) -> Response:
    given = read(SummarySchema)
    with told_at_the_finds():
        found, release = summarise_plan(current_actor(), plan_id, given["release_id"], given["confirmed"])
    _, record = read_plan(plan_id)
    context = plan_summary.collect(found, record, release, clock.today(record.practice.zone))
    return attachment(report.pdf(plan_summary.REPORT, context), plan_summary.REPORT.file_name, "application/pdf")


def _copy_file(plan_id: str, wish: CopyWish) -> Response:
    """The copy as a file with a name that says nothing."""
    plan = casework.copy_plan(current_actor(), plan_id, wish)
    _, record = read_plan(plan_id)
    context = safety_plan.collect(plan, title=wish.title, today=clock.today(record.practice.zone))
    kind = safety_plan.CARD if wish.answer is CopyAnswer.CARD else safety_plan.REPORT
    made = report.pdf(kind, context)
    return attachment(made, safety_plan.file_name(wish.title), "application/pdf")
