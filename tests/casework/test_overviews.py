"""The overview of a case tells what the whole record tells, and opens what it shows only."""

from datetime import date, timedelta

import pytest

from schemas.actions import Action
from schemas.instruments import find
from schemas.programme_codes import StepState
from schemas.vocabulary import AssignmentKind, Attendance, EventLevel, NoteStatus, Relation
from service.casework import episodes, events, gate, handovers, intakes, overviews, programmes, records, schedules
from service.casework.records import Record
from service.domain import clock
from service.domain.actors import Actor
from service.domain.episodes import HandedOver
from service.domain.handovers import Handover
from service.domain.spines import HandoverSpine, PlanSpine, SessionSpine
from service.errors import NotFound
from service.store import audit, cases
from service.store.transaction import transaction
from tests import builders
from tests.builders import House
from tests.domain.test_events import a_follow_up as dated

pytestmark = pytest.mark.usefixtures("context")
RATED = tuple(item.key for item in find("ssr", "1.0.0").asked() if item.key != "change")


def a_full_case(actor: Actor) -> str:
    """Sessions with each kind of note, logs, one of them corrected, a refusal, plans, events and hand-overs."""
    case_id = builders.add_case(actor).id
    for week, signed in enumerate((None, False, True, True, None)):
        start = clock.now() - timedelta(days=7 * week + 1)
        attendance = Attendance.NO_SHOW if week == 4 else Attendance.ATTENDED
        times = {"starts_at": start, "ends_at": start + timedelta(minutes=50), "attendance": attendance}
        session = builders.add_session(actor, case_id, **times)
        if signed is not None:
            builders.add_note(actor, session.id, signed=signed)
        builders.add_intake(actor, case_id, authored_at=start)
    ahead = clock.now() + timedelta(days=6)
    builders.add_session(
        actor, case_id, starts_at=ahead, ends_at=ahead + timedelta(hours=1), attendance=Attendance.PLANNED
    )
    _forms(actor, case_id)
    builders.add_plan(actor, case_id)
    builders.add_plan(actor, case_id, active=False)
    builders.offer_step(actor, case_id, "1", active=True)
    builders.offer_step(actor, case_id, "2")
    programmes.take_back(actor, builders.offer_step(actor, case_id, "3").entries[-1].id)
    for level in EventLevel:
        events.open_event(actor, case_id, level, prompt=f"Noticed, {level}")
    return case_id


def _forms(actor: Actor, case_id: str) -> None:
    first = records.read_record(actor, case_id).intakes[0]
    corrected = builders.an_intake_draft(builders.wsl_answers(1), authored_at=first.authored_at)
    intakes.amend_intake(actor, first.id, corrected, reason="Read wrongly at first")
    for level in ("1", "4"):
        builders.add_intake(actor, case_id, dict.fromkeys(RATED, level), instrument_key="ssr")
    schedules.record_refusal(actor, case_id, "wsl", clock.now() - timedelta(days=3))
    schedules.withdraw_refusal(actor, schedules.record_refusal(actor, case_id, "wsl", clock.now()).id)
    builders.add_handover(actor, case_id)
    handovers.end_handover(actor, builders.add_handover(actor, case_id).handover.id)


def spines_of(record: Record) -> tuple[object, ...]:
    """What the spines of a case must be, from every part of it opened."""
    notes = {each.session_id: each.status for each in record.notes}
    sessions = tuple(
        SessionSpine(each.id, each.starts_at, each.ends_at, each.attendance, notes.get(each.id))
        for each in record.sessions
    )
    plans = tuple(
        PlanSpine(each.id, each.type, each.number, each.reviewed_on, each.next_review, each.doubt)
        for each in record.active_plans
    )
    refused = tuple(each.declined_at for each in record.refusals if each.instrument_key == "wsl")
    return sessions, plans, refused


def test_it_tells_what_the_whole_record_tells(house: House) -> None:
    case_id = a_full_case(house.therapist)
    record, found = records.read_record(house.therapist, case_id), overviews.read_overview(house.therapist, case_id)
    assert (found.spines.sessions, found.spines.plans, found.spines.refused) == spines_of(record)
    assert {each.note for each in found.spines.sessions} == {None, NoteStatus.DRAFT, NoteStatus.SIGNED}
    assert found.plan_marks == record.plan_marks != {}
    assert (found.case, found.goals, found.practice) == (record.case, record.goals, record.practice)
    assert found.events == record.open_events and len(found.events) == len(EventLevel)
    assert found.logs == record.standing_intakes("wsl")
    assert found.rating == record.standing_intakes("ssr")[-1]
    standing = {key: state for key, state in record.programme.states.items() if state is not StepState.NOT_STARTED}
    assert found.spines.steps == standing and len(standing) == 2
    live = [HandoverSpine(each.id, each.state, each.made_at) for each in in_hand(house.therapist, case_id)]
    assert list(found.spines.handovers) == live and len(live) == 1


def in_hand(actor: Actor, case_id: str) -> list[Handover]:
    """The forms in the client's hands, and answers of unfinished ones."""
    return [each for each in handovers.list_handovers(actor, case_id) if each.live or each.waits_for_review]


def test_a_follow_up_keeps_an_event_off_the_overview_while_it_stands(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    event = events.open_event(house.therapist, case_id, EventLevel.TODAY, prompt="Noticed")
    assert [each.id for each in overviews.read_overview(house.therapist, case_id).events] == [event.id]
    follow_up = dated(at=clock.now(), next_check=clock.now().date() + timedelta(days=3))
    events.dispose_event(house.therapist, event.id, follow_up, version=event.version)
    assert overviews.read_overview(house.therapist, case_id).events == ()
    with clock.standing_at(clock.now() + timedelta(days=5)):
        assert [each.id for each in overviews.read_details(house.therapist, case_id).events] == [event.id]


def test_an_ending_waits_on_the_overview_until_it_is_answered(house: House) -> None:
    case = builders.add_case(house.therapist)
    event = events.open_event(house.therapist, case.id, EventLevel.NEXT, prompt="Noticed")
    handed = (HandedOver(event.id, "Dr Okafor", date(2027, 1, 4)),)
    assert not overviews.read_overview(house.therapist, case.id).ending_waits
    builders.close_case(house.therapist, case.id, version=case.version, handed_over=handed)
    assert overviews.read_overview(house.therapist, case.id).ending_waits
    episodes.answer_closing(house.supervisor, case.id, "Agreed, with the last note written.", agreed=True)
    assert not overviews.read_overview(house.therapist, case.id).ending_waits


def test_single_ratings_stay_with_the_therapist(house: House) -> None:
    case_id = a_full_case(house.therapist)
    found = overviews.read_overview(house.supervisor, case_id)
    assert found.rating is None
    assert found.logs == overviews.read_overview(house.therapist, case_id).logs


def test_each_reading_asks_and_leaves_its_own_row(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    for read in (overviews.read_overview, overviews.read_details):
        before = len(audit.recent(house.therapist.practice_id, None, 100))
        read(house.therapist, case_id)
        for asker in (house.stranger, house.peer):
            with pytest.raises(NotFound):
                read(asker, case_id)
        rows = audit.recent(house.therapist.practice_id, None, 100)
        assert [(each.action, each.verdict) for each in rows[: len(rows) - before]] == [
            (Action.CASE_READ, "refused"),
            (Action.CASE_READ, "allowed"),
        ]


def test_who_is_assigned_is_looked_up_anew_after_a_change(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    with transaction(house.supervisor, Action.CASE_ASSIGN, f"case/{case_id}") as unit:
        row = gate.admit(unit, case_id)
        cases.assign(case_id, house.peer.user_id, AssignmentKind.COVER, clock.now().date() + timedelta(days=3))
        assert cases.facts(house.peer, row).relation is Relation.COVER
        cases.unassign(case_id, house.peer.user_id)
        assert cases.facts(house.peer, row).relation is Relation.COLLEAGUE
