"""Safety plans with field classes and versions (domain.md 3). Safety events: events.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.vocabulary import EventLevel, FieldClass, PlanStatus, PlanType
from service.errors import Invalid

REVIEW_EVERY = timedelta(days=30)
REVIEW_AFTER_TR_3 = timedelta(days=7)
REVIEW_AFTER_NOW = timedelta(days=14)
OUT_OF_DATE_AFTER = timedelta(days=90)
LINE_LONGEST = 4_000
COPY_TITLES = ("Weekly planner", "Notes", "Things to remember")


@dataclass(frozen=True)
class PlanField:
    """One part of a plan: its class decides how far what is typed there may travel."""

    key: str
    label: str
    hint: str
    field_class: FieldClass


def _field(key: str, label: str, field_class: FieldClass, hint: str = "") -> PlanField:
    return PlanField(key, label, hint, field_class)


_G, _R, _N = FieldClass.G, FieldClass.R, FieldClass.N

FIELDS: Mapping[PlanType, tuple[PlanField, ...]] = {
    PlanType.PL_URGE: (
        _field("early_signs", "Early signs for me", _G, "What do you notice first, in body, thoughts or habits?"),
        _field("delay", "Waiting step and for how long", _G, "One thing to do before anything else, and a time."),
        _field("tools", "Three things that have helped", _G, "One a line."),
        _field("person", "Somebody to ring", _N, "First name or nickname and how to reach them."),
        _field("reasons", "My reasons, in my words", _R),
        _field("after_contact", "If contact happened", _G, "What was going on, and what do you need now?"),
        _field("next_session", "What to bring to the next session", _G),
    ),
    PlanType.PL_PREP: (
        _field("documents", "Documents to gather", _R, "Which papers, and which copies already exist?"),
        _field("bag_place", "Where a packed bag is kept", _N),
        _field("money", "Money and accounts", _N),
        _field("transport", "Keys and transport", _N),
        _field("medicines", "Medicines and aids", _R),
        _field("pets", "Pets", _R),
        _field("who_knows", "Who knows about this", _N),
        _field("legal_advice", "Legal advice", _R, "Booked with whom and when, in general words."),
        _field("date_or_trigger", "Date, or what would start it", _N),
    ),
}


@dataclass(frozen=True)
class PlanLine:
    """What stands in one field, and whether the client ticked it for their own copy."""

    text: str = ""
    on_copy: bool = False


@dataclass(frozen=True)
class Plan:
    """One version of one plan. `plan_id` is shared by its versions, `id` names this version."""

    id: str
    plan_id: str
    case_id: str
    type: PlanType
    number: int
    status: PlanStatus
    made_with_client: bool
    private_session: bool
    lines: Mapping[str, PlanLine]
    reviewed_on: date
    next_review: date
    author_id: str
    author_name: str
    created_at: datetime
    version: int
    updated_at: datetime


def check_lines(plan_type: PlanType, lines: Mapping[str, PlanLine]) -> dict[str, PlanLine]:
    """Every field of the plan, present or empty. Class N can never be ticked for a copy.

    Raises Invalid naming the field.
    """
    known = {each.key: each for each in FIELDS[plan_type]}
    wrong = {key: "This plan has no such part." for key in lines if key not in known}
    wrong |= {key: "Too long." for key, line in lines.items() if len(line.text) > LINE_LONGEST}
    wrong |= {
        key: "This part stays here; it cannot go on a copy."
        for key, line in lines.items()
        if line.on_copy and key in known and known[key].field_class is FieldClass.N
    }
    if wrong:
        raise Invalid("The plan could not be kept as it is.", wrong)
    return {key: lines.get(key, PlanLine()) for key in known}


def copy_lines(plan: Plan) -> tuple[tuple[str, str], ...]:
    """(label, text) of the lines that the client ticked; class N is impossible here whatever the row says."""
    return tuple(
        (each.label, plan.lines[each.key].text)
        for each in FIELDS[plan.type]
        if each.field_class is not FieldClass.N and plan.lines[each.key].on_copy and plan.lines[each.key].text.strip()
    )


def next_review(reviewed_on: date) -> date:
    return reviewed_on + REVIEW_EVERY


def review_wanted_within(level: EventLevel, rule: str) -> timedelta | None:
    """How soon the plans want looking at after an event: 7 days after TR-3, 14 after NOW, else at their own time."""
    if rule == "TR-3":
        return REVIEW_AFTER_TR_3
    return REVIEW_AFTER_NOW if level is EventLevel.NOW else None


def is_out_of_date(plan: Plan, on: date) -> bool:
    return on - plan.reviewed_on > OUT_OF_DATE_AFTER


def differences(older: Plan, newer: Plan) -> tuple[tuple[PlanField, str, str], ...]:
    """(field, text before, text after) for each part whose text changed."""
    pairs = ((each, _text(older, each.key), _text(newer, each.key)) for each in FIELDS[newer.type])
    return tuple((each, before, after) for each, before, after in pairs if before != after)


def _text(plan: Plan, key: str) -> str:
    line = plan.lines.get(key)
    return line.text if line else ""
