"""A new therapist for what an ended account left: two people, told of no record, and nothing to who is kept away."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from schemas.actions import Action
from schemas.case_codes import TimelineKind
from schemas.note_codes import WorkKind
from schemas.vocabulary import Role
from schemas.wall_codes import WallStatus
from service.casework import (
    cases,
    conflicts,
    crisis,
    people,
    purging,
    resets,
    successions,
    timeline,
    walls,
    worklists,
)
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.timeline import Wanted
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.fhir import publish, reading
from service.store import audit
from service.store import cases as case_store
from service.store import successions as store
from service.store.base import db
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context", "published")
WHY = "They work in the same way and have room"
WALL = "His sister works at the front desk here"


@pytest.fixture
def other(context: Flask, house: House) -> Actor:
    """A second administrator."""
    return builders.add_actor(house.practice_id, Role.ADMIN, "Orla Other")


@pytest.fixture
def heir(context: Flask, house: House) -> Actor:
    return builders.add_actor(house.practice_id, Role.THERAPIST, "Hana Heir")


def end(house: House, *gone: Actor) -> None:
    for each in gone:
        people.end_account(house.admin, each.user_id)


def hand_over(house: House, gone: Actor, to: Actor, second: Actor) -> None:
    asked = successions.ask(house.admin, gone.user_id, to.user_id, WHY)
    successions.confirm(second, asked.id)


def owner_of(case: Case) -> str:
    found = case_store.owner_id(case.id)
    db.session.rollback()
    return found


def rows(house: House, action: Action) -> list[tuple[str, str, str]]:
    found = [each for each in audit.recent(house.practice_id, None, 300) if each.action == action]
    kept = [(each.actor_id, each.subject, each.why) for each in found]
    db.session.rollback()
    return kept


def test_a_restricted_record_and_one_without_a_supervisor_pass_and_stay_what_they_are(
    house: House, other: Actor, heir: Actor
) -> None:
    alone, sealed = builders.add_case(house.peer), builders.add_case(house.therapist)
    walls.restrict(house.therapist, sealed.id, WALL, wanted=True)
    end(house, house.peer, house.therapist)
    hand_over(house, house.peer, heir, other)
    hand_over(house, house.therapist, heir, other)
    kept = cases.read_case(heir, sealed.id)
    assert (kept.owner_id, kept.sealed, kept.version > sealed.version) == (heir.user_id, True, True)
    assert cases.read_case(heir, alone.id).owner_name == heir.name
    for person in (house.supervisor, house.admin, other):
        with pytest.raises(NotFound):
            cases.read_case(person, sealed.id)
    walls.restrict(heir, sealed.id, WALL, wanted=False)
    told = timeline.read_timeline(heir, sealed.id, Wanted(frozenset({TimelineKind.CHANGE}), reader_id=heir.user_id))
    assert "Changed: who its therapist is" in [each.words for each in told.happened]


def test_fhir_names_the_new_therapist(house: House, other: Actor, heir: Actor) -> None:
    case = builders.add_case(house.peer)
    end(house, house.peer)
    hand_over(house, house.peer, heir, other)
    for kind, record_id in (("Patient", case.id), ("EpisodeOfCare", case.episode.id)):
        body = reading.read(heir, kind, record_id).body
        assert f"Practitioner/{heir.user_id}".encode() in body and house.peer.user_id.encode() not in body


def test_what_a_supervisor_can_still_pass_on_stays_with_them(house: House, other: Actor, heir: Actor) -> None:
    seen, hidden = builders.add_case(house.therapist), builders.add_case(house.therapist)
    walls.block(house.therapist, hidden.id, house.supervisor.user_id, WALL)
    end(house, house.therapist)
    hand_over(house, house.therapist, heir, other)
    assert (owner_of(seen), owner_of(hidden)) == (house.therapist.user_id, heir.user_id)
    assert cases.read_case(house.supervisor, seen.id).id == seen.id
    with pytest.raises(NotFound):
        cases.read_case(house.supervisor, hidden.id)
    end(house, house.supervisor)
    hand_over(house, house.therapist, heir, other)
    assert owner_of(seen) == heir.user_id


def test_what_the_successor_is_kept_away_from_stays_and_passes_to_the_next(
    house: House, other: Actor, heir: Actor
) -> None:
    kept, named, free = (builders.add_case(house.peer) for _ in range(3))
    walls.block(house.peer, kept.id, heir.user_id, WALL)
    walls.restrict(house.peer, kept.id, WALL, wanted=True)
    conflicts.check_other(house.peer, named.id, heir.name, None)
    end(house, house.peer)
    hand_over(house, house.peer, heir, other)
    assert [owner_of(each) for each in (kept, named, free)] == [house.peer.user_id] * 2 + [heir.user_id]
    for each in (kept, named):
        with pytest.raises(NotFound):
            cases.read_case(heir, each.id)
    hand_over(house, house.peer, house.therapist, other)
    assert [owner_of(each) for each in (kept, named)] == [house.therapist.user_id] * 2
    assert [name for _id, name in walls.read_walls(house.therapist, kept.id).blocked] == [heir.name]
    with pytest.raises(NotFound):
        cases.read_case(heir, kept.id)


def test_what_is_built_anew_does_not_tell_what_passed(house: House, other: Actor, heir: Actor) -> None:
    """The audit names a case by its code where it is built, and a code can be known."""
    stays, passes = builders.add_case(house.peer), builders.add_case(house.peer)
    walls.block(house.peer, stays.id, heir.user_id, WALL)
    end(house, house.peer)
    asked = successions.ask(house.admin, house.peer.user_id, heir.user_id, WHY)
    publish.drain()
    successions.confirm(other, asked.id)
    publish.drain()
    assert (owner_of(stays), owner_of(passes)) == (house.peer.user_id, heir.user_id)
    assert len(rows(house, Action.FHIR_BUILD)) > 3
    lines = people.read_audit(house.admin, limit=200)
    assert {each.subject for each in lines if each.action == Action.FHIR_BUILD} <= {"account", "practice"}


def told_to(house: House, other: Actor, gone: Actor, known: int) -> tuple[object, ...]:
    """Everything that those who arrange it are told of an ended account, without names, ids and moments. `known`: how
    many lines of the audit there were before.
    """
    publish.drain()
    lines = people.read_audit(house.admin, limit=200)
    steps = [(each.action, each.subject, each.why) for each in lines[: len(lines) - known]]
    (ended,) = [each for each in successions.read_ended(house.admin) if each.person.id == gone.user_id]
    named = [(each.successor_name, each.status, each.second_name) for each in ended.named]
    return named, steps, [each.words for each in crisis.left_to_do(house.admin)], successions.list_waiting(other)


def test_nobody_who_arranges_it_is_told_of_any_record(house: House, other: Actor, heir: Actor) -> None:
    """An account without a record, one with a restricted record, one whose records stay: told alike at every step."""
    names = ("Left Colleague", "Gone Colleague", "Past Colleague")
    empty, full, staying = (builders.add_actor(house.practice_id, Role.THERAPIST, each) for each in names)
    for owner in (full, staying):
        case = builders.add_case(owner)
        open_case = builders.add_case(owner)
        walls.restrict(owner, case.id, WALL, wanted=True)
    for each in (case, open_case):
        walls.block(staying, each.id, heir.user_id, WALL)
        walls.block(staying, each.id, other.user_id, WALL)
    end(house, empty, full, staying)
    told: list[list[object]] = [[], [], []]
    for seen, gone in zip(told, (empty, full, staying), strict=True):
        before = len(rows(house, Action.SUCCESSION_CONFIRM))
        publish.drain()
        known = len(people.read_audit(house.admin, limit=200))
        asked = successions.ask(house.admin, gone.user_id, heir.user_id, WHY)
        seen.append(successions.read_choosing(house.admin, gone.user_id).choices)
        successions.confirm(other, asked.id)
        seen.append(told_to(house, other, gone, known))
        assert len(rows(house, Action.SUCCESSION_CONFIRM)) - before == (3 if gone is full else 1)
    assert told[0] == told[1] == told[2]
    lines = [each for each in people.read_audit(house.admin, limit=200) if each.action == Action.SUCCESSION_CONFIRM]
    assert [(each.subject, each.why) for each in lines] == [("account", f"to {heir.user_id}")] * 3


def test_each_record_that_passed_has_an_audit_row_of_its_own(house: House, other: Actor, heir: Actor) -> None:
    case = builders.add_case(house.peer)
    end(house, house.peer)
    hand_over(house, house.peer, heir, other)
    why = f"to {heir.user_id}"
    kept = {(other.user_id, f"case/{case.id}", why), (other.user_id, f"account/{house.peer.user_id}", why)}
    assert set(rows(house, Action.SUCCESSION_CONFIRM)) == kept
    assert [each[0] for each in rows(house, Action.SUCCESSION_ASK)] == [house.admin.user_id]


def test_neither_who_asked_nor_who_takes_over_confirms(house: House, other: Actor) -> None:
    case = builders.add_case(house.peer)
    end(house, house.peer)
    asked = successions.ask(house.admin, house.peer.user_id, house.supervisor.user_id, WHY)
    for person in (house.admin, house.supervisor):
        with pytest.raises(NotAllowed):
            successions.confirm(person, asked.id)
        assert successions.list_waiting(person) == ()
    with pytest.raises(NotAllowed):
        successions.leave(house.supervisor, asked.id)
    with pytest.raises((NotFound, NotAllowed)):
        successions.confirm(house.therapist, asked.id)
    with pytest.raises(NotAllowed, match="Confirm that it is you"):
        successions.confirm(replace(other, stepped_up=False), asked.id)
    assert owner_of(case) == house.peer.user_id
    successions.confirm(other, asked.id)
    assert owner_of(case) == house.supervisor.user_id
    with pytest.raises(Conflict, match="answered already"):
        successions.confirm(other, asked.id)


def test_it_is_asked_for_ended_accounts_of_clinicians_with_a_reason_and_a_clinician(
    house: House, other: Actor, heir: Actor
) -> None:
    with pytest.raises(Conflict, match="has ended"):
        successions.ask(house.admin, house.peer.user_id, heir.user_id, WHY)
    end(house, house.peer, other)
    with pytest.raises(Conflict, match="therapist or supervisor"):
        successions.ask(house.admin, other.user_id, heir.user_id, WHY)
    with pytest.raises(NotFound):
        successions.ask(house.admin, house.stranger.user_id, heir.user_id, WHY)
    for wrong in (house.admin, house.stranger, house.peer, house.machine):
        with pytest.raises(Invalid) as refused:
            successions.ask(house.admin, house.peer.user_id, wrong.user_id, "Short")
        assert set(refused.value.fields) == {"successor_id", "reason"}
    for person in (house.supervisor, house.therapist):
        with pytest.raises((NotAllowed, NotFound)):
            successions.ask(person, house.peer.user_id, heir.user_id, WHY)
    successions.ask(house.admin, house.peer.user_id, heir.user_id, WHY)
    with pytest.raises(Conflict, match="waits for a second person"):
        successions.ask(house.admin, house.peer.user_id, heir.user_id, WHY)


def test_who_can_no_longer_sign_in_takes_nothing_over(house: House, other: Actor, heir: Actor) -> None:
    case = builders.add_case(house.peer)
    end(house, house.peer)
    asked = successions.ask(house.admin, house.peer.user_id, heir.user_id, WHY)
    end(house, heir)
    with pytest.raises(Conflict, match="nothing over any more"):
        successions.confirm(other, asked.id)
    assert owner_of(case) == house.peer.user_id


@pytest.mark.parametrize(("who", "status"), [("admin", WallStatus.WITHDRAWN), ("supervisor", WallStatus.DECLINED)])
def test_it_is_taken_back_or_not_agreed_to(house: House, heir: Actor, who: str, status: WallStatus) -> None:
    case = builders.add_case(house.peer)
    end(house, house.peer)
    asked = successions.ask(house.admin, house.peer.user_id, heir.user_id, WHY)
    successions.leave(getattr(house, who), asked.id)
    (ended,) = successions.read_ended(house.admin)
    assert ([each.status for each in ended.named], ended.waits, ended.done) == ([status], None, ())
    assert owner_of(case) == house.peer.user_id
    assert rows(house, Action.SUCCESSION_LEAVE)[0][1:] == (f"account/{house.peer.user_id}", status)
    successions.ask(house.admin, house.peer.user_id, heir.user_id, WHY)


def test_it_waits_where_the_second_person_looks(house: House, other: Actor, heir: Actor) -> None:
    end(house, house.peer)
    asked = successions.ask(house.admin, house.peer.user_id, heir.user_id, WHY)
    (work,) = [each for each in worklists.read_worklist(house.supervisor) if each.kind is WorkKind.SUCCESSION]
    assert (work.subject_id, work.case_id, work.mine, work.overdue) == (asked.id, "", False, False)
    with clock.standing_at(clock.now() + timedelta(days=30)):
        (work,) = [each for each in worklists.read_worklist(house.supervisor) if each.kind is WorkKind.SUCCESSION]
        assert work.overdue
    for person in (house.therapist, heir):
        assert WorkKind.SUCCESSION not in {each.kind for each in worklists.read_worklist(person)}
    for person, seen in ((house.supervisor, 1), (other, 1), (house.admin, 0), (house.therapist, 0)):
        assert len(resets.my_matters(person).successions) == seen
        assert resets.anything_waits(person) is bool(seen)
        db.session.rollback()
    assert crisis.Task.SUCCESSION in {each.task for each in crisis.left_to_do(house.admin)}
    successions.confirm(house.supervisor, asked.id)
    assert WorkKind.SUCCESSION not in {each.kind for each in worklists.read_worklist(house.supervisor)}
    assert crisis.Task.SUCCESSION not in {each.task for each in crisis.left_to_do(house.admin)}


def test_another_practice_finds_nothing_and_a_purged_record_stays_gone(house: House, other: Actor, heir: Actor) -> None:
    case = builders.add_case(house.peer)
    builders.close_case(house.peer, case.id, version=case.version)
    with clock.standing_at(clock.now() + timedelta(days=365 * 30)):
        cases.assign_cover(house.peer, case.id, house.supervisor.user_id, clock.now().date())
        purging.purge(house.peer, case.id, "Its years of keeping are over now")
        assert purging.purge(house.supervisor, case.id, "Its years of keeping are over now") is not None
    end(house, house.peer)
    asked = successions.ask(house.admin, house.peer.user_id, heir.user_id, WHY)
    foreign = builders.add_actor(house.stranger.practice_id, Role.SUPERVISOR, "Elsewhere Colleague")
    db.session.commit()
    for step in (successions.read_succession, successions.confirm, successions.leave):
        with pytest.raises(NotFound):
            step(foreign, asked.id)
    assert successions.list_waiting(foreign) == ()
    successions.confirm(other, asked.id)
    assert owner_of(case) == house.peer.user_id
    assert store.waiting(house.practice_id) == []
