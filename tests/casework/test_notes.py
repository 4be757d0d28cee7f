"""Drafts, signing and addenda: nothing typed is lost, nothing signed changes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from schemas.vocabulary import EventLevel, NoteFormat, NoteStatus, PlanRight, RiskStatus
from service.casework import events, notes, records, sessions
from service.casework.write_ups import WriteUp, drafted_from, write_up
from service.domain import clock
from service.domain.notes import content_hash
from service.domain.sessions import CHANGED, TherapySession
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.casework.test_events import AGREED, a_follow_up

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


def screened(house: House, session: TherapySession) -> None:
    builders.add_intake(house.therapist, session.case_id, builders.QUIET_B, instrument_key="sfs", session_id=session.id)


def opened(house: House, session: TherapySession) -> None:
    events.open_event(house.therapist, session.case_id, EventLevel.NEXT, prompt="A new car", session_id=session.id)


def given_again(house: House, session: TherapySession) -> None:
    """The answer joins the event of an earlier session."""
    answers = builders.wsl_answers(1, X1_concern=True)
    start = session.starts_at - timedelta(days=1)
    before = builders.add_session(house.therapist, session.case_id, starts_at=start, ends_at=start + timedelta(hours=1))
    for each in (before, session):
        builders.add_intake(house.therapist, session.case_id, answers, session_id=each.id)
    found = [each for each in records.read_record(house.therapist, session.case_id).events if each.rule == "TR-3"]
    assert [each.session_id for each in found] == [before.id]


def reasoned(house: House, session: TherapySession) -> None:
    draft = replace(drafted_from(session), risk_reason="The hearing was put off; nothing else is new.")
    sessions.change_session(house.therapist, session.id, draft, version=session.version)


@pytest.mark.parametrize("respond", [screened, opened, given_again, reasoned])
def test_what_changed_is_responded_to_in_the_session_before_its_note_is_signed(
    house: House, respond: Callable[[House, TherapySession], None]
) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id, risk=RiskStatus.ASKED_CHANGED)
    elsewhere = builders.add_session(house.therapist, case.id, starts_at=session.starts_at - timedelta(hours=1))
    screened(house, elsewhere)
    opened(house, elsewhere)
    note = builders.add_note(house.therapist, session.id)
    with pytest.raises(Invalid) as caught:
        notes.sign_note(house.therapist, note.id, version=note.version)
    assert caught.value.fields == {"risk": CHANGED}
    respond(house, session)
    answered(house, case.id)
    assert notes.sign_note(house.therapist, note.id, version=note.version).status is NoteStatus.SIGNED


def answered(house: House, case_id: str) -> None:
    for each in records.read_record(house.therapist, case_id).open_events:
        events.dispose_event(house.therapist, each.id, a_follow_up(), version=each.version)


def test_an_event_entered_in_error_is_no_response(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id, risk=RiskStatus.ASKED_CHANGED)
    opened(house, session)
    (event,) = records.read_record(house.therapist, case.id).events
    said = events.say_error(house.therapist, event.id, "It was typed into the wrong case.", version=event.version)
    events.read_second(house.supervisor, event.id, AGREED, version=said.version)
    (step,) = [each for each in sessions.read_session(house.therapist, session.id).steps if not each.done]
    assert step.missing == CHANGED


def test_no_plan_yet_is_not_signed_while_one_was_in_use_before(house: House) -> None:
    case = builders.add_case(house.therapist)
    earlier = builders.add_session(house.therapist, case.id, plan_right=PlanRight.NO_PLAN)
    builders.add_plan(house.therapist, case.id)
    builders.add_note(house.therapist, earlier.id, signed=True)
    start = clock.now() + timedelta(minutes=1)
    with clock.standing_at(start + timedelta(hours=1)):
        times = {"starts_at": start, "ends_at": start + timedelta(minutes=50)}
        session = builders.add_session(house.therapist, case.id, plan_right=PlanRight.NO_PLAN, **times)
        note = builders.add_note(house.therapist, session.id)
        with pytest.raises(Invalid) as caught:
            notes.sign_note(house.therapist, note.id, version=note.version)
        assert list(caught.value.fields) == ["plan"]
        draft = replace(drafted_from(session), plan_right=PlanRight.NOT_DISCUSSED)
        sessions.change_session(house.therapist, session.id, draft, version=session.version)
        assert notes.sign_note(house.therapist, note.id, version=note.version).status is NoteStatus.SIGNED


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


def test_a_draft_that_saves_itself_asks_the_database_one_thing_more_than_a_plain_write(house: House) -> None:
    """The steps to signing need the events of the case; everything else is read once."""
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    note = notes.save_note(house.therapist, session.id, NoteFormat.FREE, {"text": "One"}, version=None)
    typed = WriteUp(drafted_from(session), session.version, NoteFormat.FREE, {"text": "Two"}, note.version)
    with asked() as by_editor:
        kept = write_up(house.therapist, session.id, typed)
    assert kept.note and kept.note.sections == {"text": "Two"}
    with asked() as plainly:
        notes.save_note(house.therapist, session.id, NoteFormat.FREE, {"text": "Three"}, version=kept.note.version)
    assert len(by_editor) <= len(plainly) + 1, "\n".join(by_editor)


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
