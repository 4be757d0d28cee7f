"""Which moves a step may make, what each must say, the gate of step 5, and that nothing counts or measures a person."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from schemas.instruments.capture import ContactContext
from schemas.programme import PROGRAMMES, find, newest
from schemas.programme_codes import Condition, EntryKind, Ruler, StepState, TaskState
from service.domain.programme import (
    MOVES,
    Entry,
    EntryWords,
    Programme,
    barriers_wanted,
    check_gate,
    check_move,
    check_task,
    may_take_back,
    questions_of,
    readiness,
    whereabouts,
)
from service.errors import Invalid

GOLDEN = Path(__file__).parents[1] / "golden" / "programmes.json"
S = StepState
THEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
# domain.md 2.7, typed again by hand
ALLOWED = {
    ("not_started", "offered"),
    ("not_started", "not_suitable"),
    ("offered", "active"),
    ("offered", "not_suitable"),
    ("active", "paused"),
    ("active", "done_for_now"),
    ("active", "not_suitable"),
    ("paused", "active"),
    ("done_for_now", "revisiting"),
    ("revisiting", "active"),
    ("revisiting", "done_for_now"),
    ("not_suitable", "offered"),
}
WHY = EntryWords(why="As we agreed")


def entry(kind: EntryKind, value: str, *, number: int = 1, **changed: object) -> Entry:
    given: dict[str, object] = {"step": "1", "subject": "", "words": WHY, "at": THEN, "undone_at": None}
    rest = {**given, **changed}
    return Entry(id=f"e{number}", case_id="c", number=number, kind=kind, value=value, by_id="a", by_name="Ana", **rest)  # type: ignore[arg-type]


def programme(*entries: Entry) -> Programme:
    return Programme("c", newest(), entries)


def standing(state: StepState, step: str = "1") -> Programme:
    moved = () if state is S.NOT_STARTED else (entry(EntryKind.MOVE, state, step=step),)
    return programme(*moved)


@pytest.mark.parametrize(("before", "after"), list(product(StepState, StepState)))
def test_exactly_the_allowed_moves_are_taken(before: StepState, after: StepState) -> None:
    step, stood = newest().step("1"), standing(before)
    if (before, after) in ALLOWED:
        check_move(stood, step, after, WHY)
    else:
        with pytest.raises(Invalid) as caught:
            check_move(stood, step, after, WHY)
        assert set(caught.value.fields) == {"to"}


def test_every_move_says_why() -> None:
    for before, ways in MOVES.items():
        for after in ways:
            with pytest.raises(Invalid) as caught:
                check_move(standing(before), newest().step("1"), after, EntryWords(why="  "))
            assert set(caught.value.fields) == {"why"}


def test_what_is_asked_with_a_move_is_what_that_move_asks() -> None:
    step = newest().step("3")
    assert questions_of(step, S.OFFERED, S.ACTIVE) == step.entry
    assert questions_of(step, S.REVISITING, S.ACTIVE) == step.entry
    assert questions_of(step, S.PAUSED, S.ACTIVE) == ()
    assert questions_of(step, S.ACTIVE, S.DONE_FOR_NOW) == step.exit
    answered = EntryWords(why="x", answers={"strongest": "At night"})
    check_move(standing(S.OFFERED, "3"), step, S.ACTIVE, answered)
    with pytest.raises(Invalid) as caught:
        check_move(standing(S.ACTIVE, "3"), step, S.PAUSED, answered)
    assert set(caught.value.fields) == {"answers.strongest"}


@pytest.mark.parametrize("state", list(StepState))
def test_a_task_waits_until_its_step_was_offered(state: StepState) -> None:
    task = newest().task("1a")
    if state in (S.NOT_STARTED, S.NOT_SUITABLE):
        with pytest.raises(Invalid, match="stays as it is"):
            check_task(standing(state), task)
    else:
        check_task(standing(state), task)


def test_the_gate_names_every_condition_that_is_open() -> None:
    stood = readiness(programme(), now_event_open=True, plan_current=False)
    assert [each.condition for each in stood] == list(Condition)
    assert not any(each.holds for each in stood)
    with pytest.raises(Invalid) as caught:
        check_gate(stood, "to")
    told = caught.value.fields["to"]
    for words in ("respond", "plan", "tried", "trained", "agrees"):
        assert words in told or (words == "respond" and "response" in told)


@pytest.mark.parametrize("missing", list(Condition))
def test_one_open_condition_keeps_the_gate_shut(missing: Condition) -> None:
    by_hand = [Condition.COPING_TESTED, Condition.TRAINED_CLINICIAN, Condition.CLIENT_AGREES]
    words = EntryWords(name="Ana Núñez", on=date(2026, 3, 1))
    said = [
        entry(EntryKind.CONFIRMATION, "confirmed", number=number, step="5", subject=each, words=words)
        for number, each in enumerate(by_hand, start=1)
        if each is not missing
    ]
    no_event, plan = missing is Condition.NO_NOW_EVENT, missing is not Condition.PLAN_CURRENT
    stood = readiness(programme(*said), now_event_open=no_event, plan_current=plan)
    assert [each.condition for each in stood if not each.holds] == [missing]
    with pytest.raises(Invalid):
        check_gate(stood, "to")
    whole = [each for each in stood if each.holds]
    check_gate(whole, "to")
    assert all(each.by == "Ana Núñez" and each.on == date(2026, 3, 1) for each in whole if each.condition in by_hand)


def test_a_confirmation_taken_back_counts_no_more() -> None:
    words = EntryWords(name="Ana Núñez", on=date(2026, 3, 1))
    said = entry(EntryKind.CONFIRMATION, "confirmed", step="5", subject=Condition.CLIENT_AGREES, words=words)
    back = entry(EntryKind.CONFIRMATION, "confirmed", step="5", subject=Condition.CLIENT_AGREES, undone_at=THEN)
    for given, holds in ((said, True), (back, False)):
        stood = readiness(programme(given), now_event_open=False, plan_current=True)
        assert stood[-1].holds is holds


def test_a_move_can_be_taken_back_for_ten_seconds_and_only_the_newest() -> None:
    first = entry(EntryKind.MOVE, S.OFFERED)
    second = entry(EntryKind.MOVE, S.ACTIVE, number=2)
    stood = programme(first, second)
    assert may_take_back(stood, second, THEN + timedelta(seconds=10)) == ""
    assert "ten seconds" in may_take_back(stood, second, THEN + timedelta(seconds=16))
    assert "newer" in may_take_back(stood, first, THEN)
    gone = entry(EntryKind.MOVE, S.ACTIVE, number=2, undone_at=THEN)
    assert "already" in may_take_back(programme(first, gone), gone, THEN)
    assert programme(first, gone).state("1") is S.OFFERED
    reading = entry(EntryKind.RULERS, "", words=EntryWords(rulers={Ruler.CONFIDENCE: 4}))
    assert may_take_back(programme(reading), reading, THEN + timedelta(days=9)) == ""


def test_the_version_moves_with_each_entry_and_each_that_is_taken_back() -> None:
    first, second = entry(EntryKind.MOVE, S.OFFERED), entry(EntryKind.MOVE, S.ACTIVE, number=2)
    gone = entry(EntryKind.MOVE, S.ACTIVE, number=2, undone_at=THEN)
    versions = [programme(*each).step_version("1") for each in ((), (first,), (first, second), (first, gone))]
    assert versions == [1, 2, 3, 4]


def test_barriers_are_gone_through_after_two_returns_or_while_it_is_on_and_off() -> None:
    assert not barriers_wanted(ContactContext.TOGETHER, None)
    assert not barriers_wanted(ContactContext.TOGETHER, 1)
    assert barriers_wanted(ContactContext.TOGETHER, 2)
    assert barriers_wanted(ContactContext.ON_OFF, 0)


def test_the_sentence_says_where_and_never_how_far() -> None:
    assert whereabouts(programme().states) == "No step has been offered yet."
    several = programme(
        entry(EntryKind.MOVE, S.ACTIVE, number=1, step="1"),
        entry(EntryKind.MOVE, S.ACTIVE, number=2, step="3"),
        entry(EntryKind.MOVE, S.PAUSED, number=3, step="2"),
        entry(EntryKind.MOVE, S.DONE_FOR_NOW, number=4, step="4"),
    )
    said = whereabouts(several.states)
    assert said.startswith("Working on: step 1 (") and "step 3 (" in said and "Paused: step 2 (" in said
    assert not re.search(r"%| of 7|percent|days?\b", said)


def test_a_used_version_never_changes() -> None:
    found = {f"{each.key} {each.version}": each.fingerprint for each in PROGRAMMES}
    assert found == json.loads(GOLDEN.read_text())
    assert find("1.0.0") is PROGRAMMES[0]
    with pytest.raises(LookupError):
        find("9.9.9")


def test_seven_steps_each_with_tasks_questions_and_elements() -> None:
    for step in newest().steps:
        assert step.tasks and step.entry and step.exit and step.elements == (f"STP-{step.key}", *step.elements[1:])
        for task in step.tasks:
            assert task.elements or (all(way.elements for way in task.ways) and task.ways), task.key
    assert [each.key for each in newest().steps if each.gated] == ["5"]
    assert TaskState("skipped").label == "Skipped"


def words_of(value: object) -> Iterator[str]:
    """Every text that a person may read in the definition."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from words_of(each)
    elif is_dataclass(value):
        for each in fields(value):
            if each.init and each.name not in ("elements", "key", "licence", "version"):
                yield from words_of(getattr(value, each.name))


def test_the_words_are_plain_and_short() -> None:
    """Reading age 11 to 12, as far as length can tell: no sentence over 30 words, few long words."""
    said = list(words_of(newest()))
    sentences = [each for text in said for each in re.split(r"(?<=[.?!:;])\s+", text)]
    assert len(said) > 200
    assert [each for each in sentences if len(each.split()) > 30] == []
    every = [word for text in said for word in re.findall(r"[A-Za-z]+", text)]
    assert sum(len(word) > 10 for word in every) / len(every) < 0.01
