"""Lists show the actor's own cases, or those of supervised therapists, and never count what is hidden."""

from datetime import timedelta

import pytest

from schemas.vocabulary import AssignmentKind
from service.casework import caseloads
from service.domain import clock
from service.store import cases as case_store
from service.store import summary
from service.store.base import db
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")


def test_a_caseload_holds_own_and_covered_cases(house: House) -> None:
    mine, other = builders.add_case(house.therapist), builders.add_case(house.peer)
    case_store.assign(other.id, house.therapist.user_id, AssignmentKind.COVER, clock.now().date())
    db.session.commit()
    assert {row.case_id for row in caseloads.my_caseload(house.therapist).rows} == {mine.id, other.id}
    assert {row.case_id for row in caseloads.my_caseload(house.peer).rows} == {other.id}


def test_a_supervisor_sees_the_supervised_and_not_the_others(house: House) -> None:
    mine = builders.add_case(house.therapist)
    builders.add_case(house.peer)
    assert [row.case_id for row in caseloads.team_caseload(house.supervisor).rows] == [mine.id]


@pytest.mark.parametrize("how", ["sealed", "blocked"])
def test_a_hidden_case_is_neither_listed_nor_counted(house: House, how: str) -> None:
    case = builders.add_case(house.therapist)
    builders.add_session(house.therapist, case.id)
    row = case_store.row(case.id)
    assert row is not None
    if how == "sealed":
        row.sealed = True
    else:
        case_store.assign(case.id, house.supervisor.user_id, AssignmentKind.BLOCKED)
    summary.refresh(case.id)
    db.session.commit()
    team = caseloads.team_caseload(house.supervisor)
    assert (team.rows, team.due) == ((), ())


def test_a_case_is_found_by_part_of_its_name_or_code_among_the_own_only(house: House) -> None:
    case = builders.add_case(house.therapist, chosen_name="Zoë Okonkwo-Šimić")
    assert [row.case_id for row in caseloads.find_cases(house.therapist, "šimić")] == [case.id]
    assert [row.case_id for row in caseloads.find_cases(house.therapist, case.code.lower())] == [case.id]
    assert caseloads.find_cases(house.peer, "šimić") == ()
    assert caseloads.find_cases(house.therapist, " ") == ()


def test_my_day_shows_sessions_of_covered_cases_while_cover_lasts(house: House) -> None:
    with clock.standing_at(clock.now().replace(hour=12, minute=0)):
        today, covered = clock.now().date(), builders.add_case(house.peer)
        session = builders.add_session(house.peer, covered.id)
        builders.add_session(house.peer, builders.add_case(house.peer).id)
        assert caseloads.my_day(house.therapist).appointments == ()
        case_store.assign(covered.id, house.therapist.user_id, AssignmentKind.COVER, today)
        db.session.commit()
        assert [each.session_id for each in caseloads.my_day(house.therapist).appointments] == [session.id]
        case_store.assign(covered.id, house.therapist.user_id, AssignmentKind.COVER, today - timedelta(days=2))
        db.session.commit()
        assert caseloads.my_day(house.therapist).appointments == ()


def test_my_day_shows_todays_sessions_in_time_order(house: House) -> None:
    case = builders.add_case(house.therapist)
    noon = clock.now().replace(hour=12, minute=0)
    with clock.standing_at(noon):
        for hours in (3, 1, 30):
            start = noon + timedelta(hours=hours)
            builders.add_session(house.therapist, case.id, starts_at=start, ends_at=start + timedelta(minutes=50))
        day = caseloads.my_day(house.therapist)
    assert [each.starts_at for each in day.appointments] == [noon + timedelta(hours=1), noon + timedelta(hours=3)]
