"""Which class of content a resource belongs to, so that a release can be held against what would leave.

Rule: a type that is not named here is of no class and fails the contract test; nothing leaves unclassed.
"""

from collections.abc import Iterable, Mapping

from schemas.release_codes import ContentClass as C

CLASS_OF: Mapping[str, C] = {
    "Patient": C.CARE,
    "Practitioner": C.CARE,
    "PractitionerRole": C.CARE,
    "Organization": C.CARE,
    "EpisodeOfCare": C.CARE,
    "ServiceRequest": C.CARE,
    "Condition": C.CARE,
    "Encounter": C.ATTENDANCE,
    "Appointment": C.ATTENDANCE,
    "Goal": C.GOALS,
    "Questionnaire": C.LOGS,
    "QuestionnaireResponse": C.LOGS,
    "Observation": C.LOGS,
    "DocumentReference": C.NOTES,
    "Binary": C.NOTES,
    "Composition": C.NOTES,
    "Procedure": C.NOTES,
    "Task": C.PLAN_DATES,
    "CarePlan": C.PLAN_DATES,
    "PlanDefinition": C.PLAN_DATES,
    # These speak of other resources and never leave without them.
    "Provenance": C.CARE,
    "Consent": C.CARE,
    "AuditEvent": C.CARE,
    "Flag": C.CARE,
}

# Read by the practice's own systems and in no export: they tell whom a client turned to, and when.
PRACTICE_ONLY = frozenset({"Consent", "AuditEvent", "Flag"})


def classes_in(resource_types: Iterable[str]) -> tuple[C, ...]:
    """The classes of what would leave, in the order of the closed list."""
    found = {CLASS_OF[each] for each in resource_types}
    return tuple(each for each in C if each in found)
