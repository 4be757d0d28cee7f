"""Safety events: those of a case, opening one, recording its follow-up, taking one up again, and the second reader.

Rule: an event is never merged or deleted; it leaves the banner only while a complete follow-up stands (domain.md 2.5).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.event_codes import Disposition, EventStep, ReadingVerdict
from schemas.events import (
    DisposeSchema,
    EventErrorSchema,
    EventOpenSchema,
    EventReopenSchema,
    ReadingSchema,
)
from schemas.instruments import INSTRUMENTS
from schemas.vocabulary import EventLevel, EventStatus
from service.casework import cases, instruments, records
from service.casework import events as eventful
from service.casework.events import EventDesk, Reading, WaitingReading
from service.casework.note_readings import waiting_notes
from service.domain import clock
from service.domain.events import (
    ASK,
    NOBODY_WATCHES,
    NOTICED,
    READER_OVERDUE,
    TEXT_SHORTEST,
    FollowUp,
    Happened,
    SafetyEvent,
)
from service.guard import current_actor, current_practice, needs
from service.web import times
from service.web.case_frame import banner_of, event_url, tabs
from service.web.cases import labels, may
from service.web.forms import form_page, read
from service.web.frame import done, show
from service.web.practice import confirmed_words

page = Blueprint("events", __name__)
State = tuple[str, str]  # words, tone


@dataclass(frozen=True)
class EventLine:
    """One event as the pages show it. `history` are lines of a timeline."""

    event: SafetyEvent
    url: str
    opened_by: str
    ask: str = ASK
    history: tuple[tuple[str, str, str, str], ...] = ()
    can_be_error: bool = False


@dataclass(frozen=True)
class ReadingLine:
    """One waiting thing of a second reader's queue."""

    code: str
    event: SafetyEvent
    since: object
    overdue: bool
    url: str


@page.get("/cases/<case_id>/events")
@needs(Action.EVENT_READ)
def events(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.EVENT_READ)
    today = clock.today(record.practice.zone)
    lines = [line_of(each) for each in by_urgency(record.events)]
    waiting = [each for each in lines if each.event.wants_follow_up(today)]
    standing = [each for each in lines if each not in waiting and each.event.status is EventStatus.DISPOSED]
    return show(
        "pages/events/events.html",
        task=f"Safety events {record.case.code}",
        case=record.case,
        may=may(record.case),
        waiting=waiting,
        standing=standing,
        ended=[each for each in lines if each not in waiting and each not in standing],
        tabs_of_case=tabs(record.case, "events.events"),
    )


@page.get("/cases/<case_id>/events/new")
@needs(Action.EVENT_OPEN)
def new(case_id: str) -> Response:
    record, chosen = records.read_record(current_actor(), case_id, Action.EVENT_OPEN), request.args.get("session", "")
    older = [each for each in record.standing_sessions[10:] if each.id == chosen]
    return show(
        "pages/events/new.html",
        task=f"Open a safety event {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        levels=labels(EventLevel),
        sessions=[*record.standing_sessions[:10], *older],
        chosen=chosen,
    )


@page.post("/cases/<case_id>/events/new")
@needs(Action.EVENT_OPEN)
@form_page(new)
def open_event(case_id: str) -> Response:
    given = read(EventOpenSchema)
    opened = eventful.open_event(
        current_actor(), case_id, given["level"], prompt=given["prompt"], session_id=given["session_id"]
    )
    return done(event_url(opened), "The event is open. It stays in view until a follow-up is recorded.")


@page.get("/events/<event_id>")
@needs(Action.EVENT_READ)
def event(event_id: str) -> Response:
    desk = eventful.read_desk(current_actor(), event_id)
    found, today = desk.event, clock.today(desk.practice.zone)
    return show(
        "pages/events/event.html",
        task=f"Safety event {desk.case.code}",
        case=desk.case,
        may=may(desk.case),
        line=line_of(found, desk.history),
        crisis=desk.crisis,
        confirmed=confirmed_words(desk.crisis),
        remote=NOBODY_WATCHES if desk.remote else "",
        stuck=desk.stuck,
        can_follow_up=found.status in (EventStatus.OPEN, EventStatus.DISPOSED),
        can_end=_can_end(desk),
        can_reopen=found.status is not EventStatus.OPEN,
        codes=labels(Disposition),
        shortest=TEXT_SHORTEST,
        now=clock.now(),
        today=today,
        ways_on=_links(desk),
        states=_states(found, due=found.is_due_again(today)),
        is_due=found.left_behind or (found.check_on is not None and found.check_on <= today),
        told=told_of(found.follow_up, found.disposed_by),
    )


@page.post("/events/<event_id>")
@needs(Action.EVENT_DISPOSE)
@form_page(event)
def record_follow_up(event_id: str) -> Response:
    given = read(DisposeSchema)
    version = given.pop("version")
    found = eventful.dispose_event(current_actor(), event_id, FollowUp(**given), version=version)
    words = (
        "The follow-up is recorded and waits for a second reader." if found.awaiting else "The follow-up is recorded."
    )
    return done(url_for("events.events", case_id=found.case_id), words)


@page.get("/events/<event_id>/reopen")
@needs(Action.EVENT_OPEN)
def reopen(event_id: str) -> Response:
    return _form("reopen", "Take the event up again", event_id, levels=labels(EventLevel))


@page.post("/events/<event_id>/reopen")
@needs(Action.EVENT_OPEN)
@form_page(reopen)
def take_up(event_id: str) -> Response:
    given = read(EventReopenSchema)
    newer = eventful.reopen_event(current_actor(), event_id, given["level"], prompt=given["prompt"])
    return done(event_url(newer), "A new event is open. It names the earlier one.")


@page.get("/events/<event_id>/error")
@needs(Action.EVENT_ERROR)
def error(event_id: str) -> Response:
    return _form("error", "Entered in error", event_id, shortest=TEXT_SHORTEST)


@page.post("/events/<event_id>/error")
@needs(Action.EVENT_ERROR)
@form_page(error)
def say_error(event_id: str) -> Response:
    given = read(EventErrorSchema)
    found = eventful.say_error(current_actor(), event_id, given["reason"], version=given["version"])
    return done(event_url(found), "A second reader is asked. Until then the event stays as it is.")


@page.get("/second-readings")
@needs(Action.READINGS_LIST)
def readings() -> Response:
    found = eventful.waiting_readings(current_actor())
    return show(
        "pages/events/readings.html",
        task="Second reader",
        lines=[_reading_line(each) for each in found],
        notes=[(each, clock.now() - each.since >= READER_OVERDUE) for each in waiting_notes(current_actor())],
    )


@page.get("/events/<event_id>/reading")
@needs(Action.EVENT_SECOND_READ)
def reading(event_id: str) -> Response:
    desk = eventful.read_second_desk(current_actor(), event_id)
    reasons = [each.text for each in desk.history if each.step is EventStep.ERROR_SAID]
    return show(
        "pages/events/reading.html",
        task=f"Second reader {desk.code}",
        desk=desk,
        line=_timeline(desk.history),
        told=told_of(desk.event.follow_up or _last_told(desk.history), desk.event.disposed_by),
        reason=reasons[-1] if reasons else "",
        verdicts=[each for each in labels(ReadingVerdict) if each[0] != ReadingVerdict.STEPPED or not desk.no_step],
        awaiting=desk.event.awaiting.label if desk.event.awaiting else "Nothing waits here for a second reader.",
        opened=_opened_by(desk.event),
    )


@page.post("/events/<event_id>/reading")
@needs(Action.EVENT_SECOND_READ)
@form_page(reading)
def answer_reading(event_id: str) -> Response:
    given = read(ReadingSchema)
    answer = Reading(given["verdict"], given["text"])
    eventful.read_second(current_actor(), event_id, answer, version=given["version"])
    return done(url_for("events.readings"), "Your answer is recorded.")


def by_urgency(found: Iterable[SafetyEvent]) -> list[SafetyEvent]:
    """The soonest response on top, each level newest first."""
    newest = sorted(found, key=lambda each: each.opened_at, reverse=True)
    return sorted(newest, key=lambda each: list(EventLevel).index(each.level))


def line_of(each: SafetyEvent, history: Iterable[Happened] = ()) -> EventLine:
    can_be_error = each.status is not EventStatus.WRONG and (each.awaiting is None or each.awaiting != "error")
    return EventLine(each, event_url(each), _opened_by(each), history=_timeline(history), can_be_error=can_be_error)


def told_of(follow_up: FollowUp | None, by: str) -> list[tuple[str, str]]:
    """(name, value) of a follow-up; what its code did not ask for is left out."""
    if follow_up is None:
        return []
    zone = current_practice().zone
    today = clock.today(zone)
    besides = [
        ("Who, or which tool", follow_up.named),
        ("Date of the tool", times.day(follow_up.on, today=today) if follow_up.on else ""),
        ("In particular", follow_up.detail),
    ]
    ends = "No further date: this was the check" if follow_up.ends else ""
    return [
        ("What was done", follow_up.code.label),
        ("Offered", follow_up.offered),
        ("What the client wanted", follow_up.client_wish),
        ("Who decided", follow_up.decided_by),
        *((name, value) for name, value in besides if value),
        ("When", times.moment(follow_up.at, zone)),
        ("Next check", times.day(follow_up.next_check, today=today) if follow_up.next_check else ends),
        ("What happened", follow_up.text),
        ("Recorded by", by),
    ]


def _form(name: str, task: str, event_id: str, **context: Any) -> Response:
    found = eventful.read_event(current_actor(), event_id)
    case = cases.read_case(current_actor(), found.case_id)
    return show(f"pages/events/{name}.html", task=f"{task} {case.code}", case=case, line=line_of(found), **context)


def _states(found: SafetyEvent, *, due: bool) -> list[State]:
    tone = "urgent" if found.level is EventLevel.NOW else "attention"
    wanted = found.status is EventStatus.OPEN or due or found.left_behind
    states: list[State] = [(found.level.label, tone if wanted else "quiet")]
    states += [] if found.status is EventStatus.OPEN else [(found.status.label, "done")]
    states += [("Check date has passed", "attention")] if due else []
    states += [("A session came after the follow-up", "attention")] if found.left_behind else []
    states += [("Waits for a second reader", "part")] if found.awaiting else []
    states += [("Stepped to today by a second reader", "part")] if found.is_stepped else []
    return states


def _links(desk: EventDesk) -> list[tuple[str, str]]:
    found = desk.event
    links = [("The session", url_for("sessions.session", session_id=found.session_id))] if found.session_id else []
    links += [("The log", url_for("intakes.intake", intake_id=found.intake_id))] if found.intake_id else []
    links += [("The earlier event", url_for("events.event", event_id=found.earlier_id))] if found.earlier_id else []
    if desk.event.awaiting and Action.EVENT_SECOND_READ in desk.case.may:
        links.append(("Second reader", url_for("events.reading", event_id=found.id)))
    return [*links, *(("Taken up again", event_url(each)) for each in desk.later)]


def _can_end(desk: EventDesk) -> bool:
    """A follow-up can be the last one when another was recorded on an earlier day."""
    zone = desk.practice.zone
    days = [clock.local(each.at, zone).date() for each in desk.history if each.step is EventStep.FOLLOWED_UP]
    return bool(days) and max(days) < clock.today(zone)


def _last_told(history: Iterable[Happened]) -> FollowUp | None:
    return next((each.follow_up for each in reversed(tuple(history)) if each.follow_up), None)


def _timeline(history: Iterable[Happened]) -> tuple[tuple[str, str, str, str], ...]:
    """(machine time, time in words, text, address), newest first as timelines are."""
    zone = current_practice().zone
    return tuple(
        (each.at.isoformat(), times.moment(each.at, zone), _words(each), _log_url(each))
        for each in reversed(tuple(history))
    )


def _words(each: Happened) -> str:
    done_what = each.follow_up.code.label if each.follow_up else each.text
    return f"{each.step.label}, {each.by}" + (f": {done_what}" if done_what else "")


def _log_url(each: Happened) -> str:
    return url_for("intakes.intake", intake_id=each.intake_id) if each.intake_id else ""


def _reading_line(each: WaitingReading) -> ReadingLine:
    late = clock.now() - each.since >= READER_OVERDUE
    return ReadingLine(each.code, each.event, each.since, late, url_for("events.reading", event_id=each.event.id))


def _opened_by(each: SafetyEvent) -> str:
    """What opened the event: a person, or the item of a log in its own words."""
    if each.rule == NOTICED or not each.item:
        return f"Noticed by {each.opened_by}"
    key, _, item = each.item.rpartition(".")
    forms = (*INSTRUMENTS, *instruments.every_version(current_actor(), key))
    found = next((form.item(item) for form in forms if form.key == (key or form.key) and form.has(item)), None)
    return f"An answer in the log: {found.prompt if found else each.item}"
