"""Export of a case: all there is beside what this reader gets and why, then a confirmation, then the receipt.

Rule: what was confirmed is what leaves. The receipt carries a digest of the contents; a download whose contents differ
from it is refused, and each download is another line of the audit.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Blueprint
from flask.wrappers import Response

from schemas.actions import Action
from schemas.exports import DownloadSchema
from service.casework import cases, records
from service.casework.records import Record
from service.domain import clock
from service.domain.actors import Actor
from service.errors import Conflict
from service.fhir import bundle
from service.guard import current_actor, needs, request_id
from service.web.case_frame import banner_of, tabs
from service.web.files import attachment
from service.web.forms import form_page, read
from service.web.frame import show

page = Blueprint("exports", __name__)
BUNDLE_FILE, MANIFEST_FILE = "record.json", "record-contents.json"
CHANGED = "The record changed after the receipt was made. Look at the preview again, then confirm anew."
WORDS = {
    "Patient": "The client",
    "EpisodeOfCare": "The episode of care",
    "Encounter": "Sessions that took place",
    "Questionnaire": "The log as a form",
    "QuestionnaireResponse": "Logs with every answer",
    "Observation": "Scores of the logs",
    "CarePlan": "That a plan exists, with its dates",
    "DocumentReference": "That a signed note exists, with its date and hash",
    "Provenance": "Who wrote and signed",
    "Practitioner": "The clinician",
    "Organization": "The practice",
}


@dataclass(frozen=True)
class Made:
    """An export as it stands now: exact bytes, manifest, and a digest of the contents without the time of making."""

    body: bytes
    manifest: Mapping[str, Any]
    digest: str


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
    case = cases.read_case(current_actor(), case_id)
    return show("pages/exports/make.html", task=f"Export {case.code}", case=case)


@page.post("/cases/<case_id>/export/make")
@needs(Action.EXPORT_MAKE)
@form_page(make)
def receipt(case_id: str) -> Response:
    case = cases.read_case(current_actor(), case_id)
    made = _made(current_actor(), case_id)
    return show(
        "pages/exports/receipt.html",
        task=f"Export receipt {case.code}",
        case=case,
        counts=_counts(made.manifest),
        left_out=_left_out(made.manifest),
        size=f"{len(made.body) / 1000:,.0f} kB",
        digest=made.digest,
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
    made = _as_confirmed(current_actor(), case_id)
    return attachment(made.body, BUNDLE_FILE, "application/fhir+json")


@page.post("/cases/<case_id>/export/contents")
@needs(Action.EXPORT_MAKE)
@form_page(make)
def manifest_file(case_id: str) -> Response:
    made = _as_confirmed(current_actor(), case_id)
    body = orjson.dumps({**made.manifest, "contents_sha256": made.digest}, option=orjson.OPT_INDENT_2)
    return attachment(body, MANIFEST_FILE, "application/json")


def _as_confirmed(actor: Actor, case_id: str) -> Made:
    digest = read(DownloadSchema)["digest"]
    made = _made(actor, case_id)
    if made.digest != digest:
        raise Conflict(CHANGED)
    return made


def _made(actor: Actor, case_id: str) -> Made:
    body, manifest = bundle.export(actor, case_id)
    entries = orjson.loads(body).get("entry", [])
    return Made(body, manifest, hashlib.sha256(orjson.dumps(entries)).hexdigest())


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
