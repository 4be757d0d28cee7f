"""Own forms in the record: events by level, rules across forms, corrections as new rows, and who reads a rating."""

from typing import Any

import pytest

from schemas.instruments.capture import CaptureChannel, CaptureContext, ContactContext
from schemas.vocabulary import EventLevel
from service.casework import intakes, records
from service.casework.intakes import IntakeDraft, Recorded
from service.domain import clock
from service.domain.cases import Case
from service.errors import Invalid, NotFound
from tests import builders
from tests.builders import QUIET_B, House

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def case(house: House) -> Case:
    return builders.add_case(house.therapist)


def kept(house: House, case: Case, key: str, answers: dict[str, Any]) -> Recorded:
    return builders.add_intake(house.therapist, case.id, answers, instrument_key=key)


def events(house: House, case: Case) -> list[tuple[str, EventLevel]]:
    found = records.read_record(house.therapist, case.id).open_events
    return sorted((each.item, each.level) for each in found)


def test_a_screen_without_a_score_is_kept_with_none(house: House, case: Case) -> None:
    recorded = kept(house, case, "sfs", QUIET_B)
    assert recorded.intake.score is None
    assert recorded.fired == ()
    assert events(house, case) == []
    assert intakes.read_intake(house.therapist, recorded.intake.id) == recorded.intake


def test_what_becomes_more_pressing_opens_an_event_of_its_own(house: House, case: Case) -> None:
    kept(house, case, "sfs", QUIET_B | {"B3": True, "B3_recent": False})
    assert events(house, case) == [("sfs.B3", EventLevel.TODAY)]
    kept(house, case, "sfs", QUIET_B | {"B3": True, "B3_recent": True})
    assert events(house, case) == [("sfs.B3", EventLevel.NOW), ("sfs.B3", EventLevel.TODAY)]


def test_what_the_screen_told_reaches_the_log(house: House, case: Case) -> None:
    kept(house, case, "sfs", QUIET_B | {"B3": True, "B3_recent": False})
    later = kept(house, case, "wsl", builders.wsl_answers(1, C1="3"))
    assert [(each.rule, each.item) for each in later.fired] == [("TR-MED", "wsl.C1")]
    assert kept(house, case, "wsl", builders.wsl_answers(1)).fired == ()


def test_module_b_from_a_device_that_was_not_confirmed_is_not_kept(house: House, case: Case) -> None:
    remote = CaptureContext(CaptureChannel.VIDEO, device_confirmed=False)
    with pytest.raises(Invalid) as caught:
        builders.add_intake(house.therapist, case.id, QUIET_B, instrument_key="sfs", capture=remote)
    assert list(caught.value.fields) == ["capture.device_confirmed"]
    assert intakes.list_intakes(house.therapist, case.id) == ()


def test_a_correction_of_a_contact_is_a_new_row(house: House, case: Case) -> None:
    first = kept(house, case, "ctl", {"channel": "call", "facts": "Rang twice"}).intake
    draft = IntakeDraft(
        "ctl", {"channel": "message", "facts": "Wrote twice"}, first.capture, ContactContext.UNSURE, clock.now()
    )
    intakes.amend_intake(house.therapist, first.id, draft, reason="It was a message")
    listed = intakes.list_intakes(house.therapist, case.id, "ctl")
    assert [(each.replaced, each.answers["facts"]) for each in listed] == [(True, "Rang twice"), (False, "Wrote twice")]


def test_a_supervisor_reads_no_single_rating_and_the_therapist_does(house: House, case: Case) -> None:
    rating = kept(house, case, "ssr", {"heard": "1"}).intake
    log = kept(house, case, "wsl", builders.wsl_answers()).intake
    assert [each.id for each in intakes.list_intakes(house.supervisor, case.id)] == [log.id]
    assert [each.id for each in records.read_record(house.supervisor, case.id).intakes] == [log.id]
    assert len(records.read_record(house.therapist, case.id).intakes) == 2
    with pytest.raises(NotFound):
        intakes.read_intake(house.supervisor, rating.id)
