"""Safety events, follow-ups and second readers, and the crisis lines of the practice."""

from dataclasses import dataclass
from datetime import date

from schemas.actions import Action
from schemas.events import (
    CrisisPanelRecord,
    CrisisPanelSchema,
    DisposeSchema,
    EventErrorSchema,
    EventListSchema,
    EventOpenSchema,
    EventRecord,
    EventReopenSchema,
    HappenedRecord,
    LateReadingsRecord,
    ReaderSchema,
    ReadersRecord,
    ReadingDeskRecord,
    ReadingSchema,
    WaitingReadingRecord,
)
from schemas.payload import Page
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import crisis, events, late_readings, records
from service.casework.crisis import PanelDraft, Readers
from service.casework.events import Reading, ReadingDesk
from service.casework.late_readings import LateReadings
from service.domain import clock
from service.domain.crisis import CrisisLine, CrisisPanel
from service.domain.events import FollowUp, SafetyEvent
from service.guard import current_actor, current_practice, needs

routes = Routes(
    "Events", "What a person must respond to, and the lines that a practice names. Nothing is ever deleted."
)


@dataclass(frozen=True)
class Panel:
    """The crisis lines as they stand today."""

    lines: tuple[CrisisLine, ...]
    confirmed_by: str
    confirmed_on: date | None
    confirm_by: date | None
    changed_by: str
    locked: str
    version: int


@routes.get("/cases/<id:case_id>/events", EventRecord, many=True)
@needs(Action.EVENT_READ)
@asks(EventListSchema)
def list_events(asked: Given, case_id: str) -> Listed:
    """The safety events of a case, newest first."""
    found = records.read_record(current_actor(), case_id, Action.EVENT_READ).events
    return listed([event for event in found if asked.get("status") in (None, event.status)], asked)


@routes.post("/cases/<id:case_id>/events", EventRecord, status=201)
@needs(Action.EVENT_OPEN)
@takes(EventOpenSchema)
def open_event(given: Given, case_id: str) -> SafetyEvent:
    """Open an event that a person noticed."""
    prompt, session_id = given["prompt"], given["session_id"]
    return events.open_event(current_actor(), case_id, given["level"], prompt=prompt, session_id=session_id)


@routes.get("/events/<id:event_id>", EventRecord)
@needs(Action.EVENT_READ)
def read_event(event_id: str) -> SafetyEvent:
    """One event with the follow-up that stands."""
    return events.read_event(current_actor(), event_id)


@routes.get("/events/<id:event_id>/history", HappenedRecord, many=True)
@needs(Action.EVENT_READ)
@asks(Page)
def list_history(asked: Given, event_id: str) -> Listed:
    """What happened to an event, oldest first: answers that joined it, follow-ups, second readers."""
    return listed(events.read_desk(current_actor(), event_id).history, asked)


@routes.post("/events/<id:event_id>/follow-up", EventRecord)
@needs(Action.EVENT_DISPOSE)
@takes(DisposeSchema)
def dispose_event(given: Given, event_id: str) -> SafetyEvent:
    """Record what was done about an event."""
    version = seen(given)
    return events.dispose_event(current_actor(), event_id, FollowUp(**given), version=version)


@routes.post("/events/<id:event_id>/reopen", EventRecord, status=201)
@needs(Action.EVENT_OPEN)
@takes(EventReopenSchema)
def reopen_event(given: Given, event_id: str) -> SafetyEvent:
    """Take an event up again: a new one that names it."""
    return events.reopen_event(current_actor(), event_id, given["level"], prompt=given["prompt"])


@routes.post("/events/<id:event_id>/error", EventRecord)
@needs(Action.EVENT_ERROR)
@takes(EventErrorSchema)
def say_error(given: Given, event_id: str) -> SafetyEvent:
    """Say that an event was entered in error; a second reader answers."""
    version = seen(given)
    return events.say_error(current_actor(), event_id, given["reason"], version=version)


@routes.get("/second-readings", WaitingReadingRecord, many=True)
@needs(Action.READINGS_LIST)
@asks(Page)
def list_readings(asked: Given) -> Listed:
    """What waits for you as second reader, longest first."""
    return listed(events.waiting_readings(current_actor()), asked)


@routes.get("/events/<id:event_id>/reading", ReadingDeskRecord)
@needs(Action.EVENT_SECOND_READ)
def read_reading(event_id: str) -> ReadingDesk:
    """An event as its second reader sees it."""
    return events.read_second_desk(current_actor(), event_id)


@routes.post("/events/<id:event_id>/reading", EventRecord)
@needs(Action.EVENT_SECOND_READ)
@takes(ReadingSchema)
def answer_reading(given: Given, event_id: str) -> SafetyEvent:
    """Answer as second reader. Whoever recorded what is read cannot."""
    version = seen(given)
    return events.read_second(current_actor(), event_id, Reading(**given), version=version)


@routes.get("/practice/late-readings", LateReadingsRecord)
@needs(Action.READINGS_LATE)
def list_late_readings() -> LateReadings:
    """What waited over 24 hours for a second reader, who can read it and who could be named."""
    return late_readings.late_readings(current_actor())


@routes.get("/practice/crisis-lines", CrisisPanelRecord)
@needs(Action.CRISIS_READ)
def read_crisis_lines() -> Panel:
    """The crisis lines of the practice, and why no instrument can be used, if none can."""
    return _panel(crisis.read_panel(current_actor()))


@routes.put("/practice/crisis-lines", CrisisPanelRecord)
@needs(Action.CRISIS_CHANGE)
@takes(CrisisPanelSchema)
def change_crisis_lines(given: Given) -> Panel:
    """Replace the lines and say who confirmed them."""
    lines = tuple(CrisisLine(**line) for line in given["lines"])
    draft = PanelDraft(lines, given["confirmed_by"], given["confirmed_on"])
    return _panel(crisis.change_panel(current_actor(), draft, version=given["version"]))


@routes.get("/practice/second-readers", ReadersRecord)
@needs(Action.READERS_CHANGE)
def list_readers() -> Readers:
    """Colleagues named as second readers, and who could be."""
    return crisis.read_readers(current_actor())


@routes.post("/practice/second-readers", status=204)
@needs(Action.READERS_CHANGE)
@takes(ReaderSchema)
def name_reader(given: Given) -> None:
    """Name a colleague as second reader."""
    crisis.name_reader(current_actor(), given["account_id"])


@routes.post("/practice/second-readers/end", status=204)
@needs(Action.READERS_CHANGE)
@takes(ReaderSchema)
def end_reader(given: Given) -> None:
    """End it."""
    crisis.end_reader(current_actor(), given["account_id"])


def _panel(found: CrisisPanel) -> Panel:
    return Panel(
        lines=found.lines,
        confirmed_by=found.confirmed_by,
        confirmed_on=found.confirmed_on,
        confirm_by=found.confirm_by,
        changed_by=found.changed_by,
        locked=found.locked(clock.today(current_practice().zone)),
        version=found.version,
    )
