"""Plan fields keep their class."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.plan_codes import PlanDoubt
from schemas.vocabulary import AskedAnswer, FieldClass, PlanStatus, PlanType
from service.domain.cases import OtherPerson, Presentation
from service.domain.plan_marks import OUT_OF_DATE, REVIEW_PASSED, bears_on_plans, mark_of
from service.domain.plan_types import EVERY_FIELD, FIELDS, SHAPES
from service.domain.safety import (
    Plan,
    PlanLine,
    check_lines,
    copy_lines,
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
    copied = {each.key for each, _text in copy_lines(a_plan(lines, plan_type))}
    assert not copied & {each.key for each in FIELDS[plan_type] if each.field_class is FieldClass.N}


def test_only_ticked_lines_with_text_are_copied() -> None:
    plan = a_plan(
        {"delay": PlanLine("Ten minutes", on_copy=True), "tools": PlanLine("Walk"), "early_signs": PlanLine(" ", True)}
    )
    assert [(each.key, text) for each, text in copy_lines(plan)] == [("delay", "Ten minutes")]


def test_a_part_that_the_plan_does_not_have_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        check_lines(PlanType.PL_URGE, {"bag_place": PlanLine("x")})
    assert list(caught.value.fields) == ["bag_place"]


def test_every_part_is_present_after_checking() -> None:
    assert list(check_lines(PlanType.PL_PREP, {})) == [each.key for each in FIELDS[PlanType.PL_PREP]]


# Key -> class, written out once more from the domain model so that no change passes unseen.
CLASSES = {
    PlanType.PL_STAY: "R N N N N R R",
    PlanType.PL_PREP: "R N N N R R N R N",
    PlanType.PL_LEAVE: "N N G R",
    PlanType.PL_AFTER: "N N N N N N R",
    PlanType.PL_PARENT: "R R R N N G R R N R",
    PlanType.PL_WORK: "N R N N N R",
    PlanType.PL_DIGITAL: "R N N N N R R",
    PlanType.PL_URGE: "G G G N R G G",
    PlanType.PL_CRISIS: "R G N N G R R",
    PlanType.DAY: "G G G G G",
    PlanType.MAINT: "G R G G R R G",
}


def test_every_kind_of_plan_has_the_parts_and_classes_of_the_domain_model() -> None:
    assert len(SHAPES) == 11 and SHAPES.keys() == set(PlanType)
    found = {kind: " ".join(each.field_class for each in shape.fields) for kind, shape in SHAPES.items()}
    assert found == CLASSES


def test_a_key_names_one_part_in_all_kinds_of_plan() -> None:
    assert len(EVERY_FIELD) == sum(len(fields) for fields in FIELDS.values())


def test_a_day_has_at_most_three_small_actions() -> None:
    three = "Open the post\n\nOne walk\nRing the dentist"
    assert check_lines(PlanType.DAY, {"day_actions": PlanLine(three)})["day_actions"].text == three
    with pytest.raises(Invalid) as caught:
        check_lines(PlanType.DAY, {"day_actions": PlanLine(three + "\nA fourth")})
    assert list(caught.value.fields) == ["day_actions"]


def test_a_plan_is_reviewed_every_thirty_days_and_out_of_date_after_ninety() -> None:
    plan = a_plan({})
    assert plan.next_review - plan.reviewed_on == timedelta(days=30)
    assert not is_out_of_date(plan, DAY + timedelta(days=90))
    assert is_out_of_date(plan, DAY + timedelta(days=91))


@pytest.mark.parametrize(
    ("days", "doubt", "status", "mark"),
    [
        (30, None, PlanStatus.ACTIVE, ""),
        (31, None, PlanStatus.ACTIVE, REVIEW_PASSED),
        (0, PlanDoubt.SESSION, PlanStatus.ACTIVE, "A session said that it needs changes"),
        (0, PlanDoubt.CIRCUMSTANCES, PlanStatus.ACTIVE, "Circumstances changed since it was looked at"),
        (31, PlanDoubt.EVENT, PlanStatus.ACTIVE, "Something came up since it was looked at"),
        (91, PlanDoubt.EVENT, PlanStatus.ACTIVE, OUT_OF_DATE),
        (91, PlanDoubt.EVENT, PlanStatus.SUPERSEDED, ""),
        (91, None, PlanStatus.DRAFT, ""),
    ],
)
def test_a_plan_in_use_says_why_it_wants_looking_at(
    days: int, doubt: PlanDoubt | None, status: PlanStatus, mark: str
) -> None:
    plan = replace(a_plan({}), status=status, doubt=doubt)
    assert mark_of(plan, DAY + timedelta(days=days)) == mark


@pytest.mark.parametrize(
    ("before", "after", "bears"),
    [
        (Presentation("none"), Presentation("daily"), True),
        (Presentation(concerns="Sleep"), Presentation(concerns="Sleep, work"), False),
        (OtherPerson(), OtherPerson(cohabiting=AskedAnswer.YES), True),
        (OtherPerson(), OtherPerson(current=AskedAnswer.NO), True),
        (OtherPerson(), OtherPerson("Person B", "neighbour"), False),
    ],
)
def test_only_contact_and_living_together_bear_on_plans(before: object, after: object, bears: bool) -> None:
    assert bears_on_plans(before, after) is bears
