"""Relationship facts in versions, and referrals."""

from schemas.actions import Action
from schemas.circumstances import (
    FactsChangeSchema,
    FactsRecord,
    ReferralChangeSchema,
    ReferralRecord,
    ReferralSchema,
)
from service.api.routes import Given, Routes, seen, takes
from service.casework import circumstances
from service.domain.referrals import Referral, ReferralDraft
from service.domain.relationship import KeptFacts, facts_of
from service.guard import current_actor, needs

routes = Routes("Circumstances", "Facts of the relationship as told, in versions, and who referred whom where.")


@routes.get("/cases/<id:case_id>/relationship", FactsRecord, many=True)
@needs(Action.CASE_READ)
def list_facts(case_id: str) -> tuple[KeptFacts, ...]:
    """Every version of the relationship facts, the newest first."""
    return circumstances.read_circumstances(current_actor(), case_id).versions


@routes.put("/cases/<id:case_id>/relationship", FactsRecord)
@needs(Action.CASE_CHANGE)
@takes(FactsChangeSchema)
def keep_facts(given: Given, case_id: str) -> KeptFacts:
    """Keep a new version. `changed` names what offers the danger questions of the safety screen."""
    version = given.pop("version")
    return circumstances.keep_facts(current_actor(), case_id, facts_of(given), version=version)


@routes.get("/cases/<id:case_id>/referrals", ReferralRecord, many=True)
@needs(Action.CASE_READ)
def list_referrals(case_id: str) -> tuple[Referral, ...]:
    """Referrals to and from the practice, the newest first."""
    return circumstances.read_circumstances(current_actor(), case_id).referrals


@routes.post("/cases/<id:case_id>/referrals", ReferralRecord, status=201)
@needs(Action.CASE_CHANGE)
@takes(ReferralSchema)
def add_referral(given: Given, case_id: str) -> Referral:
    """Add a referral."""
    return circumstances.save_referral(current_actor(), case_id, ReferralDraft(**given))


@routes.put("/cases/<id:case_id>/referrals/<id:referral_id>", ReferralRecord)
@needs(Action.CASE_CHANGE)
@takes(ReferralChangeSchema)
def change_referral(given: Given, case_id: str, referral_id: str) -> Referral:
    """Replace a referral."""
    version, draft = seen(given), ReferralDraft(**given)
    return circumstances.save_referral(current_actor(), case_id, draft, referral_id=referral_id, version=version)
