"""Export of a case: all there is beside what this reader gets and why, then a confirmation, then the receipt.

Rule: what was confirmed is what leaves. The receipt carries a digest of the contents; a download whose contents differ
from it is refused, and each download is another line of the audit.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

import orjson
from flask import Blueprint, request, url_for
from flask.wrappers import Response
from marshmallow import ValidationError

from schemas.actions import Action
from schemas.export_codes import Audience, PackageForm
from schemas.exports import ContentsSchema, DownloadSchema, ExportSchema, ScopeSchema
from schemas.payload import flat
from schemas.release_codes import LegalBasis, SendRoute
from service.casework import cases, disclosures, packages, records, releases
from service.casework.publishing import Named
from service.casework.records import Record
from service.domain import clock
from service.domain.cases import record_safety_due
from service.domain.disclosures import Departure
from service.domain.packages import MOST, Scope
from service.domain.releases import Release
from service.errors import Invalid
from service.fhir import bundle
from service.fhir.bundle import By
from service.guard import current_actor, needs, request_id
from service.web.case_frame import banner_of, tabs
from service.web.cases import labels
from service.web.departures import departing
from service.web.files import attachment
from service.web.forms import form_page, read
from service.web.frame import go, show

page = Blueprint("exports", __name__)
FILES = {
    PackageForm.BUNDLE: ("record.json", "application/fhir+json"),
    PackageForm.NDJSON: ("record.ndjson", "application/fhir+ndjson"),
    PackageForm.TRANSACTION: ("record-transaction.json", "application/fhir+json"),
}
MANIFEST_FILE = "record-contents.json"
# What the security labels of a package ask of whoever receives it.
LABELS = {
    "N": "as any health record",
    "R": "restricted",
    "V": "very restricted",
    "SDV": "about abuse",
    "MH": "about mental health",
    "NORDSCLCD": "not to be passed on without consent",
    "NOPAT": "not to be shown to client, family or carers without you",
}


@page.get("/cases/<case_id>/export")
@needs(Action.EXPORT_PREVIEW)
def export(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.EXPORT_PREVIEW)
    scope, problem = _asked(case_id)
    manifest = bundle.preview(current_actor(), case_id, scope)
    desk = releases.read_desk(current_actor(), case_id)
    return show(
        "pages/exports/export.html",
        task=f"Export {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        tabs_of_case=tabs(record.case, "exports.export"),
        there_is=_there_is(record),
        resources=_resources(manifest),
        left_out=_left_out(manifest),
        by_class=_by_class(manifest),
        scope=scope,
        sent_along=_pairs(scope),
        problem=problem,
        ask_first=record_safety_due(record.case.record_safety, clock.today(record.practice.zone)),
        options=_options(releases.in_force(desk)),
        labels=_labels(manifest),
        may_export=Action.EXPORT_MAKE in record.case.may,
    )


@page.post("/cases/<case_id>/export")
@needs(Action.EXPORT_PREVIEW)
@form_page(export)
def choose(case_id: str) -> Response:
    """What the package is to hold; nothing is made of it yet, so the choice goes into the address, as codes."""
    scope = packages.choose(current_actor(), case_id, read(ScopeSchema))
    return go(f"{url_for('exports.export', case_id=case_id)}?{urlencode(_pairs(scope))}")


@page.get("/cases/<case_id>/export/make")
@needs(Action.EXPORT_MAKE)
def make(case_id: str) -> Response:
    desk, (scope, _problem) = releases.read_desk(current_actor(), case_id), _asked(case_id)
    return show(
        "pages/exports/make.html",
        task=f"Export {desk.case.code}",
        case=desk.case,
        departing=departing(releases.in_force(desk), route=SendRoute.SYSTEM, usual=_usual(scope.release), exports=True),
        sent_along=_pairs(scope),
        audience=scope.audience,
    )


@page.post("/cases/<case_id>/export/make")
@needs(Action.EXPORT_MAKE)
@form_page(make)
def receipt(case_id: str) -> Response:
    departure = read(ExportSchema)
    scope = packages.scope_of(current_actor(), case_id, departure)
    leaving = Departure(**departure)
    by = By(scope, bundle.papers_of(leaving))
    _body, manifest = bundle.export(current_actor(), case_id, None, by=by)
    disclosures.check_departure(current_actor(), case_id, bundle.classes_of(manifest), leaving)
    case = cases.read_case(current_actor(), case_id)
    return show(
        "pages/exports/receipt.html",
        task=f"Export receipt {case.code}",
        case=case,
        resources=_resources(manifest),
        left_out=_left_out(manifest),
        recipient=departure["recipient"],
        about_scope=[*_pairs(scope), ("digest", _digest(manifest)), *_named(by.papers)],
        sent_along=[
            *((name, value or "") for name, value in departure.items()),
            *_pairs(scope),
            ("digest", _digest(manifest)),
        ],
        form=scope.form.label,
        by_class=_by_class(manifest),
        digest=_digest(manifest),
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
    confirmed, scope = given.pop("digest"), packages.scope_of(current_actor(), case_id, given)
    body, _manifest = bundle.export(current_actor(), case_id, Departure(**given), confirmed=confirmed, by=By(scope))
    return attachment(body, *FILES[scope.form])


@page.post("/cases/<case_id>/export/contents")
@needs(Action.EXPORT_MAKE)
@form_page(make)
def manifest_file(case_id: str) -> Response:
    """Counts and reasons only: nothing of the record leaves by it."""
    given = read(ContentsSchema)
    confirmed, papers = given.pop("digest"), Named(given.pop("release_id"), given.pop("request_id"))
    by = By(packages.scope_of(current_actor(), case_id, given), papers)
    _body, manifest = bundle.export(current_actor(), case_id, None, confirmed=confirmed, by=by)
    body = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
    return attachment(body, MANIFEST_FILE, "application/json")


def _asked(case_id: str) -> tuple[Scope, str]:
    """The scope after the question mark, or typed into the form that comes back; what cannot be read is said and left
    out.
    """
    given = request.form if request.method == "POST" else request.args
    posted = {name: given.getlist(name) for name in ScopeSchema().fields if given.get(name)}
    asked: dict[str, Any] = {name: texts if name == "classes" else texts[-1] for name, texts in posted.items()}
    try:
        loaded = cast(dict[str, Any], ScopeSchema().load(asked))
        return packages.scope_of(current_actor(), case_id, loaded), ""
    except ValidationError as error:
        return Scope(), " ".join(flat(error.messages).values())
    except Invalid as error:
        return Scope(), error.message


def _pairs(scope: Scope) -> list[tuple[str, str]]:
    """The scope as names and values, for an address or a form."""
    pairs = [("audience", str(scope.audience)), ("form", str(scope.form))]
    pairs += [("classes", str(each)) for each in scope.classes]
    days = ("since", scope.days.since), ("until", scope.days.until)
    pairs += [(name, str(day)) for name, day in days if day]
    return [*pairs, ("by_release", scope.release.id)] if scope.release else pairs


def _named(papers: Named) -> list[tuple[str, str]]:
    return [("release_id", papers.release_id or ""), ("request_id", papers.request_id or "")]


def _options(in_force: Sequence[Release]) -> dict[str, list[tuple[str, str]]]:
    return {
        "audiences": labels(Audience),
        "classes": [(str(each), each.label) for each in MOST[Audience.CLINICIAN]],
        "forms": labels(PackageForm),
        "releases": [(each.id, f"{each.terms.recipient}, until {each.expires_on}") for each in in_force],
    }


def _usual(release: Release | None) -> dict[str, str]:
    """A package that a release bounds leaves by it, to whom it names."""
    if release is None:
        return {}
    terms = release.terms
    given = {"recipient": terms.recipient, "address": terms.address, "release_id": release.id}
    return given | {"basis": LegalBasis.RELEASE, "purpose": terms.purpose, "route": terms.route}


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


def _resources(manifest: Mapping[str, Any]) -> int:
    return sum(manifest["counts"].values())


def _labels(manifest: Mapping[str, Any]) -> list[str]:
    return [LABELS[each] for each in manifest["labels"]]


def _by_class(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each class as people count what is in it: what goes, what stays, and why."""
    return [
        {
            "label": each["label"],
            "goes": _counted(each["parts"], "sent") or ["0 sent"],
            "stays": ["Not told"] if each["withheld"] is None else _counted(each["parts"], "withheld") or ["Nothing"],
            "why": each["why"],
        }
        for each in manifest["by_class"]
    ]


def _counted(parts: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return [f"{each['what']}: {each[name]}" for each in parts if each[name]]


def _left_out(manifest: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    return [(each["what"], each["count"], each["why"]) for each in manifest["left_out"]]
