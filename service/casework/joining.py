"""What may still be joined to a session: nothing once its note is signed.

Rule: a signed session is frozen. What a person joins by hand is refused with the field named; what arrives late on its
own (a form that the client finished after the signature) is kept in the case without the session.
"""

from service.errors import Invalid
from service.store import notes, sessions

SIGNED = "The note of this session is signed, so nothing is added to it. Record this without the session."


def check_joinable(session_id: str | None, case_id: str) -> None:
    """Raises Invalid for a session of another case, or one whose note is signed."""
    if session_id is None:
        return
    session = sessions.row(session_id)
    if session is None or session.case_id != case_id:
        raise Invalid("The session does not fit.", {"session_id": "There is no such session in this case."})
    if notes.is_signed(session_id):
        raise Invalid("The session is frozen.", {"session_id": SIGNED})


def still_open(session_id: str | None) -> str | None:
    """The session, unless its note is signed."""
    return None if session_id is None or notes.is_signed(session_id) else session_id
