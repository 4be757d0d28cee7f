"""Links, cover and resets cannot be turned into a way in for somebody else."""

from datetime import timedelta

import pyotp
import pytest

from schemas.vocabulary import LinkKind, Role
from service.casework import accounts, cases, people, resets
from service.casework.accounts import NewPassword
from service.domain import clock
from service.errors import Invalid, NotAllowed, NotFound, Why
from service.store import accounts as account_store
from service.store.base import db
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")

NEW = NewPassword("willow harbour 7 kites")


def issue(account_id: str, kind: LinkKind) -> str:
    token = account_store.issue_link(account_id, kind)
    db.session.commit()
    return token


def test_an_administrator_cannot_reset_a_connected_system(house: House) -> None:
    with pytest.raises(Invalid):
        resets.ask_reset(house.admin, house.machine.user_id)


def test_no_link_signs_a_connected_system_in(house: House) -> None:
    with pytest.raises(NotFound):
        accounts.sign_in_by_link(issue(house.machine.user_id, LinkKind.SIGN_IN))
    with pytest.raises(NotFound):
        accounts.set_password_by_link(issue(house.machine.user_id, LinkKind.RESET), NEW)


def test_a_link_is_no_confirmation_of_identity(house: House) -> None:
    token = issue(house.therapist.user_id, LinkKind.RESET)
    signed_in = accounts.set_password_by_link(token, NEW)
    assert signed_in.actor.stepped_up is False
    found = accounts.standing(signed_in.token)
    assert found is not None
    assert found.state.stepped_up is False


def test_using_one_link_uses_up_the_others(house: House) -> None:
    older, newer = (issue(house.therapist.user_id, LinkKind.RESET) for _each in range(2))
    accounts.set_password_by_link(newer, NEW)
    with pytest.raises(NotFound):
        accounts.set_password_by_link(older, NewPassword("another 9 lantern path"))


def test_an_invitation_is_worth_nothing_once_there_is_a_password(house: House) -> None:
    token = issue(house.therapist.user_id, LinkKind.INVITE)
    with pytest.raises(NotFound):
        accounts.set_password_by_link(token, NEW)


def test_guessing_the_code_behind_a_reset_link_comes_to_an_end(house: House) -> None:
    secret = accounts.start_totp(house.therapist)
    accounts.confirm_totp(house.therapist, secret, pyotp.TOTP(secret).now())
    token = issue(house.therapist.user_id, LinkKind.RESET)
    for _try in range(8):
        with pytest.raises(Invalid):
            accounts.set_password_by_link(token, NEW)
    with pytest.raises(NotAllowed) as caught:
        accounts.set_password_by_link(token, NEW)
    assert caught.value.why is Why.TOO_MANY


def test_guessing_the_own_password_is_counted(house: House) -> None:
    signed_in = accounts.sign_in(accounts.Credentials(builders.email_of(house.therapist), builders.PASSWORD))
    for _try in range(8):
        with pytest.raises(Invalid):
            accounts.set_password(signed_in.actor, "a wrong guess", NEW.password)
    with pytest.raises(NotAllowed) as caught:
        accounts.set_password(signed_in.actor, builders.PASSWORD, NEW.password)
    assert caught.value.why is Why.TOO_MANY


def test_eight_bad_tries_of_one_person_leave_the_others_at_the_same_address_alone(house: House) -> None:
    for _try in range(9):
        with pytest.raises(NotAllowed):
            accounts.sign_in(accounts.Credentials(builders.email_of(house.peer), "wrong", origin="192.0.2.1"))
    mine = accounts.Credentials(builders.email_of(house.therapist), builders.PASSWORD, origin="192.0.2.1")
    assert accounts.sign_in(mine).actor.user_id == house.therapist.user_id


def test_nobody_is_to_agree_or_to_supervise_whose_account_has_ended(house: House) -> None:
    people.end_account(house.admin, house.therapist.user_id)
    other = builders.add_actor(house.practice_id, Role.SUPERVISOR, "Maeve Quinn")
    with pytest.raises(Invalid) as caught:
        people.supervise(house.admin, other.user_id, house.therapist.user_id, clock.now().date())
    assert list(caught.value.fields) == ["therapist_id"]
    people.end_account(house.admin, other.user_id)
    with pytest.raises(Invalid) as caught:
        people.supervise(house.admin, other.user_id, house.peer.user_id, clock.now().date())
    assert list(caught.value.fields) == ["supervisor_id"]


def test_nobody_gives_themselves_cover_and_cover_ends_within_sixty_days(house: House) -> None:
    case = builders.add_case(house.therapist)
    today = clock.now().date()
    with pytest.raises(Invalid):
        cases.assign_cover(house.supervisor, case.id, house.supervisor.user_id, today)
    with pytest.raises(Invalid) as caught:
        cases.assign_cover(house.therapist, case.id, house.peer.user_id, today + timedelta(days=90))
    assert list(caught.value.fields) == ["until"]
