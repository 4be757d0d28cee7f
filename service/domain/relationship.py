"""Relationship facts: circumstances that bear on plans, in versions, and which changes offer the danger questions.

Rule: facts as told, no names, no diagnosis, nothing about how anybody is. A new or changed order, court date or
pregnancy offers the danger part of the safety screen and a look at the plan within 7 days (TR-3); two returns or more
offer the list of practical barriers (TR-4). Source: domain.md 2.6 and 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from schemas.case_codes import AgeBand, Constraint, ContactReason, DurationBand, OrderStatus, OrderType
from schemas.vocabulary import AskedAnswer
from service.errors import Invalid

DANGER_PROMPT = "Offer the danger part of the safety screen and look at the plan within 7 days"
BARRIERS_PROMPT = (
    "Offer the list of practical barriers, without blame: money, housing, children, papers, threats, family"
)


@dataclass(frozen=True)
class LegalOrder:
    """One order. `copy_held` says that a copy lies with the practice."""

    type: OrderType
    status: OrderStatus = OrderStatus.APPLIED
    from_on: date | None = None
    to_on: date | None = None
    terms: str = ""
    copy_held: bool = False


@dataclass(frozen=True)
class Hearing:
    on: date | None
    about: str = ""


@dataclass(frozen=True)
class RelationshipFacts:
    """Children are a count and age bands; `returns` is how often the client went back, as they tell it."""

    duration: DurationBand = DurationBand.UNKNOWN
    children: int | None = None
    child_ages: tuple[AgeBand, ...] = ()
    housing: AskedAnswer = AskedAnswer.NOT_ASKED
    workplace: AskedAnswer = AskedAnswer.NOT_ASKED
    money: AskedAnswer = AskedAnswer.NOT_ASKED
    pregnancy: AskedAnswer = AskedAnswer.NOT_ASKED
    immigration: AskedAnswer = AskedAnswer.NOT_ASKED
    returns: int | None = None
    contact_reasons: tuple[ContactReason, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    orders: tuple[LegalOrder, ...] = ()
    hearings: tuple[Hearing, ...] = ()


@dataclass(frozen=True)
class KeptFacts:
    """One version: the facts, who kept them when, and what of them had changed that asks for the danger questions."""

    version: int = 0
    facts: RelationshipFacts = field(default_factory=RelationshipFacts)
    at: datetime | None = None
    by: str = ""
    changed: tuple[str, ...] = ()


def facts_of(given: Mapping[str, Any]) -> RelationshipFacts:
    """The facts from what a schema loaded; rows of a form that hold nothing are left out."""
    orders = tuple(LegalOrder(**each) for each in given["orders"] if each["type"] is not OrderType.NONE)
    hearings = tuple(Hearing(**each) for each in given["hearings"] if each["on"] or each["about"].strip())
    listed = {name: tuple(given[name]) for name in ("child_ages", "contact_reasons", "constraints")}
    return RelationshipFacts(**{**given, **listed, "orders": orders, "hearings": hearings})


def check_facts(facts: RelationshipFacts) -> None:
    """Raises Invalid naming the field."""
    wrong = {
        f"orders.{number}.to_on": "The last day is before the first."
        for number, each in enumerate(facts.orders)
        if each.from_on and each.to_on and each.to_on < each.from_on
    }
    wrong |= {f"hearings.{number}.on": "Give the day." for number, each in enumerate(facts.hearings) if not each.on}
    if facts.child_ages and not facts.children:
        wrong["children"] = "Say how many children there are."
    if wrong:
        raise Invalid("The facts need a change.", wrong)


def danger_changes(before: RelationshipFacts, after: RelationshipFacts) -> tuple[str, ...]:
    """Which changes offer the danger questions, in words that may be read over a shoulder."""
    found = []
    if after.pregnancy is AskedAnswer.YES and before.pregnancy is not AskedAnswer.YES:
        found.append("a pregnancy")
    if set(after.orders) != set(before.orders):
        found.append("a legal order")
    if set(after.hearings) != set(before.hearings):
        found.append("a court date")
    return tuple(found)


def hearings_ahead(facts: RelationshipFacts, today: date) -> tuple[Hearing, ...]:
    ahead = [each for each in facts.hearings if each.on and each.on >= today]
    return tuple(sorted(ahead, key=lambda each: each.on or today))
