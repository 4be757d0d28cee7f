"""Filled-in logs -> the series that a report's charts, heat strip and rules of change are made from.

Rule: one instrument at a time, corrections in place of what they replaced, days in the practice's zone. Nothing is
scored here: a response keeps the score it was stored with.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise

from schemas.instruments import find
from schemas.instruments.answer import answer_to, value_of
from schemas.instruments.capture import ContactContext, NonAnswer
from schemas.instruments.definition import Instrument, Item
from service.domain import clock
from service.domain.intakes import Intake, score_of
from service.domain.readings import Reading, overlaps_recall, reading
from service.domain.reliable_change import UNAVAILABLE, UNAVAILABLE_NOTE, StatedReliability, standing
from service.domain.scoring import TOTAL, DomainScore, Score, weight_of
from service.domain.trend import Basis, Change, change
from service.reports.charts import HeatRow, Point

STRONGEST_URGE, CONFIDENCE = "U2", "U4"
CHANGED = "circumstances changed"
NO_OTHER_INDEX = f"For the other scores the index is {UNAVAILABLE}."
ScoreOf = Callable[[Intake], DomainScore]
Entry = tuple[Reading, str | None]


@dataclass(frozen=True)
class LogSeries:
    """The logs of one instrument in time order, with refusals among their points and readings. `domains` and
    `domain_readings` follow the instrument's order.
    """

    instrument: Instrument
    title: str
    logs: Sequence[Intake]
    dates: tuple[date, ...]
    total: tuple[Point, ...]
    domains: tuple[tuple[str, tuple[Point, ...]], ...]
    readings: tuple[Reading, ...]
    domain_readings: tuple[tuple[str, tuple[Reading, ...]], ...]

    @property
    def latest(self) -> Intake:
        return self.logs[-1]

    @cached_property
    def heat(self) -> tuple[HeatRow, ...]:
        return tuple(_heat_row(item, self.logs) for item in self.instrument.scored_items())

    @cached_property
    def urges(self) -> tuple[Point, ...]:
        return _answers(self.logs, self.dates, STRONGEST_URGE)

    @cached_property
    def confidence(self) -> tuple[Point, ...]:
        return _answers(self.logs, self.dates, CONFIDENCE)

    @property
    def score(self) -> Score:
        return score_of(self.latest)

    @property
    def scored(self) -> int:
        return sum(each.tenths is not None for each in self.readings)

    @property
    def versions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.version for each in self.readings))


@dataclass(frozen=True)
class Told:
    """What the rules of change allow to be said about the total and about each part, in the instrument's order."""

    total: Change
    parts: tuple[Change, ...]

    @property
    def all(self) -> tuple[Change, ...]:
        return (self.total, *self.parts)

    @property
    def notes(self) -> tuple[str, ...]:
        """The footnotes of all sentences, each once."""
        some = any(each.index_sentence for each in self.all)
        found = dict.fromkeys(note for each in self.all for note in each.notes)
        return tuple(NO_OTHER_INDEX if some and note == UNAVAILABLE_NOTE else note for note in found)


def in_neutral_words(_context: ContactContext) -> str:
    """A change of how things stand with the other person, as paper may tell it: that it changed, and no more."""
    return CHANGED


def log_series(
    logs: Sequence[Intake],
    zone: str,
    *,
    refused: Iterable[datetime] = (),
    words: Callable[[ContactContext], str] = in_neutral_words,
) -> LogSeries | None:
    """The series of these logs (one instrument, replaced ones left out, in time order); None when there is none, or the
    instrument has no score to draw. `refused` are the moments of recorded refusals.
    """
    if not logs or logs[-1].score is None:
        return None
    latest = logs[-1]
    instrument = find(latest.instrument_key, latest.instrument_version)
    days = _days_of(logs, zone, refused, words)
    total = _entries(logs, days, _by_domain(TOTAL))
    domains = [(each.title, _entries(logs, days, _by_domain(each.key))) for each in instrument.domains]
    return LogSeries(
        instrument=instrument,
        title=instrument.title_for(ContactContext(latest.contact_context)),
        logs=logs,
        dates=days.dates,
        total=_points(total),
        domains=tuple((title, _points(entries)) for title, entries in domains),
        readings=tuple(each for each, _ in total),
        domain_readings=tuple((title, tuple(each for each, _ in entries)) for title, entries in domains),
    )


def number_series(
    logs: Sequence[Intake],
    zone: str,
    *,
    refused: Iterable[datetime],
    words: Callable[[ContactContext], str],
    score: ScoreOf,
) -> tuple[tuple[Point, ...], tuple[Reading, ...]]:
    """One number of these forms over time, as points and as readings; `logs` holds at least one, in time order."""
    entries = _entries(logs, _days_of(logs, zone, refused, words), score)
    return _points(entries), tuple(each for each, _ in entries)


def told_of(found: LogSeries, stated: Iterable[StatedReliability] = ()) -> Told:
    """The rules of change on the total and each part, with the reliability that stands behind its index, if any."""
    stated, key, major = tuple(stated), found.instrument.key, found.instrument.major

    def about(readings: Sequence[Reading], score: DomainScore) -> Change:
        basis = Basis(reliability=standing(stated, key=key, major=major, part=score.key))
        return change(readings, ceiling=score.ceiling, basis=basis)

    parts = zip(found.domain_readings, found.score.domains, strict=True)
    return Told(about(found.readings, found.score.total), tuple(about(series, score) for (_, series), score in parts))


@dataclass(frozen=True)
class _Days:
    """The day of each log, the days of refusals, and for each log what changed with it, in words, and whether it was
    declined as a whole.
    """

    dates: tuple[date, ...]
    refused: tuple[date, ...]
    contexts: tuple[str | None, ...]
    declined: tuple[bool, ...]


def _days_of(
    logs: Sequence[Intake], zone: str, refused: Iterable[datetime], words: Callable[[ContactContext], str]
) -> _Days:
    return _Days(
        dates=tuple(clock.local(each.authored_at, zone).date() for each in logs),
        refused=tuple(clock.local(each, zone).date() for each in refused),
        contexts=_changes(logs, words),
        declined=tuple(_declined(each) for each in logs),
    )


def _changes(logs: Sequence[Intake], words: Callable[[ContactContext], str]) -> tuple[str | None, ...]:
    told = [ContactContext(each.contact_context) for each in logs]
    return (None, *(words(after) if after is not before else None for before, after in pairwise(told)))


def _by_domain(key: str) -> ScoreOf:
    return lambda log: score_of(log).domain(key)


def _entries(logs: Sequence[Intake], days: _Days, score: ScoreOf) -> list[Entry]:
    """A reading for each log, with the change of circumstances that came with it, and one for each refusal."""
    known = zip(logs, days.dates, days.declined, days.contexts, strict=True)
    own = [(_reading(log, at, None if declined else score), context) for log, at, declined, context in known]
    refused: list[Entry] = [(_refusal(at, own), None) for at in days.refused]
    return sorted([*own, *refused], key=lambda entry: entry[0].at)


def _reading(log: Intake, at: date, score: ScoreOf | None) -> Reading:
    """`score` is None for a log that was declined as a whole."""
    version = log.instrument_version
    if score is None:
        return Reading(at, None, declined=True, version=version)
    return reading(at, score(log), context=ContactContext(log.contact_context), version=version)


def _refusal(at: date, own: Sequence[Entry]) -> Reading:
    """Under the version in use then, so that it breaks no line."""
    before = [each.version for each, _ in own if each.at <= at]
    return Reading(at, None, declined=True, version=before[-1] if before else own[0][0].version)


def _points(entries: Sequence[Entry]) -> tuple[Point, ...]:
    overlapping = set(overlaps_recall([each for each, _ in entries]))
    return tuple(
        Point(
            each.at,
            each.value,
            prorated=each.prorated,
            declined=each.declined,
            overlap=each.at in overlapping and not each.declined,
            context=context,
            version=each.version,
        )
        for each, context in entries
    )


def _declined(log: Intake) -> bool:
    """Not one scored item answered, and at least one declined."""
    items = find(log.instrument_key, log.instrument_version).scored_items()
    if any(value_of(log.answers, item.key) is not None for item in items):
        return False
    return NonAnswer.DECLINED in (answer_to(log.answers, item.key) for item in items)


def _heat_row(item: Item, logs: Sequence[Intake]) -> HeatRow:
    weights = (weight_of(item.answer, answer_to(log.answers, item.key)) for log in logs)
    return HeatRow(item.prompt, tuple(None if weight is None else int(weight) for weight in weights))


def _answers(logs: Sequence[Intake], dates: Sequence[date], key: str) -> tuple[Point, ...]:
    """A number asked beside the scored items, where it was answered."""
    told = ((at, value_of(log.answers, key), log.instrument_version) for log, at in zip(logs, dates, strict=True))
    return tuple(Point(at, value, version=version) for at, value, version in told if isinstance(value, int))
