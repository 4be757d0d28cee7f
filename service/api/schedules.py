"""How often each instrument is due on a case, refusals, and the reliabilities behind the reliable change index."""

from schemas.actions import Action
from schemas.payload import Page
from schemas.reliabilities import ReliabilityRecord, ReliabilitySchema
from schemas.schedules import RefusalRecord, RefusalSchema, ScheduleRecord, ScheduleSchema
from service.api.routes import Given, Listed, Routes, asks, listed, seen_or_none, takes
from service.casework import reliabilities, schedules
from service.casework.reliabilities import ReliabilityDraft
from service.casework.schedules import ScheduleDraft, ScheduleLine
from service.domain.reliable_change import StatedReliability
from service.domain.schedules import Refusal
from service.guard import current_actor, needs

routes = Routes("Schedules", "When each instrument is due on a case, and what stands behind statements about change.")


@routes.get("/cases/<id:case_id>/schedule", ScheduleRecord, many=True)
@needs(Action.INTAKE_READ)
def list_schedules(case_id: str) -> tuple[ScheduleLine, ...]:
    """Every instrument in use: what was agreed, when the client was last asked, when it falls due."""
    return schedules.read_schedules(current_actor(), case_id).lines


@routes.put("/cases/<id:case_id>/schedule/<instrument_key>", ScheduleRecord)
@needs(Action.SCHEDULE_SET)
@takes(ScheduleSchema)
def set_schedule(given: Given, case_id: str, instrument_key: str) -> ScheduleLine:
    """Agree on how often an instrument is due: as usual, at an own interval, paused, or not wanted."""
    version = seen_or_none(given)
    return schedules.set_schedule(current_actor(), case_id, instrument_key, ScheduleDraft(**given), version=version)


@routes.get("/cases/<id:case_id>/refusals", RefusalRecord, many=True)
@needs(Action.INTAKE_READ)
@asks(Page)
def list_refusals(asked: Given, case_id: str) -> Listed:
    """When the client was asked and declined, in time order."""
    return listed(schedules.read_schedules(current_actor(), case_id).refusals, asked)


@routes.post("/cases/<id:case_id>/schedule/<instrument_key>/refusals", RefusalRecord, status=201)
@needs(Action.INTAKE_DECLINE)
@takes(RefusalSchema)
def record_refusal(given: Given, case_id: str, instrument_key: str) -> Refusal:
    """Record that the client declined: it clears what is due until the next due date."""
    return schedules.record_refusal(current_actor(), case_id, instrument_key, given["declined_at"])


@routes.post("/refusals/<id:refusal_id>/withdraw", RefusalRecord)
@needs(Action.INTAKE_DECLINE)
def withdraw_refusal(refusal_id: str) -> Refusal:
    """Take back a refusal that was recorded by mistake."""
    return schedules.withdraw_refusal(current_actor(), refusal_id)


@routes.get("/reliabilities", ReliabilityRecord, many=True)
@needs(Action.RELIABILITY_READ)
@asks(Page)
def list_reliabilities(asked: Given) -> Listed:
    """All that were ever entered in the practice, newest first."""
    return listed(reliabilities.list_reliabilities(current_actor()), asked)


@routes.post("/reliabilities", ReliabilityRecord, status=201)
@needs(Action.RELIABILITY_SET)
@takes(ReliabilitySchema)
def enter_reliability(given: Given) -> StatedReliability:
    """Put a cited and approved reliability in use. Alpha of the practice's own clients is refused."""
    return reliabilities.enter_reliability(current_actor(), ReliabilityDraft(**given))


@routes.post("/reliabilities/<id:reliability_id>/withdraw", ReliabilityRecord)
@needs(Action.RELIABILITY_SET)
def withdraw_reliability(reliability_id: str) -> StatedReliability:
    """Take a reliability out of use; it stays in the list."""
    return reliabilities.withdraw_reliability(current_actor(), reliability_id)
