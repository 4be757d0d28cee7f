"""A series of readings -> what may be said about change, without norms (domain model, section 2.4).

R0 one reading, R1 two to four, R2 five or more over at least 28 days, R3 own earlier range, R4 display threshold, R5
reliable change index, R6 gaps, R7 help text, R8 review prompt. Nothing here says better or worse, cause or forecast: a
falling log is falling. The sentences are for page and paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.domain.personal_range import (
    PersonalRange,
    Signals,
    asks_for_review,
    baseline_phase,
    personal_range,
    signals,
)
from service.domain.readings import Point, Reading, comparable, declined_on, gaps, overlaps_recall
from service.domain.reliable_change import (
    UNAVAILABLE_NOTE,
    Reliability,
    ReliableChange,
    reliable_change,
    reliable_sentence,
)
from service.domain.slope import Slope, slope

TREND_READINGS, TREND_DAYS = 5, 28
THRESHOLD_SHARE = 10

TOO_FEW = "Too few to tell change from ordinary ups and downs."
TOO_SHORT = "The readings cover fewer than 28 days, too short to tell change from ordinary ups and downs."
STEP_NOTE = "The log moves in steps of 1 point."
ABOUT_THE_SAME = "about the same"
CHANCE_NOTE = (
    "Looking at every session brings up chance signals: direction and range are prompts for a conversation, "
    "never findings."
)
FIVE_NOTE = (
    "With five readings every pair must move the same way, so two equal values are enough to leave the direction open."
)
OVERLAP_NOTE = "Readings less than 5 days apart ask in part about the same days."
HELP = (
    "A first log often falls in a bad week, and the next one tends to lie closer to the person's usual level "
    "whatever is done (regression to the mean). Neighbouring weeks resemble each other (autocorrelation), so a run "
    "of high or low weeks can look like more than it is. Hard weeks come in waves, not in a line: a higher week after "
    "lower ones is part of the picture."
)


class Direction(StrEnum):
    """What may be said about the course. `none` where there is too little to say anything."""

    NONE = "none"
    FALLING = "falling"
    RISING = "rising"
    UNCLEAR = "no clear direction"
    SAME = "about the same"


@dataclass(frozen=True)
class Published:
    """What somebody else's measure brings with it: a published threshold of change, in points, and where it stands."""

    points: float
    citation: str


@dataclass(frozen=True)
class Basis:
    """What beside the readings decides what may be said: how many first readings make the baseline (worked out when
    not given), a reliability somebody answers for, and the published threshold of an imported measure.
    """

    baseline: int | None = None
    reliability: Reliability | None = None
    published: Published | None = None


HOUSE = Basis()


@dataclass(frozen=True)
class Change:
    """What may be shown for one course. The sentences go under the chart, `notes` below it."""

    rule: str
    n: int
    direction: Direction
    difference: float | None
    slope: Slope | None
    limits: PersonalRange | None
    signals: Signals
    index: ReliableChange | None
    review: bool
    sentence: str
    range_sentence: str
    index_sentence: str
    notes: tuple[str, ...]
    gaps: tuple[tuple[date, date], ...]
    declined: tuple[date, ...]
    overlapping: tuple[date, ...]


@dataclass(frozen=True)
class _Course:
    """What the sentences are made from."""

    points: tuple[Point, ...]
    ceiling: int
    basis: Basis

    @property
    def threshold(self) -> float:
        """R4: in points; the published one of an imported measure, else the house's."""
        published = self.basis.published
        return published.points if published else threshold(self.ceiling)

    @property
    def days(self) -> int:
        return (self.points[-1].at - self.points[0].at).days if self.points else 0

    @property
    def difference(self) -> float | None:
        """Last minus first, in points, counted in tenths so that it is exact."""
        return (self.points[-1].tenths - self.points[0].tenths) / 10 if len(self.points) > 1 else None


def threshold(ceiling: int) -> float:
    """R4: the house display threshold in points, 6 of 60 and 2 of 20."""
    return ceiling / THRESHOLD_SHARE


def threshold_note(ceiling: int, published: Published | None = None) -> str:
    if published:
        return (
            f"Differences under {number(published.points)} of {ceiling} are called about the same; "
            f"that limit comes from {published.citation}."
        )
    return (
        f"Differences under {number(threshold(ceiling))} of {ceiling} are called about the same; "
        "that limit is a house choice and arbitrary."
    )


def change(readings: Sequence[Reading], *, ceiling: int, basis: Basis = HOUSE) -> Change:
    """Everything that the rules allow to be said about these readings, in any order, on a scale from 0 to `ceiling`."""
    course = _Course(comparable(readings), ceiling, basis)
    steepness = _trend(course)
    direction = _direction(course, steepness)
    limits = _limits(course)
    found = signals(course.points, limits) if limits else Signals()
    index = _index(course)
    overlapping = overlaps_recall(readings)
    return Change(
        rule=_rule(course, steepness),
        n=len(course.points),
        direction=direction,
        difference=course.difference,
        slope=steepness,
        limits=limits,
        signals=found,
        index=index,
        review=limits is not None and asks_for_review(course.points, limits, threshold=course.threshold),
        sentence=_sentence(course, steepness, direction),
        range_sentence=_range_sentence(limits, found),
        index_sentence=reliable_sentence(index) if index else "",
        notes=_notes(course, steepness, bool(overlapping)),
        gaps=gaps(readings),
        declined=declined_on(readings),
        overlapping=overlapping,
    )


def _limits(course: _Course) -> PersonalRange | None:
    """R3: limits from the baseline phase."""
    phase = course.basis.baseline or baseline_phase(course.points, ceiling=course.ceiling, threshold=course.threshold)
    return personal_range(course.points, ceiling=course.ceiling, baseline=phase)


def _index(course: _Course) -> ReliableChange | None:
    """R5: from the first to the last reading; None while there is only one."""
    if course.difference is None:
        return None
    return reliable_change(course.points[0].value, course.points[-1].value, course.basis.reliability)


def _trend(course: _Course) -> Slope | None:
    """R2: the slope, where there are enough readings over enough days."""
    enough = len(course.points) >= TREND_READINGS and course.days >= TREND_DAYS
    return slope(course.points) if enough else None


def _rule(course: _Course, steepness: Slope | None) -> str:
    if len(course.points) < 2:
        return "R0"
    return "R2" if steepness else "R1"


def _direction(course: _Course, steepness: Slope | None) -> Direction:
    """R2 needs an interval without 0; R4 then calls a fitted change under the threshold about the same."""
    if steepness is None:
        return Direction.NONE
    if steepness.low <= 0 <= steepness.high:
        return Direction.UNCLEAR
    if abs(steepness.per_week) * course.days / 7 < course.threshold:
        return Direction.SAME
    return Direction.FALLING if steepness.high < 0 else Direction.RISING


def _sentence(course: _Course, steepness: Slope | None, direction: Direction) -> str:
    if not course.points:
        return "No scored reading yet."
    if len(course.points) == 1:
        return f"One reading: {_at(course.points[0], course.ceiling)}."
    if steepness is None:
        return _difference_sentence(course)
    return (
        f"{len(course.points)} readings over {course.days} days: {direction.value}. "
        f"The middle slope is {_per_week(steepness.per_week)} a week, "
        f"95 % interval from {_per_week(steepness.low)} to {_per_week(steepness.high)}."
    )


def _difference_sentence(course: _Course) -> str:
    first, last = course.points[0], course.points[-1]
    caution = TOO_FEW if len(course.points) < TREND_READINGS else TOO_SHORT
    ends = f"first {_at(first, course.ceiling)}, last {_at(last, course.ceiling)}"
    return f"{len(course.points)} readings, {ends}: {_moved(course)}. {caution}"


def _moved(course: _Course) -> str:
    """R4: the difference in words, `about the same` below the display threshold."""
    difference = course.difference or 0.0
    side = "lower" if difference < 0 else "higher"
    size = f"{_points(abs(difference))} {side}" if difference else "no difference"
    return f"{ABOUT_THE_SAME} ({size})" if abs(difference) < course.threshold else size


def _range_sentence(limits: PersonalRange | None, found: Signals) -> str:
    """R3 in words; empty where there is no range yet."""
    if limits is None:
        return ""
    provisional = ", provisional" if limits.provisional else ""
    span = f"{number(limits.low)} to {number(limits.high)} (from the first {limits.n} readings{provisional})"
    return f"Own earlier range {span}. {_signal_words(found)}"


def _signal_words(found: Signals) -> str:
    outside = f"Outside it on {', '.join(_day(at) for at in found.outside)}." if found.outside else ""
    run = (
        f"Eight or more in a row on one side of the earlier middle, {_day(found.run[0])} to {_day(found.run[1])}."
        if found.run
        else ""
    )
    return " ".join(filter(None, (outside, run))) or "No reading outside it and no long run on one side."


def _notes(course: _Course, steepness: Slope | None, overlapping: bool) -> tuple[str, ...]:
    """R2b, R4, R5 and the overlap mark, as far as they apply."""
    several = len(course.points) > 1
    notes = (
        (several and course.basis.published is None, STEP_NOTE),
        (several, threshold_note(course.ceiling, course.basis.published)),
        (several and course.basis.reliability is None, UNAVAILABLE_NOTE),
        (steepness is not None and len(course.points) == TREND_READINGS, FIVE_NOTE),
        (len(course.points) >= TREND_READINGS, CHANCE_NOTE),
        (overlapping, OVERLAP_NOTE),
    )
    return tuple(text for applies, text in notes if applies)


def number(value: float, decimals: int = 1) -> str:
    """That many decimals at most (one or more), none where they are zero, and never minus zero."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _points(value: float, decimals: int = 1) -> str:
    shown = number(value, decimals)
    return f"{shown} {'point' if shown == '1' else 'points'}"


def _per_week(value: float) -> str:
    """Two decimals, so that an interval that leaves out 0 is not shown as touching it."""
    if not value:
        return "0 points"
    shown = _points(abs(value), 2) if abs(value) >= 0.01 else "under 0.01 points"
    return f"{shown} {'down' if value < 0 else 'up'}"


def _at(point: Point, ceiling: int) -> str:
    return f"{number(point.value)} of {ceiling} on {_day(point.at)}"


def _day(at: date) -> str:
    return f"{at.day} {at:%b %Y}"
