"""Times as people of the practice read and type them: absolute first, then how long ago.

Rule: records hold UTC; the zone of the practice is applied here and nowhere else. Templates use the filters `day`,
`moment`, `time_of_day`, `ago`, `away`, `machine_time` and `for_input`.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import Flask

from service.domain import clock
from service.errors import Invalid
from service.guard import current_practice

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUTE, HOUR, DAY = 60, 3600, 86_400
DAYS_COUNTED = 60
NO_SUCH_TIME = "The clocks go forward then: this time does not exist on that day."


def day(value: date, *, today: date) -> str:
    """ "Tue 3 Nov", with the year unless it is this one."""
    words = f"{_DAYS[value.weekday()]} {value.day} {_MONTHS[value.month - 1]}"
    return words if value.year == today.year else f"{words} {value.year}"


def time_of_day(at: datetime, zone: str) -> str:
    """ "14:03"."""
    return f"{clock.local(at, zone):%H:%M}"


def moment(at: datetime, zone: str) -> str:
    """ "Tue 3 Nov, 14:00 (19 days ago)"."""
    local = clock.local(at, zone)
    return f"{day(local.date(), today=clock.today(zone))}, {local:%H:%M} ({ago(at, zone)})"


def ago(at: datetime, zone: str) -> str:
    """How far from now: minutes and hours within two days, then calendar days, weeks and months."""
    seconds = int((clock.now() - at).total_seconds())
    if abs(seconds) < MINUTE:
        return "now"
    if abs(seconds) < HOUR:
        return _distance(seconds // MINUTE if seconds > 0 else -(-seconds // MINUTE), "minute")
    days = (clock.today(zone) - clock.local(at, zone).date()).days
    if days == 0:
        return _distance(seconds // HOUR if seconds > 0 else -(-seconds // HOUR), "hour")
    return _distance(days, "day") if abs(days) <= DAYS_COUNTED else _distance(int(days / 30.4), "month")


def away(value: date, *, today: date) -> str:
    """How far a day is from today, in days or months: "today", "3 days ago", "in 2 months"."""
    days = (today - value).days
    if days == 0:
        return "today"
    return _distance(days, "day") if abs(days) <= DAYS_COUNTED else _distance(int(days / 30.4), "month")


def for_input(at: datetime, zone: str) -> str:
    """The value of a date-and-time control."""
    return f"{clock.local(at, zone):%Y-%m-%dT%H:%M}"


def with_offset(text: str, zone: str) -> str:
    """A typed local time as an ISO instant; text that is no local time is passed on as it is.

    Raises Invalid for the hour that the clocks skip; the hour that comes twice is taken as its first.
    """
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        return text
    if typed.tzinfo is not None:
        return text
    meant = typed.replace(tzinfo=ZoneInfo(zone))
    if meant.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != typed:
        raise Invalid(NO_SUCH_TIME)
    return meant.isoformat()


def _distance(count: int, unit: str) -> str:
    if count == 0:
        return "now"
    words = f"{abs(count)} {unit}{'' if abs(count) == 1 else 's'}"
    return f"{words} ago" if count > 0 else f"in {words}"


def _day_here(value: date) -> str:
    return day(_date_here(value), today=clock.today(current_practice().zone))


def _away_from_here(value: date) -> str:
    return away(_date_here(value), today=clock.today(current_practice().zone))


def _date_here(value: date) -> date:
    return clock.local(value, current_practice().zone).date() if isinstance(value, datetime) else value


def _in_zone(formats: Callable[[datetime, str], str]) -> Callable[[datetime], str]:
    return lambda at: formats(at, current_practice().zone)


def _machine_time(value: date) -> str:
    return value.isoformat()


FILTERS: dict[str, Callable[..., str]] = {
    "day": _day_here,
    "moment": _in_zone(moment),
    "time_of_day": _in_zone(time_of_day),
    "ago": _in_zone(ago),
    "away": _away_from_here,
    "for_input": _in_zone(for_input),
    "machine_time": _machine_time,
}


def register(app: Flask) -> None:
    app.jinja_env.filters.update(FILTERS)
