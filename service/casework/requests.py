"""Requests for the record, from the day they come in to the release by two people or the refusal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from schemas.actions import Action
from schemas.request_codes import AskedBy, RefusalReason, RequestKind, RequestStatus, RequestStep, RequestTask
from service.casework.gate import admit, case_unit, check_version, opened_for, practice_today, who_of
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.disclosures import TO_CLIENT
from service.domain.requests import (
    OWN,
    WHICH_ORDER,
    Asking,
    Done,
    Proposal,
    Refusal,
    Request,
    SentBack,
    after,
    asking_faults,
    is_report,
    tasks_of,
    why_not_yet,
)
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import accounts, cases, requests, summary
from service.store.base import db
from service.store.cases import CaseRow
from service.store.requests import Content, RequestRow
from service.store.transaction import Unit, transaction

# As long as it stands so, the file of what was proposed is kept with it.
HELD = (RequestStatus.PROPOSED, RequestStatus.APPROVED)
SAME_PERSON = "A second person releases it. Whoever proposed it cannot."
SECOND = "Another person who may see this case must release it: the supervisor, or who covers the case."
NOT_COSIGNED_HERE = "Nobody cosigns what you write: make the file yourself, under Reports."
NOBODY_COSIGNS = (
    "No supervisor who cosigns what you write can open this case at present. What is sent waits: give one cover, lift "
    "a restriction, or ask an administrator to name another."
)
NOT_THE_COSIGNER = "This is released by a supervisor who cosigns what its author writes, and by nobody else."
NOT_THE_SUPERVISOR = (
    "A report is cosigned by a supervisor of the therapist of the case; where there is none, by somebody who neither "
    "has the case nor recorded the request. A supervisor who cannot open the case is given cover, or an administrator "
    "names another."
)


@dataclass(frozen=True)
class TaskTold:
    """What came of a task. `order`: with it came a court order, or the client's own release."""

    task: RequestTask
    words: str
    order: bool = False
    order_words: str = ""


@dataclass(frozen=True)
class RequestSheet:
    """One request, its case, whether the reader can be the second person, and whether the reader recorded it; `seconds`
    says who can be the second.
    """

    request: Request
    case: Case
    may_second: bool
    is_own: bool
    seconds: str


@dataclass(frozen=True)
class Cosigning:
    """Whether a supervisor cosigns what the reader writes, whether one can for this case, and the reports or summaries
    that went there and are not over, newest first.
    """

    is_needed: bool
    is_possible: bool
    reports: tuple[Request, ...]

    @property
    def stuck(self) -> str:
        """What to do where nobody could cosign; empty where somebody could, or nobody has to."""
        return NOBODY_COSIGNS if self.is_needed and not self.is_possible else ""


@dataclass(frozen=True)
class RequestDesk:
    """The requests of a case, newest first."""

    case: Case
    requests: tuple[Request, ...]
    today: date


def read_requests(actor: Actor, case_id: str) -> RequestDesk:
    with case_unit(actor, Action.REQUEST_READ, case_id) as (_unit, row):
        return RequestDesk(opened_for(actor, row), requests.of_case(case_id), practice_today(actor))


def read_request(actor: Actor, request_id: str) -> RequestSheet:
    with transaction(actor, Action.REQUEST_READ, f"request/{request_id}") as unit:
        row = admitted(unit, request_id)
        case = cases.row(row.case_id)
        if case is None:
            raise NotFound
        found = requests.value(row)
        is_own = row.author_id == actor.user_id
        return RequestSheet(found, opened_for(actor, case), may_second(actor, row), is_own, _who_seconds(found))


def record_request(actor: Actor, case_id: str, asking: Asking) -> Request:
    """Keep what came in; its tasks open with it. Raises Invalid naming the field."""
    with case_unit(actor, Action.REQUEST_WRITE, case_id) as (unit, _row):
        wrong = asking_faults(asking, practice_today(actor))
        if wrong:
            raise Invalid("The request needs a change.", wrong)
        unit.why = f"{asking.kind} came in"
        row = requests.add(case_id, actor.user_id, asking)
        summary.refresh(case_id)
        return requests.value(row)


def finish_task(actor: Actor, request_id: str, told: TaskTold, *, version: int) -> Request:
    """Say what came of a task. Raises Conflict for one that this request does not have."""
    with held(actor, Action.REQUEST_WRITE, request_id, version) as (unit, row):
        kept = requests.content(row)
        if row.status != RequestStatus.OPEN or told.task not in tasks_of(kept.asking):
            raise Conflict("This request has no such task, or is past it.")
        wrong = {} if told.words.strip() else {"words": "Who was spoken to, when, and what was said."}
        if told.order and not told.order_words.strip():
            wrong["order_words"] = WHICH_ORDER
        if wrong:
            raise Invalid("Say what came of it.", wrong)
        unit.why = f"{told.task} done"
        earlier = tuple(each for each in kept.done if each.task is not told.task)
        done = Done(told.task, practice_today(actor), actor.name, told.words.strip())
        asking = kept.asking
        if told.order:
            asking = replace(asking, order=True, order_words=told.order_words.strip())
        return keep(row, replace(kept, asking=asking, done=(*earlier, done)))


def propose(actor: Actor, request_id: str, proposal: Proposal, *, version: int) -> Request:
    """Name exactly what would leave; a second person must release it. Raises Invalid where it may not yet."""
    with held(actor, Action.REQUEST_WRITE, request_id, version) as (unit, row):
        stored = requests.value(row)
        take(unit, row, RequestStep.PROPOSE)
        wrong = why_not_yet(stored, proposal)
        if wrong:
            raise Invalid("This cannot be proposed yet.", wrong)
        row.proposer_id = actor.user_id
        proposed = replace(requests.content(row), proposal=proposal, back=None, waits_since=clock.now())
        return keep(row, proposed)


def read_cosigning(actor: Actor, case_id: str) -> Cosigning:
    """How the reader's own progress reports of this case stand with whoever cosigns them."""
    with case_unit(actor, Action.REQUEST_READ, case_id) as (_unit, row):
        return cosigning_of(actor, row, RequestKind.PROGRESS)


def send_to_cosign(actor: Actor, case_id: str, proposal: Proposal, about: str) -> Request:
    """A progress report, word for word, to who cosigns it. The same choice that waits or came back gets these words;
    the same words sent again change nothing. Raises Conflict for somebody whom nobody cosigns.
    """
    with case_unit(actor, Action.REQUEST_WRITE, case_id) as (unit, _case):
        asking = Asking(RequestKind.PROGRESS, AskedBy.CLIENT, TO_CLIENT, about, practice_today(actor))
        made = Content(asking, proposal=proposal)
        row = put_to_cosign(unit, case_id, made, alike=lambda each: each.proposal.report == proposal.report)
        return requests.value(row)


def put_to_cosign(unit: Unit, case_id: str, made: Content, *, alike: Callable[[Content], bool]) -> RequestRow:
    """Joins the running transaction. The choice that waits or came back, the one `alike`, gets these words."""
    author_id = unit.actor.user_id
    if not accounts.is_cosigned(author_id):
        raise Conflict(NOT_COSIGNED_HERE)
    sent = requests.sent_to_cosign(case_id, author_id, made.asking.kind)
    for each in sent:
        if each.status != RequestStatus.OPEN and _says(requests.content(each)) == _says(made):
            return each
    waits = (each for each in sent if each.status != RequestStatus.APPROVED and alike(requests.content(each)))
    row = next(waits, None) or requests.add(case_id, author_id, made.asking)
    unit.why = "sent to cosign"
    since = requests.content(row).waits_since if row.status == RequestStatus.PROPOSED else None
    row.status, row.proposer_id = RequestStatus.PROPOSED, author_id
    keep(row, replace(made, waits_since=since or clock.now()))
    return row


def cosigning_of(actor: Actor, case: CaseRow, kind: RequestKind) -> Cosigning:
    """What of this kind the reader sent. The case was admitted."""
    sent, cosigners = requests.sent_to_cosign(case.id, actor.user_id, kind), accounts.cosigners_of(actor.user_id)
    is_possible = bool(who_of(cosigners, Action.REQUEST_RELEASE, case))
    return Cosigning(accounts.is_cosigned(actor.user_id), is_possible, tuple(requests.value(each) for each in sent))


def approve(actor: Actor, request_id: str, *, version: int) -> Request:
    """The second person releases it. Raises Conflict for whoever proposed it."""
    with held(actor, Action.REQUEST_RELEASE, request_id, version) as (unit, row):
        take(unit, row, RequestStep.APPROVE)
        if row.proposer_id == actor.user_id:
            raise Conflict(SAME_PERSON)
        if not may_second(actor, row):
            raise NotAllowed(_who_seconds(requests.value(row)))
        row.approver_id = actor.user_id
        return keep(row, requests.content(row))


def send_back(actor: Actor, request_id: str, words: str, *, version: int) -> Request:
    """The second person does not release it as it is and says why; of what the practice itself writes, who cosigns it.
    Raises NotAllowed, Invalid.
    """
    with held(actor, Action.REQUEST_RELEASE, request_id, version) as (unit, row):
        if row.kind in OWN and row.status == RequestStatus.PROPOSED and not may_second(actor, row):
            raise NotAllowed(NOT_THE_COSIGNER)
        if not words.strip():
            raise Invalid("Say what is to change.", {"back": "What is to change, for whoever writes it anew."})
        back = SentBack(words.strip(), practice_today(actor), actor.name)
        take(unit, row, RequestStep.RETURN)
        row.proposer_id = None
        return keep(row, replace(requests.content(row), back=back, waits_since=None))


def refuse(actor: Actor, request_id: str, reason: RefusalReason, *, words: str, version: int) -> Request:
    """Nothing is handed out, and why."""
    with held(actor, Action.REQUEST_WRITE, request_id, version) as (unit, row):
        if not words.strip():
            raise Invalid("A refusal needs its reason in words.", {"words": "Say why, for whoever reviews it."})
        take(unit, row, RequestStep.REFUSE)
        return keep(row, replace(requests.content(row), refusal=Refusal(reason, words.strip())))


def close(actor: Actor, request_id: str, *, version: int) -> Request:
    """Everything that was released has left; nothing more leaves by it."""
    with held(actor, Action.REQUEST_WRITE, request_id, version) as (unit, row):
        take(unit, row, RequestStep.CLOSE)
        return keep(row, requests.content(row))


def may_second(actor: Actor, row: RequestRow) -> bool:
    """Whether this person can be the second one: never who proposed it. A report, whatever asked for it, is seconded by
    a supervisor of the therapist of the case if there is one, and never by that therapist or whoever recorded it; what
    its author wrote without a paper by who cosigns that author, and by nobody else.
    """
    if row.proposer_id is None or row.proposer_id == actor.user_id:
        return False
    if row.kind in OWN:
        return actor.user_id in accounts.cosigners_of(row.author_id)
    if not is_report(requests.content(row).proposal):
        return True
    owner = cases.owner_id(row.case_id)
    leads = accounts.supervisors_of(owner)
    return actor.user_id not in (owner, row.author_id) and (not leads or actor.user_id in leads)


def _says(made: Content) -> tuple[Asking, Proposal, str]:
    return made.asking, made.proposal, made.draft.release_id if made.draft else ""


def _who_seconds(found: Request) -> str:
    if found.asking.kind in OWN:
        return NOT_THE_COSIGNER
    return NOT_THE_SUPERVISOR if is_report(found.proposal) else SECOND


@contextmanager
def held(actor: Actor, action: Action, request_id: str, version: int) -> Iterator[tuple[Unit, RequestRow]]:
    with transaction(actor, action, f"request/{request_id}") as unit:
        row = admitted(unit, request_id)
        check_version(seen=version, stored=row.version)
        yield unit, row


def admitted(unit: Unit, request_id: str) -> RequestRow:
    row = requests.row(request_id)
    admit(unit, row.case_id if row else None)
    if row is None:
        raise NotFound
    return row


def take(unit: Unit, row: RequestRow, step: RequestStep) -> None:
    status = after(RequestStatus(row.status), step)
    if status is None:
        raise Conflict(f"This cannot be done: the request is {RequestStatus(row.status).label.casefold()}.")
    unit.why = step
    row.status = status
    if status not in HELD:
        row.file = None


def keep(row: RequestRow, content: Content) -> Request:
    requests.put(row, content)
    db.session.flush()
    summary.refresh(row.case_id)
    return requests.value(row)
