"""Requests for the record: access and legal papers, released by two people."""

from schemas.actions import Action
from schemas.payload import Page, VersionOnly
from schemas.requests import (
    AskingSchema,
    ProposalSchema,
    RequestRecord,
    RequestRefusalSchema,
    SendBackSchema,
    TaskSchema,
)
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import requests
from service.casework.requests import TaskTold
from service.domain.requests import Asking, Proposal, Request
from service.guard import current_actor, needs

routes = Routes("Requests", "Requests for the record. Two people release; a subpoena alone lets nothing out.")


@routes.get("/cases/<id:case_id>/requests", RequestRecord, many=True)
@needs(Action.REQUEST_READ)
@asks(Page)
def list_requests(asked: Given, case_id: str) -> Listed:
    """Every request, newest first."""
    return listed(requests.read_requests(current_actor(), case_id).requests, asked)


@routes.post("/cases/<id:case_id>/requests", RequestRecord, status=201)
@needs(Action.REQUEST_WRITE)
@takes(AskingSchema)
def record_request(given: Given, case_id: str) -> Request:
    """Keep what came in; its tasks open with it."""
    return requests.record_request(current_actor(), case_id, Asking(**given))


@routes.get("/requests/<id:request_id>", RequestRecord)
@needs(Action.REQUEST_READ)
def read_request(request_id: str) -> Request:
    """One request."""
    return requests.read_request(current_actor(), request_id).request


@routes.post("/requests/<id:request_id>/tasks", RequestRecord)
@needs(Action.REQUEST_WRITE)
@takes(TaskSchema)
def finish_task(given: Given, request_id: str) -> Request:
    """Say what came of a task."""
    version = seen(given)
    return requests.finish_task(current_actor(), request_id, TaskTold(**given), version=version)


@routes.post("/requests/<id:request_id>/propose", RequestRecord)
@needs(Action.REQUEST_WRITE)
@takes(ProposalSchema)
def propose(given: Given, request_id: str) -> Request:
    """Name exactly what would leave."""
    version = seen(given)
    proposal = Proposal(tuple(given["classes"]), given["items"], since=given["since"], until=given["until"])
    return requests.propose(current_actor(), request_id, proposal, version=version)


@routes.post("/requests/<id:request_id>/approve", RequestRecord)
@needs(Action.REQUEST_RELEASE)
@takes(VersionOnly)
def approve(given: Given, request_id: str) -> Request:
    """Release it as second person; 409 for whoever proposed it."""
    return requests.approve(current_actor(), request_id, version=seen(given))


@routes.post("/requests/<id:request_id>/return", RequestRecord)
@needs(Action.REQUEST_RELEASE)
@takes(SendBackSchema)
def send_back(given: Given, request_id: str) -> Request:
    """Send it back as second person, saying what is to change."""
    version = seen(given)
    return requests.send_back(current_actor(), request_id, given["back"], version=version)


@routes.post("/requests/<id:request_id>/refuse", RequestRecord)
@needs(Action.REQUEST_WRITE)
@takes(RequestRefusalSchema)
def refuse(given: Given, request_id: str) -> Request:
    """Nothing is handed out, and why."""
    version = seen(given)
    return requests.refuse(current_actor(), request_id, given["reason"], words=given["words"], version=version)


@routes.post("/requests/<id:request_id>/close", RequestRecord)
@needs(Action.REQUEST_WRITE)
@takes(VersionOnly)
def close(given: Given, request_id: str) -> Request:
    """Nothing more leaves by it."""
    return requests.close(current_actor(), request_id, version=seen(given))
