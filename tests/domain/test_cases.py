"""Ages and the clocks of what is asked again."""

from datetime import date, timedelta

import pytest

from schemas.vocabulary import AskedAnswer, Channel, ChannelRule
from service.domain.cases import (
    ChannelPreference,
    ContactPreferences,
    RecordSafetyCheck,
    contact_recheck_due,
    is_adult,
    record_safety_due,
)

DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("born", "on", "adult"),
    [
        (date(2008, 3, 1), DAY, True),
        (date(2008, 3, 2), DAY, False),
        (date(2008, 2, 29), date(2026, 2, 28), False),
        (date(2008, 2, 29), date(2026, 3, 1), True),
    ],
)
def test_adulthood_begins_on_the_eighteenth_birthday(born: date, on: date, adult: bool) -> None:
    assert is_adult(born, on) is adult


def test_a_channel_that_was_not_talked_about_is_never_used() -> None:
    contact = ContactPreferences((ChannelPreference(Channel.PHONE, ChannelRule.OK, "+353 1 555 0100"),))
    assert contact.channel(Channel.PHONE).rule is ChannelRule.OK
    assert contact.channel(Channel.EMAIL).rule is ChannelRule.NEVER


def test_contact_preferences_are_asked_again_after_ninety_days() -> None:
    confirmed = ContactPreferences(confirmed_on=DAY)
    assert not contact_recheck_due(confirmed, DAY + timedelta(days=89))
    assert contact_recheck_due(confirmed, DAY + timedelta(days=90))
    assert contact_recheck_due(ContactPreferences(), DAY)


def test_the_record_check_is_due_when_missing_or_ninety_days_old() -> None:
    no = AskedAnswer.NO
    check = RecordSafetyCheck(DAY, no, no, no, no, no)
    assert record_safety_due(None, DAY)
    assert not record_safety_due(check, DAY + timedelta(days=89))
    assert record_safety_due(check, DAY + timedelta(days=90))
