"""Circumstances in the demo practice: a referral for each case and who could see it elsewhere, relationship facts and
a diagnosis where a story has them.
"""

from collections.abc import Collection
from datetime import date

from schemas.case_codes import (
    AgeBand,
    Constraint,
    ContactReason,
    DurationBand,
    OrderStatus,
    OrderType,
    ReferralDecision,
    ReferralDirection,
    ReferralKind,
)
from schemas.diagnosis_codes import DiagnosisCode
from schemas.proxy_codes import ProxyKind
from schemas.vocabulary import AskedAnswer
from service.casework import circumstances, diagnoses, proxies
from service.domain.actors import Actor
from service.domain.diagnoses import Assessed
from service.domain.proxies import Concern, Proxy
from service.domain.referrals import ReferralDraft
from service.domain.relationship import LegalOrder, RelationshipFacts


def write(actor: Actor, case_id: str, on: date, features: Collection[str]) -> None:
    referral = ReferralDraft(
        ReferralDirection.TO_US,
        ReferralKind.PRIMARY_CARE,
        on,
        source="Health centre at the canal",
        reason="Sleeps badly since a separation and asks for somebody to talk to.",
        decision=ReferralDecision.ACCEPTED,
        decided_on=on,
    )
    circumstances.save_referral(actor, case_id, referral)
    proxies.save_concern(actor, case_id, Concern("Invented Othername"), version=0)
    told = Proxy(ProxyKind.CONTACT, "Invented Contactname", system="Health centre at the canal")
    proxies.add_proxy(actor, case_id, told)
    if "goals" in features:
        circumstances.keep_facts(actor, case_id, _FACTS, version=0)
        diagnoses.make_diagnosis(actor, case_id, Assessed(DiagnosisCode.ADJUSTMENT_MIXED, onset=f"{on:%Y-%m}"))


_FACTS = RelationshipFacts(
    duration=DurationBand.THREE_TO_SEVEN,
    children=1,
    child_ages=(AgeBand.UNDER_TWELVE,),
    housing=AskedAnswer.NO,
    money=AskedAnswer.YES,
    pregnancy=AskedAnswer.NO,
    returns=2,
    contact_reasons=(ContactReason.CHILDREN,),
    constraints=(Constraint.CUSTODY,),
    orders=(LegalOrder(OrderType.CARE, OrderStatus.IN_FORCE, terms="Hand-over on Fridays at the library"),),
)
