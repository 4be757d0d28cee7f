"""Contact preferences and a moment -> by which ways the client may be reached now, as whom, and what may be left.

Rule: asked and agreed, or not used. What stands under "never by" beats every channel; a channel that was not agreed is
never used; a number or address is told only where it may be used or a person must read the agreed words first.
Source: domain.md 4 (contact preferences), security.md A4 (callers).
"""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime

from schemas.case_codes import WayState, Weekday
from schemas.vocabulary import Attendance, CaseStatus, Channel, ChannelRule
from service.domain.cases import Case, ChannelPreference, ContactPreferences, contact_recheck_due
from service.errors import Invalid

# Words under "never by" that name a channel; a text that names none must be read before any.
NAMED: dict[Channel, re.Pattern[str]] = {
    Channel.PHONE: re.compile(r"\b(?:tele)?(?:phone|mobile|landline|call|ring|voice ?mail)\w*", re.I),
    Channel.TEXT: re.compile(r"\b(?:text|sms|message|chat|whatsapp)\w*", re.I),
    Channel.EMAIL: re.compile(r"\be-?mail\w*|\bmail(?:box)?\b", re.I),
    Channel.POST: re.compile(r"\b(?:post|letter|parcel|envelope)\w*|\bmail(?:box)?\b", re.I),
}
NO_CALL_BACK = (
    "Cancelled for safety reasons: no fee is asked, and nobody calls back on the usual line. Wait until the client "
    "gets in touch."
)
NO_CONTACT = "This case is closed and no contact afterwards was agreed."
MISSED = "A missed session changes nothing of what was agreed: only the ways below, and only as they say."
CALLER_SCRIPT = (
    "Say: I can neither confirm nor deny that anybody is or was a client here. I can note your name and number.",
    "Say the same to everybody: family, police, lawyers, other practices, and somebody who gives the client's name.",
    "Ask for the code word before anything else. Without it nothing is told, not even that there is an appointment.",
    "Ask no questions whose answers others may know, such as a birth date or an address.",
    "Call back only by a way that may be used now, never on a number that the caller gives.",
)


@dataclass(frozen=True)
class Way:
    """One channel at one moment. `value` is empty where it may not be used; `says` is how to go about it."""

    channel: Channel
    state: WayState
    value: str = ""
    why: str = ""
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reach:
    """Every channel at one moment. `due` when the client must be asked again."""

    ways: tuple[Way, ...]
    never_by: str
    code_word: str
    confirmed_on: date | None
    due: bool
    after: str = ""

    def usable(self) -> tuple[Way, ...]:
        return tuple(each for each in self.ways if each.state is WayState.NOW)


def reach_of(contact: ContactPreferences, now: datetime, missed: Attendance | None = None) -> Reach:
    """What may be done at `now`, which is local time; `missed` is the attendance of a session that did not happen."""
    ways = tuple(_way(contact, each, now) for each in Channel)
    after = MISSED if missed is Attendance.NO_SHOW else ""
    if missed is Attendance.SAFETY_CANCELLED:
        ways, after = tuple(_silent(each) for each in ways), NO_CALL_BACK
    return Reach(
        ways=ways,
        never_by=contact.never_contact_by,
        code_word=contact.code_word,
        confirmed_on=contact.confirmed_on,
        due=contact_recheck_due(contact, now.date()),
        after=after,
    )


def reach_of_case(case: Case, now: datetime, missed: Attendance | None = None) -> Reach:
    """The same for a case: once its care has ended every way is closed, unless contact afterwards was agreed."""
    reach = reach_of(case.contact, now, missed)
    if case.status is CaseStatus.OPEN:
        return reach
    if case.episode.contact_after.strip():
        return replace(reach, after=f"Agreed about contact after closing: {case.episode.contact_after}")
    return replace(reach, ways=tuple(_silent(each) for each in reach.ways), after=NO_CONTACT)


def always_usable(contact: ContactPreferences) -> tuple[ChannelPreference, ...]:
    """Channels that another system may be told: fine at any time, and nothing at all stands under "never by", for a
    machine cannot be sure what such words mean.
    """
    if contact.never_contact_by.strip():
        return ()
    return tuple(each for each in contact.channels if each.rule is ChannelRule.OK and each.value.strip())


def check_contact(contact: ContactPreferences) -> None:
    """Raises Invalid naming the field: a way that may be used needs a number or address, and hours that can be read."""
    wrong: dict[str, str] = {}
    for number, each in enumerate(contact.channels):
        wrong |= {f"channels.{number}.{name}": words for name, words in _wrong_in(each).items()}
    if wrong:
        raise Invalid("The ways to reach the client need a change.", wrong)


def agreed_times(each: ChannelPreference) -> str:
    """Days, hours and remark as words; empty when nothing was agreed."""
    days = ", ".join(day.label for day in each.days)
    hours = f"{each.start} to {each.end}" if each.start else ""
    return "; ".join(filter(None, (" ".join(filter(None, (days, hours))), each.times)))


def _way(contact: ContactPreferences, channel: Channel, now: datetime) -> Way:
    agreed = contact.channel(channel)
    named = {each for each, words in NAMED.items() if words.search(contact.never_contact_by)}
    if channel in named:
        return Way(channel, WayState.NEVER, why="Named under never by")
    if agreed.rule is ChannelRule.NEVER:
        return Way(channel, WayState.NEVER)
    way = _timed(agreed, now)
    if contact.never_contact_by.strip() and not named and way.state is WayState.NOW:
        way = replace(way, state=WayState.READ, why="Read what stands under never by")
    return replace(way, value="", says=()) if way.state is WayState.LATER else replace(way, says=_says(contact, agreed))


def _timed(agreed: ChannelPreference, now: datetime) -> Way:
    way = Way(agreed.channel, WayState.NOW, agreed.value)
    if agreed.rule is ChannelRule.OK:
        return way
    times = agreed_times(agreed)
    if not (agreed.days or agreed.start):
        return replace(way, state=WayState.READ, why=f"Only at these times: {times}" if times else "Times not recorded")
    state = WayState.NOW if _within(agreed, now) else WayState.LATER
    return replace(way, state=state, why=f"Only {times}")


def _within(agreed: ChannelPreference, now: datetime) -> bool:
    """Hours that end before they begin run past midnight and belong to the day on which they begin."""
    time, day = f"{now:%H:%M}", now.weekday()
    if not agreed.start:
        return _on(agreed, day)
    if agreed.start < agreed.end:
        return _on(agreed, day) and agreed.start <= time < agreed.end
    return (_on(agreed, day) and time >= agreed.start) or (_on(agreed, (day - 1) % 7) and time < agreed.end)


def _on(agreed: ChannelPreference, day: int) -> bool:
    return not agreed.days or list(Weekday)[day] in agreed.days


def _says(contact: ContactPreferences, agreed: ChannelPreference) -> tuple[str, ...]:
    asked = f"Ask for {contact.ask_for}." if contact.ask_for.strip() else ""
    caller = f"Say it is {contact.call_as}." if contact.call_as.strip() else ""
    clinic = "The practice may be named." if agreed.name_clinic else "Do not name the practice."
    left = "A message may be left." if agreed.leave_message else "Leave no message."
    return tuple(filter(None, (asked, caller, clinic, left)))


def _silent(way: Way) -> Way:
    return Way(way.channel, WayState.NEVER if way.state is WayState.NEVER else WayState.LATER)


def _wrong_in(each: ChannelPreference) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if each.rule is not ChannelRule.NEVER and not each.value.strip():
        wrong["value"] = "Give the number or address that may be used."
    if each.rule is ChannelRule.BETWEEN and not (each.days or each.start or each.times.strip()):
        wrong["start"] = "Say on which days or between which hours."
    if bool(each.start) != bool(each.end):
        wrong["end" if each.start else "start"] = "Give both hours, or none."
    elif each.start and each.start == each.end:
        wrong["end"] = "The end must differ from the start."
    return wrong
