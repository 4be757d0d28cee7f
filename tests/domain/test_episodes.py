"""Which moves an episode of care knows, and what an ending needs."""

from datetime import UTC, date, datetime

import pytest

from schemas.case_codes import EndReason, EpisodeState
from schemas.vocabulary import EventLevel, EventStatus
from service.domain.episodes import (
    BY_CHECKLIST,
    ENDED,
    MOVES,
    Checklist,
    Ending,
    HandedOver,
    Planned,
    check_checklist,
    check_move,
    check_quiet,
    check_ready,
    end_state,
)
from service.domain.events import SafetyEvent
from service.errors import Conflict, Invalid
from tests.builders import a_checklist

S = EpisodeState
THEN = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOTHING = Ending((), 0, has_measure=False, has_aftercare=False, supervised=False)


def an_event(event_id: str = "e1", level: EventLevel = EventLevel.NEXT) -> SafetyEvent:
    parts = ("c1", None, None, level, "noticed", "", "Ask again", THEN, "Ana", EventStatus.OPEN, None, 1, THEN)
    return SafetyEvent(event_id, *parts)


def ending(*events: SafetyEvent, **changes: object) -> Ending:
    given: dict[str, object] = {"unsigned": 0, "has_measure": True, "has_aftercare": True, "supervised": True}
    return Ending(waiting=events, **(given | changes))  # type: ignore[arg-type]


def wrong_with(given: Checklist, at: Ending = NOTHING) -> set[str]:
    with pytest.raises(Invalid) as caught:
        check_checklist(given, at)
    return set(caught.value.fields)


@pytest.mark.parametrize("before", S)
@pytest.mark.parametrize("after", S)
def test_a_move_exists_or_is_refused(before: S, after: S) -> None:
    if after not in MOVES[before]:
        with pytest.raises(Conflict):
            check_move(before, after, "Agreed")
    elif after in BY_CHECKLIST:
        with pytest.raises(Invalid):
            check_move(before, after, "Agreed")
    else:
        check_move(before, after, "Agreed")


def test_a_move_needs_its_reason() -> None:
    with pytest.raises(Invalid) as caught:
        check_move(S.ACTIVE, S.ON_HOLD, "  ")
    assert list(caught.value.fields) == ["why"]


def test_an_ended_episode_never_opens_again() -> None:
    assert all(not MOVES[each] for each in ENDED)
    assert {each for each in S if not MOVES[each]} == ENDED


def test_every_state_is_reached_from_an_enquiry() -> None:
    found, waiting = {S.ENQUIRY}, [S.ENQUIRY]
    while waiting:
        further = MOVES[waiting.pop()] - found
        found |= further
        waiting += further
    assert found == set(S)


def test_each_part_that_was_not_done_needs_its_reason() -> None:
    bare = Checklist(EndReason.PLANNED, door_open="")
    assert wrong_with(bare) == {"measures_reason", "plan_reason", "aftercare_reason", "door_open"}
    check_checklist(a_checklist(), NOTHING)


def test_a_claim_that_the_record_does_not_bear_out_is_refused() -> None:
    claimed = a_checklist(measures_taken=True, plan_reviewed=True, aftercare_made=True)
    assert wrong_with(claimed) == {"measures_taken", "plan_reviewed", "aftercare_made"}
    check_checklist(claimed, ending(has_review=True))


def test_nothing_is_said_to_a_client_who_died() -> None:
    check_checklist(a_checklist(reason=EndReason.DIED, door_open=""), NOTHING)


def test_every_open_event_is_handed_over_and_no_other() -> None:
    at = ending(an_event("e1"), an_event("e2"))
    assert at.needs_cosign
    assert wrong_with(a_checklist(), at) == {"handed_over.0.to"}
    first = HandedOver("e1", "Dr Okafor", None)
    assert wrong_with(a_checklist(handed_over=(first,)), at) == {"handed_over.0.on", "handed_over.1.to"}
    both = tuple(HandedOver(each, "Dr Okafor", date(2026, 3, 3)) for each in ("e1", "e2"))
    check_checklist(a_checklist(handed_over=both), at)
    stranger = (*both, HandedOver("e3", "Dr Okafor", date(2026, 3, 3)))
    assert wrong_with(a_checklist(handed_over=stranger), at) == {"handed_over.2.event_id"}


def test_a_response_wanted_now_and_an_unsigned_note_come_first() -> None:
    check_ready(ending(an_event()))
    planned = (Planned("s1", THEN),)
    for at in (ending(an_event(level=EventLevel.NOW)), ending(unsigned=1), ending(planned=planned)):
        with pytest.raises(Conflict):
            check_ready(at)
    with pytest.raises(Conflict):
        check_quiet(ending(an_event()))


def test_a_transfer_ends_as_one() -> None:
    assert end_state(EndReason.TRANSFERRED) is S.TRANSFERRED
    assert {end_state(each) for each in EndReason if each is not EndReason.TRANSFERRED} == {S.CLOSED}
