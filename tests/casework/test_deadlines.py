"""What used to show on the opened case alone: checks, goals, releases, requests and agreements, on every list."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas.card_codes import BoundaryKind, BoundaryState
from schemas.release_codes import SaidHow
from schemas.request_codes import RefusalReason, RequestKind
from schemas.vocabulary import AskedAnswer, GoalDomain
from service.casework import caseloads, cases, contact_plans, goals, overviews, releases, requests
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.cases import Case, ContactPreferences, RecordSafetyCheck
from service.domain.contact_plans import Checks
from service.domain.workload import Kind
from service.errors import Conflict
from service.store import summary
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.casework.test_requests import asking

pytestmark = pytest.mark.usefixtures("context")
PLANTED = "Planted-words-of-the-client"


def told(house: House, *, after: int) -> list[tuple[Kind, str, bool]]:
    """What the day of the therapist says so many days later; caseload, team and case page say the same."""
    with clock.standing_at(clock.now() + timedelta(days=after)):
        day = caseloads.my_day(house.therapist).due
        assert caseloads.my_caseload(house.therapist).due == day
        assert caseloads.team_caseload(house.supervisor).due == day
        for case_id in {each.case_id for each in day}:
            assert overviews.read_overview(house.therapist, case_id).due == day
    kinds = (Kind.REQUEST, Kind.AGREEMENT, Kind.RECHECK, Kind.GOAL, Kind.RELEASE)
    assert PLANTED not in str([each.words for each in day])
    return [(each.kind, each.words, each.overdue) for each in day if each.kind in kinds]


@pytest.fixture
def case(house: House, context: object) -> Case:
    """A case with both checks made today, so that nothing of these kinds is due."""
    today, no = clock.today("Europe/Dublin"), AskedAnswer.NO
    case = builders.add_case(house.therapist)
    case = cases.record_safety_check(
        house.therapist, case.id, RecordSafetyCheck(today, no, no, no, no, no), version=case.version
    )
    return cases.change_contact(house.therapist, case.id, ContactPreferences(confirmed_on=today), version=case.version)


def test_both_checks_are_reminded_of_after_80_days_and_late_after_90(house: House, case: Case) -> None:
    lines = [(Kind.RECHECK, "Contact details to confirm again"), (Kind.RECHECK, "Record check to ask again")]
    assert told(house, after=79) == []
    assert told(house, after=80) == [(*each, False) for each in lines]
    assert told(house, after=90) == [(*each, True) for each in lines]


def test_a_goal_is_told_until_it_was_looked_at(house: House, case: Case) -> None:
    draft = GoalDraft(GoalDomain.PERSONAL, PLANTED, review_on=clock.today("Europe/Dublin") + timedelta(days=10))
    goal = goals.save_goal(house.therapist, case.id, draft)
    assert [each[0] for each in told(house, after=9)] == []
    assert told(house, after=11) == [(Kind.GOAL, "Goals to look at again", False)]
    goals.save_goal(house.therapist, case.id, replace(draft, review_on=None), goal_id=goal.id, version=goal.version)
    assert told(house, after=11) == []


def test_a_release_is_told_in_its_last_week_unless_it_was_revoked(house: House, case: Case) -> None:
    signed = builders.add_release(house.therapist, case.id, days=20, recipient=PLANTED)
    assert told(house, after=12) == []
    assert told(house, after=14) == [(Kind.RELEASE, "A release ends soon", False)]
    assert told(house, after=22) == []
    releases.revoke_release(house.therapist, signed.id, SaidHow.VERBAL, version=signed.version)
    assert told(house, after=14) == []


def test_a_request_is_told_by_its_day_until_it_is_refused(house: House, case: Case) -> None:
    due_on: date = clock.today("Europe/Dublin") + timedelta(days=20)
    found = requests.record_request(
        house.therapist, case.id, asking(RequestKind.SUBPOENA, name=PLANTED, words=PLANTED, due_on=due_on)
    )
    assert told(house, after=12) == []
    assert told(house, after=14) == [(Kind.REQUEST, "A request to answer", False)]
    assert told(house, after=22) == [(Kind.REQUEST, "A request to answer", True)]
    requests.refuse(
        house.therapist, found.id, RefusalReason.SUBPOENA_ALONE, words="An order is missing", version=found.version
    )
    assert told(house, after=22) == []


def test_a_boundary_in_use_is_told_until_it_is_said_to_fit_still(house: House, case: Case) -> None:
    card = builders.add_boundary(house.therapist, case.id, kind=BoundaryKind.TOPIC, statement=PLANTED)
    assert told(house, after=40) == []
    with pytest.raises(Conflict):
        contact_plans.still_fits(house.therapist, card.id, version=card.version)
    card = contact_plans.use_boundary(house.therapist, card.id, Checks(fits_now=True), version=card.version)
    assert told(house, after=26) == []
    assert told(house, after=28) == [(Kind.AGREEMENT, "An agreement to look at again", False)]
    assert told(house, after=32) == [(Kind.AGREEMENT, "An agreement to look at again", True)]
    with clock.standing_at(clock.now() + timedelta(days=32)):
        kept = contact_plans.still_fits(house.therapist, card.id, version=card.version)
        assert (kept.words.state, kept.words.checks) == (BoundaryState.ACTIVE, card.words.checks)
        assert kept.words.review_on == clock.today("Europe/Dublin") + timedelta(days=30)
        with pytest.raises(Conflict):
            contact_plans.still_fits(house.therapist, card.id, version=card.version)
    assert told(house, after=32) == []
    contact_plans.put_boundary_away(house.therapist, card.id, version=kept.version)
    assert told(house, after=70) == []


def test_a_contact_plan_is_told_every_30_days_until_it_is_saved_again(house: House, case: Case) -> None:
    card = builders.add_contact_plan(house.therapist, case.id)
    assert told(house, after=26) == []
    assert [each[0] for each in told(house, after=28)] == [Kind.AGREEMENT]
    with clock.standing_at(clock.now() + timedelta(days=28)):
        contact_plans.save_contact_plan(house.therapist, case.id, card.words, version=card.version)
    assert told(house, after=28) == []


def rebuilt(house: House) -> None:
    summary.rebuild(house.practice_id)
    db.session.commit()


@pytest.mark.parametrize("again", [lambda _house: None, rebuilt])
def test_a_case_whose_checks_were_never_made_says_so_the_day_after(
    house: House, again: Callable[[House], None]
) -> None:
    builders.put_check(builders.add_case(house.therapist).id, None)
    again(house)
    assert told(house, after=0) == []
    assert [each[0] for each in told(house, after=1)] == [Kind.RECHECK, Kind.RECHECK]
