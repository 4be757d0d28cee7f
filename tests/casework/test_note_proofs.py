"""Signed notes and what was added to them: whatever was changed past the product is found, and nothing else."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from schemas.vocabulary import NoteFormat
from service.casework import note_life, notes, people
from service.casework.note_proofs import prove_notes
from service.domain import clock
from service.domain.notes import Note
from service.store import notes as store
from service.store.base import db
from service.store.keyring import Place, ring
from service.store.notes import AddendumRow, NoteRow
from tests import builders, prepared
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
TEXT = "the text is not what was signed"
ADDED = "an addendum is not what was written"
COSIGNED = "what was cosigned is not what stands there"
SHUT = "a part of it was changed or moved and does not open"


@pytest.fixture
@prepared.once
def note(house: House, context: object) -> Note:
    """A note with an addendum, cosigned, and one more addendum since."""
    who = house.supervisor.user_id, house.therapist.user_id, clock.now().date()
    people.supervise(house.admin, *who, cosigns=True)
    case = builders.add_case(house.therapist)
    note = builders.add_note(house.therapist, builders.add_session(house.therapist, case.id).id, signed=True)
    note = notes.add_addendum(house.therapist, note.id, "It was on Tuesday.")
    note = note_life.cosign_note(house.supervisor, note.id, version=note.version)
    return notes.add_addendum(house.therapist, note.id, "In the afternoon.")


def rows_of(note: Note) -> tuple[NoteRow, list[AddendumRow]]:
    query = select(AddendumRow).where(AddendumRow.note_id == note.id).order_by(AddendumRow.created_at, AddendumRow.id)
    row = store.row(note.id)
    assert row is not None
    return row, list(db.session.scalars(query))


def other_text(row: NoteRow, _added: list[AddendumRow]) -> None:
    words = {"data": "Something else.", "plan": "Continue."}
    row.sections = ring().box(row.case_id).seal(Place("note", row.id, "sections"), words)


def other_format(row: NoteRow, _added: list[AddendumRow]) -> None:
    row.format = NoteFormat.SOAP


def cut_text(row: NoteRow, _added: list[AddendumRow]) -> None:
    row.sections = row.sections[:-1] + bytes([row.sections[-1] ^ 1])


def moved_text(row: NoteRow, added: list[AddendumRow]) -> None:
    added[0].text = added[1].text


def no_hash(row: NoteRow, _added: list[AddendumRow]) -> None:
    row.content_hash = None


def other_hash(row: NoteRow, _added: list[AddendumRow]) -> None:
    store.put_content_hash(row, "0" * 64)


def _reword(row: NoteRow, addendum: AddendumRow) -> None:
    addendum.text = ring().box(row.case_id).seal(Place("note_addendum", addendum.id, "text"), "It was on Friday.")


def other_addendum(row: NoteRow, added: list[AddendumRow]) -> None:
    _reword(row, added[1])


def other_cosigned_addendum(row: NoteRow, added: list[AddendumRow]) -> None:
    _reword(row, added[0])


def other_addendum_of_before_its_hash_was_kept(row: NoteRow, added: list[AddendumRow]) -> None:
    added[0].content_hash = None
    _reword(row, added[0])


def no_addendum(_row: NoteRow, added: list[AddendumRow]) -> None:
    db.session.delete(added[0])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (other_text, (TEXT,)),
        (other_format, (TEXT,)),
        (no_hash, (TEXT, COSIGNED)),
        (other_hash, (TEXT, COSIGNED)),
        (cut_text, (SHUT,)),
        (moved_text, (SHUT,)),
        (other_addendum, (ADDED,)),
        (other_cosigned_addendum, (ADDED, COSIGNED)),
        (other_addendum_of_before_its_hash_was_kept, (COSIGNED,)),
        (no_addendum, (COSIGNED,)),
    ],
)
def test_whatever_was_changed_is_found(
    note: Note, change: Callable[[NoteRow, list[AddendumRow]], None], told: tuple[str, ...]
) -> None:
    before = prove_notes()
    assert before.differing == ()
    change(*rows_of(note))
    db.session.commit()
    after = prove_notes()
    assert after.count == before.count
    assert after.differing == tuple((note.id, each) for each in told)


def test_a_note_that_was_entered_in_error_and_an_older_addendum_are_no_difference(house: House, note: Note) -> None:
    _row, added = rows_of(note)
    added[1].content_hash = None
    db.session.commit()
    note_life.say_error(house.therapist, note.id, "It belongs to the record of somebody else.")
    note_life.answer_error(house.supervisor, note.id, "So it is, as the name shows.", agreed=True)
    assert prove_notes().differing == ()


def test_a_draft_has_nothing_to_prove(house: House) -> None:
    count = prove_notes().count
    builders.add_note(house.therapist, builders.add_session(house.therapist, builders.add_case(house.therapist).id).id)
    assert prove_notes().count == count
