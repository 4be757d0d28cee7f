"""What the sessions of the demo practice worked on: a goal most weeks, homework looked at.

Rule: follows from the number of the session alone, and leaves some ends loose, as sessions do.
"""

from collections.abc import Sequence

from schemas.session_codes import Intervention
from schemas.vocabulary import RiskStatus
from service.domain.session_work import NO_WORK, Work

CHANGE = "They moved to another part of town; talked through at once, and the plan was gone through."
WORKED_WITH = (
    (Intervention.PSYCHOEDUCATION, Intervention.REGULATION_SKILLS),
    (Intervention.SAFETY_PLANNING,),
    (Intervention.RELAPSE_URGE_WORK, Intervention.MOTIVATIONAL),
    (Intervention.BOUNDARY_PRACTICE,),
    (Intervention.GRIEF, Intervention.VALUES_IDENTITY),
)


def risk_of(number: int) -> RiskStatus:
    """Once in seven sessions something changed, which was talked through there and then."""
    return RiskStatus.ASKED_CHANGED if number % 7 == 5 else RiskStatus.ASKED_NOTHING_NEW


def reason_of(number: int) -> str:
    return CHANGE if risk_of(number) is RiskStatus.ASKED_CHANGED else ""


def worked_on(number: int, goal_ids: Sequence[str], *, held: bool) -> Work:
    """Session `number` of a story, counted from 0; every fourth names no goal."""
    if not held:
        return NO_WORK
    return Work(
        interventions=WORKED_WITH[number % len(WORKED_WITH)],
        modality="Drawing the week as a line" if number % 6 == 2 else "",
        goal_ids=() if number % 4 == 3 or not goal_ids else (goal_ids[number % len(goal_ids)],),
    )
