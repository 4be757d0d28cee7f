"""What a review of the relationship gathers, and what it refuses."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.instruments import find
from schemas.instruments.answer import Answers
from schemas.vocabulary import GoalDomain, GoalStatus, ResponseStatus
from service.domain.cases import Goal, goal_review_overdue, goal_review_since
from service.domain.intakes import Intake
from service.domain.relationship_review import check_text, gathered
from service.errors import Invalid
from tests.fhir.records import an_intake

THEN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def told(key: str, answers: Answers, day: int = 0) -> Intake:
    version = find(key).version
    return replace(
        an_intake(),
        id=f"{key}-{day}",
        instrument_key=key,
        instrument_version=version,
        answers=answers,
        score=None,
        status=ResponseStatus.COMPLETED,
        authored_at=THEN + timedelta(days=day),
    )


def test_entries_stand_in_order_in_the_words_that_were_told() -> None:
    found = gathered(
        [
            told("cyl", {"phase": "tension", "noticed": "Doors closing harder"}),
            told("ctl", {"facts": "A car stood outside for an hour"}, 2),
            told("cyl", {"phase": "calm"}, 9),
        ]
    )
    assert [(each.on, each.words) for each in found.cycle] == [
        (date(2026, 3, 2), "Doors closing harder"),
        (date(2026, 3, 11), ""),
    ]
    assert [each.words for each in found.contacts] == ["A car stood outside for an hour"]
    assert found.cycle[0].head and found.cycle[0].head != found.cycle[1].head


def test_patterns_are_counted_and_never_summed_up() -> None:
    checks = [told("rgf", {"R1": "repeated", "G1": "not_seen"}), told("rgf", {"R1": "repeated", "G1": "once"}, 5)]
    found = dict(gathered(checks).patterns)
    assert [count for _label, count in found["Very much attention, very early"]] == [2]
    assert [count for _label, count in found["What they do fits what they say, over time"]] == [1, 1]
    assert len(found) == 2


def test_a_corrected_entry_counts_once() -> None:
    assert gathered([replace(told("cyl", {"phase": "calm"}), replaced=True)]).cycle == ()


def test_a_text_is_written_by_somebody() -> None:
    with pytest.raises(Invalid) as caught:
        check_text(" \n")
    assert list(caught.value.fields) == ["text"]


def a_goal(**changes: object) -> Goal:
    parts = ("g", "c", GoalDomain.PERSONAL, "Sleep", "", "", GoalStatus.ACTIVE, None, None, 1, THEN)
    return replace(Goal(*parts), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("goal", "after", "due", "overdue"),
    [
        (a_goal(), 74, False, False),
        (a_goal(), 75, True, False),
        (a_goal(), 90, True, True),
        (a_goal(reviewed_on=date(2026, 5, 1)), 90, False, False),
        (a_goal(review_on=date(2026, 3, 12)), 10, True, False),
        (a_goal(status=GoalStatus.REACHED), 200, False, True),
    ],
)
def test_an_active_goal_is_looked_at_every_ninety_days(goal: Goal, after: int, due: bool, overdue: bool) -> None:
    on = THEN.date() + timedelta(days=after)
    assert (goal_review_since(goal, on) is not None) is due
    assert goal_review_overdue(goal, on) is overdue
