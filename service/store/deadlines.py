"""The days by which something of a case is looked at again, out of the tables that hold them.

Rule: joins the running transaction; it gives days and kinds to the caseload row, never a word of what they are about.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from schemas.card_codes import BoundaryState
from schemas.case_codes import DeadlineKind
from schemas.release_codes import ReleaseStatus
from schemas.request_codes import RequestStatus
from schemas.vocabulary import GoalStatus
from service.domain import clock
from service.domain.contact_plans import REVIEW_EVERY, Boundary, ContactPlan
from service.domain.deadlines import Deadline, of_agreement, of_check, of_goal, of_release, of_request
from service.store import cases, plan_cards, requests
from service.store.base import db
from service.store.cases import CaseRow
from service.store.goals import GoalRow
from service.store.releases import ReleaseRow
from service.store.requests import RequestRow

OVER = (RequestStatus.REFUSED, RequestStatus.CLOSED)


def of_case(case: CaseRow, zone: str) -> tuple[Deadline, ...]:
    return (*_checks(case), *_goals(case.id, zone), *_releases(case.id), *_requests(case.id), *_agreements(case.id))


def _checks(case: CaseRow) -> Iterator[Deadline]:
    contact, record = cases.checked_on(case)
    yield of_check(DeadlineKind.CONTACT, contact, case.opened_on)
    yield of_check(DeadlineKind.RECORD, record, case.opened_on)


def _goals(case_id: str, zone: str) -> Iterator[Deadline]:
    active = GoalRow.case_id == case_id, GoalRow.status == GoalStatus.ACTIVE
    for reviewed, changed, wanted in db.session.execute(
        select(GoalRow.reviewed_on, GoalRow.updated_at, GoalRow.review_on).where(*active)
    ):
        yield of_goal(reviewed or clock.local(changed, zone).date(), wanted)


def _releases(case_id: str) -> Iterator[Deadline]:
    signed = ReleaseRow.case_id == case_id, ReleaseRow.status == ReleaseStatus.SIGNED
    days: Iterator[date] = iter(db.session.scalars(select(ReleaseRow.expires_on).where(*signed)))
    return map(of_release, days)


def _requests(case_id: str) -> Iterator[Deadline]:
    waiting = RequestRow.case_id == case_id, RequestRow.status.not_in([str(each) for each in OVER])
    askings = (requests.content(each).asking for each in db.session.scalars(select(RequestRow).where(*waiting)))
    return (of_request(each.due_on) for each in askings if each.due_on)


def _agreements(case_id: str) -> Iterator[Deadline]:
    for each in plan_cards.in_use(case_id, ContactPlan):
        if each.words.reviewed_on:
            yield of_agreement(each.words.reviewed_on + REVIEW_EVERY)
    for card in plan_cards.in_use(case_id, Boundary):
        if card.words.state is BoundaryState.ACTIVE and card.words.review_on:
            yield of_agreement(card.words.review_on)
