"""Closed lists of what stands around a case: restriction, legal hold, blocks, purge.

One member = one code and one label, like schemas/vocabulary.py.
"""

from schemas.vocabulary import Coded


class WallStep(Coded):
    """What was done; each is kept as a row of its own."""

    RESTRICT = "restrict", "Restricted to its named people"
    OPEN_UP = "open_up", "No longer restricted"
    HOLD = "hold", "Legal hold set"
    LIFT_HOLD = "lift_hold", "Legal hold lifted"
    KEEP_HOLD = "keep_hold", "Legal hold stays"
    BLOCK = "block", "Kept away from the case"
    UNBLOCK = "unblock", "No longer kept away"
    PURGE = "purge", "Purged"
    KEEP_RECORD = "keep_record", "Not purged"


class WallStatus(Coded):
    DONE = "done", "Done"
    ASKED = "asked", "Waits for a second person"
    WITHDRAWN = "withdrawn", "Taken back"
    DECLINED = "declined", "Not agreed to"
