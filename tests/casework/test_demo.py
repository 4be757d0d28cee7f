"""The demo practice tells the same varied story each time."""

from datetime import date, timedelta

import pytest
from flask import Flask

from schemas.vocabulary import CaseStatus, EventStatus, NoteStatus, PlanStatus, Role
from service.casework import demo
from service.casework.demo_cast import CAST
from service.casework.records import Record, collected
from service.domain import clock
from service.domain.workload import Kind, all_due
from service.store import accounts, cases, summary
from service.store.base import db
from tests.conftest import Database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

# One client for each feature of the story, so that a load stays quick.
SOME = tuple(
    member for member in CAST if member.name.split()[0] in ("Wren", "Thiago", "Marguerite", "Håkon", "Dearbhla")
)


@pytest.fixture
def told(context: Flask, database: Database) -> list[Record]:
    context.extensions.pop("stepwell.waker")
    practice_id = demo.load(clock.now().date(), cast=SOME)
    rows = [cases.row(case_id) for case_id in cases.all_ids(practice_id)]
    found = [collected(row) for row in rows if row is not None]
    db.session.rollback()
    return sorted(found, key=lambda each: each.case.client.chosen_name)


def test_the_cast_has_adults_of_both_therapists_with_four_to_ten_months_each() -> None:
    today = date(2026, 11, 22)
    assert len(CAST) >= 14
    assert {member.therapist for member in CAST} == {"ana", "jonas"}
    assert all(4 <= member.months <= 10 and today.year - member.born > 18 for member in CAST)


def test_the_story_holds_what_a_practice_meets(told: list[Record], context: Flask) -> None:
    by_name = {record.case.client.chosen_name.split()[0]: record for record in told}
    assert [event.status for event in by_name["Wren"].open_events] == [EventStatus.OPEN]
    assert by_name["Dearbhla"].notes[0].status is NoteStatus.DRAFT
    assert {score.score.total.value for score in by_name["Thiago"].intakes} & {None}
    assert any(intake.score.total.prorated for intake in by_name["Thiago"].intakes)
    plans = by_name["Marguerite"].plans
    assert {PlanStatus.ACTIVE, PlanStatus.SUPERSEDED} <= {plan.status for plan in plans}
    assert {plan.type for plan in plans} == {"PL-URGE", "PL-PREP"}
    rows = summary.of_cases([record.case.id for record in told])
    kinds = {due.kind for due in all_due(rows, clock.now()) if due.overdue}
    assert {Kind.NOTE, Kind.PLAN, Kind.LOG} <= kinds
    assert all(record.case.status is CaseStatus.OPEN for record in told)


def test_staff_are_two_therapists_their_supervisor_and_an_administrator(told: list[Record], context: Flask) -> None:
    people = accounts.people(told[0].practice.id)
    assert sorted(person.role for person in people) == [Role.ADMIN, Role.SUPERVISOR, Role.THERAPIST, Role.THERAPIST]
    assert len(accounts.supervised_by(next(each.id for each in people if each.role is Role.SUPERVISOR))) == 2


def test_two_loads_on_one_day_tell_the_same(told: list[Record], context: Flask) -> None:
    again = demo.load(clock.now().date(), cast=SOME[:1])
    rows = [cases.row(case_id) for case_id in cases.all_ids(again)]
    second = collected(rows[0]) if rows[0] else None
    assert second is not None
    first = next(record for record in told if record.case.client == second.case.client)
    assert [each.answers for each in first.intakes] == [each.answers for each in second.intakes]
    assert [each.sections for each in first.notes] == [each.sections for each in second.notes]
    assert [each.starts_at for each in first.sessions] == [each.starts_at for each in second.sessions]
    assert max(each.starts_at for each in second.sessions) - clock.now() < timedelta(days=8)
