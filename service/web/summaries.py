"""Summaries of treatment for another clinician: choose a release and a period, read what would stand on it, make it;
and those that left, as they were handed out.

Rule: nothing is made before it was read, and without a release there is nothing to make. What a supervisor cosigns is
sent there as the file that would leave, and leaves from its request.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.payload import VersionOnly
from schemas.summaries import TreatmentSummarySchema
from service.casework import summaries as casework
from service.casework.leaks import shown_leaks
from service.domain import clock
from service.domain.summaries import passages
from service.guard import current_actor, current_practice, needs
from service.reports import render, treatment_summary
from service.reports.series import day
from service.web.case_frame import tabs
from service.web.files import attachment
from service.web.forms import form_page, read
from service.web.frame import done, go, show
from service.web.leaks import told_at_the_finds
from service.web.reports import NO_PDF
from service.web.requests import request

page = Blueprint("summaries", __name__)
SENT = "Sent to cosign. Nothing leaves before a supervisor agreed to it."
MADE = (
    "Made, kept here and written into the log of what left. Save the file below and hand it over as the release says."
)


@page.get("/cases/<case_id>/summaries")
@needs(Action.SUMMARY_READ)
def summaries(case_id: str) -> Response:
    desk = casework.read_summaries(current_actor(), case_id)
    return show(
        "pages/summaries/summaries.html",
        task=f"Summaries {desk.case.code}",
        case=desk.case,
        tabs_of_case=tabs(desk.case, "reports.reports"),
        summaries=desk.summaries,
        may_make=Action.SUMMARY_MAKE in desk.case.may,
        cosigning=desk.cosigning,
        releases=[(each.id, f"{each.terms.recipient}, until {day(each.expires_on)}") for each in desk.releases],
        since=desk.case.opened_on,
        until=clock.today(current_practice().zone),
        no_pdf="" if render.available() else NO_PDF,
    )


@page.post("/cases/<case_id>/summaries")
@needs(Action.SUMMARY_MAKE)
@form_page(summaries)
def preview(case_id: str) -> Response:
    given = read(TreatmentSummarySchema)
    drafted, words = treatment_summary.draft(current_actor(), case_id, treatment_summary.wanted_by(given))
    return show(
        "pages/summaries/preview.html",
        task=f"Summary preview {drafted.record.case.code}",
        case=drafted.record.case,
        release=drafted.release,
        words=words,
        limits=treatment_summary.LIMITS,
        leaks=shown_leaks(drafted.record, passages(words.sections)),
        chosen=[(name, str(given[name])) for name in ("since", "until", "release_id", "needs")],
        seen=treatment_summary.digest_of(words),
        is_cosigned=drafted.is_cosigned,
        no_pdf="" if render.available() else NO_PDF,
    )


@page.post("/cases/<case_id>/summaries/make")
@needs(Action.SUMMARY_MAKE)
@form_page(preview)
def make(case_id: str) -> Response:
    given = read(TreatmentSummarySchema)
    with told_at_the_finds():
        treatment_summary.make(current_actor(), case_id, treatment_summary.wanted_by(given))
    return done(url_for("summaries.summaries", case_id=case_id), MADE)


@page.post("/cases/<case_id>/summaries/cosign")
@needs(Action.SUMMARY_MAKE)
@form_page(preview)
def cosign(case_id: str) -> Response:
    given = read(TreatmentSummarySchema)
    with told_at_the_finds():
        sent = treatment_summary.send(current_actor(), case_id, treatment_summary.wanted_by(given))
    return done(url_for("requests.request", request_id=sent.id), SENT)


@page.post("/requests/<request_id>/leave")
@needs(Action.SUMMARY_MAKE)
@form_page(request)
def leave(request_id: str) -> Response:
    with told_at_the_finds():
        kept = casework.let_leave(current_actor(), request_id, version=read(VersionOnly)["version"])
    return done(url_for("summaries.summaries", case_id=kept.case_id), MADE)


@page.get("/requests/<request_id>/file")
@needs(Action.REQUEST_READ)
def sent_file(request_id: str) -> Response:
    """The PDF that waits to be cosigned or to leave, as the bytes that would leave."""
    found = casework.read_sent(current_actor(), request_id)
    return attachment(found, treatment_summary.REPORT.file_name, treatment_summary.PDF)


@page.get("/requests/<request_id>/leave")
@needs(Action.REQUEST_READ)
def request_anew(request_id: str) -> Response:
    """Where the address of a step comes back to after identity was confirmed."""
    return request(request_id)


@page.get("/cases/<case_id>/summaries/cosign")
@page.get("/cases/<case_id>/summaries/make")
@needs(Action.SUMMARY_READ)
def chosen_anew(case_id: str) -> Response:
    """Where the address of a step is opened once more, as after identity was confirmed."""
    return go(url_for("summaries.summaries", case_id=case_id))


@page.get("/summaries/<summary_id>/file")
@needs(Action.SUMMARY_READ)
def file(summary_id: str) -> Response:
    """The PDF as it was handed out."""
    found = casework.read_summary(current_actor(), summary_id)
    return attachment(found.file, treatment_summary.REPORT.file_name, treatment_summary.PDF)
