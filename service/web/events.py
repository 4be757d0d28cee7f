"""Safety events: those of a case, opening one that a person noticed, and recording what was done about it.

Rule: an event is never merged or deleted; it leaves the banner only when its follow-up is complete (domain.md 2.5).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.instruments import INSTRUMENTS
from schemas.safety_plans import DisposeSchema, EventOpenSchema
from schemas.vocabulary import Action, Disposition, EventLevel, EventStatus
from service.casework import cases, plans, records
from service.domain import clock
from service.domain.safety import DISPOSITION_TEXT_SHORTEST, FollowUp, SafetyEvent
from service.guard import current_actor, current_practice, needs
from service.web.case_frame import banner_of, event_url, tabs
from service.web.cases import labels, may
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("events", __name__)
NOTICED = "noticed"


@dataclass(frozen=True)
class EventLine:
    """One event as the pages show it."""

    event: SafetyEvent
    url: str
    opened_by: str
    is_open: bool


@page.get("/cases/<case_id>/events")
@needs(Action.EVENT_READ)
def events(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.EVENT_READ)
    lines = [line_of(each) for each in by_urgency(record.events)]
    return show(
        "pages/events/events.html",
        task=f"Safety events {record.case.code}",
        case=record.case,
        may=may(record.case),
        open_lines=[each for each in lines if each.is_open],
        past_lines=[each for each in lines if not each.is_open],
        tabs_of_case=tabs(record.case, "events.events"),
    )


@page.get("/cases/<case_id>/events/new")
@needs(Action.EVENT_OPEN)
def new(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.EVENT_OPEN)
    return show(
        "pages/events/new.html",
        task=f"Open a safety event {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        levels=labels(EventLevel),
        sessions=record.sessions[:10],
    )


@page.post("/cases/<case_id>/events/new")
@needs(Action.EVENT_OPEN)
@form_page(new)
def open_event(case_id: str) -> Response:
    given = read(EventOpenSchema)
    event = plans.open_event(
        current_actor(), case_id, given["level"], prompt=given["prompt"], session_id=given["session_id"]
    )
    return done(event_url(event), "The event is open. It stays in view until a follow-up is recorded.")


@page.get("/events/<event_id>")
@needs(Action.EVENT_READ)
def event(event_id: str) -> Response:
    found = plans.read_event(current_actor(), event_id)
    case = cases.read_case(current_actor(), found.case_id)
    return show(
        "pages/events/event.html",
        task=f"Safety event {case.code}",
        case=case,
        may=may(case),
        line=line_of(found),
        follow_up=found.follow_up,
        codes=labels(Disposition),
        shortest=DISPOSITION_TEXT_SHORTEST,
        now=clock.now(),
        today=clock.today(current_practice().zone),
        session_url=url_for("sessions.session", session_id=found.session_id) if found.session_id else "",
        log_url=url_for("intakes.intake", intake_id=found.intake_id) if found.intake_id else "",
    )


@page.post("/events/<event_id>")
@needs(Action.EVENT_DISPOSE)
@form_page(event)
def record_follow_up(event_id: str) -> Response:
    given = read(DisposeSchema)
    version = given.pop("version")
    found = plans.dispose_event(current_actor(), event_id, FollowUp(**given), version=version)
    return done(url_for("events.events", case_id=found.case_id), "The follow-up is recorded.")


def by_urgency(found: Iterable[SafetyEvent]) -> list[SafetyEvent]:
    """Open ones first, the soonest response on top; then the others, newest first."""
    newest = sorted(found, key=lambda each: each.opened_at, reverse=True)
    return sorted(newest, key=lambda each: list(EventLevel).index(each.level) if each.follow_up is None else 9)


def line_of(each: SafetyEvent) -> EventLine:
    return EventLine(each, event_url(each), _opened_by(each), each.status is EventStatus.OPEN)


def _opened_by(each: SafetyEvent) -> str:
    """What opened the event: a person, or the item of a log in its own words."""
    if each.rule == NOTICED or not each.item:
        return f"Noticed by {each.opened_by}"
    key, _, item = each.item.rpartition(".")
    found = next((form.item(item) for form in INSTRUMENTS if form.key == (key or form.key) and form.has(item)), None)
    return f"An answer in the log: {found.prompt if found else each.item}"
