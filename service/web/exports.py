"""Export of a case: all there is beside what this reader gets and why, then a confirmation, then the receipt.

Rule: what was confirmed is what leaves. The receipt carries a digest of the contents; a download whose contents differ
from it is refused, and each download is another line of the audit.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Blueprint
from flask.wrappers import Response

from schemas.actions import Action
from schemas.exports import ContentsSchema, DownloadSchema
from schemas.release_codes import SendRoute
from schemas.releases import DepartureSchema
from service.casework import cases, disclosures, records, releases
from service.casework.records import Record
from service.domain import clock
from service.domain.disclosures import Departure
from service.fhir import bundle
from service.guard import current_actor, needs, request_id
from service.web.case_frame import banner_of, tabs
from service.web.departures import departing
from service.web.files import attachment
from service.web.forms import form_page, read
from service.web.frame import show

page = Blueprint("exports", __name__)
BUNDLE_FILE, MANIFEST_FILE = "record.json", "record-contents.json"
WORDS = {
    "Patient": "The client",
    "EpisodeOfCare": "The episode of care",
    "Encounter": "Sessions that took place",
    "Questionnaire": "The log as a form",
    "QuestionnaireResponse": "Logs with every answer",
    "Observation": "Scores of the logs",
    "Goal": "How goals stand, without their words",
    "ServiceRequest": "That there was a referral, without who referred",
    "CarePlan": "That a plan exists, with its dates, and which topics were begun",
    "Task": "Which tasks were offered, as codes",
    "Procedure": "Ways of working in sessions, as codes",
    "Appointment": "Appointments that the client did not come to",
    "PlanDefinition": "The programme as a definition",
    "Binary": "Text of signed notes",
    "DocumentReference": "That a signed note exists, with its date and hash",
    "Provenance": "Who wrote and signed",
    "Practitioner": "The clinician",
    "PractitionerRole": "That the clinician works at the practice",
    "Organization": "The practice",
}


@page.get("/cases/<case_id>/export")
@needs(Action.EXPORT_PREVIEW)
def export(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.EXPORT_PREVIEW)
    manifest = bundle.preview(current_actor(), case_id)
    return show(
        "pages/exports/export.html",
        task=f"Export {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        tabs_of_case=tabs(record.case, "exports.export"),
        there_is=_there_is(record),
        counts=_counts(manifest),
        left_out=_left_out(manifest),
        labels=manifest["labels"],
        may_export=Action.EXPORT_MAKE in record.case.may,
    )


@page.get("/cases/<case_id>/export/make")
@needs(Action.EXPORT_MAKE)
def make(case_id: str) -> Response:
    desk = releases.read_desk(current_actor(), case_id)
    return show(
        "pages/exports/make.html",
        task=f"Export {desk.case.code}",
        case=desk.case,
        departing=departing(releases.in_force(desk), route=SendRoute.SYSTEM, exports=True),
    )


@page.post("/cases/<case_id>/export/make")
@needs(Action.EXPORT_MAKE)
@form_page(make)
def receipt(case_id: str) -> Response:
    departure = read(DepartureSchema)
    leaving = Departure(**departure)
    by = bundle.release_of(leaving)
    _body, manifest = bundle.export(current_actor(), case_id, None, release_id=by)
    disclosures.check_departure(current_actor(), case_id, bundle.classes_of(manifest), leaving)
    case = cases.read_case(current_actor(), case_id)
    return show(
        "pages/exports/receipt.html",
        task=f"Export receipt {case.code}",
        case=case,
        counts=_counts(manifest),
        left_out=_left_out(manifest),
        recipient=departure["recipient"],
        sent_along=[*((name, value or "") for name, value in departure.items()), ("digest", _digest(manifest))],
        digest=_digest(manifest),
        release_id=by or "",
        at=clock.now(),
        reference=request_id(),
    )


@page.get("/cases/<case_id>/export/bundle")
@page.get("/cases/<case_id>/export/contents")
@needs(Action.EXPORT_MAKE)
def confirm_anew(case_id: str) -> Response:
    """Where a download comes back to after identity had to be confirmed once more."""
    return make(case_id)


@page.post("/cases/<case_id>/export/bundle")
@needs(Action.EXPORT_MAKE)
@form_page(make)
def bundle_file(case_id: str) -> Response:
    given = read(DownloadSchema)
    confirmed = given.pop("digest")
    body, _manifest = bundle.export(current_actor(), case_id, Departure(**given), confirmed=confirmed)
    return attachment(body, BUNDLE_FILE, "application/fhir+json")


@page.post("/cases/<case_id>/export/contents")
@needs(Action.EXPORT_MAKE)
@form_page(make)
def manifest_file(case_id: str) -> Response:
    """Counts and reasons only: nothing of the record leaves by it."""
    given = read(ContentsSchema)
    _body, manifest = bundle.export(
        current_actor(), case_id, None, confirmed=given["digest"], release_id=given["release_id"]
    )
    body = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
    return attachment(body, MANIFEST_FILE, "application/json")


def _digest(manifest: Mapping[str, Any]) -> str:
    return str(manifest["contents_sha256"])


def _there_is(record: Record) -> list[tuple[str, int]]:
    """All that the record holds, counted as people count it."""
    return [
        ("Sessions", len(record.sessions)),
        ("Notes", len(record.notes)),
        ("Logs", len(record.intakes)),
        ("Plan versions", len(record.plans)),
        ("Goals", len(record.goals)),
        ("Safety events", len(record.events)),
    ]


def _counts(manifest: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    return [(WORDS.get(kind, kind), kind, count) for kind, count in manifest["counts"].items()]


def _left_out(manifest: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    return [(each["what"], each["count"], each["why"]) for each in manifest["left_out"]]
