"""Supervision meetings of the two who met. They are no part of a case: no resource, export or report holds them."""

from schemas.actions import Action
from schemas.payload import Page
from schemas.supervision_records import (
    ActionDoneSchema,
    CaseTouchedSchema,
    MeetingChangeSchema,
    MeetingSchema,
    SupervisionActionSchema,
    SupervisionRecordRecord,
)
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import supervision_records
from service.casework.supervision_records import ActionDraft, MeetingDraft
from service.domain.supervision_records import SupervisionRecord, TouchedWords
from service.guard import current_actor, needs

routes = Routes("Supervision meetings", "Meetings of a supervisor and a therapist, read by the two of them alone.")


@routes.get("/supervision-meetings", SupervisionRecordRecord, many=True)
@needs(Action.SUPERVISION_LIST)
@asks(Page)
def list_meetings(asked: Given) -> Listed:
    """Own meetings on either side, newest first."""
    return listed(supervision_records.list_own(current_actor()).records, asked)


@routes.post("/supervision-meetings", SupervisionRecordRecord, status=201)
@needs(Action.SUPERVISION_ADD)
@takes(MeetingSchema)
def add_meeting(given: Given) -> SupervisionRecord:
    """Record a meeting with one's supervisor or supervisee."""
    with_id = given.pop("with_id")
    return supervision_records.add_record(current_actor(), with_id, MeetingDraft(**given))


@routes.get("/supervision-meetings/<id:supervision_id>", SupervisionRecordRecord)
@needs(Action.SUPERVISION_READ)
def read_meeting(supervision_id: str) -> SupervisionRecord:
    """One meeting; cases that are hidden from the reader are not in it."""
    return supervision_records.read_record(current_actor(), supervision_id).record


@routes.put("/supervision-meetings/<id:supervision_id>", SupervisionRecordRecord)
@needs(Action.SUPERVISION_WRITE)
@takes(MeetingChangeSchema)
def change_meeting(given: Given, supervision_id: str) -> SupervisionRecord:
    """Change the facts and the general words."""
    version = seen(given)
    return supervision_records.change_record(current_actor(), supervision_id, MeetingDraft(**given), version=version)


@routes.post("/supervision-meetings/<id:supervision_id>/cases", SupervisionRecordRecord)
@needs(Action.SUPERVISION_WRITE)
@takes(CaseTouchedSchema)
def touch_case(given: Given, supervision_id: str) -> SupervisionRecord:
    """Keep what was said about a case; `version` is that of what was said before."""
    words = TouchedWords(given["decisions"], given["risks"])
    return supervision_records.touch_case(
        current_actor(), supervision_id, given["case_id"], words, version=given["version"]
    )


@routes.post("/supervision-meetings/<id:supervision_id>/actions", SupervisionRecordRecord, status=201)
@needs(Action.SUPERVISION_WRITE)
@takes(SupervisionActionSchema)
def add_action(given: Given, supervision_id: str) -> SupervisionRecord:
    """Agree on something that one of the two does until a day."""
    return supervision_records.add_action(current_actor(), supervision_id, ActionDraft(**given))


@routes.post("/supervision-meetings/<id:supervision_id>/actions/<id:action_id>/done", SupervisionRecordRecord)
@needs(Action.SUPERVISION_WRITE)
@takes(ActionDoneSchema)
def set_done(given: Given, supervision_id: str, action_id: str) -> SupervisionRecord:
    """Say that an action is done, or that it is not after all."""
    return supervision_records.set_done(current_actor(), supervision_id, action_id, done=given["done"])
