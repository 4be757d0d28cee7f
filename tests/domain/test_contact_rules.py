"""By which ways a client may be reached at a moment, and what is told of a way that may not be used."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.case_codes import WayState, Weekday
from schemas.vocabulary import Attendance, Channel, ChannelRule
from service.domain.cases import ChannelPreference, ContactPreferences
from service.domain.contact_rules import NAMED, NO_CALL_BACK, always_usable, check_contact, reach_of
from service.errors import Invalid

TUESDAY_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
NUMBER = "+353 1 555 0100"
PHONE = ChannelPreference(Channel.PHONE, ChannelRule.OK, NUMBER)


def between(days: str = "", start: str = "", end: str = "", times: str = "") -> ContactPreferences:
    agreed = tuple(Weekday(each) for each in days.split())
    timed = ChannelPreference(Channel.PHONE, ChannelRule.BETWEEN, NUMBER, times, days=agreed, start=start, end=end)
    return ContactPreferences((timed,))


def phone_at(contact: ContactPreferences, day: int = 3, hour: int = 12, minute: int = 0) -> WayState:
    way = reach_of(contact, datetime(2026, 3, day, hour, minute, tzinfo=UTC)).ways[0]
    assert bool(way.value) == (way.state in (WayState.NOW, WayState.READ))
    return way.state


def test_post_and_email_are_off_until_the_client_agrees() -> None:
    states = {each.channel: each.state for each in reach_of(ContactPreferences((PHONE,)), TUESDAY_NOON).ways}
    assert states[Channel.PHONE] is WayState.NOW
    assert {states[Channel.EMAIL], states[Channel.POST], states[Channel.TEXT]} == {WayState.NEVER}


@pytest.mark.parametrize(
    ("contact", "day", "hour", "minute", "state"),
    [
        (between("mon tue", "10:00", "12:00"), 3, 10, 0, WayState.NOW),
        (between("mon tue", "10:00", "12:00"), 3, 11, 59, WayState.NOW),
        (between("mon tue", "10:00", "12:00"), 3, 12, 0, WayState.LATER),
        (between("mon tue", "10:00", "12:00"), 4, 11, 0, WayState.LATER),
        (between("", "10:00", "12:00"), 7, 11, 0, WayState.NOW),
        (between("tue"), 3, 3, 0, WayState.NOW),
        (between("tue"), 4, 3, 0, WayState.LATER),
        (between("tue", "22:00", "01:00"), 3, 22, 30, WayState.NOW),
        (between("tue", "22:00", "01:00"), 4, 0, 30, WayState.NOW),
        (between("tue", "22:00", "01:00"), 3, 0, 30, WayState.LATER),
        (between(times="when the kettle is on"), 3, 11, 0, WayState.READ),
        (between(), 3, 11, 0, WayState.READ),
    ],
)
def test_a_way_opens_and_closes_with_the_agreed_times(
    contact: ContactPreferences, day: int, hour: int, minute: int, state: WayState
) -> None:
    assert phone_at(contact, day, hour, minute) is state


@pytest.mark.parametrize("words", ["No phone calls", "never ring the landline", "Voicemail at home", "MOBILE"])
def test_never_by_beats_a_channel_that_was_agreed(words: str) -> None:
    contact = ContactPreferences((PHONE,), never_contact_by=words)
    way = reach_of(contact, TUESDAY_NOON).ways[0]
    assert (way.state, way.value) == (WayState.NEVER, "")


def test_never_by_that_names_another_channel_leaves_this_one() -> None:
    contact = ContactPreferences((PHONE,), never_contact_by="Letters to the flat")
    assert reach_of(contact, TUESDAY_NOON).ways[0].state is WayState.NOW


def test_never_by_that_names_no_channel_must_be_read_before_any() -> None:
    contact = ContactPreferences((PHONE,), never_contact_by="Nichts an die alte Adresse")
    assert reach_of(contact, TUESDAY_NOON).ways[0].state is WayState.READ


def test_what_to_say_follows_what_was_agreed() -> None:
    told = ChannelPreference(Channel.PHONE, ChannelRule.OK, NUMBER, leave_message=True, name_clinic=True)
    silent = reach_of(ContactPreferences((PHONE,), ask_for="Sam", call_as="the library"), TUESDAY_NOON).ways[0].says
    open_ = reach_of(ContactPreferences((told,)), TUESDAY_NOON).ways[0].says
    assert silent == ("Ask for Sam.", "Say it is the library.", "Do not name the practice.", "Leave no message.")
    assert open_ == ("The practice may be named.", "A message may be left.")


def test_a_session_cancelled_for_safety_closes_every_way() -> None:
    reach = reach_of(ContactPreferences((PHONE,)), TUESDAY_NOON, Attendance.SAFETY_CANCELLED)
    assert reach.after == NO_CALL_BACK
    assert reach.usable() == ()
    assert not any(each.value for each in reach.ways)
    assert reach_of(ContactPreferences((PHONE,)), TUESDAY_NOON, Attendance.NO_SHOW).usable()


def test_a_machine_is_told_nothing_where_anything_must_never_be_used() -> None:
    assert always_usable(ContactPreferences((PHONE,))) == (PHONE,)
    assert always_usable(ContactPreferences((PHONE,), never_contact_by="Letters")) == ()
    assert always_usable(between("tue")) == ()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (ChannelPreference(Channel.PHONE, ChannelRule.OK), "value"),
        (ChannelPreference(Channel.PHONE, ChannelRule.BETWEEN, NUMBER), "start"),
        (ChannelPreference(Channel.PHONE, ChannelRule.BETWEEN, NUMBER, start="10:00"), "end"),
        (ChannelPreference(Channel.PHONE, ChannelRule.BETWEEN, NUMBER, end="10:00", times="x"), "start"),
        (ChannelPreference(Channel.PHONE, ChannelRule.BETWEEN, NUMBER, start="10:00", end="10:00"), "end"),
    ],
)
def test_a_way_that_cannot_be_followed_is_refused_at_its_field(wrong: ChannelPreference, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_contact(ContactPreferences((wrong,)))
    assert list(caught.value.fields) == [f"channels.0.{field}"]


CLOCK_TIME = st.times().map(lambda each: f"{each:%H:%M}") | st.just("")
AGREED = st.builds(
    ChannelPreference,
    st.sampled_from(Channel),
    st.sampled_from(ChannelRule),
    st.just(NUMBER),
    days=st.lists(st.sampled_from(Weekday), unique=True).map(tuple),
    start=CLOCK_TIME,
    end=CLOCK_TIME,
)


@given(
    st.lists(AGREED, max_size=4, unique_by=lambda each: each.channel),
    st.sampled_from(("", "Letters", "no calls", "e-mail or text", "nichts")) | st.text(max_size=30),
    st.datetimes(timezones=st.just(UTC)),
)
def test_no_number_is_told_that_was_not_agreed(agreed: list[ChannelPreference], never: str, now: datetime) -> None:
    contact = ContactPreferences(tuple(agreed), never_contact_by=never)
    for way in reach_of(contact, now).ways:
        rule = contact.channel(way.channel).rule
        assert not way.value or rule is not ChannelRule.NEVER
        assert way.state is WayState.NEVER or not NAMED[way.channel].search(never)
        assert bool(way.value) == (way.state in (WayState.NOW, WayState.READ))
