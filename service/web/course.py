"""The course page's pictures in both widths, each with the sentences that the rules of change allow.

Rule: the series come from service/reports/log_series.py, the sentences from service/domain/trend.py; here they meet.
How things stand with the other person is marked on the page, where the clinician reads, and not on paper.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from schemas.instruments.capture import ContactContext
from service.domain.intakes import Intake
from service.domain.trend import Change, change
from service.reports.charts import Chart, Point, domain_charts, heat_strip, line_chart, urge_chart
from service.reports.log_series import LogSeries, log_series

WIDE, NARROW = 640, 360


@dataclass(frozen=True)
class Picture:
    """One chart, drawn wide and, where its words need it, narrow; `says` stands below it."""

    title: str
    wide: Chart
    narrow: Chart | None = None
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Course:
    """Everything drawn of one instrument's logs. `notes` are the footnotes of all sentences, each once."""

    title: str
    total: Picture
    domains: tuple[Picture, ...]
    heat: Picture
    urge: Picture | None
    notes: tuple[str, ...]
    review: bool


def course_of(logs: Sequence[Intake], zone: str) -> Course | None:
    """The course of these logs (one instrument, replaced ones left out, in time order); None when there is none."""
    found = log_series(logs, zone)
    if found is None:
        return None
    score = found.latest.score
    overall = change(found.readings, ceiling=score.total.ceiling)
    parts = [
        change(readings, ceiling=part.ceiling)
        for (_, readings), part in zip(found.domain_readings, score.domains, strict=True)
    ]
    return Course(
        title=found.title,
        total=_total(found, _marked(found.total, logs), overall),
        domains=_domains(found, parts),
        heat=_heat(found),
        urge=_urge(found),
        notes=tuple(dict.fromkeys(note for each in (overall, *parts) for note in each.notes)),
        review=any(each.review for each in (overall, *parts)),
    )


def total_of(logs: Sequence[Intake], zone: str) -> Picture | None:
    """The picture of the total alone, for a page that shows a course at a glance."""
    found = log_series(logs, zone)
    if found is None:
        return None
    told = change(found.readings, ceiling=found.latest.score.total.ceiling)
    return _total(found, _marked(found.total, logs), told)


def _marked(points: Sequence[Point], logs: Sequence[Intake]) -> tuple[Point, ...]:
    """A letter over the chart wherever it changed how things stand with the other person."""
    told = [ContactContext(each.contact_context) for each in logs]
    changed = [None, *(after.label if after is not before else None for before, after in pairwise(told))]
    return tuple(replace(point, context=words) for point, words in zip(points, changed, strict=True))


def _total(found: LogSeries, points: Sequence[Point], told: Change) -> Picture:
    ceiling = found.latest.score.total.ceiling

    def drawn(width: int) -> Chart:
        return line_chart(points, title="Log total", ceiling=ceiling, width=width)

    return _picture(f"Log total, 0 to {ceiling}", drawn, _says(told))


def _domains(found: LogSeries, told: Sequence[Change]) -> tuple[Picture, ...]:
    ceiling = max((part.ceiling for part in found.latest.score.domains), default=1)
    charts = domain_charts(found.domains, ceiling=ceiling)
    return tuple(
        Picture(f"{title}, 0 to {ceiling}", chart, says=_says(each))
        for (title, _), chart, each in zip(found.domains, charts, told, strict=True)
    )


def _heat(found: LogSeries) -> Picture:
    title = "Answers, item by item"
    return _picture(title, lambda width: heat_strip(found.heat, found.dates, title=title, width=width))


def _urge(found: LogSeries) -> Picture | None:
    if not found.urges and not found.confidence:
        return None
    title = "Strongest urge beside confidence to ride out the next one, 0 to 10"
    return _picture(title, lambda width: urge_chart(found.urges, found.confidence, width=width))


def _picture(title: str, drawn: Callable[[int], Chart], says: tuple[str, ...] = ()) -> Picture:
    return Picture(title, drawn(WIDE), drawn(NARROW), says)


def _says(told: Change) -> tuple[str, ...]:
    return tuple(filter(None, (told.sentence, told.range_sentence)))
