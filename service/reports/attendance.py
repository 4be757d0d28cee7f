"""Sessions -> squares and dates for the attendance strip.

Rule: planned sessions are no attendance yet, and a session cancelled for safety reasons counts as cancelled, never as
missed, and does not say why. What was entered in error is none at all.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import assert_never

from schemas.vocabulary import Attendance
from service.domain import clock
from service.domain.sessions import TherapySession
from service.reports.charts import Visit
from service.reports.series import ATTENDANCE, MONTHS
from service.reports.series import Attendance as Kind


def visits(sessions: Iterable[TherapySession], within: Callable[[datetime, str], bool], zone: str) -> tuple[Visit, ...]:
    """What took place or fell out within the period, in time order."""
    told = (each for each in sessions if within(each.starts_at, zone) and not each.wrong)
    kept = sorted(told, key=lambda each: each.starts_at)
    kinds = ((each, kind_of(each.attendance)) for each in kept)
    return tuple(Visit(clock.local(each.starts_at, zone).date(), kind) for each, kind in kinds if kind)


def dates_by_kind(held: Sequence[Visit]) -> tuple[tuple[str, str], ...]:
    """("Attended", "2 Mar, 9 Mar, 16 Mar 2026") for each kind that occurs."""
    groups = ((words, [visit for visit in held if visit.kind == kind]) for kind, words in ATTENDANCE.items())
    return tuple((words.capitalize(), _dates(group)) for words, group in groups if group)


def kind_of(attendance: Attendance) -> Kind | None:
    """None for what is still planned."""
    match attendance:
        case Attendance.PLANNED:
            return None
        case Attendance.ATTENDED:
            return "attended"
        case Attendance.LATE:
            return "late"
        case Attendance.NO_SHOW:
            return "missed"
        case (
            Attendance.CANCELLED_CLIENT_EARLY
            | Attendance.CANCELLED_CLIENT_LATE
            | Attendance.CANCELLED_CLINICIAN
            | Attendance.SAFETY_CANCELLED
        ):
            return "cancelled"
        case _:
            assert_never(attendance)


def _dates(group: Sequence[Visit]) -> str:
    """The year is said once, at its last date."""
    days = [f"{visit.at.day} {MONTHS[visit.at.month - 1]}" for visit in group]
    ends = [
        after is None or after.at.year != visit.at.year for visit, after in zip(group, [*group[1:], None], strict=True)
    ]
    return ", ".join(
        f"{words} {visit.at.year}" if last else words for words, visit, last in zip(days, group, ends, strict=True)
    )
