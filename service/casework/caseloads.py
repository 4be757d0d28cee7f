"""Lists of cases: my day, my caseload, the team, and finding a case."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schemas.actions import Action
from schemas.release_codes import ConsentKind
from schemas.vocabulary import AssignmentKind, Attendance, CaseStatus, SessionType
from service.casework import conflicts, supervision_records
from service.casework.gate import practice_now, practice_unit
from service.casework.resets import anything_waits
from service.casework.walls import unseen_openings
from service.domain import clock
from service.domain.accounts import Practice
from service.domain.actors import Actor
from service.domain.cases import CaseloadRow
from service.domain.ratings import NO_RATINGS, RATING, Rated, Ratings, ratings_of
from service.domain.supervision_records import SupervisionAction
from service.domain.walls import Opening
from service.domain.workload import Due, MeasureCount, all_due, harm_first, measure_counts
from service.store import accounts, cases, intakes, releases, sessions, summary

TWICE = 2


@dataclass(frozen=True)
class Appointment:
    """One session of today, as the day page needs it."""

    session_id: str
    case_id: str
    code: str
    chosen_name: str
    type: SessionType
    starts_at: datetime
    ends_at: datetime
    attendance: Attendance
    version: int


@dataclass(frozen=True)
class Day:
    practice: Practice
    on: date
    appointments: tuple[Appointment, ...]
    due: tuple[Due, ...]
    account_waits: bool
    actions: tuple[SupervisionAction, ...] = ()
    openings: tuple[Opening, ...] = ()
    conflicts: int = 0


@dataclass(frozen=True)
class Caseload:
    """Rows with what is due on each, in the same order."""

    practice: Practice
    rows: tuple[CaseloadRow, ...]
    due: tuple[Due, ...]
    measures: tuple[MeasureCount, ...] = ()
    ratings: Ratings = NO_RATINGS


def my_day(actor: Actor) -> Day:
    """Today's sessions in time order, those of covered cases too, and everything due on the actor's cases."""
    with practice_unit(actor, Action.DAY_READ):
        practice = accounts.practice(actor.practice_id)
        today = clock.today(practice.zone)
        rows = summary.of_cases(_visible(actor, cases.case_ids_of(actor.user_id)))
        known = {row.case_id: row for row in rows}
        slots = _appointments(actor, practice, today, known)
        due = all_due(rows, practice_now(actor), missed_twice(rows))
        waiting = supervision_records.waiting(actor)
        openings, found = unseen_openings(actor), conflicts.count_waiting(actor)
        return Day(practice, today, slots, due, anything_waits(actor), waiting, openings, found)


def my_caseload(actor: Actor) -> Caseload:
    with practice_unit(actor, Action.CASELOAD_READ):
        rows = summary.of_cases(_visible(actor, cases.case_ids_of(actor.user_id)))
        return _caseload(actor, rows)


def team_caseload(actor: Actor) -> Caseload:
    """Open cases of the therapists whom the actor supervises. Restricted and blocked cases are not in it, nor
    counted.
    """
    with practice_unit(actor, Action.TEAM_READ):
        blocked = set(cases.blocked_case_ids(actor.user_id))
        rows = summary.of_therapists(accounts.supervised_by(actor.user_id), only_named=True)
        rows = [row for row in rows if row.status is CaseStatus.OPEN and row.case_id not in blocked]
        return replace(_caseload(actor, rows), ratings=_ratings(_counted(rows)))


def find_cases(actor: Actor, text: str) -> tuple[CaseloadRow, ...]:
    """The actor's own cases whose code or chosen name holds `text`; at most 20."""
    wanted = text.strip().casefold()
    with practice_unit(actor, Action.CASE_FIND):
        rows = summary.of_cases(_visible(actor, cases.case_ids_of(actor.user_id))) if wanted else []
        found = [row for row in rows if wanted in row.chosen_name.casefold() or wanted in row.code.casefold()]
        return tuple(found[:20])


def missed_twice(rows: Iterable[CaseloadRow]) -> list[CaseloadRow]:
    """Cases with an open event whose client did not come twice in a row."""
    return [row for row in rows if row.open_events and sessions.missed_in_a_row(row.case_id) >= TWICE]


def _caseload(actor: Actor, rows: list[CaseloadRow]) -> Caseload:
    at = practice_now(actor)
    return Caseload(
        accounts.practice(actor.practice_id),
        harm_first(rows),
        all_due(rows, at, missed_twice(rows)),
        measure_counts(_counted(rows), at),
    )


def _counted(rows: list[CaseloadRow]) -> list[CaseloadRow]:
    """Without the clients who declined the use of their answers in the practice's own figures, or withdrew it."""
    refused = releases.refused([row.case_id for row in rows], ConsentKind.OUTCOME_USE)
    return [row for row in rows if row.case_id not in refused]


def _ratings(rows: list[CaseloadRow]) -> Ratings:
    """Of the clients of this very list: restricted and blocked cases are not in it."""
    found = intakes.latest_of((row.case_id for row in rows), RATING)
    therapists = {row.case_id: row.therapist_id for row in rows}
    return ratings_of([Rated(therapists[case_id], each.answers) for case_id, each in found.items()])


def _visible(actor: Actor, case_ids: list[str]) -> list[str]:
    blocked = set(cases.blocked_case_ids(actor.user_id))
    return [each for each in case_ids if each not in blocked]


def _appointments(actor: Actor, practice: Practice, on: date, known: dict[str, CaseloadRow]) -> tuple[Appointment, ...]:
    start = datetime.combine(on, time.min, tzinfo=ZoneInfo(practice.zone))
    covered = cases.case_ids_of(actor.user_id, (AssignmentKind.COVER,))
    rows = sessions.between(actor.user_id, covered, (start, start + timedelta(days=1)))
    return tuple(
        Appointment(
            session_id=row.id,
            case_id=row.case_id,
            code=known[row.case_id].code,
            chosen_name=known[row.case_id].chosen_name,
            type=SessionType(row.type),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            attendance=Attendance(row.attendance),
            version=row.version,
        )
        for row in rows
        if row.case_id in known
    )
