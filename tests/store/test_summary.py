"""Whatever happened in whatever order, the maintained summary is the one that a rebuild works out."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from schemas.vocabulary import Attendance, CaseStatus, PlanStatus, PlanType, Rhythm
from service.casework import cases, intakes, notes, plans, records, schedules, sessions
from service.casework.records import Record
from service.casework.schedules import ScheduleDraft
from service.domain import clock
from service.domain.actors import Actor
from service.errors import Conflict, Invalid, NotAllowed
from service.store import summary
from service.store.base import db
from service.store.keyring import Place, ring
from service.store.summary import Shown, SummaryRow
from tests import builders
from tests.builders import House

STEPS = 32
Step = Callable[[random.Random, Actor, Record], object]


def session_somewhen(chance: random.Random, actor: Actor, record: Record) -> object:
    at = clock.now() + timedelta(days=chance.randint(-200, 20))
    held = chance.choice(list(Attendance))
    return builders.add_session(
        actor, record.case.id, starts_at=at, ends_at=at + timedelta(minutes=50), attendance=held
    )


def change_attendance(chance: random.Random, actor: Actor, record: Record) -> object:
    session = chance.choice(record.sessions)
    return sessions.set_attendance(actor, session.id, chance.choice(list(Attendance)), version=session.version)


def write_note(chance: random.Random, actor: Actor, record: Record) -> object:
    return builders.add_note(actor, chance.choice(record.sessions).id)


def sign_note(chance: random.Random, actor: Actor, record: Record) -> object:
    note = chance.choice(record.notes)
    return notes.sign_note(actor, note.id, version=note.version)


def back_dated_log(chance: random.Random, actor: Actor, record: Record) -> object:
    at = clock.now() - timedelta(days=chance.randint(0, 300))
    return builders.add_intake(actor, record.case.id, builders.wsl_answers(chance.randint(0, 4)), authored_at=at)


def correct_log(chance: random.Random, actor: Actor, record: Record) -> object:
    intake = chance.choice(record.intakes)
    draft = builders.an_intake_draft(builders.wsl_answers(chance.randint(0, 4)), authored_at=intake.authored_at)
    return intakes.amend_intake(actor, intake.id, draft, reason="Typed wrongly")


def plan(_chance: random.Random, actor: Actor, record: Record) -> object:
    return builders.add_plan(actor, record.case.id, PlanType.PL_URGE)


def withdraw_plan(chance: random.Random, actor: Actor, record: Record) -> object:
    active = [each for each in record.plans if each.status is PlanStatus.ACTIVE]
    chosen = chance.choice(active)
    return plans.withdraw_plan(actor, chosen.id, version=chosen.version)


def set_schedule(chance: random.Random, actor: Actor, record: Record) -> object:
    key = chance.choice(["wsl", "spc"])
    line = next(each for each in schedules.read_schedules(actor, record.case.id).lines if each.instrument.key == key)
    draft = ScheduleDraft(chance.choice(list(Rhythm)), days=chance.randint(7, 60), why="Agreed together")
    return schedules.set_schedule(actor, record.case.id, key, draft, version=line.version)


def decline(chance: random.Random, actor: Actor, record: Record) -> object:
    at = clock.now() - timedelta(days=chance.randint(0, 90))
    return schedules.record_refusal(actor, record.case.id, chance.choice(["wsl", "spc"]), at)


def take_back(chance: random.Random, actor: Actor, record: Record) -> object:
    return schedules.withdraw_refusal(actor, chance.choice(record.refusals).id)


def rename(chance: random.Random, actor: Actor, record: Record) -> object:
    client = builders.a_client(chosen_name=f"Name {chance.randint(0, 99)}")
    return cases.change_client(actor, record.case.id, client, version=record.case.version)


def close(_chance: random.Random, actor: Actor, record: Record) -> object:
    return builders.close_case(actor, record.case.id, version=record.case.version)


WEIGHTS: dict[Step, int] = {
    session_somewhen: 6,
    change_attendance: 4,
    write_note: 4,
    sign_note: 3,
    back_dated_log: 6,
    correct_log: 4,
    plan: 2,
    withdraw_plan: 1,
    set_schedule: 3,
    decline: 3,
    take_back: 2,
    rename: 1,
    close: 1,
}


def rows() -> list[tuple[object, ...]]:
    """Every summary row with its sealed part opened, since sealing anew never gives the same bytes."""
    db.session.expire_all()
    found = []
    for row in db.session.scalars(select(SummaryRow).order_by(SummaryRow.case_id)):
        columns = [column.key for column in SummaryRow.__table__.columns if column.key != "shown"]
        place = Place("case_summary", row.case_id, "shown")
        shown = ring().box(row.case_id).open(place, row.shown, Shown)
        found.append((*(getattr(row, name) for name in columns), shown))
    db.session.rollback()
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_rebuild_changes_nothing_after_any_history(context: Flask, house: House, seed: int) -> None:
    context.extensions["stepwell.waker"] = None
    chance = random.Random(seed)
    case_ids = [builders.add_case(house.therapist).id for _ in range(2)]
    done = [live(chance, house.therapist, chance.choice(case_ids)) for _ in range(STEPS)]
    assert sum(done) > STEPS / 3
    maintained = rows()
    summary.rebuild(house.practice_id)
    db.session.commit()
    assert rows() == maintained
    assert len(maintained) == 2


def live(chance: random.Random, actor: Actor, case_id: str) -> bool:
    """One step of a history; a step that does not fit is refused, which must not touch the summary either."""
    record = records.read_record(actor, case_id)
    (step,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
    try:
        step(chance, actor, record)
    except (Conflict, Invalid, NotAllowed, IndexError):
        return False
    return True


def test_a_lost_summary_is_worked_out_again(context: Flask, house: House) -> None:
    case = builders.add_case(house.therapist)
    builders.add_intake(house.therapist, case.id)
    maintained = rows()
    db.session.query(SummaryRow).delete()
    db.session.commit()
    assert summary.rebuild(house.practice_id) == 1
    db.session.commit()
    assert rows() == maintained
    assert maintained[0][4] == CaseStatus.OPEN
