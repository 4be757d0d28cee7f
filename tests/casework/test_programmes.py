"""The programme of a case by its verbs: who, when and why of each move, the gate, undo, barriers, sessions, secrecy."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from flask import current_app
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from schemas.instruments.capture import ContactContext
from schemas.programme import newest
from schemas.programme_codes import Barrier, Condition, EntryKind, StepState, TaskState
from schemas.vocabulary import EventLevel
from service.casework import cases, circumstances, events, programmes, sessions
from service.casework.programmes import ConfirmationDraft, MoveDraft, RulersDraft, TaskDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Presentation
from service.domain.programme import MOVES, Programme
from service.domain.relationship import RelationshipFacts
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import audit
from service.store.base import db
from service.store.programmes import ProgrammeEntryRow
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
S = StepState
SECRET = "The yellow house by the canal"


@pytest.fixture
def case_id(house: House) -> str:
    return builders.add_case(house.therapist).id


def programme_of(actor: Actor, case_id: str) -> Programme:
    return programmes.read_programme(actor, case_id).programme


def test_a_move_keeps_who_when_and_why(house: House, case_id: str) -> None:
    moved = builders.offer_step(house.therapist, case_id, "3")
    kept = moved.entries[-1]
    assert (kept.by_name, kept.words.why, kept.value) == ("Ana Núñez", "Talked about it and agreed", S.OFFERED)
    assert clock.now() - kept.at < timedelta(minutes=1)
    found = db.session.scalars(select(audit.AuditRow).where(audit.AuditRow.action == "programme:write")).all()
    assert [each.subject for each in found] == [f"case/{case_id}"]


def test_several_steps_at_once_in_any_order_and_back_again_with_its_reason(house: House, case_id: str) -> None:
    for step in ("6", "2"):
        builders.offer_step(house.therapist, case_id, step, active=True)
    builders.move(house.therapist, case_id, "6", S.DONE_FOR_NOW, mine="The garden")
    builders.move(house.therapist, case_id, "6", S.REVISITING)
    after = builders.move(house.therapist, case_id, "6", S.ACTIVE, missing="Singing")
    assert after.steps_in(S.ACTIVE) == (newest().step("2"), newest().step("6"))
    moves = after.of(EntryKind.MOVE, step="6")
    assert [each.value for each in moves] == ["offered", "active", "done_for_now", "revisiting", "active"]
    assert all(each.words.why for each in moves)
    assert moves[2].words.answers == {"mine": "The garden"} and moves[4].words.answers == {"missing": "Singing"}


def test_a_move_that_is_not_allowed_leaves_nothing(house: House, case_id: str) -> None:
    with pytest.raises(Invalid):
        builders.move(house.therapist, case_id, "1", S.DONE_FOR_NOW)
    assert db.session.scalars(select(ProgrammeEntryRow)).all() == []


def test_a_stale_move_gives_both_texts(house: House, case_id: str) -> None:
    builders.offer_step(house.therapist, case_id)
    with pytest.raises(Conflict) as caught:
        programmes.move_step(house.therapist, case_id, "1", MoveDraft(S.NOT_SUITABLE, "Mine"), version=1)
    assert (caught.value.yours["why"], caught.value.theirs["to"]) == ("Mine", "Offered")


def test_a_task_is_noted_and_a_stale_note_gives_both_texts(house: House, case_id: str) -> None:
    builders.offer_step(house.therapist, case_id)
    after = programmes.set_task(house.therapist, case_id, "1a", TaskDraft(TaskState.DOING, "Two pages"), version=1)
    assert after.task_standing(newest().task("1a")).note == "Two pages"
    with pytest.raises(Conflict) as caught:
        programmes.set_task(house.therapist, case_id, "1a", TaskDraft(TaskState.DONE, "Mine"), version=1)
    assert caught.value.theirs == {"state": "Doing it", "note": "Two pages"}
    with pytest.raises(Invalid):
        programmes.set_task(house.therapist, case_id, "2a", TaskDraft(TaskState.OFFERED), version=1)


@pytest.mark.parametrize("key", ["9", "0", "", "1z", "x"])
def test_what_the_programme_does_not_have_is_not_found(house: House, case_id: str, key: str) -> None:
    with pytest.raises(NotFound):
        programmes.move_step(house.therapist, case_id, key, MoveDraft(S.OFFERED, "Why"), version=1)
    with pytest.raises(NotFound):
        programmes.set_task(house.therapist, case_id, key, TaskDraft(TaskState.OFFERED), version=1)
    with pytest.raises(NotFound):
        programmes.read_card(house.therapist, case_id, key)


def test_step_five_waits_for_each_of_its_conditions(house: House, case_id: str) -> None:
    therapist = house.therapist
    builders.offer_step(therapist, case_id, "5")
    with pytest.raises(Invalid) as caught:
        builders.move(therapist, case_id, "5", S.ACTIVE)
    assert caught.value.fields["to"].count(".") >= 4
    with pytest.raises(Invalid) as refused:
        programmes.set_task(therapist, case_id, "5b", TaskDraft(TaskState.DOING), version=1)
    assert set(refused.value.fields) == {"state"}
    programmes.set_task(therapist, case_id, "5b", TaskDraft(TaskState.OFFERED), version=1)
    builders.open_gate(therapist, case_id)
    assert builders.move(therapist, case_id, "5", S.ACTIVE).state("5") is S.ACTIVE


def test_a_now_event_or_an_overdue_plan_shuts_the_gate_again(house: House, case_id: str) -> None:
    therapist = house.therapist
    builders.offer_step(therapist, case_id, "5")
    builders.open_gate(therapist, case_id)
    assert all(each.holds for each in programmes.read_programme(therapist, case_id).conditions)
    with clock.standing_at(clock.now() + timedelta(days=31)):
        open_then = [
            each.condition for each in programmes.read_programme(therapist, case_id).conditions if not each.holds
        ]
    assert open_then == [Condition.PLAN_CURRENT]
    events.open_event(therapist, case_id, EventLevel.NOW, prompt="Waited at the door")
    with pytest.raises(Invalid, match="waits"):
        builders.move(therapist, case_id, "5", S.ACTIVE)


def test_a_condition_is_confirmed_by_name_and_date_and_can_be_taken_back(house: House, case_id: str) -> None:
    today = clock.now().date()
    entry = programmes.confirm_condition(
        house.therapist, case_id, ConfirmationDraft(Condition.TRAINED_CLINICIAN, "Dr Lindqvist", today)
    )
    stood = {each.condition: each for each in programmes.read_programme(house.therapist, case_id).conditions}
    found = stood[Condition.TRAINED_CLINICIAN]
    assert (found.holds, found.by, found.on) == (True, "Dr Lindqvist", today)
    programmes.take_back(house.therapist, entry.id)
    stood = {each.condition: each for each in programmes.read_programme(house.therapist, case_id).conditions}
    assert not stood[Condition.TRAINED_CLINICIAN].holds
    for draft, name in (
        (ConfirmationDraft(Condition.PLAN_CURRENT, "Ana", today), "condition"),
        (ConfirmationDraft(Condition.CLIENT_AGREES, "Ana", today + timedelta(days=2)), "on"),
    ):
        with pytest.raises(Invalid) as caught:
            programmes.confirm_condition(house.therapist, case_id, draft)
        assert set(caught.value.fields) == {name}


def test_a_mistaken_move_is_undone_at_once_and_never_removed(house: House, case_id: str) -> None:
    builders.offer_step(house.therapist, case_id)
    mistake = builders.move(house.therapist, case_id, "1", S.NOT_SUITABLE).entries[-1]
    taken = programmes.take_back(house.therapist, mistake.id)
    assert taken.undone_at is not None
    after = programme_of(house.therapist, case_id)
    assert (after.state("1"), len(after.entries)) == (S.OFFERED, 2)
    with pytest.raises(Conflict, match="already"):
        programmes.take_back(house.therapist, mistake.id)


def test_after_the_ten_seconds_only_a_new_move_puts_it_right(house: House, case_id: str) -> None:
    moved = builders.offer_step(house.therapist, case_id).entries[-1]
    with clock.standing_at(moved.at + timedelta(seconds=20)), pytest.raises(Conflict, match="ten seconds"):
        programmes.take_back(house.therapist, moved.id)
    assert programme_of(house.therapist, case_id).state("1") is S.OFFERED


def test_rulers_are_dated_readings_and_each_may_be_left_out(house: House, case_id: str) -> None:
    first = programmes.take_rulers(house.therapist, case_id, "2", RulersDraft(8, None, 3, "After a hard week"))
    assert first.words.rulers == {"importance": 8, "safe_to_act": 3}
    programmes.take_rulers(house.therapist, case_id, "2", RulersDraft(8, 5, 4))
    assert len(programme_of(house.therapist, case_id).of(EntryKind.RULERS, step="2")) == 2
    with pytest.raises(Invalid):
        programmes.take_rulers(house.therapist, case_id, "2", RulersDraft())


def test_the_barriers_are_asked_for_while_it_is_on_and_off(house: House, case_id: str) -> None:
    assert not programmes.read_programme(house.therapist, case_id).go_through_barriers
    case = cases.read_case(house.therapist, case_id)
    on_off = replace(Presentation(), contact_context=ContactContext.ON_OFF)
    cases.change_presentation(house.therapist, case_id, on_off, version=case.version)
    assert programmes.read_programme(house.therapist, case_id).go_through_barriers
    programmes.name_barrier(house.therapist, case_id, Barrier.MONEY, "The lease is in one name")
    programmes.name_barrier(house.therapist, case_id, Barrier.MONEY, "The lease ends in May")
    found = programme_of(house.therapist, case_id).barriers()
    assert [(each.subject, each.words.why) for each in found] == [("money", "The lease ends in May")]


def test_a_session_says_which_steps_it_touched(house: House, case_id: str) -> None:
    session = builders.add_session(house.therapist, case_id)
    assert sessions.read_session(house.therapist, session.id).touched == ()
    desk = programmes.touch(house.therapist, session.id, ["3c", "3"])
    assert desk.touched == ("3", "3c")
    view = sessions.read_session(house.therapist, session.id)
    assert view.touched == ("3", "3c") and "step" not in [gap.key for gap in view.gaps]
    programmes.touch(house.therapist, session.id, [])
    assert "step" in [gap.key for gap in sessions.read_session(house.therapist, session.id).gaps]
    assert programmes.read_session_steps(house.therapist, session.id).touched == ()
    with pytest.raises(Invalid):
        programmes.touch(house.therapist, session.id, ["8"])


def test_what_was_said_is_sealed_and_a_supervisor_only_reads(house: House, case_id: str) -> None:
    entry = programmes.name_barrier(house.therapist, case_id, Barrier.HOUSING, SECRET)
    row = db.session.get(ProgrammeEntryRow, entry.id)
    assert row is not None and SECRET.encode() not in row.words
    assert programme_of(house.supervisor, case_id).barriers()[0].words.why == SECRET
    with pytest.raises(NotAllowed):
        programmes.name_barrier(house.supervisor, case_id, Barrier.MONEY, "No")
    for stranger in (house.peer, house.stranger, house.admin):
        with pytest.raises(NotFound):
            programmes.read_programme(stranger, case_id)
        with pytest.raises(NotFound):
            programmes.take_back(stranger, entry.id)


def steps() -> st.SearchStrategy[str]:
    return st.sampled_from("1235")


class Walk(RuleBasedStateMachine):
    """Random moves, tasks, undos and restarts of the application on one case."""

    entries: Bundle[str] = Bundle("entries")
    house: House
    restart: Callable[[], None]
    longest = 0

    def __init__(self) -> None:
        super().__init__()
        self.case_id = builders.add_case(self.house.therapist).id
        self.seen: tuple[str, ...] = ()

    def now(self) -> Programme:
        return programme_of(self.house.therapist, self.case_id)

    @rule(target=entries, step=steps(), to=st.sampled_from(StepState))
    def move(self, step: str, to: StepState) -> str:
        before = self.now()
        allowed = to in MOVES[before.state(step)] and not (step == "5" and to is S.ACTIVE)
        try:
            after = builders.move(self.house.therapist, self.case_id, step, to)
        except Invalid:
            assert not allowed
            return ""
        assert allowed and after.state(step) is to and len(after.entries) == len(before.entries) + 1
        return after.entries[-1].id

    @rule(target=entries, step=steps(), state=st.sampled_from(TaskState))
    def task(self, step: str, state: TaskState) -> str:
        before, key = self.now(), f"{step}a"
        refused = before.state(step) in (S.NOT_STARTED, S.NOT_SUITABLE) or (
            step == "5" and state in (TaskState.DOING, TaskState.DONE)
        )
        try:
            after = programmes.set_task(
                self.house.therapist, self.case_id, key, TaskDraft(state), version=before.task_version(key)
            )
        except Invalid:
            assert refused
            return ""
        assert not refused and after.task_standing(newest().task(key)).state is state
        return after.entries[-1].id

    @rule(entry=entries, late=st.booleans())
    def take_back(self, entry: str, late: bool) -> None:
        before = self.now()
        try:
            with clock.standing_at(clock.now() + timedelta(seconds=60 if late else 0)):
                programmes.take_back(self.house.therapist, entry)
        except (Conflict, NotFound):
            assert self.now() == before
            return
        assert not late and len(self.now().entries) == len(before.entries)

    @rule()
    def start_anew(self) -> None:
        before = self.now()
        self.restart()
        assert self.now() == before

    @invariant()
    def history_only_grows_and_holds_allowed_moves_with_reasons(self) -> None:
        found = self.now()
        ids = tuple(each.id for each in found.entries)
        assert ids[: len(self.seen)] == self.seen
        self.seen, Walk.longest = ids, max(Walk.longest, len(ids))
        for step in "1234567":
            states = [S.NOT_STARTED, *(StepState(each.value) for each in found.of(EntryKind.MOVE, step=step))]
            assert all(after in MOVES[before] for before, after in pairwise(states))
        assert all(each.words.why and each.by_name for each in found.of(EntryKind.MOVE))
        assert found.state("5") not in (S.ACTIVE, S.REVISITING)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_random_moves_and_restarts_keep_the_invariants(house: House) -> None:
    Walk.house = house
    Walk.restart = staticmethod(restarted)
    state_machine = Walk.TestCase
    state_machine.settings = settings(
        max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    state_machine().runTest()
    assert Walk.longest > 3, "the walks recorded next to nothing"


def restarted() -> None:
    """Let go of everything that is held in memory: connections and opened keys."""
    db.session.remove()
    db.engine.dispose()
    current_app.extensions.pop("stepwell.keyring")


def test_two_returns_told_among_the_facts_ask_for_the_barriers(house: House) -> None:
    case = builders.add_case(house.therapist)
    assert not programmes.read_programme(house.therapist, case.id).go_through_barriers
    circumstances.keep_facts(house.therapist, case.id, RelationshipFacts(returns=2), version=0)
    assert programmes.read_programme(house.therapist, case.id).go_through_barriers
