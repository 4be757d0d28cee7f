"""Follow-ups must be whole, stand only for days, and an answer given again joins or opens by fixed rules."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.event_codes import Awaiting, Disposition, EventStep, ReadingVerdict
from schemas.vocabulary import EventLevel, EventStatus
from service.domain.events import (
    Again,
    FollowUp,
    Happened,
    Meeting,
    SafetyEvent,
    acted,
    blocking,
    check_follow_up,
    may_step,
    meet,
    must_be_answered,
    stands,
    step_of,
)
from service.errors import Invalid
from tests.builders import at

NOW = MIDDAY = at(2026, 3, 2)
DAY = NOW.date()
BESIDES = {"named": "Siobhán Byrne", "on": DAY, "detail": "In so many words"}
# domain.md 2.5, point 6, read by hand: what each code asks for besides.
ASKED = {
    Disposition.EMERGENCY_AGREED: set(),
    Disposition.EMERGENCY_WITHOUT: {"detail"},
    Disposition.CRISIS_TEAM: set(),
    Disposition.MEDICAL_ARRANGED: set(),
    Disposition.MEDICAL_DECLINED: set(),
    Disposition.ADVOCATE_HANDOVER: set(),
    Disposition.PLAN_REVISED: set(),
    Disposition.STRUCTURED_TOOL: {"named", "on", "detail"},
    Disposition.SUPERVISOR_CONSULTED: {"named"},
    Disposition.EXTRA_CONTACT: set(),
    Disposition.REPORT_DUTY: {"detail"},
    Disposition.CLIENT_DECLINED: set(),
    Disposition.NOT_REACHED: {"detail"},
    Disposition.REVIEWED: {"detail"},
}


def a_follow_up(**changes: object) -> FollowUp:
    values: dict[str, object] = {
        "code": Disposition.PLAN_REVISED,
        "offered": "A call",
        "client_wish": "The plan",
        "decided_by": "Both",
        "text": "Went through the plan line by line.",
        "at": NOW,
        "next_check": DAY,
    }
    return FollowUp(**{**values, **changes})  # type: ignore[arg-type]


def an_event(level: EventLevel = EventLevel.TODAY, **changes: object) -> SafetyEvent:
    values: dict[str, object] = {
        "id": "e",
        "case_id": "c",
        "session_id": "s1",
        "intake_id": "i",
        "level": level,
        "rule": "TR-1",
        "item": "wsl.E2",
        "prompt": "Ask",
        "opened_at": NOW,
        "opened_by": "Ana",
        "status": EventStatus.OPEN,
        "follow_up": None,
        "version": 1,
        "updated_at": NOW,
        "opened_as": level,
        "answer": "3",
    }
    return SafetyEvent(**{**values, **changes})  # type: ignore[arg-type]


def followed_up(level: EventLevel = EventLevel.TODAY, days: int = 7, **changes: object) -> SafetyEvent:
    check_on = DAY + timedelta(days=days)
    stored = an_event(level, status=EventStatus.DISPOSED, disposed_at=NOW, check_on=check_on, follow_up=a_follow_up())
    return replace(stored, **changes)  # type: ignore[arg-type]


def happened(step: EventStep, by: str = "ana", **changes: object) -> Happened:
    values: dict[str, object] = {"step": step, "at": NOW, "by_id": by, "by": by, "session_id": "s2", "intake_id": None}
    return Happened(**{**values, **changes})  # type: ignore[arg-type]


def wrong(follow_up: FollowUp, today: date = DAY, earlier: date | None = None) -> set[str]:
    try:
        check_follow_up(follow_up, today, NOW, earlier=earlier)
    except Invalid as error:
        return set(error.fields)
    return set()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, ""),
        ({"text": "Too short"}, "text"),
        ({"text": " " * 40 + "short"}, "text"),
        ({"offered": " "}, "offered"),
        ({"client_wish": ""}, "client_wish"),
        ({"decided_by": ""}, "decided_by"),
        ({"at": NOW + timedelta(hours=1)}, "at"),
        ({"next_check": None}, "next_check"),
        ({"next_check": DAY - timedelta(days=1)}, "next_check"),
        ({"next_check": DAY + timedelta(days=28)}, ""),
        ({"next_check": DAY + timedelta(days=29)}, "next_check"),
        ({"on": DAY + timedelta(days=1)}, "on"),
    ],
)
def test_a_follow_up_names_what_it_lacks(changes: dict[str, object], field: str) -> None:
    assert wrong(a_follow_up(**changes)) == ({field} if field else set())


def test_the_table_of_what_a_code_asks_for_names_every_code() -> None:
    assert set(ASKED) == set(Disposition)


@pytest.mark.parametrize("code", list(Disposition))
def test_a_code_asks_for_its_own_details_and_no_others(code: Disposition) -> None:
    assert wrong(a_follow_up(code=code)) == ASKED[code]
    assert wrong(a_follow_up(code=code, **{name: BESIDES[name] for name in ASKED[code]})) == set()
    for missing in ASKED[code]:
        given_besides = {name: BESIDES[name] for name in ASKED[code] - {missing}}
        assert wrong(a_follow_up(code=code, **given_besides)) == {missing}


@pytest.mark.parametrize("code", list(Disposition))
def test_what_was_declined_or_not_told_keeps_its_next_date(code: Disposition) -> None:
    last = a_follow_up(code=code, ends=True, next_check=None, **BESIDES)
    keeps = code in (Disposition.CLIENT_DECLINED, Disposition.MEDICAL_DECLINED, Disposition.NOT_REACHED)
    assert wrong(last, earlier=DAY - timedelta(days=7)) == ({"ends"} if keeps else set())


@pytest.mark.parametrize(
    ("earlier", "next_check", "field"),
    [
        (None, None, "ends"),
        (DAY, None, "ends"),
        (DAY - timedelta(days=1), None, ""),
        (DAY - timedelta(days=1), DAY, "next_check"),
    ],
)
def test_only_a_check_on_a_later_day_can_be_the_last(earlier: date | None, next_check: date | None, field: str) -> None:
    last = a_follow_up(ends=True, next_check=next_check)
    assert wrong(last, earlier=earlier) == ({field} if field else set())


# ---- how long a follow-up stands ----


@pytest.mark.parametrize(("level", "day"), product(EventLevel, range(35)))
def test_a_follow_up_stands_until_its_check_date_and_28_days_at_most(level: EventLevel, day: int) -> None:
    event = followed_up(level, days=60)
    expected = level is not EventLevel.NOW and day <= 28
    assert stands(event, MIDDAY + timedelta(days=day), same_session=False, fresh_plan=True) is expected


@given(st.integers(0, 28), st.integers(0, 60))
def test_the_day_after_the_check_date_it_is_due_again(check: int, day: int) -> None:
    event, today, noon = followed_up(days=check), DAY + timedelta(days=day), MIDDAY + timedelta(days=day)
    assert event.is_due_again(today) is (day > check)
    assert event.is_waiting(today) is (day > check)
    assert not (stands(event, noon, same_session=True, fresh_plan=True) and event.is_due_again(today))


@pytest.mark.parametrize(("zone", "expected"), [("UTC", False), ("Pacific/Auckland", True), ("Pacific/Honolulu", True)])
def test_the_28_days_are_counted_on_the_clocks_of_the_practice(zone: str, expected: bool) -> None:
    """The day of the follow-up and today are both those that people there see."""
    event = replace(followed_up(days=60), disposed_at=at(2026, 3, 1, 23))
    seen = at(2026, 3, 30, 1).astimezone(ZoneInfo(zone))
    assert stands(event, seen, same_session=False, fresh_plan=True) is expected


def test_a_now_follow_up_stands_within_its_own_session_only() -> None:
    event = followed_up(EventLevel.NOW)
    assert stands(event, MIDDAY, same_session=True, fresh_plan=True)
    assert not stands(event, MIDDAY, same_session=False, fresh_plan=True)


@pytest.mark.parametrize("fresh_plan", [True, False])
def test_what_was_stepped_to_today_stands_with_a_fresh_plan(fresh_plan: bool) -> None:
    event = replace(followed_up(EventLevel.NOW), level=EventLevel.TODAY)
    assert event.is_stepped
    assert stands(event, MIDDAY + timedelta(days=7), same_session=False, fresh_plan=fresh_plan) is fresh_plan
    assert not stands(event, MIDDAY + timedelta(days=8), same_session=False, fresh_plan=fresh_plan)


# ---- an answer given again ----


@pytest.mark.parametrize(
    ("latest", "again", "expected"),
    [
        (None, Again(EventLevel.TODAY, "3", "s2"), Meeting.OPENS),
        (an_event(), Again(EventLevel.TODAY, "3", "s2"), Meeting.JOINS),
        (an_event(), Again(EventLevel.TODAY, "4", "s2"), Meeting.OPENS),
        (an_event(), Again(EventLevel.NOW, "3", "s2"), Meeting.OPENS),
        (followed_up(), Again(EventLevel.TODAY, "3", "s2"), Meeting.JOINS),
        (followed_up(), Again(EventLevel.TODAY, "4", "s2"), Meeting.OPENS),
        (followed_up(days=-1), Again(EventLevel.TODAY, "3", "s2"), Meeting.DUE),
        (followed_up(EventLevel.NEXT), Again(EventLevel.NEXT, "3", "s2"), Meeting.JOINS),
        (followed_up(EventLevel.NOW), Again(EventLevel.NOW, "3", "s2"), Meeting.DUE),
        (followed_up(EventLevel.NOW), Again(EventLevel.NOW, "3", None), Meeting.DUE),
        (followed_up(EventLevel.NOW), Again(EventLevel.NOW, "3", "s1"), Meeting.JOINS),
        (followed_up(status=EventStatus.ENDED), Again(EventLevel.TODAY, "3", "s2"), Meeting.OPENS),
        (followed_up(status=EventStatus.WRONG), Again(EventLevel.TODAY, "3", "s2"), Meeting.OPENS),
    ],
)
def test_only_an_unchanged_answer_joins(latest: SafetyEvent | None, again: Again, expected: Meeting) -> None:
    assert meet(latest, again, "s1", MIDDAY, fresh_plan=True) is expected


# ---- what keeps a note from being signed ----


@pytest.mark.parametrize("level", list(EventLevel))
def test_an_open_now_or_today_event_blocks_and_a_next_event_does_not(level: EventLevel) -> None:
    expected = level is not EventLevel.NEXT
    assert must_be_answered(an_event(level), DAY) is expected
    assert (blocking([an_event(level)], DAY) != ()) is expected


@pytest.mark.parametrize("level", list(EventLevel))
def test_a_follow_up_of_an_earlier_session_answers_all_but_now(level: EventLevel) -> None:
    before, after = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    assert not must_be_answered(followed_up(level), DAY, before)
    assert must_be_answered(followed_up(level), DAY, after) is (level is EventLevel.NOW)


@pytest.mark.parametrize("status", [EventStatus.ENDED, EventStatus.WRONG])
def test_what_has_ended_blocks_nothing(status: EventStatus) -> None:
    event = followed_up(EventLevel.NOW, days=-3, status=status)
    later: datetime = NOW + timedelta(days=30)
    assert not must_be_answered(event, later.date(), later)


# ---- the second reader ----


def test_whoever_recorded_what_is_unread_cannot_read_it() -> None:
    history = [happened(EventStep.FOLLOWED_UP, "ana"), happened(EventStep.FOLLOWED_UP, "jonas")]
    assert acted(history) == {"ana", "jonas"}
    assert acted([*history, happened(EventStep.READ, "siobhan")]) == frozenset()
    again = [*history, happened(EventStep.MORE, "siobhan"), happened(EventStep.FOLLOWED_UP, "ana")]
    assert acted(again) == {"ana"}
    assert acted([happened(EventStep.ERROR_SAID, "ana")]) == {"ana"}


HANDED_OVER = happened(EventStep.FOLLOWED_UP, follow_up=a_follow_up(code=Disposition.ADVOCATE_HANDOVER))
STANDING = followed_up(EventLevel.NOW, item="sfs.B1", rule="SFS-NOW")


def test_a_standing_belief_can_be_stepped_with_a_fresh_plan_and_a_specialist() -> None:
    history = [HANDED_OVER, happened(EventStep.DUE_AGAIN)]
    assert may_step(STANDING, history, fresh_plan=True) == ""


@pytest.mark.parametrize(
    ("event", "history", "fresh_plan"),
    [
        (replace(STANDING, item="sfs.B2"), [HANDED_OVER, happened(EventStep.DUE_AGAIN)], True),
        (replace(STANDING, level=EventLevel.TODAY), [HANDED_OVER, happened(EventStep.DUE_AGAIN)], True),
        (STANDING, [HANDED_OVER], True),
        (STANDING, [HANDED_OVER, happened(EventStep.JOINED, session_id="s1")], True),
        (STANDING, [happened(EventStep.DUE_AGAIN)], True),
        (STANDING, [HANDED_OVER, happened(EventStep.DUE_AGAIN)], False),
    ],
)
def test_stepping_needs_every_condition(event: SafetyEvent, history: list[Happened], fresh_plan: bool) -> None:
    assert may_step(event, history, fresh_plan=fresh_plan) != ""


def test_an_error_is_agreed_or_refused_and_never_stepped() -> None:
    assert step_of(Awaiting.ERROR, ReadingVerdict.AGREED) is EventStep.ERROR_AGREED
    assert step_of(Awaiting.ERROR, ReadingVerdict.MORE) is EventStep.ERROR_REFUSED
    with pytest.raises(Invalid):
        step_of(Awaiting.ERROR, ReadingVerdict.STEPPED)
