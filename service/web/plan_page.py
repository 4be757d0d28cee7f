"""What the pages of a plan share: reading it with its case, and the frame around it.

Rule: how far each part may travel stands beside it, and a plan that was not looked at for long says so on every page.
"""

from dataclasses import dataclass

from flask.wrappers import Response

from schemas.actions import Action
from schemas.vocabulary import FieldClass, PlanStatus
from service.casework import plans as casework
from service.casework import records
from service.casework.records import Record
from service.domain import clock
from service.domain.plan_types import FIELDS, SHAPES
from service.domain.safety import Plan, PlanLine, is_out_of_date
from service.guard import current_actor
from service.web.case_frame import banner_of
from service.web.frame import show

OUT_OF_DATE = "Out of date, review: this plan was last looked at more than 90 days ago."
TONES = {PlanStatus.DRAFT: "part", PlanStatus.ACTIVE: "done", PlanStatus.SUPERSEDED: "closed"}


@dataclass(frozen=True)
class PlanPart:
    """One part of a plan as the pages show it; `class_word` says how far it may travel."""

    key: str
    label: str
    hint: str
    class_word: str
    may_copy: bool
    text: str
    on_copy: bool


def read_plan(plan_id: str) -> tuple[Plan, Record]:
    found = casework.read_plan(current_actor(), plan_id)[0]
    return found, records.read_record(current_actor(), found.case_id, Action.PLAN_READ)


def plan_page(name: str, plan: Plan, record: Record, **context: object) -> Response:
    late = is_out_of_date(plan, clock.today(record.practice.zone)) and plan.status is PlanStatus.ACTIVE
    return show(
        f"pages/plans/{name}.html",
        task=f"{plan.type.label} {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        plan=plan,
        shape=SHAPES[plan.type],
        parts=_parts(plan),
        tone=TONES.get(plan.status, "quiet"),
        late=OUT_OF_DATE if late else "",
        mark="" if late else record.plan_marks.get(plan.id, ""),
        **context,
    )


def _parts(plan: Plan) -> list[PlanPart]:
    lines = ((each, plan.lines.get(each.key, PlanLine())) for each in FIELDS[plan.type])
    return [
        PlanPart(
            key=each.key,
            label=each.label,
            hint=each.hint,
            class_word=each.field_class.label,
            may_copy=each.field_class is not FieldClass.N,
            text=line.text,
            on_copy=line.on_copy,
        )
        for each, line in lines
    ]
