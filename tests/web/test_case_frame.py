"""What stands around the pages of a case is complete."""

from schemas.actions import Action
from service.domain.workload import Kind
from service.web.case_frame import HEADINGS, PARTS, PLACES
from service.web.team import REASONS


def test_every_kind_of_due_work_has_a_heading_a_place_and_a_reason() -> None:
    assert set(HEADINGS) == set(PLACES) == set(REASONS) == set(Kind)


def test_every_part_of_a_case_asks_for_a_permission_about_cases() -> None:
    assert {action for _, _, action in PARTS} <= set(Action)
