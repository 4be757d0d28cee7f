"""Closed lists of what happens to a note beside its text, and of what a worklist holds.

One member = one code and one label, like schemas/vocabulary.py.
"""

from schemas.vocabulary import Coded


class NoteStep(Coded):
    """One row of a note's trail; what asks for an answer is followed by at most one row that answers it."""

    LATE = "late", "Late entry"
    COSIGN_ASKED = "cosign_asked", "Waits to be cosigned"
    COSIGNED = "cosigned", "Cosigned"
    RETURNED = "returned", "Returned, an addendum is asked for"
    ERROR_SAID = "error_said", "Said to be entered in error"
    ERROR_AGREED = "error_agreed", "Entered in error, agreed by a second reader"
    ERROR_REFUSED = "error_refused", "Not an error, says the second reader"
    AMENDMENT_ASKED = "amendment_asked", "The client asks for an amendment"
    AMENDMENT_ACCEPTED = "amendment_accepted", "Amendment accepted, see the addendum"
    AMENDMENT_DENIED = "amendment_denied", "Amendment declined, with the reason"
    NAMED = "named", "Words found in it may leave, confirmed by name"
    DISAGREEMENT = "disagreement", "The client's statement of disagreement"
    JOINT_ASKED = "joint_asked", "A joint session is asked for"
    JOINT_ALLOWED = "joint_allowed", "Joint session agreed by the supervisor"
    JOINT_REFUSED = "joint_refused", "Joint session not agreed by the supervisor"


class WorkKind(Coded):
    """What a worklist holds, in the order in which waiting could do harm."""

    BLOCKED_NOW = "blocked_now", "Blocked: a follow-up to respond now is open"
    MISSED = "missed", "Two sessions missed in a row, with an open event"
    UNCOVERED = "uncovered", "Its therapist can no longer sign in, and nobody covers it"
    READING = "reading", "Safety event, waits for a second reader"
    JOINT = "joint", "Joint session to decide on"
    ENDING = "ending", "Ending with an open event, to be agreed"
    ERROR = "error", "Said to be in error, waits for a second reader"
    ARRIVED = "arrived", "Form arrived, not looked at yet"
    BLOCKED = "blocked", "Draft, not ready to be signed"
    UNSIGNED = "unsigned", "Draft, ready to be signed"
    MISSING = "missing", "No note yet"
    RETURNED = "returned", "Returned, an addendum is asked for"
    SENT_BACK = "sent_back", "Sent back by the second person, to be changed"
    COSIGN = "cosign", "Waits to be cosigned"
    UNCOSIGNED = "uncosigned", "Waits to be cosigned, which nobody can"
    LEAVING = "leaving", "Something is to be sent, waits for a second person"
    HOLD = "hold", "Legal hold to be lifted, waits for a second person"
    PURGE = "purge", "Record to be purged, waits for a second person"
    SUCCESSION = "succession", "Records of an ended account, their new therapist waits for a second person"
    AMENDMENT = "amendment", "The client asks for an amendment"
