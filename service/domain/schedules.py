"""How often an instrument is due on one case, and how it stands. Source of the figures: domain.md 2.2 and 5 (house
defaults), which each definition carries as its cadence.

The clock runs from the last time the client was asked: a filled-in form, or a refusal, which is an answer of its own.
A refusal clears what is due until the next due date and is never counted as missing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from schemas.instruments import INSTRUMENTS, find
from schemas.instruments.beside import beside
from schemas.instruments.definition import Cadence, Instrument, Status
from schemas.vocabulary import Rhythm

SHORTEST, LONGEST = 7, 365  # days of an interval of its own


@dataclass(frozen=True)
class Setting:
    """What was agreed for one instrument on one case. `days` belongs to an own interval, `until` to a pause, which
    then ends by itself.
    """

    rhythm: Rhythm = Rhythm.USUAL
    days: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class Asked:
    """When the client was last asked for one instrument, and how many sessions were held since."""

    instrument_key: str
    last_at: datetime | None = None
    declined_at: datetime | None = None
    sessions_since: int = 0
    setting: Setting = Setting()

    @property
    def at(self) -> datetime | None:
        return max(filter(None, (self.last_at, self.declined_at)), default=None)

    @property
    def declined(self) -> bool:
        """Whether the last answer was a refusal."""
        return self.declined_at is not None and self.at == self.declined_at


@dataclass(frozen=True)
class Schedule:
    """A setting with its reason, and who set it. `version` is None while the instrument's own cadence holds."""

    setting: Setting = Setting()
    why: str = ""
    set_by: str = ""
    set_at: datetime | None = None
    version: int | None = None


@dataclass(frozen=True)
class Refusal:
    """The client was asked and declined."""

    id: str
    case_id: str
    instrument_key: str
    declined_at: datetime
    author_name: str


class Standing(Enum):
    """How an instrument stands on a case, in words for lists."""

    OVERDUE = "overdue"
    DUE = "due"
    FIRST = "not asked yet"
    DECLINED = "declined"
    WITHIN = "within its time"
    NOT_ASKED = "paused or not wanted"


PRESSING = (Standing.OVERDUE, Standing.DUE, Standing.FIRST)


@dataclass(frozen=True)
class Clock:
    """Due `remind` days after asking, overdue `overdue` days after it or, where it counts, after so many sessions."""

    remind: int
    overdue: int
    sessions: int | None


def scheduled(asked: Iterable[Asked] = ()) -> tuple[Instrument, ...]:
    """The instruments in use that have a cadence, or an interval of their own on this case, in the shelf's order;
    imported forms come after. What is due module by module is not among them (module_times.py).
    """
    own = {each.instrument_key for each in asked if each.setting.rhythm is Rhythm.OWN}
    newest = [find(key) for key in dict.fromkeys([*(each.key for each in INSTRUMENTS), *sorted(own)])]
    timed = (each for each in newest if each.cadence or each.key in own)
    return tuple(each for each in timed if each.status is Status.ACTIVE and not beside(each).modules)


def clock_of(cadence: Cadence | None, setting: Setting, on: date) -> Clock | None:
    """None where nothing falls due. An own interval keeps the time between due and overdue; it counts sessions only
    where it is no longer than the usual one, because a longer one was chosen with those sessions in mind.
    """
    usual = cadence or Cadence(days=setting.days or SHORTEST)
    match setting.rhythm:
        case Rhythm.NOT_WANTED:
            return None
        case Rhythm.PAUSED if setting.until is None or on <= setting.until:
            return None
        case Rhythm.OWN if setting.days:
            spare = usual.overdue_days - usual.remind_days
            sessions = usual.overdue_sessions if cadence and setting.days <= usual.remind_days else None
            return Clock(setting.days, setting.days + spare, sessions)
        case _:
            return Clock(usual.remind_days, usual.overdue_days, usual.overdue_sessions) if cadence else None


def standing_of(asked: Asked, cadence: Cadence | None, at: datetime) -> Standing:
    """How this instrument stands at the instant `at`, which is on the clocks of the practice."""
    times = clock_of(cadence, asked.setting, at.date())
    if times is None:
        return Standing.NOT_ASKED
    if asked.at is None:
        return Standing.FIRST
    waited = at - asked.at
    many = times.sessions is not None and asked.sessions_since >= times.sessions
    if waited >= timedelta(days=times.overdue) or (many and not _still_declined(asked, times, at)):
        return Standing.OVERDUE
    if waited >= timedelta(days=times.remind):
        return Standing.DUE
    return Standing.DECLINED if asked.declined else Standing.WITHIN


def next_due(asked: Asked, cadence: Cadence | None, at: datetime) -> date | None:
    """The day it falls due, on the clocks of `at`; None where nothing does, or where it was never asked."""
    times = clock_of(cadence, asked.setting, at.date())
    return asked.at.astimezone(at.tzinfo).date() + timedelta(days=times.remind) if times and asked.at else None


def asked_of(asked: Iterable[Asked], key: str) -> Asked:
    return next((each for each in asked if each.instrument_key == key), Asked(key))


def _still_declined(asked: Asked, times: Clock, at: datetime) -> bool:
    """A refusal holds until the next due date, however many sessions there are meanwhile."""
    return asked.declined and asked.at is not None and at - asked.at < timedelta(days=times.remind)
