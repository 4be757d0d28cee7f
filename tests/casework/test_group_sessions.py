"""A group session is written down once; each record gets its own, and none tells of another."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.vocabulary import Attendance, NoteFormat, SessionType
from service.casework import group_sessions, notes, records
from service.casework.group_sessions import Attendee, GroupDraft
from service.domain import clock
from service.domain.cases import Case
from service.errors import Conflict, Invalid, NotFound
from service.fhir import publish
from service.store import cases as case_store
from service.store import resources
from service.store.audit import AuditRow
from service.store.base import db
from service.store.sessions import SessionRow
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context", "published")
TEXT = "Looked at early signs of a strong urge. Everybody drew their own week."


@pytest.fixture
def members(house: House, context: Flask) -> list[Case]:
    names = ("Zoë Okonkwo-Šimić", "Mira Brandt", "Tomás Ó Sé")
    return [builders.add_case(house.therapist, chosen_name=name) for name in names]


def a_group(members: list[Case], **changes: object) -> GroupDraft:
    at = clock.now() - timedelta(hours=3)
    attendees = (
        Attendee(members[0].id, Attendance.ATTENDED, "Spoke about the key for the first time."),
        Attendee(members[1].id, Attendance.LATE),
        Attendee(members[2].id, Attendance.SAFETY_CANCELLED, "Rang before noon."),
    )
    draft = GroupDraft(at, at + timedelta(minutes=90), "Room 4", NoteFormat.DAP, TEXT, attendees)
    return replace(draft, **changes)  # type: ignore[arg-type]


def test_each_record_gets_a_session_and_a_draft_of_its_own(house: House, members: list[Case]) -> None:
    made = group_sessions.record_group(house.therapist, a_group(members))
    assert [(each.case_id, each.type) for each in made] == [(each.id, SessionType.GROUP) for each in members]
    assert len({each.id for each in made}) == 3
    texts = [records.read_record(house.therapist, each.id).notes for each in members]
    assert texts[0][0].sections["data"] == f"{TEXT}\n\nSpoke about the key for the first time."
    assert texts[1][0].sections["data"] == TEXT
    # Who did not come has no part of what the group did.
    assert texts[2][0].sections["data"] == "Rang before noon."


def test_signing_one_leaves_the_others_alone(house: House, members: list[Case]) -> None:
    made = group_sessions.record_group(house.therapist, a_group(members))
    note = records.read_record(house.therapist, members[0].id).notes[0]
    notes.save_note(house.therapist, made[0].id, NoteFormat.DAP, {"data": "Changed"}, version=note.version)
    assert records.read_record(house.therapist, members[1].id).notes[0].sections["data"] == TEXT


@pytest.mark.parametrize("field", ["text", "own", "place"])
def test_words_that_name_somebody_of_another_record_are_refused(house: House, members: list[Case], field: str) -> None:
    group = a_group(members)
    if field == "own":
        first = replace(group.attendees[0], own="Agreed with Brandt.")
        group, name = replace(group, attendees=(first, *group.attendees[1:])), f"attendees.{members[0].id}.own"
    else:
        group, name = a_group(members, **{field: f"With {members[1].code}"}), field
    with pytest.raises(Invalid) as caught:
        group_sessions.record_group(house.therapist, group)
    assert list(caught.value.fields) == [name]
    assert db.session.query(SessionRow).count() == 0


def test_a_client_may_be_named_in_the_own_record(house: House, members: list[Case]) -> None:
    group = a_group(members)
    first = replace(group.attendees[0], own="Zoë said little.")
    assert group_sessions.record_group(house.therapist, replace(group, attendees=(first, *group.attendees[1:])))


def test_a_form_that_was_sent_twice_places_nothing_twice(house: House, members: list[Case]) -> None:
    group = a_group(members)
    group_sessions.record_group(house.therapist, group)
    with pytest.raises(Conflict):
        group_sessions.record_group(house.therapist, group)
    assert db.session.query(SessionRow).count() == 3


def test_one_record_that_refuses_leaves_all_as_they_were(house: House, members: list[Case]) -> None:
    group = a_group(members)
    stranger = builders.add_case(house.peer)
    for case_id in (stranger.id, "00000000-0000-4000-8000-00000000dead"):
        foreign = (*group.attendees, Attendee(case_id, Attendance.ATTENDED))
        with pytest.raises(NotFound):
            group_sessions.record_group(house.therapist, replace(group, attendees=foreign))
    assert db.session.query(SessionRow).count() == 0


def test_a_group_has_several_clients(house: House, members: list[Case]) -> None:
    with pytest.raises(Invalid) as caught:
        group_sessions.record_group(house.therapist, a_group(members, attendees=a_group(members).attendees[:1]))
    assert list(caught.value.fields) == ["attendees"]


def told(client: FlaskClient, case: Case, session_id: str) -> str:
    """Everything that pages and API say about one record."""
    addresses = (
        f"/cases/{case.id}",
        f"/sessions/{session_id}",
        f"/sessions/{session_id}/read",
        f"/api/v1/cases/{case.id}/sessions",
        f"/api/v1/cases/{case.id}/notes",
        f"/api/v1/sessions/{session_id}",
    )
    found = [client.get(address) for address in addresses]
    assert {each.status_code for each in found} == {200}
    return "\n".join(each.text for each in found)


def test_no_record_leads_to_another(app: Flask, house: House, members: list[Case], sign_in_plain: FlaskClient) -> None:
    made = group_sessions.record_group(house.therapist, a_group(members))
    publish.drain()
    for case, session in zip(members, made, strict=True):
        others = [(other, its) for other, its in zip(members, made, strict=True) if other.id != case.id]
        fhir = "\n".join(each.body.decode() for each in resources.of_case(case.id))
        pages = told(sign_in_plain, case, session.id)
        ids = _ids_of(case)
        for other, its in others:
            for trace in (other.id, other.code, other.client.chosen_name, its.id, *(_ids_of(other) - ids)):
                assert trace not in pages, trace
                assert trace not in fhir, trace
            assert not _moments(case) & _moments(other)
    subjects = {row.subject for row in db.session.query(AuditRow).filter(AuditRow.action == "session:group")}
    assert subjects == {f"case/{each.id}" for each in members}
    times = [row.at for row in db.session.query(AuditRow).filter(AuditRow.action == "session:group")]
    assert len(set(times)) == 3


def _ids_of(case: Case) -> set[str]:
    """The ids of a case and of its parts."""
    record = records.collected(_row(case))
    return {case.id, case.episode.id, *(each.id for each in record.sessions), *(each.id for each in record.notes)}


def _moments(case: Case) -> set[str]:
    """The instants at which rows of a case were written; when the session took place is no such instant."""
    record = records.collected(_row(case))
    written = [each.updated_at for each in record.sessions]
    return {str(each) for note in record.notes for each in (note.updated_at, note.created_at)} | set(map(str, written))


def _row(case: Case) -> case_store.CaseRow:
    row = case_store.row(case.id)
    assert row is not None
    return row


@pytest.fixture
def sign_in_plain(app: Flask, house: House, sign_in: object) -> FlaskClient:
    return sign_in(house.therapist)  # type: ignore[operator]
