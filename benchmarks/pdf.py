"""How long does a progress report take as PDF, against the same report made the plain way?

The plain way is what WeasyPrint's own manual shows first: one HTML string with its style inside, its own HTML parser,
a new font configuration each time, a rectangle for each answer, a circle for each dot, and words inside the SVG. Ours
is `render_pdf`: a warm child, XHTML, few paths, words as HTML, and PDF/UA-1 tags on top. Goal: at most 0.45 of plain.
Run with `python -m benchmarks.pdf`.
"""

import gc
import re
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import weasyprint
from markupsafe import Markup

from service.reports import render
from service.reports.charts import Chart
from service.reports.pages import TEMPLATES, fill
from tests.reports import samples

GOAL = 0.45
ROUNDS = 9
FONTS = Path(render.__file__).with_name("fonts")


def naive_page() -> str:
    """The same report as one HTML string, with the pictures drawn part by part."""
    context = samples.progress(text="svg")
    log = context["log"]
    log.heat = _exploded_heat(log.heat)  # type: ignore[attr-defined]
    style = (TEMPLATES / "reports" / "report.css").read_text("utf-8")
    style = style.replace("asset:fonts/", FONTS.as_uri() + "/").replace("table-layout: fixed;", "")
    page = fill("progress", context).replace("</head>", f"<style>{style}</style></head>")
    return re.sub(r'<path class="chart-point[^>]* d="([^"]*)"[^>]*>', _exploded_dots, page)


def naive_pdf(html: str) -> bytes:
    pdf: bytes = weasyprint.HTML(string=html).write_pdf()
    return pdf


def _exploded_dots(path: re.Match[str]) -> str:
    """A circle for each dot, where ours are the caps of one stroke."""
    spots = re.findall(r"M([\d.]+) ([\d.]+)h", path[1])
    return "".join(f'<circle cx="{x}" cy="{y}" r="3.2" stroke="#000" stroke-width="1"/>' for x, y in spots)


def _exploded_heat(chart: Chart) -> Chart:
    """A rectangle for each answer, where ours runs equal neighbours together."""
    cells = "".join(
        f'<rect x="{300 + 17 * column}" y="{17 * row}" width="16" height="15" stroke="#fff" fill="#000"'
        f' fill-opacity="{(value or 0) * 0.22 + 0.1:.2f}"/>'
        for row, item in enumerate(samples.heat_rows())
        for column, value in enumerate(item.values)
    )
    bare = re.sub(r'<path class="heat[^>]*>', "", chart.svg)
    return Chart(Markup(bare.replace("</svg>", f"{cells}</svg>")), Markup(""), chart.text_equivalent, chart.table)  # noqa: S704


def timed(work: Callable[[], bytes]) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


def main() -> None:
    page, html = fill("progress", samples.progress()), naive_page()
    plan = fill("safety_plan", samples.plan())
    ways: dict[str, Callable[[], bytes]] = {
        "plain": lambda: naive_pdf(html),
        "ours": lambda: render.render_pdf(page, title="Progress summary"),
        "plan copy": lambda: render.render_pdf(plan),
    }
    for work in ways.values():
        work()
    rounds = [{name: timed(work) for name, work in ways.items()} for _ in range(ROUNDS)]
    middle = {name: median(taken[name] for taken in rounds) for name in ways}
    sizes = {name: len(work()) for name, work in ways.items()}
    for name in ways:
        ratio = middle[name] / middle["plain"]
        print(f"pdf {name:10} {middle[name]:7.1f} ms {sizes[name]:7} bytes   {ratio:.2f} of plain")
    print(f"pdf goal: ours at most {GOAL} of plain; met: {middle['ours'] <= GOAL * middle['plain']}")


if __name__ == "__main__":
    main()
