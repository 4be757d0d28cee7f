"""The safety screen on a case: what is due at the start, after events, again, and what a refusal clears."""

from datetime import timedelta

import pytest

from schemas.instruments.answer import Answer
from schemas.instruments.capture import ContactContext
from service.casework import caseloads, events, schedules
from service.domain import clock
from service.domain.schedules import Standing
from service.domain.workload import Due, Kind
from tests import builders
from tests.builders import House
from tests.casework.test_events import AGREED, fear, of_case

pytestmark = pytest.mark.usefixtures("context")
DAYS = timedelta(days=1)
BOTH: dict[str, Answer] = {"present": "nobody", "A1": False, "A9": False, "B1": False}


def ask(house: House, case_id: str, answers: dict[str, Answer] | None = None, **changes: object) -> None:
    builders.add_intake(house.therapist, case_id, answers or BOTH, instrument_key="sfs", **changes)


def due(house: House, case_id: str) -> list[Due]:
    found = caseloads.my_caseload(house.therapist).due
    return [each for each in found if each.case_id == case_id and each.instrument_key == "sfs"]


def words(house: House, case_id: str) -> list[str]:
    return [each.words for each in due(house, case_id)]


def test_both_modules_are_due_on_a_new_case_in_one_line(house: House) -> None:
    case = builders.add_case(house.therapist)
    assert words(house, case.id) == ["Safety screen: first to ask"]


def test_what_was_asked_is_not_due_and_the_other_still_is(house: House) -> None:
    case = builders.add_case(house.therapist)
    ask(house, case.id, {"present": "nobody", "A1": False, "A9": False})
    assert words(house, case.id) == ["Safety screen, Module B, danger from the other person: first to ask"]
    ask(house, case.id, {"present": "nobody", "B1": False})
    assert words(house, case.id) == []


@pytest.mark.parametrize(
    ("stands", "expected"),
    [(ContactContext.SEPARATED_NO_CONTACT, []), (ContactContext.ON_OFF, ["to ask again"])],
)
def test_module_b_comes_again_after_30_days_while_there_is_contact(
    house: House, stands: ContactContext, expected: list[str]
) -> None:
    case = builders.add_case(house.therapist)
    ask(house, case.id, contact_context=stands)
    with clock.standing_at(clock.now() + 30 * DAYS):
        assert [each.rpartition(": ")[2] for each in words(house, case.id)] == expected


def test_an_answer_that_calls_for_it_makes_both_due_until_they_are_asked(house: House) -> None:
    case = builders.add_case(house.therapist)
    ask(house, case.id, contact_context=ContactContext.SEPARATED_NO_CONTACT)
    start = clock.now()
    with clock.standing_at(start + 2 * DAYS):
        fear(house, case.id, contact_context=ContactContext.SEPARATED_NO_CONTACT)
        assert [(each.words, each.overdue) for each in due(house, case.id)] == [("Safety screen: to ask again", False)]
    with clock.standing_at(start + 3 * DAYS):
        assert [each.overdue for each in due(house, case.id)] == [True]
        ask(house, case.id, authored_at=clock.now(), contact_context=ContactContext.SEPARATED_NO_CONTACT)
        assert due(house, case.id) == []


def test_declining_clears_it_and_is_no_missing_form(house: House) -> None:
    case = builders.add_case(house.therapist)
    fear(house, case.id)
    with clock.standing_at(clock.now() + timedelta(minutes=5)):
        schedules.record_refusal(house.therapist, case.id, "sfs", clock.now())
        assert due(house, case.id) == []
        lines = schedules.read_schedules(house.therapist, case.id).lines
        line = next(each for each in lines if each.instrument.key == "sfs")
        assert line.standing is Standing.DECLINED
        assert line.next_due == (clock.now() + 30 * DAYS).date()
        counted = next(
            each for each in caseloads.my_caseload(house.therapist).measures if each.title == "Safety screen"
        )
        assert (counted.declined, counted.due, counted.overdue, counted.first) == (1, 0, 0, 0)


def test_an_event_entered_in_error_calls_for_nothing(house: House) -> None:
    case = builders.add_case(house.therapist)
    ask(house, case.id)
    with clock.standing_at(clock.now() + DAYS):
        fear(house, case.id)
        (event,) = [each for each in of_case(house, case.id) if each.rule == "TR-1"]
        said = events.say_error(house.therapist, event.id, "It was typed into the wrong case.", version=event.version)
        events.read_second(house.supervisor, event.id, AGREED, version=said.version)
        assert due(house, case.id) == []


def test_it_is_listed_among_what_is_due_as_a_form(house: House) -> None:
    case = builders.add_case(house.therapist)
    assert {each.kind for each in due(house, case.id)} == {Kind.LOG}
