"""What a chart is drawn from, and the same told in sentences and as a table.

Plain values: whoever holds the records fills them. The sentences say how many, from when to when, first, latest,
lowest, highest and what is missing, so that a reader without the picture loses nothing; they never judge
(domain.md section 8).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from string import ascii_lowercase
from typing import Literal, NamedTuple

LONG_GAP = timedelta(days=21)  # domain.md 2.4 R6
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Attendance = Literal["attended", "late", "cancelled", "missed"]
ATTENDANCE: dict[Attendance, str] = {
    "attended": "attended",
    "late": "came late",
    "cancelled": "cancelled",
    "missed": "not attended",
}
Row = tuple[str, ...]


class Point(NamedTuple):
    """One reading. `value` is None when it was declined or could not be scored; `overlap` says that it asks in part
    about the same days as the one before.
    """

    at: date
    value: float | None
    prorated: bool = False
    declined: bool = False
    overlap: bool = False
    context: str | None = None
    version: str = ""

    @property
    def major(self) -> str:
        """What must be equal for two readings to be joined; a minor version changes nothing that is scored."""
        return self.version.split(".", 1)[0]


@dataclass(frozen=True)
class HeatRow:
    """One item over time: 0 to 4, or None where it has no answer."""

    label: str
    values: tuple[int | None, ...]


@dataclass(frozen=True)
class Visit:
    """One planned session. A session cancelled for safety is `cancelled`, never `missed`."""

    at: date
    kind: Attendance


def day(at: date) -> str:
    """`3 Nov 2026`, whatever the locale of the server."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def in_order(points: Iterable[Point]) -> tuple[Point, ...]:
    return tuple(sorted(points, key=lambda point: point.at))


def changes(points: Sequence[Point]) -> list[Point]:
    """The first reading under each new major version of the instrument."""
    return [after for before, after in pairwise(points) if before.major != after.major]


def contexts(points: Sequence[Point]) -> list[tuple[str, date, str]]:
    """Changes of circumstance, lettered in order of time."""
    told = [(point.at, point.context) for point in points if point.context]
    return [(letter, at, context) for letter, (at, context) in zip(ascii_lowercase, told, strict=False)]


def describe(points: Sequence[Point], *, title: str, ceiling: int) -> str:
    """The series in sentences."""
    scored = [(point.at, point.value) for point in points if point.value is not None]
    if not scored:
        return f"{title}: no scored readings yet.{_asides(points)}"
    (first_at, first), (last_at, last) = scored[0], scored[-1]
    if len(scored) == 1:
        return f"{title}, 0 to {ceiling}: one reading, {number(first)} on {day(first_at)}.{_asides(points)}"
    low, high = min(scored, key=lambda pair: pair[1]), max(scored, key=lambda pair: pair[1])
    return (
        f"{title}, 0 to {ceiling}: {len(scored)} readings from {day(first_at)} to {day(last_at)}. "
        f"First {number(first)}, latest {number(last)}; lowest {number(low[1])} on {day(low[0])}, "
        f"highest {number(high[1])} on {day(high[0])}.{_asides(points)}"
    )


def describe_heat(rows: Sequence[HeatRow], dates: Sequence[date], title: str) -> str:
    """Each item's first, latest and highest answer in one sentence."""
    if not dates:
        return f"{title}: no readings yet."
    span = f"{len(dates)} readings from {day(dates[0])} to {day(dates[-1])}" if len(dates) > 1 else day(dates[0])
    return f"{title}, 0 to 4: {span}. {' '.join(_item(row) for row in rows)}"


def describe_visits(visits: Sequence[Visit]) -> str:
    if not visits:
        return "No sessions in this period."
    counts = Counter(visit.kind for visit in visits)
    told = ", ".join(f"{counts[kind]} {word}" for kind, word in ATTENDANCE.items() if counts[kind])
    planned = "1 session" if len(visits) == 1 else f"{len(visits)} sessions"
    return f"{planned} from {day(visits[0].at)} to {day(visits[-1].at)}: {told}."


def rows_of(points: Sequence[Point], title: str) -> tuple[Row, ...]:
    """Heading row first."""
    return (("Date", title, "Note"), *((day(point.at), _value(point), _note(point)) for point in points))


def side_by_side(series: Sequence[tuple[str, Sequence[Point]]]) -> tuple[Row, ...]:
    """Several series in one table, a row a date; of several points on one day a value goes before a refusal."""
    by_worth = [sorted(points, key=lambda point: point.value is not None) for _, points in series]
    columns = [{point.at: _value(point) for point in points} for points in by_worth]
    dates = sorted({at for column in columns for at in column})
    body = ((day(at), *(column.get(at, "not asked") for column in columns)) for at in dates)
    return (("Date", *(title for title, _ in series)), *body)


def heat_rows(rows: Sequence[HeatRow], dates: Sequence[date]) -> tuple[Row, ...]:
    body = ((row.label, *("no answer" if value is None else str(value) for value in row.values)) for row in rows)
    return (("Item", *map(day, dates)), *body)


def visit_rows(visits: Sequence[Visit]) -> tuple[Row, ...]:
    return (("Date", "Attendance"), *((day(visit.at), ATTENDANCE[visit.kind]) for visit in visits))


def _item(row: HeatRow) -> str:
    answers = [value for value in row.values if value is not None]
    if not answers:
        return f"{row.label}: no answers."
    missing = len(row.values) - len(answers)
    aside = f", {missing} not answered" if missing else ""
    return f"{row.label}: first {answers[0]}, latest {answers[-1]}, highest {max(answers)}{aside}."


def _asides(points: Sequence[Point]) -> str:
    versions = [f"From {day(point.at)} version {point.version} of the log, not joined" for point in changes(points)]
    letters = [f"{letter}, {day(at)}: {context}" for letter, at, context in contexts(points)]
    sentences = (*_missing(points), "; ".join(versions), "; ".join(letters))
    return "".join(f" {sentence}." for sentence in sentences if sentence)


def _missing(points: Sequence[Point]) -> list[str]:
    """Counted in words: prorated, declined, without a score, long gaps."""
    scored = [point.at for point in points if point.value is not None]
    gaps = sum(after - before > LONG_GAP for before, after in pairwise(scored))
    counts = (
        (sum(point.prorated for point in points), "worked out from the other answers because one was missing (hollow)"),
        (sum(point.declined for point in points), "declined (short stroke on the axis)"),
        (sum(point.value is None and not point.declined for point in points), "without a score"),
        (sum(point.overlap for point in points), "less than 5 days after the one before (short stroke beside it)"),
        (gaps, f"{'gap' if gaps == 1 else 'gaps'} longer than 21 days (dashed)"),
    )
    return [f"{count} {phrase}" for count, phrase in counts if count]


def _value(point: Point) -> str:
    if point.value is not None:
        return number(point.value)
    return "declined" if point.declined else "not scored"


def _note(point: Point) -> str:
    words = (
        "prorated" if point.prorated else "",
        "less than 5 days after the one before" if point.overlap else "",
        point.context or "",
    )
    return "; ".join(filter(None, words))
