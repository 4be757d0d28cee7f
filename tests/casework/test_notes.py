"""Drafts, signing and addenda: nothing typed is lost, nothing signed changes."""

import pytest
from flask import Flask

from schemas.vocabulary import EventLevel, NoteFormat, NoteStatus, RiskStatus
from service.casework import events, notes, sessions
from service.domain.notes import content_hash
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")


def test_a_draft_is_kept_and_changed(house: House, context: Flask) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    first = notes.save_note(house.therapist, session.id, NoteFormat.SOAP, {"subjective": "One"}, version=None)
    second = notes.save_note(house.therapist, session.id, NoteFormat.SOAP, {"subjective": "Two"}, version=first.version)
    assert (second.id, second.sections["subjective"], second.version > first.version) == (first.id, "Two", True)


def test_a_stale_draft_gets_both_texts_back(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    first = notes.save_note(house.therapist, session.id, NoteFormat.FREE, {"text": "One"}, version=None)
    notes.save_note(house.therapist, session.id, NoteFormat.FREE, {"text": "Theirs"}, version=first.version)
    with pytest.raises(Conflict) as caught:
        notes.save_note(house.therapist, session.id, NoteFormat.FREE, {"text": "Mine"}, version=first.version)
    assert (caught.value.yours, caught.value.theirs) == ({"text": "Mine"}, {"text": "Theirs"})


def test_two_first_saves_do_not_overwrite_each_other(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    notes.save_note(house.therapist, session.id, NoteFormat.FREE, {"text": "First"}, version=None)
    with pytest.raises(Conflict):
        notes.save_note(house.therapist, session.id, NoteFormat.FREE, {"text": "Second"}, version=None)


def test_signing_freezes_the_text_under_its_hash(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    signed = builders.add_note(house.therapist, session.id, signed=True)
    assert signed.status is NoteStatus.SIGNED
    assert signed.content_hash == content_hash(signed.format, signed.sections, session.id)
    with pytest.raises(Conflict):
        notes.save_note(house.therapist, session.id, NoteFormat.DAP, {"data": "Other"}, version=signed.version)
    with pytest.raises(Conflict):
        sessions.change_session(house.therapist, session.id, builders.a_session_draft(), version=session.version)


def test_addenda_follow_a_signed_note_and_leave_it_alone(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    signed = builders.add_note(house.therapist, session.id, signed=True)
    notes.add_addendum(house.therapist, signed.id, "First addition")
    after = notes.add_addendum(house.therapist, signed.id, "Second addition")
    assert [each.text for each in after.addenda] == ["First addition", "Second addition"]
    assert (after.sections, after.content_hash) == (signed.sections, signed.content_hash)


def test_a_draft_takes_no_addendum(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    draft = builders.add_note(house.therapist, session.id)
    with pytest.raises(Conflict):
        notes.add_addendum(house.therapist, draft.id, "Too early")


def test_an_empty_note_cannot_be_signed(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    draft = notes.save_note(house.therapist, session.id, NoteFormat.DAP, {}, version=None)
    with pytest.raises(Invalid) as caught:
        notes.sign_note(house.therapist, draft.id, version=draft.version)
    assert list(caught.value.fields) == ["data"]


def test_signing_says_which_close_steps_are_missing(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id, risk=RiskStatus.UNRECORDED, next_on=None, next_reason="")
    note = builders.add_note(house.therapist, session.id)
    events.open_event(house.therapist, case.id, EventLevel.TODAY, prompt="Waited outside", session_id=session.id)
    with pytest.raises(Invalid) as caught:
        notes.sign_note(house.therapist, note.id, version=note.version)
    assert list(caught.value.fields) == ["risk", "events", "next"]


@pytest.mark.parametrize("who", ["peer", "stranger", "admin"])
def test_a_note_that_is_not_yours_is_missing(house: House, who: str) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    note = builders.add_note(house.therapist, session.id)
    with pytest.raises(NotFound):
        notes.read_note(getattr(house, who), note.id)


def test_a_supervisor_reads_but_cannot_write(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    note = builders.add_note(house.therapist, session.id)
    assert notes.read_note(house.supervisor, note.id).sections == note.sections
    with pytest.raises(NotAllowed):
        notes.save_note(house.supervisor, session.id, NoteFormat.DAP, {"data": "Mine"}, version=note.version)


def test_a_section_of_another_format_is_named(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    with pytest.raises(Invalid) as caught:
        notes.save_note(house.therapist, session.id, NoteFormat.DAP, {"subjective": "x"}, version=None)
    assert list(caught.value.fields) == ["subjective"]
