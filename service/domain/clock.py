"""The one clock. UTC inside; the practice's zone only at the edge."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_set_to: ContextVar[datetime | None] = ContextVar("clock_set_to", default=None)


def now() -> datetime:
    """Now, aware, in UTC, to the microsecond."""
    return _set_to.get() or datetime.now(UTC)


def wall() -> datetime:
    """The real time in UTC, even while `now` stands: for work that must be done soon after the fact."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """The calendar day that people in `zone` (IANA name) see."""
    return now().astimezone(ZoneInfo(zone)).date()


def end_of_day(at: datetime, zone: str) -> datetime:
    """Midnight after the day that people in `zone` see at the instant `at`."""
    return start_of_day(at.astimezone(ZoneInfo(zone)).date() + timedelta(days=1), zone)


def start_of_day(day: date, zone: str) -> datetime:
    """The midnight with which this day begins for people in `zone`."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local(at: datetime, zone: str) -> datetime:
    """The same instant on a clock in `zone`."""
    return at.astimezone(ZoneInfo(zone))


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let time stand at `moment` inside the block, so that the demo practice can be given a history by the ordinary
    verbs.
    """
    token = _set_to.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _set_to.reset(token)
