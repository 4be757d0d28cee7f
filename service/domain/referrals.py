"""Referrals: who sent the client or where the client was sent, in the referrer's words, and what was decided.

Rule: nothing is sent back to a referrer by this record; whether the client agrees to a reply is kept, and a reply is a
release of its own.
"""

from dataclasses import dataclass
from datetime import date, datetime

from schemas.case_codes import ReferralDecision, ReferralDirection, ReferralKind, Urgency
from service.errors import Invalid


@dataclass(frozen=True)
class ReferralDraft:
    """A referral as typed. `reason` is in the referrer's words; `source` stays here."""

    direction: ReferralDirection
    kind: ReferralKind
    received_on: date
    source: str = ""
    reason: str = ""
    urgency: Urgency = Urgency.ROUTINE
    reply_consent: bool = False
    decision: ReferralDecision = ReferralDecision.PENDING
    decided_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Referral(ReferralDraft):
    """`author_id` is who wrote it down, "" where that was not kept."""

    id: str = ""
    case_id: str = ""
    version: int = 1
    updated_at: datetime | None = None
    author_id: str = ""


def check_referral(draft: ReferralDraft, today: date) -> None:
    """Raises Invalid naming the field."""
    wrong = {}
    if draft.received_on > today:
        wrong["received_on"] = "This day has not come yet."
    if draft.decision is not ReferralDecision.PENDING and draft.decided_on is None:
        wrong["decided_on"] = "Give the day of the decision."
    if draft.decided_on is not None and draft.decided_on < draft.received_on:
        wrong["decided_on"] = "The decision is before the referral."
    if wrong:
        raise Invalid("The referral needs a change.", wrong)
