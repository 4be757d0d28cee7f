"""A whole case read in one go, in one transaction with one audit row: for the case page, reports and exports."""

from dataclasses import dataclass, replace

from schemas.vocabulary import Action, EventStatus, PlanStatus
from service.casework.gate import case_unit, opened_for
from service.domain import clock
from service.domain.accounts import Practice
from service.domain.actors import Actor
from service.domain.cases import Case, Cover, Goal
from service.domain.intakes import Intake
from service.domain.notes import Note
from service.domain.safety import Plan, SafetyEvent
from service.domain.sessions import TherapySession
from service.domain.workload import Due, due_of
from service.store import accounts, cases, intakes, notes, plans, sessions, summary
from service.store.cases import CaseRow


@dataclass(frozen=True)
class Record:
    """Everything of one case. Sessions, plans, notes and events newest first; intakes in time order."""

    practice: Practice
    case: Case
    goals: tuple[Goal, ...]
    sessions: tuple[TherapySession, ...]
    notes: tuple[Note, ...]
    intakes: tuple[Intake, ...]
    plans: tuple[Plan, ...]
    events: tuple[SafetyEvent, ...]

    @property
    def open_events(self) -> tuple[SafetyEvent, ...]:
        return tuple(each for each in self.events if each.status is EventStatus.OPEN)

    @property
    def active_plans(self) -> tuple[Plan, ...]:
        return tuple(each for each in self.plans if each.status is PlanStatus.ACTIVE)

    def standing_intakes(self, instrument_key: str) -> tuple[Intake, ...]:
        """Responses to one instrument without those that a correction replaced, in time order."""
        return tuple(each for each in self.intakes if each.instrument_key == instrument_key and not each.replaced)


@dataclass(frozen=True)
class Overview:
    """A record with what waits on it and who covers it now."""

    record: Record
    due: tuple[Due, ...]
    covers: tuple[Cover, ...]


def read_record(actor: Actor, case_id: str, action: Action = Action.CASE_READ) -> Record:
    """The record, read for `action` (case:read, report:make, export:preview ...). Raises NotFound, NotAllowed."""
    with case_unit(actor, action, case_id) as (_unit, row):
        return replace(collected(row), case=opened_for(actor, row))


def read_overview(actor: Actor, case_id: str) -> Overview:
    """What the case page shows, read with one audit row."""
    with case_unit(actor, Action.CASE_READ, case_id) as (_unit, row):
        return Overview(
            record=replace(collected(row), case=opened_for(actor, row)),
            due=due_of(summary.of_cases([case_id])[0], clock.now()),
            covers=cases.covers(case_id),
        )


def collected(row: CaseRow) -> Record:
    """Read every part of an admitted case inside the running transaction."""
    return Record(
        practice=accounts.practice(row.practice_id),
        case=cases.opened(row),
        goals=cases.goals(row.id),
        sessions=sessions.of_case(row.id),
        notes=notes.of_case(row.id),
        intakes=intakes.of_case(row.id),
        plans=plans.of_case(row.id),
        events=plans.events_of(row.id),
    )
