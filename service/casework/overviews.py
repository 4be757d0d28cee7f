"""What the page of a case shows at a glance, and its page of details: read in one transaction with one audit row each.

Rule: what grows with the years is read by its spines, and sealed words are opened only where the page shows them or
draws the log from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.actions import Action
from schemas.instruments import find
from schemas.vocabulary import Relation
from service.casework.gate import case_unit, opened_for, practice_now
from service.casework.timeline import part_of
from service.domain import clock
from service.domain.accounts import Practice
from service.domain.actors import Actor
from service.domain.cases import Case, Cover, Goal
from service.domain.events import SafetyEvent
from service.domain.intakes import Intake, Unseen
from service.domain.plan_marks import mark_of
from service.domain.reliable_change import StatedReliability
from service.domain.spines import Spines
from service.domain.standing import RATING
from service.domain.timeline import Happening, Wanted
from service.domain.workload import LOG, Due, due_of
from service.store import accounts, cases, events, goals, intakes, reliabilities, sessions, spines, summary
from service.store.cases import CaseRow
from service.store.intakes import IntakeRow

# How much of the timeline a case page shows.
SHOWN = 15


@dataclass(frozen=True)
class Details:
    """A case with who covers it now, and its events that want a follow-up, newest first."""

    practice: Practice
    case: Case
    covers: tuple[Cover, ...]
    events: tuple[SafetyEvent, ...]


@dataclass(frozen=True)
class Overview(Details):
    """And how it stands: its standing `logs` in time order and the latest `rating` of a session, as far as this reader
    may see single responses.
    """

    spines: Spines
    goals: tuple[Goal, ...]
    logs: tuple[Intake, ...]
    rating: Intake | None
    reliabilities: tuple[StatedReliability, ...]
    due: tuple[Due, ...]
    happened: tuple[Happening, ...]
    unseen: tuple[Unseen, ...]

    @property
    def plan_marks(self) -> Mapping[str, str]:
        """Why plans in use want looking at again, by their id."""
        today = clock.today(self.practice.zone)
        return {each.id: mark for each in self.spines.plans if (mark := mark_of(each, today))}

    @property
    def ending_waits(self) -> bool:
        """Whether the running episode was to end and waits for a supervisor."""
        return self.case.episode.id in self.spines.waiting_ends


def read_details(actor: Actor, case_id: str) -> Details:
    with case_unit(actor, Action.CASE_READ, case_id) as (_unit, row):
        practice, case = accounts.practice_value(row.practice), opened_for(actor, row)
        return Details(practice, case, cases.covers(case_id), _waiting(row, sessions.last_held(case_id)))


def read_overview(actor: Actor, case_id: str) -> Overview:
    with case_unit(actor, Action.CASE_READ, case_id) as (_unit, row):
        relation, told = cases.facts(actor, row).relation, spines.of_case(case_id)
        logs, rating = _responses(case_id, relation)
        line = summary.of_cases([case_id])[0]
        return Overview(
            practice=accounts.practice_value(row.practice),
            case=opened_for(actor, row),
            covers=cases.covers(case_id),
            events=_waiting(row, told.last_held),
            spines=told,
            goals=goals.of_case(case_id),
            logs=logs,
            rating=rating,
            reliabilities=reliabilities.of_practice(row.practice_id),
            due=due_of(line, practice_now(actor)),
            happened=part_of(actor, row, Wanted(reader_id=actor.user_id), SHOWN)[0],
            unseen=_unseen(case_id, relation) if line.unseen else (),
        )


def _responses(case_id: str, relation: Relation) -> tuple[tuple[Intake, ...], Intake | None]:
    """The standing logs, and the latest rating: those before it are not opened."""
    rows = [each for each in intakes.standing_rows(case_id, (LOG, RATING)) if not _is_hidden(each, relation)]
    logs = intakes.standing_values([each for each in rows if each.instrument_key == LOG])
    ratings = [each for each in rows if each.instrument_key == RATING]
    return logs, next(iter(intakes.standing_values(ratings[-1:])), None)


def _unseen(case_id: str, relation: Relation) -> tuple[Unseen, ...]:
    return tuple(each for each in intakes.unseen([case_id]) if not _is_hidden(each, relation))


def _is_hidden(row: IntakeRow | Unseen, relation: Relation) -> bool:
    return relation in find(row.instrument_key, row.instrument_version).hidden_from


def _waiting(row: CaseRow, last_held: datetime | None) -> tuple[SafetyEvent, ...]:
    today = clock.today(row.practice.zone)
    return tuple(each for each in events.unended(row.id, last_held) if each.wants_follow_up(today))
