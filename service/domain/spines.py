"""What a case tells of its records without a word of them being opened: times, codes and how they stand.

Rule: nothing here was ever sealed, so whatever grows with the years (sessions, notes) costs a page next to nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from schemas.plan_codes import PlanDoubt
from schemas.programme_codes import StepState
from schemas.vocabulary import Attendance, HandoverState, NoteStatus, PlanStatus, PlanType
from service.domain.sessions import was_held


@dataclass(frozen=True)
class SessionSpine:
    """A session and how its note stands, None where there is none. One entered in error has no spine."""

    id: str
    starts_at: datetime
    ends_at: datetime
    attendance: Attendance
    note: NoteStatus | None
    wrong: bool = False

    @property
    def wants_signing(self) -> bool:
        return was_held(self) and self.note is not NoteStatus.SIGNED


@dataclass(frozen=True)
class PlanSpine:
    """The version of a plan that is in use."""

    id: str
    type: PlanType
    number: int
    reviewed_on: date
    next_review: date
    doubt: PlanDoubt | None
    status: PlanStatus = PlanStatus.ACTIVE


@dataclass(frozen=True)
class HandoverSpine:
    """A form in the client's hands, or answers of an unfinished one."""

    id: str
    state: HandoverState
    made_at: datetime


@dataclass(frozen=True)
class Spines:
    """Sessions and hand-overs newest first, refusals of the log in time order, `steps` of the programme as they stand;
    `waiting_ends` are the ids of episodes whose ending waits for a supervisor.
    """

    sessions: tuple[SessionSpine, ...]
    plans: tuple[PlanSpine, ...]
    handovers: tuple[HandoverSpine, ...]
    refused: tuple[datetime, ...]
    steps: Mapping[str, StepState]
    waiting_ends: frozenset[str]

    @property
    def last_held(self) -> datetime | None:
        """When the latest session that took place began."""
        return next((each.starts_at for each in self.sessions if was_held(each)), None)

    def last_before(self, at: datetime) -> SessionSpine | None:
        return next((each for each in self.sessions if each.starts_at <= at), None)

    def next_after(self, at: datetime) -> SessionSpine | None:
        return next((each for each in reversed(self.sessions) if each.starts_at > at), None)
