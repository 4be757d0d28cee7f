"""Working with the programme of a case: steps, tasks, rulers, conditions, barriers, and what a session touched."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from schemas.actions import Action
from schemas.programme import newest
from schemas.programme.definition import Card, Step, Task
from schemas.programme.definition import Programme as Definition
from schemas.programme_codes import Barrier, Condition, EntryKind, Ruler, StepState, TaskState
from service.casework.gate import admit, case_unit, check_version, opened_for, practice_today, practice_unit
from service.casework.joining import check_joinable
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.events import calls_now
from service.domain.programme import (
    CONFIRMED_BY_HAND,
    NOT_TOUCHED,
    TOUCHED,
    Confirmed,
    Entry,
    EntryWords,
    Programme,
    barriers_wanted,
    check_gate,
    check_move,
    check_task,
    may_take_back,
    readiness,
    whereabouts,
)
from service.domain.relationship import KeptFacts
from service.domain.sessions import TherapySession
from service.errors import Conflict, Invalid, NotFound
from service.store import events, plans, programmes, relationships, sessions
from service.store.programmes import ProgrammeEntryRow
from service.store.transaction import Unit, transaction

T = TypeVar("T")
STARTS_WORK = (TaskState.DOING, TaskState.DONE)


@dataclass(frozen=True)
class MoveDraft:
    """A move as typed. `answers` are those to the questions of the step that the move asks."""

    to: StepState
    why: str
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskDraft:
    state: TaskState
    note: str = ""


@dataclass(frozen=True)
class RulersDraft:
    """0 to 10 each, None where the client left one out."""

    importance: int | None = None
    confidence: int | None = None
    safe_to_act: int | None = None
    note: str = ""


@dataclass(frozen=True)
class ConfirmationDraft:
    """Who confirms a condition of step 5, and when it was so."""

    condition: Condition
    name: str
    on: date


@dataclass(frozen=True)
class Desk:
    """The programme of a case as its pages need it. `go_through_barriers`: TR-4 asks for it."""

    case: Case
    programme: Programme
    conditions: tuple[Confirmed, ...]
    go_through_barriers: bool

    @property
    def whereabouts(self) -> str:
        return whereabouts(self.programme.states, self.programme.definition)


@dataclass(frozen=True)
class SessionDesk:
    """A session with the programme of its case."""

    case: Case
    session: TherapySession
    programme: Programme

    @property
    def touched(self) -> tuple[str, ...]:
        return self.programme.touched(self.session.id)


def read_definition(actor: Actor) -> Definition:
    """The version in use. Raises NotAllowed."""
    with practice_unit(actor, Action.PROGRAMME_DEFINITION):
        return newest()


def read_programme(actor: Actor, case_id: str) -> Desk:
    with case_unit(actor, Action.PROGRAMME_READ, case_id) as (_unit, row):
        case, programme = opened_for(actor, row), programmes.of_case(case_id)
        facts = next(iter(relationships.of_case(case_id)), KeptFacts()).facts
        wanted = barriers_wanted(case.presentation.contact_context, facts.returns)
        return Desk(case, programme, _conditions(actor, programme), wanted)


def read_card(actor: Actor, case_id: str, key: str) -> tuple[Case, Card]:
    """A card to show in a session with this client. Raises NotFound."""
    with case_unit(actor, Action.PROGRAMME_READ, case_id) as (unit, row):
        unit.why = "card shown"
        return opened_for(actor, row), _found(newest().card, key)


def move_step(actor: Actor, case_id: str, step_key: str, draft: MoveDraft, *, version: int) -> Programme:
    """One allowed move. Raises Invalid naming the field, for step 5 with every condition that is still open."""
    with case_unit(actor, Action.PROGRAMME_WRITE, case_id) as (unit, _row):
        before = programmes.of_case(case_id)
        step = _found(before.definition.step, step_key)
        check_version(
            seen=version, stored=before.step_version(step_key), yours=_texts(draft), theirs=_newest(before, step)
        )
        words = EntryWords(why=draft.why, answers={key: text for key, text in draft.answers.items() if text.strip()})
        check_move(before, step, draft.to, words)
        if step.gated and draft.to is StepState.ACTIVE:
            check_gate(_conditions(actor, before), "to")
        row = programmes.new_row(case_id, EntryKind.MOVE, actor.user_id)
        row.step, row.value = step_key, draft.to
        return _announce(unit, row, words)


def set_task(actor: Actor, case_id: str, task_key: str, draft: TaskDraft, *, version: int) -> Programme:
    """How a task stands, with a note. Raises Invalid while its step is not offered, or step 5's conditions are open."""
    with case_unit(actor, Action.PROGRAMME_WRITE, case_id) as (unit, _row):
        before = programmes.of_case(case_id)
        task = _found(before.definition.task, task_key)
        yours = {"state": draft.state.label, "note": draft.note}
        check_version(seen=version, stored=before.task_version(task_key), yours=yours, theirs=_task_texts(before, task))
        check_task(before, task)
        if before.definition.step(task_key[0]).gated and draft.state in STARTS_WORK:
            check_gate(_conditions(actor, before), "state")
        row = programmes.new_row(case_id, EntryKind.TASK, actor.user_id)
        row.step, row.subject, row.value = task_key[0], task_key, draft.state
        return _announce(unit, row, EntryWords(why=draft.note))


def take_rulers(actor: Actor, case_id: str, step_key: str, draft: RulersDraft) -> Entry:
    """A reading of the three rulers, today. Raises Invalid where each was left out."""
    given = {each: getattr(draft, each) for each in Ruler if getattr(draft, each) is not None}
    with case_unit(actor, Action.PROGRAMME_WRITE, case_id):
        if not given:
            raise Invalid("There is nothing to keep yet.", {Ruler.IMPORTANCE: "Choose a number on at least one ruler."})
        _found(newest().step, step_key)
        row = programmes.new_row(case_id, EntryKind.RULERS, actor.user_id)
        row.step = step_key
        programmes.put(row, EntryWords(why=draft.note, rulers=given))
        return programmes.value(row)


def confirm_condition(actor: Actor, case_id: str, draft: ConfirmationDraft) -> Entry:
    """A clinician confirms a condition of step 5 by name and date. Raises Invalid naming the field."""
    with case_unit(actor, Action.PROGRAMME_WRITE, case_id):
        _check_confirmation(draft, practice_today(actor))
        row = programmes.new_row(case_id, EntryKind.CONFIRMATION, actor.user_id)
        row.step, row.subject, row.value = "5", draft.condition, "confirmed"
        programmes.put(row, EntryWords(name=draft.name, on=draft.on))
        return programmes.value(row)


def name_barrier(actor: Actor, case_id: str, barrier: Barrier, words: str) -> Entry:
    """What stands in the way, in the client's words."""
    with case_unit(actor, Action.PROGRAMME_WRITE, case_id):
        row = programmes.new_row(case_id, EntryKind.BARRIER, actor.user_id)
        row.subject, row.value = barrier, "named"
        programmes.put(row, EntryWords(why=words))
        return programmes.value(row)


def take_back(actor: Actor, entry_id: str) -> Entry:
    """Mark an entry as a mistake: a step or task within ten seconds, the rest at any time. Nothing is removed."""
    with transaction(actor, Action.PROGRAMME_WRITE, f"programme_entry/{entry_id}") as unit:
        row = programmes.row(entry_id)
        admit(unit, row.case_id if row else None)
        if row is None:
            raise NotFound
        refused = may_take_back(programmes.of_case(row.case_id), programmes.value(row), clock.now())
        if refused:
            raise Conflict(refused)
        unit.why = "taken back"
        row.undone_at = clock.now()
        _publish(unit, programmes.of_case(row.case_id))
        return programmes.value(row)


def read_session_steps(actor: Actor, session_id: str) -> SessionDesk:
    """Which steps and tasks a session touched, with what there is to choose from."""
    with transaction(actor, Action.PROGRAMME_READ, f"session/{session_id}") as unit:
        session = sessions.row(session_id)
        case = admit(unit, session.case_id if session else None)
        if session is None:
            raise NotFound
        return SessionDesk(opened_for(actor, case), sessions.value(session), programmes.of_case(case.id))


def touch(actor: Actor, session_id: str, keys: Collection[str]) -> SessionDesk:
    """Record which steps and tasks a session touched; it replaces what was recorded before. Raises Invalid."""
    with transaction(actor, Action.PROGRAMME_WRITE, f"session/{session_id}") as unit:
        session = sessions.row(session_id)
        case = admit(unit, session.case_id if session else None)
        if session is None:
            raise NotFound
        check_joinable(session_id, case.id)
        known = _keys(newest())
        unknown = [each for each in keys if each not in known]
        if unknown:
            raise Invalid("This cannot be kept.", {"touched": "Choose from the list of steps and tasks."})
        chosen = tuple(each for each in known if each in set(keys))
        if not chosen or programmes.of_case(case.id).touched(session_id) != chosen:
            row = programmes.new_row(case.id, EntryKind.TOUCH, actor.user_id)
            row.session_id, row.value = session_id, TOUCHED if chosen else NOT_TOUCHED
            programmes.put(row, EntryWords(touched=chosen))
        return SessionDesk(opened_for(actor, case), sessions.value(session), programmes.of_case(case.id))


def _keys(definition: Definition) -> tuple[str, ...]:
    return tuple(key for step in definition.steps for key in (step.key, *(task.key for task in step.tasks)))


def _conditions(actor: Actor, programme: Programme) -> tuple[Confirmed, ...]:
    case_id, today = programme.case_id, practice_today(actor)
    now_open = calls_now(events.of_case(case_id), today)
    in_use = plans.active_rows(case_id)
    current = bool(in_use) and all(each.next_review >= today for each in in_use)
    return readiness(programme, now_event_open=now_open, plan_current=current)


def _announce(unit: Unit, row: ProgrammeEntryRow, words: EntryWords) -> Programme:
    programmes.put(row, words)
    after = programmes.of_case(row.case_id)
    _publish(unit, after)
    return after


def _publish(unit: Unit, programme: Programme) -> None:
    if programme.id:
        unit.changed("programme", programme.id, len(programme.entries), case_id=programme.case_id)


def _check_confirmation(draft: ConfirmationDraft, today: date) -> None:
    wrong = {}
    if draft.condition not in CONFIRMED_BY_HAND:
        wrong["condition"] = "This one follows from the record."
    if draft.on > today:
        wrong["on"] = "Give today or an earlier day."
    if wrong:
        raise Invalid("The condition stays open.", wrong)


def _found(ask: Callable[[str], T], key: str) -> T:
    """The part of the definition that `key` names. Raises NotFound."""
    try:
        return ask(key)
    except LookupError as error:
        raise NotFound from error


def _texts(draft: MoveDraft) -> dict[str, str]:
    return {"to": draft.to.label, "why": draft.why, **draft.answers}


def _newest(programme: Programme, step: Step) -> dict[str, str]:
    moves = programme.of(EntryKind.MOVE, step=step.key)
    if not moves:
        return {"to": StepState.NOT_STARTED.label}
    return {"to": StepState(moves[-1].value).label, "why": moves[-1].words.why, **moves[-1].words.answers}


def _task_texts(programme: Programme, task: Task) -> dict[str, str]:
    stands = programme.task_standing(task)
    return {"state": stands.state.label, "note": stands.note} if stands.state else {}
