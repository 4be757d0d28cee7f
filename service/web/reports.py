"""Reports: choose the stretch of time and the parts, see what goes in and what stays out and why, then make the PDF.

Rule: nothing is made before it was seen. A report says draft on every page until its author has read it and says so,
and, where a supervisor cosigns what the author writes, until these very words were released.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.release_codes import ContentClass, Door
from schemas.reports import ProgressSchema
from schemas.request_codes import RequestStatus
from schemas.vocabulary import ReportPart
from service.casework import disclosures, records, requests
from service.casework.leaks import check_leaving, find_leaks
from service.casework.records import Record
from service.domain import clock
from service.domain.disclosures import Left, to_the_client
from service.domain.requests import Proposal, ReportChoice, Request
from service.errors import Invalid
from service.guard import current_actor, needs
from service.reports import progress, render, report
from service.reports.outline import outline, passages
from service.reports.progress import Period, Wanted
from service.web.case_frame import banner_of, tabs
from service.web.files import attachment
from service.web.forms import form_page, read
from service.web.frame import done, go, show
from service.web.leaks import told_at_the_finds
from service.web.requests import fields_of

page = Blueprint("reports", __name__)
NO_PDF = "PDF cannot be made on this computer at present: its text library, Pango, is missing. The preview works."
NOT_COSIGNED = "A supervisor cosigns your reports. Send these words to cosign; until they are released, make a draft."
SENT = "Sent to cosign. Until it is released, every page of the file says draft."


@dataclass(frozen=True)
class Standing:
    """How these words stand with whoever cosigns them: nobody has to, or they were sent, or not yet."""

    is_needed: bool
    sent: Request | None
    stuck: str

    @property
    def released(self) -> Request | None:
        return self.sent if self.sent is not None and self.sent.status is RequestStatus.APPROVED else None

    @property
    def may_be_sent(self) -> bool:
        return self.is_needed and (self.sent is None or self.sent.status is RequestStatus.OPEN)

    @property
    def is_final(self) -> bool:
        """Whether the author may stand by them."""
        return not self.is_needed or self.released is not None


@page.get("/cases/<case_id>/reports")
@needs(Action.REPORT_MAKE)
def reports(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.REPORT_MAKE)
    cosigning = requests.read_cosigning(current_actor(), case_id)
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
        sent=cosigning.reports,
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
        standing=_standing(record, wanted),
        chosen=fields_of(_choice(wanted)),
        back_url=url_for("reports.reports", case_id=case_id),
        no_pdf="" if render.available() else NO_PDF,
    )


@page.post("/cases/<case_id>/reports/file")
@needs(Action.REPORT_MAKE)
@form_page(preview)
def file(case_id: str) -> Response:
    record, wanted, context = _collected(case_id)
    standing = _standing(record, wanted)
    if wanted.signed and not standing.is_final:
        raise Invalid(NOT_COSIGNED, {"signed": NOT_COSIGNED})
    if wanted.signed and standing.released is not None:
        as_sent = replace(_as_sent(wanted, standing.released), cosigner=standing.released.approver_name)
        context = progress.collect(record, as_sent)
    _check_words(case_id, wanted, context)
    body = report.pdf(progress.REPORT, context)
    left = _left(wanted, body, standing.released)
    disclosures.record_leaving(current_actor(), Action.REPORT_MAKE, case_id, left, to_the_client())
    return attachment(body, progress.REPORT.file_name, "application/pdf")


@page.post("/cases/<case_id>/reports/cosign")
@needs(Action.REQUEST_WRITE)
@form_page(preview)
def cosign(case_id: str) -> Response:
    record, wanted, context = _collected(case_id)
    _check_words(case_id, wanted, context)
    told = report.words(progress.REPORT, progress.collect(record, replace(wanted, signed=True)))
    proposal = Proposal((ContentClass.SUMMARY,), told, _choice(wanted))
    found = requests.send_to_cosign(current_actor(), case_id, proposal, wanted.period.words)
    return done(url_for("requests.request", request_id=found.id), SENT)


@page.get("/cases/<case_id>/reports/cosign")
@page.get("/cases/<case_id>/reports/file")
@needs(Action.REPORT_MAKE)
def chosen_anew(case_id: str) -> Response:
    """Where the address of a step is opened once more, as after a screen was unlocked."""
    return go(url_for("reports.reports", case_id=case_id))


def _check_words(case_id: str, wanted: Wanted, context: Mapping[str, Any]) -> None:
    """Raises Invalid at the finds of the leak guard that nobody confirmed."""
    with told_at_the_finds():
        check_leaving(
            current_actor(), case_id, Action.REPORT_MAKE, passages=passages(context), confirmed=wanted.confirmed
        )


def _standing(record: Record, wanted: Wanted) -> Standing:
    cosigning = requests.read_cosigning(current_actor(), record.case.id)
    alike = (each for each in cosigning.reports if each.proposal.report == _choice(wanted))
    sent = (each for each in alike if _words_as_sent(record, wanted, each) == each.proposal.items)
    return Standing(cosigning.is_needed, next(sent, None), cosigning.stuck)


def _words_as_sent(record: Record, wanted: Wanted, sent: Request) -> str:
    """What the record says now for the same choice, dated as it was sent."""
    return report.words(progress.REPORT, progress.collect(record, _as_sent(wanted, sent)))


def _as_sent(wanted: Wanted, sent: Request) -> Wanted:
    return replace(wanted, today=sent.asking.received_on, signed=True)


def _choice(wanted: Wanted) -> ReportChoice:
    parts = tuple(part.value for part in ReportPart if part in wanted.parts)
    return ReportChoice(wanted.period.since, wanted.period.until, parts)


def _left(wanted: Wanted, body: bytes, released: Request | None) -> Left:
    """The report is made for the client, who chose its parts."""
    parts = tuple(part.label for part in ReportPart if part in wanted.parts)
    cosigned = (f"Cosigned by {released.approver_name}",) if wanted.signed and released is not None else ()
    standing = "signed" if wanted.signed else "draft"
    digest = hashlib.sha256(body).hexdigest()
    return Left(Door.REPORT, (ContentClass.SUMMARY,), (f"Progress report, {standing}", *cosigned, *parts), digest)


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
