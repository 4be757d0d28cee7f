"""Reports: choose the stretch of time and the parts, see what goes in and what stays out and why, then make the PDF.

Rule: nothing is made before it was seen. A report says draft on every page until its author has read it and says so.
"""

import hashlib
from datetime import date
from typing import Any

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.release_codes import ContentClass, Door
from schemas.reports import ProgressSchema
from schemas.vocabulary import ReportPart
from service.casework import disclosures, records
from service.casework.leaks import check_leaving, find_leaks
from service.casework.records import Record
from service.domain import clock
from service.domain.disclosures import Left, to_the_client
from service.guard import current_actor, needs
from service.reports import progress, render, report
from service.reports.outline import outline, passages
from service.reports.progress import Period, Wanted
from service.web.case_frame import banner_of, tabs
from service.web.files import attachment
from service.web.forms import form_page, read
from service.web.frame import show
from service.web.leaks import told_at_the_finds

page = Blueprint("reports", __name__)
NO_PDF = "PDF cannot be made on this computer at present: its text library, Pango, is missing. The preview works."


@page.get("/cases/<case_id>/reports")
@needs(Action.REPORT_MAKE)
def reports(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.REPORT_MAKE)
    return show(
        "pages/reports/reports.html",
        task=f"Progress report {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        tabs_of_case=tabs(record.case, "reports.reports"),
        since=record.case.opened_on,
        until=_today(record),
        parts=[(part, part.label) for part in ReportPart],
        usual=[part.value for part in ReportPart if part in progress.USUAL],
        no_pdf="" if render.available() else NO_PDF,
    )


@page.post("/cases/<case_id>/reports")
@needs(Action.REPORT_MAKE)
@form_page(reports)
def preview(case_id: str) -> Response:
    record, wanted, context = _collected(case_id)
    return show(
        "pages/reports/preview.html",
        task=f"Report preview {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        period=wanted.period,
        context=context,
        outline=outline(context, wanted.parts),
        leaks=find_leaks(record, passages(context)),
        chosen=[part.value for part in ReportPart if part in wanted.parts],
        back_url=url_for("reports.reports", case_id=case_id),
        no_pdf="" if render.available() else NO_PDF,
    )


@page.post("/cases/<case_id>/reports/file")
@needs(Action.REPORT_MAKE)
@form_page(preview)
def file(case_id: str) -> Response:
    _, wanted, context = _collected(case_id)
    with told_at_the_finds():
        check_leaving(
            current_actor(), case_id, Action.REPORT_MAKE, passages=passages(context), confirmed=wanted.confirmed
        )
    body = report.pdf(progress.REPORT, context)
    disclosures.record_leaving(current_actor(), Action.REPORT_MAKE, case_id, _left(wanted, body), to_the_client())
    return attachment(body, progress.REPORT.file_name, "application/pdf")


def _left(wanted: Wanted, body: bytes) -> Left:
    """The report is made for the client, who chose its parts."""
    parts = tuple(part.label for part in ReportPart if part in wanted.parts)
    standing = "signed" if wanted.signed else "draft"
    digest = hashlib.sha256(body).hexdigest()
    return Left(Door.REPORT, (ContentClass.SUMMARY,), (f"Progress report, {standing}", *parts), digest)


def _collected(case_id: str) -> tuple[Record, Wanted, dict[str, Any]]:
    """The posted choice, and the context that it makes."""
    given = read(ProgressSchema)
    record = records.read_record(current_actor(), case_id, Action.REPORT_MAKE)
    wanted = Wanted(
        Period(given["since"], given["until"]),
        frozenset(given["parts"]),
        _today(record),
        author=current_actor().name,
        signed=given["signed"],
        confirmed=tuple(given["confirmed"]),
    )
    return record, wanted, progress.collect(record, wanted)


def _today(record: Record) -> date:
    return clock.today(record.practice.zone)
