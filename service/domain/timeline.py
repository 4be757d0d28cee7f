"""The timeline of a case: one line for each thing that happened, in codes and dates, never in anybody's words.

Rule: words here come from closed lists only, so a timeline may be printed and taken away as a table. A new noun adds a
member to TimelineKind, a line to WORDS here and its rows to service/store/timeline.py.
"""

import base64
import binascii
import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from schemas.actions import Action
from schemas.card_codes import CardKind
from schemas.case_codes import EpisodeState, GoalReview, ReferralDirection, ReferralKind, TimelineKind
from schemas.diagnosis_codes import DiagnosisStep
from schemas.event_codes import EventStep
from schemas.instruments import find
from schemas.note_codes import NoteStep
from schemas.plan_codes import PlanStep
from schemas.programme import newest
from schemas.programme_codes import StepState
from schemas.release_codes import OWN_COPIES, ConsentAnswer, ConsentKind, Door, LegalBasis, ReleaseForm, ReleaseStatus
from schemas.request_codes import RequestKind, RequestStatus
from schemas.supervision_codes import SupervisionMode
from schemas.vocabulary import (
    Attendance,
    EventLevel,
    GoalDomain,
    GoalStatus,
    PlanStatus,
    PlanType,
    Relation,
    SessionType,
)
from schemas.wall_codes import WallStatus, WallStep
from service.domain import clock
from service.domain.disclosures import OWN_COPY
from service.errors import Invalid

K = TimelineKind
PARTS = {
    "client": "the client's details",
    "contact": "how to reach the client",
    "record_safety": "who else could see this record",
    "other_person": "the other person",
    "presentation": "the presenting status",
    "therapist": "who its therapist is",
}
# kind -> what its own pages ask for, where that is more than reading the case: the timeline tells nobody more.
READ_BY = {
    K.PROGRAMME: Action.PROGRAMME_READ,
    K.CONSENT: Action.RELEASE_READ,
    K.RELEASE: Action.RELEASE_READ,
    K.DISCLOSURE: Action.DISCLOSURE_READ,
    K.PROXY: Action.PROXY_READ,
    K.REQUEST: Action.REQUEST_READ,
    K.WALL: Action.WALLS_READ,
}
# What a client's own table does not hold: paper travels, a client reads no diagnosis off a list, and who finds the
# paper reads neither of boundaries and people nor of who asked for the record and who was kept away.
NOT_AWAY = frozenset({K.DIAGNOSIS, K.CONTACT, K.TOOL, K.NETWORK, K.PROXY, K.REVIEW, K.REQUEST, K.WALL})
STEPS_NOT_AWAY = frozenset({NoteStep.NAMED, NoteStep.JOINT_ASKED, NoteStep.JOINT_ALLOWED, NoteStep.JOINT_REFUSED})
ADDENDUM, SIGNED_THEN, PUT_AWAY, GLASS = "addendum", "signed_then", "put_away", "glass"
# A table program may run what begins so.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


NOBODY = "nobody"
WRONG = "Entered in error"


@dataclass(frozen=True)
class Key:
    """Where a page ends: everything older than this follows."""

    at: datetime
    row: str


@dataclass(frozen=True)
class Happening:
    """One row: `row` is its own id, `about` the id of the record to open, `first` and `second` its codes."""

    at: datetime
    kind: TimelineKind
    row: str
    about: str
    first: str
    second: str

    @property
    def words(self) -> str:
        return WORDS[self.kind](self.first, self.second)

    @property
    def day_only(self) -> bool:
        """Whether the time of day says nothing, because only the day was kept."""
        return self.kind is K.SUPERVISION or self.second == SIGNED_THEN

    def local(self, zone: str) -> datetime:
        """When, on the clocks of a zone; a day alone is the same day everywhere."""
        return clock.local(self.at, "UTC" if self.day_only else zone)

    def hidden_from(self, relation: Relation) -> bool:
        """Single responses of some forms are for the therapist alone."""
        return self.kind is K.FORM and relation in find(self.first, self.second).hidden_from

    @property
    def key(self) -> Key:
        return Key(self.at, self.row)


@dataclass(frozen=True)
class Wanted:
    """Which part: kinds (all when empty), from the first day up to and including the last, older than a key.

    `reader_id`: supervision meetings are among it for the two who met, and for nobody else.
    """

    kinds: frozenset[TimelineKind] = frozenset()
    since: date | None = None
    until: date | None = None
    before: Key | None = None
    reader_id: str = NOBODY


def _session(kind: str, attended: str) -> str:
    return f"{SessionType(kind).label}: {Attendance(attended).label if attended else WRONG}"


def _note(_format: str, step: str) -> str:
    if step == ADDENDUM:
        return "Addendum to a note"
    return f"Note: {NoteStep(step).label}" if step else "Note signed"


def _plan(kind: str, code: str) -> str:
    return f"{PlanType(kind).label}: {_plan_state(code)}"


def _plan_state(code: str) -> str:
    return PlanStep(code).label if code in set(PlanStep) else PlanStatus(code).label


def _card(kind: str, code: str) -> str:
    return f"{CardKind(kind).label}: {'put away' if code == PUT_AWAY else 'written'}"


def _release(form: str, code: str) -> str:
    return f"{ReleaseForm(form).label}: {ReleaseStatus(ReleaseStatus.SIGNED if code == SIGNED_THEN else code).label}"


def _wall(step: str, status: str) -> str:
    if step == GLASS:
        return "Opened in an emergency"
    done = WallStatus(status)
    return WallStep(step).label + ("" if done is WallStatus.DONE else f": {done.label}")


def _event(level: str, step: str) -> str:
    return f"Safety event: {EventStep(step).label}" if step else f"Safety event opened: {EventLevel(level).label}"


def _goal(domain: str, code: str) -> str:
    """How it stands, or what a look together brought."""
    told = f"looked at, {GoalReview(code).label}" if code in set(GoalReview) else GoalStatus(code).label
    return f"Goal ({GoalDomain(domain).label}): {told}"


def _episode(before: str, after: str) -> str:
    start = f"{EpisodeState(before).label} to " if before else ""
    return f"Episode of care: {start}{EpisodeState(after).label}"


def _step(step: str, state: str) -> str:
    return f"Programme, {newest().step(step).title}: {StepState(state).label}"


WORDS: Mapping[TimelineKind, Callable[[str, str], str]] = {
    K.SESSION: _session,
    K.NOTE: _note,
    K.FORM: lambda key, version: f"{find(key, version).title} recorded",
    K.PLAN: _plan,
    K.EVENT: _event,
    K.GOAL: _goal,
    K.DIAGNOSIS: lambda step, _none: f"Diagnosis: {DiagnosisStep(step).label}",
    K.EPISODE: _episode,
    K.CHANGE: lambda part, _none: f"Changed: {PARTS[part]}",
    K.FACTS: lambda number, _none: f"Relationship facts, version {number}",
    K.REFERRAL: lambda way, kind: f"{ReferralDirection(way).label}: {ReferralKind(kind).label}",
    K.PROGRAMME: _step,
    K.CONSENT: lambda kind, answer: f"Consent ({ConsentKind(kind).label}): {ConsentAnswer(answer).label}",
    K.RELEASE: _release,
    K.DISCLOSURE: lambda door, basis: f"Left: {Door(door).label}. {LegalBasis(basis).label}",
    K.SUPERVISION: lambda mode, _two: f"Supervision meeting: {SupervisionMode(mode).label}",
    **dict.fromkeys((K.CONTACT, K.TOOL, K.NETWORK, K.PROXY), _card),
    K.REVIEW: lambda number, _none: f"Relationship review, version {number}",
    K.REQUEST: lambda kind, status: f"{RequestKind(kind).label}: {RequestStatus(status).label}",
    K.WALL: _wall,
}


def written(key: Key) -> str:
    """The key as an opaque mark."""
    plain = f"{key.at.astimezone(UTC).isoformat()}|{key.row}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_key(mark: str) -> Key:
    """Raises Invalid for a mark that no page gave."""
    try:
        plain = base64.b64decode(mark + "=" * (-len(mark) % 4), altchars=b"-_", validate=True).decode("ascii")
        at, _, row = plain.partition("|")
        moment = datetime.fromisoformat(at).astimezone(UTC)
    except (binascii.Error, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise Invalid("This place cannot be found.", {"after": "Take it from the link of a page."}) from error
    return Key(moment, row)


def _away(each: Happening) -> str:
    """Its words for a table that is taken away: not which plan there is, nor what a client's own copy is of."""
    if each.kind is K.PLAN:
        return f"Plan: {_plan_state(each.second)}"
    if each.kind is K.DISCLOSURE and each.first in OWN_COPIES:
        return f"Left: {OWN_COPY}. {LegalBasis(each.second).label}"
    return each.words


def as_table(happened: Iterable[Happening], zone: str) -> bytes:
    """Day, time, kind and words as comma-separated values that no table program takes for a formula."""
    lines = io.StringIO()
    table = csv.writer(lines, lineterminator="\r\n")
    table.writerow(["Day", "Time", "Kind", "What"])
    for each in (one for one in happened if one.kind not in NOT_AWAY and one.second not in STEPS_NOT_AWAY):
        local = each.local(zone)
        time_of_day = "" if each.day_only else f"{local:%H:%M}"
        table.writerow([local.date().isoformat(), time_of_day, each.kind.label, _harmless(_away(each))])
    return lines.getvalue().encode("utf-8-sig")


def _harmless(words: str) -> str:
    return f"'{words}" if words.startswith(FORMULA) else words
