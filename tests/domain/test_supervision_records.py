"""Months of supervision add up, a meeting is recorded once it was held, and an action is overdue the day after."""

from datetime import date, datetime

import pytest

from service.domain.supervision_records import SupervisionAction, check_held_on, minutes_in, month_of
from service.errors import Invalid
from tests.builders import at

TODAY = date(2026, 11, 27)


def an_action(**changes: object) -> SupervisionAction:
    values: dict[str, object] = {
        "id": "a", "record_id": "r", "case_id": None, "code": "", "owner_id": "o", "owner_name": "O", "words": "Ring",
        "due_on": TODAY, "done_at": None,
    }  # fmt: skip
    return SupervisionAction(**{**values, **changes})  # type: ignore[arg-type]


def test_only_the_meetings_of_the_month_count() -> None:
    held = [(date(2026, 10, 31), 50), (date(2026, 11, 1), 60), (date(2026, 11, 30), 45), (date(2026, 12, 1), 90)]
    assert minutes_in(held, TODAY) == 105
    assert minutes_in([], TODAY) == 0


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 12, 31), (date(2026, 12, 1), date(2027, 1, 1))),
        (date(2028, 2, 29), (date(2028, 2, 1), date(2028, 3, 1))),
        (date(2026, 1, 1), (date(2026, 1, 1), date(2026, 2, 1))),
    ],
)
def test_a_month_runs_from_its_first_day_to_the_next_first_day(day: date, month: tuple[date, date]) -> None:
    assert month_of(day) == month


def test_a_meeting_cannot_lie_ahead() -> None:
    check_held_on(TODAY, TODAY)
    with pytest.raises(Invalid) as caught:
        check_held_on(date(2026, 11, 28), TODAY)
    assert set(caught.value.fields) == {"held_on"}


@pytest.mark.parametrize(
    ("done_at", "today", "overdue"),
    [(None, TODAY, False), (None, date(2026, 11, 28), True), (at(2026, 12, 1), date(2026, 12, 2), False)],
)
def test_an_action_is_overdue_the_day_after_it_was_due(done_at: datetime | None, today: date, overdue: bool) -> None:
    assert an_action(done_at=done_at).is_overdue(today) is overdue
