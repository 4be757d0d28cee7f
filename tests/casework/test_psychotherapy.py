"""Psychotherapy notes are their author's: kept, compared when stale, opened for a time, and nobody else's business."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from schemas.actions import Action
from schemas.vocabulary import AssignmentKind, Attendance, NoteStatus, Role
from service.casework import accounts, caseloads, cases, people, psychotherapy
from service.domain import clock
from service.domain.actors import Actor
from service.domain.workload import Kind
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import accounts as account_store
from service.store import audit, keyring
from service.store import cases as case_store
from service.store import psychotherapy as store
from service.store.base import db
from service.store.keyring import DataKey, Scope
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")


def a_session(house: House) -> tuple[str, str]:
    case = builders.add_case(house.therapist)
    return case.id, builders.add_session(house.therapist, case.id).id


def test_the_author_reads_what_they_wrote(house: House) -> None:
    _case_id, session_id = a_session(house)
    first = builders.add_working_note(house.therapist, session_id, "One")
    second = psychotherapy.save_note(house.therapist, session_id, "Two", version=first.version)
    desk = psychotherapy.read_own(house.therapist, session_id)
    assert desk.note == second
    assert (second.id, second.text, second.version > first.version) == (first.id, "Two", True)


def test_a_stale_text_gets_both_back_and_sending_twice_is_harmless(house: House) -> None:
    _case_id, session_id = a_session(house)
    first = builders.add_working_note(house.therapist, session_id, "One")
    assert builders.add_working_note(house.therapist, session_id, "One").version == first.version
    psychotherapy.save_note(house.therapist, session_id, "Elsewhere", version=first.version)
    for seen in (first.version, None):
        with pytest.raises(Conflict) as caught:
            psychotherapy.save_note(house.therapist, session_id, "Here", version=seen)
        assert (caught.value.yours, caught.value.theirs) == ({"text": "Here"}, {"text": "Elsewhere"})


def test_a_cover_and_a_new_owner_find_their_own_page_empty(house: House) -> None:
    case_id, session_id = a_session(house)
    builders.add_working_note(house.therapist, session_id, "Only mine")
    case_store.assign(case_id, house.peer.user_id, AssignmentKind.COVER, clock.now().date())
    db.session.commit()
    assert psychotherapy.read_own(house.peer, session_id).note is None
    assert [line.written_at for line in psychotherapy.list_own(house.peer, case_id)[1]] == [None]
    case_store.unassign(case_id, house.therapist.user_id)
    case_store.assign(case_id, house.peer.user_id, AssignmentKind.OWNER)
    db.session.commit()
    assert psychotherapy.read_own(house.peer, session_id).note is None
    builders.add_working_note(house.peer, session_id, "The next therapist's")
    assert psychotherapy.read_own(house.peer, session_id).note.text == "The next therapist's"  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        psychotherapy.read_own(house.therapist, session_id)


def test_supervisor_colleague_and_stranger_are_turned_away(house: House) -> None:
    case_id, session_id = a_session(house)
    note = builders.add_working_note(house.therapist, session_id)
    with pytest.raises(NotAllowed):
        psychotherapy.read_own(house.supervisor, session_id)
    for other in (house.peer, house.stranger):
        with pytest.raises(NotFound):
            psychotherapy.list_own(other, case_id)
    for other in (house.supervisor, house.peer, house.admin, house.machine, house.stranger):
        with pytest.raises((NotFound, NotAllowed)):
            psychotherapy.read_opening(other, note.id)
        with pytest.raises((NotFound, NotAllowed)):
            psychotherapy.read_opened(other, note.id)


def test_a_session_that_did_not_take_place_has_no_such_note(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id, attendance=Attendance.PLANNED)
    with pytest.raises(Invalid, match="cannot be kept"):
        builders.add_working_note(house.therapist, session.id)
    assert store.own_of_case(case.id, house.therapist.user_id) == []


def test_it_is_never_the_only_record_so_the_session_stays_on_the_worklist(house: House) -> None:
    case_id, session_id = a_session(house)
    builders.add_working_note(house.therapist, session_id)
    due = caseloads.my_day(house.therapist).due
    assert [each.case_id for each in due if each.kind is Kind.NOTE] == [case_id]
    with pytest.raises(Conflict):
        builders.close_case(house.therapist, case_id, version=cases.read_case(house.therapist, case_id).version)
    assert not psychotherapy.read_own(house.therapist, session_id).signed
    signed = builders.add_note(house.therapist, session_id, signed=True)
    assert signed.status is NoteStatus.SIGNED
    assert psychotherapy.read_own(house.therapist, session_id).signed
    assert [each for each in caseloads.my_day(house.therapist).due if each.kind is Kind.NOTE] == []


def test_one_note_opens_to_one_supervisor_and_each_reading_is_told(house: House) -> None:
    _case_id, session_id = a_session(house)
    note = builders.add_working_note(house.therapist, session_id, "For our next hour")
    other = builders.add_session(house.therapist, _case_id)
    closed = builders.add_working_note(house.therapist, other.id, "Not for anybody")
    builders.open_in_training(house.therapist, note.id, house.supervisor)
    assert [grant.note_id for _code, grant in psychotherapy.list_opened(house.supervisor)] == [note.id]
    assert psychotherapy.read_opened(house.supervisor, note.id).text == "For our next hour"
    psychotherapy.read_opened(house.supervisor, note.id)
    with pytest.raises(NotFound):
        psychotherapy.read_opened(house.supervisor, closed.id)
    (grant,) = psychotherapy.read_own(house.therapist, session_id).grants
    assert (grant.opened, grant.opened_at is not None) == (2, True)
    told = [row for row in audit.recent(house.practice_id, None, 50) if row.action == Action.PSYCHOTHERAPY_OPEN]
    assert [(row.verdict, row.actor_id) for row in told] == [
        ("refused", house.supervisor.user_id),
        ("allowed", house.supervisor.user_id),
        ("allowed", house.supervisor.user_id),
    ]
    assert all("For our" not in f"{row.subject}{row.why}" for row in told)


def test_an_opening_ends_with_its_day_and_can_be_taken_back(house: House) -> None:
    _case_id, session_id = a_session(house)
    note = builders.add_working_note(house.therapist, session_id)
    grant = builders.open_in_training(house.therapist, note.id, house.supervisor, days=2)
    with pytest.raises(Invalid, match="not opened"):
        builders.open_in_training(house.therapist, note.id, house.supervisor)
    with clock.standing_at(grant.until - timedelta(seconds=1)):
        psychotherapy.read_opened(house.supervisor, note.id)
    with clock.standing_at(grant.until), pytest.raises(NotFound):
        psychotherapy.read_opened(house.supervisor, note.id)
    with pytest.raises(NotFound):
        psychotherapy.withdraw(house.peer, grant.id)
    assert psychotherapy.withdraw(house.therapist, grant.id) == psychotherapy.withdraw(house.therapist, grant.id)
    with pytest.raises(NotFound):
        psychotherapy.read_opened(house.supervisor, note.id)
    assert psychotherapy.list_opened(house.supervisor) == ()
    builders.open_in_training(house.therapist, note.id, house.supervisor)


def test_the_walls_of_the_case_come_before_an_opening(house: House) -> None:
    case_id, session_id = a_session(house)
    note = builders.add_working_note(house.therapist, session_id)
    builders.open_in_training(house.therapist, note.id, house.supervisor)
    row = case_store.row(case_id)
    assert row is not None
    row.sealed = True
    db.session.commit()
    assert psychotherapy.list_opened(house.supervisor) == ()
    with pytest.raises(NotFound):
        psychotherapy.read_opened(house.supervisor, note.id)
    assert psychotherapy.read_opening(house.therapist, note.id).choices == ()


def test_only_the_authors_own_supervisor_can_be_chosen(house: House) -> None:
    _case_id, session_id = a_session(house)
    note = builders.add_working_note(house.therapist, session_id)
    other = builders.add_actor(house.practice_id, Role.SUPERVISOR, "Noor Haddad")
    assert dict(psychotherapy.read_opening(house.therapist, note.id).choices) == {
        house.supervisor.user_id: "Siobhán Byrne"
    }
    for wrong in (other, house.peer, house.stranger):
        with pytest.raises(Invalid) as caught:
            builders.open_in_training(house.therapist, note.id, wrong)
        assert set(caught.value.fields) == {"supervisor_id"}
    account_store.supervise(house.practice_id, other.user_id, house.therapist.user_id, clock.now().date())
    db.session.commit()
    builders.open_in_training(house.therapist, note.id, other)
    people.end_supervision(house.admin, other.user_id, house.therapist.user_id)
    with pytest.raises(NotFound):
        psychotherapy.read_opened(other, note.id)


def test_opening_asks_who_it_is(house: House) -> None:
    _case_id, session_id = a_session(house)
    note = builders.add_working_note(house.therapist, session_id)
    unsure = Actor(house.therapist.user_id, house.practice_id, Role.THERAPIST, "Ana Núñez")
    with pytest.raises(NotAllowed, match="Confirm"):
        builders.open_in_training(unsure, note.id, house.supervisor)


def test_the_notes_have_a_key_of_their_own_that_can_be_destroyed_apart(house: House, context: Flask) -> None:
    case_id, session_id = a_session(house)
    note = builders.add_working_note(house.therapist, session_id, "Gone later")
    sealed, main = store.row(note.id).text, case_store.row(case_id).client  # type: ignore[union-attr]
    keys = {row.scope: row.id for row in db.session.scalars(select(DataKey).where(DataKey.scope_id == case_id))}
    assert set(keys) == {Scope.CASE, Scope.PSYCHOTHERAPY}
    assert sealed[1:17].hex() == keys[Scope.PSYCHOTHERAPY].replace("-", "")
    assert main[1:17].hex() == keys[Scope.CASE].replace("-", "")
    assert keyring.ring().destroy(case_id, Scope.PSYCHOTHERAPY) == 1
    db.session.commit()
    with pytest.raises(NotFound):
        psychotherapy.read_own(house.therapist, session_id)
    assert cases.read_case(house.therapist, case_id).client.chosen_name
    with pytest.raises(NotFound):
        builders.add_working_note(house.therapist, builders.add_session(house.therapist, case_id).id)


def test_destroying_the_keys_of_a_case_takes_all_of_them(house: House) -> None:
    case_id, session_id = a_session(house)
    builders.add_working_note(house.therapist, session_id)
    assert keyring.ring().destroy(case_id) == 2
    db.session.commit()
    assert keyring.ring().destroy(case_id) == 0
    for read in (cases.read_case, psychotherapy.list_own):
        with pytest.raises(NotFound):
            read(house.therapist, case_id)
    assert accounts.my_account(house.therapist)
