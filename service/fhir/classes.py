"""Which class of content a resource belongs to, so that a release can be held against what would leave.

Rule: what is made of a report is a report, whatever its type, and holds all that a report can hold; everything else
goes by its type. A type that is not named here is of no class and fails the contract test; nothing leaves unclassed.
"""

from collections.abc import Iterable, Mapping

from schemas.release_codes import ContentClass as C
from service.casework.resource_words import REPORT_RECORDS
from service.domain.leaving import IN_REPORT

CLASS_OF: Mapping[str, C] = {
    "Patient": C.CARE,
    "Practitioner": C.CARE,
    "PractitionerRole": C.CARE,
    "Organization": C.CARE,
    "EpisodeOfCare": C.CARE,
    "ServiceRequest": C.CARE,
    "Condition": C.DIAGNOSES,
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


def class_of(resource_type: str, record_type: str) -> C:
    """The class that a resource is counted in; `record_type` is what it was made of."""
    return C.SUMMARY if record_type in REPORT_RECORDS else CLASS_OF[resource_type]


def held_by(resource_type: str, record_type: str) -> frozenset[C]:
    """Every class that must be covered before a resource leaves."""
    return frozenset(IN_REPORT if record_type in REPORT_RECORDS else (CLASS_OF[resource_type],))


def in_order(classes: Iterable[C]) -> tuple[C, ...]:
    """Each class once, in the order of the closed list."""
    found = frozenset(classes)
    return tuple(each for each in C if each in found)
