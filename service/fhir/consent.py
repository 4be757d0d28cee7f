"""Signed release and standing answer -> Consent. https://hl7.org/fhir/R4/consent.html

Rule: what was agreed and until when. Who receives it, by which way, and every word stay here: the name of a recipient
can tell where somebody turns to, and so can a purpose. A release of psychotherapy notes is not told, because it would
say that there are any.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from schemas.release_codes import (
    ConsentAnswer,
    ConsentKind,
    ContentClass,
    ReleaseForm,
    ReleasePurpose,
    ReleaseStatus,
)
from service.domain.cases import Case
from service.domain.releases import Consent, Release
from service.fhir.addresses import Addresses
from service.fhir.classes import CLASS_OF, PRACTICE_ONLY
from service.fhir.draft import Made
from service.fhir.labels import labels_for
from service.fhir.shapes import Json, coding, concept, day, identifier, present, reference

ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
# What a purpose says beyond these would tell of a legal matter, of housing or of work.
PURPOSES: Mapping[ReleasePurpose, Json] = {
    ReleasePurpose.TREATMENT: coding(ACT_REASON, "TREAT", "treatment"),
    ReleasePurpose.COORDINATION: coding(ACT_REASON, "CAREMGT", "care management"),
    ReleasePurpose.INSURANCE: coding(ACT_REASON, "HPAYMT", "healthcare payment"),
    ReleasePurpose.CLIENT_USE: coding(ACT_REASON, "PATRQT", "patient requested"),
}
POLICY = "The practice's own terms, agreed with the client and revocable at any time"
_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
_PRIVACY, _TREATMENT = coding(_SCOPE, "patient-privacy", "Privacy Consent"), coding(_SCOPE, "treatment", "Treatment")
_RELEASE_FORM = coding("http://loinc.org", "64292-6")
_PATIENT_CONSENT = coding("http://loinc.org", "59284-0", "Patient Consent")
_RECIPIENT = coding("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient")
_ABOUT_CARE = frozenset({ConsentKind.TREATMENT, ConsentKind.TELEHEALTH})
_RELEASED: Mapping[ReleaseStatus, str] = {ReleaseStatus.SIGNED: "active", ReleaseStatus.REVOKED: "inactive"}
_ANSWERED: Mapping[ConsentAnswer, str] = {
    ConsentAnswer.GIVEN: "active",
    ConsentAnswer.DECLINED: "rejected",
    ConsentAnswer.WITHDRAWN: "inactive",
}


def of_release(release: Release, case: Case, at: Addresses) -> list[Made]:
    """Nothing before a signature, and nothing ever of the form for psychotherapy notes."""
    status = _RELEASED.get(release.status)
    if status is None or release.signed_on is None or release.form is not ReleaseForm.ORDINARY:
        return []
    content = present(
        resourceType="Consent",
        id=release.id,
        identifier=[identifier(at.identifier("release"), release.id)],
        status=status,
        scope=concept(_PRIVACY),
        category=[concept(_RELEASE_FORM, text="Release of information")],
        patient=reference("Patient", case.id),
        dateTime=day(release.signed_on),
        organization=[reference("Organization", case.practice_id)],
        policyRule=concept(text=POLICY),
        provision=_provision(release, at),
    )
    return [Made(content, release.updated_at, date=_start(release.signed_on))]


def of_answer(said: Consent, case: Case, at: Addresses) -> Made:
    """One for each kind of question: the answer that stands, with the earlier ones as its older versions."""
    kind = str(said.kind).replace("_", "-")
    name = f"{case.id}-{kind}"
    content = present(
        resourceType="Consent",
        id=name,
        identifier=[identifier(at.identifier("consent"), name)],
        status=_ANSWERED[said.answer],
        scope=concept(_TREATMENT if said.kind in _ABOUT_CARE else _PRIVACY),
        category=[
            concept(_PATIENT_CONSENT),
            concept(coding(at.system("consent-kind"), kind, said.kind.label)),
        ],
        patient=reference("Patient", case.id),
        dateTime=day(said.on),
        organization=[reference("Organization", case.practice_id)],
        policyRule=concept(text=POLICY),
        provision={"type": "permit" if said.answer is ConsentAnswer.GIVEN else "deny"},
    )
    return Made(content, said.at, date=_start(said.on))


def _provision(release: Release, at: Addresses) -> Json:
    """What may leave, between which days, for what; the recipient is named on the paper alone."""
    purpose = PURPOSES.get(release.terms.purpose)
    ends = release.ended_on or release.expires_on
    return present(
        type="permit",
        period=present(start=day(release.signed_on) if release.signed_on else None, end=day(ends)),
        actor=[{"role": concept(_RECIPIENT), "reference": {"display": "The one recipient named on the release"}}],
        securityLabel=labels_for("Consent"),
        purpose=[purpose] if purpose else None,
        **{"class": [coding("http://hl7.org/fhir/resource-types", each) for each in _types(release.terms.classes)]},
        code=[concept(coding(at.system("content-class"), str(each), each.label)) for each in release.terms.classes],
    )


def _types(classes: tuple[ContentClass, ...]) -> list[str]:
    return sorted(kind for kind, content in CLASS_OF.items() if content in classes and kind not in PRACTICE_ONLY)


def _start(on: date) -> datetime:
    return datetime.combine(on, time(), UTC)
