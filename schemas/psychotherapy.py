"""Psychotherapy notes as typed by their author, and opening one of them to a supervisor for a time.

There is no JSON route: these shapes are read from forms alone (docs/decisions/0008).
"""

from schemas.fields import Ident, LocalDate, Ticked, Version, Words
from schemas.payload import Payload, Replacement
from schemas.psychotherapy_codes import NOTE_LONGEST


class PsychotherapyNoteSchema(Replacement):
    """The whole text. A first save has no `version`."""

    text = Words(NOTE_LONGEST)
    version = Version(allow_none=True, load_default=None)


class TrainingGrantSchema(Payload):
    """`training` is the author's statement that the purpose is training under supervision."""

    supervisor_id = Ident(required=True)
    until = LocalDate(required=True)
    training = Ticked(required=True)
