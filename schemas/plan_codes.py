"""Closed lists of plans beyond their types and states."""

from schemas.vocabulary import Coded


class PlanStep(Coded):
    """What was done with a version of a plan; each is a row that never changes."""

    PUT_IN_USE = "put_in_use", "Put in use"
    LOOKED_AT = "looked_at", "Looked at together"
    REPLACED = "replaced", "Replaced by a newer version"
    TAKEN_BACK = "taken_back", "Taken out of use"


class PlanDoubt(Coded):
    """What came after the last look at a plan in use; a new look clears it. The words can be read over a shoulder."""

    EVENT = "event", "Something came up since it was looked at"
    SESSION = "session", "A session said that it needs changes"
    CIRCUMSTANCES = "circumstances", "Circumstances changed since it was looked at"
