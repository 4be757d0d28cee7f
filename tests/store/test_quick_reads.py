"""The short way answers what the ordinary way answers: same bytes, same permission facts, same audit chain."""

from datetime import timedelta

import pytest
from flask import Flask

from schemas.vocabulary import Action, AssignmentKind
from service.casework import accounts, publishing
from service.domain import clock
from service.domain.actors import Actor
from service.errors import NotFound
from service.store import audit, cases, driver, quick_reads, resources, sign_ins
from service.store.base import db
from tests import builders
from tests.builders import House


def facts_both_ways(actor: Actor, case_id: str) -> tuple[object, object]:
    row = cases.row(case_id)
    assert row is not None
    with driver.line() as line:
        found = quick_reads.resource(line, actor, "Patient", case_id, None)
    return quick_reads.facts(actor, found), cases.facts(actor, row)


def test_every_kind_of_asker_stands_to_the_case_as_the_ordinary_way_says(context: Flask, house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    cases.assign(case_id, house.machine.user_id, AssignmentKind.LINKED)
    cases.assign(case_id, house.peer.user_id, AssignmentKind.COVER, clock.now().date() - timedelta(days=1))
    db.session.commit()
    for actor in (house.therapist, house.peer, house.supervisor, house.admin, house.machine, house.stranger):
        quick, ordinary = facts_both_ways(actor, case_id)
        assert quick == ordinary, actor.role
    cases.assign(case_id, house.peer.user_id, AssignmentKind.BLOCKED)
    db.session.commit()
    quick, ordinary = facts_both_ways(house.peer, case_id)
    assert quick == ordinary


def test_a_stored_resource_comes_back_with_the_same_bytes_and_date(context: Flask, house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    with driver.line() as line:
        found = quick_reads.resource(line, house.therapist, "Patient", case_id, None)
        assert quick_reads.resource(line, house.therapist, "Patient", case_id, 2) is None
    ordinary = resources.current("Patient", case_id)
    assert ordinary is not None
    assert resources.opened(found) == resources.opened(ordinary)


def test_reads_extend_the_same_chain_as_everything_else(context: Flask, house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    for _ in range(3):
        publishing.read_resource(house.therapist, "Patient", case_id)
    with pytest.raises(NotFound):
        publishing.read_resource(house.peer, "Patient", case_id)
    builders.add_session(house.therapist, case_id)
    audit.seal_pending()
    assert audit.verify().ok
    rows = [row.action for row in audit.recent(house.practice_id, None, 50)]
    assert rows.count(Action.FHIR_READ) == 4


def test_a_token_and_a_cookie_are_found_while_they_hold(context: Flask, house: House) -> None:
    machine = accounts.machine_actor(house.machine_token)
    assert machine is not None
    assert (machine.user_id, machine.practice_id, machine.name) == (
        house.machine.user_id,
        house.practice_id,
        "Record bridge",
    )
    assert accounts.machine_actor("no such token") is None
    token = sign_ins.start(house.therapist.user_id, "test")
    db.session.commit()
    standing = accounts.standing(token)
    assert standing is not None
    assert (standing.actor.name, standing.practice.name) == ("Ana Núñez", "Linden Street Practice")
    with clock.standing_at(clock.now() + timedelta(hours=13)):
        assert accounts.standing(token) is None
    with clock.standing_at(clock.now() + timedelta(days=2)):
        assert accounts.machine_actor(house.machine_token) is None


def test_a_read_does_not_wait_for_a_transaction_of_its_own_thread(context: Flask, house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    assert cases.row(case_id) is not None  # opens the ordinary session's transaction and leaves it open
    publishing.read_resource(house.therapist, "Patient", case_id)
