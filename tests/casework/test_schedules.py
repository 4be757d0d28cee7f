"""Agreeing on how often, and refusals: kept with who and why, and what lists say follows at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from schemas.vocabulary import Rhythm
from service.casework import caseloads, schedules
from service.casework.schedules import ScheduleDraft, ScheduleLine
from service.domain import clock
from service.domain.actors import Actor
from service.domain.schedules import Standing
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import audit
from service.store.base import db
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
OWN = ScheduleDraft(Rhythm.OWN, days=14, why="Weekly work on sleep")


@pytest.fixture
def case_id(house: House) -> str:
    found = builders.add_case(house.therapist)
    builders.add_intake(house.therapist, found.id, authored_at=clock.now() - timedelta(days=40))
    return found.id


def line_of(actor: Actor, case_id: str) -> ScheduleLine:
    return next(each for each in schedules.read_schedules(actor, case_id).lines if each.instrument.key == "wsl")


def waiting(actor: Actor) -> list[bool]:
    """Whether the logs in the actor's lists are overdue."""
    return [each.overdue for each in caseloads.my_caseload(actor).due if each.instrument_key == "wsl"]


def test_without_an_agreement_the_instruments_own_cadence_holds(house: House, case_id: str) -> None:
    found = line_of(house.therapist, case_id)
    assert (found.schedule.setting.rhythm, found.version, found.standing) == (Rhythm.USUAL, None, Standing.OVERDUE)
    assert waiting(house.therapist) == [True]


def test_an_agreement_says_who_why_and_when(house: House, case_id: str) -> None:
    schedules.set_schedule(house.therapist, case_id, "wsl", OWN, version=None)
    schedule = line_of(house.therapist, case_id).schedule
    assert (schedule.setting.days, schedule.why, schedule.set_by) == (14, "Weekly work on sleep", "Ana Núñez")
    assert schedule.set_at is not None
    entries = db.session.scalars(select(audit.AuditRow).where(audit.AuditRow.action == "schedule:set")).all()
    assert len(entries) == 1


@pytest.mark.parametrize("rhythm", [Rhythm.PAUSED, Rhythm.NOT_WANTED])
def test_a_pause_takes_the_log_off_every_list_until_it_is_ended(house: House, case_id: str, rhythm: Rhythm) -> None:
    paused = ScheduleDraft(rhythm, why="The client asked for it")
    line = schedules.set_schedule(house.therapist, case_id, "wsl", paused, version=None)
    assert waiting(house.therapist) == []
    usual = ScheduleDraft(Rhythm.USUAL)
    schedules.set_schedule(house.therapist, case_id, "wsl", usual, version=line.version)
    assert waiting(house.therapist) == [True]


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (ScheduleDraft(Rhythm.OWN, why="Because"), "days"),
        (ScheduleDraft(Rhythm.OWN, days=6, why="Because"), "days"),
        (ScheduleDraft(Rhythm.OWN, days=366, why="Because"), "days"),
        (ScheduleDraft(Rhythm.OWN, days=14, why=" "), "why"),
        (ScheduleDraft(Rhythm.NOT_WANTED), "why"),
        (ScheduleDraft(Rhythm.PAUSED, until=clock.now().date() - timedelta(days=3), why="Because"), "until"),
    ],
)
def test_what_is_missing_is_named(house: House, case_id: str, draft: ScheduleDraft, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        schedules.set_schedule(house.therapist, case_id, "wsl", draft, version=None)
    assert set(caught.value.fields) == {field}


def test_two_who_agree_at_once_see_both_texts(house: House, case_id: str) -> None:
    schedules.set_schedule(house.therapist, case_id, "wsl", OWN, version=None)
    with pytest.raises(Conflict) as caught:
        schedules.set_schedule(house.therapist, case_id, "wsl", ScheduleDraft(Rhythm.USUAL), version=None)
    assert caught.value.theirs["why"] == "Weekly work on sleep"


def test_a_refusal_clears_the_log_until_it_is_taken_back(house: House, case_id: str) -> None:
    refusal = schedules.record_refusal(house.therapist, case_id, "wsl", clock.now())
    assert waiting(house.therapist) == []
    assert line_of(house.therapist, case_id).standing is Standing.DECLINED
    counts = caseloads.my_caseload(house.therapist).measures[0]
    assert (counts.declined, counts.overdue) == (1, 0)
    schedules.withdraw_refusal(house.therapist, refusal.id)
    assert waiting(house.therapist) == [True]
    with pytest.raises(Conflict):
        schedules.withdraw_refusal(house.therapist, refusal.id)


def test_a_refusal_falls_due_again_after_the_usual_time(house: House, case_id: str) -> None:
    schedules.record_refusal(house.therapist, case_id, "wsl", clock.now())
    with clock.standing_at(clock.now() + timedelta(days=21, minutes=1)):
        assert waiting(house.therapist) == [False]
    with clock.standing_at(clock.now() + timedelta(days=28, minutes=1)):
        assert waiting(house.therapist) == [True]


def test_sessions_since_a_refusal_are_counted_from_the_refusal(house: House, case_id: str) -> None:
    schedules.record_refusal(house.therapist, case_id, "wsl", clock.now() - timedelta(days=22))
    for days in (20, 15, 10, 5):
        at = clock.now() - timedelta(days=days)
        builders.add_session(house.therapist, case_id, starts_at=at, ends_at=at + timedelta(minutes=50))
    assert waiting(house.therapist) == [True]


def test_nobody_declines_in_the_future_or_an_instrument_that_is_none(house: House, case_id: str) -> None:
    with pytest.raises(Invalid):
        schedules.record_refusal(house.therapist, case_id, "wsl", clock.now() + timedelta(hours=1))
    with pytest.raises(NotFound):
        schedules.record_refusal(house.therapist, case_id, "nothing", clock.now())


def test_others_cannot_set_and_supervisors_can_only_look(house: House, case_id: str) -> None:
    refusal = schedules.record_refusal(house.therapist, case_id, "wsl", clock.now())
    for outsider in (house.peer, house.stranger):
        with pytest.raises(NotFound):
            schedules.read_schedules(outsider, case_id)
        with pytest.raises(NotFound):
            schedules.withdraw_refusal(outsider, refusal.id)
    assert line_of(house.supervisor, case_id).declined_at is not None
    with pytest.raises(NotAllowed):
        schedules.set_schedule(house.supervisor, case_id, "wsl", OWN, version=None)


def test_a_closed_case_keeps_its_schedule_as_it_is(house: House) -> None:
    case = builders.add_case(house.therapist)
    builders.close_case(house.therapist, case.id, version=case.version)
    with pytest.raises(NotAllowed):
        schedules.record_refusal(house.therapist, case.id, "wsl", clock.now())
