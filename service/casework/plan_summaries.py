"""The clinical summary of a plan for another provider (domain.md 3.4).

Rule: only by a release that is in force and covers plan lines too, after a fresh confirmation of identity; parts that
may leave, and of restricted ones what the client ticked. What stays here has no way in.
"""

import hashlib
from collections.abc import Sequence

from schemas.actions import Action
from schemas.release_codes import ContentClass, Door
from schemas.vocabulary import PlanStatus
from service.casework.disclosures import disclose
from service.casework.leaks import let_leave
from service.casework.plans import admitted_both
from service.casework.records import collected
from service.domain.actors import Actor
from service.domain.disclosures import Left, by_release
from service.domain.releases import Release
from service.domain.safety import Plan, summary_lines, summary_passages
from service.errors import Conflict, Invalid
from service.store import plans, releases
from service.store.transaction import transaction

CLASSES = (ContentClass.PLAN_DATES, ContentClass.PLAN_LINES, ContentClass.SUMMARY)


def summarise_plan(
    actor: Actor, plan_row_id: str, release_id: str, confirmed: Sequence[str] = ()
) -> tuple[Plan, Release]:
    """The plan and the release that its summary leaves by. Raises Invalid naming what stands in the way."""
    with transaction(actor, Action.PLAN_SUMMARY, f"plan/{plan_row_id}") as unit:
        row, case_row = admitted_both(unit, plan_row_id)
        plan, release = plans.plan_value(row), _release(release_id, row.case_id)
        if plan.status is not PlanStatus.ACTIVE:
            raise Conflict("A summary is made of a plan in use.")
        if not summary_lines(plan):
            raise Invalid("No part of this plan may leave by a summary.")
        let_leave(unit, collected(case_row), summary_passages(plan), confirmed)
        disclose(unit, case_row, _left(plan), by_release(release))
        return plan, release


def _release(release_id: str, case_id: str) -> Release:
    row = releases.row(release_id) if release_id else None
    if row is None or row.case_id != case_id:
        raise Invalid("A summary leaves by a release.", {"release_id": "Choose the release that it leaves by."})
    return releases.value(row)


def _left(plan: Plan) -> Left:
    lines = summary_lines(plan)
    words = "\n".join(f"{each.label}: {text}" for each, text in lines)
    sections = (plan.type.label, *(each.label for each, _text in lines))
    return Left(Door.PLAN_SUMMARY, CLASSES, sections, hashlib.sha256(words.encode()).hexdigest())
