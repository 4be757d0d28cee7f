"""What is due on a case, and when it becomes overdue. Source of the figures: domain.md section 5 (house defaults).

Ordered by how soon harm could come of waiting: events, then notes, then plans, then measures.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum

from schemas.instruments import find
from schemas.instruments.definition import Cadence
from schemas.vocabulary import CaseStatus
from service.domain.cases import CaseloadRow

NOTE_REMINDER, NOTE_OVERDUE = timedelta(hours=24), timedelta(hours=72)
PLAN_REMINDER = timedelta(days=3)
LOG_CADENCE = find("wsl").cadence or Cadence(days=7)
LOG_REMINDER, LOG_OVERDUE = timedelta(days=LOG_CADENCE.remind_days), timedelta(days=LOG_CADENCE.overdue_days)
QUIET_REMINDER, QUIET_OVERDUE = timedelta(days=14), timedelta(days=21)


class Kind(IntEnum):
    """In the order in which waiting could do harm."""

    NOW_EVENT = 1
    EVENT = 2
    NOTE = 3
    SESSION = 4
    PLAN = 5
    LOG = 6
    QUIET = 7


@dataclass(frozen=True)
class Due:
    """One thing that waits. `since` is when it began to wait, or the day it falls due."""

    kind: Kind
    case_id: str
    code: str
    chosen_name: str
    words: str
    since: datetime | date | None
    overdue: bool


def due_of(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    """What is due on one case at the instant `at`; nothing for a closed case but its notes and events."""
    found = (*_events(row), *_notes(row, at))
    if row.status is CaseStatus.OPEN:
        found = (*found, *_session(row, at), *_plan(row, at), *_log(row, at), *_quiet(row, at))
    return tuple(sorted(found, key=lambda each: each.kind))


def all_due(rows: list[CaseloadRow], at: datetime) -> tuple[Due, ...]:
    """Everything due on these cases, most pressing first, overdue before not yet overdue."""
    found = [due for row in rows for due in due_of(row, at)]
    return tuple(sorted(found, key=lambda each: (each.kind, not each.overdue, each.code)))


def _due(row: CaseloadRow, kind: Kind, words: str, since: datetime | date | None, *, overdue: bool) -> Due:
    return Due(kind, row.case_id, row.code, row.chosen_name, words, since, overdue)


def _events(row: CaseloadRow) -> tuple[Due, ...]:
    rest = row.open_events - row.open_now_events
    now = (_due(row, Kind.NOW_EVENT, "Respond now: record what was done", None, overdue=True),) * bool(
        row.open_now_events
    )
    other = (_due(row, Kind.EVENT, "Open safety event: record a follow-up", None, overdue=False),) * bool(rest)
    return (*now, *other)


def _notes(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    if row.oldest_unsigned_at is None:
        return ()
    waiting = at - row.oldest_unsigned_at
    words = "Note to sign" if row.unsigned == 1 else f"{row.unsigned} notes to sign"
    return (_due(row, Kind.NOTE, words, row.oldest_unsigned_at, overdue=waiting >= NOTE_OVERDUE),)


def _session(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    """A session whose hour has passed and whose attendance nobody has recorded."""
    planned = row.next_session_at
    if planned is None or planned >= at:
        return ()
    return (
        _due(
            row, Kind.SESSION, "Session to record: did the client come?", planned, overdue=at - planned >= NOTE_OVERDUE
        ),
    )


def _plan(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    if row.plan_due is None or row.plan_due - at.date() > PLAN_REMINDER:
        return ()
    return (_due(row, Kind.PLAN, "Plan to look at again", row.plan_due, overdue=row.plan_due < at.date()),)


def _log(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    last = row.last_intake_at
    if last is None:
        return (_due(row, Kind.LOG, "First log to offer", None, overdue=False),)
    overdue = at - last >= LOG_OVERDUE or row.sessions_since_log >= LOG_CADENCE.overdue_sessions
    if not overdue and at - last < LOG_REMINDER:
        return ()
    return (_due(row, Kind.LOG, "Log to offer again", last, overdue=overdue),)


def _quiet(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    if row.next_session_at is not None or row.last_session_at is None or at - row.last_session_at < QUIET_REMINDER:
        return ()
    overdue = at - row.last_session_at >= QUIET_OVERDUE
    return (_due(row, Kind.QUIET, "No next session booked", row.last_session_at, overdue=overdue),)
