"""A whole case read in one go, in one transaction with one audit row: for its pages, reports and exports."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from schemas.actions import Action
from schemas.vocabulary import PlanStatus
from service.casework.gate import case_unit, practice_now
from service.domain import clock
from service.domain.access import allowed_on
from service.domain.accounts import Practice
from service.domain.actors import Actor
from service.domain.cards import Card
from service.domain.cases import Case, Episode, Goal
from service.domain.crisis import NO_PANEL, CrisisPanel
from service.domain.events import SafetyEvent
from service.domain.handovers import Handover
from service.domain.imported import Threshold
from service.domain.intakes import Intake
from service.domain.notes import Note
from service.domain.packages import NOTHING_CARRIED, Carried
from service.domain.plan_marks import mark_of
from service.domain.programme import NO_PROGRAMME, Programme
from service.domain.reliable_change import StatedReliability
from service.domain.safety import Plan
from service.domain.schedules import Refusal
from service.domain.sessions import TherapySession
from service.domain.standing import readable
from service.domain.workload import Due, due_of
from service.store import (
    accounts,
    cases,
    crisis,
    episodes,
    events,
    goals,
    handovers,
    instruments,
    intakes,
    notes,
    plan_cards,
    plans,
    programmes,
    reliabilities,
    schedules,
    sessions,
    summary,
)
from service.store.cases import CaseRow

T = TypeVar("T")


@dataclass(frozen=True)
class Record:
    """Everything of one case. Sessions, plans, notes and events newest first; intakes in time order. `thresholds` are
    the published ones of imported forms, by key; `held_back` the types of what the leak guard kept out of an export.
    """

    practice: Practice
    case: Case
    goals: tuple[Goal, ...]
    sessions: tuple[TherapySession, ...]
    notes: tuple[Note, ...]
    intakes: tuple[Intake, ...]
    plans: tuple[Plan, ...]
    events: tuple[SafetyEvent, ...]
    crisis: CrisisPanel = NO_PANEL
    refusals: tuple[Refusal, ...] = ()
    reliabilities: tuple[StatedReliability, ...] = ()
    held_back: tuple[str, ...] = ()
    carried: Carried = NOTHING_CARRIED
    thresholds: Mapping[str, tuple[Threshold, ...]] = field(default_factory=dict)
    episodes: tuple[Episode, ...] = ()
    programme: Programme = NO_PROGRAMME
    cards: tuple[Card[Any], ...] = ()

    @property
    def open_events(self) -> tuple[SafetyEvent, ...]:
        """Events without a follow-up, those whose check date has passed, and those to respond to now whose follow-up
        a later session has left behind.
        """
        today = clock.today(self.practice.zone)
        return tuple(each for each in self.events if each.wants_follow_up(today))

    @property
    def standing_sessions(self) -> tuple[TherapySession, ...]:
        """Without those that were entered in error."""
        return tuple(each for each in self.sessions if not each.wrong)

    @property
    def active_plans(self) -> tuple[Plan, ...]:
        return tuple(each for each in self.plans if each.status is PlanStatus.ACTIVE)

    @property
    def plan_marks(self) -> Mapping[str, str]:
        """Why plans in use want looking at again, by their id."""
        today = clock.today(self.practice.zone)
        return {each.id: mark for each in self.active_plans if (mark := mark_of(each, today))}

    def cards_of(self, kind: type[T]) -> tuple[Card[T], ...]:
        """The cards of one kind that are in use, the newest change first."""
        return tuple(each for each in self.cards if isinstance(each.words, kind) and each.put_away_at is None)

    def standing_intakes(self, instrument_key: str) -> tuple[Intake, ...]:
        """Responses to one instrument without those that a correction replaced, in time order."""
        return tuple(each for each in self.intakes if each.instrument_key == instrument_key and not each.replaced)


@dataclass(frozen=True)
class Surroundings:
    """A record with what waits on it and the forms that were handed over, newest first: what lies around a session that
    is written up.
    """

    record: Record
    due: tuple[Due, ...]
    handovers: tuple[Handover, ...]


def read_record(actor: Actor, case_id: str, action: Action = Action.CASE_READ) -> Record:
    """The record, read for `action` (case:read, report:make, export:preview ...). Raises NotFound, NotAllowed."""
    with case_unit(actor, action, case_id) as (_unit, row):
        return _seen_by(actor, row)


def read_surroundings(actor: Actor, case_id: str) -> Surroundings:
    with case_unit(actor, Action.CASE_READ, case_id) as (_unit, row):
        return Surroundings(
            record=_seen_by(actor, row),
            due=due_of(summary.of_cases([case_id])[0], practice_now(actor)),
            handovers=handovers.of_case(case_id),
        )


def _seen_by(actor: Actor, row: CaseRow) -> Record:
    """The record as this reader may see it: single responses of some forms are for the therapist alone."""
    whole, facts = collected(row), cases.facts(actor, row)
    case = replace(whole.case, may=allowed_on(actor.role, facts))
    return replace(whole, case=case, intakes=readable(whole.intakes, facts.relation))


def collected(row: CaseRow) -> Record:
    """Read every part of an admitted case inside the running transaction."""
    responses = intakes.of_case(row.id)
    return Record(
        practice=accounts.practice(row.practice_id),
        case=cases.opened(row),
        goals=goals.of_case(row.id),
        sessions=sessions.of_case(row.id),
        notes=notes.of_case(row.id),
        intakes=responses,
        plans=plans.of_case(row.id),
        cards=plan_cards.of_case(row.id),
        events=events.of_case(row.id),
        crisis=crisis.panel(row.practice_id),
        refusals=schedules.refusals(row.id),
        reliabilities=reliabilities.of_practice(row.practice_id),
        thresholds=instruments.published(row.practice_id, {each.instrument_key for each in responses}),
        episodes=episodes.of_case(row.id),
        programme=programmes.of_case(row.id),
    )
