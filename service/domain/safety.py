"""Plans with field classes and versions (domain.md 3). Which parts each kind has: plan_types.py."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.plan_codes import PlanDoubt
from schemas.vocabulary import EventLevel, FieldClass, PlanStatus, PlanType
from service.domain.leaks import Passage
from service.domain.plan_types import FIELDS, PlanField
from service.domain.spines import PlanSpine
from service.errors import Invalid

REVIEW_EVERY = timedelta(days=30)
REVIEW_AFTER_TR_3 = timedelta(days=7)
REVIEW_AFTER_NOW = timedelta(days=14)
# House default: the plan is changed, or said to fit after all, by the next weekly session.
REVIEW_AFTER_NO = timedelta(days=7)
OUT_OF_DATE_AFTER = timedelta(days=90)
LINE_LONGEST = 4_000
COPY_TITLES = ("Weekly planner", "Notes", "Things to remember")


@dataclass(frozen=True)
class PlanLine:
    """What stands in one field, and whether the client ticked it for their own copy."""

    text: str = ""
    on_copy: bool = False


@dataclass(frozen=True)
class Plan:
    """One version of one plan. `plan_id` is shared by its versions, `id` names this version; `doubt` is what came after
    the last look at it.
    """

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
    doubt: PlanDoubt | None = None


def check_lines(plan_type: PlanType, lines: Mapping[str, PlanLine]) -> dict[str, PlanLine]:
    """Every field of the plan, present or empty. Class N can never be ticked for a copy.

    Raises Invalid naming the field.
    """
    known = {each.key: each for each in FIELDS[plan_type]}
    wrong = {key: "This plan has no such part." for key in lines if key not in known}
    wrong |= {key: "Too long." for key, line in lines.items() if len(line.text) > LINE_LONGEST}
    wrong |= {
        each.key: f"At most {each.most_lines} lines: one small thing on each."
        for key, each in known.items()
        if each.most_lines and key in lines and len(filled(lines[key].text)) > each.most_lines
    }
    wrong |= {
        key: "This part stays here; it cannot go on a copy."
        for key, line in lines.items()
        if line.on_copy and key in known and known[key].field_class is FieldClass.N
    }
    if wrong:
        raise Invalid("The plan could not be kept as it is.", wrong)
    return {key: lines.get(key, PlanLine()) for key in known}


def copy_lines(plan: Plan) -> tuple[tuple[PlanField, str], ...]:
    """The parts that the client ticked; class N is impossible here whatever the row says."""
    return tuple((each, line.text) for each, line in _in_order(plan) if line.on_copy and line.text.strip())


def lines_by_release(plan: Plan) -> tuple[tuple[PlanField, str], ...]:
    """The parts of class G that hold something: all that a release of plan lines can ever carry."""
    found = ((each, line.text.strip()) for each, line in _in_order(plan) if each.field_class is FieldClass.G)
    return tuple((each, text) for each, text in found if text)


def copy_passages(plan: Plan) -> tuple[Passage, ...]:
    """What a copy would hold, for the leak guard."""
    return tuple(Passage(each.key, each.label, text) for each, text in copy_lines(plan))


def summary_lines(plan: Plan) -> tuple[tuple[PlanField, str], ...]:
    """Parts for another provider, by a release: those that may leave, and restricted ones that the client ticked."""
    return tuple(
        (each, line.text)
        for each, line in _in_order(plan)
        if line.text.strip() and (each.field_class is FieldClass.G or line.on_copy)
    )


def summary_passages(plan: Plan) -> tuple[Passage, ...]:
    """What a summary would hold, for the leak guard."""
    return tuple(Passage(each.key, each.label, text) for each, text in summary_lines(plan))


def _in_order(plan: Plan) -> Iterator[tuple[PlanField, PlanLine]]:
    """Parts that may leave at all, with what stands in them."""
    for each in FIELDS[plan.type]:
        if each.field_class is not FieldClass.N:
            yield each, plan.lines.get(each.key, PlanLine())


def next_review(reviewed_on: date) -> date:
    return reviewed_on + REVIEW_EVERY


def review_wanted_within(level: EventLevel, rule: str) -> timedelta | None:
    """How soon the plans want looking at after an event: 7 days after TR-3, 14 after NOW, else at their own time."""
    if rule == "TR-3":
        return REVIEW_AFTER_TR_3
    return REVIEW_AFTER_NOW if level is EventLevel.NOW else None


def is_out_of_date(plan: Plan | PlanSpine, on: date) -> bool:
    return on - plan.reviewed_on > OUT_OF_DATE_AFTER


def filled(text: str) -> tuple[str, ...]:
    """The lines of a part without the empty ones."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
