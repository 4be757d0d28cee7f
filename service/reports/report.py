"""What a report is, and how one becomes a PDF.

Rule: titles and file names are neutral, for they are read in download folders, previews and spools.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from service.reports.pages import fill
from service.reports.render import render_pdf

DISCLAIMER = (
    "Stepwell organises what clients and clinicians record. Its programme topics come from general self-help writing. "
    "The withdrawal log has no norms. It does not diagnose, measure danger, or replace specialist domestic-abuse "
    "advice or emergency help."
)

_UNSAID = frozenset({"head"})
# What stands before the text of an element; any other begins a line. No text of a report holds the sign of the gap.
_GAP = "\0"
_BETWEEN: Mapping[str, str] = {"td": ": ", "b": "", "h2": f"\n{_GAP}\n"}


@dataclass(frozen=True)
class Report:
    """One kind of report. `title` is the document title written into the file, "" for none."""

    key: str
    title: str
    file_name: str
    template: str


def pdf(report: Report, context: Mapping[str, object]) -> bytes:
    """Print the collected context. Raises Invalid or Unavailable as `render_pdf` does."""
    return render_pdf(fill(report.template, context), title=report.title)


def words(report: Report, context: Mapping[str, object]) -> str:
    """All that the printed report says, a block a line; of a picture its caption."""
    reader = _Words()
    reader.feed(fill(report.template, context))
    reader.close()
    lines = (" ".join(each.split()).removeprefix(": ") for each in "".join(reader.told).splitlines())
    return "\n".join(filter(None, lines)).replace(_GAP, "")


class _Words(HTMLParser):
    """`told`: the pieces of text outside pictures, with a line break where a block begins."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self._inside: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_left_out = tag in _UNSAID or ("class", "plot") in attrs
        self._inside.append(is_left_out or any(self._inside[-1:]))
        self.told.append(_BETWEEN.get(tag, "\n"))

    def handle_endtag(self, tag: str) -> None:
        self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._inside[-1:]):
            self.told.append(data.replace("\t", "; "))
