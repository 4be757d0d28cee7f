"""The demo practice tells the same varied story each time."""

import random
from datetime import date

import pytest
from flask import Flask

from schemas.instruments.answer import Answer
from schemas.instruments.capture import CaptureChannel
from schemas.request_codes import RequestKind, RequestStatus
from schemas.vocabulary import CaseStatus, EventStatus, NoteFormat, NoteStatus, PlanStatus, Role
from service.casework import demo, demo_systems, summaries
from service.casework.demo import Story, answers_of
from service.casework.demo_cast import CAST
from service.casework.demo_summaries import Paper
from service.casework.records import Record, collected
from service.domain import clock
from service.domain.actors import Actor
from service.domain.summaries import SummaryDraft
from service.domain.workload import Kind, all_due
from service.reports import treatment_summary
from service.reports.progress import Period
from service.reports.treatment_summary import Wanted
from service.store import accounts, cases, requests, summary, treatment_summaries
from service.store.base import db
from tests.builders import A_FILE
from tests.conftest import Database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

# One client for each feature of the story, so that a load stays quick.
SOME = tuple(
    member for member in CAST if member.name.split()[0] in ("Wren", "Thiago", "Marguerite", "Håkon", "Dearbhla")
)


NOBODY = Actor("a", "p", Role.THERAPIST)


def printed(actor: Actor, case_id: str, paper: Paper) -> None:
    """As at a start, but with a file that stands in for the PDF."""
    wanted = Wanted(Period(paper.since, paper.until), paper.release_id, paper.needs, signed=True)
    words = treatment_summary.draft(actor, case_id, wanted)[1]
    if paper.waits:
        draft = SummaryDraft(paper.release_id, words, clock.now())
        summaries.send_summary(actor, case_id, draft, "As printed", A_FILE)
    else:
        summaries.keep_summary(actor, case_id, paper.release_id, words, A_FILE)


@pytest.fixture
def told(context: Flask, database: Database) -> list[Record]:
    practice_id = demo.load(clock.now().date(), cast=SOME, printed=printed)
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


def test_a_summary_left_another_waits_and_a_form_arrived_that_nobody_looked_at(
    told: list[Record], context: Flask
) -> None:
    (left,) = (each for record in told for each in treatment_summaries.of_case(record.case.id))
    assert left.made_at <= clock.now() and [each.heading for each in left.words.sections][-1] == "Care needs"
    asked = [each for record in told for each in requests.of_case(record.case.id)]
    (waits,) = (each for each in asked if each.asking.kind is RequestKind.SUMMARY)
    assert waits.status is RequestStatus.PROPOSED
    (arrived,) = (each for record in told for each in record.intakes if each.capture.channel is CaptureChannel.SENT)
    assert arrived.author_name == demo_systems.NAME and arrived.authored_at <= clock.now()
    assert arrived.score is not None and arrived.score.total.value is not None
    rows = summary.of_cases([record.case.id for record in told])
    assert Kind.ARRIVED in {due.kind for due in all_due(rows, clock.now())}


def test_staff_are_two_therapists_their_supervisor_an_administrator_and_a_system(
    told: list[Record], context: Flask
) -> None:
    people = accounts.people(told[0].practice.id)
    two = [Role.THERAPIST, Role.THERAPIST]
    assert sorted(person.role for person in people) == [Role.ADMIN, Role.MACHINE, Role.SUPERVISOR, *two]
    assert len(accounts.supervised_by(next(each.id for each in people if each.role is Role.SUPERVISOR))) == 2


def test_the_same_seed_tells_the_same_log_week_by_week() -> None:
    def weeks() -> list[dict[str, Answer]]:
        story = Story(SOME[0], NOBODY, NOBODY, date(2026, 11, 22), random.Random(demo.SEED), NoteFormat.DAP)
        return [answers_of(story, number) for number in range(30)]

    assert weeks() == weeks()
    assert len({tuple(each.items()) for each in weeks()}) > 20
