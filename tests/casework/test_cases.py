"""Opening, changing, covering and closing a case."""

from datetime import date, timedelta

import pytest

from schemas.case_codes import EpisodeState
from schemas.vocabulary import CaseStatus, Channel, ChannelRule, GoalDomain
from service.casework import cases, goals, people, sessions, timeline
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.cases import Case, ChannelPreference, ContactPreferences, OtherPerson
from service.domain.timeline import Wanted
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")


def test_a_new_case_is_its_therapists_own_and_has_an_active_episode(house: House) -> None:
    case = builders.add_case(house.therapist)
    assert (case.owner_id, case.owner_name) == (house.therapist.user_id, "Ana Núñez")
    assert (case.status, case.episode.status) == (CaseStatus.OPEN, EpisodeState.ACTIVE)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"chosen_name": "  "}, "chosen_name"),
        ({"birth_date": date(2020, 1, 1)}, "birth_date"),
        ({"birth_date": date(2999, 1, 1)}, "birth_date"),
    ],
)
def test_a_client_must_be_a_named_adult(house: House, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        builders.add_case(house.therapist, **changes)
    assert list(caught.value.fields) == [field]


def test_a_changed_section_leaves_the_others_alone(house: House) -> None:
    case = builders.add_case(house.therapist)
    contact = ContactPreferences(
        (ChannelPreference(Channel.PHONE, ChannelRule.OK, "+353 1 555 0100"),), code_word="heron"
    )
    changed = cases.change_contact(house.therapist, case.id, contact, version=case.version)
    changed = cases.change_other_person(house.therapist, case.id, OtherPerson("Person B"), version=changed.version)
    assert (changed.contact, changed.other_person.label, changed.client) == (contact, "Person B", case.client)


def test_a_stale_change_is_refused_and_keeps_what_is_stored(house: House) -> None:
    case = builders.add_case(house.therapist)
    cases.change_other_person(house.therapist, case.id, OtherPerson("Person B"), version=case.version)
    with pytest.raises(Conflict):
        cases.change_other_person(house.therapist, case.id, OtherPerson("Person C"), version=case.version)
    assert cases.read_case(house.therapist, case.id).other_person.label == "Person B"


def test_a_case_that_is_not_yours_answers_as_a_missing_one(house: House) -> None:
    case = builders.add_case(house.therapist)
    answers = []
    for actor in (house.peer, house.stranger, house.admin):
        for case_id in (case.id, "00000000-0000-4000-8000-00000000dead"):
            with pytest.raises(NotFound) as caught:
                cases.read_case(actor, case_id)
            answers.append(caught.value.message)
    assert len(set(answers)) == 1


def test_cover_lasts_until_its_day(house: House) -> None:
    case = builders.add_case(house.therapist)
    today = clock.now().date()
    cases.assign_cover(house.therapist, case.id, house.peer.user_id, today)
    assert cases.read_case(house.peer, case.id).code == case.code
    with clock.standing_at(clock.now() + timedelta(days=2)), pytest.raises(NotFound):
        cases.read_case(house.peer, case.id)


def covered(house: House) -> Case:
    """A case of the therapist that the peer covers today."""
    case = builders.add_case(house.therapist)
    cases.assign_cover(house.therapist, case.id, house.peer.user_id, clock.now().date() + timedelta(days=1))
    return case


def test_a_case_is_passed_for_good_to_a_colleague_who_covers_it(house: House) -> None:
    case = covered(house)
    cases.pass_on(house.therapist, case.id, house.peer.user_id)
    with clock.standing_at(clock.now() + timedelta(days=90)):
        kept = cases.read_case(house.peer, case.id)
        assert (kept.owner_id, kept.owner_name, kept.version > case.version) == (
            house.peer.user_id,
            house.peer.name,
            True,
        )
        for gone in (house.therapist, house.supervisor):
            with pytest.raises(NotFound):
                cases.read_case(gone, case.id)
    told = timeline.read_timeline(house.peer, case.id, Wanted(reader_id=house.peer.user_id)).happened
    assert "Changed: who its therapist is" in [each.words for each in told]


def test_a_supervisor_passes_on_the_case_of_a_therapist_who_left(house: House) -> None:
    case = covered(house)
    with pytest.raises(Conflict, match="Its therapist"):
        cases.pass_on(house.supervisor, case.id, house.peer.user_id)
    with pytest.raises(Conflict, match="Its therapist"):
        cases.read_successor(house.supervisor, case.id, house.peer.user_id)
    assert not cases.read_cover(house.supervisor, case.id).may_pass
    assert cases.read_cover(house.therapist, case.id).may_pass
    people.end_account(house.admin, house.therapist.user_id)
    assert cases.read_cover(house.supervisor, case.id).may_pass
    cases.pass_on(house.supervisor, case.id, house.peer.user_id)
    assert cases.read_case(house.peer, case.id).owner_id == house.peer.user_id


def test_nobody_becomes_the_therapist_who_does_not_cover_the_case_or_cannot_sign_in(house: House) -> None:
    case = builders.add_case(house.therapist)
    for other in (house.peer, house.supervisor, house.stranger, house.admin):
        with pytest.raises(Invalid, match="covers it"):
            cases.pass_on(house.therapist, case.id, other.user_id)
    with pytest.raises(NotFound):
        cases.read_successor(house.therapist, case.id, house.peer.user_id)
    case = covered(house)
    with pytest.raises(NotAllowed):
        cases.pass_on(house.peer, case.id, house.peer.user_id)
    people.end_account(house.admin, house.peer.user_id)
    with pytest.raises(Invalid, match="covers it"):
        cases.pass_on(house.therapist, case.id, house.peer.user_id)
    assert cases.read_case(house.therapist, case.id).owner_id == house.therapist.user_id


@pytest.mark.parametrize("who", ["admin", "stranger", "machine"])
def test_only_clinicians_of_the_practice_can_cover(house: House, who: str) -> None:
    case = builders.add_case(house.therapist)
    with pytest.raises(Invalid):
        cases.assign_cover(house.therapist, case.id, getattr(house, who).user_id, clock.now().date())


def test_a_closed_case_refuses_a_new_session_and_stays_readable(house: House) -> None:
    case = builders.add_case(house.therapist)
    closed = builders.close_case(house.therapist, case.id, version=case.version)
    assert (closed.status, closed.episode.status) == (CaseStatus.CLOSED, EpisodeState.CLOSED)
    with pytest.raises(NotAllowed):
        sessions.record_session(house.therapist, case.id, builders.a_session_draft())
    assert cases.read_case(house.therapist, case.id).code == case.code


def test_a_goal_keeps_the_clients_words(house: House) -> None:
    case = builders.add_case(house.therapist)
    goal = goals.save_goal(house.therapist, case.id, GoalDraft(GoalDomain.PERSONAL, "Schlafen, ohne nachzusehen"))
    again = goals.save_goal(
        house.therapist,
        case.id,
        GoalDraft(GoalDomain.PERSONAL, "Ruhig schlafen"),
        goal_id=goal.id,
        version=goal.version,
    )
    assert (again.id, again.words) == (goal.id, "Ruhig schlafen")
    other = builders.add_case(house.therapist)
    with pytest.raises(NotFound):
        goals.save_goal(house.therapist, other.id, GoalDraft(GoalDomain.SAFETY, "x"), goal_id=goal.id, version=2)
