"""The mark on a plan in use that wants looking at again, and which changes of circumstance ask for that.

Rule: it says why in words that may be read over a shoulder; a plan is never called wrong, and nothing moves by itself.
"""

from datetime import date

from schemas.vocabulary import PlanStatus
from service.domain.cases import OtherPerson, Presentation
from service.domain.safety import Plan, is_out_of_date
from service.domain.spines import PlanSpine

OUT_OF_DATE = "Out of date, review"
REVIEW_PASSED = "Its review date has passed"


def mark_of(plan: Plan | PlanSpine, on: date) -> str:
    """Why this plan wants looking at again, "" when nothing speaks for it."""
    if plan.status is not PlanStatus.ACTIVE:
        return ""
    if is_out_of_date(plan, on):
        return OUT_OF_DATE
    if plan.doubt is not None:
        return plan.doubt.label
    return REVIEW_PASSED if plan.next_review < on else ""


def bears_on_plans(before: object, after: object) -> bool:
    """Whether contact, or how the two people live, is told differently now."""
    match before, after:
        case Presentation(), Presentation():
            return before.contact_context != after.contact_context
        case OtherPerson(), OtherPerson():
            return (before.current, before.cohabiting) != (after.current, after.cohabiting)
        case _:
            return False
