"""Closed lists of plans beyond their types and states."""

from schemas.vocabulary import Coded


class PlanDoubt(Coded):
    """What came after the last look at a plan in use; a new look clears it. The words can be read over a shoulder."""

    EVENT = "event", "Something came up since it was looked at"
    CIRCUMSTANCES = "circumstances", "Circumstances changed since it was looked at"
