"""The case and what hangs on it: client, contact preferences, record-safety check, the other person as a label, goals.

Ages and clocks follow domain.md 4 and 5: contact preferences and the record-safety check are asked again every 90 days.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from typing import Any

from schemas.case_codes import Concern, EpisodeState, FormulationFactor, GoalReview, Weekday
from schemas.vocabulary import (
    AskedAnswer,
    CaseStatus,
    Channel,
    ChannelRule,
    Coded,
    Gender,
    GoalDomain,
    GoalStatus,
)
from service.domain.deadlines import RECHECK_AFTER, Deadline, of_goal
from service.domain.episodes import Discharge, Move
from service.domain.module_times import ModuleAsked
from service.domain.schedules import Asked

# factor -> the row of the content elements that it stands for
ELEMENTS: Mapping[FormulationFactor, str] = {
    FormulationFactor.INTERMITTENT: "SCI-1",
    FormulationFactor.SURVIVAL_RESPONSE: "SCI-2",
    FormulationFactor.SELF_EROSION: "SCI-4",
    FormulationFactor.AMBIVALENCE: "ACK-7",
    FormulationFactor.ISOLATION: "BCX-1",
    FormulationFactor.REALITY_DISTORTION: "RR-6",
}
# What pages that speak of the bond must say (WR-1 for SCI-3, WR-2 for SCI-6).
WR_1 = "The pull can feel like a craving. What causes that is contested, and it is no diagnosis."
WR_2 = "A structured set of topics; it has not been tested as a programme."
# Of goals about safety, money and relationships neither the words nor how they go are told to anybody outside.
TOLD_AREAS = frozenset({GoalDomain.SYMPTOMS, GoalDomain.FUNCTION, GoalDomain.PERSONAL})
ADULT_AGE = 18


@dataclass(frozen=True)
class Client:
    """The person in treatment. `legal_name` is restricted; `address` never leaves. `pronouns` is free text."""

    chosen_name: str
    legal_name: str = ""
    pronouns: str = ""
    gender: Gender = Gender.UNKNOWN
    gender_identity: str = ""
    birth_date: date | None = None
    languages: str = ""
    interpreter: str = ""
    access_needs: str = ""
    address: str = ""


@dataclass(frozen=True)
class ChannelPreference:
    """May this channel be used? `value` is the number or address. For `between`: no days means every day, `start` and
    `end` are clock times such as "10:00", `times` is what was agreed in words.
    """

    channel: Channel
    rule: ChannelRule = ChannelRule.NEVER
    value: str = ""
    times: str = ""
    leave_message: bool = False
    name_clinic: bool = False
    days: tuple[Weekday, ...] = ()
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class ContactPreferences:
    """How to reach the client, read only through service/domain/contact_rules.py. A channel that is not named is
    `never`; `ask_for` is the name to ask for, `call_as` what the caller goes by.
    """

    channels: tuple[ChannelPreference, ...] = ()
    code_word: str = ""
    ask_for: str = ""
    call_as: str = ""
    never_contact_by: str = ""
    confirmed_on: date | None = None

    def channel(self, wanted: Channel) -> ChannelPreference:
        return next((each for each in self.channels if each.channel is wanted), ChannelPreference(wanted))


@dataclass(frozen=True)
class RecordSafetyCheck:
    """Who else could see this record? Asked at intake and every 90 days."""

    asked_on: date
    portal_account: AskedAnswer
    portal_proxies: AskedAnswer
    shared_device: AskedAnswer
    insurance_held: AskedAnswer
    household_here: AskedAnswer
    note: str = ""


@dataclass(frozen=True)
class OtherPerson:
    """A label and circumstances; no name, no diagnosis, no contact details."""

    label: str = "Person A"
    relationship: str = ""
    current: AskedAnswer = AskedAnswer.NOT_ASKED
    cohabiting: AskedAnswer = AskedAnswer.NOT_ASKED


@dataclass(frozen=True)
class Presentation:
    """Presenting status. `contact_context` is a code of schemas.instruments.capture.ContactContext; `factors` are ideas
    worked out together, `formulation` puts them in words.
    """

    contact_context: str = "unsure"
    concerns: str = ""
    functional_summary: str = ""
    co_occurring_care: str = ""
    medication: str = ""
    strengths: str = ""
    main_concerns: tuple[Concern, ...] = ()
    factors: tuple[FormulationFactor, ...] = ()
    formulation: str = ""


@dataclass(frozen=True)
class Episode:
    """One stretch of care. `earlier_id` names the one that it takes up again; `contact_after` is what was agreed about
    contact after its end, empty for none; moves and discharge are there where the whole episode was read.
    """

    id: str
    status: EpisodeState
    started_on: date
    ended_on: date | None
    version: int
    updated_at: datetime
    earlier_id: str | None = None
    contact_after: str = ""
    moves: tuple[Move, ...] = ()
    discharge: Discharge | None = None


@dataclass(frozen=True)
class GoalSaid:
    """All that a goal says, as typed; `words` are the client's own."""

    domain: GoalDomain
    words: str
    measure: str = ""
    next_step: str = ""
    status: GoalStatus = GoalStatus.ACTIVE
    target_on: date | None = None
    review_on: date | None = None
    reviewed_on: date | None = None
    review: GoalReview | None = None


@dataclass(frozen=True)
class GoalVersion:
    """What a goal said as of one save. `look` is what a look together brought, where this save told of one; `by` is ""
    where it was not kept.
    """

    number: int
    at: datetime
    by: str
    said: GoalSaid
    look: GoalReview | None = None


@dataclass(frozen=True)
class Goal:
    """`words` and `measure` are the client's own; `author_id` is who wrote them down, "" where that was not kept."""

    id: str
    case_id: str
    domain: GoalDomain
    words: str
    measure: str
    next_step: str
    status: GoalStatus
    target_on: date | None
    review_on: date | None
    version: int
    updated_at: datetime
    reviewed_on: date | None = None
    review: GoalReview | None = None
    author_id: str = ""


@dataclass(frozen=True)
class Case:
    """One client's record in one practice, opened for reading. `may` holds the actions open to whoever read it."""

    id: str
    practice_id: str
    code: str
    status: CaseStatus
    sealed: bool
    held: bool
    opened_on: date
    owner_id: str
    owner_name: str
    client: Client
    contact: ContactPreferences
    record_safety: RecordSafetyCheck | None
    other_person: OtherPerson
    presentation: Presentation
    episode: Episode
    version: int
    updated_at: datetime
    may: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Cover:
    """A colleague who looks after a case up to and including `until`."""

    account_id: str
    name: str
    until: date


@dataclass(frozen=True)
class CoursePoint:
    """One log in a sparkline; `value` is None when it was declined or could not be scored."""

    at: datetime
    value: float | None
    prorated: bool


@dataclass(frozen=True)
class EventClock:
    """When the oldest open event of each level began to wait and until when, the next check of one that was followed
    up, and since when a second reader is waited for. `again_since` is since when a follow-up to something to respond to
    now no longer stands: its check date has passed, or a session came after it.
    """

    now_since: datetime | None = None
    now_by: datetime | None = None
    today_since: datetime | None = None
    today_by: datetime | None = None
    next_since: datetime | None = None
    check_on: date | None = None
    reading_since: datetime | None = None
    again_since: datetime | None = None


NO_EVENTS = EventClock()


@dataclass(frozen=True)
class CaseloadRow:
    """One line of a caseload, from the maintained summary row. Overdue is worked out at reading time."""

    case_id: str
    code: str
    chosen_name: str
    therapist_id: str
    therapist_name: str
    status: CaseStatus
    last_session_at: datetime | None
    next_session_at: datetime | None
    baseline_total: float | None
    last_total: float | None
    last_intake_at: datetime | None
    plan_due: date | None
    unsigned: int
    oldest_unsigned_at: datetime | None
    open_events: int
    open_now_events: int
    sessions_since_log: int = 0
    course: tuple[CoursePoint, ...] = ()
    events: EventClock = NO_EVENTS
    asked: tuple[Asked, ...] = ()
    modules: tuple[ModuleAsked, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    unseen: int = 0
    unseen_since: datetime | None = None


def channels_of(given: Iterable[Mapping[str, Any]]) -> tuple[ChannelPreference, ...]:
    """Channels from what a schema loaded."""
    return tuple(ChannelPreference(**{**each, "days": tuple(each["days"])}) for each in given)


def presentation_of(given: Mapping[str, Any]) -> Presentation:
    """The presenting status from what a schema loaded."""
    listed = {name: tuple(given[name]) for name in ("main_concerns", "factors")}
    return Presentation(**{**given, **listed})


def is_adult(birth_date: date, on: date) -> bool:
    """Whether somebody born on `birth_date` is 18 or older `on` that day (29 February counts from 1 March)."""
    years = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    return years >= ADULT_AGE


def contact_recheck_due(contact: ContactPreferences, on: date) -> bool:
    return contact.confirmed_on is None or on - contact.confirmed_on >= RECHECK_AFTER


def goal_review_since(goal: Goal, on: date) -> date | None:
    """Since when an active goal wants looking at together: on the day agreed, else 75 days after the last look (or
    change). None while it is not due.
    """
    deadline = _review_of(goal)
    return deadline.on if goal.status is GoalStatus.ACTIVE and deadline.is_due(on) else None


def goal_review_overdue(goal: Goal, on: date) -> bool:
    return _review_of(goal).is_overdue(on)


def _review_of(goal: Goal) -> Deadline:
    return of_goal(goal.reviewed_on or goal.updated_at.date(), goal.review_on)


def record_safety_due(check: RecordSafetyCheck | None, on: date) -> bool:
    return check is None or on - check.asked_on >= RECHECK_AFTER


def texts_of(part: object) -> dict[str, str]:
    """A part of a case as plain text, field by field: what two people who saved at once are shown to choose from."""
    if not is_dataclass(part) or isinstance(part, type):
        return {}
    return {each.name: _text(getattr(part, each.name)) for each in fields(part)}


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return "\n".join(", ".join(filter(None, texts_of(each).values())) or _text(each) for each in value)
    if isinstance(value, Coded):
        return value.label
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)
