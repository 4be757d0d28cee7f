"""What follows a signature: cosigning, sending back, errors with a second reader, amendments and disagreement."""

from datetime import timedelta

import pytest

from schemas.case_codes import TimelineKind
from schemas.note_codes import NoteStep
from schemas.vocabulary import AssignmentKind, Attendance, EventLevel, Role
from service.casework import (
    caseloads,
    cases,
    crisis,
    events,
    note_life,
    note_readings,
    notes,
    overviews,
    people,
    records,
    sessions,
    timeline,
    walls,
)
from service.domain import clock
from service.domain.actors import Actor
from service.domain.note_life import StepWords, cosign_hash, cosigned, last, needs_cosign, waiting
from service.domain.notes import Note
from service.domain.timeline import Wanted
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.reports.attendance import visits
from service.store import cases as case_store
from service.store import note_steps
from service.store import sessions as session_store
from service.store.base import db
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
WHY = "It belongs to the record of somebody else."


@pytest.fixture
def supervised(house: House, context: object) -> House:
    """The therapist's notes must be cosigned."""
    people.supervise(house.admin, house.supervisor.user_id, house.therapist.user_id, clock.now().date(), cosigns=True)
    return house


def signed_note(actor: Actor) -> Note:
    session = builders.add_session(actor, builders.add_case(actor).id)
    return builders.add_note(actor, session.id, signed=True)


def test_a_note_waits_for_its_cosignature_only_where_the_supervision_says_so(supervised: House) -> None:
    assert waiting(signed_note(supervised.therapist).trail, NoteStep.COSIGN_ASKED) is not None
    assert not needs_cosign(signed_note(supervised.peer).trail)


def test_a_cosignature_names_what_was_cosigned_and_leaves_the_text_alone(supervised: House) -> None:
    note = signed_note(supervised.therapist)
    note = notes.add_addendum(supervised.therapist, note.id, "Added before.")
    after = note_life.cosign_note(supervised.supervisor, note.id, version=note.version)
    found = cosigned(after.trail)
    assert found is not None
    wanted = cosign_hash(note.content_hash, [(each.id, each.content_hash) for each in note.addenda])
    assert (found.by, found.words.content_hash) == ("Siobhán Byrne", wanted)
    assert (after.sections, after.content_hash, after.signed_by) == (note.sections, note.content_hash, "Ana Núñez")
    assert [each.cosigned for each in after.addenda] == [True]


def test_an_addendum_after_the_cosignature_is_not_cosigned_and_waits_again(supervised: House) -> None:
    note = signed_note(supervised.therapist)
    note_life.cosign_note(supervised.supervisor, note.id, version=note.version)
    after = notes.add_addendum(supervised.therapist, note.id, "Added later.")
    assert [each.cosigned for each in after.addenda] == [False]
    assert waiting(after.trail, NoteStep.COSIGN_ASKED) is not None
    again = note_life.cosign_note(supervised.supervisor, note.id, version=after.version)
    assert [each.cosigned for each in again.addenda] == [True]


def test_sending_back_asks_for_an_addendum_and_never_unlocks(supervised: House) -> None:
    note = signed_note(supervised.therapist)
    with pytest.raises(Invalid):
        note_life.return_note(supervised.supervisor, note.id, "too short", version=note.version)
    back = note_life.return_note(
        supervised.supervisor, note.id, "Say what was agreed about Friday.", version=note.version
    )
    assert (back.sections, cosigned(back.trail)) == (note.sections, None)
    with pytest.raises(Conflict):
        notes.save_note(supervised.therapist, note.session_id, note.format, {"data": "Other"}, version=back.version)
    with pytest.raises(Conflict):
        note_life.cosign_note(supervised.supervisor, note.id, version=back.version)
    added = notes.add_addendum(supervised.therapist, note.id, "Friday: an extra call.")
    assert waiting(added.trail, NoteStep.COSIGN_ASKED) is not None


def test_what_moved_on_is_not_cosigned_unseen(supervised: House) -> None:
    note = signed_note(supervised.therapist)
    notes.add_addendum(supervised.therapist, note.id, "Nobody has read this yet.")
    with pytest.raises(Conflict):
        note_life.cosign_note(supervised.supervisor, note.id, version=note.version)


def test_nobody_cosigns_twice_or_what_does_not_wait(supervised: House) -> None:
    note = signed_note(supervised.therapist)
    after = note_life.cosign_note(supervised.supervisor, note.id, version=note.version)
    with pytest.raises(Conflict):
        note_life.cosign_note(supervised.supervisor, note.id, version=after.version)


def test_only_the_supervisor_of_the_author_cosigns(supervised: House) -> None:
    note = signed_note(supervised.therapist)
    with pytest.raises(NotAllowed):
        note_life.cosign_note(supervised.therapist, note.id, version=note.version)
    other = builders.add_actor(supervised.practice_id, Role.SUPERVISOR, "Other Supervisor")
    for stranger in (supervised.peer, other, supervised.stranger, supervised.admin):
        with pytest.raises(NotFound):
            note_life.cosign_note(stranger, note.id, version=note.version)


def test_a_note_signed_after_the_policy_is_a_late_entry(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    note = builders.add_note(house.therapist, session.id)
    with clock.standing_at(session.ends_at + timedelta(hours=73)):
        late = notes.sign_note(house.therapist, note.id, version=note.version)
    assert [each.step for each in late.trail] == [NoteStep.LATE]
    people.set_note_policy(house.admin, 80)
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    note = builders.add_note(house.therapist, session.id)
    with clock.standing_at(session.ends_at + timedelta(hours=79)):
        assert notes.sign_note(house.therapist, note.id, version=note.version).trail == ()


def test_an_error_stays_in_view_until_a_second_reader_agrees(house: House) -> None:
    note = signed_note(house.therapist)
    said = note_life.say_error(house.therapist, note.id, WHY)
    assert (said.wrong, said.sections) == (False, note.sections)
    with pytest.raises(NotAllowed):
        note_life.answer_error(house.therapist, note.id, "", agreed=True)
    wrong = note_life.answer_error(house.supervisor, note.id, "", agreed=True)
    assert (wrong.wrong, dict(wrong.sections)) == (True, {})
    assert sessions.read_session(house.therapist, note.session_id).session.homework_given == ""
    assert note_life.read_hidden(house.therapist, note.id).sections == note.sections


def agreed_error(house: House, note: Note) -> None:
    note_life.say_error(house.therapist, note.id, WHY)
    note_life.answer_error(house.supervisor, note.id, "", agreed=True)


@pytest.mark.parametrize("restricted", [False, True])
def test_an_error_that_nobody_can_read_says_what_to_do_until_somebody_can(house: House, *, restricted: bool) -> None:
    note = signed_note(house.therapist)
    assert note_readings.why_unread(house.therapist, note.id) == ""
    note_life.say_error(house.therapist, note.id, WHY)
    assert note_readings.why_unread(house.therapist, note.id) == ""
    if restricted:
        walls.restrict(house.therapist, note.case_id, "A relative of hers works here", wanted=True)
    else:
        people.end_account(house.admin, house.supervisor.user_id)
    wanted = "lift the restriction" if restricted else "ask an administrator"
    assert wanted in note_readings.why_unread(house.therapist, note.id)
    cases.assign_cover(house.therapist, note.case_id, house.peer.user_id, clock.now().date() + timedelta(days=2))
    assert note_readings.why_unread(house.therapist, note.id) == ""
    assert note_life.answer_error(house.peer, note.id, "", agreed=True).wrong


def test_the_same_time_is_recorded_anew_once_an_error_is_agreed(house: House) -> None:
    draft, case_id = builders.a_session_draft(), builders.add_case(house.therapist).id
    first = sessions.record_session(house.therapist, case_id, draft)
    agreed_error(house, builders.add_note(house.therapist, first.id, signed=True))
    again = sessions.record_session(house.therapist, case_id, draft)
    assert again.id != first.id
    assert sessions.record_session(house.therapist, case_id, draft).id == again.id
    right = builders.add_note(house.therapist, again.id, text="What was meant.", signed=True)
    assert right.signed_at is not None
    told = {each.id: each.wrong for each in records.read_record(house.therapist, case_id).sessions}
    assert told == {first.id: True, again.id: False}


def test_what_was_entered_in_error_counts_nowhere(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    agreed_error(
        house, builders.add_note(house.therapist, builders.add_session(house.therapist, case_id).id, signed=True)
    )
    overview = overviews.read_overview(house.therapist, case_id)
    assert (overview.spines.sessions, session_store.last_held(case_id)) == ((), None)
    (row,) = caseloads.my_caseload(house.therapist).rows
    assert (row.last_session_at, row.next_session_at, row.sessions_since_log) == (None, None, 0)
    assert caseloads.my_day(house.therapist).appointments == ()
    record = records.read_record(house.therapist, case_id)
    assert record.standing_sessions == ()
    assert visits(record.sessions, lambda _at, _zone: True, record.practice.zone) == ()
    wanted = Wanted(kinds=frozenset({TimelineKind.SESSION, TimelineKind.NOTE}))
    told = timeline.read_timeline(house.therapist, case_id, wanted).happened
    assert {each.words for each in told} == {
        "Individual session: Entered in error",
        "Note: Said to be entered in error",
        "Note: Entered in error, agreed by a second reader",
    }


def test_a_missed_session_entered_in_error_is_not_missed(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    missed = builders.add_session(house.therapist, case_id, attendance=Attendance.NO_SHOW)
    note = builders.add_note(house.therapist, missed.id, signed=True)
    assert session_store.missed_in_a_row(case_id) == 1
    agreed_error(house, note)
    assert (session_store.missed_in_a_row(case_id), session_store.last_missed(case_id)) == (0, None)


def test_a_second_reader_who_does_not_agree_says_why_and_nothing_is_hidden(house: House) -> None:
    note = signed_note(house.therapist)
    note_life.say_error(house.therapist, note.id, WHY)
    with pytest.raises(Invalid):
        note_life.answer_error(house.supervisor, note.id, "no", agreed=False)
    kept = note_life.answer_error(house.supervisor, note.id, "The names match the right record.", agreed=False)
    assert (kept.wrong, kept.sections) == (False, note.sections)
    assert waiting(kept.trail, NoteStep.ERROR_SAID) is None


def test_a_covering_colleague_can_be_the_second_reader(house: House) -> None:
    note = signed_note(house.therapist)
    case_store.assign(note.case_id, house.peer.user_id, AssignmentKind.COVER, clock.now().date() + timedelta(days=3))
    db.session.commit()
    note_life.say_error(house.therapist, note.id, WHY)
    assert note_life.answer_error(house.peer, note.id, "", agreed=True).wrong


def test_nothing_follows_a_note_that_was_entered_in_error(house: House) -> None:
    note = signed_note(house.therapist)
    note_life.say_error(house.therapist, note.id, WHY)
    note_life.answer_error(house.supervisor, note.id, "", agreed=True)
    with pytest.raises(Conflict):
        notes.add_addendum(house.therapist, note.id, "More")
    with pytest.raises(Conflict):
        note_life.keep_disagreement(house.therapist, note.id, "The client says otherwise.")
    with pytest.raises(Conflict):
        note_life.say_error(house.therapist, note.id, WHY)


def test_an_amendment_is_accepted_by_an_addendum(house: House) -> None:
    note = signed_note(house.therapist)
    note_life.ask_amendment(house.therapist, note.id, "It was my aunt, not my sister.")
    with pytest.raises(Conflict):
        note_life.ask_amendment(house.therapist, note.id, "And another thing.")
    after = note_life.answer_amendment(house.therapist, note.id, "It was the client's aunt.", accepted=True)
    assert [each.text for each in after.addenda] == ["It was the client's aunt."]
    assert (after.sections, after.content_hash) == (note.sections, note.content_hash)
    with pytest.raises(Conflict):
        note_life.answer_amendment(house.therapist, note.id, "Once more.", accepted=True)


def test_an_amendment_is_declined_with_a_reason_and_the_client_disagrees(house: House) -> None:
    note = signed_note(house.therapist)
    note_life.ask_amendment(house.therapist, note.id, "Take out the second paragraph.")
    with pytest.raises(Invalid):
        note_life.answer_amendment(house.therapist, note.id, "No.", accepted=False)
    note_life.answer_amendment(house.therapist, note.id, "The paragraph is what was said that day.", accepted=False)
    after = note_life.keep_disagreement(house.therapist, note.id, "I never said that.")
    assert after.addenda == ()
    found = last(after.trail, NoteStep.DISAGREEMENT)
    assert found is not None
    assert found.words.text == "I never said that."


def test_a_draft_takes_none_of_this(house: House) -> None:
    session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    draft = builders.add_note(house.therapist, session.id)
    for act in (note_life.say_error, note_life.ask_amendment, note_life.keep_disagreement):
        with pytest.raises(Conflict):
            act(house.therapist, draft.id, WHY)


def test_a_question_takes_one_answer_even_in_a_race(supervised: House) -> None:
    """Two answers to one question do not both commit: the second meets the first one's row."""
    note = signed_note(supervised.therapist)
    asked = waiting(note.trail, NoteStep.COSIGN_ASKED)
    assert asked is not None
    note_life.cosign_note(supervised.supervisor, note.id, version=note.version)
    with pytest.raises(Exception, match=r"(?i)unique"):
        note_steps.add(
            (note.case_id, note.session_id),
            NoteStep.RETURNED,
            supervised.supervisor.user_id,
            StepWords(),
            answers=asked.id,
        )
    db.session.rollback()


@pytest.fixture
def reader(house: House) -> Actor:
    """A colleague whom the practice named as second reader."""
    colleague = builders.add_actor(house.practice_id, Role.THERAPIST, "Bo Reader")
    crisis.name_reader(house.admin, colleague.user_id)
    return colleague


def test_a_named_reader_reads_the_note_in_error_of_an_author_without_supervisor(house: House, reader: Actor) -> None:
    note, other = signed_note(house.peer), signed_note(house.peer)
    with pytest.raises(NotFound):
        note_readings.read_note_reading(reader, note.id)
    note_life.say_error(house.peer, note.id, WHY)
    (line,) = note_readings.waiting_notes(reader)
    desk = note_readings.read_note_reading(reader, line.note_id)
    assert (desk.note.sections, desk.reason, desk.barred) == (note.sections, WHY, "")
    for closed in (lambda: notes.read_note(reader, note.id), lambda: cases.read_case(reader, note.case_id)):
        with pytest.raises(NotFound):
            closed()
    for unread in (other, signed_note(house.therapist)):
        with pytest.raises(NotFound):
            note_readings.read_note_reading(reader, unread.id)
    assert note_life.answer_error(reader, note.id, "", agreed=True).wrong
    assert note_readings.waiting_notes(reader) == ()
    with pytest.raises(NotFound):
        note_readings.read_note_reading(reader, note.id)


def test_a_named_reader_is_told_of_the_error_alone(house: House, reader: Actor) -> None:
    note, told = signed_note(house.peer), "He is to wait outside the door."
    note_life.ask_amendment(house.peer, note.id, told)
    note_life.keep_disagreement(house.peer, note.id, told)
    note_life.say_error(house.peer, note.id, WHY)
    before = note_readings.read_note_reading(reader, note.id).note
    assert [each.step for each in before.trail] == [NoteStep.ERROR_SAID]
    after = note_life.answer_error(reader, note.id, WHY, agreed=False)
    assert [each.step for each in after.trail] == [NoteStep.ERROR_SAID, NoteStep.ERROR_REFUSED]


def test_a_named_reader_has_no_note_of_an_author_whose_supervisor_reads_it(house: House, reader: Actor) -> None:
    note = signed_note(house.therapist)
    note_life.say_error(house.therapist, note.id, WHY)
    event = events.open_event(house.therapist, note.case_id, EventLevel.NOW, prompt="Threat told")
    events.say_error(house.therapist, event.id, WHY, version=event.version)
    assert [each.event.id for each in events.waiting_readings(reader)] == [event.id]
    assert note_readings.waiting_notes(reader) == ()
    for act in (
        lambda: note_readings.read_note_reading(reader, note.id),
        lambda: note_life.answer_error(reader, note.id, "", agreed=True),
    ):
        with pytest.raises(NotFound):
            act()
    assert [each.note_id for each in note_readings.waiting_notes(house.supervisor)] == [note.id]


def test_who_is_not_named_or_wrote_the_note_does_not_read_it_second(house: House) -> None:
    note = signed_note(house.peer)
    note_life.say_error(house.peer, note.id, WHY)
    crisis.name_reader(house.admin, house.peer.user_id)
    assert note_readings.waiting_notes(house.peer) == note_readings.waiting_notes(house.therapist) == ()
    assert note_readings.read_note_reading(house.peer, note.id).barred == note_readings.NOT_YOUR_OWN
    with pytest.raises(NotFound):
        note_life.answer_error(house.therapist, note.id, "", agreed=True)
