"""What a psychotherapy note may be about, what seems to belong elsewhere, and when an opened one is open."""

from datetime import date, timedelta

import pytest

from schemas.psychotherapy_codes import NOTE_LONGEST, ProgressFact
from schemas.vocabulary import Attendance
from service.domain.psychotherapy import (
    LONGEST_GRANT,
    TrainingGrant,
    check_grant,
    check_note,
    may_open,
    misplaced,
)
from service.errors import Invalid
from tests.builders import at
from tests.fhir.records import a_session

NOON = at(2026, 5, 4)
TODAY = NOON.date()
SAID = {
    ProgressFact.TIMES: ("We started at ten past", "14:30 until 15:20", "only 35 minutes"),
    ProgressFact.KIND: ("a round of EMDR", "psychoeducation about pull", "over video"),
    ProgressFact.FREQUENCY: ("weekly for now", "every other week"),
    ProgressFact.TEST: ("she scored 31", "WSL again", "the test result"),
    ProgressFact.MEDICATION: ("sertraline 50 mg", "asked about medication"),
    ProgressFact.DIAGNOSIS: ("the diagnosis from before", "some disorder"),
    ProgressFact.FUNCTION: ("back at work", "off sick", "daily living"),
    ProgressFact.PLAN: ("homework was light", "next session we look again"),
    ProgressFact.SYMPTOMS: ("nightmares again", "low mood"),
    ProgressFact.PROGNOSIS: ("a guarded prognosis",),
    ProgressFact.PROGRESS: ("sleep improved", "goal met", "worse again"),
    ProgressFact.DANGER: ("a threat on the stairs", "spoke of suicide"),
}


def a_grant(**changes: object) -> TrainingGrant:
    values: dict[str, object] = {
        "id": "g", "note_id": "n", "case_id": "c", "author_id": "a", "author_name": "A", "supervisor_id": "s",
        "supervisor_name": "S", "granted_at": NOON, "until": NOON + timedelta(days=1), "withdrawn_at": None,
        "opened": 0, "opened_at": None,
    }  # fmt: skip
    return TrainingGrant(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("fact", list(ProgressFact))
def test_each_kind_of_fact_is_noticed(fact: ProgressFact) -> None:
    assert [words for words in SAID[fact] if fact not in misplaced(words)] == []


def test_thoughts_about_what_happened_between_two_people_are_left_alone() -> None:
    thoughts = "I felt pulled to rescue. Why did I look away when she laughed? Mother, kettle, the yellow door."
    assert misplaced(thoughts) == ()


def test_a_note_needs_a_session_that_took_place() -> None:
    check_note("Words", a_session())
    for attendance in set(Attendance) - {Attendance.ATTENDED, Attendance.LATE}:
        with pytest.raises(Invalid) as caught:
            check_note("Words", a_session(attendance=attendance))
        assert set(caught.value.fields) == {"text"}
    with pytest.raises(Invalid):
        check_note("x" * (NOTE_LONGEST + 1), a_session())


@pytest.mark.parametrize(
    ("training", "until", "field"),
    [
        (False, TODAY, "training"),
        (True, TODAY - timedelta(days=1), "until"),
        (True, TODAY + LONGEST_GRANT + timedelta(days=1), "until"),
    ],
)
def test_a_grant_states_its_purpose_and_ends_soon(training: bool, until: date, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_grant(training=training, until=until, today=TODAY)
    assert set(caught.value.fields) == {field}


def test_the_first_and_the_last_day_can_be_chosen() -> None:
    check_grant(training=True, until=TODAY, today=TODAY)
    check_grant(training=True, until=TODAY + LONGEST_GRANT, today=TODAY)


def test_a_grant_opens_to_its_supervisor_until_its_end_unless_taken_back() -> None:
    grant = a_grant()
    assert may_open((grant,), "s", NOON) is grant
    assert may_open((grant,), "another", NOON) is None
    assert may_open((grant,), "s", grant.until) is None
    assert may_open((a_grant(withdrawn_at=NOON),), "s", NOON) is None
