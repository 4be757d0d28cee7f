"""What a session worked on, and whether it holds the thread of the case: a step, a goal and a measure.

Rule: a gap in the thread is said, never held against the session: it blocks nothing.
"""

from dataclasses import dataclass

from schemas.session_codes import HomeworkDone, Intervention


@dataclass(frozen=True)
class Reviewed:
    """One item of earlier homework and how it went; `done` is None until somebody says."""

    item: str
    done: HomeworkDone | None = None
    note: str = ""


@dataclass(frozen=True)
class Work:
    """`modality` is free text beside the coded interventions; `goal_ids` are goals of the same case. What was touched
    of the programme stands there.
    """

    interventions: tuple[Intervention, ...] = ()
    modality: str = ""
    goal_ids: tuple[str, ...] = ()
    reviewed: tuple[Reviewed, ...] = ()


NO_WORK = Work()


@dataclass(frozen=True)
class Gap:
    """One end of the thread that a session left loose."""

    key: str
    label: str
    words: str


STEP = Gap("step", "Step", "No topic of the programme is named.")
GOAL = Gap("goal", "Goal", "No goal is named.")
MEASURE = Gap("measure", "Measure", "Nothing was filled in, and nothing was declined.")
HOMEWORK = Gap("homework", "Homework", "Nobody has said how the homework of last time went.")


def homework_items(text: str) -> tuple[str, ...]:
    """Homework as typed, one item a line."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def gaps_of(work: Work, *, measured: bool, carried: tuple[str, ...], touched: bool = False) -> tuple[Gap, ...]:
    """What a session that took place leaves loose. `measured`: something was filled in, or declined, in it; `touched`:
    a step or task of the programme was recorded for it on the programme's own page.
    """
    told = {each.item for each in work.reviewed if each.done is not None}
    loose = (
        (STEP, not touched),
        (GOAL, not work.goal_ids),
        (MEASURE, not measured),
        (HOMEWORK, any(item not in told for item in carried)),
    )
    return tuple(gap for gap, is_loose in loose if is_loose)


def reviewing(work: Work, carried: tuple[str, ...]) -> tuple[Reviewed, ...]:
    """The items to ask about, with what was said so far; an item that was answered stays even if it was reworded."""
    told = {each.item: each for each in work.reviewed}
    asked = tuple(told.get(item, Reviewed(item)) for item in carried)
    return (*asked, *(each for each in work.reviewed if each.item not in carried and each.done is not None))
