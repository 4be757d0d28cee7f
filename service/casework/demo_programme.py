"""The programme in the demo practice: what each session moved, in the order in which it came up.

Rule: follows from the number of sessions held and the member's circumstances alone, so that nothing else in the demo
changes with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.instruments.capture import ContactContext
from schemas.programme_codes import Barrier, Condition, StepState, TaskState
from service.casework import programmes
from service.casework.programmes import ConfirmationDraft, MoveDraft, RulersDraft, TaskDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.sessions import TherapySession

S, T = StepState, TaskState


@dataclass(frozen=True)
class Move:
    step: str
    to: StepState
    why: str
    answers: Mapping[str, str]


@dataclass(frozen=True)
class Task:
    key: str
    state: TaskState
    note: str = ""


@dataclass(frozen=True)
class Reading:
    step: str
    rulers: RulersDraft


@dataclass(frozen=True)
class Named:
    barrier: Barrier
    words: str


@dataclass(frozen=True)
class Agreed:
    condition: Condition


Happening = Move | Task | Reading | Named | Agreed


def _move(step: str, to: StepState, why: str, **answers: str) -> Move:
    return Move(step, to, why, answers)


# sessions held before -> what happened in this one
TOLD: Mapping[int, tuple[Happening, ...]] = {
    1: (_move("1", S.OFFERED, "Wants to understand what went on"),),
    2: (
        _move("1", S.ACTIVE, "Asked to begin with it", why_now="A friend asked a question I could not answer"),
        Task("1a", T.DOING, "Writes here, takes nothing home"),
        Reading("1", RulersDraft(7, 3, 6)),
    ),
    3: (
        _move("3", S.OFFERED, "Evenings are hard"),
        _move("3", S.ACTIVE, "Wants something for the next evening", strongest="Sunday after dark"),
        Task("3a", T.DOING),
        Task("3d", T.SKIPPED, "A knee that hurts"),
        Reading("3", RulersDraft(9, 2, 7)),
    ),
    5: (
        Task("1a", T.DONE, "Three evenings in plain words"),
        Task("1d", T.OFFERED),
        Task("3a", T.DONE, "Longer out than in; helps on the bus"),
        Reading("3", RulersDraft(9, 4, 7)),
    ),
    7: (
        _move("1", S.DONE_FOR_NOW, "Has words that hold", own_words="It hurt, and I also loved him"),
        _move("4", S.OFFERED, "Doubts own memory"),
    ),
    8: (
        _move("4", S.ACTIVE, "Wants to try small decisions", steady="I know what I saw"),
        Task("4f", T.DOING, "Chose the paint alone"),
        Reading("4", RulersDraft(6, 4, None)),
    ),
    10: (_move("3", S.PAUSED, "A move of flat takes all strength this month"),),
    12: (_move("3", S.ACTIVE, "The flat is done"), Task("3c", T.DONE, "Stands in the urge plan")),
    13: (
        _move("1", S.REVISITING, "New memories since the letter came"),
        Agreed(Condition.COPING_TESTED),
        Agreed(Condition.TRAINED_CLINICIAN),
    ),
    15: (_move("5", S.OFFERED, "Asks what lies ahead"), _move("6", S.OFFERED, "Misses singing")),
    16: (_move("6", S.ACTIVE, "Found a choir", missing="Singing"), Task("6s", T.DOING, "Tuesdays")),
    18: (Agreed(Condition.CLIENT_AGREES), _move("1", S.DONE_FOR_NOW, "Said what was new")),
    20: (_move("7", S.OFFERED, "Thinks of meeting people"), Reading("4", RulersDraft(7, 7, 6))),
}
CONTACT: Mapping[bool, tuple[Happening, ...]] = {
    True: (_move("2", S.NOT_SUITABLE, "They live together; a change of contact would be noticed at once"),),
    False: (
        _move("2", S.OFFERED, "Wants fewer messages"),
        _move("2", S.ACTIVE, "Talked through what could happen", wish="One channel, in writing"),
        Task("2a", T.DOING),
        Reading("2", RulersDraft(8, 5, 3)),
    ),
}
ON_AND_OFF: tuple[Happening, ...] = (
    Named(Barrier.MONEY, "One account, and the wages go into it"),
    Named(Barrier.LOVE_HOPE, "Hopes for the person from the first summer"),
)


def tell(actor: Actor, session: TherapySession, context: ContactContext, number: int) -> None:
    """What this session moved, and which steps it touched."""
    found = [*TOLD.get(number, ())]
    if number == 4:
        found += CONTACT[context is ContactContext.TOGETHER]
    if number == 4 and context is ContactContext.ON_OFF:
        found += ON_AND_OFF
    for each in found:
        _record(actor, session.case_id, each)
    touched = dict.fromkeys(key for each in found for key in _keys(each))
    if touched:
        programmes.touch(actor, session.id, tuple(touched))


def _record(actor: Actor, case_id: str, happening: Happening) -> None:
    match happening:
        case Move():
            _moved(actor, case_id, happening)
        case Task():
            before = programmes.read_programme(actor, case_id).programme
            draft = TaskDraft(happening.state, happening.note)
            programmes.set_task(actor, case_id, happening.key, draft, version=before.task_version(happening.key))
        case Reading():
            programmes.take_rulers(actor, case_id, happening.step, happening.rulers)
        case Named():
            programmes.name_barrier(actor, case_id, happening.barrier, happening.words)
        case Agreed():
            draft_of = ConfirmationDraft(happening.condition, actor.name, clock.now().date())
            programmes.confirm_condition(actor, case_id, draft_of)


def _moved(actor: Actor, case_id: str, happening: Move) -> None:
    before = programmes.read_programme(actor, case_id).programme
    draft = MoveDraft(happening.to, happening.why, happening.answers)
    programmes.move_step(actor, case_id, happening.step, draft, version=before.step_version(happening.step))


def _keys(happening: Happening) -> tuple[str, ...]:
    match happening:
        case Move() | Reading():
            return (happening.step,)
        case Task():
            return (happening.key,)
        case _:
            return ()
