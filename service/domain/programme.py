"""The programme of one case, folded from its history: how steps and tasks stand, what may follow, step 5's gate.

Rule: the history only grows. A mistaken entry is marked as taken back or followed by a new one, and nothing here counts
days, adds up or says how far somebody is (domain.md 2.6, TR-4 and TR-7, and 2.7).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from schemas.instruments.capture import ContactContext
from schemas.programme import newest
from schemas.programme.definition import Programme as Definition
from schemas.programme.definition import Question, Step, Task
from schemas.programme_codes import Barrier, Condition, EntryKind, Ruler, StepState, TaskState
from service.domain.events import NOW_OPEN
from service.errors import Invalid

UNDO_WITHIN = timedelta(seconds=10)
UNDO_ON_THE_WAY = timedelta(seconds=5)  # the press may be late on the wire
MANY_RETURNS = 2  # TR-4
TOUCHED, NOT_TOUCHED = "touched", "not_touched"

S = StepState
MOVES: Mapping[StepState, tuple[StepState, ...]] = {
    S.NOT_STARTED: (S.OFFERED, S.NOT_SUITABLE),
    S.OFFERED: (S.ACTIVE, S.NOT_SUITABLE),
    S.ACTIVE: (S.PAUSED, S.DONE_FOR_NOW, S.NOT_SUITABLE),
    S.PAUSED: (S.ACTIVE,),
    S.DONE_FOR_NOW: (S.REVISITING,),
    S.REVISITING: (S.ACTIVE, S.DONE_FOR_NOW),
    S.NOT_SUITABLE: (S.OFFERED,),
}
AT_WORK = (S.ACTIVE, S.REVISITING)
NO_TASKS_IN = (S.NOT_STARTED, S.NOT_SUITABLE)
CONFIRMED_BY_HAND = (Condition.COPING_TESTED, Condition.TRAINED_CLINICIAN, Condition.CLIENT_AGREES)
ALWAYS_TAKEN_BACK = (EntryKind.RULERS, EntryKind.CONFIRMATION, EntryKind.BARRIER)


@dataclass(frozen=True)
class EntryWords:
    """The sealed part of an entry. `answers` are those to the questions of a step, `name` and `on` of a condition,
    `touched` the steps and tasks of a session.
    """

    why: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    rulers: dict[Ruler, int] = field(default_factory=dict)
    name: str = ""
    on: date | None = None
    touched: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `subject` is the task, barrier, condition or session it is about, `value` how that then
    stood.
    """

    id: str
    case_id: str
    number: int
    kind: EntryKind
    step: str
    subject: str
    value: str
    words: EntryWords
    at: datetime
    by_id: str
    by_name: str
    undone_at: datetime | None = None

    @property
    def stands(self) -> bool:
        return self.undone_at is None


@dataclass(frozen=True)
class Confirmed:
    """One condition of step 5 as it stands: `says` for the page, `by` and `on` where a clinician confirmed it."""

    condition: Condition
    holds: bool
    says: str
    by: str = ""
    on: date | None = None
    entry_id: str = ""


@dataclass(frozen=True)
class TaskStanding:
    """A task as it stands; `state` is None where it was not offered."""

    task: Task
    state: TaskState | None
    note: str
    version: int


@dataclass(frozen=True)
class StepStanding:
    """A step as it stands, where it may go from here, and its tasks."""

    step: Step
    state: StepState
    ways: tuple[StepState, ...]
    tasks: tuple[TaskStanding, ...]
    version: int

    def tasks_in(self, *states: TaskState) -> tuple[TaskStanding, ...]:
        return tuple(each for each in self.tasks if each.state in states)


@dataclass(frozen=True)
class Programme:
    """The programme of one case under one version of the definition. `entries` in the order in which they were made."""

    case_id: str
    definition: Definition
    entries: tuple[Entry, ...] = ()

    @property
    def first(self) -> Entry | None:
        """The first move that was ever made: the programme begins with it, also when it was taken back."""
        return next((each for each in self.entries if each.kind is EntryKind.MOVE), None)

    @property
    def id(self) -> str:
        """That of the first move; "" while nothing was offered."""
        return self.first.id if self.first else ""

    @property
    def updated_at(self) -> datetime | None:
        """When a step or a task last changed."""
        told = (each for each in self.entries if each.kind in (EntryKind.MOVE, EntryKind.TASK))
        return max((each.undone_at or each.at for each in told), default=None)

    def of(self, kind: EntryKind, *, step: str = "", subject: str = "") -> tuple[Entry, ...]:
        """The entries of a kind that stand, in order; of one step or subject where it is named."""
        return tuple(each for each in self._about(kind, step, subject) if each.stands)

    def state(self, step: str) -> StepState:
        moves = self.of(EntryKind.MOVE, step=step)
        return StepState(moves[-1].value) if moves else StepState.NOT_STARTED

    @property
    def states(self) -> dict[str, StepState]:
        """How each step stands, by its key."""
        return {each.key: self.state(each.key) for each in self.definition.steps}

    def task(self, key: str) -> Entry | None:
        """The newest entry about a task; None where it was not offered."""
        return next(reversed(self.of(EntryKind.TASK, subject=key)), None)

    def version(self, kind: EntryKind, *, step: str = "", subject: str = "") -> int:
        """Grows with each entry and each that is taken back: what a form sends back to show that it saw the newest."""
        return 1 + sum(1 if each.stands else 2 for each in self._about(kind, step, subject))

    def step_version(self, step: str) -> int:
        return self.version(EntryKind.MOVE, step=step)

    def task_version(self, key: str) -> int:
        return self.version(EntryKind.TASK, subject=key)

    def standing(self, step: Step) -> StepStanding:
        state, tasks = self.state(step.key), tuple(self.task_standing(each) for each in step.tasks)
        return StepStanding(step, state, MOVES[state], tasks, self.step_version(step.key))

    def task_standing(self, task: Task) -> TaskStanding:
        entry = self.task(task.key)
        state, note = (TaskState(entry.value), entry.words.why) if entry else (None, "")
        return TaskStanding(task, state, note, self.task_version(task.key))

    @property
    def steps(self) -> tuple[StepStanding, ...]:
        return tuple(self.standing(each) for each in self.definition.steps)

    def steps_in(self, *states: StepState) -> tuple[Step, ...]:
        return tuple(each for each in self.definition.steps if self.state(each.key) in states)

    def barriers(self) -> tuple[Entry, ...]:
        """The newest words about each barrier, in the order of the list."""
        newest = {each.subject: each for each in self.of(EntryKind.BARRIER)}
        return tuple(newest[each] for each in Barrier if each in newest)

    def touched(self, session_id: str) -> tuple[str, ...]:
        """Keys of the steps and tasks that a session touched, as last recorded."""
        newest = next(reversed(self.of(EntryKind.TOUCH, subject=session_id)), None)
        return newest.words.touched if newest else ()

    def _about(self, kind: EntryKind, step: str, subject: str) -> Iterator[Entry]:
        for each in self.entries:
            if each.kind is kind and step in ("", each.step) and subject in ("", each.subject):
                yield each


def titles_of(keys: Collection[str]) -> tuple[str, ...]:
    """Steps and tasks in words, in the order of the programme."""
    parts = [named for step in newest().steps for named in ((step.key, step.title), *_tasks(step))]
    return tuple(title for key, title in parts if key in keys)


def _tasks(step: Step) -> list[tuple[str, str]]:
    return [(each.key, each.title) for each in step.tasks]


NO_PROGRAMME = Programme("", newest())


def check_move(programme: Programme, step: Step, to: StepState, words: EntryWords) -> None:
    """Raises Invalid for a move that is not allowed, that says no reason, or that answers what was not asked."""
    now, wrong = programme.state(step.key), {}
    if to not in MOVES[now]:
        ways = " or ".join(each.label.casefold() for each in MOVES[now])
        wrong["to"] = f"From “{now.label}” a step can go to: {ways}."
    if not words.why.strip():
        wrong["why"] = "Say why, for whoever reads this later."
    asked = {each.key for each in questions_of(step, now, to)}
    wrong |= {f"answers.{key}": "This move asks no such question." for key in words.answers if key not in asked}
    if wrong:
        raise Invalid("The step stays as it is.", wrong)


def questions_of(step: Step, now: StepState, to: StepState) -> tuple[Question, ...]:
    """What is asked with a move: the entry questions when work begins, the exit questions when it is done."""
    if to is S.ACTIVE and now is not S.PAUSED:
        return step.entry
    return step.exit if to is S.DONE_FOR_NOW else ()


def check_task(programme: Programme, task: Task) -> None:
    """Raises Invalid while the step of the task was not offered or does not suit."""
    step = programme.definition.step(task.key[0])
    if programme.state(step.key) in NO_TASKS_IN:
        raise Invalid("The task stays as it is.", {"state": f"Offer step {step.key} first."})


def check_gate(conditions: Iterable[Confirmed], name: str) -> None:
    """Raises Invalid with every condition that is still open, at the field `name`."""
    missing = [each.says for each in conditions if not each.holds]
    if missing:
        raise Invalid("Step 5 waits until its conditions stand.", {name: "Not yet. " + " ".join(missing)})


def readiness(programme: Programme, *, now_event_open: bool, plan_current: bool) -> tuple[Confirmed, ...]:
    """Every condition of step 5 with how it stands (TR-7)."""
    return (
        Confirmed(Condition.NO_NOW_EVENT, not now_event_open, _EVENT_WORDS[now_event_open]),
        Confirmed(Condition.PLAN_CURRENT, plan_current, _PLAN_WORDS[plan_current]),
        *(_by_hand(programme, each) for each in CONFIRMED_BY_HAND),
    )


_EVENT_WORDS = {
    False: "Nothing on this case asks for a response now.",
    True: NOW_OPEN,
}
_PLAN_WORDS = {
    True: "A plan is in use and was looked at in time.",
    False: "No plan is in use and looked at in time: go through the plan first.",
}


def _by_hand(programme: Programme, condition: Condition) -> Confirmed:
    entry = next(reversed(programme.of(EntryKind.CONFIRMATION, subject=condition)), None)
    if entry is None:
        return Confirmed(condition, False, f"Not confirmed: {condition.label[0].lower()}{condition.label[1:]}.")
    return Confirmed(condition, True, "Confirmed", entry.words.name, entry.words.on, entry.id)


def barriers_wanted(context: ContactContext | str, returns: int | None) -> bool:
    """TR-4: going through what stands in the way, blaming nobody, after two returns or while it is on and off."""
    return (returns or 0) >= MANY_RETURNS or context == ContactContext.ON_OFF


def may_take_back(programme: Programme, entry: Entry, at: datetime) -> str:
    """Why an entry cannot be taken back; "" where it can. Later a new entry puts a mistake right."""
    if not entry.stands:
        return "This was taken back already."
    if entry.kind in ALWAYS_TAKEN_BACK:
        return ""
    newest = programme.of(entry.kind, step=entry.step, subject=entry.subject)[-1]
    if newest.id != entry.id:
        return "Something newer was recorded since. Record what is right as a new entry."
    if at - entry.at > UNDO_WITHIN + UNDO_ON_THE_WAY:
        return "The ten seconds are over. Record what is right as a new entry."
    return ""


def whereabouts(standing: Mapping[str, StepState], definition: Definition | None = None) -> str:
    """Where in the programme a case is, in one sentence; never how far. `standing` says how each offered step stands,
    by its key.
    """
    steps = (definition or newest()).steps
    parts = [
        (f"{label}: {', '.join(f'step {each.key} ({each.title})' for each in found)}")
        for label, states in _WHERE
        if (found := [each for each in steps if standing.get(each.key) in states])
    ]
    return f"{'. '.join(parts)}." if parts else "No step has been offered yet."


_WHERE: tuple[tuple[str, tuple[StepState, ...]], ...] = (
    ("Working on", (S.ACTIVE,)),
    ("Coming back to", (S.REVISITING,)),
    ("Offered", (S.OFFERED,)),
    ("Paused", (S.PAUSED,)),
)
