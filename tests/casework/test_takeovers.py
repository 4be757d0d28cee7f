"""Taking data over: what is new, what is here, what differs; all or none; and where it came from."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from schemas.proxy_codes import ProxyKind
from schemas.takeover_codes import Meeting, OutsideType
from schemas.vocabulary import Attendance
from service.casework import cases, intakes, proxies, sessions, takeovers
from service.casework.takeovers import Choice, Looked
from service.domain.proxies import Concern
from service.domain.takeovers import MINOR, OTHER_DAY, OTHER_NUMBER, Arrival
from service.errors import Conflict, Invalid, NotFound
from service.fhir import publish, reading
from service.fhir.incoming.arrivals import read_arrivals
from service.fhir.shapes import from_bytes
from service.store import sessions as session_store
from service.store.base import db
from service.store.outside_records import OutsideRow
from tests import builders
from tests.builders import House
from tests.incoming import NUMBER, PATIENT, as_bytes, bundle, resources

pytestmark = pytest.mark.usefixtures("published")

SYSTEM = "Harbour records"
M = Meeting


@pytest.fixture
def case_id(context: Flask, house: House) -> str:
    return builders.add_case(house.therapist).id


def arrivals(house: House, value: object) -> tuple[Arrival, ...]:
    return read_arrivals(house.therapist, as_bytes(value), SYSTEM)


def look(house: House, case_id: str, value: object) -> tuple[Sequence[Arrival], Looked]:
    found = arrivals(house, value)
    return found, takeovers.look_at(house.therapist, case_id, found)


def take_all(house: House, case_id: str, value: object) -> None:
    found, looked = look(house, case_id, value)
    able = tuple(each.arrival.at for each in looked.offers if each.can_be_taken)
    takeovers.take_over(house.therapist, case_id, found, Choice(SYSTEM, able, looked.seen))


def meetings(house: House, case_id: str, value: object) -> dict[OutsideType, Meeting]:
    return {each.arrival.type: each.meeting for each in look(house, case_id, value)[1].offers}


def test_what_is_new_is_taken_over_once_and_keeps_where_it_came_from(house: House, case_id: str) -> None:
    file = bundle()
    assert meetings(house, case_id, file) == {
        OutsideType.PATIENT: M.DIFFERS,
        OutsideType.CONTACT: M.NEW,
        OutsideType.RELATED: M.NEW,
        OutsideType.COVERAGE: M.NEW,
        OutsideType.PRACTITIONER: M.NEW,
        OutsideType.APPOINTMENT: M.NEW,
        OutsideType.ELSE: M.REFUSED,
    }
    assert takeovers.read_takeovers(house.therapist, case_id).taken == ()
    take_all(house, case_id, file)
    desk = takeovers.read_takeovers(house.therapist, case_id)
    assert {each.type for each in desk.taken} == set(OutsideType) - {OutsideType.ELSE, OutsideType.RESPONSE}
    assert {(each.system, each.by_name) for each in desk.taken} == {(SYSTEM, house.therapist.name)}
    client = desk.case.client
    assert (client.legal_name, client.languages, client.address) == ("Zoë Ada Okonkwo-Šimić", "English, Igbo", "")
    assert client.chosen_name == builders.a_client().chosen_name and desk.case.contact.channels == ()
    (session,) = session_store.of_case(case_id)
    assert session.attendance is Attendance.PLANNED
    assert session.id in {each.record_id for each in desk.taken}
    again = meetings(house, case_id, file)
    assert set(again.values()) == {M.SAME, M.REFUSED} and again[OutsideType.ELSE] is M.REFUSED


def test_who_is_taken_over_is_compared_with_the_other_person(house: House, case_id: str) -> None:
    proxies.save_concern(house.therapist, case_id, Concern("Tomas O Brien", "+353861234567"), version=0)
    take_all(house, case_id, bundle())
    known = proxies.read_proxies(house.therapist, case_id)
    assert known.blocks and [each.card.words.kind for each in known.proxies if each.blocks] == [ProxyKind.CONTACT]
    assert known.proxies[0].card.words.system == SYSTEM


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"birthDate": "1990-02-04"}, OTHER_DAY),
        ({"birthDate": "2020-02-03"}, MINOR),
    ],
)
def test_the_chart_of_somebody_else_is_refused_as_a_whole(
    house: House, case_id: str, changes: dict[str, str], words: str
) -> None:
    file = bundle(resources(patient=resources()["patient"] | changes))
    with pytest.raises(Invalid) as refused:
        look(house, case_id, file)
    assert refused.value.fields == {"entry[0].resource": words}


def test_a_client_who_is_known_there_by_another_number_is_somebody_else(house: House, case_id: str) -> None:
    take_all(house, case_id, bundle())
    other = resources()["patient"] | {"identifier": [{"system": NUMBER, "value": "99-99"}]}
    with pytest.raises(Invalid) as refused:
        look(house, case_id, bundle(resources(patient=other)))
    assert refused.value.message == OTHER_NUMBER


def test_nothing_is_written_when_one_of_the_chosen_cannot_be(house: House, case_id: str) -> None:
    found, looked = look(house, case_id, bundle())
    everything = tuple(each.arrival.at for each in looked.offers)
    for take in (everything, (), ("entry[99].resource",)):
        with pytest.raises(Invalid):
            takeovers.take_over(house.therapist, case_id, found, Choice(SYSTEM, take, looked.seen))
    late = next(each for each in found if each.type is OutsideType.PATIENT)
    broken = [replace(late, value=replace(late.value, birth_date=date(2999, 1, 1))), *found[1:]]  # type: ignore[type-var]
    with pytest.raises(Invalid):
        takeovers.take_over(house.therapist, case_id, broken, Choice(SYSTEM, everything[:3], looked.seen))
    assert db.session.query(OutsideRow).count() == 0
    assert proxies.read_proxies(house.therapist, case_id).proxies == ()
    assert cases.read_case(house.therapist, case_id).client == builders.a_client()


def test_what_moved_on_since_it_was_shown_is_looked_at_anew(house: House, case_id: str) -> None:
    found, looked = look(house, case_id, bundle())
    case = cases.read_case(house.therapist, case_id)
    client = replace(case.client, languages="Igbo")
    cases.change_client(house.therapist, case_id, client, version=case.version)
    with pytest.raises(Conflict):
        takeovers.take_over(house.therapist, case_id, found, Choice(SYSTEM, ("entry[0].resource",), looked.seen))
    assert cases.read_case(house.therapist, case_id).client == client


def test_an_appointment_that_moved_or_passed_is_left_to_a_person(house: House, case_id: str) -> None:
    take_all(house, case_id, bundle())
    (session,) = session_store.of_case(case_id)
    moved = resources()["appointment"] | {"start": "2999-01-01T10:00:00Z", "end": "2999-01-01T10:50:00Z"}
    assert meetings(house, case_id, bundle(resources(appointment=moved)))[OutsideType.APPOINTMENT] is M.REFUSED
    for start, end in (
        ("2020-01-01T10:00:00Z", "2020-01-01T10:50:00Z"),
        ("2999-01-01T10:00:00Z", "2999-01-03T10:00:00Z"),
    ):
        wrong = resources()["appointment"] | {"identifier": [], "start": start, "end": end}
        assert meetings(house, case_id, bundle(resources(appointment=wrong)))[OutsideType.APPOINTMENT] is M.REFUSED
    assert sessions.read_session(house.therapist, session.id).session == session


def test_a_response_goes_out_and_comes_in_again_as_the_same(house: House, case_id: str) -> None:
    other = builders.add_case(house.therapist)
    kept = builders.add_intake(house.therapist, other.id).intake
    publish.catch_up(other.id)
    out = from_bytes(reading.read(house.therapist, "QuestionnaireResponse", kept.id).body)
    file = bundle({"patient": resources()["patient"], "response": out | {"subject": {"reference": PATIENT}}})
    assert meetings(house, case_id, file)[OutsideType.RESPONSE] is M.NEW
    take_all(house, case_id, file)
    (taken,) = intakes.list_intakes(house.therapist, case_id)
    assert (taken.answers, taken.score) == (kept.answers, kept.score)
    assert meetings(house, case_id, file)[OutsideType.RESPONSE] is M.SAME


def test_what_was_taken_over_stands_in_no_column_and_is_for_who_works_on_the_case(house: House, case_id: str) -> None:
    take_all(house, case_id, bundle())
    rows = [{name: str(value) for name, value in vars(each).items()} for each in db.session.query(OutsideRow)]
    assert rows and "Harbour" not in str(rows) and "77-31" not in str(rows) and "Invented" not in str(rows)
    for actor in (house.peer, house.stranger):
        with pytest.raises(NotFound):
            takeovers.read_takeovers(actor, case_id)
