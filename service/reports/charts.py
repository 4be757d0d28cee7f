"""A series becomes one small picture, the same on page and paper, with a text equivalent and a data table.

Axes are fixed, nothing is smoothed and no colour carries meaning: shape, thickness and grey do (domain.md section 2.4).
Classes for the page: chart, spark; chart-axis, chart-line, chart-gap, chart-point, chart-point-hollow, chart-second,
chart-tick, chart-break, chart-label; heat-0 to heat-4, heat-missing; visit, visit-outline. All are stroked or filled
with `currentColor`; only chart-point-hollow needs the colour of its ground as `stroke`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise

from markupsafe import Markup

from service.reports.drawing import (
    Canvas,
    Label,
    Plot,
    Spot,
    Text,
    calendar,
    dots,
    ends,
    fill,
    grid,
    picture,
    scale,
    segment,
    stroke,
)
from service.reports.series import (
    ATTENDANCE,
    LONG_GAP,
    Attendance,
    HeatRow,
    Point,
    Row,
    Visit,
    changes,
    contexts,
    day,
    describe,
    describe_heat,
    describe_visits,
    heat_rows,
    in_order,
    rows_of,
    side_by_side,
    visit_rows,
)

__all__ = [
    "Attendance",
    "Chart",
    "HeatRow",
    "Point",
    "Visit",
    "attendance_strip",
    "domain_charts",
    "domain_row",
    "heat_strip",
    "line_chart",
    "sparkline",
    "urge_chart",
]

EPOCH = date(2000, 1, 1)  # where an empty chart's axis stands; never shown as a label
DASHED = 'stroke-width="1.2" stroke-dasharray="4 4" stroke-opacity="0.8"'
SPARK_READINGS = 12
TOTAL_HIGH: dict[Text, float] = {"svg": 190, "html": 162}
# A bar's thickness in pixels and its ink, for answers 0 to 4: told apart by either alone.
HEAT = ((1.0, 0.55), (3.0, 0.45), (5.5, 0.6), (7.5, 0.78), (10.0, 1.0))


@dataclass(frozen=True)
class Chart:
    """A picture with everything needed to do without it. `table[0]` holds the column headings.

    `labels_html` is empty when the words are in the SVG; else it belongs over the SVG in a positioned box.
    """

    svg: Markup
    labels_html: Markup
    text_equivalent: str
    table: tuple[Row, ...]


@dataclass(frozen=True)
class _Style:
    """How one line of a chart is drawn."""

    size: float = 6.4
    cap: str = "round"

    def full(self, spots: Iterable[Spot], css: str) -> str:
        return dots(spots, css, size=self.size, cap=self.cap)

    def hollow(self, spots: Sequence[Spot], css: str) -> str:
        """A full mark with a smaller one in the colour of the ground upon it."""
        hole = dots(spots, f"chart-point-hollow {css}".strip(), size=self.size - 2.8, cap=self.cap, ink="#fff")
        return self.full(spots, f"chart-point {css}".strip()) + hole


SQUARES = _Style(size=5.6, cap="square")


def line_chart(points: Iterable[Point], *, title: str, ceiling: int, text: Text = "svg", width: int = 640) -> Chart:
    """Readings on a fixed axis from 0 to `ceiling`: dots (hollow where prorated) and a thin line, dashed over gaps."""
    ordered = in_order(points)
    plot = _plot(ordered, ceiling=ceiling, width=width, height=TOTAL_HIGH[text] if width >= 480 else 170)
    steps = 3 if ceiling % 3 == 0 else 2
    labels = [scale(plot, steps), *_time_axis(plot, ordered), *_mark_labels(plot, ordered)]
    paths = [grid(plot, steps), *_marks(plot, ordered), *_line(plot, ordered, _Style())]
    canvas = Canvas(width, plot.floor + 30, title, text)
    return _chart(canvas, paths, labels, (describe(ordered, title=title, ceiling=ceiling), rows_of(ordered, title)))


def domain_charts(
    series: Sequence[tuple[str, Iterable[Point]]], *, ceiling: int = 20, text: Text = "svg", width: int = 208
) -> tuple[Chart, ...]:
    """Small multiples: a little line chart for each domain, all on one axis and the same dates."""
    ordered = [(title, in_order(points)) for title, points in series]
    dates = sorted(point.at for _, points in ordered for point in points) or [EPOCH]
    plot = Plot(24, 26, width - 30, 84, dates[0], dates[-1], ceiling)
    return tuple(_small(plot, title, points, Canvas(width, 138, title, text)) for title, points in ordered)


def domain_row(
    series: Sequence[tuple[str, Iterable[Point]]], *, ceiling: int = 20, text: Text = "html", width: int = 640
) -> Chart:
    """The same small multiples as one picture with one axis: half the drawing time on paper."""
    ordered = [(title, in_order(points)) for title, points in series]
    dates = sorted(point.at for _, points in ordered for point in points)
    first, last = (dates[0], dates[-1]) if dates else (EPOCH, EPOCH)
    pitch = width / max(len(ordered), 1)
    plots = [Plot(24 + pitch * column, 26, pitch - 34, 84, first, last, ceiling) for column in range(len(ordered))]
    paths = [path for plot, (_, points) in zip(plots, ordered, strict=True) for path in _panel(plot, points)]
    labels = [Label(24, 8, tuple(title for title, _ in ordered), tab=pitch), *(scale(plot, 2) for plot in plots[:1])]
    if dates:
        labels.append(Label(24, 125, (f"{day(first)} to {day(last)}",) * len(ordered), tab=pitch))
    told = " ".join(describe(_without_letters(points), title=title, ceiling=ceiling) for title, points in ordered)
    return _chart(Canvas(width, 138, "The parts of the log", text), paths, labels, (told, side_by_side(ordered)))


def urge_chart(urges: Iterable[Point], confidence: Iterable[Point], *, text: Text = "svg", width: int = 640) -> Chart:
    """Strongest urge (round dots) beside confidence to ride out the next one (squares), both 0 to 10."""
    felt, sure = in_order(urges), in_order(confidence)
    both = in_order((*felt, *sure))
    plot = _plot(both, ceiling=10, width=width, height=180)
    lines = [*_line(plot, felt, _Style()), *_line(plot, sure, SQUARES, "chart-second")]
    paths = [grid(plot, 2), *_marks(plot, both), *lines, *_key(plot)]
    key = Label(plot.left + 12, 10, ("strongest urge", "confidence"), tab=130)
    told = describe(felt, title="Strongest urge", ceiling=10), describe(sure, title="Confidence", ceiling=10)
    canvas = Canvas(width, plot.floor + 30, "Strongest urge beside confidence", text)
    labels = [key, scale(plot, 2), *_time_axis(plot, both), *_mark_labels(plot, both)]
    return _chart(
        canvas, paths, labels, (" ".join(told), side_by_side((("Strongest urge", felt), ("Confidence", sure))))
    )


def heat_strip(
    rows: Sequence[HeatRow], dates: Sequence[date], *, title: str, text: Text = "svg", width: int = 640
) -> Chart:
    """Items down, readings across: a thicker, darker bar is a higher answer, an outline no answer.

    Names stand beside their strip, or above it when `width` is under 520.
    """
    beside = width >= 520
    close = 12.0 if text == "html" else 15.5  # paper has one sheet for the whole log
    left, pitch, middle = (_names_wide(rows), close, close / 2) if beside else (1.0, 36.0, 26.0)
    cell = (width - left - 1) / max(len(dates), 1)
    middles = [row * pitch + middle for row in range(len(rows))]
    paths = _heat_paths(rows, middles, left=left, cell=cell)
    names = Label(0, middle if beside else 7.8, tuple(row.label for row in rows), "start", pitch)
    frame = Plot(left, 0, width - left - 1, pitch * len(rows), dates[0], dates[-1], 4) if dates else None
    key_paths, key = _heat_key(pitch * len(rows) + (15 if beside else 38))
    labels = [names, *key, *(ends(dates[0], dates[-1], frame) if frame else [])]
    canvas = Canvas(width, pitch * len(rows) + (24 if beside else 48), title, text)
    return _chart(canvas, [*paths, *key_paths], labels, (describe_heat(rows, dates, title), heat_rows(rows, dates)))


def attendance_strip(visits: Iterable[Visit], *, text: Text = "svg", width: int = 640) -> Chart:
    """One square a session: full, half (came late), empty (cancelled), struck through (not attended)."""
    ordered = tuple(sorted(visits, key=lambda visit: visit.at))
    pitch = min(20.0, (width - 2) / max(len(ordered), 1))
    paths = _visit_paths([(1 + index * pitch, 1.0, visit.kind) for index, visit in enumerate(ordered)], pitch * 0.78)
    columns = [(number * width / 4, kind) for number, kind in enumerate(ATTENDANCE)]
    key = _visit_paths([(1 + x, 50.0, kind) for x, kind in columns], 11)
    labels = [Label(18, 55.5, tuple(ATTENDANCE.values()), tab=width / 4)]
    if ordered:
        labels += ends(ordered[0].at, ordered[-1].at, _under(ordered, pitch, width))
    canvas = Canvas(width, 66, "Sessions in this period", text)
    return _chart(canvas, [*paths, *key], labels, (describe_visits(ordered), visit_rows(ordered)))


def sparkline(points: Iterable[Point], *, title: str, ceiling: int, width: int = 120) -> Chart:
    """The last twelve readings for one row of a list; no words in the picture."""
    ordered = in_order(points)[-SPARK_READINGS:]
    plot = replace(_plot(ordered, ceiling=ceiling, width=width, height=28), left=4, top=4, width=width - 8, height=20)
    canvas = Canvas(width, 28, title, "svg", "chart spark")
    told = describe(ordered, title=title, ceiling=ceiling), rows_of(ordered, title)
    return _chart(canvas, _line(plot, ordered, _Style(size=3.6)), [], told)


def _chart(canvas: Canvas, paths: Iterable[str], labels: Sequence[Label], told: tuple[str, tuple[Row, ...]]) -> Chart:
    """On paper the picture's own name is its text equivalent, which becomes the alternate text of the PDF figure."""
    named = replace(canvas, title=told[0]) if canvas.text == "html" else canvas
    svg, over = picture(named, paths, labels)
    return Chart(svg, over, *told)


def _small(plot: Plot, title: str, points: Sequence[Point], canvas: Canvas) -> Chart:
    labels = [Label(0, 8, (title,)), scale(plot, 2), *(ends(plot.first, plot.last, plot) if points else [])]
    paths = _panel(plot, points)
    told = describe(_without_letters(points), title=title, ceiling=plot.ceiling), rows_of(points, title)
    return _chart(canvas, paths, labels, told)


def _without_letters(points: Sequence[Point]) -> list[Point]:
    """Small pictures have the ticks; the letters and what they stand for are told once, with the total."""
    return [point._replace(context=None) for point in points]


def _panel(plot: Plot, points: Sequence[Point]) -> list[str]:
    return [grid(plot, 2), *_marks(plot, points), *_line(plot, points, _Style(size=4.8))]


def _plot(points: Sequence[Point], *, ceiling: int, width: float, height: float) -> Plot:
    first, last = (points[0].at, points[-1].at) if points else (EPOCH, EPOCH)
    return Plot(28, 24, width - 52, height - 54, first, last, ceiling)


def _time_axis(plot: Plot, points: Sequence[Point]) -> list[Label]:
    return calendar(plot) if points else []


def _line(plot: Plot, points: Sequence[Point], style: _Style, css: str = "") -> list[str]:
    """Solid where readings follow closely, dashed over long gaps and missing readings, broken at a new version."""
    scored = [(index, point) for index, point in enumerate(points) if point.value is not None]
    joined = [(a, b) for a, b in pairwise(scored) if a[1].major == b[1].major]
    solid = [_joins(plot, a[1], b[1]) for a, b in joined if _close(a, b)]
    dashed = [_joins(plot, a[1], b[1]) for a, b in joined if not _close(a, b)]
    full = [_spot(plot, point) for _, point in scored if not point.prorated]
    prorated = [_spot(plot, point) for _, point in scored if point.prorated]
    return [
        stroke(solid, f"chart-line {css}".strip(), 'stroke-width="1.2"'),
        stroke(dashed, f"chart-gap {css}".strip(), DASHED),
        style.full(full, f"chart-point {css}".strip()),
        style.hollow(prorated, css),
    ]


def _close(before: tuple[int, Point], after: tuple[int, Point]) -> bool:
    return after[0] == before[0] + 1 and after[1].at - before[1].at <= LONG_GAP


def _spot(plot: Plot, point: Point) -> Spot:
    return plot.x(point.at), plot.y(point.value or 0)


def _joins(plot: Plot, before: Point, after: Point) -> str:
    return segment(_spot(plot, before), _spot(plot, after))


def _upright(plot: Plot, at: date, top: float, bottom: float) -> str:
    return segment((plot.x(at), top), (plot.x(at), bottom))


def _beside(plot: Plot, point: Point) -> str:
    x, y = _spot(plot, point)
    return segment((x + 5, y), (x + 10, y))


def _marks(plot: Plot, points: Sequence[Point]) -> list[str]:
    """Declined readings stand on the axis, overlapping ones have a stroke at their side, changes of circumstance hang
    above, new versions go from top to bottom.
    """
    declined = [_upright(plot, point.at, plot.floor - 8, plot.floor) for point in points if point.declined]
    overlaps = [_beside(plot, point) for point in points if point.overlap and point.value is not None]
    circumstances = [_upright(plot, at, plot.top - 7, plot.top + 5) for _, at, _ in contexts(points)]
    versions = [_upright(plot, point.at, plot.top - 7, plot.floor) for point in changes(points)]
    return [
        stroke([*declined, *overlaps, *circumstances], "chart-tick", 'stroke-width="1.6"'),
        stroke(versions, "chart-break", 'stroke-width="1" stroke-dasharray="1 3"'),
    ]


def _mark_labels(plot: Plot, points: Sequence[Point]) -> list[Label]:
    letters = [Label(plot.x(at), plot.top - 14, (letter,), "middle") for letter, at, _ in contexts(points)]
    versions = [Label(plot.x(point.at) + 5, plot.top + 8, (point.version,)) for point in changes(points)]
    return [*letters, *versions]


def _key(plot: Plot) -> list[str]:
    round_key = _Style().full([(plot.left + 4, 10)], "chart-point")
    return [round_key, SQUARES.full([(plot.left + 134, 10)], "chart-point chart-second")]


def _heat_paths(rows: Sequence[HeatRow], middles: Sequence[float], *, left: float, cell: float) -> list[str]:
    """Equal neighbours run together: at most six paths, however many readings."""
    runs: dict[int | None, list[str]] = {level: [] for level in (None, 0, 1, 2, 3, 4)}
    for row, middle in zip(rows, middles, strict=True):
        column = 0
        for level, group in groupby(row.values):
            length = len(list(group))
            runs[level].append(_run(left + column * cell, middle, length * cell, level))
            column += length
    bars = [
        stroke(runs[level], f"heat-{level}", f'stroke-width="{thick}" stroke-opacity="{ink}"')
        for level, (thick, ink) in enumerate(HEAT)
    ]
    return [*bars, stroke(runs[None], "heat-missing", 'stroke-width="0.8" stroke-dasharray="2 2"')]


def _names_wide(rows: Sequence[HeatRow]) -> float:
    """Room for the longest name at about six pixels a letter; the strips keep at least a third."""
    longest = max((len(row.label) for row in rows), default=0)
    return min(max(longest * 6.1 + 10, 180.0), 400.0)


def _heat_key(y: float) -> tuple[list[str], list[Label]]:
    """What the bars mean, in one row of samples."""
    levels = (0, 1, 2, 3, 4, None)
    samples = [HeatRow("", (level,)) for level in levels]
    spots = [36.0 * place for place in range(len(levels))]
    paths = [path for x, row in zip(spots, samples, strict=True) for path in _heat_paths([row], [y], left=x, cell=16)]
    words = tuple("no answer" if level is None else str(level) for level in levels)
    return paths, [Label(20, y, words, tab=36)]


def _run(x: float, middle: float, length: float, level: int | None) -> str:
    if level is None:
        return f"M{x + 1:.1f} {middle - 4:.1f}h{length - 2:.1f}v8h-{length - 2:.1f}z"
    return f"M{x:.1f} {middle:.1f}h{length:.1f}"


def _visit_paths(boxes: Sequence[tuple[float, float, Attendance]], side: float) -> list[str]:
    outlines = [f"M{x:.1f} {y:.1f}h{side:.1f}v{side:.1f}h-{side:.1f}z" for x, y, _ in boxes]
    full = [f"M{x:.1f} {y:.1f}h{side:.1f}v{side:.1f}h-{side:.1f}z" for x, y, kind in boxes if kind == "attended"]
    half = [
        f"M{x:.1f} {y + side / 2:.1f}h{side:.1f}v{side / 2:.1f}h-{side:.1f}z" for x, y, kind in boxes if kind == "late"
    ]
    struck = [segment((x, y + side), (x + side, y)) for x, y, kind in boxes if kind == "missed"]
    return [stroke([*outlines, *struck], "visit-outline", 'stroke-width="1.1"'), fill([*full, *half], "visit")]


def _under(visits: Sequence[Visit], pitch: float, width: float) -> Plot:
    """Where the first and last date go: under the first and last square, but never on top of each other."""
    reach = min(max(pitch * len(visits), 190.0), width - 2.0)
    return Plot(1, 0, reach, 18, visits[0].at, visits[-1].at, 1)
