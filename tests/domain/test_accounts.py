"""Passwords and the clock of a sign-in."""

from datetime import timedelta

import pytest

from service.domain.accounts import check_password, state_of
from service.errors import Invalid
from tests.builders import at

START = at(2026, 3, 2, 9)


def state(
    *, idle: timedelta = timedelta(), age: timedelta = timedelta(), stepped_up: timedelta | None = None
) -> object:
    moment = START + age
    return state_of(
        created_at=START,
        last_seen_at=moment - idle,
        locked=False,
        stepped_up_at=None if stepped_up is None else moment - stepped_up,
        at=moment,
    )


@pytest.mark.parametrize(
    ("minutes", "locked", "ended"), [(9, False, False), (10, True, False), (29, True, False), (30, True, True)]
)
def test_a_quiet_screen_locks_after_ten_minutes_and_ends_after_thirty(minutes: int, locked: bool, ended: bool) -> None:
    found = state(idle=timedelta(minutes=minutes), age=timedelta(hours=1))
    assert (found.locked, found.ended) == (locked, ended)  # type: ignore[attr-defined]


def test_a_busy_sign_in_ends_after_twelve_hours() -> None:
    assert not state(age=timedelta(hours=11, minutes=59)).ended  # type: ignore[attr-defined]
    assert state(age=timedelta(hours=12)).ended  # type: ignore[attr-defined]


def test_a_confirmation_of_identity_lasts_five_minutes() -> None:
    assert state(stepped_up=timedelta(minutes=4, seconds=59)).stepped_up  # type: ignore[attr-defined]
    assert not state(stepped_up=timedelta(minutes=5)).stepped_up  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "password",
    [
        "short words",
        "x" * 129,
        "aaaaaaaaaaaaaa",
        "my password is long",
        "siobhan is at the desk",
        "lantern BYRNE lantern",
    ],
)
def test_a_weak_password_is_refused_at_its_field(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_password(password, email="siobhan@linden.example", name="Siobhán Byrne")
    assert list(caught.value.fields) == ["password"]


@pytest.mark.parametrize(
    "password", ["plum river candle", "ß" * 4 + "čtyři kočky na střeše", "p" + "lumrivercandle" * 9]
)
def test_a_long_passphrase_of_any_script_is_taken(password: str) -> None:
    check_password(password, email="ana@linden.example", name="Ana Núñez")
    assert 12 <= len(password) <= 128
