"""Whether signed notes and what was added to them still are what was signed: for the operator, who reads none of it.

Rule: what signing froze is worked out anew from what stands there and compared with what was kept at that moment. No
permission is asked and nothing is shown but ids; whoever runs this holds the keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from service.domain.notes import differences
from service.errors import Unavailable
from service.store import accounts, cases, notes
from service.store.base import db
from service.store.notes import NoteRow


@dataclass(frozen=True)
class Proved:
    """How many signed notes were gone through, and for each that differs its id and what it is."""

    count: int
    differing: tuple[tuple[str, str], ...]


def prove_notes() -> Proved:
    """Every signed note of every case that still has its keys."""
    found = [each for practice in accounts.practices() for each in _of_practice(practice.id)]
    return Proved(len(found), tuple((note_id, words) for note_id, told in found for words in told))


def _of_practice(practice_id: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for case_id in cases.all_ids(practice_id):
        yield from [(row.id, _differences(row)) for row in notes.signed_of_case(case_id)]
        db.session.rollback()


def _differences(row: NoteRow) -> tuple[str, ...]:
    try:
        return differences(notes.whole(row), notes.written_hashes(row))
    except (Unavailable, ValueError):
        return ("a part of it was changed or moved and does not open",)
