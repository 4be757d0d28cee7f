"""Records to PDF: the shelf of reports.

Rule: a report collects, names its title and its template, and leaves the rest to render.py. A new report is one file
and one line here.
"""

from service.reports.plan_summary import REPORT as PLAN_SUMMARY
from service.reports.progress import REPORT as PROGRESS
from service.reports.report import Report
from service.reports.safety_plan import CARD as SMALL_CARD
from service.reports.safety_plan import REPORT as SAFETY_PLAN
from service.reports.treatment_summary import REPORT as TREATMENT_SUMMARY

REPORTS: tuple[Report, ...] = (PROGRESS, SAFETY_PLAN, SMALL_CARD, PLAN_SUMMARY, TREATMENT_SUMMARY)
