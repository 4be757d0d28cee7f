"""Moving an episode on, ending it, a supervisor's answer, taking care up again; and the life of a case as a machine."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from schemas.case_codes import EndReason, EpisodeState, WayState
from schemas.vocabulary import Attendance, CaseStatus, Channel, ChannelRule, EventLevel
from service.casework import caseloads, cases, episodes, events, goals, people, plans, sessions, walls
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.cases import Case, ChannelPreference, ContactPreferences, Episode
from service.domain.episodes import ENDED, MOVES, STARTS, STARTS_AGAIN, HandedOver
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
S = EpisodeState
PHONE = ChannelPreference(Channel.PHONE, ChannelRule.OK, "+353 1 555 0100")


def story(house: House, case_id: str) -> tuple[Episode, ...]:
    return episodes.read_episodes(house.therapist, case_id).episodes


def move(house: House, case: Case, to: S, why: str = "Agreed together") -> Episode:
    version = story(house, case.id)[0].version
    return episodes.move_episode(house.therapist, case.id, to, why, version=version)


def test_an_episode_keeps_who_moved_it_when_and_why(house: House) -> None:
    case = builders.add_case(house.therapist)
    move(house, case, S.ON_HOLD, "Away for a month")
    moved = move(house, case, S.ACTIVE, "Back again")
    assert [(each.before, each.after) for each in moved.moves] == [
        (None, S.ACTIVE),
        (S.ACTIVE, S.ON_HOLD),
        (S.ON_HOLD, S.ACTIVE),
    ]
    assert [(each.by, each.why) for each in moved.moves[1:]] == [
        ("Ana Núñez", "Away for a month"),
        ("Ana Núñez", "Back again"),
    ]


def test_a_stale_move_is_refused(house: House) -> None:
    case = builders.add_case(house.therapist)
    episodes.move_episode(house.therapist, case.id, S.REVIEW, "Half-way", version=case.episode.version)
    with pytest.raises(Conflict):
        episodes.move_episode(house.therapist, case.id, S.ON_HOLD, "Away", version=case.episode.version)


def test_an_enquiry_that_is_not_taken_on_closes_the_case(house: House) -> None:
    case = cases.open_case(house.therapist, builders.a_client(), state=S.ENQUIRY)
    assert move(house, case, S.DECLINED, "Another service fits better").ended_on is not None
    assert cases.read_case(house.therapist, case.id).status is CaseStatus.CLOSED


@pytest.mark.parametrize("state", [S.CLOSING, S.ON_HOLD, S.CLOSED, S.DECLINED])
def test_a_case_does_not_open_in_the_middle_of_its_life(house: House, state: S) -> None:
    with pytest.raises(Invalid):
        cases.open_case(house.therapist, builders.a_client(), state=state)


def test_a_case_closes_by_its_checklist(house: House) -> None:
    case = builders.add_case(house.therapist)
    closed = builders.close_case(house.therapist, case.id, version=case.version, reason=EndReason.LOST_CONTACT)
    told = story(house, case.id)[0]
    assert (closed.status, told.status) == (CaseStatus.CLOSED, S.CLOSED)
    assert [each.after for each in told.moves] == [S.ACTIVE, S.CLOSING, S.CLOSED]
    assert told.discharge is not None
    assert told.discharge.checklist.reason is EndReason.LOST_CONTACT


def test_a_case_with_an_unsigned_note_or_a_response_wanted_now_stays_open(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id)
    with pytest.raises(Conflict):
        builders.close_case(house.therapist, case.id, version=case.version)
    builders.add_note(house.therapist, session.id, signed=True)
    events.open_event(house.therapist, case.id, EventLevel.NOW, prompt="Ask about tonight")
    with pytest.raises(Conflict):
        builders.close_case(house.therapist, case.id, version=case.version)
    assert story(house, case.id)[0].status is S.ACTIVE


def to_be_answered(house: House) -> Case:
    """A case that was to close with an open event."""
    case = builders.add_case(house.therapist)
    event = events.open_event(house.therapist, case.id, EventLevel.NEXT, prompt="Hearing date moved")
    handed = (HandedOver(event.id, "Dr Okafor", date(2027, 1, 4)),)
    return builders.close_case(house.therapist, case.id, version=case.version, handed_over=handed)


def test_an_ending_with_an_open_event_waits_for_a_supervisor(house: House) -> None:
    case = to_be_answered(house)
    assert (case.status, story(house, case.id)[0].status) == (CaseStatus.OPEN, S.CLOSING)
    with pytest.raises(NotAllowed):
        episodes.answer_closing(house.therapist, case.id, "Fine", agreed=True)
    with pytest.raises(NotFound):
        episodes.answer_closing(house.peer, case.id, "Fine", agreed=True)
    with pytest.raises(Conflict):
        builders.close_case(house.therapist, case.id, version=case.version)
    assert episodes.answer_closing(house.supervisor, case.id, "", agreed=True).status is CaseStatus.CLOSED
    assert events.read_event(house.therapist, events_of(house, case)[0]).follow_up is None


def lose(house: House, case_id: str, gone: str) -> None:
    """No supervisor can agree to an ending of this case any more."""
    if gone == "ended_account":
        people.end_account(house.admin, house.supervisor.user_id)
    if gone == "ended_supervision":
        people.end_supervision(house.admin, house.supervisor.user_id, house.therapist.user_id)
    if gone == "covers":
        cases.assign_cover(house.therapist, case_id, house.supervisor.user_id, clock.now().date() + timedelta(days=3))
    if gone == "restricted":
        walls.restrict(house.therapist, case_id, "A relative of hers works here", wanted=True)


WAYS_TO_LOSE = ["ended_account", "ended_supervision", "covers", "restricted"]


@pytest.mark.parametrize("gone", WAYS_TO_LOSE)
def test_an_ending_that_no_supervisor_could_agree_to_is_refused_with_what_to_do(house: House, gone: str) -> None:
    case = builders.add_case(house.therapist)
    event = events.open_event(house.therapist, case.id, EventLevel.NEXT, prompt="Hearing date moved")
    lose(house, case.id, gone)
    handed = (HandedOver(event.id, "Dr Okafor", date(2027, 1, 4)),)
    seen = cases.read_case(house.therapist, case.id).version
    with pytest.raises(Conflict, match="ask an administrator to name another supervisor"):
        builders.close_case(house.therapist, case.id, version=seen, handed_over=handed)
    assert story(house, case.id)[0].status is S.ACTIVE


@pytest.mark.parametrize("gone", WAYS_TO_LOSE)
def test_an_ending_whose_supervisor_was_lost_says_how_to_take_it_back(house: House, gone: str) -> None:
    case = to_be_answered(house)
    lose(house, case.id, gone)
    seen = cases.read_case(house.therapist, case.id).version
    with pytest.raises(Conflict, match="move the episode back to active"):
        builders.close_case(house.therapist, case.id, version=seen)
    move(house, case, S.ACTIVE, "Nobody can agree to it")
    assert episodes.read_episodes(house.therapist, case.id).ending.is_asked is False


def events_of(house: House, case: Case) -> list[str]:
    desk = episodes.read_episodes(house.therapist, case.id)
    return [each.id for each in desk.ending.waiting]


def test_a_returned_ending_goes_on_with_the_words_of_the_supervisor(house: House) -> None:
    case = to_be_answered(house)
    with pytest.raises(Invalid):
        episodes.answer_closing(house.supervisor, case.id, " ", agreed=False)
    episodes.answer_closing(house.supervisor, case.id, "Call the advocate first", agreed=False)
    now = story(house, case.id)[0]
    assert (now.status, now.discharge and now.discharge.answer) == (S.ACTIVE, "Call the advocate first")


def test_going_back_to_active_takes_the_checklist_back(house: House) -> None:
    case = to_be_answered(house)
    move(house, case, S.ACTIVE, "The client stays")
    with pytest.raises(Conflict):
        episodes.answer_closing(house.supervisor, case.id, "", agreed=True)


def test_reopening_makes_a_new_episode_linked_to_the_old_one(house: House) -> None:
    case = builders.add_case(house.therapist)
    with pytest.raises(NotAllowed):
        episodes.reopen_case(house.therapist, case.id, S.ACTIVE, "Called", version=case.version)
    closed = builders.close_case(house.therapist, case.id, version=case.version)
    for actor in (house.peer, house.stranger, house.admin):
        with pytest.raises(NotFound):
            episodes.reopen_case(actor, case.id, S.ACTIVE, "Called", version=closed.version)
    opened = episodes.reopen_case(house.therapist, case.id, S.ASSESSMENT, "Called", version=closed.version)
    now, before = story(house, case.id)
    assert (opened.status, opened.episode.id) == (CaseStatus.OPEN, now.id)
    assert (now.earlier_id, now.status, before.status) == (before.id, S.ASSESSMENT, S.CLOSED)
    assert goals.save_goal(house.therapist, case.id, GoalDraft("personal", "Sleep")).case_id == case.id  # type: ignore[arg-type]


@pytest.mark.parametrize(("agreed", "state"), [("", WayState.LATER), ("One call in March", WayState.NOW)])
def test_after_closing_nobody_is_reached_unless_it_was_agreed(house: House, agreed: str, state: WayState) -> None:
    case = builders.add_case(house.therapist)
    case = cases.change_contact(house.therapist, case.id, ContactPreferences((PHONE,)), version=case.version)
    builders.close_case(house.therapist, case.id, version=case.version, contact_after=agreed)
    way = cases.read_reach(house.therapist, case.id).ways[0]
    assert (way.state, bool(way.value)) == (state, bool(agreed))


@dataclass
class Model:
    """What should be true of the case, kept beside it."""

    state: S = S.ACTIVE
    waits: bool = False
    ended: int = 0
    moves: int = 1
    open_events: list[str] = field(default_factory=list)


class Life(RuleBasedStateMachine):
    """Everything that can be done to the life of one case, allowed or not."""

    house: ClassVar[House]
    seen: ClassVar[list[S]]

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: S) -> None:
        self.case = cases.open_case(self.house.therapist, builders.a_client(), state=start)
        self.model = Model(start)

    def attempt(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except (Conflict, Invalid, NotAllowed):
            return False
        return True

    @rule(to=st.sampled_from(S), why=st.sampled_from(("Agreed", "")))
    def move_on(self, to: S, why: str) -> None:
        model, ends = self.model, to is S.DECLINED
        possible = to in MOVES[model.state] and to not in (S.CLOSED, S.TRANSFERRED) and bool(why)
        possible = possible and not (ends and model.open_events)
        assert self.attempt(lambda: move(self.house, self.case, to, why)) is possible
        if possible:
            model.state, model.waits, model.moves = to, False, model.moves + 1
            model.ended += ends

    @rule(reason=st.sampled_from(EndReason), full=st.booleans())
    def close(self, reason: EndReason, full: bool) -> None:
        model, version = self.model, cases.read_case(self.house.therapist, self.case.id).version
        to = tuple(HandedOver(each, "Dr Okafor", date(2027, 1, 4)) for each in model.open_events)
        changes = {"reason": reason, "handed_over": to} | ({} if full else {"plan_reason": ""})
        possible = full and not model.waits and (model.state is S.CLOSING or S.CLOSING in MOVES[model.state])
        done = self.attempt(lambda: builders.close_case(self.house.therapist, self.case.id, version=version, **changes))
        assert done is possible
        if possible:
            model.moves += model.state is not S.CLOSING
            model.state, model.waits = S.CLOSING, bool(to)
            if not to:
                self.end(reason)

    def end(self, reason: EndReason) -> None:
        self.model.state = S.TRANSFERRED if reason is EndReason.TRANSFERRED else S.CLOSED
        self.model.ended, self.model.moves, self.model.waits = self.model.ended + 1, self.model.moves + 1, False

    @rule(agreed=st.booleans())
    def answer(self, agreed: bool) -> None:
        model, paper = self.model, story(self.house, self.case.id)[0].discharge
        answered = self.attempt(
            lambda: episodes.answer_closing(self.house.supervisor, self.case.id, "Said", agreed=agreed)
        )
        assert answered is model.waits
        if answered and agreed and paper:
            self.end(paper.checklist.reason)
        elif answered:
            model.state, model.waits, model.moves = S.ACTIVE, False, model.moves + 1

    @rule(to=st.sampled_from(S))
    def reopen(self, to: S) -> None:
        model, version = self.model, cases.read_case(self.house.therapist, self.case.id).version
        possible = model.state in ENDED and to in STARTS_AGAIN
        tried = self.attempt(
            lambda: episodes.reopen_case(self.house.therapist, self.case.id, to, "Called", version=version)
        )
        assert tried is possible
        if possible:
            model.state, model.moves = to, 1

    @rule()
    def something_opens(self) -> None:
        model = self.model
        if model.state not in ENDED and len(model.open_events) < 2:
            event = events.open_event(self.house.therapist, self.case.id, EventLevel.NEXT, prompt="Ask again")
            model.open_events.append(event.id)

    @invariant()
    def the_record_says_the_same(self) -> None:
        case, told = cases.read_case(self.house.therapist, self.case.id), story(self.house, self.case.id)
        model, now = self.model, told[0]
        self.seen.append(now.status)
        assert now.status is model.state
        assert (case.status is CaseStatus.CLOSED) is (model.state in ENDED) is (now.ended_on is not None)
        assert sum(each.ended_on is not None for each in told) == model.ended
        assert all(each.earlier_id == before.id for each, before in pairwise(told))
        assert len(now.moves) == model.moves
        assert all(each.after in MOVES[each.before] for each in now.moves if each.before)


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_life_of_a_case_holds_whatever_is_done_to_it(context: Flask, house: House) -> None:
    seen: list[S] = []
    run_state_machine_as_test(
        type("LifeInThisHouse", (Life,), {"house": house, "seen": seen}),
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert {S.CLOSING, S.CLOSED} <= set(seen), "the machine got nowhere"


def test_a_case_does_not_close_while_sessions_are_planned(house: House) -> None:
    """Past and to come: else the one drops out of what is due, and the other stays on the day."""
    actor, case = house.therapist, builders.add_case(house.therapist)
    planned = [
        builders.add_session(
            actor,
            case.id,
            starts_at=clock.now() + timedelta(days=days),
            ends_at=clock.now() + timedelta(days=days, minutes=50),
            attendance=Attendance.PLANNED,
        )
        for days in (-2, 3)
    ]
    desk = episodes.read_episodes(actor, case.id)
    assert [each.session_id for each in desk.ending.planned] == [each.id for each in planned]
    for session, then in zip(planned, (Attendance.NO_SHOW, Attendance.CANCELLED_CLINICIAN), strict=True):
        with pytest.raises(Conflict, match="still planned"):
            builders.close_case(actor, case.id, version=case.version)
        sessions.set_attendance(actor, session.id, then, version=session.version)
    assert builders.close_case(actor, case.id, version=case.version).status is CaseStatus.CLOSED
    with clock.standing_at(planned[1].starts_at - timedelta(hours=1)):
        assert Attendance.PLANNED not in [each.attendance for each in caseloads.my_day(actor).appointments]


def test_that_a_plan_was_reviewed_is_held_against_the_record(house: House) -> None:
    case = builders.add_case(house.therapist)
    with clock.standing_at(clock.now() - timedelta(days=29)):
        plan = builders.add_plan(house.therapist, case.id)
    for _ in range(2):
        with pytest.raises(Invalid) as caught:
            builders.close_case(house.therapist, case.id, version=case.version, plan_reviewed=True)
        assert list(caught.value.fields) == ["plan_reviewed"]
    plans.review_plan(house.therapist, plan.id, version=plan.version)
    done = builders.close_case(house.therapist, case.id, version=case.version, plan_reviewed=True, plan_reason="")
    assert done.status is CaseStatus.CLOSED
