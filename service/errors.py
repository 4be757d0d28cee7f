"""The five kinds of failure. No HTTP here: each edge keeps one table from kind to answer.

`NotAllowed.why` tells the edge whether signing in, unlocking or confirming identity would help.
"""

from collections.abc import Mapping
from enum import StrEnum


class Why(StrEnum):
    """Why something was not allowed, as far as the asker may know."""

    SIGN_IN = "sign_in"
    LOCKED = "locked"
    STEP_UP = "step_up"
    FORBIDDEN = "forbidden"
    STATE = "state"
    CROSS_SITE = "cross_site"
    TOO_MANY = "too_many"
    SCOPE = "scope"


class StepwellError(Exception):
    """Base of the five kinds; `message` is fit to be shown to the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(StepwellError):
    """Missing, or hidden from the asker: the two are answered alike."""

    def __init__(self, message: str = "There is nothing here, or it is not yours to see.") -> None:
        super().__init__(message)


class NotAllowed(StepwellError):
    """Known to the asker, but refused. `wait` are the seconds after which it would be allowed, where that is known."""

    def __init__(self, message: str, why: Why = Why.FORBIDDEN, *, wait: int = 0) -> None:
        super().__init__(message)
        self.why, self.wait = why, wait


class Conflict(StepwellError):
    """The record moved on since it was read. Carries both texts so that nothing typed is lost."""

    def __init__(
        self, message: str, *, yours: Mapping[str, str] | None = None, theirs: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.yours = dict(yours or {})
        self.theirs = dict(theirs or {})


class Invalid(StepwellError):
    """Well-formed or not, it cannot be accepted. `fields` maps field name to what is wrong with it."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class NotOffered(Invalid):
    """Well-formed, and nothing that is done here: another spelling would not help."""


class Unavailable(StepwellError):
    """Cannot be done at present (missing system library, full disk, time cap)."""
