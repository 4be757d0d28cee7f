"""What follows signatures in the demo practice: one therapist is cosigned from now on, with one note cosigned and one
waiting; one client asked for an amendment and disagrees with the answer.
"""

from service.casework import note_life, notes
from service.domain.actors import Actor
from service.domain.notes import Note
from service.store import accounts as account_store
from service.store import notes as note_store
from service.store.base import db

ADDED = "The appointment with the advocate was confirmed by phone after the session."
ASKED = "It was not a quarrel. I was told to leave the room and did."
DECLINED = "The word stands between quotation marks in the note: it is what was said in the session."
DISAGREES = "I would not use that word today, and I do not want it read as mine."


def be_cosigned(supervisor: Actor, therapist: Actor) -> None:
    account_store.be_cosigned(supervisor.user_id, therapist.user_id)
    db.session.commit()


def add_later(therapist: Actor, case_id: str) -> Note | None:
    """An addendum to the newest signed note, which then waits to be cosigned."""
    note = _newest_signed(case_id)
    return notes.add_addendum(therapist, note.id, ADDED) if note else None


def cosign(supervisor: Actor, note: Note) -> None:
    note_life.cosign_note(supervisor, note.id, version=note.version)


def disagree(therapist: Actor, case_id: str) -> None:
    """A request that was declined, and what the client says to that."""
    note = _newest_signed(case_id)
    if note is not None:
        note_life.ask_amendment(therapist, note.id, ASKED)
        note_life.answer_amendment(therapist, note.id, DECLINED, accepted=False)
        note_life.keep_disagreement(therapist, note.id, DISAGREES)


def _newest_signed(case_id: str) -> Note | None:
    found = next((each for each in note_store.of_case(case_id) if each.signed_at), None)
    db.session.rollback()
    return found
