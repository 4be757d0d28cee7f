"""Plan version -> CarePlan. https://hl7.org/fhir/R4/careplan.html

Rule: that a plan exists, its status and its dates; not one line of it, and not which kind of plan it is. A plan in
the wrong hands tells where somebody is going.
"""

from collections.abc import Mapping
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
