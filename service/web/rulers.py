"""Readings of the three rulers as small pictures, each with its sentence and its numbers.

Rule: drawn as they were given, 0 to 10; nothing is added up, and no direction is claimed.
"""

from dataclasses import dataclass

from schemas.programme.definition import Step
from schemas.programme_codes import EntryKind, Ruler
from service.domain import clock
from service.domain.programme import Programme
from service.guard import current_practice
from service.reports.charts import Chart, domain_charts
from service.reports.series import Point

CEILING = 10
SCALE = tuple((str(number), str(number), "") for number in range(CEILING + 1))


@dataclass(frozen=True)
class RulerWords:
    """The question of a ruler, its short name, and the words at its two ends."""

    question: str
    short: str
    ends: tuple[str, str]


RULER_WORDS = {
    Ruler.IMPORTANCE: RulerWords(Ruler.IMPORTANCE.label, "Matters", ("not at all", "more than anything")),
    Ruler.CONFIDENCE: RulerWords(Ruler.CONFIDENCE.label, "Sure", ("not at all", "completely")),
    Ruler.SAFE_TO_ACT: RulerWords(Ruler.SAFE_TO_ACT.label, "Room to act", ("none", "all the room I need")),
}


@dataclass(frozen=True)
class Rulers:
    """The rulers of one step, one picture each; a ruler that was always left out has none."""

    step: Step
    charts: tuple[tuple[str, Chart], ...]


def rulers_of(programme: Programme, step: Step | None = None) -> list[Rulers]:
    """The readings of one step, or of every step that has some."""
    wanted = (step,) if step else programme.definition.steps
    found = (Rulers(each, _charts(programme, each)) for each in wanted)
    return [each for each in found if each.charts]


def _charts(programme: Programme, step: Step) -> tuple[tuple[str, Chart], ...]:
    series = [(words.short, _points(programme, step, ruler)) for ruler, words in RULER_WORDS.items()]
    kept = [pair for pair in series if pair[1]]
    titles = [title for title, _ in kept]
    return tuple(zip(titles, domain_charts(kept, ceiling=CEILING), strict=True)) if kept else ()


def _points(programme: Programme, step: Step, ruler: Ruler) -> list[Point]:
    zone = current_practice().zone
    readings = programme.of(EntryKind.RULERS, step=step.key)
    return [
        Point(clock.local(each.at, zone).date(), each.words.rulers[ruler])
        for each in readings
        if ruler in each.words.rulers
    ]
