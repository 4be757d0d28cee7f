"""The programme: its definition, how it stands on a case, what happened in it, and what a session touched."""

from schemas.actions import Action
from schemas.payload import Page
from schemas.programme.definition import Programme as Definition
from schemas.programmes import (
    ProgrammeBarrierSchema,
    ProgrammeConfirmationSchema,
    ProgrammeDefinitionRecord,
    ProgrammeEntryRecord,
    ProgrammeMoveSchema,
    ProgrammeRecord,
    ProgrammeRulersSchema,
    ProgrammeStepRecord,
    ProgrammeTaskRecord,
    ProgrammeTaskSchema,
    ProgrammeTouchedRecord,
    ProgrammeTouchedSchema,
)
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import programmes
from service.casework.programmes import ConfirmationDraft, Desk, MoveDraft, RulersDraft, SessionDesk, TaskDraft
from service.domain.programme import Entry, StepStanding, TaskStanding
from service.guard import current_actor, needs

routes = Routes("Programme", "Seven steps in any order. Nothing is ever removed, and nothing is counted.")


@routes.get("/programme", ProgrammeDefinitionRecord)
@needs(Action.PROGRAMME_DEFINITION)
def read_programme_definition() -> Definition:
    """The version in use: steps, tasks, questions, words for the session, cards."""
    return programmes.read_definition(current_actor())


@routes.get("/cases/<id:case_id>/programme", ProgrammeRecord)
@needs(Action.PROGRAMME_READ)
def read_programme(case_id: str) -> Desk:
    """How each step and task stands, and the conditions of step 5."""
    return programmes.read_programme(current_actor(), case_id)


@routes.get("/cases/<id:case_id>/programme/entries", ProgrammeEntryRecord, many=True)
@needs(Action.PROGRAMME_READ)
@asks(Page)
def list_programme_entries(asked: Given, case_id: str) -> Listed:
    """Everything that happened, newest first, with who and why; also what was taken back."""
    found = programmes.read_programme(current_actor(), case_id).programme.entries
    return listed(tuple(reversed(found)), asked)


@routes.post("/cases/<id:case_id>/programme/steps/<step_key>/moves", ProgrammeStepRecord)
@needs(Action.PROGRAMME_WRITE)
@takes(ProgrammeMoveSchema)
def move_programme_step(given: Given, case_id: str, step_key: str) -> StepStanding:
    """Move a step to one of its `ways`, with the reason; step 5 only while its conditions stand."""
    version = seen(given)
    moved = programmes.move_step(current_actor(), case_id, step_key, MoveDraft(**given), version=version)
    return moved.standing(moved.definition.step(step_key))


@routes.put("/cases/<id:case_id>/programme/tasks/<task_key>", ProgrammeTaskRecord)
@needs(Action.PROGRAMME_WRITE)
@takes(ProgrammeTaskSchema)
def set_programme_task(given: Given, case_id: str, task_key: str) -> TaskStanding:
    """Say how a task stands, with a note."""
    version = seen(given)
    after = programmes.set_task(current_actor(), case_id, task_key, TaskDraft(**given), version=version)
    return after.task_standing(after.definition.task(task_key))


@routes.post("/cases/<id:case_id>/programme/steps/<step_key>/rulers", ProgrammeEntryRecord, status=201)
@needs(Action.PROGRAMME_WRITE)
@takes(ProgrammeRulersSchema)
def take_programme_rulers(given: Given, case_id: str, step_key: str) -> Entry:
    """Keep a reading of the three rulers for a step."""
    return programmes.take_rulers(current_actor(), case_id, step_key, RulersDraft(**given))


@routes.post("/cases/<id:case_id>/programme/confirmations", ProgrammeEntryRecord, status=201)
@needs(Action.PROGRAMME_WRITE)
@takes(ProgrammeConfirmationSchema)
def confirm_programme_condition(given: Given, case_id: str) -> Entry:
    """Confirm a condition of step 5 by name and date."""
    return programmes.confirm_condition(current_actor(), case_id, ConfirmationDraft(**given))


@routes.post("/cases/<id:case_id>/programme/barriers", ProgrammeEntryRecord, status=201)
@needs(Action.PROGRAMME_WRITE)
@takes(ProgrammeBarrierSchema)
def name_programme_barrier(given: Given, case_id: str) -> Entry:
    """Write down what stands in the way, in the client's words."""
    return programmes.name_barrier(current_actor(), case_id, given["barrier"], given["words"])


@routes.post("/programme-entries/<id:entry_id>/take-back", ProgrammeEntryRecord)
@needs(Action.PROGRAMME_WRITE)
def take_back_programme_entry(entry_id: str) -> Entry:
    """Mark an entry as a mistake: a step or task within ten seconds, the rest at any time."""
    return programmes.take_back(current_actor(), entry_id)


@routes.get("/sessions/<id:session_id>/programme", ProgrammeTouchedRecord)
@needs(Action.PROGRAMME_READ)
def read_session_programme(session_id: str) -> SessionDesk:
    """Which steps and tasks a session touched."""
    return programmes.read_session_steps(current_actor(), session_id)


@routes.put("/sessions/<id:session_id>/programme", ProgrammeTouchedRecord)
@needs(Action.PROGRAMME_WRITE)
@takes(ProgrammeTouchedSchema)
def set_session_programme(given: Given, session_id: str) -> SessionDesk:
    """Say which steps and tasks a session touched, in place of what was said before."""
    return programmes.touch(current_actor(), session_id, given["touched"])
