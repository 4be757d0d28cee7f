"""The clinical summary of a plan for another provider: parts that may leave, with whose they are and until when.

Rule: what stays here has no way in; the other person, places and people of the client have no place on it.
"""

from datetime import date

from service.casework.records import Record
from service.domain.releases import Release
from service.domain.safety import Plan, filled, is_out_of_date, summary_lines
from service.reports.report import DISCLAIMER, Report
from service.reports.safety_plan import OUT_OF_DATE, Section
from service.reports.series import day

REPORT = Report("plan_summary", title="Summary", file_name="summary.pdf", template="plan_summary")
NOT_ALL = "Parts that stay in the record are left out, and nothing says whether there are any."


def collect(plan: Plan, record: Record, release: Release, today: date) -> dict[str, object]:
    """The context of templates/reports/plan_summary.xhtml."""
    return {
        "lang": "en",
        "heading": "Summary for another provider",
        "draft": False,
        "audience": release.terms.recipient,
        "about": [
            ("For", record.case.client.chosen_name),
            ("Prepared by", f"{record.case.owner_name}, {record.practice.name}"),
            ("Date", day(today)),
            ("What it is of", f"{plan.type.label}, version {plan.number}"),
            ("Looked at together", f"{day(plan.reviewed_on)}; again by {day(plan.next_review)}"),
            ("By a release until", day(release.expires_on)),
        ],
        "notice": OUT_OF_DATE if is_out_of_date(plan, today) else None,
        "sections": tuple(Section(each.label, filled(text)) for each, text in summary_lines(plan)),
        "not_all": NOT_ALL,
        "disclaimer": DISCLAIMER,
    }
