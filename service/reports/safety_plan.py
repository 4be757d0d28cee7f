"""The client's own copy of a safety plan (domain.md 3.4): ticked lines under neutral words, and nothing else.

Rule: no names, no clinic, no title inside the file. A part that stays here has no heading here, so it has no way in.
"""

from dataclasses import dataclass
from datetime import date

from service.domain.safety import COPY_TITLES, Plan, copy_lines, filled, is_out_of_date
from service.errors import Invalid
from service.reports.report import Report

REPORT = Report("safety_plan", title="", file_name="notes.pdf", template="safety_plan")
CARD = Report("small_card", title="", file_name="notes.pdf", template="small_card")
OUT_OF_DATE = "Out of date, review"
NOTHING_TICKED = "No line of this plan is ticked for the client's own copy."


@dataclass(frozen=True)
class Section:
    heading: str
    lines: tuple[str, ...]


def collect(plan: Plan, *, title: str, today: date) -> dict[str, object]:
    """The context of templates/reports/safety_plan.xhtml. Raises Invalid when no line is ticked."""
    found = sections(plan)
    if not found:
        raise Invalid(NOTHING_TICKED)
    notice = OUT_OF_DATE if is_out_of_date(plan, today) else None
    return {"lang": "en", "heading": title, "notice": notice, "sections": found}


def sections(plan: Plan) -> tuple[Section, ...]:
    """What a copy of this plan would hold, in the plan's order."""
    return tuple(Section(each.heading, filled(text)) for each, text in copy_lines(plan))


def file_name(title: str) -> str:
    """`weekly-planner.pdf` for one of the neutral titles, else the plainest name."""
    return f"{title.casefold().replace(' ', '-')}.pdf" if title in COPY_TITLES else REPORT.file_name
