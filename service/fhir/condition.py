"""Diagnosis -> Condition. https://hl7.org/fhir/R4/condition.html

Rule: a code of the list, or the clinician's words where there is none; a code that was typed and is not verified stays,
and so do words beside a code. What was entered in error says neither, and an earlier version is forgotten with every
change: what was taken back is read by nobody. Whoever reads one has a release that names diagnoses (domain/leaving.py).
"""

from collections.abc import Mapping

from schemas.diagnosis_codes import DiagnosisCategory
from service.domain.diagnoses import Assessed, Diagnosis
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import Json, coding, concept, identifier, instant, present, reference

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
_CLINICAL, _VERIFICATION, _CATEGORY = (
    f"http://terminology.hl7.org/CodeSystem/condition-{name}" for name in ("clinical", "ver-status", "category")
)
_CATEGORIES: Mapping[DiagnosisCategory, str] = {
    DiagnosisCategory.PROBLEM: "Problem List Item",
    DiagnosisCategory.ENCOUNTER: "Encounter Diagnosis",
}


def condition(record: Diagnosis, at: Addresses) -> Made:
    content = present(
        resourceType="Condition",
        id=record.id,
        identifier=[identifier(at.identifier("diagnosis"), record.id)],
        verificationStatus=concept(coding(_VERIFICATION, _verification(record))),
        subject=reference("Patient", record.case_id),
        **({} if record.wrong else _found(record)),
    )
    return Made(
        content,
        record.updated_at,
        date=None if record.wrong else record.recorded_at,
        only_if_stored=record.wrong,
        forgets=record.version > 1,
    )


def _verification(record: Diagnosis) -> str:
    return "entered-in-error" if record.wrong else str(record.now.verification)


def _found(record: Diagnosis) -> Json:
    """R4 lets what was entered in error have no clinical status, and the rest of it would tell what was wrong."""
    now = record.now
    return {
        "clinicalStatus": concept(coding(_CLINICAL, str(now.clinical_status))),
        "category": [concept(coding(_CATEGORY, str(now.category), _CATEGORIES[now.category]))],
        "code": _code(now),
        "onsetDateTime": now.onset or None,
        "recordedDate": instant(record.recorded_at),
        "recorder": reference("Practitioner", record.asserter.by_id),
    }


def _code(now: Assessed) -> Json:
    if now.code is None:
        return concept(text=now.words.strip())
    return concept(coding(ICD, str(now.code)), text=now.code.label)
