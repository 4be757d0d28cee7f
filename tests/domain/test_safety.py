"""Plan fields keep their class."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import FieldClass, PlanStatus, PlanType
from service.domain.safety import (
    FIELDS,
    Plan,
    PlanLine,
    check_lines,
    copy_lines,
    differences,
    is_out_of_date,
    next_review,
)
from service.errors import Invalid
from tests.builders import at

DAY = at(2026, 3, 2).date()
STAYS_HERE = [
    (kind, each.key) for kind, fields in FIELDS.items() for each in fields if each.field_class is FieldClass.N
]


def a_plan(lines: dict[str, PlanLine], plan_type: PlanType = PlanType.PL_URGE) -> Plan:
    return Plan(
        id="1",
        plan_id="p",
        case_id="c",
        type=plan_type,
        number=1,
        status=PlanStatus.ACTIVE,
        made_with_client=True,
        private_session=True,
        lines={**{each.key: PlanLine() for each in FIELDS[plan_type]}, **lines},
        reviewed_on=DAY,
        next_review=next_review(DAY),
        author_id="a",
        author_name="A",
        created_at=at(2026, 3, 2),
        version=1,
        updated_at=at(2026, 3, 2),
    )


@pytest.mark.parametrize(("plan_type", "key"), STAYS_HERE)
def test_a_part_that_stays_here_cannot_be_ticked_for_a_copy(plan_type: PlanType, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_lines(plan_type, {key: PlanLine("somewhere", on_copy=True)})
    assert list(caught.value.fields) == [key]


@given(st.sampled_from(list(PlanType)), st.text(min_size=1))
def test_no_text_of_class_n_is_ever_on_a_copy_even_from_a_tampered_row(plan_type: PlanType, text: str) -> None:
    lines = {each.key: PlanLine(text, on_copy=True) for each in FIELDS[plan_type]}
    labels = [label for label, _text in copy_lines(a_plan(lines, plan_type))]
    stays = {each.label for each in FIELDS[plan_type] if each.field_class is FieldClass.N}
    assert not stays & set(labels)


def test_only_ticked_lines_with_text_are_copied() -> None:
    plan = a_plan(
        {"delay": PlanLine("Ten minutes", on_copy=True), "tools": PlanLine("Walk"), "early_signs": PlanLine(" ", True)}
    )
    assert copy_lines(plan) == (("Waiting step and for how long", "Ten minutes"),)


def test_a_part_that_the_plan_does_not_have_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        check_lines(PlanType.PL_URGE, {"bag_place": PlanLine("x")})
    assert list(caught.value.fields) == ["bag_place"]


def test_every_part_is_present_after_checking() -> None:
    assert list(check_lines(PlanType.PL_PREP, {})) == [each.key for each in FIELDS[PlanType.PL_PREP]]


def test_the_difference_names_the_parts_that_changed() -> None:
    before = a_plan({"delay": PlanLine("Ten minutes"), "tools": PlanLine("Walk")})
    after = replace(before, lines={**before.lines, "delay": PlanLine("Twenty minutes")})
    assert [(field.key, old, new) for field, old, new in differences(before, after)] == [
        ("delay", "Ten minutes", "Twenty minutes")
    ]


def test_a_plan_is_reviewed_every_thirty_days_and_out_of_date_after_ninety() -> None:
    plan = a_plan({})
    assert plan.next_review - plan.reviewed_on == timedelta(days=30)
    assert not is_out_of_date(plan, DAY + timedelta(days=90))
    assert is_out_of_date(plan, DAY + timedelta(days=91))
