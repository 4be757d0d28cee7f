"""What is due on a case, and when it becomes overdue. Source of the figures: domain.md section 5 (house defaults).

Every `at` stands on the clocks of the practice: its day is the day that people there see.
Ordered by how soon harm could come of waiting: events, then notes, then plans, then measures.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum

from schemas.case_codes import DeadlineKind
from schemas.instruments import find
from schemas.instruments.definition import Instrument
from schemas.note_codes import WorkKind
from schemas.vocabulary import CaseStatus
from service.domain.cases import CaseloadRow
from service.domain.events import READER_OVERDUE, READER_REMINDER, TODAY_REMINDER
from service.domain.module_times import ModuleStanding, standings_of, worst
from service.domain.schedules import PRESSING, Asked, Standing, asked_of, scheduled, standing_of

NEXT_REMINDER = timedelta(days=1)
NOTE_REMINDER, NOTE_OVERDUE = timedelta(hours=24), timedelta(hours=72)
ARRIVED_OVERDUE = timedelta(hours=72)
ARRIVED = WorkKind.ARRIVED.label
PLAN_REMINDER = timedelta(days=3)
LOG = "wsl"
MISSED_TWICE = "Two sessions missed in a row, with an open event: look into it together with the supervisor"
TO_RECORD = "Session to record: did the client come?"
QUIET_REMINDER, QUIET_OVERDUE = timedelta(days=14), timedelta(days=21)


class Kind(IntEnum):
    """In the order in which waiting could do harm."""

    NOW_EVENT = 1
    READING = 2
    MISSED = 3
    EVENT = 4
    ARRIVED = 5
    NOTE = 6
    SESSION = 7
    REQUEST = 8
    PLAN = 9
    AGREEMENT = 10
    RECHECK = 11
    LOG = 12
    GOAL = 13
    RELEASE = 14
    QUIET = 15


DEADLINES: Mapping[DeadlineKind, Kind] = {
    DeadlineKind.REQUEST: Kind.REQUEST,
    DeadlineKind.AGREEMENT: Kind.AGREEMENT,
    DeadlineKind.CONTACT: Kind.RECHECK,
    DeadlineKind.RECORD: Kind.RECHECK,
    DeadlineKind.GOAL: Kind.GOAL,
    DeadlineKind.RELEASE: Kind.RELEASE,
}
# What must be answered although the case is closed.
EVEN_CLOSED = frozenset({DeadlineKind.REQUEST})


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
    instrument_key: str = ""


@dataclass(frozen=True)
class MeasureCount:
    """On how many open cases one instrument stands how. A refusal is an answer and is never among the missing."""

    title: str
    within: int
    declined: int
    due: int
    overdue: int
    first: int
    not_asked: int


def measure_counts(rows: Iterable[CaseloadRow], at: datetime) -> tuple[MeasureCount, ...]:
    """A count for each instrument that is due on any of these cases, in the shelf's order."""
    rows = [row for row in rows if row.status is CaseStatus.OPEN]
    found: dict[Instrument, Counter[Standing]] = {}
    for row in rows:
        for instrument, _asked, standing in measures_of(row, at):
            found.setdefault(instrument, Counter())[standing] += 1
    return tuple(
        MeasureCount(
            title=instrument.title,
            within=counts[Standing.WITHIN],
            declined=counts[Standing.DECLINED],
            due=counts[Standing.DUE],
            overdue=counts[Standing.OVERDUE],
            first=counts[Standing.FIRST],
            not_asked=counts[Standing.NOT_ASKED],
        )
        for instrument, counts in found.items()
    )


def measures_of(row: CaseloadRow, at: datetime) -> list[tuple[Instrument, Asked, Standing]]:
    """Each instrument that has a cadence or an interval of its own on this case, and how it stands."""
    asked = _asked(row)
    known = ((each, asked_of(asked, each.key)) for each in scheduled(asked))
    whole = [(each, told, standing_of(told, each.cadence, at)) for each, told in known]
    return [*whole, *((each, asked_of(asked, each.key), worst(found)) for each, found in modules_of(row, at))]


def modules_of(row: CaseloadRow, at: datetime) -> list[tuple[Instrument, tuple[ModuleStanding, ...]]]:
    """Each instrument that is due module by module, and how its modules stand."""
    forms = [find(key) for key in dict.fromkeys(each.instrument_key for each in row.modules)]
    settings = {each.key: asked_of(_asked(row), each.key).setting for each in forms}
    return [(each, standings_of(each, row.modules, settings[each.key], at)) for each in forms]


def due_of(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    """What is due on one case at the instant `at`; for a closed case its notes, events, arrived forms
    and requests only.
    """
    found = (*_events(row, at), *_reading(row, at), *_arrived(row, at), *_notes(row, at), *_deadlines(row, at))
    if row.status is CaseStatus.OPEN:
        found = (*found, *_session(row, at), *_plan(row, at), *_log(row, at), *_quiet(row, at))
    return tuple(sorted(found, key=lambda each: each.kind))


def harm_first(rows: Iterable[CaseloadRow]) -> tuple[CaseloadRow, ...]:
    """Open cases first, then by how many responses are wanted now, and at all; equal ones by their code."""
    return tuple(
        sorted(
            rows,
            key=lambda row: (row.status is not CaseStatus.OPEN, -row.open_now_events, -row.open_events, row.code),
        )
    )


def all_due(rows: list[CaseloadRow], at: datetime, missed: Iterable[CaseloadRow] = ()) -> tuple[Due, ...]:
    """Everything due on these cases, most pressing first, overdue before not yet overdue. `missed` are those with an
    open event whose client did not come twice in a row: due at once.
    """
    found = [due for row in rows for due in due_of(row, at)]
    found += [_due(row, Kind.MISSED, MISSED_TWICE, row.next_session_at, overdue=True) for row in missed]
    return tuple(sorted(found, key=lambda each: (each.kind, not each.overdue, each.code)))


def _due(row: CaseloadRow, kind: Kind, words: str, since: datetime | date | None, *, overdue: bool) -> Due:
    return Due(kind, row.case_id, row.code, row.chosen_name, words, since, overdue)


def _events(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    """Each level by its own clock: NOW until its session ends, TODAY until the day does, NEXT until a session was held;
    and a follow-up whose check date has come.
    """
    found = (_now_event(row, at), _now_again(row), _today_event(row, at), _next_event(row, at), _check(row, at))
    return tuple(each for each in found if each)


def _now_event(row: CaseloadRow, at: datetime) -> Due | None:
    since, by = row.events.now_since, row.events.now_by
    if since is None:
        return None
    return _due(row, Kind.NOW_EVENT, "Respond now: record what was done", since, overdue=by is None or at >= by)


def _now_again(row: CaseloadRow) -> Due | None:
    """A follow-up to something to respond to now stands for its own session, and until its check date at most."""
    since = row.events.again_since
    if since is None:
        return None
    return _due(row, Kind.NOW_EVENT, "Respond now: the follow-up no longer stands", since, overdue=True)


def _today_event(row: CaseloadRow, at: datetime) -> Due | None:
    since, by = row.events.today_since, row.events.today_by
    if since is None:
        return None
    late = at - since >= TODAY_REMINDER
    words = "Respond today: open for over four hours" if late else "Respond today: record what was done"
    return _due(row, Kind.EVENT, words, since, overdue=by is not None and at >= by)


def _next_event(row: CaseloadRow, at: datetime) -> Due | None:
    since, coming = row.events.next_since, row.next_session_at
    if since is None:
        return None
    near = coming is not None and coming - at <= NEXT_REMINDER
    words = "Respond at the next session, which is near" if near else "Respond at the next session"
    held = row.last_session_at is not None and row.last_session_at > since
    return _due(row, Kind.EVENT, words, since, overdue=held)


def _check(row: CaseloadRow, at: datetime) -> Due | None:
    """On its date a check falls due, the day after it is due again."""
    day = row.events.check_on
    if day is None or day > at.date():
        return None
    return _due(row, Kind.EVENT, "Check of a follow-up: see how it went", day, overdue=day < at.date())


def _reading(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    since = row.events.reading_since
    if since is None:
        return ()
    waited = at - since
    words = "Second reader: waiting for over twelve hours" if waited >= READER_REMINDER else "Waits for a second reader"
    return (_due(row, Kind.READING, words, since, overdue=waited >= READER_OVERDUE),)


def _arrived(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    """Forms that a connected system sent and that nobody opened; which ones they are is not said here."""
    since = row.unseen_since
    if since is None:
        return ()
    words = ARRIVED if row.unseen == 1 else f"{row.unseen} forms arrived, not looked at yet"
    return (_due(row, Kind.ARRIVED, words, since, overdue=at - since >= ARRIVED_OVERDUE),)


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
    return (_due(row, Kind.SESSION, TO_RECORD, planned, overdue=at - planned >= NOTE_OVERDUE),)


def _plan(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    if row.plan_due is None or row.plan_due - at.date() > PLAN_REMINDER:
        return ()
    return (_due(row, Kind.PLAN, "Plan to look at again", row.plan_due, overdue=row.plan_due < at.date()),)


def _deadlines(row: CaseloadRow, at: datetime) -> Iterator[Due]:
    """A line a kind, with the first day of them; overdue where any is."""
    today, is_open = at.date(), row.status is CaseStatus.OPEN
    waiting = [each for each in row.deadlines if each.is_due(today) and (is_open or each.kind in EVEN_CLOSED)]
    for kind in dict.fromkeys(each.kind for each in waiting):
        alike = [each for each in waiting if each.kind is kind]
        late = any(each.is_overdue(today) for each in alike)
        yield _due(row, DEADLINES[kind], kind.label, min(each.named_day for each in alike), overdue=late)


def _log(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    asked = _asked(row)
    standings = ((each, asked_of(asked, each.key)) for each in scheduled(asked))
    told = [(each, one, standing_of(one, each.cadence, at)) for each, one in standings]
    modules = (due for each, found in modules_of(row, at) for due in _modules(row, each, found))
    return (*(_measure(row, *each) for each in told if each[2] in PRESSING), *modules)


def _modules(row: CaseloadRow, instrument: Instrument, found: Sequence[ModuleStanding]) -> list[Due]:
    """A line for each module that waits, one for the whole form where all of them do alike. Titles are neutral."""
    alike = len({(each.standing, each.since) for each in found}) == 1
    names = {each.title: instrument.title if alike else f"{instrument.title}, {each.title}" for each in found}
    waiting = [each for each in found if each.standing in PRESSING]
    return [_module(row, instrument, names[each.title], each) for each in (waiting[:1] if alike else waiting)]


def _module(row: CaseloadRow, instrument: Instrument, name: str, each: ModuleStanding) -> Due:
    words = f"{name}: first to ask" if each.standing is Standing.FIRST else f"{name}: to ask again"
    due = _due(row, Kind.LOG, words, each.since, overdue=each.standing is Standing.OVERDUE)
    return replace(due, instrument_key=instrument.key)


def _measure(row: CaseloadRow, instrument: Instrument, asked: Asked, standing: Standing) -> Due:
    name = "log" if instrument.key == LOG else instrument.title
    words = f"First {name} to offer" if standing is Standing.FIRST else f"{name[:1].upper()}{name[1:]} to offer again"
    due = _due(row, Kind.LOG, words, asked.at, overdue=standing is Standing.OVERDUE)
    return replace(due, instrument_key=instrument.key)


def _asked(row: CaseloadRow) -> tuple[Asked, ...]:
    """What the summary row tells; one written before there were schedules tells of the log alone."""
    if row.asked or row.last_intake_at is None:
        return row.asked
    return (Asked(LOG, row.last_intake_at, sessions_since=row.sessions_since_log),)


def _quiet(row: CaseloadRow, at: datetime) -> tuple[Due, ...]:
    if row.next_session_at is not None or row.last_session_at is None or at - row.last_session_at < QUIET_REMINDER:
        return ()
    overdue = at - row.last_session_at >= QUIET_OVERDUE
    return (_due(row, Kind.QUIET, "No next session booked", row.last_session_at, overdue=overdue),)
