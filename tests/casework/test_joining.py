"""An answer given again: what counts as the same answer, and what a later one changes about an event that stands."""

from datetime import timedelta

import pytest

from schemas.instruments.answer import Answer
from schemas.vocabulary import EventStatus
from service.casework import events, intakes, records
from service.domain import clock
from service.domain.events import SafetyEvent
from tests import builders
from tests.builders import House
from tests.casework.test_events import follow_up

pytestmark = pytest.mark.usefixtures("context")

DAYS = timedelta(days=1)


def tell(house: House, case_id: str, key: str, **answers: Answer) -> None:
    given: dict[str, Answer] = {"present": "nobody", **answers} if key == "sfs" else {**answers}
    builders.add_intake(house.therapist, case_id, given, instrument_key=key)


def about(house: House, case_id: str, item: str) -> list[SafetyEvent]:
    """The events that this item opened, newest first."""
    return [each for each in records.read_record(house.therapist, case_id).events if each.item == item]


@pytest.mark.parametrize(
    ("item", "before", "after"),
    [
        ("danger", {"B14": True, "B16": True}, {"B14": True, "B13": True}),
        ("danger", {"B14": True, "B16": True}, {"B14": True, "B16": True, "B15": True}),
        ("B4", {"B4": True, "B4_what": ("reach",)}, {"B4": True, "B4_what": ("used",)}),
        ("B7", {"B7": True, "B7_recent": False}, {"B7": True, "B7_recent": True}),
        ("B6", {"B6": True, "B7": True, "B9": False}, {"B6": True, "B7": True, "B9": True}),
    ],
)
def test_another_danger_never_joins_the_follow_up_of_an_earlier_one(
    house: House, item: str, before: dict[str, Answer], after: dict[str, Answer]
) -> None:
    case = builders.add_case(house.therapist)
    tell(house, case.id, "sfs", **before)
    (first,) = about(house, case.id, f"sfs.{item}")
    follow_up(house.therapist, first)
    tell(house, case.id, "sfs", **after)
    newer, older = about(house, case.id, f"sfs.{item}")
    assert (newer.status, newer.earlier_id, older.status) == (EventStatus.OPEN, first.id, EventStatus.DISPOSED)


def test_another_note_or_another_order_is_the_same_answer(house: House) -> None:
    case = builders.add_case(house.therapist)
    tell(house, case.id, "sfs", B4=True, B4_what=("reach", "threatened"), B4_note="In the hall.")
    tell(house, case.id, "sfs", B4=True, B4_what=("threatened", "reach"), B4_note="Still there.")
    assert len(about(house, case.id, "sfs.B4")) == 1


@pytest.mark.parametrize("item", ["concern", "order_broken"])
def test_each_row_of_the_contact_log_opens_its_own_event(house: House, item: str) -> None:
    case = builders.add_case(house.therapist)
    row: dict[str, Answer] = {"channel": "call", item: True}
    tell(house, case.id, "ctl", **row)
    tell(house, case.id, "ctl", **row)
    assert [each.status for each in about(house, case.id, f"ctl.{item}")] == [EventStatus.OPEN] * 2


def test_a_correction_of_a_row_of_the_contact_log_joins_the_event_of_that_row(house: House) -> None:
    case = builders.add_case(house.therapist)
    row: dict[str, Answer] = {"channel": "call", "concern": True}
    first = builders.add_intake(house.therapist, case.id, row, instrument_key="ctl").intake
    draft = builders.an_intake_draft({**row, "channel": "mail"}, instrument_key="ctl")
    intakes.amend_intake(house.therapist, first.id, draft, reason="It was a letter")
    assert len(about(house, case.id, "ctl.concern")) == 1


@pytest.mark.parametrize("later", [{"X1": ("in_person",)}, {"X1_count": 3}, {"X1_kept": "no"}])
def test_a_worry_about_another_contact_opens_its_own_event(house: House, later: dict[str, Answer]) -> None:
    case = builders.add_case(house.therapist)
    contact: dict[str, Answer] = {"X1": ("they_reply",), "X1_count": 1, "X1_kept": "yes", "X1_concern": True}
    tell(house, case.id, "wsl", **contact)
    (first,) = about(house, case.id, "wsl.X1_concern")
    follow_up(house.therapist, first)
    tell(house, case.id, "wsl", **{**contact, **later})
    newer, _ = about(house, case.id, "wsl.X1_concern")
    assert (newer.status, newer.earlier_id) == (EventStatus.OPEN, first.id)


def test_the_answer_kept_with_an_event_is_that_of_the_whole_question(house: House) -> None:
    case = builders.add_case(house.therapist)
    tell(house, case.id, "sfs", B7=True, B7_recent=True, B7_note="Outside the school.")
    (event,) = about(house, case.id, "sfs.B7")
    assert event.answer == "B7=True; B7_recent=True"
    assert events.read_event(house.therapist, event.id).answer == event.answer
    with clock.standing_at(clock.now() + DAYS):
        tell(house, case.id, "sfs", B7=True, B7_recent=True)
    assert len(about(house, case.id, "sfs.B7")) == 1
