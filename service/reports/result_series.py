"""The numbers that an imported form works out -> series for charts and for the rules of change.

Rule: what a response was stored with is drawn, nothing is worked out anew. The axis runs over the range that the form
itself gives; where it gives none, no rule of change is applied. Only forms that count are drawn, never a checklist.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from schemas.instruments import find
from schemas.instruments.answer import value_of
from schemas.instruments.capture import ContactContext
from schemas.instruments.definition import Instrument
from schemas.instruments.value import Amount
from service.casework.records import Record
from service.domain.imported import Range, Threshold, range_of, told_change
from service.domain.intakes import Intake
from service.domain.reliable_change import standing
from service.domain.scoring import DomainScore
from service.domain.trend import STEP_NOTE, TOO_FEW, TREND_READINGS, Basis, Change, Published, change
from service.reports.charts import Point
from service.reports.log_series import in_neutral_words, number_series

ONE_DECIMAL = "The rules of change count in tenths of a point."
OWN_WAY = "Which way is better is the form's own business; nothing here says so."
UNKNOWN_RANGE = (
    "The form does not say how high this number can get: the axis ends above the highest one so far, and no rule of "
    "change is applied."
)
STEP = 10


@dataclass(frozen=True)
class ResultSeries:
    """One number of one form over time. `change` is None where the form gives no range; `says` and `notes` are the
    sentences below the picture.
    """

    title: str
    points: tuple[Point, ...]
    ceiling: int
    change: Change | None
    says: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def heading(self) -> str:
        return f"{self.title}, 0 to {self.ceiling}"


@dataclass(frozen=True)
class Drawn:
    """What is drawn of a form: since when and how changes of circumstance are told."""

    holds: Callable[[datetime], bool] = lambda _at: True
    words: Callable[[ContactContext], str] = in_neutral_words


EVERYTHING = Drawn()


def counted_forms(record: Record) -> tuple[Instrument, ...]:
    """The imported forms of this case that work something out, each in its newest version here, by title."""
    newest = {each.instrument_key: each for each in record.intakes if not each.replaced}
    forms = [find(each.instrument_key, each.instrument_version) for each in newest.values()]
    return tuple(sorted((each for each in forms if each.origin and each.results), key=lambda each: each.title))


def results_of(record: Record, instrument: Instrument, drawn: Drawn = EVERYTHING) -> tuple[ResultSeries, ...]:
    """A series for each number of the form that was worked out at least once and is none below 0."""
    if instrument.origin is None:
        return ()
    logs = [each for each in record.standing_intakes(instrument.key) if drawn.holds(each.authored_at)]
    found = (_series(record, instrument, key, logs, drawn) for key in instrument.results)
    return tuple(each for each in found if each is not None)


def number_of(intake: Intake, key: str) -> Decimal | None:
    value = value_of(intake.answers, key)
    number = value.number if isinstance(value, Amount) else value
    return Decimal(number) if isinstance(number, int | Decimal) and not isinstance(number, bool) else None


def _series(
    record: Record, instrument: Instrument, key: str, logs: Sequence[Intake], drawn: Drawn
) -> ResultSeries | None:
    numbers = [number for each in logs if (number := number_of(each, key)) is not None]
    if not numbers or min(numbers) < 0:
        return None
    known = range_of(instrument, key)
    known = known if known and max(numbers) <= known.high else None
    ceiling = known.high if known else (int(max(numbers)) // STEP + 1) * STEP
    refused = [each.declined_at for each in record.refusals if each.instrument_key == instrument.key]
    points, readings = number_series(
        logs,
        record.practice.zone,
        refused=[at for at in refused if drawn.holds(at)],
        words=drawn.words,
        score=lambda each: _scored(each, key, ceiling),
    )
    threshold = next((each for each in record.thresholds.get(instrument.key, ()) if each.result == key), None)
    told = change(readings, ceiling=ceiling, basis=_basis(record, instrument, key, threshold)) if known else None
    says = _sentences(told) if told else _plain(numbers, threshold)
    return ResultSeries(instrument.item(key).prompt, points, ceiling, told, says, _notes(told, known, numbers))


def _scored(intake: Intake, key: str, ceiling: int) -> DomainScore:
    number = number_of(intake, key)
    tenths = None if number is None else int((number * 10).to_integral_value(ROUND_HALF_UP))
    return DomainScore(key, tenths, prorated=False, answered=1, missing=0, ceiling=ceiling, position=None)


def _basis(record: Record, instrument: Instrument, key: str, threshold: Threshold | None) -> Basis:
    reliability = standing(record.reliabilities, key=instrument.key, major=instrument.major, part=key)
    published = Published(float(threshold.change), threshold.citation) if threshold else None
    return Basis(reliability=reliability, published=published)


def _sentences(told: Change) -> tuple[str, ...]:
    return tuple(filter(None, (told.sentence, told.range_sentence, told.index_sentence)))


def _plain(numbers: Sequence[Decimal], threshold: Threshold | None) -> tuple[str, ...]:
    """First and last beside the published threshold: all that can be said without a range."""
    if len(numbers) < 2:
        return ()
    words = told_change(numbers[0], numbers[-1], threshold)
    return (f"{words} {TOO_FEW}" if len(numbers) < TREND_READINGS else words,)


def _notes(told: Change | None, known: Range | None, numbers: Iterable[Decimal]) -> tuple[str, ...]:
    if told is None or known is None:
        return (UNKNOWN_RANGE, OWN_WAY)
    fine = any(number * 10 % 1 for number in numbers)
    kept = (note for note in told.notes if note != STEP_NOTE)
    return (known.words, *kept, *((ONE_DECIMAL,) if fine else ()), OWN_WAY)
