"""Safety events: what a follow-up must hold, how long it may stand, what an answer given again does (domain.md 2.5).

An event says how soon a person responds, never how dangerous anything is. It is never merged, removed or ended by time:
a follow-up stands for days, an answer given again joins it, and what was opened in error stays readable.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from schemas.event_codes import Awaiting, Disposition, EventStep, ReadingVerdict
from schemas.vocabulary import EventLevel, EventStatus
from service.errors import Invalid

LONGEST_STANDING = timedelta(days=28)
PLAN_FRESH = timedelta(days=14)
READER_REMINDER, READER_OVERDUE = timedelta(hours=12), timedelta(hours=24)
TODAY_REMINDER = timedelta(hours=4)
CLOCK_SKEW = timedelta(minutes=5)
TEXT_SHORTEST = 20
PROMPT_LONGEST = 200
UNREAD = (
    "Nobody can be its second reader at present. An administrator names one, a therapist or a supervisor who did not "
    "record it, under Practice."
)
UNREAD_RESTRICTED = (
    "Nobody can be its second reader at present, for the case is restricted. Give cover to a supervisor, or to a "
    "colleague whom the practice named as second reader, or lift the restriction."
)
NOTICED = "noticed"
# The one answer whose event a second reader may step from now to today while it stands unchanged.
STANDING_ITEM = "sfs.B1"
ASK = "Ask directly and in private, never with the other person, a relative or a child within earshot."
NOBODY_WATCHES = "Answers that come in from elsewhere wait until somebody opens them: nobody watches the inbox."
BLOCKING = frozenset({EventLevel.NOW, EventLevel.TODAY})
NOW_OPEN = "An event that asks for a response now is open: follow it up first."

# What the client declined, and whom nobody reached, keeps its next date: such a follow-up cannot be the last one.
KEEPS_ITS_DATE = frozenset({Disposition.CLIENT_DECLINED, Disposition.MEDICAL_DECLINED, Disposition.NOT_REACHED})
# code -> parts that it needs beyond what every follow-up needs, and what is missing when they are empty
NEEDED_WITH: dict[Disposition, dict[str, str]] = {
    Disposition.EMERGENCY_WITHOUT: {"detail": "Give the reason why it was done without agreement."},
    Disposition.STRUCTURED_TOOL: {
        "named": "Name the tool and the trained person who completed it.",
        "on": "Give the date on which the tool was completed.",
        "detail": "Give the result of the tool, as text.",
    },
    Disposition.SUPERVISOR_CONSULTED: {"named": "Say who was consulted."},
    Disposition.REPORT_DUTY: {"detail": "Give the outcome of the consideration."},
    Disposition.NOT_REACHED: {"detail": "List the attempts: when, and by which agreed channel."},
    Disposition.REVIEWED: {"detail": "Give the rationale."},
}


@dataclass(frozen=True)
class FollowUp:
    """What was done about an event. `named`, `on` and `detail` are what some codes ask for besides; `ends` says that
    this was the check after an earlier follow-up and that no further date is wanted.
    """

    code: Disposition
    offered: str
    client_wish: str
    decided_by: str
    text: str
    at: datetime
    next_check: date | None
    named: str = ""
    on: date | None = None
    detail: str = ""
    ends: bool = False


@dataclass(frozen=True)
class SafetyEvent:
    """Something a person must respond to. `rule` and `item` say what opened it, `answer` in which words; `prompts` is
    what to think of while responding; `earlier_id` names the event that this one re-opens; `left_behind` says that its
    follow-up, to something to respond to now, was recorded before the latest session began.
    """

    id: str
    case_id: str
    session_id: str | None
    intake_id: str | None
    level: EventLevel
    rule: str
    item: str
    prompt: str
    opened_at: datetime
    opened_by: str
    status: EventStatus
    follow_up: FollowUp | None
    version: int
    updated_at: datetime
    opened_as: EventLevel = EventLevel.NOW
    answer: str = ""
    prompts: tuple[str, ...] = ()
    earlier_id: str | None = None
    disposed_at: datetime | None = None
    disposed_by: str = ""
    check_on: date | None = None
    awaiting: Awaiting | None = None
    awaiting_since: datetime | None = None
    due_since: datetime | None = None
    left_behind: bool = False

    @property
    def waits_since(self) -> datetime:
        """When the follow-up that is wanted now became due."""
        return self.due_since or self.opened_at

    @property
    def is_stepped(self) -> bool:
        """A second reader lowered it from now to today."""
        return self.level is not self.opened_as

    def is_due_again(self, today: date) -> bool:
        """A follow-up stands up to and including its check date."""
        return self.status is EventStatus.DISPOSED and self.check_on is not None and self.check_on < today

    def is_waiting(self, today: date) -> bool:
        """Whether nothing is recorded about it yet, or its check date has passed."""
        return self.status is EventStatus.OPEN or self.is_due_again(today)

    def wants_follow_up(self, today: date) -> bool:
        """Whether it keeps the banner over its case up."""
        return self.is_waiting(today) or self.left_behind


@dataclass(frozen=True)
class Check:
    """Until when a follow-up stands, and of which level its event is."""

    on: date
    level: EventLevel


@dataclass(frozen=True)
class Happened:
    """One row of the history of an event. `text` is free text of whoever did it."""

    step: EventStep
    at: datetime
    by_id: str
    by: str
    session_id: str | None
    intake_id: str | None
    text: str = ""
    follow_up: FollowUp | None = None


@dataclass(frozen=True)
class Again:
    """An answer that calls for a response, given another time: of which level, in which words, in which session."""

    level: EventLevel
    answer: str
    session_id: str | None


class Meeting(Enum):
    """What an answer does to the latest event that the same question opened."""

    OPENS = "opens an event of its own"
    JOINS = "joins, and what is recorded stands"
    DUE = "joins, and a follow-up is due again"


def meet(
    latest: SafetyEvent | None, again: Again, last_session: str | None, at: datetime, *, fresh_plan: bool
) -> Meeting:
    """Only an unchanged answer joins. `last_session` is where the answer of `latest` was given last, `fresh_plan`
    whether a plan in use was looked at within 14 days; `at` is now, on the clocks of the practice.
    """
    if latest is None or latest.status in (EventStatus.ENDED, EventStatus.WRONG):
        return Meeting.OPENS
    if (latest.opened_as, latest.answer) != (again.level, again.answer):
        return Meeting.OPENS
    if latest.status is EventStatus.OPEN:
        return Meeting.JOINS
    same_session = again.session_id is not None and again.session_id == last_session
    return Meeting.JOINS if stands(latest, at, same_session=same_session, fresh_plan=fresh_plan) else Meeting.DUE


def stands(event: SafetyEvent, at: datetime, *, same_session: bool, fresh_plan: bool) -> bool:
    """Whether the follow-up of `event` still answers an unchanged answer given today.

    TODAY and NEXT: up to the check date, 28 days at most. NOW: within its own session only, unless a second reader
    stepped it to today, and then while a plan in use is no older than 14 days.
    """
    if event.disposed_at is None or event.check_on is None or event.is_due_again(at.date()):
        return False
    if at.date() > event.disposed_at.astimezone(at.tzinfo).date() + LONGEST_STANDING:
        return False
    if event.is_stepped:
        return fresh_plan
    return same_session or event.level is not EventLevel.NOW


def must_be_answered(event: SafetyEvent, today: date, session_starts_at: datetime | None = None) -> bool:
    """Whether the note of a session cannot be signed before a follow-up: open or due again, and NOW also where the
    follow-up was recorded before the session began.
    """
    if event.level not in BLOCKING:
        return False
    if event.is_waiting(today):
        return True
    if event.level is not EventLevel.NOW or event.status is not EventStatus.DISPOSED:
        return False
    return is_left_behind(event.disposed_at, session_starts_at)


def is_left_behind(disposed_at: datetime | None, session_starts_at: datetime | None) -> bool:
    """Whether the follow-up of an event to respond to now was recorded before this session began."""
    return disposed_at is not None and session_starts_at is not None and disposed_at < session_starts_at


def blocking(
    events: Iterable[SafetyEvent], today: date, session_starts_at: datetime | None = None
) -> tuple[SafetyEvent, ...]:
    """The events that keep the note of a session from being signed."""
    return tuple(each for each in events if must_be_answered(each, today, session_starts_at))


def calls_now(events: Iterable[SafetyEvent], today: date) -> bool:
    """Whether one to respond to now wants a follow-up: what waits for it stays where it is."""
    return any(each.level is EventLevel.NOW and each.wants_follow_up(today) for each in events)


def check_follow_up(follow_up: FollowUp, today: date, now: datetime, *, earlier: date | None = None) -> None:
    """Raises Invalid unless every part of a follow-up is there (domain.md 2.5, point 6).

    The next check lies between today and 28 days ahead. `earlier` is the day of the follow-up before this one, without
    which no follow-up can be the last.
    """
    wrong: dict[str, str] = {}
    if len(follow_up.text.strip()) < TEXT_SHORTEST:
        wrong["text"] = f"Describe what happened in at least {TEXT_SHORTEST} characters."
    for name in ("offered", "client_wish", "decided_by"):
        if not getattr(follow_up, name).strip():
            wrong[name] = "Fill this in; it may be short."
    if follow_up.at > now + CLOCK_SKEW:
        wrong["at"] = "A follow-up cannot be dated in the future."
    wrong |= {name: words for name, words in needed_with(follow_up.code).items() if not _given(follow_up, name)}
    if follow_up.on is not None and follow_up.on > today:
        wrong["on"] = "This day is still to come."
    wrong |= _wrong_date(follow_up, today, earlier)
    if wrong:
        raise Invalid("The follow-up is not complete.", wrong)


def needed_with(code: Disposition) -> dict[str, str]:
    """The parts that only this code asks for, with the words for a missing one."""
    return NEEDED_WITH.get(code, {})


def _given(follow_up: FollowUp, name: str) -> bool:
    value = getattr(follow_up, name)
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _wrong_date(follow_up: FollowUp, today: date, earlier: date | None) -> dict[str, str]:
    if follow_up.ends:
        return _wrong_end(follow_up, today, earlier)
    if follow_up.next_check is None:
        return {"next_check": "Give the date of the next check."}
    if not today <= follow_up.next_check <= today + LONGEST_STANDING:
        return {"next_check": "Choose a day from today to 28 days ahead."}
    return {}


def _wrong_end(follow_up: FollowUp, today: date, earlier: date | None) -> dict[str, str]:
    if follow_up.code in KEEPS_ITS_DATE:
        return {"ends": "What was declined, or could not be told, keeps its next date. Give one."}
    if earlier is None or earlier >= today:
        return {"ends": "Only a check on a later day can be the last one. Give the date of the next check."}
    if follow_up.next_check is not None:
        return {"next_check": "Leave the date empty, or leave the box for the last check empty."}
    return {}


def check_prompt(prompt: str) -> None:
    if not prompt.strip() or len(prompt) > PROMPT_LONGEST:
        raise Invalid("Say in a few words what needs a response.", {"prompt": "Between 1 and 200 characters."})


def check_reason(text: str, name: str = "reason") -> None:
    """Raises Invalid naming the field."""
    if len(text.strip()) < TEXT_SHORTEST:
        words = f"Say why in at least {TEXT_SHORTEST} characters."
        raise Invalid("A reason is needed.", {name: words})


def may_step(event: SafetyEvent, history: Iterable[Happened], *, fresh_plan: bool) -> str:
    """Why a second reader cannot step this event from now to today; "" when it can be.

    Only the belief of B1, unchanged over more than one sitting, with a plan no older than 14 days and a specialist
    service involved.
    """
    kept = tuple(history)
    if event.item != STANDING_ITEM or event.level is not EventLevel.NOW:
        return "Only a standing answer to the first question about the other person can be stepped to today."
    again = (each for each in kept if each.step in (EventStep.JOINED, EventStep.DUE_AGAIN))
    if not any(each.session_id is None or each.session_id != event.session_id for each in again):
        return "It can be stepped once the same answer was given at a later sitting."
    if not fresh_plan:
        return "No plan in use was looked at within the last 14 days."
    if not any(each.follow_up and each.follow_up.code is Disposition.ADVOCATE_HANDOVER for each in kept):
        return "No follow-up of it names a specialist service."
    return ""


def acted(history: Iterable[Happened]) -> frozenset[str]:
    """Account ids of those whose follow-up, or word that it was an error, no second reader has answered yet."""
    waiting: set[str] = set()
    for each in history:
        if each.step in (EventStep.FOLLOWED_UP, EventStep.ERROR_SAID):
            waiting.add(each.by_id)
        elif each.step in (EventStep.READ, EventStep.MORE, EventStep.STEPPED, EventStep.ERROR_AGREED):
            waiting.clear()
    return frozenset(waiting)


def step_of(awaiting: Awaiting, verdict: ReadingVerdict) -> EventStep:
    """How a verdict is kept. Raises Invalid for stepping what is said to be an error."""
    if awaiting is Awaiting.FOLLOW_UP:
        names = {ReadingVerdict.AGREED: EventStep.READ, ReadingVerdict.MORE: EventStep.MORE}
        return names.get(verdict, EventStep.STEPPED)
    if verdict is ReadingVerdict.STEPPED:
        raise Invalid("This cannot be stepped.", {"verdict": "Agree that it was an error, or do not."})
    return EventStep.ERROR_AGREED if verdict is ReadingVerdict.AGREED else EventStep.ERROR_REFUSED


def nothing_disclosed(day: str, private: str) -> str:
    """The only words for a screen on which everything asked was answered with no. `private` is yes, no or unknown."""
    return f"Nothing disclosed when asked on {day}; private: {private}"
