"""The course page's pictures in both widths, each with the sentences that the rules of change allow.

Rule: the series come from service/reports/log_series.py, the sentences from service/domain/trend.py; here they meet.
How things stand with the other person is marked on the page, where the clinician reads, and not on paper.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.instruments.capture import ContactContext
from service.casework.records import Record
from service.domain.intakes import Intake
from service.domain.reliable_change import StatedReliability
from service.domain.trend import Change
from service.domain.triggers import fired_by_course
from service.reports.charts import Chart, domain_charts, heat_strip, line_chart, urge_chart
from service.reports.log_series import LogSeries, Told, log_series, told_of

WIDE, NARROW = 640, 360


@dataclass(frozen=True)
class Picture:
    """One chart, drawn wide and, where its words need it, narrow; `says` stands below it."""

    title: str
    wide: Chart
    narrow: Chart | None = None
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Glance:
    """The total alone, for a page that shows a course at a glance, and what the whole course prompts."""

    picture: Picture
    prompts: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """Everything drawn of one instrument's logs. `notes` are the footnotes of all sentences, each once; `prompts` what
    the rules on a course ask for.
    """

    title: str
    total: Picture
    domains: tuple[Picture, ...]
    heat: Picture
    urge: Picture | None
    notes: tuple[str, ...]
    prompts: tuple[str, ...]


def course_of(record: Record, instrument_key: str) -> Course | None:
    """The course of the standing logs of one instrument; None when there is none."""
    refused = (each.declined_at for each in record.refusals if each.instrument_key == instrument_key)
    found = _series(record.standing_intakes(instrument_key), record.practice.zone, refused)
    if found is None:
        return None
    told = told_of(found, record.reliabilities)
    return Course(
        title=found.title,
        total=_total(found, told.total),
        domains=_domains(found, told),
        heat=_heat(found),
        urge=_urge(found),
        notes=told.notes,
        prompts=_prompts(found, told),
    )


def glance_of(
    logs: Sequence[Intake], zone: str, *, refused: Iterable[datetime], stated: Iterable[StatedReliability]
) -> Glance | None:
    """The same at a glance, from the standing logs of one instrument."""
    found = _series(logs, zone, refused)
    if found is None:
        return None
    told = told_of(found, stated)
    return Glance(_total(found, told.total), _prompts(found, told))


def _prompts(found: LogSeries, told: Told) -> tuple[str, ...]:
    return tuple(each.prompt for each in fired_by_course(found.instrument, told.all))


def _series(logs: Sequence[Intake], zone: str, refused: Iterable[datetime]) -> LogSeries | None:
    """The page is the clinician's: a letter tells how things stand with the other person since then."""
    return log_series(logs, zone, refused=refused, words=_label)


def _label(context: ContactContext) -> str:
    return context.label


def _total(found: LogSeries, told: Change) -> Picture:
    ceiling = found.score.total.ceiling

    def drawn(width: int) -> Chart:
        return line_chart(found.total, title="Log total", ceiling=ceiling, width=width)

    return _picture(f"Log total, 0 to {ceiling}", drawn, _says(told))


def _domains(found: LogSeries, told: Told) -> tuple[Picture, ...]:
    ceiling = max((part.ceiling for part in found.score.domains), default=1)
    charts = domain_charts(found.domains, ceiling=ceiling)
    return tuple(
        Picture(f"{title}, 0 to {ceiling}", chart, says=_says(each))
        for (title, _), chart, each in zip(found.domains, charts, told.parts, strict=True)
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
    return tuple(filter(None, (told.sentence, told.range_sentence, told.index_sentence)))
