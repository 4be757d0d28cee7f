"""Logs: pinned to their definition, corrected by new rows, and opening what an answer calls for."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.instruments import find
from schemas.instruments.capture import NonAnswer
from schemas.vocabulary import EventLevel, ResponseStatus
from schemas.years import YEARS
from service.casework import intakes, records
from service.domain import clock
from service.errors import Conflict, Invalid, NotFound
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")


def test_a_log_is_pinned_to_the_definition_it_was_filled_in_with(house: House) -> None:
    case = builders.add_case(house.therapist)
    intake = builders.add_intake(house.therapist, case.id, builders.wsl_answers(2)).intake
    definition = find("wsl")
    assert (intake.instrument_version, intake.fingerprint) == (definition.version, definition.fingerprint)
    assert intake.score is not None
    assert intake.score.total.value == 30
    assert intakes.read_intake(house.therapist, intake.id) == intake


def test_non_answers_come_back_as_they_were_given(house: House) -> None:
    case = builders.add_case(house.therapist)
    answers = builders.wsl_answers(1, P1=NonAnswer.DECLINED, E1=NonAnswer.UNSURE)
    intake = builders.add_intake(house.therapist, case.id, answers).intake
    assert dict(intake.answers) == answers
    assert intake.score is not None
    assert (intake.score.domain("physical").prorated, intake.score.total.value) == (True, 15.0)


def test_a_correction_is_a_new_row_and_the_original_stays(house: House) -> None:
    case = builders.add_case(house.therapist)
    first = builders.add_intake(house.therapist, case.id, builders.wsl_answers(1)).intake
    draft = builders.an_intake_draft(builders.wsl_answers(2), authored_at=first.authored_at)
    second = intakes.amend_intake(house.therapist, first.id, draft, reason="Two columns were swapped").intake
    listed = intakes.list_intakes(house.therapist, case.id)
    assert [(each.id, each.replaced) for each in listed] == [(first.id, True), (second.id, False)]
    assert (second.status, second.amends, second.reason) == (
        ResponseStatus.AMENDED,
        first.id,
        "Two columns were swapped",
    )
    with pytest.raises(Conflict):
        intakes.amend_intake(house.therapist, first.id, draft, reason="Again")


def test_a_high_answer_opens_one_event_and_a_repeat_joins_it(house: House) -> None:
    case = builders.add_case(house.therapist)
    for _week in range(2):
        builders.add_intake(house.therapist, case.id, builders.wsl_answers(1, E2="3"))
    events = records.read_record(house.therapist, case.id).open_events
    assert [(each.rule, each.item, each.level) for each in events] == [("TR-1", "wsl.E2", EventLevel.TODAY)]


def test_what_was_told_once_still_counts_in_later_weeks(house: House) -> None:
    case = builders.add_case(house.therapist)
    builders.add_intake(house.therapist, case.id, builders.wsl_answers(1, I_head_neck=True))
    later = builders.add_intake(house.therapist, case.id, builders.wsl_answers(1, C5="3"))
    assert [(each.rule, each.item) for each in later.fired] == [("TR-MED", "wsl.C5")]


def test_a_log_cannot_be_dated_ahead_or_belong_to_another_case(house: House) -> None:
    case, other = builders.add_case(house.therapist), builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, other.id)
    for changes, field in (
        ({"authored_at": clock.now() + timedelta(hours=1)}, "authored_at"),
        ({"session_id": session.id}, "session_id"),
    ):
        with pytest.raises(Invalid) as caught:
            builders.add_intake(house.therapist, case.id, **changes)
        assert list(caught.value.fields) == [field]


@pytest.mark.parametrize("year", [1, 1899, 2201])
def test_no_log_and_no_session_lies_in_a_year_that_cannot_be_shown(house: House, year: int) -> None:
    case, far = builders.add_case(house.therapist), datetime(year, 1, 1, tzinfo=UTC)
    with pytest.raises(Invalid) as caught:
        builders.add_intake(house.therapist, case.id, authored_at=far)
    assert caught.value.fields == {"authored_at": YEARS}
    with pytest.raises(Invalid) as caught:
        builders.add_session(house.therapist, case.id, starts_at=far, ends_at=far + timedelta(hours=1))
    assert caught.value.fields == {"starts_at": YEARS}


def test_a_log_of_somebody_elses_case_is_missing(house: House) -> None:
    intake = builders.add_intake(house.therapist, builders.add_case(house.therapist).id).intake
    with pytest.raises(NotFound):
        intakes.read_intake(house.peer, intake.id)
