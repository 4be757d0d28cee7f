"""What stands in the place of words that stay, and which texts of a signed note go (domain.md 3.1; issue: leak guard).

Rule: a text that tells a protected value goes nowhere as long as one find in it is not confirmed by name; what stays
here can never be confirmed. The signed text itself is not touched.
"""

from schemas.note_codes import NoteStep
from service.domain.leaks import Guard, Leak, Passage, unresolved
from service.domain.note_life import SAID_ABOUT
from service.domain.notes import Note

WITHHELD = "Withheld: these words stay in the practice's record."


def passages_of(note: Note) -> tuple[Passage, ...]:
    """The note, each addendum and what was said about it: what leaves, or stays, as a whole. The key is the id of the
    document.
    """
    first = Passage(note.id, "The note", "\n\n".join(note.sections.values()))
    said = (Passage(each.id, each.step.label, each.words.text) for each in note.trail if each.step in SAID_ABOUT)
    return (first, *(Passage(each.id, "An addendum", each.text) for each in note.addenda), *said)


def named(note: Note) -> frozenset[str]:
    """The finds that somebody confirmed by name."""
    return frozenset(key for each in note.trail if each.step is NoteStep.NAMED for key in each.words.covers)


def standing_finds(note: Note, guard: Guard) -> tuple[Leak, ...]:
    """What keeps texts of this note from leaving."""
    return unresolved(guard.leaks(passages_of(note)), named(note))


def withheld_of(note: Note, guard: Guard) -> frozenset[str]:
    """Ids of the documents whose text stays."""
    return frozenset(each.key.partition(":")[0] for each in standing_finds(note, guard))
