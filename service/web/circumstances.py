"""Circumstances of a case: relationship facts in versions, and referrals.

Rule: facts as told, no names of anybody; a change that bears on danger offers the questions and asks nothing by itself.
"""

from typing import Any

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
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
    Urgency,
)
from schemas.circumstances import FactsFormSchema, ReferralChangeSchema, ReferralSchema
from schemas.vocabulary import AskedAnswer
from service.casework import circumstances
from service.domain import clock
from service.domain.cases import Case
from service.domain.programme import barriers_wanted
from service.domain.referrals import ReferralDraft
from service.domain.relationship import (
    BARRIERS_PROMPT,
    DANGER_PROMPT,
    Hearing,
    KeptFacts,
    LegalOrder,
    facts_of,
)
from service.errors import NotFound
from service.guard import current_actor, current_practice, needs
from service.web.cases import labels, may
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("circumstances", __name__)
ASKED = (
    ("housing", "Shared housing"),
    ("workplace", "Shared workplace"),
    ("money", "Shared money or debt"),
    ("pregnancy", "Pregnancy"),
    ("immigration", "Papers or residence tied to the other person"),
)
SPARE = 2


@page.get("/cases/<case_id>/relationship")
@needs(Action.CASE_READ)
def relationship(case_id: str) -> Response:
    found = circumstances.read_circumstances(current_actor(), case_id)
    return show(
        "pages/circumstances/relationship.html",
        task=f"Relationship facts {found.case.code}",
        case=found.case,
        may=may(found.case),
        versions=[(each, _told(each)) for each in found.versions],
        offers=_offers(found.case, found.now),
        screen_url=url_for("intakes.log", case_id=case_id, instrument_key="sfs"),
        barriers_url=url_for("intakes.log", case_id=case_id, instrument_key="sig"),
    )


@page.get("/cases/<case_id>/relationship/change")
@needs(Action.CASE_CHANGE)
def change(case_id: str) -> Response:
    found = circumstances.read_circumstances(current_actor(), case_id, Action.CASE_CHANGE)
    facts = found.now.facts
    return show(
        "pages/circumstances/change.html",
        task=f"Relationship facts {found.case.code}",
        case=found.case,
        version=found.now.version,
        facts=facts,
        asked=ASKED,
        orders=(*facts.orders, *(LegalOrder(OrderType.NONE),) * SPARE),
        hearings=(*facts.hearings, *(Hearing(None),) * SPARE),
        options={
            "answers": labels(AskedAnswer),
            "durations": labels(DurationBand),
            "ages": labels(AgeBand),
            "reasons": labels(ContactReason),
            "constraints": labels(Constraint),
            "types": labels(OrderType),
            "statuses": labels(OrderStatus),
        },
    )


@page.post("/cases/<case_id>/relationship/change")
@needs(Action.CASE_CHANGE)
@form_page(change)
def keep(case_id: str) -> Response:
    given = read(FactsFormSchema)
    version = given.pop("version")
    circumstances.keep_facts(current_actor(), case_id, facts_of(given), version=version)
    return done(url_for("circumstances.relationship", case_id=case_id), "The facts are kept.")


@page.get("/cases/<case_id>/referrals/new")
@needs(Action.CASE_CHANGE)
def new_referral(case_id: str) -> Response:
    return _referral_form(case_id, None)


@page.post("/cases/<case_id>/referrals/new")
@needs(Action.CASE_CHANGE)
@form_page(new_referral)
def add_referral(case_id: str) -> Response:
    circumstances.save_referral(current_actor(), case_id, ReferralDraft(**read(ReferralSchema)))
    return _back(case_id)


@page.get("/cases/<case_id>/referrals/<referral_id>")
@needs(Action.CASE_CHANGE)
def referral(case_id: str, referral_id: str) -> Response:
    return _referral_form(case_id, referral_id)


@page.post("/cases/<case_id>/referrals/<referral_id>")
@needs(Action.CASE_CHANGE)
@form_page(referral)
def save_referral(case_id: str, referral_id: str) -> Response:
    given = read(ReferralChangeSchema)
    version = given.pop("version")
    draft = ReferralDraft(**given)
    circumstances.save_referral(current_actor(), case_id, draft, referral_id=referral_id, version=version)
    return _back(case_id)


def _referral_form(case_id: str, referral_id: str | None) -> Response:
    found = circumstances.read_circumstances(current_actor(), case_id, Action.CASE_CHANGE)
    kept = next((each for each in found.referrals if each.id == referral_id), None)
    if referral_id and kept is None:
        raise NotFound
    return show(
        "pages/circumstances/referral.html",
        task=f"Referral {found.case.code}",
        case=found.case,
        kept=kept,
        today=clock.today(current_practice().zone),
        options={
            "directions": labels(ReferralDirection),
            "kinds": labels(ReferralKind),
            "urgencies": labels(Urgency),
            "decisions": labels(ReferralDecision),
        },
    )


def _offers(case: Case, kept: KeptFacts) -> dict[str, Any]:
    """What the facts as they stand offer, in words; nothing is started by itself."""
    barriers = barriers_wanted(case.presentation.contact_context, kept.facts.returns)
    return {
        "danger": f"{DANGER_PROMPT}: {', '.join(kept.changed)}" if kept.changed else "",
        "barriers": BARRIERS_PROMPT if barriers else "",
    }


def _told(kept: KeptFacts) -> list[tuple[str, str]]:
    """One version as (name, words)."""
    facts = kept.facts
    ages = ", ".join(each.label for each in facts.child_ages)
    children = "" if facts.children is None else f"{facts.children}{f' ({ages})' if ages else ''}"
    return [
        ("How long", facts.duration.label),
        ("Children in common", children),
        *((name, getattr(facts, key).label) for key, name in ASKED),
        ("Went back", "" if facts.returns is None else f"{facts.returns} times, as told"),
        ("Why contact goes on", ", ".join(each.label for each in facts.contact_reasons)),
        ("Cannot be changed at present", ", ".join(each.label for each in facts.constraints)),
    ]


def _back(case_id: str) -> Response:
    return done(url_for("cases.details", case_id=case_id, _anchor="referrals"), "The referral is saved.")
