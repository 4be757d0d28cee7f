"""What holds of an instrument beside its frozen definition: rules on the course of its readings, and when its modules
are due.

A response pins everything that it was answered under; nothing here changes what a single answer means. So it stands
beside the definition, as what is known of imported forms stands beside theirs, and the fingerprints of versions in use
stay as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schemas.instruments.definition import Instrument


class CourseSign(StrEnum):
    """What the rules of change may find in a course. `raised` is R8 (domain model, section 2.4)."""

    RAISED = "raised"


@dataclass(frozen=True)
class CourseTrigger:
    """A rule on the readings of a whole course, not on the answers of one sitting: a prompt, never an event."""

    rule: str
    sign: CourseSign
    prompt: str


@dataclass(frozen=True)
class ModuleTimes:
    """When a module is due: before anything else was asked, after an event that one of the rules in `after` opened,
    and `again_after` so many days while contact with the other person goes on.
    """

    module: str
    after: tuple[str, ...] = ()
    again_after: int | None = None


@dataclass(frozen=True)
class Beside:
    """`course` are rules on the series of scores, `modules` the times of a form that is taken up in parts."""

    course: tuple[CourseTrigger, ...] = ()
    modules: tuple[ModuleTimes, ...] = ()


TR_8 = CourseTrigger(
    "TR-8",
    CourseSign.RAISED,
    "The latest readings lie above this person's own earlier level. "
    "Review together what is going on and what is needed now.",
)
# What is counted is watched alike, whoever made the form; a form without a score has no course.
_COUNTED = Beside(course=(TR_8,))
_ASKED_AFTER = ("TR-1", "TR-3")
_BESIDE: Mapping[str, Beside] = {
    "sfs": Beside(modules=(ModuleTimes("A", _ASKED_AFTER), ModuleTimes("B", _ASKED_AFTER, again_after=30))),
}


def beside(instrument: Instrument) -> Beside:
    counted = _COUNTED if instrument.scoring is not None or instrument.results else Beside()
    return _BESIDE.get(instrument.key, counted)
