"""What takes two people at an account."""

from datetime import timedelta

import pytest
import time_machine

from schemas.vocabulary import LinkKind, Role
from service.casework import accounts, people, resets
from service.domain import clock
from service.errors import Conflict, NotAllowed, NotFound
from service.store import accounts as account_store
from tests.builders import House, add_actor

pytestmark = pytest.mark.usefixtures("context")


def test_who_asked_cannot_grant_and_neither_can_the_owner(house: House) -> None:
    asked = resets.ask_reset(house.admin, house.supervisor.user_id)
    for actor in (house.admin, house.supervisor):
        with pytest.raises(NotAllowed):
            resets.grant_reset(actor, asked.id)
        assert resets.list_resets(actor) == ()


def test_only_a_granted_reset_makes_a_link_and_only_once(house: House) -> None:
    asked = resets.ask_reset(house.admin, house.peer.user_id)
    granted, token = resets.grant_reset(house.supervisor, asked.id)
    assert accounts.link_kind(token) is LinkKind.RESET
    assert granted.granted_by_name == house.supervisor.name
    with pytest.raises(NotFound):
        resets.grant_reset(house.supervisor, asked.id)


def test_asking_twice_is_asking_once(house: House) -> None:
    first = resets.ask_reset(house.admin, house.peer.user_id)
    assert resets.ask_reset(house.admin, house.peer.user_id).id == first.id


def test_a_refused_reset_makes_no_link(house: House) -> None:
    asked = resets.ask_reset(house.admin, house.peer.user_id)
    resets.refuse_reset(house.supervisor, asked.id)
    with pytest.raises(NotFound):
        resets.grant_reset(house.supervisor, asked.id)


def test_a_reset_that_waited_for_a_day_has_lapsed(house: House) -> None:
    asked = resets.ask_reset(house.admin, house.peer.user_id)
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1), tick=False), pytest.raises(NotFound):
        resets.grant_reset(house.supervisor, asked.id)


def test_another_practice_finds_no_reset(house: House) -> None:
    asked = resets.ask_reset(house.admin, house.peer.user_id)
    other = add_actor(house.stranger.practice_id, Role.ADMIN, "Far Away")
    assert resets.list_resets(other) == ()
    with pytest.raises(NotFound):
        resets.grant_reset(other, asked.id)


def test_the_owner_is_told_until_they_take_note(house: House) -> None:
    resets.grant_reset(house.supervisor, resets.ask_reset(house.admin, house.peer.user_id).id)
    (told,) = resets.my_matters(house.peer).told
    assert (told.asked_by_name, told.granted_by_name) == (house.admin.name, house.supervisor.name)
    assert resets.my_matters(house.therapist).told == ()
    resets.take_note(house.peer)
    assert resets.my_matters(house.peer).told == ()


def test_a_proposed_supervision_counts_once_the_therapist_agrees(house: House) -> None:
    people.supervise(house.admin, house.supervisor.user_id, house.peer.user_id, clock.now().date())
    assert not account_store.supervises(house.supervisor.user_id, house.peer.user_id)
    assert house.peer.user_id not in account_store.supervised_by(house.supervisor.user_id)
    resets.answer_supervision(house.peer, house.supervisor.user_id, agree=True)
    assert account_store.supervises(house.supervisor.user_id, house.peer.user_id)


def test_a_declined_supervision_is_gone_and_only_the_therapist_answers(house: House) -> None:
    people.supervise(house.admin, house.supervisor.user_id, house.peer.user_id, clock.now().date())
    with pytest.raises(Conflict):
        resets.answer_supervision(house.supervisor, house.supervisor.user_id, agree=True)
    resets.answer_supervision(house.peer, house.supervisor.user_id, agree=False)
    assert account_store.supervision_row(house.supervisor.user_id, house.peer.user_id) is None
