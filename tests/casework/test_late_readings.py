"""What waited over 24 hours for a second reader comes before whoever runs the practice, who can see that it is read."""

from datetime import timedelta

import pytest

from schemas.vocabulary import AssignmentKind, Role
from service.casework import crisis, events
from service.casework.late_readings import LateReadings, late_readings
from service.domain import clock
from service.errors import NotAllowed
from service.store import cases as case_store
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.casework.test_events import follow_up, open_event, read

pytestmark = pytest.mark.usefixtures("context")
HOURS = timedelta(hours=1)


def a_late_one(house: House) -> str:
    """The id of a case whose follow-up waits for its reader from now on."""
    case_id = builders.add_case(house.therapist).id
    follow_up(house.therapist, open_event(house, case_id))
    return case_id


def later(house: House, hours: int) -> LateReadings:
    with clock.standing_at(clock.now() + hours * HOURS):
        return late_readings(house.admin)


def test_it_comes_after_24_hours_and_not_before(house: House) -> None:
    a_late_one(house)
    assert later(house, 23).lines == ()
    (line,) = later(house, 25).lines
    assert line.therapist_name == house.therapist.name
    assert [each.id for each in line.readers] == [house.supervisor.user_id]
    assert house.therapist.user_id not in {each.id for each in (*line.readers, *line.others)}


def test_naming_a_colleague_lets_them_read_and_the_line_goes(house: House) -> None:
    a_late_one(house)
    with clock.standing_at(clock.now() + 25 * HOURS):
        (line,) = late_readings(house.admin).lines
        assert house.peer.user_id in {each.id for each in line.others}
        assert events.waiting_readings(house.peer) == ()
        crisis.name_reader(house.admin, house.peer.user_id)
        (line,) = late_readings(house.admin).lines
        assert house.peer.user_id in {each.id for each in line.readers}
        (waiting,) = events.waiting_readings(house.peer)
        read(house.peer, waiting.event)
        assert late_readings(house.admin).lines == ()
        assert crisis.left_to_do(house.admin) == ()


def test_a_supervisor_who_does_not_supervise_the_therapist_can_be_named(house: House) -> None:
    lead = builders.add_actor(house.practice_id, Role.SUPERVISOR, "Lead of the Practice")
    a_late_one(house)
    with clock.standing_at(clock.now() + 25 * HOURS):
        assert events.waiting_readings(lead) == ()
        crisis.name_reader(house.admin, lead.user_id)
        (waiting,) = events.waiting_readings(lead)
        read(lead, waiting.event)


@pytest.mark.parametrize("how", ["sealed", "blocked"])
def test_naming_opens_neither_a_restricted_case_nor_one_whose_reader_is_barred(house: House, how: str) -> None:
    case_id = a_late_one(house)
    row = case_store.row(case_id)
    assert row is not None
    row.sealed = how == "sealed"
    if how == "blocked":
        case_store.assign(case_id, house.peer.user_id, AssignmentKind.BLOCKED)
    db.session.commit()
    found = later(house, 25)
    assert found.restricted == (how == "sealed")
    assert house.peer.user_id not in {each.id for line in found.lines for each in line.others}


@pytest.mark.parametrize("who", ["therapist", "supervisor", "peer"])
def test_only_whoever_runs_the_practice_sees_it(house: House, who: str) -> None:
    with pytest.raises(NotAllowed):
        late_readings(getattr(house, who))
