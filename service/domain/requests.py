"""Requests for the record: by the client, by somebody for the client, by a court. Two people release, never one.

A subpoena alone lets nothing out: it opens a legal review, and an order or the client's own release must stand beside
it. Psychotherapy notes are never among the items. Whoever asks as representative may be refused where abuse by that
person is suspected (45 CFR 164.502(g)(5), to be confirmed for each jurisdiction).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from schemas.release_codes import ContentClass
from schemas.request_codes import AskedBy, RefusalReason, RequestKind, RequestStatus, RequestStep, RequestTask

K, T, S = RequestKind, RequestTask, RequestStatus
LEGAL = frozenset({K.SUBPOENA, K.COURT_ORDER, K.WARRANT})
# What nobody asked for by a paper: the practice writes it, and who cosigns its author is the second person.
OWN = frozenset({K.PROGRESS, K.SUMMARY})
REPORTS = OWN | {K.REPORT}
UNDER_REPORTS = (
    "A progress report or a summary for another clinician is chosen and sent to cosign under Reports, from the "
    "record as it stands."
)
WHICH_ORDER = "Say which: the court, the day and the number of the order, or which release of the client."
REPORT_KIND = "A report is a written summary. Tick that, and write the report itself below."

_MOVES: Mapping[tuple[RequestStatus, RequestStep], RequestStatus] = {
    (S.OPEN, RequestStep.PROPOSE): S.PROPOSED,
    (S.PROPOSED, RequestStep.APPROVE): S.APPROVED,
    (S.PROPOSED, RequestStep.RETURN): S.OPEN,
    (S.OPEN, RequestStep.REFUSE): S.REFUSED,
    (S.PROPOSED, RequestStep.REFUSE): S.REFUSED,
    (S.APPROVED, RequestStep.CLOSE): S.CLOSED,
}


@dataclass(frozen=True)
class Asking:
    """What came in. `order`: a court order, or the client's own release, stands beside it; `order_words` say which."""

    kind: RequestKind
    by: AskedBy
    name: str
    words: str
    received_on: date
    address: str = ""
    due_on: date | None = None
    order: bool = False
    order_words: str = ""


@dataclass(frozen=True)
class Done:
    """A task that was done: when, by whom, in words."""

    task: RequestTask
    on: date
    by_name: str
    words: str


@dataclass(frozen=True)
class ReportChoice:
    """What a progress report was to hold when its words were made."""

    since: date
    until: date
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """Exactly what would leave. `report`: what its words were made of, where it is a progress report. An export by it
    holds sessions, notes and what was filled in from `since` to `until` alone, where they are named.
    """

    classes: tuple[ContentClass, ...] = ()
    items: str = ""
    report: ReportChoice | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class SentBack:
    """Why the second person did not release what was proposed."""

    words: str
    on: date
    by_name: str


@dataclass(frozen=True)
class Refusal:
    reason: RefusalReason
    words: str


@dataclass(frozen=True)
class Request:
    """`proposer_id` and `approver_id` are never the same person. `back` stands until it is proposed anew."""

    id: str
    case_id: str
    status: RequestStatus
    asking: Asking
    done: tuple[Done, ...]
    proposal: Proposal
    refusal: Refusal | None
    author_name: str
    proposer_id: str | None
    proposer_name: str
    approver_id: str | None
    approver_name: str
    created_at: datetime
    version: int
    updated_at: datetime
    back: SentBack | None = None

    @property
    def open_tasks(self) -> tuple[RequestTask, ...]:
        finished = {each.task for each in self.done}
        return tuple(each for each in tasks_of(self.asking) if each not in finished)


def tasks_of(asking: Asking) -> tuple[RequestTask, ...]:
    """What must be done first: a lawyer's look and word to the client for every legal paper; who asks, for anybody but
    the client.
    """
    if asking.kind in LEGAL:
        return (T.REVIEW, T.NOTICE)
    return () if asking.by is AskedBy.CLIENT else (T.AUTHORITY, T.NOTICE)


def after(status: RequestStatus, step: RequestStep) -> RequestStatus | None:
    """The status that a step leads to; None where it cannot be taken."""
    return _MOVES.get((status, step))


def asking_faults(asking: Asking, today: date) -> dict[str, str]:
    """What is missing, by field."""
    checks = (
        ("name", bool(asking.name.strip()), "Say who asks."),
        ("words", bool(asking.words.strip()), "Say what is asked for, as it was put."),
        ("received_on", asking.received_on <= today, "It cannot come in tomorrow."),
        ("kind", asking.kind not in OWN, UNDER_REPORTS),
        ("order_words", not asking.order or bool(asking.order_words.strip()), WHICH_ORDER),
        ("by", asking.kind in LEGAL or asking.by is not AskedBy.COURT, "A court asks by an order."),
    )
    return {field: words for field, holds, words in checks if not holds}


def why_not_yet(request: Request, proposal: Proposal) -> dict[str, str]:
    """Why this cannot be proposed for release, by field; empty when it can."""
    wrong: dict[str, str] = {}
    if request.asking.kind is K.SUBPOENA and not request.asking.order:
        wrong["status"] = "A subpoena alone lets nothing out. Record the order or the client's release that came to it."
    elif request.asking.kind in OWN:
        wrong["status"] = UNDER_REPORTS
    elif request.open_tasks:
        wrong["status"] = f"First: {'; '.join(each.label.casefold() for each in request.open_tasks)}."
    if not proposal.classes:
        wrong["classes"] = "Tick what would leave; only what is named in the request."
    if ContentClass.PSYCHOTHERAPY in proposal.classes:
        wrong["classes"] = "Psychotherapy notes leave by no request, only by a release of their own."
    elif request.asking.kind is K.REPORT and proposal.classes != (ContentClass.SUMMARY,):
        wrong["classes"] = REPORT_KIND
    if proposal.since and proposal.until and proposal.until < proposal.since:
        wrong["until"] = "The last day comes before the first."
    if not proposal.items.strip():
        wrong["items"] = "Name each item: dates, documents, pages."
    return wrong


def is_report(proposal: Proposal) -> bool:
    """Whether words about the client would leave, written for whoever asks; the kind of request does not matter."""
    return ContentClass.SUMMARY in proposal.classes


def carries(request: Request | None, recipient: str, classes: tuple[ContentClass, ...]) -> str:
    """Why this request does not let these classes leave to that person; empty when it does."""
    if request is not None and request.asking.kind in OWN:
        return UNDER_REPORTS
    if request is None or request.status is not S.APPROVED:
        return "There is no such request of this case that two people released."
    if recipient.strip().casefold() != request.asking.name.strip().casefold():
        return "The request came from somebody else."
    beyond = [each.label for each in classes if each not in request.proposal.classes]
    return f"Two people did not release: {'; '.join(beyond)}." if beyond else ""
