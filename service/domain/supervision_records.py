"""A supervision meeting of two clinicians, what it touched, and the hours it adds up to (domain.md 4 and 5).

It belongs to the two who met and to nobody's chart. What was said about a case stands apart from the rest, since it is
shown only to whom that case is not hidden.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.supervision_codes import SupervisionMode
from service.errors import Invalid

# Shown on the day from a week before they are due.
ACTION_REMINDER = timedelta(days=7)


@dataclass(frozen=True)
class TouchedWords:
    """What is typed about one case."""

    decisions: str
    risks: str


@dataclass(frozen=True)
class CaseTouched:
    """What was decided about one case, and what was said about risk there."""

    id: str
    case_id: str
    code: str
    decisions: str
    risks: str
    version: int


@dataclass(frozen=True)
class SupervisionAction:
    """Something that one of the two does until a day. `case_id` is None when it is about no case."""

    id: str
    record_id: str
    case_id: str | None
    code: str
    owner_id: str
    owner_name: str
    words: str
    due_on: date
    done_at: datetime | None

    def is_overdue(self, today: date) -> bool:
        return self.done_at is None and self.due_on < today


@dataclass(frozen=True)
class SupervisionRecord:
    id: str
    supervisor_id: str
    supervisor_name: str
    therapist_id: str
    therapist_name: str
    held_on: date
    minutes: int
    mode: SupervisionMode
    words: str
    touched: tuple[CaseTouched, ...]
    actions: tuple[SupervisionAction, ...]
    version: int
    updated_at: datetime


@dataclass(frozen=True)
class Hours:
    """Minutes of supervision that one therapist had in a month, against what was agreed with one supervisor."""

    therapist_id: str
    therapist_name: str
    supervisor_id: str
    supervisor_name: str
    minutes: int
    target_minutes: int | None


def check_held_on(held_on: date, today: date) -> None:
    """Raises Invalid: a meeting is recorded once it was held."""
    if held_on > today:
        raise Invalid("The meeting cannot be kept.", {"held_on": "This day has not come yet."})


def month_of(day: date) -> tuple[date, date]:
    """The first day of this month and of the next."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def minutes_in(meetings: Iterable[tuple[date, int]], day: date) -> int:
    """How many minutes of these meetings fall into the month of `day`."""
    first, after = month_of(day)
    return sum(minutes for held_on, minutes in meetings if first <= held_on < after)
