"""What changed between two versions of a plan."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.plan_changes import Fate, differences, line_changes
from service.domain.safety import PlanLine
from service.errors import Invalid
from tests.domain.test_safety import a_plan

TEXTS = st.lists(st.text(st.characters(exclude_categories=("Cc", "Zl", "Zp", "Cs")), max_size=8)).map("\n".join)


def test_a_part_that_changed_is_told_line_by_line() -> None:
    before = a_plan({"tools": PlanLine("Cold water\nA walk"), "delay": PlanLine("Ten minutes")})
    after = replace(before, lines={**before.lines, "tools": PlanLine("Cold water\nFive things I see\nA walk")})
    (change,) = differences(before, after)
    assert change.part.key == "tools"
    assert [(each.fate, each.text) for each in change.lines] == [
        (Fate.SAME, "Cold water"),
        (Fate.NEW, "Five things I see"),
        (Fate.SAME, "A walk"),
    ]


def test_a_tick_that_came_or_went_is_a_change_of_its_own() -> None:
    before = a_plan({"delay": PlanLine("Ten minutes")})
    after = replace(before, lines={**before.lines, "delay": PlanLine("Ten minutes", on_copy=True)})
    assert [each.tick for each in differences(before, after)] == ["Now on the client's copy"]
    assert [each.tick for each in differences(after, before)] == ["No longer on the client's copy"]


def test_versions_of_two_plans_are_never_compared() -> None:
    plan = a_plan({})
    with pytest.raises(Invalid):
        differences(plan, replace(plan, plan_id="another"))


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_back_from_the_change(before: str, after: str) -> None:
    found = line_changes(before, after)
    assert [each.text for each in found if each.fate is not Fate.NEW] == before.splitlines()
    assert [each.text for each in found if each.fate is not Fate.GONE] == after.splitlines()
