"""What stands around a case: who is kept away, restriction, legal hold, opening it in an emergency, purge.

An emergency opening lasts 60 minutes, needs a reason, tells the therapist and the supervisor, and reads only. It opens
no restricted case, nothing for who is blocked, and no psychotherapy note.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.wall_codes import WallStatus, WallStep

GLASS_LASTS = timedelta(minutes=60)
REASON_AT_LEAST = 20
# Steps that one person asks for and another agrees to.
TWO_PEOPLE = frozenset({WallStep.LIFT_HOLD, WallStep.PURGE})


@dataclass(frozen=True)
class Wall:
    """One step, by whom and why; `about` names the person it concerns."""

    id: str
    case_id: str
    step: WallStep
    status: WallStatus
    reason: str
    by_id: str
    by_name: str
    at: datetime
    about: str = ""
    second_name: str = ""
    second_at: datetime | None = None


@dataclass(frozen=True)
class Opening:
    """A case opened in an emergency."""

    id: str
    case_id: str
    code: str
    by_name: str
    reason: str
    opened_at: datetime
    until: datetime


@dataclass(frozen=True)
class Certificate:
    """That a record was destroyed: when, by whose word, how many keys. It names no client."""

    id: str
    code: str
    purged_at: datetime
    asked_by: str
    agreed_by: str
    keys: int
    kept_until: date
    source: str


def too_short(reason: str) -> bool:
    """A reason is a sentence that somebody else can judge."""
    return len(reason.strip()) < REASON_AT_LEAST
