"""Supervision meetings belong to the two who met; what was said about a case follows who may read that case."""

from datetime import timedelta

import pytest
from flask import Flask

from schemas.supervision_codes import SupervisionMode
from schemas.vocabulary import AssignmentKind, CaseStatus, NoteStatus, Role
from service.casework import caseloads, notes, people
from service.casework import supervision_records as supervision
from service.casework.supervision_records import ActionDraft, MeetingDraft
from service.domain import clock
from service.domain.supervision_records import SupervisionRecord, TouchedWords
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import cases as case_store
from service.store import keyring
from service.store import supervision_records as store
from service.store.base import db
from service.store.keyring import Scope
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
SAID = TouchedWords("Ask about the hearing", "A threat by letter")


def touched(house: House) -> tuple[str, SupervisionRecord]:
    """A case, and a meeting at which the two spoke about it."""
    case = builders.add_case(house.therapist)
    meeting = builders.add_meeting(house.supervisor, house.therapist)
    return case.id, supervision.touch_case(house.supervisor, meeting.id, case.id, SAID, version=None)


def test_either_of_the_two_records_it_and_both_read_it(house: House) -> None:
    by_supervisor = builders.add_meeting(house.supervisor, house.therapist)
    by_therapist = builders.add_meeting(house.therapist, house.supervisor, words="Second")
    for record in (by_supervisor, by_therapist):
        assert (record.supervisor_id, record.therapist_id) == (house.supervisor.user_id, house.therapist.user_id)
        for actor in (house.supervisor, house.therapist):
            assert supervision.read_record(actor, record.id).record == record
    assert len(supervision.list_own(house.therapist).records) == 2


def test_nobody_else_finds_it(house: House) -> None:
    _case_id, record = touched(house)
    other = builders.add_actor(house.practice_id, Role.SUPERVISOR, "Noor Haddad")
    for actor in (house.peer, other, house.stranger, house.admin, house.machine):
        for call in (
            lambda who: supervision.read_record(who, record.id),
            lambda who: supervision.set_done(who, record.id, "x", done=True),
            lambda who: supervision.read_copy(who, record.id),
        ):
            with pytest.raises(NotFound):
                call(actor)
    for actor in (house.peer, other, house.stranger):
        assert supervision.list_own(actor).records == ()
    for actor in (house.admin, house.machine):
        with pytest.raises(NotAllowed):
            supervision.list_own(actor)


def test_a_meeting_needs_the_other_of_the_two(house: House) -> None:
    for actor, wrong in ((house.therapist, house.peer), (house.peer, house.supervisor), (house.supervisor, house.peer)):
        with pytest.raises(Invalid) as caught:
            builders.add_meeting(actor, wrong)
        assert set(caught.value.fields) == {"with_id"}
    with pytest.raises(Invalid):
        builders.add_meeting(house.supervisor, house.therapist, held_on=clock.now().date() + timedelta(days=2))


def test_a_stale_change_gets_both_texts_back(house: House) -> None:
    record = builders.add_meeting(house.supervisor, house.therapist)
    mine = MeetingDraft(record.held_on, 50, SupervisionMode.REMOTE, "Mine")
    supervision.change_record(house.therapist, record.id, mine, version=record.version)
    with pytest.raises(Conflict) as caught:
        supervision.change_record(
            house.supervisor, record.id, MeetingDraft(record.held_on, 60, record.mode, "Theirs"), version=record.version
        )
    assert (caught.value.yours, caught.value.theirs) == ({"words": "Theirs"}, {"words": "Mine"})


def test_what_was_said_about_a_case_is_kept_once_and_compared_when_stale(house: House) -> None:
    case_id, record = touched(house)
    (part,) = record.touched
    assert (part.decisions, part.risks, part.case_id) == (SAID.decisions, SAID.risks, case_id)
    again = supervision.touch_case(house.therapist, record.id, case_id, SAID, version=None)
    assert again.touched == record.touched
    supervision.touch_case(house.therapist, record.id, case_id, TouchedWords("Other", ""), version=part.version)
    with pytest.raises(Conflict) as caught:
        supervision.touch_case(house.supervisor, record.id, case_id, TouchedWords("New", "X"), version=part.version)
    assert caught.value.theirs == {"decisions": "Other", "risks": ""}


def test_a_hidden_case_and_what_was_said_about_it_are_not_there(house: House) -> None:
    case_id, record = touched(house)
    draft = ActionDraft(house.supervisor.user_id, "Ring the court", clock.now().date(), case_id)
    kept = supervision.add_action(house.supervisor, record.id, draft)
    row = case_store.row(case_id)
    assert row is not None
    row.sealed = True
    db.session.commit()
    seen = supervision.read_record(house.supervisor, record.id)
    assert (seen.record.touched, seen.record.actions, seen.choices) == ((), (), ())
    assert caseloads.my_day(house.supervisor).actions == ()
    with pytest.raises(NotFound):
        supervision.set_done(house.supervisor, record.id, kept.actions[0].id, done=True)
    assert len(supervision.read_record(house.therapist, record.id).record.touched) == 1
    with pytest.raises(Invalid) as hidden:
        supervision.touch_case(house.supervisor, record.id, case_id, SAID, version=None)
    with pytest.raises(Invalid) as missing:
        supervision.touch_case(house.supervisor, record.id, record.id, SAID, version=None)
    assert (hidden.value.message, hidden.value.fields) == (missing.value.message, missing.value.fields)


def test_a_block_hides_it_from_the_therapist_too(house: House) -> None:
    case_id, record = touched(house)
    case_store.assign(case_id, house.peer.user_id, AssignmentKind.COVER, clock.now().date())
    case_store.assign(case_id, house.therapist.user_id, AssignmentKind.BLOCKED)
    db.session.commit()
    assert supervision.read_record(house.therapist, record.id).record.touched == ()
    with pytest.raises(Invalid):
        supervision.copy_decision(house.therapist, record.id, case_id, "Words")


def test_purging_the_case_takes_what_was_said_about_it(house: House) -> None:
    case_id, record = touched(house)
    row = case_store.row(case_id)
    assert row is not None
    row.status = CaseStatus.PURGED
    assert keyring.ring().destroy(case_id) == 2
    db.session.commit()
    kept = supervision.read_record(house.supervisor, record.id).record
    assert (kept.touched, kept.words) == ((), "Caseload and own limits.")
    with pytest.raises(NotFound):
        store.touched_words(store.touched(record.id)[0])


def test_the_words_of_a_meeting_have_a_key_of_their_own(house: House) -> None:
    record = builders.add_meeting(house.supervisor, house.therapist)
    assert keyring.ring().destroy(record.id, Scope.SUPERVISION) == 1
    db.session.commit()
    with pytest.raises(NotFound):
        supervision.read_record(house.supervisor, record.id)


def test_an_action_waits_on_its_owners_day_until_it_is_done(house: House) -> None:
    _case_id, record = touched(house)
    today = clock.now().date()
    for days in (-1, 0, 7, 30):
        draft = ActionDraft(house.therapist.user_id, f"In {days}", today + timedelta(days=days))
        record = supervision.add_action(house.supervisor, record.id, draft)
    assert [each.words for each in caseloads.my_day(house.therapist).actions] == ["In -1", "In 0", "In 7"]
    assert caseloads.my_day(house.supervisor).actions == ()
    first = record.actions[0]
    for _twice in range(2):
        record = supervision.set_done(house.therapist, record.id, first.id, done=True)
    assert [each.words for each in caseloads.my_day(house.therapist).actions] == ["In 0", "In 7"]
    supervision.set_done(house.therapist, record.id, first.id, done=False)
    assert len(caseloads.my_day(house.therapist).actions) == 3


def test_an_action_belongs_to_one_of_the_two(house: House) -> None:
    _case_id, record = touched(house)
    elsewhere = builders.add_case(house.peer)
    today = clock.now().date()
    for draft, field in (
        (ActionDraft(house.peer.user_id, "Ring", today), "owner_id"),
        (ActionDraft(house.therapist.user_id, "Ring", today, elsewhere.id), "case_id"),
    ):
        with pytest.raises(Invalid) as caught:
            supervision.add_action(house.supervisor, record.id, draft)
        assert set(caught.value.fields) == {field}
    with pytest.raises(NotFound):
        supervision.set_done(house.supervisor, record.id, record.id, done=True)


def test_the_therapist_alone_copies_a_decision_as_an_addendum(house: House) -> None:
    case_id, record = touched(house)
    signed = builders.add_note(house.therapist, builders.add_session(house.therapist, case_id).id, signed=True)
    desk = supervision.read_copy(house.therapist, record.id, case_id)
    assert [each for each, _at in desk.notes] == [signed.id]
    assert supervision.copy_decision(house.therapist, record.id, signed.id, "Decided: ask.") == signed.session_id
    after = notes.read_note(house.therapist, signed.id)
    assert ([each.text for each in after.addenda], after.status) == (["Decided: ask."], NoteStatus.SIGNED)
    with pytest.raises(NotFound):
        supervision.copy_decision(house.supervisor, record.id, signed.id, "Mine")
    other = builders.add_case(house.therapist)
    elsewhere = builders.add_note(house.therapist, builders.add_session(house.therapist, other.id).id, signed=True)
    with pytest.raises(Invalid):
        supervision.copy_decision(house.therapist, record.id, elsewhere.id, "To a case nobody spoke about")


def test_hours_stand_beside_what_was_agreed(house: House, context: Flask) -> None:
    builders.add_meeting(house.supervisor, house.therapist, minutes=45)
    builders.add_meeting(house.therapist, house.supervisor, minutes=60)
    builders.add_meeting(house.supervisor, house.therapist, held_on=clock.now().date() - timedelta(days=40))
    supervision.set_target(house.supervisor, house.therapist.user_id, 240)
    for actor in (house.supervisor, house.therapist):
        (hours,) = supervision.list_hours(actor)
        assert (hours.minutes, hours.target_minutes) == (105, 240)
    for actor, therapist in ((house.supervisor, house.peer), (house.supervisor, house.supervisor)):
        with pytest.raises(NotFound):
            supervision.set_target(actor, therapist.user_id, 60)


def test_the_two_keep_their_records_when_supervision_ends(house: House) -> None:
    case_id, record = touched(house)
    people.end_supervision(house.admin, house.supervisor.user_id, house.therapist.user_id)
    assert supervision.read_record(house.therapist, record.id).record.touched[0].case_id == case_id
    assert supervision.read_record(house.supervisor, record.id).record.touched == ()
    with pytest.raises(Invalid):
        builders.add_meeting(house.supervisor, house.therapist)
