"""Relationship facts: which changes offer the danger questions, what is refused; referrals; the data behind factors."""

from datetime import date

import pytest

from schemas.case_codes import (
    AgeBand,
    FormulationFactor,
    OrderStatus,
    OrderType,
    ReferralDecision,
    ReferralDirection,
    ReferralKind,
)
from schemas.vocabulary import AskedAnswer
from service.domain.cases import ELEMENTS
from service.domain.referrals import ReferralDraft, check_referral
from service.domain.relationship import (
    Hearing,
    LegalOrder,
    RelationshipFacts,
    check_facts,
    danger_changes,
    facts_of,
    hearings_ahead,
)
from service.errors import Invalid

DAY = date(2026, 3, 1)
ORDER = LegalOrder(OrderType.PROTECTION, OrderStatus.IN_FORCE, DAY, date(2027, 3, 1), "Keep 100 m away")
NOTHING = RelationshipFacts()


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (NOTHING, RelationshipFacts(pregnancy=AskedAnswer.YES), ("a pregnancy",)),
        (RelationshipFacts(pregnancy=AskedAnswer.YES), RelationshipFacts(pregnancy=AskedAnswer.YES), ()),
        (NOTHING, RelationshipFacts(pregnancy=AskedAnswer.UNSURE), ()),
        (NOTHING, RelationshipFacts(orders=(ORDER,)), ("a legal order",)),
        (RelationshipFacts(orders=(ORDER,)), NOTHING, ("a legal order",)),
        (NOTHING, RelationshipFacts(hearings=(Hearing(DAY),)), ("a court date",)),
        (RelationshipFacts(hearings=(Hearing(DAY),)), RelationshipFacts(hearings=(Hearing(DAY),)), ()),
        (NOTHING, RelationshipFacts(children=2, returns=3), ()),
    ],
)
def test_a_new_order_court_date_or_pregnancy_offers_the_danger_questions(
    before: RelationshipFacts, after: RelationshipFacts, changed: tuple[str, ...]
) -> None:
    assert danger_changes(before, after) == changed


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (
            RelationshipFacts(orders=(LegalOrder(OrderType.CARE, from_on=DAY, to_on=date(2026, 2, 1)),)),
            "orders.0.to_on",
        ),
        (RelationshipFacts(hearings=(Hearing(None, "Care of the children"),)), "hearings.0.on"),
        (RelationshipFacts(child_ages=(AgeBand.UNDER_SIX,)), "children"),
    ],
)
def test_facts_that_cannot_be_are_refused_at_their_field(facts: RelationshipFacts, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_facts(facts)
    assert list(caught.value.fields) == [field]


def test_empty_rows_of_a_form_are_left_out() -> None:
    none = {"type": OrderType.NONE, "status": OrderStatus.APPLIED, "from_on": None, "to_on": None, "terms": ""}
    listed: dict[str, object] = {"child_ages": [], "contact_reasons": [], "constraints": []}
    given = listed | {"orders": [{**none, "copy_held": False}], "hearings": [{"on": None, "about": " "}]}
    assert facts_of(given) == NOTHING


def test_court_dates_ahead_come_in_their_order() -> None:
    facts = RelationshipFacts(hearings=(Hearing(date(2026, 5, 1)), Hearing(date(2026, 1, 1)), Hearing(DAY)))
    assert [each.on for each in hearings_ahead(facts, DAY)] == [DAY, date(2026, 5, 1)]


def test_every_factor_names_the_element_it_stands_for() -> None:
    assert ELEMENTS.keys() == set(FormulationFactor)
    assert len(set(ELEMENTS.values())) == len(ELEMENTS)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"received_on": date(2026, 3, 2)}, "received_on"),
        ({"decision": ReferralDecision.ACCEPTED}, "decided_on"),
        ({"decision": ReferralDecision.DECLINED, "decided_on": date(2026, 2, 1)}, "decided_on"),
    ],
)
def test_a_referral_keeps_its_dates_in_order(changes: dict[str, object], field: str) -> None:
    given = {"direction": ReferralDirection.TO_US, "kind": ReferralKind.SELF, "received_on": DAY} | changes
    with pytest.raises(Invalid) as caught:
        check_referral(ReferralDraft(**given), DAY)  # type: ignore[arg-type]
    assert list(caught.value.fields) == [field]
