"""Goals of a case: adding, changing and reviewing them. The words are the client's own.

Rule: each save keeps what the goal said; what the client said before, and what each look brought, stays readable.
"""

from dataclasses import dataclass, fields

from schemas.actions import Action
from schemas.case_codes import GoalReview
from service.casework.gate import case_unit, check_version, opened_for
from service.domain.actors import Actor
from service.domain.cases import Case, Goal, GoalSaid, GoalVersion
from service.errors import Invalid, NotFound
from service.store import goals, summary
from service.store.base import db
from service.store.goals import GoalRow, GoalWords

GoalDraft = GoalSaid


@dataclass(frozen=True)
class GoalDesk:
    """A goal in its case with everything it said, the newest first."""

    case: Case
    goal: Goal
    versions: tuple[GoalVersion, ...]


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
        goal = goals.row(goal_id) if goal_id else goals.add(case_id, actor.user_id)
        if goal is None or goal.case_id != case_id:
            raise NotFound
        before = _said(goals.value(goal)) if goal_id else None
        if before is not None:
            theirs = {"words": before.words}
            check_version(seen=version or 0, stored=goal.version, yours={"words": draft.words}, theirs=theirs)
            _keep_first(goal, before)
        goal.domain, goal.status = draft.domain, draft.status
        goal.target_on, goal.review_on = draft.target_on, draft.review_on
        goal.reviewed_on, goal.review = draft.reviewed_on, draft.review
        goals.seal(goal, GoalWords(draft.words, draft.measure, draft.next_step))
        db.session.add(goal)
        db.session.flush()
        if draft != before:
            goals.add_version(goal, draft, actor.user_id, _look(before, draft))
        unit.changed("goal", goal.id, goal.version, case_id=case_id)
        summary.refresh(case_id)
        return goals.value(goal)


def read_goal(actor: Actor, case_id: str, goal_id: str) -> GoalDesk:
    """A goal with what it said before. Raises NotFound."""
    with case_unit(actor, Action.CASE_READ, case_id) as (unit, row):
        unit.why = "goal"
        goal = goals.row(goal_id)
        if goal is None or goal.case_id != case_id:
            raise NotFound
        return GoalDesk(opened_for(actor, row), goals.value(goal), goals.versions(goal))


def _keep_first(goal: GoalRow, before: GoalSaid) -> None:
    """What a goal said that is older than the keeping of versions; nobody knows who saved it last."""
    if not goals.has_versions(goal.id):
        goals.add_version(goal, before, None, before.review)


def _look(before: GoalSaid | None, after: GoalSaid) -> GoalReview | None:
    """What a look together brought that was not told before."""
    told = (before.reviewed_on, before.review) if before else (None, None)
    return after.review if (after.reviewed_on, after.review) != told else None


def _said(goal: Goal) -> GoalSaid:
    return GoalSaid(**{part.name: getattr(goal, part.name) for part in fields(GoalSaid)})
