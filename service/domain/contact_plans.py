"""The contact plan: how the client wants to go about contact, and the boundaries that belong to it (domain.md 3.2).

Rule: the client sets the mode. A boundary that blocks or moves comes into use only after its checks; until then, and
whenever it would not be all right, it stays "not now". Contact that happened is never held against anybody (NC-6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from schemas.card_codes import BoundaryKind, BoundaryState, ContactMode
from schemas.vocabulary import FieldClass
from service.domain.events import NOW_OPEN
from service.domain.plan_types import PlanField
from service.errors import Invalid

SCREEN_LASTS = timedelta(days=14)
REVIEW_EVERY = timedelta(days=30)
NOT_SCREENED = "Go through all of module B first, danger from the other person: not all was asked within 14 days."
GATED = frozenset({BoundaryKind.BLOCK, BoundaryKind.MOVE})
_R, _N = FieldClass.R, FieldClass.N

PARTS: Mapping[ContactMode, tuple[PlanField, ...]] = {
    ContactMode.UNDECIDED: (
        PlanField("contact_weighing", "What speaks for and against", _R, hint="Both sides, in the client's words."),
    ),
    ContactMode.FULL: (
        PlanField("contact_block", "What would be blocked, in which order", _R, elements=("NC-1",)),
        PlanField("contact_routine", "Routines and places changed", _N, elements=("NC-2",)),
        PlanField("contact_scripts", "Ready answers for friends and relatives", _R, elements=("NC-3",)),
        PlanField("contact_distance", "Distance and barriers", _N, elements=("NC-4",)),
        PlanField("contact_evidence", "Where records are kept", _N, elements=("NC-5",)),
    ),
    ContactMode.LIMITED: (
        PlanField("contact_channel", "One written channel", _R, elements=("LC-1",)),
        PlanField("contact_style", "Short and practical", _R, elements=("LC-2",)),
        PlanField("contact_off", "What is not talked about", _R, elements=("LC-3",)),
        PlanField("contact_support", "Who comes along where meeting cannot be avoided", _N, elements=("LC-4",)),
        PlanField("contact_replies", "Ready replies", _R, hint="One a line, as they would be sent."),
        PlanField("contact_stop", "Stop rule", _R, hint="When to stop answering, and what to do then."),
    ),
    ContactMode.EMOTIONAL_ONLY: (
        PlanField("contact_inner", "Inner boundary, as a sentence to myself", _R, elements=("ENC-1", "CX-1")),
        PlanField("contact_before", "Before a contact", _R, hint="A small ritual."),
        PlanField("contact_after", "After a contact", _R, hint="A small ritual."),
        PlanField("contact_unshared", "What I do not share", _R),
        PlanField("contact_recovery", "Time to recover", _R),
    ),
}
EVERY_PART: Mapping[str, PlanField] = {each.key: each for parts in PARTS.values() for each in parts}


@dataclass(frozen=True)
class ContactPlan:
    """What stands under the other modes is kept when the client changes the mode."""

    mode: ContactMode = ContactMode.UNDECIDED
    lines: Mapping[str, str] = field(default_factory=dict)
    reviewed_on: date | None = None


@dataclass(frozen=True)
class Checks:
    """What was gone through with the client before a boundary comes into use."""

    evidence_kept: bool = False
    channels_kept: bool = False
    order_agreed: bool = False
    fits_now: bool = False


@dataclass(frozen=True)
class Ground:
    """What the record says before a boundary comes into use: when all of module B was last put to the client, and
    whether an event to respond to now wants a follow-up.
    """

    screened_on: date | None
    now_open: bool


@dataclass(frozen=True)
class Boundary:
    """One boundary in the client's words. `person_id` is somebody of the network."""

    kind: BoundaryKind
    statement: str
    channel: str = ""
    exception: str = ""
    if_crossed: str = ""
    person_id: str = ""
    review_on: date | None = None
    state: BoundaryState = BoundaryState.NOT_NOW
    checks: Checks = field(default_factory=Checks)


def check_plan(plan: ContactPlan) -> None:
    """Raises Invalid naming a part that no mode has."""
    wrong = {key: "The contact plan has no such part." for key in plan.lines if key not in EVERY_PART}
    if wrong:
        raise Invalid("The contact plan could not be kept as it is.", wrong)


def missing_checks(kind: BoundaryKind, checks: Checks, ground: Ground, today: date) -> dict[str, str]:
    """Field -> what stands against bringing the boundary into use."""
    wrong = {} if checks.fits_now else {"fits_now": "It stays not now until the client says that it can be done now."}
    if kind not in GATED:
        return wrong
    if ground.now_open:
        wrong["events"] = NOW_OPEN
    if ground.screened_on is None or today - ground.screened_on > SCREEN_LASTS:
        wrong["screen"] = NOT_SCREENED
    if not checks.evidence_kept:
        wrong["evidence_kept"] = "Keep what may be needed as evidence first."
    if not checks.channels_kept:
        wrong["channels_kept"] = "It must not break an order or cut a channel for the children."
    if not checks.order_agreed:
        wrong["order_agreed"] = "Agree the order of steps first."
    return wrong


def is_due(boundary: Boundary, today: date) -> bool:
    return boundary.review_on is not None and boundary.review_on <= today
