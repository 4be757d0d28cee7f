"""The demo practice tells the same varied story each time."""

import random
from datetime import date

import pytest
from flask import Flask

from schemas.instruments.answer import Answer
from schemas.vocabulary import CaseStatus, EventStatus, NoteFormat, NoteStatus, PlanStatus, Role
from service.casework import demo
from service.casework.demo import Story, answers_of
from service.casework.demo_cast import CAST
from service.casework.records import Record, collected
from service.domain import clock
from service.domain.actors import Actor
from service.domain.workload import Kind, all_due
from service.store import accounts, cases, summary
from service.store.base import db
from tests.conftest import Database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

# One client for each feature of the story, so that a load stays quick.
SOME = tuple(
    member for member in CAST if member.name.split()[0] in ("Wren", "Thiago", "Marguerite", "Håkon", "Dearbhla")
)


NOBODY = Actor("a", "p", Role.THERAPIST)


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
    totals = [intake.score.total for intake in by_name["Thiago"].intakes if intake.score is not None]
    assert None in {total.value for total in totals}
    assert any(total.prorated for total in totals)
    plans = by_name["Marguerite"].plans
    assert {PlanStatus.ACTIVE, PlanStatus.SUPERSEDED} <= {plan.status for plan in plans}
    assert {plan.type for plan in plans} == {"PL-URGE", "PL-PREP", "PL-STAY", "PL-DIGITAL"}
    rows = summary.of_cases([record.case.id for record in told])
    kinds = {due.kind for due in all_due(rows, clock.now()) if due.overdue}
    assert {Kind.NOTE, Kind.PLAN, Kind.LOG} <= kinds
    assert all(record.case.status is CaseStatus.OPEN for record in told)


def test_staff_are_two_therapists_their_supervisor_and_an_administrator(told: list[Record], context: Flask) -> None:
    people = accounts.people(told[0].practice.id)
    assert sorted(person.role for person in people) == [Role.ADMIN, Role.SUPERVISOR, Role.THERAPIST, Role.THERAPIST]
    assert len(accounts.supervised_by(next(each.id for each in people if each.role is Role.SUPERVISOR))) == 2


def test_the_same_seed_tells_the_same_log_week_by_week() -> None:
    def weeks() -> list[dict[str, Answer]]:
        story = Story(SOME[0], NOBODY, NOBODY, date(2026, 11, 22), random.Random(demo.SEED), NoteFormat.DAP)
        return [answers_of(story, number) for number in range(30)]

    assert weeks() == weeks()
    assert len({tuple(each.items()) for each in weeks()}) > 20
