"""Scores of an intake -> Observations, one for each domain and one for the total. https://hl7.org/fhir/R4/observation.html

Rule: a number with its caveat, no interpretation and no reference range, because the log has no norms. Where too much
is missing there is no value but the reason for its absence.
"""

from schemas.instruments.answer import answer_to
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument
from service.domain.intakes import Intake
from service.domain.scoring import DomainScore
from service.fhir import questionnaire_items as items
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.questionnaire import SURVEY
from service.fhir.shapes import (
    ABSENT_SYSTEM,
    Json,
    coding,
    concept,
    identifier,
    instant,
    present,
    reference,
    score_quantity,
)

_STATUS = {"completed": "final", "amended": "amended", "entered-in-error": "entered-in-error"}
_ABSENT = {
    NonAnswer.DECLINED: ("asked-declined", "Asked But Declined"),
    NonAnswer.UNSURE: ("asked-unknown", "Asked But Unknown"),
    NonAnswer.NOT_ASKED: ("not-asked", "Not Asked"),
    NonAnswer.NOT_APPLICABLE: ("not-applicable", "Not Applicable"),
}


def observations(intake: Intake, instrument: Instrument, at: Addresses, *, encounter_id: str) -> list[Made]:
    """The domains in order, then the total, which names them as its members."""
    found = intake.score
    if found is None:
        return []
    frame = frame_of(intake, instrument, encounter_id)
    parts = [
        _scored(intake, instrument, found.domain(each.key), items.subtotal_text(each), at)
        for each in instrument.domains
    ]
    members = [reference("Observation", str(each["id"])) for each in parts]
    total = _scored(intake, instrument, found.total, items.TOTAL_TEXT, at) | {"hasMember": members}
    code_of = at.system("score")
    return [
        Made(
            {**each, **frame},
            intake.updated_at,
            date=intake.authored_at,
            code=f"{code_of}|{instrument.key}-{score.key}",
        )
        for each, score in zip((*parts, total), (*found.domains, found.total), strict=True)
    ]


def observation_id(intake_id: str, part: str) -> str:
    return f"{intake_id}-{part}"


def frame_of(intake: Intake, instrument: Instrument, encounter_id: str) -> Json:
    """What all of them share."""
    status = "entered-in-error" if intake.replaced else _STATUS[str(intake.status)]
    return present(
        status=status,
        category=[concept(SURVEY)],
        subject=reference("Patient", intake.case_id),
        encounter=reference("Encounter", encounter_id) if encounter_id else None,
        effectiveDateTime=instant(intake.authored_at),
        issued=instant(intake.updated_at),
        performer=[_performer(intake)],
        note=[{"text": instrument.banner}],
        derivedFrom=[reference("QuestionnaireResponse", intake.id)],
    )


def _performer(intake: Intake) -> Json:
    """Who recorded it; a system is no performer, so what it sent is the client's, who answered alone."""
    if intake.by_system:
        return reference("Patient", intake.case_id)
    return reference("Practitioner", intake.author_id)


def _scored(intake: Intake, instrument: Instrument, score: DomainScore, text: str, at: Addresses) -> Json:
    prorated = concept(coding(at.system("score"), "prorated"), text="Worked out from fewer items than the form has")
    return present(
        resourceType="Observation",
        id=observation_id(intake.id, score.key),
        identifier=[identifier(at.identifier("score"), observation_id(intake.id, score.key))],
        code=concept(items.score_code(instrument, score.key, text, at), text=text),
        valueQuantity=None if score.value is None else score_quantity(score.value),
        dataAbsentReason=_why_absent(intake, instrument, score) if score.value is None else None,
        component=[{"code": prorated, "valueBoolean": score.prorated}],
    )


def _why_absent(intake: Intake, instrument: Instrument, score: DomainScore) -> Json:
    """The one reason that all missing items share, or plainly unknown."""
    missing = {
        answer
        for domain in instrument.domains
        if score.key in (domain.key, items.TOTAL)
        for item in domain.items
        if isinstance(answer := answer_to(intake.answers, item.key), NonAnswer)
    }
    shared = missing.pop() if len(missing) == 1 else NonAnswer.ASKED_NO
    code, display = _ABSENT.get(shared, ("unknown", "Unknown"))
    return concept(coding(ABSENT_SYSTEM, code, display))
