"""Diagnoses of the client, in versions."""

from schemas.actions import Action
from schemas.diagnoses import DiagnosisChangeSchema, DiagnosisErrorSchema, DiagnosisRecord, DiagnosisSchema
from service.api.routes import Given, Routes, seen, takes
from service.casework import diagnoses
from service.domain.diagnoses import Assessed, Diagnosis
from service.guard import current_actor, needs

routes = Routes("Diagnoses", "What a clinician found in the client. Nothing is deleted, and nothing is made of a form.")


@routes.get("/cases/<id:case_id>/diagnoses", DiagnosisRecord, many=True)
@needs(Action.DIAGNOSIS_READ)
def list_diagnoses(case_id: str) -> tuple[Diagnosis, ...]:
    """Every diagnosis with its versions; those that were entered in error stand last."""
    return diagnoses.read_diagnoses(current_actor(), case_id).diagnoses


@routes.post("/cases/<id:case_id>/diagnoses", DiagnosisRecord, status=201)
@needs(Action.DIAGNOSIS_WRITE)
@takes(DiagnosisSchema)
def make_diagnosis(given: Given, case_id: str) -> Diagnosis:
    """Make a diagnosis, by a code of the list or in words. The same sent twice is one."""
    return diagnoses.make_diagnosis(current_actor(), case_id, Assessed(**given))


@routes.put("/diagnoses/<id:diagnosis_id>", DiagnosisRecord)
@needs(Action.DIAGNOSIS_WRITE)
@takes(DiagnosisChangeSchema)
def change_diagnosis(given: Given, diagnosis_id: str) -> Diagnosis:
    """Keep a new version, with the reason of the change."""
    version, reason = seen(given), given.pop("reason")
    return diagnoses.change_diagnosis(current_actor(), diagnosis_id, Assessed(**given), reason, version=version)


@routes.post("/diagnoses/<id:diagnosis_id>/error", DiagnosisRecord)
@needs(Action.DIAGNOSIS_ERROR)
@takes(DiagnosisErrorSchema)
def withdraw_diagnosis(given: Given, diagnosis_id: str) -> Diagnosis:
    """Say that it was entered in error. It stays readable and cannot be taken up again."""
    version = seen(given)
    return diagnoses.withdraw_diagnosis(current_actor(), diagnosis_id, given["reason"], version=version)
