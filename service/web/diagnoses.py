"""Diagnoses of the client: the list with every version, making one, changing it, saying that it was in error.

Rule: a page of its own, which only those open who may read it; nothing of it stands on a page that a client looks at.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.diagnoses import DiagnosisChangeSchema, DiagnosisErrorSchema, DiagnosisSchema
from schemas.diagnosis_codes import (
    SAYS_NO_CAUSE,
    TELLS_CAUSE,
    ClinicalStatus,
    DiagnosisCategory,
    DiagnosisCode,
    Verification,
)
from service.casework import diagnoses as casework
from service.domain.diagnoses import CLAIM_WARNING, OF_THE_CLIENT, TELLING_WARNING, Assessed, Diagnosis
from service.guard import current_actor, needs
from service.web.cases import labels
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("diagnoses", __name__)
NOTHING_TYPED = Assessed()


@page.get("/cases/<case_id>/diagnoses")
@needs(Action.DIAGNOSIS_READ)
def diagnoses(case_id: str) -> Response:
    desk = casework.read_diagnoses(current_actor(), case_id)
    return show(
        "pages/diagnoses/diagnoses.html",
        task=f"Diagnoses {desk.case.code}",
        case=desk.case,
        diagnoses=[(each, _warnings(each.now)) for each in desk.diagnoses],
        of_the_client=OF_THE_CLIENT,
        may_write=Action.DIAGNOSIS_WRITE in desk.case.may,
        may_withdraw=Action.DIAGNOSIS_ERROR in desk.case.may,
    )


@page.get("/cases/<case_id>/diagnoses/new")
@needs(Action.DIAGNOSIS_WRITE)
def new(case_id: str) -> Response:
    return _form(case_id, None)


@page.post("/cases/<case_id>/diagnoses/new")
@needs(Action.DIAGNOSIS_WRITE)
@form_page(new)
def make(case_id: str) -> Response:
    casework.make_diagnosis(current_actor(), case_id, Assessed(**read(DiagnosisSchema)))
    return _back(case_id, "The diagnosis is saved.")


@page.get("/cases/<case_id>/diagnoses/<diagnosis_id>")
@needs(Action.DIAGNOSIS_WRITE)
def diagnosis(case_id: str, diagnosis_id: str) -> Response:
    return _form(case_id, diagnosis_id)


@page.post("/cases/<case_id>/diagnoses/<diagnosis_id>")
@needs(Action.DIAGNOSIS_WRITE)
@form_page(diagnosis)
def change(case_id: str, diagnosis_id: str) -> Response:
    given = read(DiagnosisChangeSchema)
    version, reason = given.pop("version"), given.pop("reason")
    casework.change_diagnosis(current_actor(), diagnosis_id, Assessed(**given), reason, version=version)
    return _back(case_id, "The change is saved. The version before stays readable.")


@page.get("/cases/<case_id>/diagnoses/<diagnosis_id>/error")
@needs(Action.DIAGNOSIS_ERROR)
def error(case_id: str, diagnosis_id: str) -> Response:
    desk = casework.read_diagnoses(current_actor(), case_id, Action.DIAGNOSIS_ERROR)
    return show(
        "pages/diagnoses/error.html",
        task=f"Diagnosis {desk.case.code}",
        case=desk.case,
        diagnosis=desk.find(diagnosis_id),
    )


@page.post("/cases/<case_id>/diagnoses/<diagnosis_id>/error")
@needs(Action.DIAGNOSIS_ERROR)
@form_page(error)
def withdraw(case_id: str, diagnosis_id: str) -> Response:
    given = read(DiagnosisErrorSchema)
    casework.withdraw_diagnosis(current_actor(), diagnosis_id, given["reason"], version=given["version"])
    return _back(case_id, "It is marked as entered in error and stays readable here.")


def _form(case_id: str, diagnosis_id: str | None) -> Response:
    desk = casework.read_diagnoses(current_actor(), case_id, Action.DIAGNOSIS_WRITE)
    kept: Diagnosis | None = desk.find(diagnosis_id) if diagnosis_id else None
    return show(
        "pages/diagnoses/diagnosis.html",
        task=f"Diagnosis {desk.case.code}",
        case=desk.case,
        kept=kept,
        stands=kept.now if kept else NOTHING_TYPED,
        of_the_client=OF_THE_CLIENT,
        groups=[
            ("Of a complaint", _coded(SAYS_NO_CAUSE)),
            ("Tells why the client is here", _coded(TELLS_CAUSE)),
        ],
        warnings=(TELLING_WARNING, CLAIM_WARNING),
        options={
            "categories": labels(DiagnosisCategory),
            "clinical": labels(ClinicalStatus),
            "verification": labels(Verification),
        },
    )


def _coded(among: frozenset[DiagnosisCode]) -> list[tuple[str, str]]:
    return [(each.value, f"{each.value} {each.label}") for each in DiagnosisCode if each in among]


def _warnings(assessed: Assessed) -> list[str]:
    """What to know before it is told to anybody."""
    told = ((assessed.on_claims, CLAIM_WARNING), (assessed.tells_cause, TELLING_WARNING))
    return [words for holds, words in told if holds]


def _back(case_id: str, words: str) -> Response:
    return done(url_for("diagnoses.diagnoses", case_id=case_id), words)
