"""Goals of a case: adding, changing and reviewing them. The words are the client's own."""

from dataclasses import dataclass
from datetime import date

from schemas.actions import Action
from schemas.case_codes import GoalReview
from schemas.vocabulary import GoalDomain, GoalStatus
from service.casework.gate import case_unit, check_version
from service.domain.actors import Actor
from service.domain.cases import Goal
from service.errors import Invalid, NotFound
from service.store import goals
from service.store.base import db
from service.store.goals import GoalWords


@dataclass(frozen=True)
class GoalDraft:
    """A goal as typed; `words` are the client's own."""

    domain: GoalDomain
    words: str
    measure: str = ""
    next_step: str = ""
    status: GoalStatus = GoalStatus.ACTIVE
    target_on: date | None = None
    review_on: date | None = None
    reviewed_on: date | None = None
    review: GoalReview | None = None


def save_goal(
    actor: Actor, case_id: str, draft: GoalDraft, *, goal_id: str | None = None, version: int | None = None
) -> Goal:
    """Add a goal, or change one that was seen as `version`. Raises Invalid, Conflict, NotFound."""
    if not draft.words.strip():
        raise Invalid("A goal needs words.", {"words": "Write the goal in the client's own words."})
    if (draft.review is None) is not (draft.reviewed_on is None):
        missing = "reviewed_on" if draft.review else "review"
        raise Invalid("A look at a goal has a day and what it brought.", {missing: "Give both, or neither."})
    with case_unit(actor, Action.GOAL_WRITE, case_id) as (unit, _row):
        goal = goals.row(goal_id) if goal_id else goals.add(case_id)
        if goal is None or goal.case_id != case_id:
            raise NotFound
        if goal_id:
            theirs = {"words": goals.value(goal).words}
            check_version(seen=version or 0, stored=goal.version, yours={"words": draft.words}, theirs=theirs)
        goal.domain, goal.status = draft.domain, draft.status
        goal.target_on, goal.review_on = draft.target_on, draft.review_on
        goal.reviewed_on, goal.review = draft.reviewed_on, draft.review
        goals.seal(goal, GoalWords(draft.words, draft.measure, draft.next_step))
        db.session.add(goal)
        db.session.flush()
        unit.changed("goal", goal.id, goal.version, case_id=case_id)
        return goals.value(goal)
