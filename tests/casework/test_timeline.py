"""The timeline of a case: everything once, page by page, in any choice; taken away as a table."""

import hashlib
from datetime import timedelta
from itertools import pairwise

import pytest

from schemas.case_codes import TimelineKind
from schemas.instruments import find
from schemas.release_codes import ConsentAnswer, ConsentKind, ContentClass, Door, SaidHow
from schemas.vocabulary import EventLevel, GoalDomain, PlanType
from service.casework import (
    cases,
    circumstances,
    disclosures,
    events,
    goals,
    plans,
    proxies,
    releases,
    supervision_records,
    timeline,
    walls,
)
from service.casework.copies import CopyWish
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import OtherPerson
from service.domain.disclosures import to_the_client
from service.domain.proxies import Concern
from service.domain.relationship import RelationshipFacts
from service.domain.releases import Said
from service.domain.supervision_records import TouchedWords
from service.domain.timeline import NOT_BY_GLASS, Happening, Wanted
from service.errors import Invalid, NotAllowed, NotFound
from service.store import disclosures as disclosure_store
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
RATED = tuple(item.key for item in find("ssr", "1.0.0").asked() if item.key != "change")
PLANTED = "Planted-words-of-the-client"


def a_full_case(house: House) -> str:
    """Something of every kind; whatever takes words holds PLANTED."""
    actor = house.therapist
    case = builders.add_case(actor, chosen_name=PLANTED)
    cases.change_other_person(actor, case.id, OtherPerson(PLANTED), version=case.version)
    for week in range(4):
        start = clock.now() - timedelta(days=7 * week + 1)
        session = builders.add_session(actor, case.id, starts_at=start, ends_at=start + timedelta(minutes=50))
        builders.add_note(actor, session.id, text=PLANTED, signed=True)
    builders.add_intake(actor, case.id)
    builders.add_plan(actor, case.id)
    events.open_event(actor, case.id, EventLevel.NEXT, prompt=PLANTED)
    goals.save_goal(actor, case.id, GoalDraft(GoalDomain.PERSONAL, PLANTED))
    circumstances.keep_facts(actor, case.id, RelationshipFacts(children=1), version=0)
    builders.add_diagnosis(actor, case.id, words=PLANTED)
    builders.add_referral(actor, case.id)
    builders.offer_step(actor, case.id)
    said = Said(ConsentKind.TREATMENT, ConsentAnswer.GIVEN, clock.now().date(), SaidHow.WRITTEN, PLANTED)
    releases.record_consent(actor, case.id, said)
    builders.add_release(actor, case.id)
    disclosures.record_disclosure(actor, case.id, to_the_client(), (ContentClass.ATTENDANCE,), PLANTED)
    meeting = builders.add_meeting(house.supervisor, actor, words=PLANTED)
    supervision_records.touch_case(house.supervisor, meeting.id, case.id, TouchedWords(PLANTED, PLANTED), version=None)
    return case.id


def test_everything_stands_on_the_timeline_once_and_in_order(house: House) -> None:
    found = timeline.read_timeline(house.therapist, a_full_case(house), Wanted(), most=200)
    assert {each.kind for each in found.happened} == set(TimelineKind)
    assert found.further is None
    assert all((one.at, one.row) > (other.at, other.row) for one, other in pairwise(found.happened))
    assert all(each.words for each in found.happened)


@pytest.mark.parametrize("most", [1, 3, 7])
def test_pages_of_any_size_lose_and_repeat_nothing(house: House, most: int) -> None:
    case_id = a_full_case(house)
    whole = timeline.read_timeline(house.therapist, case_id, Wanted(), most=200).happened
    paged: list[Happening] = []
    wanted = Wanted()
    while True:
        part = timeline.read_timeline(house.therapist, case_id, wanted, most=most)
        paged += part.happened
        if part.further is None:
            break
        wanted = Wanted(before=part.further)
    assert tuple(paged) == whole


def test_a_choice_of_kinds_and_days_is_kept_to(house: House) -> None:
    case_id, today = a_full_case(house), clock.today("Europe/Dublin")
    kinds = frozenset({TimelineKind.SESSION, TimelineKind.GOAL})
    chosen = timeline.read_timeline(house.therapist, case_id, Wanted(kinds), most=200).happened
    assert {each.kind for each in chosen} == kinds
    day = today - timedelta(days=8)
    on_that_day = timeline.read_timeline(house.therapist, case_id, Wanted(kinds, day, day), most=200).happened
    assert [clock.local(each.at, "Europe/Dublin").date() for each in on_that_day] == [day]


def test_ratings_of_sessions_are_for_the_therapist_alone(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    answers = dict.fromkeys(RATED, "4")
    builders.add_intake(house.therapist, case_id, answers, instrument_key="ssr")
    forms = Wanted(frozenset({TimelineKind.FORM}))
    assert len(timeline.read_timeline(house.therapist, case_id, forms).happened) == 1
    assert timeline.read_timeline(house.supervisor, case_id, forms).happened == ()


def test_meetings_are_for_the_two_who_met_and_never_leave(house: House) -> None:
    case_id, today = a_full_case(house), clock.now().date()
    cases.assign_cover(house.therapist, case_id, house.peer.user_id, today)
    wanted = Wanted(frozenset({TimelineKind.SUPERVISION}))
    for person, seen in ((house.therapist, 1), (house.supervisor, 1), (house.peer, 0)):
        found = timeline.read_timeline(person, case_id, wanted).happened
        assert [each.local("Pacific/Auckland").date() for each in found] == [today] * seen
    assert "Supervision" not in timeline.export_timeline(house.therapist, case_id, Wanted()).decode()


def test_an_emergency_shows_neither_programme_nor_papers(house: House) -> None:
    case_id = a_full_case(house)
    walls.break_glass(house.peer, cases.read_case(house.therapist, case_id).code, "Nobody else could be reached")
    seen = {each.kind for each in timeline.read_timeline(house.peer, case_id, Wanted(), most=200).happened}
    assert seen == set(TimelineKind) - NOT_BY_GLASS - {TimelineKind.SUPERVISION}


def test_a_table_holds_nobodys_words_and_asks_for_a_fresh_confirmation(house: House) -> None:
    case_id = a_full_case(house)
    told = timeline.export_timeline(house.therapist, case_id, Wanted()).decode()
    assert "Individual session: Attended" in told
    assert PLANTED not in told
    left = disclosure_store.of_case(case_id)[0]
    digest = hashlib.sha256(told.encode()).hexdigest()
    assert (left.left.door, left.left.digest, left.departure) == (Door.TIMELINE, digest, to_the_client())
    proxies.save_concern(house.therapist, case_id, Concern(names="The client"), version=0)
    with pytest.raises(Invalid):
        timeline.export_timeline(house.therapist, case_id, Wanted())
    assert disclosure_store.of_case(case_id)[0] == left
    unconfirmed = Actor(house.therapist.user_id, house.practice_id, house.therapist.role, "Ana Núñez")
    with pytest.raises(NotAllowed):
        timeline.export_timeline(unconfirmed, case_id, Wanted())
    with pytest.raises(NotAllowed):
        timeline.export_timeline(house.supervisor, case_id, Wanted())
    with pytest.raises(NotFound):
        timeline.export_timeline(house.peer, case_id, Wanted())


def test_a_table_says_neither_which_plan_there_is_nor_what_an_own_copy_is_of(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    builders.add_plan(house.therapist, case_id, PlanType.PL_LEAVE, active=False)
    plan = builders.add_plan(house.therapist, case_id, PlanType.PL_URGE)
    plans.copy_plan(house.therapist, plan.id, CopyWish("Notes", "At work"))
    told = timeline.export_timeline(house.therapist, case_id, Wanted()).decode()
    assert "Plan: Draft" in told and "Left: Client's own copy." in told
    assert [each.label for each in PlanType if each.label in told] == [] and "of a plan" not in told
