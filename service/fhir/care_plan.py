"""Plan version -> CarePlan. https://hl7.org/fhir/R4/careplan.html

Rule: that a plan exists, its status and its dates; not one line of it, and not which kind of plan it is. A plan in
the wrong hands tells where somebody is going. Parts of class G go along with one export, by a release that names them.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

from schemas.vocabulary import PlanStatus
from service.domain.safety import Plan
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import coding, concept, day, identifier, instant, present, reference

TITLE = "Personal plan"
CATEGORY = coding("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan")
_STATUS: Mapping[PlanStatus, str] = {
    PlanStatus.DRAFT: "draft",
    PlanStatus.ACTIVE: "active",
    PlanStatus.SUPERSEDED: "completed",
    PlanStatus.WITHDRAWN: "revoked",
}


def care_plan(plan: Plan, at: Addresses) -> Made:
    content = present(
        resourceType="CarePlan",
        id=plan.id,
        extension=[
            {"url": at.extension("plan-reviewed"), "valueDate": day(plan.reviewed_on)},
            {"url": at.extension("plan-next-review"), "valueDate": day(plan.next_review)},
        ],
        identifier=[identifier(at.identifier("plan"), plan.plan_id)],
        status=_STATUS[plan.status],
        intent="plan",
        category=[concept(CATEGORY)],
        title=TITLE,
        subject=reference("Patient", plan.case_id),
        created=instant(plan.created_at),
        author=reference("Practitioner", plan.author_id),
    )
    return Made(content, plan.updated_at, date=datetime.combine(plan.reviewed_on, time(), UTC))


def with_lines(plan: Plan, lines: Sequence[str], at: Addresses) -> Made:
    """What one release carries of a plan, as a part of its CarePlan. It is made for the export that leaves by it and is
    never stored: a release has one recipient, and nobody else reads a line.
    """
    content = present(
        resourceType="CarePlan",
        id=f"{plan.id}-lines",
        identifier=[identifier(at.identifier("plan-lines"), plan.id)],
        partOf=[reference("CarePlan", plan.id)],
        status=_STATUS[plan.status],
        intent="plan",
        category=[concept(CATEGORY)],
        title=TITLE,
        subject=reference("Patient", plan.case_id),
        note=[{"text": each} for each in lines],
    )
    return Made(content, plan.updated_at)
