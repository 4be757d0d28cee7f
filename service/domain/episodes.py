"""The life of an episode of care: which moves there are, and what an ending needs (domain.md 4).

Rule: every move keeps who, when and why. Only the checklist ends care that began; an ended episode never opens again,
reopening is a new episode linked to it. An ending with open events waits for a supervisor.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from schemas.case_codes import DischargeState, EndReason, EpisodeState
from schemas.vocabulary import EventLevel
from service.domain.events import SafetyEvent
from service.errors import Conflict, Invalid

S = EpisodeState
MOVES: Mapping[S, frozenset[S]] = {
    S.ENQUIRY: frozenset({S.REFERRED, S.ASSESSMENT, S.WAITLIST, S.DECLINED}),
    S.REFERRED: frozenset({S.ASSESSMENT, S.WAITLIST, S.DECLINED}),
    S.WAITLIST: frozenset({S.ASSESSMENT, S.DECLINED}),
    S.ASSESSMENT: frozenset({S.ACTIVE, S.WAITLIST, S.CLOSING, S.DECLINED}),
    S.ACTIVE: frozenset({S.ON_HOLD, S.REVIEW, S.CLOSING}),
    S.ON_HOLD: frozenset({S.ACTIVE, S.CLOSING}),
    S.REVIEW: frozenset({S.ACTIVE, S.CLOSING}),
    S.CLOSING: frozenset({S.ACTIVE, S.CLOSED, S.TRANSFERRED}),
    S.CLOSED: frozenset(),
    S.DECLINED: frozenset(),
    S.TRANSFERRED: frozenset(),
}
ENDED = frozenset({S.CLOSED, S.DECLINED, S.TRANSFERRED})
BY_CHECKLIST = frozenset({S.CLOSED, S.TRANSFERRED})
STARTS = (S.ENQUIRY, S.REFERRED, S.ASSESSMENT, S.WAITLIST, S.ACTIVE)
STARTS_AGAIN = (S.ASSESSMENT, S.ACTIVE, S.WAITLIST)
MEASURE_FRESH = timedelta(days=28)
REVIEW_FRESH = timedelta(days=28)
WHY_NOT = "Give the reason why not."
NOBODY_AGREES = (
    "Something on this case is open, so a supervisor must agree to its ending, and none can: its therapist has none, "
    "or the one there is covers this case or cannot open it. Record the open follow-ups first, lift a restriction, or "
    "ask an administrator to name another supervisor."
)
STILL_PLANNED = (
    "Sessions of this case are still planned. Say of each whether the client came, or that it was called off, before "
    "closing."
)
STRANDED = (
    "The ending of this episode waits for a supervisor, and none can agree to it any more: its therapist has none, or "
    "the one there is covers this case or cannot open it. Ask an administrator to name another, or take the ending "
    "back: move the episode back to active."
)


@dataclass(frozen=True)
class Move:
    """One change of state. `before` is None where the episode began."""

    before: EpisodeState | None
    after: EpisodeState
    at: datetime
    by: str
    why: str
    by_id: str = ""


@dataclass(frozen=True)
class HandedOver:
    """An event that is open at the end, and who answers it from when on."""

    event_id: str
    to: str
    on: date | None


@dataclass(frozen=True)
class Checklist:
    """What an ending needs. A part that was not done has its reason; no contact after closing unless words say so."""

    reason: EndReason
    door_open: str
    explanation: str = ""
    measures_taken: bool = False
    measures_reason: str = ""
    plan_reviewed: bool = False
    plan_reason: str = ""
    aftercare_made: bool = False
    aftercare_reason: str = ""
    contact_after: str = ""
    handed_over: tuple[HandedOver, ...] = ()


@dataclass(frozen=True)
class Discharge:
    """The checklist as it was kept, by whom, and what a supervisor said where one had to."""

    id: str
    state: DischargeState
    checklist: Checklist
    at: datetime
    by: str
    answered_by: str = ""
    answered_at: datetime | None = None
    answer: str = ""


@dataclass(frozen=True)
class Planned:
    """A session that is still planned, its hour passed or to come."""

    session_id: str
    starts_at: datetime


@dataclass(frozen=True)
class Ending:
    """What the record says at the moment of ending."""

    waiting: tuple[SafetyEvent, ...]
    unsigned: int
    has_measure: bool
    has_aftercare: bool
    supervised: bool
    """Whether a supervisor could agree to it; asked only while something waits."""
    is_asked: bool = False
    """Whether an ending waits for that already."""
    planned: tuple[Planned, ...] = ()
    """Sessions of which nobody has said yet whether the client came, the earliest first."""
    has_review: bool = False
    """Whether a plan in use was looked at lately."""

    @property
    def needs_cosign(self) -> bool:
        return bool(self.waiting)

    @property
    def stuck(self) -> str:
        """That nobody could agree and what to do then; empty where somebody could or nobody has to."""
        if self.supervised or not (self.needs_cosign or self.is_asked):
            return ""
        return STRANDED if self.is_asked else NOBODY_AGREES


def check_move(before: EpisodeState, after: EpisodeState, why: str) -> None:
    """Raises Conflict for a move that does not exist, Invalid for one without a reason or that needs the checklist."""
    if after not in MOVES[before]:
        raise Conflict(f"From {before.label.lower()} an episode cannot go to {after.label.lower()}.")
    if after in BY_CHECKLIST:
        raise Invalid("Closing has its own checklist.", {"to": "Close the case by its checklist."})
    if not why.strip():
        raise Invalid("A move needs its reason.", {"why": "Say why."})


def check_ready(ending: Ending) -> None:
    """Raises Conflict while a note waits for its signature, a session is planned or a response is wanted now."""
    if ending.unsigned:
        raise Conflict("Sign the notes of this case before closing it.")
    if ending.planned:
        raise Conflict(STILL_PLANNED)
    if any(each.level is EventLevel.NOW for each in ending.waiting):
        raise Conflict("Something on this case is to be responded to now. Record its follow-up before closing.")


def check_answerable(ending: Ending) -> None:
    """Raises Conflict where an ending would wait for an agreement that nobody can give."""
    if ending.stuck:
        raise Conflict(ending.stuck)


def check_quiet(ending: Ending) -> None:
    """The same where no supervisor can take it on: nothing at all may wait."""
    check_ready(ending)
    if ending.waiting:
        raise Conflict("Record the open follow-ups of this case first.")


def check_checklist(given: Checklist, ending: Ending) -> None:
    """Raises Invalid naming each part that is missing."""
    wrong = {
        name: WHY_NOT
        for name, done, reason in (
            ("measures_reason", given.measures_taken, given.measures_reason),
            ("plan_reason", given.plan_reviewed, given.plan_reason),
            ("aftercare_reason", given.aftercare_made, given.aftercare_reason),
        )
        if not done and not reason.strip()
    }
    if given.measures_taken and not ending.has_measure:
        wrong["measures_taken"] = "No measure was recorded in the last 28 days. Record one, or give the reason."
    if given.plan_reviewed and not ending.has_review:
        wrong["plan_reviewed"] = "No plan in use was looked at in the last 28 days. Do so now, or give the reason."
    if given.aftercare_made and not ending.has_aftercare:
        wrong["aftercare_made"] = "There is no after-care plan in use. Put one in use, or give the reason."
    if not given.door_open.strip() and given.reason is not EndReason.DIED:
        wrong["door_open"] = "Write what the client was told about coming back."
    wrong |= _not_handed_over(given.handed_over, ending.waiting)
    if wrong:
        raise Invalid("The checklist is not complete.", wrong)


def checklist_of(given: Mapping[str, Any]) -> Checklist:
    """The checklist from what a schema loaded."""
    handed_over = tuple(HandedOver(**each) for each in given["handed_over"])
    return Checklist(**{**given, "handed_over": handed_over})


def end_state(reason: EndReason) -> EpisodeState:
    return S.TRANSFERRED if reason is EndReason.TRANSFERRED else S.CLOSED


def _not_handed_over(given: Iterable[HandedOver], waiting: Iterable[SafetyEvent]) -> dict[str, str]:
    found = {each.event_id: (number, each) for number, each in enumerate(given)}
    wrong = {}
    for event in waiting:
        number, each = found.get(event.id, (len(found), None))
        if each is None or not each.to.strip():
            wrong[f"handed_over.{number}.to"] = "Say who answers this event from now on."
        if each is not None and each.on is None:
            wrong[f"handed_over.{number}.on"] = "Say from which day on."
    strangers = found.keys() - {event.id for event in waiting}
    return wrong | {f"handed_over.{found[each][0]}.event_id": "This event is not open." for each in strangers}
