"""What a report is, and how one becomes a PDF.

Rule: titles and file names are neutral, for they are read in download folders, previews and spools.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.reports.pages import fill
from service.reports.render import render_pdf

DISCLAIMER = (
    "Stepwell organises what clients and clinicians record. Its programme topics come from general self-help writing. "
    "The withdrawal log has no norms. It does not diagnose, measure danger, or replace specialist domestic-abuse "
    "advice or emergency help."
)


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
