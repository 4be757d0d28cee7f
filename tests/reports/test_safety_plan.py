"""The client's own copy: ticked lines under neutral words, whatever the row says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.vocabulary import FieldClass, PlanType
from service.casework.records import Record
from service.domain.plan_types import EVERY_FIELD, FIELDS
from service.domain.safety import COPY_TITLES, Plan, PlanLine
from service.errors import Invalid
from service.reports import safety_plan
from service.reports.pages import fill
from tests.reports.records import END, SECRETS

FORBIDDEN = ("safety", "plan", "urge", "contact", "abuse", "legal", "partner", "withdrawal", "stepwell")


def of_type(record: Record, plan_type: PlanType) -> Plan:
    return next(each for each in record.active_plans if each.type is plan_type)


def test_only_ticked_lines_are_on_the_copy(record: Record) -> None:
    sections = safety_plan.sections(of_type(record, PlanType.PL_URGE))
    assert [(each.heading, each.lines) for each in sections] == [
        ("First signs", ("Restless hands",)),
        ("Things that worked", ("Cold water", "The long way round the park", "موسيقى")),
    ]


@pytest.mark.parametrize("plan_type", PlanType)
def test_what_stays_here_cannot_get_on_a_copy_even_when_the_row_says_so(record: Record, plan_type: PlanType) -> None:
    lines = {each.key: PlanLine(f"line {each.key}.", on_copy=True) for each in FIELDS[plan_type]}
    ticked = replace(of_type(record, PlanType.PL_URGE), type=plan_type, lines=lines)
    page = fill("safety_plan", safety_plan.collect(ticked, title="Notes", today=END.date()))
    stays = [each.key for each in FIELDS[plan_type] if each.field_class is FieldClass.N]
    assert [key for key in stays if f"line {key}." in page] == []
    assert all((f"line {each.key}." in page) == bool(each.heading) for each in FIELDS[plan_type])


def test_every_part_that_may_be_ticked_has_a_heading_that_tells_a_stranger_nothing() -> None:
    may_leave = {each.key for each in EVERY_FIELD.values() if each.field_class is not FieldClass.N}
    assert {each.key for each in EVERY_FIELD.values() if each.heading} == may_leave
    headings = [each.heading for each in EVERY_FIELD.values()]
    told = " ".join((*headings, *COPY_TITLES)).casefold().split()
    assert [word for word in FORBIDDEN if word in told] == []


def test_the_copy_holds_no_name_of_anybody(record: Record) -> None:
    page = fill("safety_plan", safety_plan.collect(of_type(record, PlanType.PL_PREP), title="Notes", today=END.date()))
    names = (*SECRETS, record.case.client.chosen_name, record.case.code, record.practice.name, record.case.owner_name)
    assert [name for name in names if name in page] == []


def test_an_old_plan_says_on_its_copy_that_it_is_out_of_date(record: Record) -> None:
    plan = of_type(record, PlanType.PL_URGE)
    late = plan.reviewed_on + timedelta(days=91)
    assert safety_plan.collect(plan, title="Notes", today=late)["notice"] == "Out of date, review"
    assert safety_plan.collect(plan, title="Notes", today=late - timedelta(days=1))["notice"] is None


def test_a_copy_of_nothing_is_refused(record: Record) -> None:
    plan = of_type(record, PlanType.PL_URGE)
    with pytest.raises(Invalid, match="ticked"):
        safety_plan.collect(
            replace(plan, lines={}) if not plan.lines else _unticked(plan), title="Notes", today=END.date()
        )


def test_file_names_are_the_neutral_titles_and_nothing_else() -> None:
    assert [safety_plan.file_name(title) for title in COPY_TITLES] == [
        "weekly-planner.pdf",
        "notes.pdf",
        "things-to-remember.pdf",
    ]
    assert safety_plan.file_name('"; x=Zoë') == "notes.pdf"


def _unticked(plan: Plan) -> Plan:
    return replace(plan, lines={key: PlanLine(line.text) for key, line in plan.lines.items()})
