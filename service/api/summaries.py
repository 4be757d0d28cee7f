"""Summaries of treatment for another clinician, and those that left."""

from flask import Response

from schemas.actions import Action
from schemas.payload import Page, VersionOnly
from schemas.requests import RequestRecord
from schemas.summaries import TreatmentSummaryRecord, TreatmentSummarySchema
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import summaries
from service.domain.requests import Request
from service.domain.summaries import Summary
from service.guard import current_actor, needs
from service.reports import treatment_summary

routes = Routes("Summaries", "Summaries of treatment for another clinician, by a release; what left is kept as it was.")


@routes.get("/cases/<id:case_id>/summaries", TreatmentSummaryRecord, many=True)
@needs(Action.SUMMARY_READ)
@asks(Page)
def list_summaries(asked: Given, case_id: str) -> Listed:
    """Every summary that left, newest first."""
    return listed(summaries.read_summaries(current_actor(), case_id).summaries, asked)


@routes.post("/cases/<id:case_id>/summaries", TreatmentSummaryRecord, status=201)
@needs(Action.SUMMARY_MAKE)
@takes(TreatmentSummarySchema)
def make_summary(given: Given, case_id: str) -> Summary:
    """Make one by a release in force and keep it. It is in the disclosures log. Whoever a supervisor cosigns sends it
    to cosign instead.
    """
    return treatment_summary.make(current_actor(), case_id, treatment_summary.wanted_by(given))


@routes.get("/summaries/<id:summary_id>", TreatmentSummaryRecord)
@needs(Action.SUMMARY_READ)
def read_summary(summary_id: str) -> Summary:
    """One that left, in its words."""
    return summaries.read_summary(current_actor(), summary_id)


@routes.post("/cases/<id:case_id>/summaries/cosign", RequestRecord, status=201)
@needs(Action.SUMMARY_MAKE)
@takes(TreatmentSummarySchema)
def send_summary(given: Given, case_id: str) -> Request:
    """Send the file that would leave to who cosigns you; 409 where nobody does. Approve or return it as a request."""
    return treatment_summary.send(current_actor(), case_id, treatment_summary.wanted_by(given))


@routes.get("/requests/<id:request_id>/summary")
@needs(Action.REQUEST_READ)
def sent_summary(request_id: str) -> Response:
    """The PDF that waits to be cosigned or to leave, as the bytes that would leave."""
    return Response(summaries.read_sent(current_actor(), request_id), mimetype=treatment_summary.PDF)


@routes.post("/requests/<id:request_id>/summary", TreatmentSummaryRecord, status=201)
@needs(Action.SUMMARY_MAKE)
@takes(VersionOnly)
def let_summary_leave(given: Given, request_id: str) -> Summary:
    """Let leave what the second person agreed to, as it was read, and keep it. It is in the disclosures log."""
    return summaries.let_leave(current_actor(), request_id, version=seen(given))
