"""Who cosigns: whoever cosigns the author, by that name alone. What nobody can cosign says what to do about it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from schemas.note_codes import NoteStep, WorkKind
from schemas.vocabulary import Role
from service.casework import cases, cosigning, crisis, note_life, notes, people, records, walls, worklists
from service.domain import clock
from service.domain.actors import Actor
from service.domain.note_life import StepWords, cosigned
from service.domain.notes import Note
from service.errors import Conflict, NotAllowed, NotFound
from service.store import accounts, note_steps
from service.store.base import db
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
TOLD = "He is to wait outside the door."
WHY = "A relative of hers works here"
RETURNED = "Say what was agreed about Friday."


@dataclass(frozen=True)
class Covered:
    """The therapist's case, covered by a colleague whose notes another supervisor cosigns."""

    case_id: str
    code: str
    note: Note
    cosigner: Actor


@pytest.fixture
def covered(house: House, context: object) -> Covered:
    cosigner = builders.add_actor(house.practice_id, Role.SUPERVISOR, "Orla Quinn")
    supervise(cosigner, house.peer)
    case = builders.add_case(house.therapist)
    cases.assign_cover(house.therapist, case.id, house.peer.user_id, clock.now().date() + timedelta(days=3))
    return Covered(case.id, case.code, signed(house.peer, case.id), cosigner)


def supervise(supervisor: Actor, therapist: Actor) -> None:
    accounts.supervise(therapist.practice_id, supervisor.user_id, therapist.user_id, clock.now().date())
    db.session.flush()
    accounts.be_cosigned(supervisor.user_id, therapist.user_id)
    db.session.commit()


def signed(actor: Actor, case_id: str) -> Note:
    return builders.add_note(actor, builders.add_session(actor, case_id).id, signed=True)


def cosigns(actor: Actor) -> list[tuple[WorkKind, str | None, str, bool]]:
    found = worklists.read_worklist(actor)
    kinds = (WorkKind.COSIGN, WorkKind.UNCOSIGNED)
    return [(each.kind, each.subject_id, each.chosen_name, each.mine) for each in found if each.kind in kinds]


def test_who_cosigns_a_covering_colleague_reads_and_cosigns_that_note_alone(house: House, covered: Covered) -> None:
    other = signed(house.therapist, covered.case_id)
    note, cosigner = covered.note, covered.cosigner
    assert cosigns(cosigner) == [(WorkKind.COSIGN, note.id, covered.code, False)]
    shown = cosigning.read_cosigning(cosigner, note.id)
    assert (shown.note.sections, shown.barred) == (note.sections, "")
    for hidden in (
        lambda: records.read_record(cosigner, covered.case_id),
        lambda: notes.read_note(cosigner, note.id),
        lambda: cosigning.read_cosigning(cosigner, other.id),
        lambda: note_life.cosign_note(cosigner, other.id, version=other.version),
        lambda: note_life.read_hidden(cosigner, note.id),
    ):
        with pytest.raises(NotFound):
            hidden()
    after = note_life.cosign_note(cosigner, note.id, version=note.version)
    found = cosigned(after.trail)
    assert found is not None
    assert found.by == "Orla Quinn"
    assert cosigns(cosigner) == []
    with pytest.raises(NotFound):
        cosigning.read_cosigning(cosigner, note.id)


def test_who_cosigns_opens_the_case_in_an_emergency_and_cosigns_meanwhile(house: House, covered: Covered) -> None:
    note, cosigner = covered.note, covered.cosigner
    assert walls.break_glass(cosigner, covered.code, WHY) == covered.case_id
    assert records.read_record(cosigner, covered.case_id).case.id == covered.case_id
    assert [each[:2] for each in cosigns(cosigner)] == [(WorkKind.COSIGN, note.id)]
    assert cosigning.read_cosigning(cosigner, note.id).barred == ""
    assert cosigned(note_life.cosign_note(cosigner, note.id, version=note.version).trail) is not None


def test_a_named_reader_for_whom_a_note_waits_opens_the_case_in_an_emergency(house: House, covered: Covered) -> None:
    reader = builders.add_actor(house.practice_id, Role.THERAPIST, "Bo Reader")
    crisis.name_reader(house.admin, reader.user_id)
    note_life.say_error(house.peer, covered.note.id, "It belongs to another record.")
    assert walls.break_glass(reader, covered.code, WHY) == covered.case_id


def test_an_emergency_lets_nobody_cosign_who_does_not_cosign_the_author(house: House, covered: Covered) -> None:
    note, other = covered.note, builders.add_actor(house.practice_id, Role.SUPERVISOR, "Ines Keane")
    walls.break_glass(other, covered.code, WHY)
    assert notes.read_note(other, note.id).id == note.id
    assert cosigns(other) == []
    for ask in (
        lambda: cosigning.read_cosigning(other, note.id),
        lambda: note_life.cosign_note(other, note.id, version=note.version),
        lambda: note_life.return_note(other, note.id, RETURNED, version=note.version),
    ):
        with pytest.raises(NotFound):
            ask()
    assert cosigns(covered.cosigner) != []


@pytest.mark.parametrize("returned", [False, True])
def test_who_is_let_in_to_cosign_is_told_of_the_signature_alone(house: House, covered: Covered, returned: bool) -> None:
    note, cosigner = covered.note, covered.cosigner
    for step in set(NoteStep) - {NoteStep.COSIGN_ASKED, NoteStep.COSIGNED, NoteStep.RETURNED, NoteStep.ERROR_AGREED}:
        note_steps.add((note.case_id, note.session_id), step, house.peer.user_id, StepWords(TOLD))
    db.session.commit()
    assert TOLD in str(notes.read_note(house.peer, note.id).trail)
    before = cosigning.read_cosigning(cosigner, note.id).note
    assert [each.step for each in before.trail] == [NoteStep.COSIGN_ASKED]
    after = (
        note_life.return_note(cosigner, note.id, RETURNED, version=before.version)
        if returned
        else note_life.cosign_note(cosigner, note.id, version=before.version)
    )
    answer = NoteStep.RETURNED if returned else NoteStep.COSIGNED
    assert [each.step for each in after.trail] == [NoteStep.COSIGN_ASKED, answer]
    assert TOLD not in str(after)


def test_who_supervises_the_owner_does_not_cosign_for_somebody_elses_supervisor(house: House, covered: Covered) -> None:
    assert cosigns(house.supervisor) == []
    assert cosigning.read_cosigning(house.supervisor, covered.note.id).barred == cosigning.NOT_THE_COSIGNER
    for ask in (
        lambda: note_life.cosign_note(house.supervisor, covered.note.id, version=covered.note.version),
        lambda: note_life.return_note(house.supervisor, covered.note.id, RETURNED, version=covered.note.version),
    ):
        with pytest.raises(NotAllowed):
            ask()


def test_what_is_returned_by_name_comes_back_with_its_addendum(house: House, covered: Covered) -> None:
    note = note_life.return_note(covered.cosigner, covered.note.id, RETURNED, version=covered.note.version)
    assert cosigns(covered.cosigner) == []
    added = notes.add_addendum(house.peer, note.id, "An extra call was agreed.")
    assert [each[1] for each in cosigns(covered.cosigner)] == [note.id]
    assert cosigned(note_life.cosign_note(covered.cosigner, note.id, version=added.version).trail) is not None


def test_a_supervisor_cosigns_who_covers_for_them_on_their_own_case(house: House) -> None:
    supervise(house.supervisor, house.peer)
    case = builders.add_case(house.supervisor)
    cases.assign_cover(house.supervisor, case.id, house.peer.user_id, clock.now().date() + timedelta(days=3))
    note, own = signed(house.peer, case.id), signed(house.supervisor, case.id)
    assert cosigns(house.supervisor) == [(WorkKind.COSIGN, None, case.client.chosen_name, False)]
    assert note_life.cosign_note(house.supervisor, note.id, version=note.version).trail[-1].step is NoteStep.COSIGNED
    with pytest.raises(Conflict):
        note_life.cosign_note(house.supervisor, own.id, version=own.version)


def test_nobody_cosigns_a_note_of_their_own_that_somebody_they_cosign_added_to(house: House) -> None:
    supervise(house.supervisor, house.peer)
    case = builders.add_case(house.supervisor)
    cases.assign_cover(house.supervisor, case.id, house.peer.user_id, clock.now().date() + timedelta(days=3))
    added = notes.add_addendum(house.peer, signed(house.supervisor, case.id).id, "Rang back on Friday.")
    with pytest.raises(NotAllowed):
        note_life.cosign_note(house.supervisor, added.id, version=added.version)
    assert [each[0] for each in cosigns(house.supervisor)] == [WorkKind.UNCOSIGNED]


def test_a_restricted_note_is_told_to_its_author_with_what_to_do_and_to_nobody_else(house: House) -> None:
    people.supervise(house.admin, house.supervisor.user_id, house.therapist.user_id, clock.now().date(), cosigns=True)
    case = builders.add_case(house.therapist)
    walls.restrict(house.therapist, case.id, WHY, wanted=True)
    session = builders.add_session(house.therapist, case.id)
    draft = builders.add_note(house.therapist, session.id)
    assert cosigning.read_foreseen(house.therapist, draft.id) == cosigning.RESTRICTED
    note = notes.sign_note(house.therapist, draft.id, version=draft.version)
    assert cosigns(house.supervisor) == []
    with pytest.raises(NotFound):
        cosigning.read_cosigning(house.supervisor, note.id)
    (stuck,) = [each for each in worklists.read_worklist(house.therapist) if each.kind is WorkKind.UNCOSIGNED]
    assert (stuck.mine, stuck.stuck) == (True, (cosigning.RESTRICTED,))
    day = clock.now().date() + timedelta(days=3)
    cases.assign_cover(house.therapist, case.id, house.supervisor.user_id, day)
    assert cosigning.read_foreseen(house.therapist, note.id) == ""
    assert [each[0] for each in cosigns(house.supervisor)] == [WorkKind.COSIGN]
    assert cosigns(house.therapist) == []
    assert cosigned(note_life.cosign_note(house.supervisor, note.id, version=note.version).trail) is not None


def test_lifting_the_restriction_brings_the_note_to_its_cosigner(house: House) -> None:
    people.supervise(house.admin, house.supervisor.user_id, house.therapist.user_id, clock.now().date(), cosigns=True)
    case = builders.add_case(house.therapist)
    walls.restrict(house.therapist, case.id, WHY, wanted=True)
    signed(house.therapist, case.id)
    walls.restrict(house.therapist, case.id, "She left the practice", wanted=False)
    assert [each[0] for each in cosigns(house.supervisor)] == [WorkKind.COSIGN]
    assert cosigns(house.therapist) == []


def test_a_cosigner_who_left_leaves_the_note_with_its_author(house: House) -> None:
    people.supervise(house.admin, house.supervisor.user_id, house.therapist.user_id, clock.now().date(), cosigns=True)
    signed(house.therapist, builders.add_case(house.therapist).id)
    people.end_account(house.admin, house.supervisor.user_id)
    (stuck,) = [each for each in worklists.read_worklist(house.therapist) if each.kind is WorkKind.UNCOSIGNED]
    assert stuck.stuck == (cosigning.NOBODY,)


def test_a_cosigner_who_is_kept_off_the_case_is_not_let_in(house: House, covered: Covered) -> None:
    walls.block(house.therapist, covered.case_id, covered.cosigner.user_id, WHY)
    assert cosigns(covered.cosigner) == []
    with pytest.raises(NotFound):
        cosigning.read_cosigning(covered.cosigner, covered.note.id)
    assert [each[0] for each in cosigns(house.therapist)] == [WorkKind.UNCOSIGNED]
