"""Days by which something of a case is looked at again, kept with its line of the caseload. Source of the figures:
domain.md section 5 (house defaults); seven days ahead of a request, as of a release.

Rule: a kind and days, nothing else. What it is about stays in the case: a list may be read over a shoulder.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from schemas.case_codes import DeadlineKind
from service.domain.releases import EXPIRES_SOON

RECHECK_REMINDER, RECHECK_AFTER = timedelta(days=80), timedelta(days=90)
GOAL_REMINDER, GOAL_OVERDUE = timedelta(days=75), timedelta(days=90)
REQUEST_REMINDER = timedelta(days=7)
AGREEMENT_REMINDER = timedelta(days=3)
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Deadline:
    """Due from the day `on`, overdue from `late_on` (never where there is none), over after `until`. `day`: what a list
    names, where it tells of a day before it comes.
    """

    kind: DeadlineKind
    on: date
    late_on: date | None = None
    until: date | None = None
    day: date | None = None

    @property
    def named_day(self) -> date:
        return self.day or self.on

    def is_due(self, today: date) -> bool:
        return self.on <= today and (self.until is None or today <= self.until)

    def is_overdue(self, today: date) -> bool:
        return self.late_on is not None and self.late_on <= today


def of_check(kind: DeadlineKind, last: date | None, opened_on: date) -> Deadline:
    """What is asked every 90 days; never asked, it is due from the day after the case was opened."""
    if last is None:
        return Deadline(kind, opened_on + A_DAY, opened_on + RECHECK_AFTER)
    return Deadline(kind, last + RECHECK_REMINDER, last + RECHECK_AFTER)


def of_goal(last: date, review_on: date | None) -> Deadline:
    """On the day agreed, else 75 days after the last look or change; overdue after 90."""
    agreed = min(filter(None, (review_on, last + GOAL_REMINDER)))
    return Deadline(DeadlineKind.GOAL, agreed, last + GOAL_OVERDUE)


def of_release(expires_on: date) -> Deadline:
    """In its last week. Once it has run out nothing leaves by it, and nothing is due."""
    return Deadline(DeadlineKind.RELEASE, expires_on - EXPIRES_SOON, until=expires_on, day=expires_on)


def of_request(due_on: date) -> Deadline:
    return Deadline(DeadlineKind.REQUEST, due_on - REQUEST_REMINDER, due_on + A_DAY, day=due_on)


def of_agreement(review_on: date) -> Deadline:
    """A contact plan, or a boundary that is in use."""
    return Deadline(DeadlineKind.AGREEMENT, review_on - AGREEMENT_REMINDER, review_on + A_DAY, day=review_on)
