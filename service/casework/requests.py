"""Requests for the record, from the day they come in to the release by two people or the refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from schemas.actions import Action
from schemas.request_codes import RefusalReason, RequestStatus, RequestStep, RequestTask
from service.casework.gate import admit, case_unit, check_version, opened_for, practice_today
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.requests import (
    Asking,
    Done,
    Proposal,
    Refusal,
    Request,
    after,
    asking_faults,
    is_report,
    tasks_of,
    why_not_yet,
)
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import accounts, cases, requests
from service.store.base import db
from service.store.requests import Content, RequestRow
from service.store.transaction import Unit, transaction

SAME_PERSON = "A second person releases it. Whoever proposed it cannot."
SECOND = "Another person who may see this case must release it: the supervisor, or who covers the case."
NOT_THE_SUPERVISOR = (
    "A report is cosigned by a supervisor of the therapist of the case; where there is none, by somebody who neither "
    "has the case nor recorded the request."
)


@dataclass(frozen=True)
class TaskTold:
    """What came of a task. `order`: with it came a court order, or the client's own release."""

    task: RequestTask
    words: str
    order: bool = False


@dataclass(frozen=True)
class RequestSheet:
    """One request, its case, and whether the reader can be the second person; `seconds` says who can."""

    request: Request
    case: Case
    may_second: bool
    seconds: str


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
        row = _admitted(unit, request_id)
        case = cases.row(row.case_id)
        if case is None:
            raise NotFound
        found = requests.value(row)
        seconds = NOT_THE_SUPERVISOR if is_report(found.proposal) else SECOND
        return RequestSheet(found, opened_for(actor, case), may_second(actor, row), seconds)


def record_request(actor: Actor, case_id: str, asking: Asking) -> Request:
    """Keep what came in; its tasks open with it. Raises Invalid naming the field."""
    with case_unit(actor, Action.REQUEST_WRITE, case_id) as (unit, _row):
        wrong = asking_faults(asking, practice_today(actor))
        if wrong:
            raise Invalid("The request needs a change.", wrong)
        unit.why = f"{asking.kind} came in"
        return requests.value(requests.add(case_id, actor.user_id, asking))


def finish_task(actor: Actor, request_id: str, told: TaskTold, *, version: int) -> Request:
    """Say what came of a task. Raises Conflict for one that this request does not have."""
    with _held(actor, Action.REQUEST_WRITE, request_id, version) as (unit, row):
        kept = requests.content(row)
        if row.status != RequestStatus.OPEN or told.task not in tasks_of(kept.asking):
            raise Conflict("This request has no such task, or is past it.")
        if not told.words.strip():
            raise Invalid("Say what came of it.", {"words": "Who was spoken to, when, and what was said."})
        unit.why = f"{told.task} done"
        earlier = tuple(each for each in kept.done if each.task is not told.task)
        done = Done(told.task, practice_today(actor), actor.name, told.words.strip())
        asking = replace(kept.asking, order=kept.asking.order or told.order)
        return _kept(row, replace(kept, asking=asking, done=(*earlier, done)))


def propose(actor: Actor, request_id: str, proposal: Proposal, *, version: int) -> Request:
    """Name exactly what would leave; a second person must release it. Raises Invalid where it may not yet."""
    with _held(actor, Action.REQUEST_WRITE, request_id, version) as (unit, row):
        stored = requests.value(row)
        _step(unit, row, RequestStep.PROPOSE)
        wrong = why_not_yet(stored, proposal)
        if wrong:
            raise Invalid("This cannot be proposed yet.", wrong)
        row.proposer_id = actor.user_id
        return _kept(row, replace(requests.content(row), proposal=proposal))


def approve(actor: Actor, request_id: str, *, version: int) -> Request:
    """The second person releases it. Raises Conflict for whoever proposed it."""
    with _held(actor, Action.REQUEST_RELEASE, request_id, version) as (unit, row):
        _step(unit, row, RequestStep.APPROVE)
        if row.proposer_id == actor.user_id:
            raise Conflict(SAME_PERSON)
        if not may_second(actor, row):
            raise NotAllowed(NOT_THE_SUPERVISOR)
        row.approver_id = actor.user_id
        return _kept(row, requests.content(row))


def send_back(actor: Actor, request_id: str, *, version: int) -> Request:
    """The second person does not release it as it is."""
    with _held(actor, Action.REQUEST_RELEASE, request_id, version) as (unit, row):
        _step(unit, row, RequestStep.RETURN)
        row.proposer_id = None
        return _kept(row, requests.content(row))


def refuse(actor: Actor, request_id: str, reason: RefusalReason, *, words: str, version: int) -> Request:
    """Nothing is handed out, and why."""
    with _held(actor, Action.REQUEST_WRITE, request_id, version) as (unit, row):
        if not words.strip():
            raise Invalid("A refusal needs its reason in words.", {"words": "Say why, for whoever reviews it."})
        _step(unit, row, RequestStep.REFUSE)
        return _kept(row, replace(requests.content(row), refusal=Refusal(reason, words.strip())))


def close(actor: Actor, request_id: str, *, version: int) -> Request:
    """Everything that was released has left; nothing more leaves by it."""
    with _held(actor, Action.REQUEST_WRITE, request_id, version) as (unit, row):
        _step(unit, row, RequestStep.CLOSE)
        return _kept(row, requests.content(row))


def may_second(actor: Actor, row: RequestRow) -> bool:
    """Whether this person can be the second one: never who proposed it. A report, whatever asked for it, is seconded by
    a supervisor of the therapist of the case if there is one, and never by that therapist or whoever recorded it.
    """
    if row.proposer_id is None or row.proposer_id == actor.user_id:
        return False
    if not is_report(requests.content(row).proposal):
        return True
    owner = cases.owner_id(row.case_id)
    leads = accounts.supervisors_of(owner)
    return actor.user_id not in (owner, row.author_id) and (not leads or actor.user_id in leads)


@contextmanager
def _held(actor: Actor, action: Action, request_id: str, version: int) -> Iterator[tuple[Unit, RequestRow]]:
    with transaction(actor, action, f"request/{request_id}") as unit:
        row = _admitted(unit, request_id)
        check_version(seen=version, stored=row.version)
        yield unit, row


def _admitted(unit: Unit, request_id: str) -> RequestRow:
    row = requests.row(request_id)
    admit(unit, row.case_id if row else None)
    if row is None:
        raise NotFound
    return row


def _step(unit: Unit, row: RequestRow, step: RequestStep) -> None:
    status = after(RequestStatus(row.status), step)
    if status is None:
        raise Conflict(f"This cannot be done: the request is {RequestStatus(row.status).label.casefold()}.")
    unit.why = step
    row.status = status


def _kept(row: RequestRow, content: Content) -> Request:
    requests.put(row, content)
    db.session.flush()
    return requests.value(row)
