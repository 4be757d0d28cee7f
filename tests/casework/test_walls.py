"""What stands around a case: restriction, people kept away, hold by two people, emergency opening."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from schemas.case_codes import TimelineKind
from schemas.vocabulary import AssignmentKind, GoalDomain
from schemas.wall_codes import WallStatus, WallStep
from service.casework import caseloads, cases, goals, people, plans, records, resource_reads, timeline, walls
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.timeline import Wanted
from service.domain.walls import GLASS_LASTS
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.fhir import publish
from service.store import audit
from service.store import cases as case_store
from service.store.base import db
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("published")

WHY = "Her brother works at the front desk here"


@pytest.fixture
def case_id(context: Flask, house: House) -> str:
    return builders.add_case(house.therapist).id


def code_of(case_id: str) -> str:
    row = case_store.row(case_id)
    assert row is not None
    code = row.code
    db.session.rollback()
    return code


def test_a_restricted_case_is_missing_for_its_supervisor_too(house: House, case_id: str) -> None:
    walls.restrict(house.supervisor, case_id, WHY, wanted=True)
    with pytest.raises(NotFound):
        cases.read_case(house.supervisor, case_id)
    assert caseloads.team_caseload(house.supervisor).rows == ()
    with pytest.raises(NotFound):
        walls.restrict(house.supervisor, case_id, WHY, wanted=False)
    walls.restrict(house.therapist, case_id, WHY, wanted=False)
    assert cases.read_case(house.supervisor, case_id).sealed is False


def test_nobody_restricts_a_case_whose_therapist_could_not_lift_it_any_more(house: House, case_id: str) -> None:
    people.end_account(house.admin, house.therapist.user_id)
    with pytest.raises(Conflict, match="nobody could lift the restriction"):
        walls.restrict(house.supervisor, case_id, WHY, wanted=True)
    walls.block(house.supervisor, case_id, house.peer.user_id, WHY)
    people.end_account(house.admin, house.peer.user_id)
    desk = walls.read_walls(house.supervisor, case_id)
    assert (desk.case.sealed, desk.blocked) == (False, ((house.peer.user_id, house.peer.name),))


def test_a_block_beats_supervision_and_cover(house: House, case_id: str) -> None:
    cases.assign_cover(house.therapist, case_id, house.peer.user_id, clock.now().date() + timedelta(days=2))
    for person in (house.peer, house.supervisor, house.admin):
        walls.block(house.therapist, case_id, person.user_id, WHY)
        with pytest.raises((NotFound, NotAllowed)):
            cases.read_case(person, case_id)
    with pytest.raises(NotFound):
        records.read_record(house.supervisor, case_id)
    walls.unblock(house.therapist, case_id, house.supervisor.user_id, WHY)
    with pytest.raises(Invalid) as refused:
        walls.unblock(house.therapist, case_id, house.supervisor.user_id, WHY)
    assert list(refused.value.fields) == ["account_id"]
    assert cases.read_case(house.supervisor, case_id).id == case_id


@pytest.mark.parametrize("who", ["therapist", "stranger"])
def test_the_therapist_and_strangers_cannot_be_kept_away(house: House, case_id: str, who: str) -> None:
    with pytest.raises(Invalid):
        walls.block(house.supervisor, case_id, getattr(house, who).user_id, WHY)


def test_each_step_needs_a_reason_and_who_is_at_the_screen(house: House, case_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        walls.hold(house.therapist, case_id, "Court")
    assert list(refused.value.fields) == ["reason"]
    with pytest.raises(NotAllowed):
        walls.hold(replace(house.therapist, stepped_up=False), case_id, WHY)
    assert cases.read_case(house.therapist, case_id).held is False


def test_lifting_a_hold_takes_two_people(house: House, case_id: str) -> None:
    walls.hold(house.therapist, case_id, WHY)
    assert walls.lift_hold(house.therapist, case_id, WHY) is False
    with pytest.raises(Conflict):
        walls.lift_hold(house.therapist, case_id, WHY)
    assert cases.read_case(house.therapist, case_id).held is True
    assert walls.lift_hold(house.supervisor, case_id, WHY) is True
    assert cases.read_case(house.therapist, case_id).held is False
    (lifted, _held) = walls.read_walls(house.therapist, case_id).walls
    assert (lifted.step, lifted.second_name) == (WallStep.LIFT_HOLD, house.supervisor.name)


@pytest.mark.parametrize(("who", "status"), [("therapist", WallStatus.WITHDRAWN), ("supervisor", WallStatus.DECLINED)])
def test_a_hold_stays_when_lifting_is_taken_back_or_not_agreed_to(
    house: House, case_id: str, who: str, status: WallStatus
) -> None:
    walls.hold(house.therapist, case_id, WHY)
    with pytest.raises(Conflict, match="Nothing waits"):
        walls.leave(house.therapist, case_id, WallStep.LIFT_HOLD, WHY)
    walls.lift_hold(house.therapist, case_id, WHY)
    person, reason = getattr(house, who), "The hearing was put off to next year"
    with pytest.raises(Invalid):
        walls.leave(person, case_id, WallStep.LIFT_HOLD, "No")
    with pytest.raises((NotFound, NotAllowed)):
        walls.leave(house.peer, case_id, WallStep.LIFT_HOLD, reason)
    walls.leave(person, case_id, WallStep.LIFT_HOLD, reason)
    desk = walls.read_walls(house.therapist, case_id)
    by_step = {each.step: each for each in desk.walls}
    stays, asked = by_step[WallStep.KEEP_HOLD], by_step[WallStep.LIFT_HOLD]
    assert (desk.case.held, desk.waits(WallStep.LIFT_HOLD)) == (True, None)
    assert (asked.status, asked.second_name) == (status, "")
    assert (stays.by_name, stays.reason) == (person.name, reason)
    around = timeline.read_timeline(house.therapist, case_id, Wanted(frozenset({TimelineKind.WALL})))
    told = [each.words for each in around.happened]
    assert "Legal hold stays" in told and "Legal hold lifted" not in told
    (row,) = [each for each in _rows(house) if each.why == f"lift_hold {status}"]
    assert (row.action, row.actor_id, row.subject) == ("case:hold:lift", person.user_id, f"case/{case_id}")
    assert walls.lift_hold(house.supervisor, case_id, WHY) is False


def test_an_emergency_opening_reads_for_an_hour_and_writes_nothing(house: House, case_id: str) -> None:
    plan = builders.add_plan(house.therapist, case_id)
    with pytest.raises(NotFound):
        cases.read_case(house.peer, case_id)
    assert walls.break_glass(house.peer, code_of(case_id), WHY) == case_id
    assert records.read_record(house.peer, case_id).case.id == case_id
    assert plans.read_plan(house.peer, plan.id)[0].id == plan.id
    with pytest.raises(NotAllowed):
        goals.save_goal(house.peer, case_id, GoalDraft(GoalDomain.PERSONAL, "Sleep"))
    with clock.standing_at(clock.now() + GLASS_LASTS + timedelta(seconds=1)), pytest.raises(NotFound):
        cases.read_case(house.peer, case_id)


def test_owner_and_supervisor_are_told_until_each_has_seen_it(house: House, case_id: str) -> None:
    walls.break_glass(house.peer, code_of(case_id), WHY)
    for person in (house.therapist, house.supervisor):
        (told,) = caseloads.my_day(person).openings
        assert (told.by_name, told.reason) == (house.peer.name, WHY)
        walls.see_glass(person, told.id)
        assert caseloads.my_day(person).openings == ()
    assert caseloads.my_day(house.peer).openings == ()
    with pytest.raises((NotFound, NotAllowed)):
        walls.see_glass(house.stranger, told.id)
    assert any(row.action == "case:break_glass" and row.subject == f"case/{case_id}" for row in _rows(house))


def _block(house: House, case_id: str) -> None:
    walls.block(house.therapist, case_id, house.peer.user_id, WHY)


def _seal(house: House, case_id: str) -> None:
    walls.restrict(house.therapist, case_id, WHY, wanted=True)


@pytest.mark.parametrize("wall", [_block, _seal])
def test_no_emergency_opens_what_is_restricted_or_kept_away(
    house: House, case_id: str, wall: Callable[[House, str], None]
) -> None:
    wall(house, case_id)
    code = code_of(case_id)
    told = [_refusal(house.peer, code), _refusal(house.peer, "C-XXXXX"), _refusal(house.stranger, code)]
    assert told[0] == told[1] == told[2]
    with pytest.raises(NotFound):
        cases.read_case(house.peer, case_id)


def test_restricting_ends_an_emergency_opening_at_once(house: House, case_id: str) -> None:
    walls.break_glass(house.peer, code_of(case_id), WHY)
    _seal(house, case_id)
    with pytest.raises(NotFound):
        cases.read_case(house.peer, case_id)


def test_who_is_named_for_a_restricted_case_covers_it(house: House, case_id: str) -> None:
    _seal(house, case_id)
    cases.assign_cover(house.therapist, case_id, house.peer.user_id, clock.now().date() + timedelta(days=2))
    assert cases.read_case(house.peer, case_id).sealed is True
    assert [each.kind for each in case_store.assignments(case_id)].count(AssignmentKind.COVER) == 1


def test_no_row_of_any_record_of_a_restricted_case_is_in_the_audit_list(house: House, case_id: str) -> None:
    """Rows of FHIR reads name a record and no case; what else happened stays in the list."""
    session = builders.add_session(house.therapist, case_id)
    note = builders.add_note(house.therapist, session.id, signed=True)
    publish.catch_up(case_id)
    resource_reads.read_resource(house.therapist, "Patient", case_id)
    resource_reads.read_versions(house.therapist, "Binary", note.id)
    with pytest.raises(NotFound):
        resource_reads.read_resource(house.peer, "Encounter", session.id)
    theirs = {"Patient", "Binary", "Encounter", f"case {code_of(case_id)}"}
    other = builders.add_case(house.therapist)
    assert theirs <= {each.subject for each in people.read_audit(house.admin)}
    _seal(house, case_id)
    shown = {each.subject for each in people.read_audit(house.admin)}
    assert not theirs & shown
    assert f"case {other.code}" in shown
    assert len(people.read_audit(house.admin, limit=2)) == 2


def _refusal(actor: Actor, code: str) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        walls.break_glass(actor, code, WHY)
    return dict(refused.value.fields)


def _rows(house: House) -> list[audit.AuditRow]:
    return audit.recent(house.practice_id, None, 50)
