"""From which day something of a case is due, and from which it is late."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from schemas.case_codes import DeadlineKind
from schemas.vocabulary import CaseStatus
from service.domain.deadlines import Deadline, of_agreement, of_check, of_goal, of_release, of_request
from service.domain.workload import DEADLINES, Kind, due_of
from tests.domain.test_workload import NOW, a_row

DAY = NOW.date()
K = DeadlineKind


def back(days: int) -> date:
    return DAY - timedelta(days=days)


def stands(deadline: Deadline) -> tuple[bool, bool]:
    return deadline.is_due(DAY), deadline.is_overdue(DAY)


@pytest.mark.parametrize(("days", "expected"), [(79, (False, False)), (80, (True, False)), (90, (True, True))])
def test_a_check_is_due_after_80_days_and_late_after_90(days: int, expected: tuple[bool, bool]) -> None:
    assert stands(of_check(K.RECORD, back(days), back(400))) == expected


@pytest.mark.parametrize(("days", "expected"), [(0, (False, False)), (1, (True, False)), (90, (True, True))])
def test_what_was_never_asked_is_due_from_the_day_after_opening(days: int, expected: tuple[bool, bool]) -> None:
    assert stands(of_check(K.CONTACT, None, back(days))) == expected


@pytest.mark.parametrize(
    ("days", "agreed", "expected"),
    [
        (74, None, (False, False)),
        (75, None, (True, False)),
        (90, None, (True, True)),
        (10, 1, (True, False)),
        (10, -1, (False, False)),
    ],
)
def test_a_goal_is_due_on_the_day_agreed_or_after_75(
    days: int, agreed: int | None, expected: tuple[bool, bool]
) -> None:
    assert stands(of_goal(back(days), back(agreed) if agreed else None)) == expected


@pytest.mark.parametrize(("days", "due"), [(8, False), (7, True), (0, True), (-1, False)])
def test_a_release_is_told_in_its_last_week_and_is_never_late(days: int, due: bool) -> None:
    assert stands(of_release(DAY + timedelta(days=days))) == (due, False)


@pytest.mark.parametrize(
    ("days", "expected"), [(8, (False, False)), (7, (True, False)), (0, (True, False)), (-1, (True, True))]
)
def test_a_request_is_due_a_week_ahead_and_late_once_its_day_has_passed(days: int, expected: tuple[bool, bool]) -> None:
    assert stands(of_request(DAY + timedelta(days=days))) == expected


@pytest.mark.parametrize(("days", "expected"), [(4, (False, False)), (3, (True, False)), (-1, (True, True))])
def test_an_agreement_is_reminded_of_as_a_plan_is(days: int, expected: tuple[bool, bool]) -> None:
    assert stands(of_agreement(DAY + timedelta(days=days))) == expected


def test_several_of_a_kind_make_one_line_since_the_first() -> None:
    row = a_row(deadlines=(of_goal(back(80), None), of_goal(back(95), None), of_goal(back(1), None)))
    (due,) = due_of(row, NOW)
    assert (due.kind, due.since, due.overdue) == (Kind.GOAL, back(95 - 75), True)


@pytest.mark.parametrize("of", [of_release, of_request, of_agreement])
def test_what_is_told_ahead_names_its_own_day(of: Callable[[date], Deadline]) -> None:
    day = DAY + timedelta(days=2)
    (due,) = due_of(a_row(deadlines=(of(day),)), NOW)
    assert (due.since, due.overdue) == (day, False)


def test_on_a_closed_case_only_a_request_still_waits() -> None:
    every = tuple(Deadline(kind, back(1)) for kind in K)
    assert {each.kind for each in due_of(a_row(deadlines=every), NOW)} == set(DEADLINES.values())
    closed = due_of(a_row(deadlines=every, status=CaseStatus.CLOSED), NOW)
    assert [each.kind for each in closed] == [Kind.REQUEST]
