"""Goal -> Goal. https://hl7.org/fhir/R4/goal.html

Rule: how a goal stands; its words are the client's own, may tell what somebody prepares, and leave only with one export
by a release that names goals. Of goals about safety, money and relationships not even the date, the area or how it goes
is told, and their words never.
"""

from collections.abc import Mapping

from schemas.case_codes import GoalReview
from schemas.vocabulary import GoalDomain, GoalStatus
from service.domain.cases import TOLD_AREAS, Goal
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import Json, coding, concept, day, identifier, present, reference, unversioned

DESCRIPTION = "A goal of the client's own"
_CATEGORY, _ACHIEVEMENT = (f"http://terminology.hl7.org/CodeSystem/goal-{name}" for name in ("category", "achievement"))
_SAFETY = coding(_CATEGORY, "safety", "Safety")
_BEHAVIORAL = coding(_CATEGORY, "behavioral", "Behavioral")
_STATUS: Mapping[GoalStatus, str] = {
    GoalStatus.ACTIVE: "active",
    GoalStatus.ONHOLD: "on-hold",
    GoalStatus.REACHED: "completed",
    GoalStatus.DROPPED: "cancelled",
}
_REVIEW: Mapping[GoalReview, Json] = {
    GoalReview.MOVING: coding(_ACHIEVEMENT, "improving", "Improving"),
    GoalReview.SAME: coding(_ACHIEVEMENT, "no-change", "No Change"),
    GoalReview.HARDER: coding(_ACHIEVEMENT, "worsening", "Worsening"),
    GoalReview.CHANGED: coding(_ACHIEVEMENT, "in-progress", "In Progress"),
}
_REACHED = coding(_ACHIEVEMENT, "achieved", "Achieved")


def goal(record: Goal, at: Addresses) -> Made:
    told = record.domain in TOLD_AREAS
    content = present(
        resourceType="Goal",
        id=record.id,
        identifier=[identifier(at.identifier("goal"), record.id)],
        lifecycleStatus=_STATUS[record.status],
        achievementStatus=_achievement(record) if told else None,
        category=[concept(_SAFETY if record.domain is GoalDomain.SAFETY else _BEHAVIORAL)],
        description=concept(text=f"{DESCRIPTION}: {record.domain.label.lower()}" if told else DESCRIPTION),
        subject=reference("Patient", record.case_id),
        target=[{"dueDate": day(record.target_on)}] if told and record.target_on else None,
    )
    return Made(content, record.updated_at, date=record.updated_at, forgets=not told)


def with_words(stored: Json, words: str) -> Json:
    """What one release carries of a goal: the stored resource with the client's words. Never stored, like lines of
    plans.
    """
    return unversioned(stored) | {"description": concept(text=words)}


def _achievement(record: Goal) -> Json | None:
    """In the client's view: reached, or what the last look at it brought."""
    if record.status is GoalStatus.REACHED:
        return concept(_REACHED)
    return concept(_REVIEW[record.review]) if record.review else None
