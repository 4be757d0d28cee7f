"""Requests for the record: what came in, its tasks, the proposal, the second person, the refusal.

Rule: the page says first that nobody needs to answer at the door, and offers nothing to hand out before two agreed.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.payload import VersionOnly
from schemas.release_codes import ContentClass
from schemas.request_codes import AskedBy, RefusalReason, RequestKind, RequestStatus
from schemas.requests import AskingSchema, ProposalSchema, RequestRefusalSchema, SendBackSchema, TaskSchema
from service.casework import requests as casework
from service.casework.requests import TaskTold
from service.domain.requests import LEGAL, OWN, REPORTS, Asking, Proposal, ReportChoice, Request, is_report
from service.guard import current_actor, needs
from service.web.cases import labels
from service.web.departures import words
from service.web.forms import form_page, read
from service.web.frame import done, go, show

page = Blueprint("requests", __name__)
TONES = {
    RequestStatus.OPEN: "part",
    RequestStatus.PROPOSED: "attention",
    RequestStatus.APPROVED: "done",
    RequestStatus.REFUSED: "closed",
    RequestStatus.CLOSED: "closed",
}
NEVER = frozenset({ContentClass.PSYCHOTHERAPY})


@page.get("/cases/<case_id>/requests")
@needs(Action.REQUEST_READ)
def requests(case_id: str) -> Response:
    desk = casework.read_requests(current_actor(), case_id)
    return show(
        "pages/requests/requests.html",
        task=f"Requests {desk.case.code}",
        case=desk.case,
        requests=[(each, TONES[each.status]) for each in desk.requests],
        may_write=Action.REQUEST_WRITE in desk.case.may,
    )


@page.get("/cases/<case_id>/requests/new")
@needs(Action.REQUEST_WRITE)
def new(case_id: str) -> Response:
    desk = casework.read_requests(current_actor(), case_id)
    return show(
        "pages/requests/new.html",
        task=f"A request came in {desk.case.code}",
        case=desk.case,
        kinds=[each for each in labels(RequestKind) if RequestKind(each[0]) not in OWN],
        askers=labels(AskedBy),
        today=desk.today,
    )


@page.post("/cases/<case_id>/requests/new")
@needs(Action.REQUEST_WRITE)
@form_page(new)
def record(case_id: str) -> Response:
    found = casework.record_request(current_actor(), case_id, Asking(**read(AskingSchema)))
    return go(_url(found.id))


@page.get("/requests/<request_id>")
@needs(Action.REQUEST_READ)
def request(request_id: str) -> Response:
    sheet = casework.read_request(current_actor(), request_id)
    found, case = sheet.request, sheet.case
    return show(
        "pages/requests/request.html",
        task=f"{found.asking.kind.label} {case.code}",
        case=case,
        request=found,
        facts=_facts(found),
        tone=TONES[found.status],
        is_legal=found.asking.kind in LEGAL,
        tasks=[(each, each.label) for each in found.open_tasks],
        classes=[(each.value, each.label) for each in ContentClass if each not in NEVER],
        reasons=labels(RefusalReason),
        may_write=Action.REQUEST_WRITE in case.may,
        is_report=found.asking.kind in REPORTS,
        report_words=found.proposal.items if is_report(found.proposal) else "",
        is_own=found.asking.kind in OWN,
        is_summary=found.asking.kind is RequestKind.SUMMARY,
        may_leave=sheet.is_own and found.asking.kind is RequestKind.SUMMARY and Action.SUMMARY_MAKE in case.may,
        made_of=fields_of(found.proposal.report) if sheet.is_own and found.proposal.report else [],
        may_release=Action.REQUEST_RELEASE in case.may and sheet.may_second,
        seconds=sheet.seconds,
        may_name=Action.CASE_ASSIGN in case.may,
    )


@page.get("/requests/<request_id>/task")
@page.get("/requests/<request_id>/propose")
@page.get("/requests/<request_id>/approve")
@page.get("/requests/<request_id>/return")
@page.get("/requests/<request_id>/refuse")
@needs(Action.REQUEST_READ)
def opened_anew(request_id: str) -> Response:
    """Where the address of a step is opened once more, or comes back to after identity was confirmed."""
    return request(request_id)


@page.post("/requests/<request_id>/task")
@needs(Action.REQUEST_WRITE)
@form_page(request)
def finish_task(request_id: str) -> Response:
    given = read(TaskSchema)
    version = given.pop("version")
    casework.finish_task(current_actor(), request_id, TaskTold(**given), version=version)
    return done(_url(request_id), "Kept.")


@page.post("/requests/<request_id>/propose")
@needs(Action.REQUEST_WRITE)
@form_page(request)
def propose(request_id: str) -> Response:
    given = read(ProposalSchema)
    proposal = Proposal(tuple(given["classes"]), given["items"], since=given["since"], until=given["until"])
    casework.propose(current_actor(), request_id, proposal, version=given["version"])
    return done(_url(request_id), "Proposed. Nothing leaves before a second person releases it.")


@page.post("/requests/<request_id>/approve")
@needs(Action.REQUEST_RELEASE)
@form_page(request)
def approve(request_id: str) -> Response:
    casework.approve(current_actor(), request_id, version=read(VersionOnly)["version"])
    return done(_url(request_id), "Released. What is named here can leave now, and nothing else.")


@page.post("/requests/<request_id>/return")
@needs(Action.REQUEST_RELEASE)
@form_page(request)
def send_back(request_id: str) -> Response:
    given = read(SendBackSchema)
    casework.send_back(current_actor(), request_id, given["back"], version=given["version"])
    return done(_url(request_id), "Sent back. Nothing leaves.")


@page.post("/requests/<request_id>/refuse")
@needs(Action.REQUEST_WRITE)
@form_page(request)
def refuse(request_id: str) -> Response:
    given = read(RequestRefusalSchema)
    casework.refuse(current_actor(), request_id, given["reason"], words=given["words"], version=given["version"])
    return done(_url(request_id), "Refused. Nothing leaves.")


@page.get("/requests/<request_id>/close")
@needs(Action.REQUEST_WRITE)
def close(request_id: str) -> Response:
    sheet = casework.read_request(current_actor(), request_id)
    found, case = sheet.request, sheet.case
    return show(
        "pages/requests/close.html",
        task=f"{found.asking.kind.label} {case.code}",
        case=case,
        request=found,
        facts=_facts(found),
        may_write=Action.REQUEST_WRITE in case.may,
        is_unsent=found.asking.kind in OWN,
    )


@page.post("/requests/<request_id>/close")
@needs(Action.REQUEST_WRITE)
@form_page(close)
def close_it(request_id: str) -> Response:
    casework.close(current_actor(), request_id, version=read(VersionOnly)["version"])
    return done(_url(request_id), "Closed. Nothing more leaves by it.")


def _facts(found: Request) -> list[tuple[str, str]]:
    asking = found.asking
    came_in = [
        ("Who asks", asking.name),
        ("Who that is", asking.by.label),
        ("Where to", asking.address),
        ("What is asked for", asking.words),
        ("An order, or the client's release, beside it", (asking.order_words or "Yes") if asking.order else "No"),
        ("Would leave", words(found.proposal.classes)),
    ]
    return [
        *(_chosen(found) if asking.kind in OWN else came_in),
        *(() if is_report(found.proposal) else [("Each item", found.proposal.items), ("Of the days", _days(found))]),
        ("Proposed by", found.proposer_name),
        ("Released by", found.approver_name),
    ]


def _chosen(found: Request) -> list[tuple[str, str]]:
    """What the practice writes by itself: for whom, and of which days."""
    goes_to = [("For", found.asking.name), ("Covers", words(found.proposal.classes))]
    return [*(goes_to if found.asking.kind is RequestKind.SUMMARY else []), ("Period", found.asking.words)]


def _days(found: Request) -> str:
    since, until = (str(each) if each else "" for each in (found.proposal.since, found.proposal.until))
    bound = f"{since or 'the first'} to {until or 'the last'}"
    return bound if since or until else "All of them" if found.proposal.items else ""


def fields_of(choice: ReportChoice) -> list[tuple[str, str]]:
    """What a progress report was chosen to hold, as a form sends it."""
    return [("since", str(choice.since)), ("until", str(choice.until)), *(("parts", each) for each in choice.parts)]


def _url(request_id: str) -> str:
    return url_for("requests.request", request_id=request_id)
