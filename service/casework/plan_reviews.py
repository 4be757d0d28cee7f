"""Asking for a new look at the plans in use, after an event or a change of circumstances.

Rule: it moves a review date nearer and says why on the plan; the look itself is taken by people (domain.md 3.1).
"""

from datetime import timedelta

from schemas.plan_codes import PlanDoubt
from service.casework.gate import practice_today
from service.domain import clock
from service.store import plans, summary
from service.store.base import db
from service.store.transaction import Unit


def want_look(unit: Unit, case_id: str, doubt: PlanDoubt, within: timedelta | None = None) -> None:
    """Mark the plans in use, and have them looked at `within`; never later than their review stood."""
    for row in plans.active_rows(case_id):
        if within is not None:
            row.next_review = min(row.next_review, practice_today(unit.actor) + within)
        row.doubt, row.updated_at = doubt, clock.now()
        db.session.flush()
        unit.changed("plan", row.id, row.version, case_id=row.case_id)
    summary.refresh(case_id)
