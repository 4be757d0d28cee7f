"""Each rule fires on its answers and on nothing else."""

from typing import Any

import pytest
from hypothesis import given

from schemas.instruments.capture import NonAnswer
from schemas.instruments.withdrawal import WSL
from schemas.vocabulary import EventLevel
from service.domain.triggers import fired
from tests.instruments import answers_to

HIT: dict[str, Any] = {"I_head_neck": True}


def rules(answers: dict[str, Any], **background: Any) -> list[tuple[str, str]]:
    return [(each.rule, each.item) for each in fired(WSL, answers, **background)]


@pytest.mark.parametrize("grade", range(5))
def test_low_mood_asks_for_module_a_from_three_on(grade: int) -> None:
    assert rules({"E2": str(grade)}) == ([("TR-1", "wsl.E2")] if grade >= 3 else [])


@pytest.mark.parametrize("grade", range(5))
@pytest.mark.parametrize("aim", ["self", "them", "others", "mixed", NonAnswer.DECLINED, None])
def test_anger_asks_for_module_a_only_when_strong_and_aimed_at_the_self(grade: int, aim: Any) -> None:
    answers = {"E4": str(grade)} | ({} if aim is None else {"E4_aim": aim})
    assert rules(answers) == ([("TR-1", "wsl.E4")] if grade >= 3 and aim == "self" else [])


@pytest.mark.parametrize("grade", range(5))
def test_interference_prompts_for_support_from_three_on(grade: int) -> None:
    assert rules({"F1": str(grade)}) == ([("TR-2", "wsl.F1")] if grade >= 3 else [])


@pytest.mark.parametrize("days", range(8))
def test_lost_days_prompt_for_support_from_three_on(days: int) -> None:
    assert rules({"F2": days}) == ([("TR-2", "wsl.F2")] if days >= 3 else [])


@pytest.mark.parametrize("concern", [True, False, *NonAnswer])
def test_a_safety_concern_about_contact_opens_a_response_today(concern: Any) -> None:
    found = fired(WSL, {"X1_concern": concern})
    assert [(each.rule, each.level) for each in found] == ([("TR-3", EventLevel.TODAY)] if concern is True else [])


@pytest.mark.parametrize("use", ["none", "same", "more", "worried"])
def test_more_or_worrying_use_is_followed_up(use: str) -> None:
    assert rules({"D1": use}) == ([("TR-5", "wsl.D1")] if use in ("more", "worried") else [])


@pytest.mark.parametrize("new", [True, False, *NonAnswer])
def test_pain_that_is_new_since_an_assault_prompts_for_a_medical_evaluation(new: Any) -> None:
    assert rules({"P4_assault": new}) == ([("TR-MED", "wsl.P4_assault")] if new is True else [])


@pytest.mark.parametrize("item", ["P4", "C1", "C5"])
@pytest.mark.parametrize("grade", range(5))
@pytest.mark.parametrize("told", [True, False, NonAnswer.UNSURE, None])
def test_pain_and_thinking_prompt_for_a_medical_evaluation_after_a_blow_to_the_head(
    item: str, grade: int, told: Any
) -> None:
    answers = {item: str(grade)} | ({} if told is None else {"I_head_neck": told})
    assert rules(answers) == ([("TR-MED", f"wsl.{item}")] if grade >= 3 and told is True else [])


def test_what_was_told_once_counts_at_every_later_log() -> None:
    assert rules({"C1": "3"}, background=HIT) == [("TR-MED", "wsl.C1")]


def test_skipping_the_question_later_does_not_take_back_what_was_told() -> None:
    assert rules({"C1": "3", "I_head_neck": NonAnswer.DECLINED}, background=HIT) == [("TR-MED", "wsl.C1")]
    assert rules({"C1": "3", "I_head_neck": False}, background=HIT) == []


def test_an_earlier_answer_to_a_weekly_item_fires_nothing_now() -> None:
    assert rules({}, background={"E2": "4", "X1_concern": True}) == []


def test_single_answers_fire_even_when_nothing_can_be_scored() -> None:
    found = fired(WSL, {"E2": "4"})
    assert [(each.rule, each.level) for each in found] == [("TR-1", EventLevel.TODAY)]
    assert "module A" in found[0].prompt


@given(answers_to(WSL))
def test_only_named_rules_fire_in_the_order_of_the_definition(answers: dict[str, Any]) -> None:
    found = rules(answers)
    table = [(each.rule, f"wsl.{each.item}") for each in WSL.triggers]
    assert found == [row for row in table if row in found]


@given(answers_to(WSL))
def test_turning_answers_into_non_answers_fires_nothing_new(answers: dict[str, Any]) -> None:
    before = set(rules(answers))
    for key in answers:
        assert set(rules(answers | {key: NonAnswer.NOT_ASKED})) <= before
