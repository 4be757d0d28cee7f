"""The pen of the charts: where things fall, strokes as few paths, and words in the picture or laid over it.

Attributes fall back to black on paper, where CSS variables are unknown; on the page the classes win, and no style
attribute is written there (CSP). Words inside an SVG cost 1.5 ms each on paper and lose their kerning (performance.md
section 2), so paper gets them as HTML laid over the picture (`text="html"`), the page as `<text>` (`text="svg"`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from markupsafe import Markup, escape

from service.reports.series import MONTHS, day

Text = Literal["svg", "html"]
Anchor = Literal["start", "middle", "end"]
Spot = tuple[float, float]
WORDS_WIDE = 160  # a box for centred and right-hung words; wider than any label so anchored
INK = 'stroke="currentColor" fill="none"'


@dataclass(frozen=True)
class Canvas:
    """Size in CSS pixels, the picture's name for those who do not see it, and where its words go."""

    width: float
    height: float
    title: str
    text: Text
    classes: str = "chart"


@dataclass(frozen=True)
class Label:
    """Words whose first line is centred on `y`; further ones follow every `step` down, or every `tab` to the right."""

    x: float
    y: float
    lines: tuple[str, ...]
    anchor: Anchor = "start"
    step: float = 14
    tab: float = 0

    def spots(self) -> Iterable[tuple[float, float, str]]:
        for place, line in enumerate(self.lines):
            yield self.x + place * self.tab, self.y + (0 if self.tab else place * self.step), line


@dataclass(frozen=True)
class Plot:
    """The drawing area: where a date and a value fall."""

    left: float
    top: float
    width: float
    height: float
    first: date
    last: date
    ceiling: int

    def x(self, at: date) -> float:
        span = (self.last - self.first).days
        share = (at - self.first).days / span if span else 0.5
        return self.left + share * self.width

    def y(self, value: float) -> float:
        return self.top + self.height * (1 - value / self.ceiling)

    @property
    def floor(self) -> float:
        return self.top + self.height


def stroke(commands: Iterable[str], css: str, extra: str = "") -> str:
    """One path of many strokes, or nothing."""
    drawn = "".join(commands)
    return f'<path class="{css}" d="{drawn}" {INK} {extra}/>' if drawn else ""


def fill(commands: Iterable[str], css: str) -> str:
    drawn = "".join(commands)
    return f'<path class="{css}" d="{drawn}" fill="currentColor"/>' if drawn else ""


def dots(spots: Iterable[Spot], css: str, *, size: float, cap: str = "round", ink: str = "currentColor") -> str:
    """Filled dots, or squares with `cap="square"`: the caps of strokes of no length, which is the cheapest there is."""
    drawn = "".join(f"M{_n(x)} {_n(y)}h.01" for x, y in spots)
    look = f'stroke="{ink}" stroke-width="{_n(size)}" stroke-linecap="{cap}"'
    return f'<path class="{css}" d="{drawn}" fill="none" {look}/>' if drawn else ""


def segment(start: Spot, end: Spot) -> str:
    return f"M{_n(start[0])} {_n(start[1])}L{_n(end[0])} {_n(end[1])}"


def grid(plot: Plot, steps: int) -> str:
    """Lines across at each step, and a small mark under the axis at each month that the calendar names."""
    heights = [plot.y(plot.ceiling * step / steps) for step in range(steps + 1)]
    across = [segment((plot.left, y), (plot.left + plot.width, y)) for y in heights]
    months = [segment((plot.x(at), plot.floor), (plot.x(at), plot.floor + 4)) for at in _shown_months(plot)]
    return stroke([*across, *months], "chart-axis", 'stroke-width="0.7" stroke-opacity="0.35"')


def scale(plot: Plot, steps: int) -> Label:
    """The numbers of the value axis, top down."""
    words = tuple(str(plot.ceiling * step // steps) for step in range(steps, -1, -1))
    return Label(plot.left - 7, plot.top, words, "end", plot.height / steps)


def ends(first: date, last: date, plot: Plot) -> list[Label]:
    """The dates at both ends, for pictures too small for a calendar."""
    y = plot.floor + 15
    if first == last:
        return [Label(plot.left + plot.width / 2, y, (day(first),), "middle")]
    return [Label(plot.left, y, (day(first),)), Label(plot.left + plot.width, y, (day(last),), "end")]


def calendar(plot: Plot) -> list[Label]:
    """At most six dates along the time axis: firsts of months, or the two ends when the span is short."""
    shown = _shown_months(plot)
    if not shown:
        return ends(plot.first, plot.last, plot)
    words = [_month(at, with_year=index == 0 or at.month == 1) for index, at in enumerate(shown)]
    return [Label(plot.x(at), plot.floor + 15, (word,), "middle") for at, word in zip(shown, words, strict=True)]


def picture(canvas: Canvas, paths: Iterable[str], labels: Sequence[Label]) -> tuple[Markup, Markup]:
    """The SVG, and the words to lay over it (empty when they are inside)."""
    inside = "".join(map(_svg_words, labels)) if canvas.text == "svg" else ""
    over = "".join(map(_html_words, labels)) if canvas.text == "html" else ""
    width, height, title = _n(canvas.width), _n(canvas.height), escape(canvas.title)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{canvas.classes}" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img" aria-label="{title}"><title>{title}</title>'
        f"{''.join(paths)}{inside}</svg>"
    )
    return Markup(svg), Markup(over)  # noqa: S704 - every word in them went through escape


def _shown_months(plot: Plot) -> list[date]:
    """Every first, second, third ... month so that at most six are named; none when the plot is short or small."""
    years = range(plot.first.year, plot.last.year + 1)
    starts = [date(year, month, 1) for year in years for month in range(1, 13)]
    months = [start for start in starts if plot.first <= start <= plot.last]
    return months[:: -(-len(months) // 6)] if len(months) > 2 and plot.width > 240 else []


def _month(at: date, *, with_year: bool) -> str:
    return f"{MONTHS[at.month - 1]} {at.year}" if with_year else MONTHS[at.month - 1]


def _svg_words(label: Label) -> str:
    head = f'<text class="chart-label" font-size="12" fill="currentColor" text-anchor="{label.anchor}"'
    return "".join(f'{head} x="{_n(x)}" y="{_n(y + 4)}">{escape(line)}</text>' for x, y, line in label.spots())


def _html_words(label: Label) -> str:
    shift = {"start": 0, "middle": WORDS_WIDE / 2, "end": WORDS_WIDE}[label.anchor]
    place = f"left:{_n(label.x - shift)}px;top:{_n(label.y - label.step / 2)}px;line-height:{_n(label.step)}px"
    tabs, between = (f";tab-size:{_n(label.tab)}px", "\t") if label.tab else ("", "\n")
    css = f"chart-words chart-words-{label.anchor}"
    return f'<div class="{css}" style="{place}{tabs}">{escape(between.join(label.lines))}</div>'


def _n(value: float) -> str:
    """A coordinate to a tenth of a pixel, the same on every machine."""
    return f"{value:.1f}".removesuffix(".0")
