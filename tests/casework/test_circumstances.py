"""Keeping relationship facts in versions, and referrals."""

import pytest

from schemas.case_codes import ReferralDecision
from schemas.vocabulary import AskedAnswer
from service.casework import circumstances
from service.domain.relationship import RelationshipFacts
from service.errors import Conflict, NotFound
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")


def test_every_save_keeps_a_version_and_who_made_it(house: House) -> None:
    case = builders.add_case(house.therapist)
    circumstances.keep_facts(house.therapist, case.id, RelationshipFacts(children=1), version=0)
    later = RelationshipFacts(children=2, pregnancy=AskedAnswer.YES)
    circumstances.keep_facts(house.therapist, case.id, later, version=1)
    found = circumstances.read_circumstances(house.supervisor, case.id)
    assert [(each.version, each.facts.children, each.by) for each in found.versions] == [
        (2, 2, "Ana Núñez"),
        (1, 1, "Ana Núñez"),
    ]
    assert (found.now.facts, found.now.changed) == (later, ("a pregnancy",))


def test_a_stale_version_is_refused_with_both_texts(house: House) -> None:
    case = builders.add_case(house.therapist)
    circumstances.keep_facts(house.therapist, case.id, RelationshipFacts(children=1), version=0)
    with pytest.raises(Conflict) as caught:
        circumstances.keep_facts(house.therapist, case.id, RelationshipFacts(children=3), version=0)
    assert (caught.value.yours["children"], caught.value.theirs["children"]) == ("3", "1")
    assert len(circumstances.read_circumstances(house.therapist, case.id).versions) == 1


def test_facts_of_a_case_that_is_not_yours_are_not_there(house: House) -> None:
    case = builders.add_case(house.therapist)
    for actor in (house.peer, house.stranger, house.admin, house.machine):
        with pytest.raises(NotFound):
            circumstances.read_circumstances(actor, case.id)
    with pytest.raises(NotFound):
        circumstances.keep_facts(house.peer, case.id, RelationshipFacts(), version=0)


def test_a_referral_is_changed_in_its_own_case_only(house: House) -> None:
    case, other = builders.add_case(house.therapist), builders.add_case(house.therapist)
    kept = builders.add_referral(house.therapist, case.id)
    changed = builders.a_referral_draft(decision=ReferralDecision.ACCEPTED, decided_on=kept.received_on)
    with pytest.raises(NotFound):
        circumstances.save_referral(house.therapist, other.id, changed, referral_id=kept.id, version=kept.version)
    saved = circumstances.save_referral(house.therapist, case.id, changed, referral_id=kept.id, version=kept.version)
    assert (saved.id, saved.decision, saved.version) == (kept.id, ReferralDecision.ACCEPTED, 2)
    with pytest.raises(Conflict):
        circumstances.save_referral(house.therapist, case.id, changed, referral_id=kept.id, version=kept.version)
