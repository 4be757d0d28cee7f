"""Relationship facts and referrals of a case: reading, keeping a new version, and what a change offers."""

from dataclasses import dataclass

from schemas.actions import Action
from schemas.plan_codes import PlanDoubt
from service.casework.gate import case_unit, check_version, opened_for, practice_today
from service.casework.plan_reviews import want_look
from service.domain.actors import Actor
from service.domain.cases import Case, texts_of
from service.domain.referrals import Referral, ReferralDraft, check_referral
from service.domain.relationship import KeptFacts, RelationshipFacts, check_facts, danger_changes
from service.domain.safety import REVIEW_AFTER_TR_3
from service.errors import NotFound
from service.store import referrals, relationships
from service.store.base import db


@dataclass(frozen=True)
class Circumstances:
    """A case with every version of its relationship facts, newest first, and its referrals."""

    case: Case
    versions: tuple[KeptFacts, ...]
    referrals: tuple[Referral, ...]

    @property
    def now(self) -> KeptFacts:
        return self.versions[0] if self.versions else KeptFacts()


def read_circumstances(actor: Actor, case_id: str, action: Action = Action.CASE_READ) -> Circumstances:
    with case_unit(actor, action, case_id) as (_unit, row):
        return Circumstances(opened_for(actor, row), relationships.of_case(case_id), referrals.of_case(case_id))


def keep_facts(actor: Actor, case_id: str, facts: RelationshipFacts, *, version: int) -> KeptFacts:
    """Keep a new version of the facts, seen as `version` (0 before the first). Raises Invalid, Conflict."""
    check_facts(facts)
    with case_unit(actor, Action.CASE_CHANGE, case_id) as (unit, _row):
        unit.why = "relationship"
        versions = relationships.of_case(case_id)
        stands = versions[0] if versions else KeptFacts()
        check_version(seen=version, stored=stands.version, yours=texts_of(facts), theirs=texts_of(stands.facts))
        changed = danger_changes(stands.facts, facts)
        if facts != stands.facts:
            want_look(unit, case_id, PlanDoubt.CIRCUMSTANCES, REVIEW_AFTER_TR_3 if changed else None)
        return relationships.add(case_id, stands.version + 1, facts, changed, actor.user_id)


def save_referral(
    actor: Actor, case_id: str, draft: ReferralDraft, *, referral_id: str | None = None, version: int = 0
) -> Referral:
    """Add a referral, or change one that was seen as `version`. Raises Invalid, Conflict, NotFound."""
    with case_unit(actor, Action.CASE_CHANGE, case_id) as (unit, _row):
        unit.why = "referral"
        check_referral(draft, practice_today(actor))
        row = referrals.row(referral_id) if referral_id else referrals.new(case_id, actor.user_id)
        if row is None or row.case_id != case_id:
            raise NotFound
        if referral_id:
            theirs = {"reason": referrals.value(row).reason}
            check_version(seen=version, stored=row.version, yours={"reason": draft.reason}, theirs=theirs)
        referrals.fill(row, draft)
        db.session.add(row)
        db.session.flush()
        unit.changed("referral", row.id, row.version, case_id=case_id)
        return referrals.value(row)
