"""One commit holds rows, audit and outbox; without a decision or an audit row there is none."""

import sqlite3

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.engine import Engine

from schemas.actions import Action
from schemas.vocabulary import Verdict
from service.casework import cases
from service.errors import NotAllowed, NotFound, Unavailable
from service.settings import Settings
from service.store.audit import AuditRow
from service.store.base import db
from service.store.cases import CaseRow
from service.store.outbox import OutboxRow
from service.store.transaction import transaction
from tests.builders import House, a_client, add_case


def counted() -> dict[str, int]:
    """How many rows each table holds."""
    db.session.rollback()
    found = {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in db.metadata.sorted_tables
    }
    db.session.rollback()
    return found


def without_audit(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if not name.startswith("audit_")}


def last_audit() -> AuditRow:
    return db.session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).one()


def test_a_verb_leaves_its_rows_its_audit_rows_and_its_outbox_rows(context: Flask, house: House) -> None:
    context.extensions["stepwell.waker"] = None
    before = counted()
    case = add_case(house.therapist)
    after = counted()
    assert after["client_case"] - before["client_case"] == 1
    assert after["audit_row"] - before["audit_row"] == 2  # the case, and the conflict check that comes with a client
    posted = db.session.scalars(select(OutboxRow).where(OutboxRow.case_id == case.id)).all()
    assert {(row.record_type, row.version) for row in posted} == {("case", 1), ("episode", 1)}
    assert all(row.done_at is None for row in posted)
    assert (last_audit().action, last_audit().subject) == (Action.CASE_OPEN, f"case/{case.id}")


def test_a_transaction_that_never_asked_for_permission_does_not_commit(context: Flask, house: House) -> None:
    before = counted()
    with (
        pytest.raises(RuntimeError, match="never decided"),
        transaction(house.therapist, Action.CASE_READ),
    ):
        db.session.execute(text("DELETE FROM sign_in_attempt"))
    assert counted() == before


def test_if_the_audit_cannot_be_written_nothing_is(context: Flask, house: House) -> None:
    before = counted()

    def fail(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO audit_row"):
            raise sqlite3.OperationalError("disk I/O error")

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        with pytest.raises((Unavailable, sqlite3.OperationalError)):
            add_case(house.therapist)
    finally:
        event.remove(Engine, "before_cursor_execute", fail)
    assert counted() == before


@pytest.mark.parametrize("table", ["client_case", "case_assignment", "data_key", "case_summary", "outbox"])
def test_wherever_it_fails_nothing_is_half_written(context: Flask, house: House, table: str) -> None:
    before = without_audit(counted())

    def fail(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(f"INSERT INTO {table}"):
            raise RuntimeError("lost power")

    event.listen(Engine, "after_cursor_execute", fail)
    try:
        with pytest.raises(RuntimeError, match="lost power"):
            add_case(house.therapist)
    finally:
        event.remove(Engine, "after_cursor_execute", fail)
    assert without_audit(counted()) == before
    add_case(house.therapist)


def test_a_refusal_leaves_its_row_and_nothing_else(context: Flask, house: House) -> None:
    case = add_case(house.therapist)
    before = without_audit(counted())
    with pytest.raises(NotFound):
        cases.change_client(house.peer, case.id, a_client(chosen_name="Other"), version=case.version)
    row = last_audit()
    assert (row.verdict, row.actor_id, row.action) == (Verdict.REFUSED, house.peer.user_id, Action.CASE_CHANGE)
    assert without_audit(counted()) == before


def test_a_refusal_of_the_role_leaves_its_row(context: Flask, house: House) -> None:
    with pytest.raises(NotAllowed):
        add_case(house.admin)
    assert (last_audit().verdict, last_audit().action) == (Verdict.REFUSED, Action.CASE_OPEN)


def test_audit_rows_name_records_and_never_content(context: Flask, house: House) -> None:
    add_case(house.therapist, chosen_name="Heliotrope")
    written = " ".join(f"{row.subject} {row.why}" for row in db.session.scalars(select(AuditRow)))
    assert "Heliotrope" not in written


def test_a_full_disk_is_said_calmly_and_work_goes_on_afterwards(
    context: Flask, house: House, settings: Settings
) -> None:
    if not settings.sqlite:
        pytest.skip("the page limit is SQLite's")
    before = without_audit(counted())
    with db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(connection: sqlite3.Connection, *_rest: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    db.session.remove()
    db.engine.dispose()
    event.listen(db.engine, "connect", limit)
    with pytest.raises(Unavailable, match="half-written"):
        add_cases(house, 50)
    event.remove(db.engine, "connect", limit)
    db.session.remove()
    db.engine.dispose()
    held = without_audit(counted())
    assert held["client_case"] == held["case_summary"] == held["episode"]
    add_case(house.therapist)
    assert without_audit(counted())["client_case"] == held["client_case"] + 1
    assert held["client_case"] >= before["client_case"]


def add_cases(house: House, count: int) -> None:
    for _ in range(count):
        add_case(house.therapist)


def close_without_right(house: House, case_id: str) -> None:
    with transaction(house.admin, Action.CASE_OPEN, case_id) as unit:
        db.session.get_one(CaseRow, case_id).status = "closed"
        unit.require()


def test_the_row_of_a_case_is_reached_only_through_a_decision(context: Flask, house: House) -> None:
    case = add_case(house.therapist)
    with pytest.raises(NotAllowed):
        close_without_right(house, case.id)
    assert db.session.get_one(CaseRow, case.id).status == "open"
