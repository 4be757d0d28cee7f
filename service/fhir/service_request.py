"""Referral -> ServiceRequest. https://hl7.org/fhir/R4/servicerequest.html

Rule: that somebody was referred and how it stands; who referred and in which words stays here. A referral onward to
domestic-abuse, legal, housing or substance-use services is not told at all: it would say what somebody prepares.
"""

from collections.abc import Mapping

from schemas.case_codes import ReferralDecision, ReferralDirection, ReferralKind, Urgency
from service.domain.cases import Case
from service.domain.referrals import Referral
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import Json, coding, concept, day, identifier, present, reference

TOLD_KINDS = frozenset({ReferralKind.PRIMARY_CARE, ReferralKind.MENTAL_HEALTH, ReferralKind.MEDICAL})
_STATUS: Mapping[ReferralDecision, str] = {
    ReferralDecision.PENDING: "active",
    ReferralDecision.WAITLISTED: "on-hold",
    ReferralDecision.ACCEPTED: "completed",
    ReferralDecision.DECLINED: "revoked",
    ReferralDecision.PASSED_ON: "revoked",
}
_PRIORITY: Mapping[Urgency, str] = {Urgency.ROUTINE: "routine", Urgency.SOON: "urgent", Urgency.URGENT: "asap"}


def is_told(referral: Referral) -> bool:
    return referral.direction is ReferralDirection.TO_US or referral.kind in TOLD_KINDS


def service_request(referral: Referral, case: Case, at: Addresses) -> Made:
    changed_at = referral.updated_at or case.updated_at
    frame = present(
        resourceType="ServiceRequest",
        id=referral.id,
        intent="order",
        subject=reference("Patient", referral.case_id),
    )
    if not is_told(referral):
        return Made(frame | {"status": "entered-in-error"}, changed_at, only_if_stored=True, forgets=True)
    content = present(
        **frame,
        identifier=[identifier(at.identifier("referral"), referral.id)],
        status=_STATUS[referral.decision],
        category=[concept(coding(at.system("referral"), "counselling", "Counselling"))],
        priority=_PRIORITY[referral.urgency],
        authoredOn=day(referral.received_on),
        **_between(referral, case, at),
    )
    return Made(content, changed_at, date=changed_at)


def _between(referral: Referral, case: Case, at: Addresses) -> Json:
    """To us: who is asked. From us: who asks, and which kind of service, never which one."""
    practice = reference("Organization", case.practice_id)
    if referral.direction is ReferralDirection.TO_US:
        return {"performer": [practice]}
    kind = coding(at.system("referral-kind"), str(referral.kind), referral.kind.label)
    return {"requester": practice, "performerType": concept(kind)}
