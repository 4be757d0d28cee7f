"""Safety events by their verbs: blocking, joining, second readers, re-opening, and what was entered in error."""

from datetime import timedelta

import pytest

from schemas.event_codes import Awaiting, Disposition, EventStep, NoteState, ReadingVerdict
from schemas.instruments.answer import Answer
from schemas.vocabulary import AssignmentKind, EventLevel, EventStatus, NoteFormat, NoteStatus
from service.casework import caseloads, cases, crisis, events, notes, people, records, sessions, walls
from service.casework.events import Reading
from service.domain import clock
from service.domain.actors import Actor
from service.domain.events import FollowUp, SafetyEvent
from service.domain.workload import Kind
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import cases as case_store
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.domain.test_events import a_follow_up as dated

AGREED = Reading(ReadingVerdict.AGREED)
MORE = Reading(ReadingVerdict.MORE, "Please say who was told, and when.")
WHY = "It was typed into the wrong case by mistake."
DAYS = timedelta(days=1)


pytestmark = pytest.mark.usefixtures("context")


def a_follow_up(**changes: object) -> FollowUp:
    soon = {"at": clock.now(), "next_check": clock.now().date() + timedelta(days=7)}
    return dated(**{**soon, **changes})


def open_event(house: House, case_id: str, level: EventLevel = EventLevel.NOW, **more: str) -> SafetyEvent:
    return events.open_event(house.therapist, case_id, level, prompt="Threat told", **more)


def follow_up(actor: Actor, event: SafetyEvent, **changes: object) -> SafetyEvent:
    stored = events.read_event(actor, event.id)
    return events.dispose_event(actor, event.id, a_follow_up(**changes), version=stored.version)


def read(actor: Actor, event: SafetyEvent, reading: Reading = AGREED) -> SafetyEvent:
    version = events.read_second_desk(actor, event.id).event.version
    return events.read_second(actor, event.id, reading, version=version)


def steps(house: House, event: SafetyEvent) -> list[EventStep]:
    return [each.step for each in events.read_desk(house.therapist, event.id).history]


def fear(house: House, case_id: str, answer: str = "3", **changes: object) -> None:
    """A log whose second emotional item opens an event to respond to today."""
    builders.add_intake(house.therapist, case_id, builders.wsl_answers(1, E2=answer), **changes)


def of_case(house: House, case_id: str) -> tuple[SafetyEvent, ...]:
    return records.read_record(house.therapist, case_id).events


# ---- what an open event keeps from happening ----


def test_an_event_stays_open_until_a_whole_follow_up(house: House) -> None:
    event = open_event(house, builders.add_case(house.therapist).id)
    with pytest.raises(Invalid):
        follow_up(house.therapist, event, text="short")
    assert events.read_event(house.therapist, event.id).status is EventStatus.OPEN
    done = follow_up(house.therapist, event)
    assert done.status is EventStatus.DISPOSED
    assert done.follow_up is not None


@pytest.mark.parametrize("level", [EventLevel.NOW, EventLevel.TODAY])
def test_signing_is_blocked_and_saving_is_not(house: House, level: EventLevel) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id)
    note = builders.add_note(house.therapist, session.id)
    event = open_event(house, case.id, level, session_id=session.id)
    with pytest.raises(Invalid) as caught:
        notes.sign_note(house.therapist, note.id, version=note.version)
    assert list(caught.value.fields) == ["events"]
    kept = notes.save_note(house.therapist, session.id, NoteFormat.DAP, {"data": "More"}, version=note.version)
    view = sessions.read_session(house.therapist, session.id)
    assert view.note_state is (NoteState.DRAFT_BLOCKED if level is EventLevel.NOW else NoteState.DRAFT)
    follow_up(house.therapist, event)
    assert sessions.read_session(house.therapist, session.id).note_state is NoteState.DRAFT
    assert notes.sign_note(house.therapist, kept.id, version=kept.version).status is NoteStatus.SIGNED


def test_a_session_that_did_not_take_place_is_held_back_as_well(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id, attendance="no_show")
    note = builders.add_note(house.therapist, session.id)
    open_event(house, case.id)
    with pytest.raises(Invalid):
        notes.sign_note(house.therapist, note.id, version=note.version)


def test_a_case_is_not_closed_while_a_follow_up_is_due_again(house: House) -> None:
    case = builders.add_case(house.therapist)
    follow_up(house.therapist, open_event(house, case.id, EventLevel.NEXT))
    with clock.standing_at(clock.now() + 8 * DAYS), pytest.raises(Invalid, match="not complete"):
        builders.close_case(house.therapist, case.id, version=case.version)
    assert builders.close_case(house.therapist, case.id, version=case.version).status == "closed"


def test_a_now_follow_up_does_not_stand_over_to_a_later_session(house: House) -> None:
    case = builders.add_case(house.therapist)
    event = follow_up(house.therapist, open_event(house, case.id))
    with clock.standing_at(clock.now() + 3 * DAYS):
        session = builders.add_session(house.therapist, case.id)
        note = builders.add_note(house.therapist, session.id)
        with pytest.raises(Invalid) as caught:
            notes.sign_note(house.therapist, note.id, version=note.version)
        assert list(caught.value.fields) == ["events"]
        follow_up(house.therapist, event)
        assert notes.sign_note(house.therapist, note.id, version=note.version).status is NoteStatus.SIGNED


def test_leaving_the_page_needs_no_alert_for_the_supervisor_sees_it_at_once(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id, ends_at=clock.now() + timedelta(minutes=20))
    open_event(house, case.id, session_id=session.id)
    queue = [each for each in caseloads.team_caseload(house.supervisor).due if each.kind is Kind.NOW_EVENT]
    assert [(each.case_id, each.overdue) for each in queue] == [(case.id, False)]
    with clock.standing_at(clock.now() + timedelta(minutes=21)):
        queue = [each for each in caseloads.team_caseload(house.supervisor).due if each.kind is Kind.NOW_EVENT]
        assert [each.overdue for each in queue] == [True]


# ---- an answer given again ----


def test_an_unchanged_answer_joins_and_leaves_a_row_of_its_own(house: House) -> None:
    case = builders.add_case(house.therapist)
    fear(house, case.id)
    fear(house, case.id)
    (event,) = of_case(house, case.id)
    follow_up(house.therapist, event)
    fear(house, case.id)
    (event,) = of_case(house, case.id)
    assert event.status is EventStatus.DISPOSED
    assert steps(house, event) == [EventStep.JOINED, EventStep.FOLLOWED_UP, EventStep.JOINED]
    joined = events.read_desk(house.therapist, event.id).history[-1]
    assert joined.intake_id == records.read_record(house.therapist, case.id).intakes[-1].id


def test_after_the_check_date_the_same_answer_makes_the_event_due_again(house: House) -> None:
    case = builders.add_case(house.therapist)
    fear(house, case.id)
    (event,) = of_case(house, case.id)
    follow_up(house.therapist, event)
    with clock.standing_at(clock.now() + 8 * DAYS):
        assert [each.id for each in records.read_record(house.therapist, case.id).open_events] == [event.id]
        fear(house, case.id)
        (event,) = of_case(house, case.id)
    assert event.status is EventStatus.OPEN
    assert event.follow_up is None
    assert steps(house, event) == [EventStep.FOLLOWED_UP, EventStep.DUE_AGAIN]


def test_a_changed_answer_opens_an_event_that_names_the_earlier_one(house: House) -> None:
    case = builders.add_case(house.therapist)
    fear(house, case.id)
    (first,) = of_case(house, case.id)
    follow_up(house.therapist, first)
    fear(house, case.id, "4")
    newer = next(each for each in of_case(house, case.id) if each.id != first.id)
    assert newer.earlier_id == first.id
    assert events.read_event(house.therapist, first.id).status is EventStatus.DISPOSED
    assert [each.id for each in events.read_desk(house.therapist, first.id).later] == [newer.id]


# ---- checks, and the last one ----


def test_declined_is_respected_and_the_date_stays(house: House) -> None:
    case = builders.add_case(house.therapist)
    event = open_event(house, case.id, EventLevel.TODAY)
    done = follow_up(house.therapist, event, code=Disposition.CLIENT_DECLINED)
    assert done.check_on == clock.now().date() + timedelta(days=7)
    with clock.standing_at(clock.now() + 7 * DAYS), pytest.raises(Invalid) as caught:
        follow_up(house.therapist, event, code=Disposition.CLIENT_DECLINED, ends=True, next_check=None)
    assert list(caught.value.fields) == ["ends"]


def test_a_check_on_a_later_day_can_be_the_last_and_the_event_can_be_taken_up_again(house: House) -> None:
    event = open_event(house, builders.add_case(house.therapist).id, EventLevel.TODAY)
    with pytest.raises(Conflict):
        events.reopen_event(house.therapist, event.id, EventLevel.NOW, prompt="Told again")
    follow_up(house.therapist, event)
    with pytest.raises(Invalid):
        follow_up(house.therapist, event, ends=True, next_check=None)
    with clock.standing_at(clock.now() + 7 * DAYS):
        ended = follow_up(house.therapist, event, ends=True, next_check=None)
        assert ended.status is EventStatus.ENDED
        with pytest.raises(Conflict):
            follow_up(house.therapist, event)
        newer = events.reopen_event(house.therapist, event.id, EventLevel.NOW, prompt="Told again")
    assert (newer.earlier_id, newer.status) == (event.id, EventStatus.OPEN)


# ---- the second reader ----


def test_a_now_follow_up_waits_for_the_supervisor_and_not_for_who_wrote_it(house: House) -> None:
    event = follow_up(house.therapist, open_event(house, builders.add_case(house.therapist).id))
    assert event.awaiting is Awaiting.FOLLOW_UP
    with pytest.raises(NotAllowed):
        read(house.therapist, event)
    assert [each.event.id for each in events.waiting_readings(house.supervisor)] == [event.id]
    assert events.waiting_readings(house.therapist) == ()
    done = read(house.supervisor, event)
    assert (done.awaiting, done.status) == (None, EventStatus.DISPOSED)
    assert steps(house, event) == [EventStep.FOLLOWED_UP, EventStep.READ]
    with pytest.raises(Conflict):
        read(house.supervisor, event)


def test_a_supervisor_cannot_read_what_they_recorded_themselves(house: House) -> None:
    case = builders.add_case(house.supervisor)
    event = events.open_event(house.supervisor, case.id, EventLevel.NOW, prompt="Threat told")
    event = events.dispose_event(house.supervisor, event.id, a_follow_up(), version=event.version)
    assert events.waiting_readings(house.supervisor) == ()
    with pytest.raises(NotAllowed):
        read(house.supervisor, event)


@pytest.mark.parametrize("level", [EventLevel.TODAY, EventLevel.NEXT])
def test_other_levels_wait_for_nobody(house: House, level: EventLevel) -> None:
    event = follow_up(house.therapist, open_event(house, builders.add_case(house.therapist).id, level))
    assert event.awaiting is None


def test_a_named_therapist_sees_the_waiting_event_and_nothing_else_of_the_case(house: House) -> None:
    case = builders.add_case(house.therapist)
    event = open_event(house, case.id)
    crisis.name_reader(house.admin, house.peer.user_id)
    with pytest.raises(NotFound):
        events.read_second_desk(house.peer, event.id)
    follow_up(house.therapist, event)
    desk = events.read_second_desk(house.peer, event.id)
    assert (desk.code, desk.barred) == (case.code, "")
    for closed in (
        lambda: cases.read_case(house.peer, case.id),
        lambda: events.read_event(house.peer, event.id),
        lambda: records.read_record(house.peer, case.id),
    ):
        with pytest.raises(NotFound):
            closed()
    assert [each.event.id for each in events.waiting_readings(house.peer)] == [event.id]
    read(house.peer, event)
    with pytest.raises(NotFound):
        events.read_second_desk(house.peer, event.id)


def test_a_named_therapist_reads_no_event_of_the_case_that_does_not_wait(house: House) -> None:
    case = builders.add_case(house.therapist)
    older = open_event(house, case.id, EventLevel.TODAY)
    waits = follow_up(house.therapist, open_event(house, case.id))
    crisis.name_reader(house.admin, house.peer.user_id)
    assert events.read_second_desk(house.peer, waits.id).barred == ""
    with pytest.raises(NotFound):
        events.read_second_desk(house.peer, older.id)
    with pytest.raises(NotFound):
        events.read_second(house.peer, older.id, AGREED, version=older.version)
    assert events.read_second_desk(house.supervisor, older.id).barred


def test_who_is_not_named_or_no_longer_named_sees_nothing(house: House) -> None:
    event = follow_up(house.therapist, open_event(house, builders.add_case(house.therapist).id))
    with pytest.raises(NotFound):
        events.read_second_desk(house.peer, event.id)
    crisis.name_reader(house.admin, house.peer.user_id)
    crisis.end_reader(house.admin, house.peer.user_id)
    with pytest.raises(NotFound):
        events.read_second_desk(house.peer, event.id)
    assert events.waiting_readings(house.peer) == ()


def test_a_restricted_case_is_read_by_nobody_who_is_only_named(house: House) -> None:
    case = builders.add_case(house.therapist)
    event = follow_up(house.therapist, open_event(house, case.id))
    crisis.name_reader(house.admin, house.peer.user_id)
    row = case_store.row(case.id)
    assert row is not None
    row.sealed = True
    db.session.commit()
    for reader in (house.peer, house.supervisor):
        assert events.waiting_readings(reader) == ()
        with pytest.raises(NotFound):
            events.read_second_desk(reader, event.id)


@pytest.mark.parametrize("restricted", [False, True])
def test_an_event_that_nobody_can_read_says_what_to_do_until_somebody_can(house: House, *, restricted: bool) -> None:
    case = builders.add_case(house.therapist)
    event = open_event(house, case.id)
    follow_up(house.therapist, event)
    assert events.read_desk(house.therapist, event.id).stuck == ""
    if restricted:
        walls.restrict(house.therapist, case.id, "A relative of hers works here", wanted=True)
        crisis.name_reader(house.admin, house.peer.user_id)
        assert "Give cover" in events.read_desk(house.therapist, event.id).stuck
        cases.assign_cover(house.therapist, case.id, house.peer.user_id, clock.now().date() + timedelta(days=2))
    else:
        people.end_account(house.admin, house.supervisor.user_id)
        assert "An administrator names one" in events.read_desk(house.therapist, event.id).stuck
        crisis.name_reader(house.admin, house.peer.user_id)
    assert events.read_desk(house.therapist, event.id).stuck == ""
    read(house.peer, event)
    assert events.read_event(house.therapist, event.id).awaiting is None


def test_a_covering_colleague_who_is_named_may_read_the_owners_follow_up(house: House) -> None:
    case = builders.add_case(house.therapist)
    event = follow_up(house.therapist, open_event(house, case.id))
    case_store.assign(case.id, house.peer.user_id, AssignmentKind.COVER, clock.now().date() + 2 * DAYS)
    db.session.commit()
    with pytest.raises(NotAllowed):
        read(house.peer, event)
    crisis.name_reader(house.admin, house.peer.user_id)
    assert read(house.peer, event).awaiting is None


def test_more_is_needed_opens_the_event_again(house: House) -> None:
    event = follow_up(house.therapist, open_event(house, builders.add_case(house.therapist).id))
    with pytest.raises(Invalid):
        read(house.supervisor, event, Reading(ReadingVerdict.MORE))
    reopened = read(house.supervisor, event, MORE)
    assert (reopened.status, reopened.follow_up, reopened.awaiting) == (EventStatus.OPEN, None, None)
    assert follow_up(house.therapist, event).awaiting is Awaiting.FOLLOW_UP
    told = [each.text for each in events.read_desk(house.therapist, event.id).history if each.text]
    assert told == [MORE.text]


def test_the_wait_for_a_reader_counts_from_the_first_unread_follow_up(house: House) -> None:
    event = follow_up(house.therapist, open_event(house, builders.add_case(house.therapist).id))
    with clock.standing_at(clock.now() + timedelta(hours=20)):
        again = follow_up(house.therapist, event)
    assert again.awaiting_since == event.awaiting_since


@pytest.mark.parametrize(("hours", "overdue"), [(1, False), (13, False), (24, True)])
def test_a_waiting_reading_is_overdue_after_24_hours(house: House, hours: int, overdue: bool) -> None:
    follow_up(house.therapist, open_event(house, builders.add_case(house.therapist).id))
    with clock.standing_at(clock.now() + timedelta(hours=hours, minutes=1)):
        due = [each for each in caseloads.team_caseload(house.supervisor).due if each.kind is Kind.READING]
        assert [each.overdue for each in due] == [overdue]
        assert ("over twelve hours" in due[0].words) is (hours >= 12)
        assert any("over 24 hours" in each.words for each in crisis.left_to_do(house.admin)) is overdue


# ---- entered in error ----


def test_an_error_needs_a_reason_and_a_second_reader(house: House) -> None:
    event = open_event(house, builders.add_case(house.therapist).id)
    with pytest.raises(Invalid):
        events.say_error(house.therapist, event.id, "Oops", version=event.version)
    said = events.say_error(house.therapist, event.id, WHY, version=event.version)
    assert (said.status, said.awaiting) == (EventStatus.OPEN, Awaiting.ERROR)
    with pytest.raises(NotAllowed):
        read(house.therapist, event)
    done = read(house.supervisor, event)
    assert (done.status, done.awaiting) == (EventStatus.WRONG, None)
    assert of_case(house, event.case_id) == (done,)
    assert records.read_record(house.therapist, event.case_id).open_events == ()


def test_an_error_that_is_refused_leaves_the_event_and_its_unread_follow_up_waiting(house: House) -> None:
    event = follow_up(house.therapist, open_event(house, builders.add_case(house.therapist).id))
    said = events.say_error(house.therapist, event.id, WHY, version=event.version)
    assert said.awaiting is Awaiting.ERROR
    refused = read(house.supervisor, event, MORE)
    assert (refused.status, refused.awaiting) == (EventStatus.DISPOSED, Awaiting.FOLLOW_UP)
    assert steps(house, event)[-1] is EventStep.ERROR_REFUSED
    assert read(house.supervisor, event).awaiting is None


def test_an_answer_given_again_after_an_error_opens_its_own_event(house: House) -> None:
    case = builders.add_case(house.therapist)
    fear(house, case.id)
    (event,) = of_case(house, case.id)
    events.say_error(house.therapist, event.id, WHY, version=event.version)
    read(house.supervisor, event)
    fear(house, case.id)
    newer = next(each for each in of_case(house, case.id) if each.id != event.id)
    assert newer.status is EventStatus.OPEN


def belief(house: House, case_id: str) -> SafetyEvent:
    """The danger module with its first question answered yes, in a session of its own; returns the event about it."""
    session = builders.add_session(house.therapist, case_id)
    answers: dict[str, Answer] = {"present": "nobody", "B1": True}
    builders.add_intake(house.therapist, case_id, answers, instrument_key="sfs", session_id=session.id)
    return next(each for each in of_case(house, case_id) if each.item == "sfs.B1")


def test_a_standing_belief_is_stepped_to_today_and_then_stands_over(house: House) -> None:
    case = builders.add_case(house.therapist)
    builders.add_plan(house.therapist, case.id)
    stepped = Reading(ReadingVerdict.STEPPED, "Unchanged, planned for, and the service is involved.")
    event = follow_up(house.therapist, belief(house, case.id), code=Disposition.ADVOCATE_HANDOVER)
    with pytest.raises(Invalid) as caught:
        read(house.supervisor, event, stepped)
    assert list(caught.value.fields) == ["verdict"]
    with clock.standing_at(clock.now() + 3 * DAYS):
        assert belief(house, case.id).status is EventStatus.OPEN
        follow_up(house.therapist, event)
        lowered = read(house.supervisor, event, stepped)
        assert (lowered.level, lowered.opened_as) == (EventLevel.TODAY, EventLevel.NOW)
    with clock.standing_at(clock.now() + 6 * DAYS):
        again = belief(house, case.id)
        assert (again.id, again.status, again.level) == (event.id, EventStatus.DISPOSED, EventLevel.TODAY)
    with clock.standing_at(clock.now() + 15 * DAYS):
        raised = belief(house, case.id)
        assert (raised.id, raised.status, raised.level) == (event.id, EventStatus.OPEN, EventLevel.NOW)


def test_what_to_think_of_comes_with_the_event(house: House) -> None:
    case = builders.add_case(house.therapist)
    answers: dict[str, Answer] = {"present": "nobody", "B6": True, "B7": True}
    builders.add_intake(house.therapist, case.id, answers, instrument_key="sfs")
    event = next(each for each in of_case(house, case.id) if each.item == "sfs.B6")
    assert any("Do not hurry separation" in words for words in (event.prompt, *event.prompts))
