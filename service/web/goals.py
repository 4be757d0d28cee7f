"""Goals of a case, in the client's own words: adding one and changing it.

Rule: the words are the client's; nothing measures a person by how many goals are reached.
"""

from typing import Any

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.case_codes import GoalReview
from schemas.cases import GoalChangeSchema, GoalSchema
from schemas.vocabulary import GoalDomain, GoalStatus
from service.casework import cases, goals, records
from service.casework.goals import GoalDraft
from service.domain.cases import Goal
from service.errors import NotFound
from service.guard import current_actor, needs
from service.web.cases import labels
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("goals", __name__)


@page.get("/cases/<case_id>/goals/new")
@needs(Action.GOAL_WRITE)
def new(case_id: str) -> Response:
    case = cases.read_case(current_actor(), case_id)
    return show("pages/goals/new.html", task=f"Goal {case.code}", case=case, **_choices())


@page.post("/cases/<case_id>/goals/new")
@needs(Action.GOAL_WRITE)
@form_page(new)
def add(case_id: str) -> Response:
    goals.save_goal(current_actor(), case_id, GoalDraft(**read(GoalSchema)))
    return _back(case_id)


@page.get("/cases/<case_id>/goals/<goal_id>")
@needs(Action.GOAL_WRITE)
def goal(case_id: str, goal_id: str) -> Response:
    record = records.read_record(current_actor(), case_id)
    wanted = _goal(record.goals, goal_id)
    return show("pages/goals/goal.html", task=f"Goal {record.case.code}", case=record.case, goal=wanted, **_choices())


@page.post("/cases/<case_id>/goals/<goal_id>")
@needs(Action.GOAL_WRITE)
@form_page(goal)
def save(case_id: str, goal_id: str) -> Response:
    given = read(GoalChangeSchema)
    version = given.pop("version")
    goals.save_goal(current_actor(), case_id, GoalDraft(**given), goal_id=goal_id, version=version)
    return _back(case_id)


@page.get("/cases/<case_id>/goals/<goal_id>/versions")
@needs(Action.CASE_READ)
def versions(case_id: str, goal_id: str) -> Response:
    """What it says and what it said before, with what each look together brought."""
    desk = goals.read_goal(current_actor(), case_id, goal_id)
    return show("pages/goals/versions.html", task=f"Goal {desk.case.code}", case=desk.case, desk=desk)


def _goal(goals: tuple[Goal, ...], goal_id: str) -> Goal:
    found = next((each for each in goals if each.id == goal_id), None)
    if found is None:
        raise NotFound
    return found


def _choices() -> dict[str, Any]:
    return {"domains": labels(GoalDomain), "statuses": labels(GoalStatus), "reviews": labels(GoalReview)}


def _back(case_id: str) -> Response:
    return done(url_for("cases.case", case_id=case_id, _anchor="goals"), "The goal is saved.")
