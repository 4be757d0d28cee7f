"""Interventions, topics, goals and homework of a session, and what it carries over to the next."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.session_codes import HomeworkDone, Intervention
from schemas.vocabulary import Attendance, GoalDomain
from service.casework import goals, schedules, sessions
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.session_work import Reviewed, Work
from service.errors import Conflict, Invalid
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
WORK = Work((Intervention.GRIEF, Intervention.MOTIVATIONAL), "Drawing")


def test_what_a_session_worked_on_is_kept(house: House) -> None:
    case = builders.add_case(house.therapist)
    goal = goals.save_goal(house.therapist, case.id, GoalDraft(GoalDomain.PERSONAL, "Sleep"))
    work = replace(WORK, goal_ids=(goal.id,), reviewed=(Reviewed("Walk", HomeworkDone.PARTLY, "Once"),))
    session = builders.add_session(house.therapist, case.id, work=work)
    assert sessions.read_session(house.therapist, session.id).session.work == work


def test_a_goal_of_another_case_is_refused_at_its_field(house: House) -> None:
    case, other = builders.add_case(house.therapist), builders.add_case(house.therapist)
    goal = goals.save_goal(house.therapist, other.id, GoalDraft(GoalDomain.PERSONAL, "Sleep"))
    with pytest.raises(Invalid) as caught:
        builders.add_session(house.therapist, case.id, work=Work(goal_ids=(goal.id,)))
    assert list(caught.value.fields) == ["work.goal_ids"]


def test_homework_is_carried_from_the_last_session_that_took_place(house: House) -> None:
    case, now = builders.add_case(house.therapist), clock.now()
    days = {
        "given": (21, Attendance.ATTENDED),
        "missed": (14, Attendance.NO_SHOW),
        "called off": (7, Attendance.SAFETY_CANCELLED),
    }
    for words, (back, attendance) in days.items():
        at = now - timedelta(days=back)
        builders.add_session(
            house.therapist,
            case.id,
            starts_at=at,
            ends_at=at + timedelta(minutes=50),
            attendance=attendance,
            homework_given=f"{words}: walk\nRing M.",
        )
    today = builders.add_session(house.therapist, case.id)
    assert sessions.read_session(house.therapist, today.id).carried == ("given: walk", "Ring M.")


def test_gaps_are_listed_and_block_nothing(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id)
    view = sessions.read_session(house.therapist, session.id)
    assert [gap.key for gap in view.gaps] == ["step", "goal", "measure"]
    assert builders.add_note(house.therapist, session.id, signed=True).signed_at is not None


def test_a_form_or_a_refusal_of_that_day_counts_as_measured(house: House) -> None:
    case = builders.add_case(house.therapist)
    first, second = (builders.add_session(house.therapist, case.id) for _ in range(2))
    builders.add_intake(house.therapist, case.id, session_id=first.id)
    assert "measure" not in [gap.key for gap in sessions.read_session(house.therapist, first.id).gaps]
    assert "measure" in [gap.key for gap in sessions.read_session(house.therapist, second.id).gaps]
    schedules.record_refusal(house.therapist, case.id, "wsl", second.starts_at)
    assert "measure" not in [gap.key for gap in sessions.read_session(house.therapist, second.id).gaps]


def test_a_session_that_did_not_take_place_has_no_gaps(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id, attendance=Attendance.SAFETY_CANCELLED)
    assert sessions.read_session(house.therapist, session.id).gaps == ()


def test_a_stale_change_gives_the_free_words_of_both_back(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id, work=Work(modality="Theirs"))
    sessions.change_session(
        house.therapist, session.id, builders.a_session_draft(work=Work(modality="Newer")), version=1
    )
    with pytest.raises(Conflict) as caught:
        sessions.change_session(
            house.therapist, session.id, builders.a_session_draft(work=Work(modality="Mine")), version=1
        )
    assert (caught.value.yours["modality"], caught.value.theirs["modality"]) == ("Mine", "Newer")
