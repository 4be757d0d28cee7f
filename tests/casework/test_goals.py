"""Goals with their history: what the client said before, and what each look together brought."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete

from schemas.case_codes import GoalReview, TimelineKind
from schemas.vocabulary import GoalDomain, GoalStatus
from service.casework import goals, timeline
from service.casework.goals import GoalDraft
from service.domain.timeline import Wanted
from service.errors import Conflict, NotFound
from service.store.base import db
from service.store.goals import GoalVersionRow
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
FIRST = GoalDraft(GoalDomain.PERSONAL, "Sleep through the night")
LOOKED = replace(FIRST, reviewed_on=date(2026, 3, 2), review=GoalReview.HARDER)


def test_each_save_keeps_what_the_goal_said_and_a_look_is_told_once(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    goal = goals.save_goal(house.therapist, case_id, FIRST)
    reworded = replace(LOOKED, words="Sleep four nights", status=GoalStatus.REACHED)
    for draft in (LOOKED, LOOKED, reworded, replace(reworded, reviewed_on=date(2026, 4, 2))):
        goal = goals.save_goal(house.therapist, case_id, draft, goal_id=goal.id, version=goal.version)
    found = goals.read_goal(house.supervisor, case_id, goal.id).versions
    assert [(each.number, each.said.words, each.look) for each in found] == [
        (4, "Sleep four nights", GoalReview.HARDER),
        (3, "Sleep four nights", None),
        (2, "Sleep through the night", GoalReview.HARDER),
        (1, "Sleep through the night", None),
    ]
    assert {each.by for each in found} == {"Ana Núñez"}
    wanted = Wanted(frozenset({TimelineKind.GOAL}))
    lines = [each.words for each in timeline.read_timeline(house.therapist, case_id, wanted).happened]
    assert lines.count("Goal (Personal): looked at, Harder than before") == 2


def test_a_goal_that_is_older_than_its_versions_keeps_what_it_said_with_its_next_change(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    goal = goals.save_goal(house.therapist, case_id, LOOKED)
    db.session.execute(delete(GoalVersionRow))
    db.session.commit()
    goals.save_goal(house.therapist, case_id, replace(LOOKED, words="Rest"), goal_id=goal.id, version=goal.version)
    newest, first = goals.read_goal(house.therapist, case_id, goal.id).versions
    assert (newest.said.words, newest.by, newest.look) == ("Rest", "Ana Núñez", None)
    assert (first.said, first.by, first.look) == (LOOKED, "", GoalReview.HARDER)
    assert first.at == goal.updated_at


def test_a_refused_save_keeps_no_version_and_another_case_has_none(house: House) -> None:
    case_id, other = builders.add_case(house.therapist).id, builders.add_case(house.therapist).id
    goal = goals.save_goal(house.therapist, case_id, FIRST)
    with pytest.raises(Conflict):
        goals.save_goal(house.therapist, case_id, LOOKED, goal_id=goal.id, version=goal.version + 1)
    assert len(goals.read_goal(house.therapist, case_id, goal.id).versions) == 1
    for reader, where in ((house.therapist, other), (house.peer, case_id), (house.stranger, case_id)):
        with pytest.raises(NotFound):
            goals.read_goal(reader, where, goal.id)
