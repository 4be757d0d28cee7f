"""Cases: open, read, change part by part, close, cover, and the client's goals."""

from schemas.actions import Action
from schemas.cases import (
    CaseOpenSchema,
    CaseRecord,
    ClientChangeSchema,
    ContactChangeSchema,
    CoverSchema,
    GoalChangeSchema,
    GoalRecord,
    GoalSchema,
    GoalVersionRecord,
    OtherPersonChangeSchema,
    PresentationChangeSchema,
    ReachRecord,
    RecordSafetyChangeSchema,
)
from schemas.payload import Page
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import cases, goals, records
from service.casework.goals import GoalDraft
from service.domain.cases import (
    Case,
    Client,
    ContactPreferences,
    Goal,
    OtherPerson,
    RecordSafetyCheck,
    channels_of,
    presentation_of,
)
from service.domain.contact_rules import Reach
from service.guard import current_actor, needs

routes = Routes("Cases", "One client's record. Each part is changed as a whole, with the version that was seen.")


@routes.post("/cases", CaseRecord, status=201)
@needs(Action.CASE_OPEN)
@takes(CaseOpenSchema)
def open_case(given: Given) -> Case:
    """Start a record for an adult client; you become the therapist of the case."""
    opened_on, state = given.pop("opened_on"), given.pop("state")
    return cases.open_case(current_actor(), Client(**given), opened_on=opened_on, state=state)


@routes.get("/cases/<id:case_id>", CaseRecord)
@needs(Action.CASE_READ)
def read_case(case_id: str) -> Case:
    """The case with its client, contact preferences, presentation and episode."""
    return cases.read_case(current_actor(), case_id)


@routes.put("/cases/<id:case_id>/client", CaseRecord)
@needs(Action.CASE_CHANGE)
@takes(ClientChangeSchema)
def change_client(given: Given, case_id: str) -> Case:
    """Replace the client's details."""
    version = seen(given)
    return cases.change_client(current_actor(), case_id, Client(**given), version=version)


@routes.put("/cases/<id:case_id>/contact", CaseRecord)
@needs(Action.CASE_CHANGE)
@takes(ContactChangeSchema)
def change_contact(given: Given, case_id: str) -> Case:
    """Replace the contact preferences. A channel that is not named is never used."""
    version = seen(given)
    contact = ContactPreferences(channels_of(given.pop("channels")), **given)
    return cases.change_contact(current_actor(), case_id, contact, version=version)


@routes.get("/cases/<id:case_id>/reach", ReachRecord)
@needs(Action.CASE_READ)
def read_reach(case_id: str) -> Reach:
    """By which ways the client may be reached at this moment, as whom, and whether a message may be left."""
    return cases.read_reach(current_actor(), case_id)


@routes.put("/cases/<id:case_id>/record-safety", CaseRecord)
@needs(Action.RECORD_CHECK)
@takes(RecordSafetyChangeSchema)
def change_record_safety(given: Given, case_id: str) -> Case:
    """Keep the answers to "who else could see this record?"."""
    version = seen(given)
    return cases.record_safety_check(current_actor(), case_id, RecordSafetyCheck(**given), version=version)


@routes.put("/cases/<id:case_id>/other-person", CaseRecord)
@needs(Action.CASE_CHANGE)
@takes(OtherPersonChangeSchema)
def change_other_person(given: Given, case_id: str) -> Case:
    """Replace what is kept about the other person: a label and circumstances, never a name."""
    version = seen(given)
    return cases.change_other_person(current_actor(), case_id, OtherPerson(**given), version=version)


@routes.put("/cases/<id:case_id>/presentation", CaseRecord)
@needs(Action.CASE_CHANGE)
@takes(PresentationChangeSchema)
def change_presentation(given: Given, case_id: str) -> Case:
    """Replace the presenting status."""
    version = seen(given)
    return cases.change_presentation(current_actor(), case_id, presentation_of(given), version=version)


@routes.post("/cases/<id:case_id>/cover", status=204)
@needs(Action.CASE_ASSIGN)
@takes(CoverSchema)
def assign_cover(given: Given, case_id: str) -> None:
    """Let a colleague cover the case up to and including a day."""
    cases.assign_cover(current_actor(), case_id, given["account_id"], given["until"])


@routes.post("/cases/<id:case_id>/pass/<id:account_id>", status=204)
@needs(Action.CASE_PASS)
def pass_on(case_id: str, account_id: str) -> None:
    """Make a colleague who covers the case its therapist, for good."""
    cases.pass_on(current_actor(), case_id, account_id)


@routes.delete("/cases/<id:case_id>/cover/<id:account_id>")
@needs(Action.CASE_ASSIGN)
def end_cover(case_id: str, account_id: str) -> None:
    """End a cover before its day."""
    cases.end_cover(current_actor(), case_id, account_id)


@routes.get("/cases/<id:case_id>/goals", GoalRecord, many=True)
@needs(Action.CASE_READ)
@asks(Page)
def list_goals(asked: Given, case_id: str) -> Listed:
    """The goals of a case."""
    return listed(records.read_record(current_actor(), case_id, Action.CASE_READ).goals, asked)


@routes.post("/cases/<id:case_id>/goals", GoalRecord, status=201)
@needs(Action.GOAL_WRITE)
@takes(GoalSchema)
def add_goal(given: Given, case_id: str) -> Goal:
    """Add a goal in the client's own words."""
    return goals.save_goal(current_actor(), case_id, GoalDraft(**given))


@routes.get("/cases/<id:case_id>/goals/<id:goal_id>/versions", GoalVersionRecord, many=True)
@needs(Action.CASE_READ)
@asks(Page)
def list_goal_versions(asked: Given, case_id: str, goal_id: str) -> Listed:
    """What a goal says and what it said before, with what each look together brought, newest first."""
    return listed(goals.read_goal(current_actor(), case_id, goal_id).versions, asked)


@routes.put("/cases/<id:case_id>/goals/<id:goal_id>", GoalRecord)
@needs(Action.GOAL_WRITE)
@takes(GoalChangeSchema)
def change_goal(given: Given, case_id: str, goal_id: str) -> Goal:
    """Replace a goal."""
    version = seen(given)
    return goals.save_goal(current_actor(), case_id, GoalDraft(**given), goal_id=goal_id, version=version)
