"""The short way answers what the ordinary way answers: same bytes, same permission facts, same audit chain."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text, update

from schemas.actions import Action
from schemas.vocabulary import AssignmentKind, Role
from service.casework import accounts, resource_reads
from service.domain import clock
from service.domain.actors import Actor
from service.errors import NotFound, Unavailable
from service.store import audit, cases, driver, quick_reads, resources, sign_ins
from service.store.accounts import AccountRow, BearerRow
from service.store.base import db
from service.store.resources import Search
from tests import builders
from tests.builders import House
from tests.store.test_races import chain_length, race

ROUNDS = 5


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
        resource_reads.read_resource(house.therapist, "Patient", case_id)
    with pytest.raises(NotFound):
        resource_reads.read_resource(house.peer, "Patient", case_id)
    builders.add_session(house.therapist, case_id)
    audit.seal_pending()
    assert audit.verify().ok
    rows = [row.action for row in audit.recent(house.practice_id, None, 50)]
    assert rows.count(Action.FHIR_READ) == 4


def test_a_token_and_a_cookie_are_found_while_they_hold(context: Flask, house: House) -> None:
    machine = accounts.machine_actor(house.machine_token)
    assert machine is not None
    assert (machine.user_id, machine.practice_id, machine.role) == (
        house.machine.user_id,
        house.practice_id,
        Role.MACHINE,
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
    resource_reads.read_resource(house.therapist, "Patient", case_id)


def test_a_token_that_was_ended_finds_nobody(context: Flask, house: House) -> None:
    db.session.execute(update(BearerRow).values(ended_at=clock.now()))
    db.session.commit()
    assert accounts.machine_actor(house.machine_token) is None


@pytest.mark.parametrize("change", [{"active": False}, {"role": Role.THERAPIST.value}])
def test_a_token_needs_a_working_machine_behind_it(context: Flask, house: House, change: dict[str, object]) -> None:
    db.session.execute(update(AccountRow).where(AccountRow.id == house.machine.user_id).values(change))
    db.session.commit()
    assert accounts.machine_actor(house.machine_token) is None


def test_a_read_answers_nothing_when_its_audit_row_cannot_be_written(context: Flask, house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    resource_reads.read_resource(house.therapist, "Patient", case_id)
    before = chain_length()
    rename("audit_row", "audit_row_away")
    with pytest.raises(Unavailable):
        resource_reads.read_resource(house.therapist, "Patient", case_id)
    rename("audit_row_away", "audit_row")
    assert chain_length() == before
    resource_reads.read_resource(house.therapist, "Patient", case_id)
    assert chain_length() == before + 1


def rename(old: str, new: str) -> None:
    db.session.rollback()
    db.session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
    db.session.commit()


def test_reads_go_on_after_every_connection_was_let_go(context: Flask, house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    resource_reads.read_resource(house.therapist, "Patient", case_id)
    before = chain_length()
    db.session.remove()
    db.engine.dispose()
    resource_reads.read_resource(house.therapist, "Patient", case_id)
    assert chain_length() == before + 1


def test_reads_searches_and_writes_of_many_threads_keep_one_chain(app: Flask, house: House) -> None:
    with app.app_context():
        case_id = builders.add_case(house.therapist).id
        app.extensions["stepwell.waker"] = None
        before = chain_length()

    def read() -> None:
        for _ in range(ROUNDS):
            assert accounts.machine_actor(house.machine_token) is not None
            resource_reads.read_resource(house.therapist, "Patient", case_id)

    def search() -> None:
        for _ in range(ROUNDS):
            resource_reads.search_resources(house.therapist, Search("Patient", case_id=case_id))

    def write() -> None:
        for _ in range(ROUNDS):
            builders.add_case(house.therapist)

    works = [read, read, read, read, search, search, write, write]
    checks = 2 * ROUNDS  # a case that is opened leaves the row of its conflict check beside its own
    assert race(app, *works) == ["saved"] * len(works)
    with app.app_context():
        assert chain_length() == before + len(works) * ROUNDS + checks


def test_a_page_goes_through_the_resources_of_its_case_alone(context: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("other databases choose by what the tables hold")
    for given in ({"type", "case_id", "limit"}, {"type", "case_id", "limit", "offset_id"}):
        ready = quick_reads._page(frozenset(given)).ready(db.engine.dialect)
        values = ready.values(dict.fromkeys(given, "1"))
        with db.engine.connect() as connection:
            steps = [
                str(each[3]) for each in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {ready.text}", tuple(values))
            ]
        looked = [each.partition("fhir_resource")[2] for each in steps if "SEARCH" in each or "SCAN" in each]
        assert len(looked) == 3, steps
        assert sum("ix_fhir_resource_case (case_id=? AND type=?)" in each for each in looked) == 2, steps
        assert sum("ix_fhir_resource_current (type=? AND id=?)" in each for each in looked) == 1, steps
