"""Closed lists of the programme: how a step and a task stand, what an entry is, barriers, conditions and rulers.

Rule: no word counts, praises or measures a person; domain.md 2.6 and 2.7 name every member.
"""

from schemas.vocabulary import Coded


class StepState(Coded):
    """How one step stands on one case. A step may be left and taken up again, in any order."""

    NOT_STARTED = "not_started", "Not started"
    OFFERED = "offered", "Offered"
    ACTIVE = "active", "Working on it"
    PAUSED = "paused", "Paused"
    DONE_FOR_NOW = "done_for_now", "Done for the time being"
    NOT_SUITABLE = "not_suitable", "Not suitable now"
    REVISITING = "revisiting", "Coming back to it"


class TaskState(Coded):
    OFFERED = "offered", "Offered"
    DOING = "doing", "Doing it"
    DONE = "done", "Done"
    SKIPPED = "skipped", "Skipped"


class EntryKind(Coded):
    """What one row of the programme's history tells."""

    MOVE = "move", "Step"
    TASK = "task", "Task"
    RULERS = "rulers", "Rulers"
    CONFIRMATION = "confirmation", "Condition of step 5"
    BARRIER = "barrier", "Barrier"
    TOUCH = "touch", "Session"


class Barrier(Coded):
    """What can make it hard to go, to stay away or to get help: TR-4, and CH-3 and CH-4. Nobody is blamed for one."""

    MONEY = "money", "Money"
    HOUSING = "housing", "Somewhere to live"
    CHILDREN = "children", "Children"
    IMMIGRATION = "immigration", "Papers and the right to stay in the country"
    DISABILITY = "disability", "Illness, disability or care needs"
    THREATS = "threats", "Threats"
    FAITH_FAMILY = "faith_family", "Faith or family"
    LOVE_HOPE = "love_hope", "Love and hope"
    FELT_RESPONSIBILITY = "felt_responsibility", "Feeling responsible for the other person"
    FEAR_ALONE = "fear_alone", "Fear of being alone for good"


class Condition(Coded):
    """What must stand before step 5 begins (TR-7). The clinician confirms the last three."""

    NO_NOW_EVENT = "no_now_event", "Nothing is open that asks for a response now"
    PLAN_CURRENT = "plan_current", "A plan is in use and within its review date"
    COPING_TESTED = "coping_tested", "Ways to cope have been tried and at least one helps"
    TRAINED_CLINICIAN = "trained_clinician", "A clinician trained in this kind of work leads it"
    CLIENT_AGREES = "client_agrees", "The client knows what this step can bring up and agrees"


class Ruler(Coded):
    """0 to 10 in the client's own view, on one day. The last one is the client's sense, not a measure of danger."""

    IMPORTANCE = "importance", "How much this matters to you"
    CONFIDENCE = "confidence", "How sure you feel that you can do it"
    SAFE_TO_ACT = "safe_to_act", "How much room you have to act without it bringing you harm"
