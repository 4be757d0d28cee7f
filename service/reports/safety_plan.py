"""The client's own copy of a safety plan (domain.md 3.4): ticked lines under neutral words, and nothing else.

Rule: no names, no clinic, no title inside the file. A part that stays here has no heading here, so it has no way in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from schemas.vocabulary import FieldClass
from service.domain.safety import COPY_TITLES, FIELDS, Plan, copy_lines, is_out_of_date
from service.errors import Invalid
from service.reports.report import Report

REPORT = Report("safety_plan", title="", file_name="notes.pdf", template="safety_plan")
OUT_OF_DATE = "Out of date, review"
NOTHING_TICKED = "No line of this plan is ticked for the client's own copy."

# What stands over the lines: words that tell a stranger nothing. Keys as in service/domain/safety.py.
HEADINGS: Mapping[str, str] = {
    "early_signs": "First signs",
    "delay": "Wait first",
    "tools": "Things that worked",
    "reasons": "Reasons",
    "after_contact": "Afterwards",
    "next_session": "To bring along",
    "documents": "Papers",
    "medicines": "Medicines",
    "pets": "Pets",
    "legal_advice": "Appointment",
}


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
    keys = {each.label: each.key for each in FIELDS[plan.type] if each.field_class is not FieldClass.N}
    return tuple(Section(HEADINGS[keys[label]], _lines(text)) for label, text in copy_lines(plan))


def file_name(title: str) -> str:
    """`weekly-planner.pdf` for one of the neutral titles, else the plainest name."""
    return f"{title.casefold().replace(' ', '-')}.pdf" if title in COPY_TITLES else REPORT.file_name


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
