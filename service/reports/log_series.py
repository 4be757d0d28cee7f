"""Filled-in logs -> the series that a report's charts, heat strip and rules of change are made from.

Rule: one instrument at a time, corrections in place of what they replaced, days in the practice's zone. Nothing is
scored here: a response keeps the score it was stored with.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.instruments import find
from schemas.instruments.answer import answer_to, value_of
from schemas.instruments.capture import ContactContext, NonAnswer
from schemas.instruments.definition import Instrument, Item
from service.domain import clock
from service.domain.intakes import Intake
from service.domain.readings import Reading, reading
from service.domain.scoring import TOTAL, DomainScore, weight_of
from service.reports.charts import HeatRow, Point

STRONGEST_URGE, CONFIDENCE = "U2", "U4"
ScoreOf = Callable[[Intake], DomainScore]


@dataclass(frozen=True)
class LogSeries:
    """The logs of one instrument in time order. `domains` and `domain_readings` follow the instrument's order.

    Points say nothing about how things stand with the other person: that is nothing for paper.
    """

    instrument: Instrument
    title: str
    latest: Intake
    dates: tuple[date, ...]
    total: tuple[Point, ...]
    domains: tuple[tuple[str, tuple[Point, ...]], ...]
    heat: tuple[HeatRow, ...]
    urges: tuple[Point, ...]
    confidence: tuple[Point, ...]
    readings: tuple[Reading, ...]
    domain_readings: tuple[tuple[str, tuple[Reading, ...]], ...]

    @property
    def scored(self) -> int:
        return sum(each.tenths is not None for each in self.readings)

    @property
    def versions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.version for each in self.readings))


def log_series(logs: Sequence[Intake], zone: str) -> LogSeries | None:
    """The series of these logs (one instrument, replaced ones left out, in time order); None when there is none."""
    if not logs:
        return None
    latest = logs[-1]
    instrument = find(latest.instrument_key, latest.instrument_version)
    dates = tuple(clock.local(each.authored_at, zone).date() for each in logs)
    parts = [(each.title, _by_domain(each.key)) for each in instrument.domains]
    return LogSeries(
        instrument=instrument,
        title=instrument.title_for(ContactContext(latest.contact_context)),
        latest=latest,
        dates=dates,
        total=_points(logs, dates, _by_domain(TOTAL)),
        domains=tuple((title, _points(logs, dates, score)) for title, score in parts),
        heat=tuple(_heat_row(item, logs) for item in instrument.scored_items()),
        urges=_answers(logs, dates, STRONGEST_URGE),
        confidence=_answers(logs, dates, CONFIDENCE),
        readings=_readings(logs, dates, _by_domain(TOTAL)),
        domain_readings=tuple((title, _readings(logs, dates, score)) for title, score in parts),
    )


def _by_domain(key: str) -> ScoreOf:
    return lambda log: log.score.domain(key)


def _points(logs: Sequence[Intake], dates: Sequence[date], score: ScoreOf) -> tuple[Point, ...]:
    return tuple(
        Point(
            at,
            score(log).value,
            prorated=score(log).prorated,
            declined=_declined(log),
            version=log.instrument_version,
        )
        for log, at in zip(logs, dates, strict=True)
    )


def _readings(logs: Sequence[Intake], dates: Sequence[date], score: ScoreOf) -> tuple[Reading, ...]:
    return tuple(
        Reading(at, None, declined=True, version=log.instrument_version)
        if _declined(log)
        else reading(at, score(log), context=ContactContext(log.contact_context), version=log.instrument_version)
        for log, at in zip(logs, dates, strict=True)
    )


def _declined(log: Intake) -> bool:
    """Not one scored item answered, and at least one declined."""
    instrument = find(log.instrument_key, log.instrument_version)
    answers = [answer_to(log.answers, item.key) for item in instrument.scored_items()]
    return NonAnswer.DECLINED in answers and all(isinstance(each, NonAnswer) for each in answers)


def _heat_row(item: Item, logs: Sequence[Intake]) -> HeatRow:
    return HeatRow(item.prompt, tuple(weight_of(item.answer, answer_to(log.answers, item.key)) for log in logs))


def _answers(logs: Sequence[Intake], dates: Sequence[date], key: str) -> tuple[Point, ...]:
    """A number asked beside the scored items, where it was answered."""
    told = ((at, value_of(log.answers, key), log.instrument_version) for log, at in zip(logs, dates, strict=True))
    return tuple(Point(at, value, version=version) for at, value, version in told if isinstance(value, int))
