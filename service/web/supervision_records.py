"""Supervision meetings, for the two who met: what was spoken about, what was decided, what is to be done, and hours.

Rule: it is nobody's chart. A case that is hidden from the reader is not on these pages, nor is what was said about it.
"""

from datetime import date

from flask import Blueprint, request, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.supervision_codes import SupervisionMode
from schemas.supervision_records import (
    ActionDoneSchema,
    CaseTouchedSchema,
    DecisionCopySchema,
    MeetingChangeSchema,
    MeetingSchema,
    SupervisionActionSchema,
    TargetSchema,
)
from service.casework import supervision_records
from service.casework.supervision_records import ActionDraft, CopyDesk, Desk, MeetingDraft
from service.domain import clock
from service.domain.supervision_records import Hours, TouchedWords
from service.guard import current_actor, current_practice, needs
from service.web import times
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("supervision_records", __name__)
MODES = tuple((str(each), each.label) for each in SupervisionMode)


@page.get("/supervision")
@needs(Action.SUPERVISION_LIST)
def meetings() -> Response:
    found = supervision_records.list_own(current_actor())
    return show(
        "pages/supervision_records/meetings.html",
        task="Supervision",
        found=found,
        lines=[(each, sum(to_do.done_at is None for to_do in each.actions)) for each in found.records],
        hours=[(each, told(each), each.supervisor_id == current_actor().user_id) for each in found.hours],
    )


@page.post("/supervision/target")
@needs(Action.SUPERVISION_TARGET)
@form_page(meetings)
def set_target() -> Response:
    given = read(TargetSchema)
    minutes = None if given["hours"] is None else round(given["hours"] * 60)
    supervision_records.set_target(current_actor(), given["therapist_id"], minutes)
    return done(url_for("supervision_records.meetings"), "Kept.")


@page.get("/supervision/new")
@needs(Action.SUPERVISION_ADD)
def new() -> Response:
    found = supervision_records.list_own(current_actor())
    return show(
        "pages/supervision_records/new.html",
        task="New supervision meeting",
        partners=found.partners,
        modes=MODES,
        today=_today(),
    )


@page.post("/supervision/new")
@needs(Action.SUPERVISION_ADD)
@form_page(new)
def add() -> Response:
    given = read(MeetingSchema)
    with_id = given.pop("with_id")
    kept = supervision_records.add_record(current_actor(), with_id, MeetingDraft(**given))
    return done(url_for("supervision_records.meeting", supervision_id=kept.id), "Meeting kept.")


@page.get("/supervision/<supervision_id>")
@needs(Action.SUPERVISION_READ)
def meeting(supervision_id: str) -> Response:
    desk = supervision_records.read_record(current_actor(), supervision_id)
    record = desk.record
    return show(
        "pages/supervision_records/meeting.html",
        task="Supervision meeting",
        desk=desk,
        record=record,
        today=_today(),
        facts=_facts(desk),
        two=[(record.supervisor_id, record.supervisor_name), (record.therapist_id, record.therapist_name)],
        further=[each for each in desk.choices if each[0] not in {part.case_id for part in record.touched}],
    )


@page.get("/supervision/<supervision_id>/change")
@needs(Action.SUPERVISION_WRITE)
def change(supervision_id: str) -> Response:
    record = supervision_records.read_record(current_actor(), supervision_id).record
    return show("pages/supervision_records/change.html", task="Supervision meeting", record=record, modes=MODES)


@page.post("/supervision/<supervision_id>/change")
@needs(Action.SUPERVISION_WRITE)
@form_page(change)
def save(supervision_id: str) -> Response:
    given = read(MeetingChangeSchema)
    version = given.pop("version")
    supervision_records.change_record(current_actor(), supervision_id, MeetingDraft(**given), version=version)
    return done(url_for("supervision_records.meeting", supervision_id=supervision_id), "Meeting kept.")


@page.get("/supervision/<supervision_id>/case")
@needs(Action.SUPERVISION_WRITE)
def case(supervision_id: str) -> Response:
    """What was said about one case: a new one, or the one that the address names after the question mark."""
    desk = supervision_records.read_record(current_actor(), supervision_id)
    wanted = request.values.get("case_id", "")
    return show(
        "pages/supervision_records/case.html",
        task="Supervision meeting",
        desk=desk,
        record=desk.record,
        part=next((each for each in desk.record.touched if each.case_id == wanted), None),
        wanted=wanted,
    )


@page.post("/supervision/<supervision_id>/case")
@needs(Action.SUPERVISION_WRITE)
@form_page(case)
def touch_case(supervision_id: str) -> Response:
    given = read(CaseTouchedSchema)
    words = TouchedWords(given["decisions"], given["risks"])
    supervision_records.touch_case(current_actor(), supervision_id, given["case_id"], words, version=given["version"])
    return done(url_for("supervision_records.meeting", supervision_id=supervision_id), "Kept.")


@page.post("/supervision/<supervision_id>/actions")
@needs(Action.SUPERVISION_WRITE)
@form_page(meeting)
def add_action(supervision_id: str) -> Response:
    given = read(SupervisionActionSchema)
    supervision_records.add_action(current_actor(), supervision_id, ActionDraft(**given))
    return done(url_for("supervision_records.meeting", supervision_id=supervision_id), "Kept.")


@page.post("/supervision/<supervision_id>/actions/<action_id>/done")
@needs(Action.SUPERVISION_WRITE)
@form_page(lambda supervision_id, action_id: meeting(supervision_id))
def set_done(supervision_id: str, action_id: str) -> Response:
    is_done = read(ActionDoneSchema)["done"]
    supervision_records.set_done(current_actor(), supervision_id, action_id, done=is_done)
    words = "Done." if is_done else "Open again."
    return done(url_for("supervision_records.meeting", supervision_id=supervision_id), words)


@page.get("/supervision/<supervision_id>/copy")
@needs(Action.SUPERVISION_COPY)
def copy(supervision_id: str) -> Response:
    """A decision on its way into the chart: where it goes, and that it cannot be taken back."""
    desk = supervision_records.read_copy(current_actor(), supervision_id, request.args.get("case_id", ""))
    return show(
        "pages/supervision_records/copy.html",
        task="Copy a decision",
        desk=desk,
        notes=[(each, times.moment(at, current_practice().zone)) for each, at in desk.notes],
        text=_as_addendum(desk),
    )


@page.post("/supervision/<supervision_id>/copy")
@needs(Action.SUPERVISION_COPY)
@form_page(copy)
def copy_decision(supervision_id: str) -> Response:
    given = read(DecisionCopySchema)
    session_id = supervision_records.copy_decision(current_actor(), supervision_id, given["note_id"], given["text"])
    return done(url_for("notes.reading", session_id=session_id), "Addendum kept.")


def told(hours: Hours) -> str:
    """Hours of this month against what was agreed, in words: "3.5 of 4 hours"."""
    had = f"{hours.minutes / 60:.3g}"
    return f"{had} hours" if hours.target_minutes is None else f"{had} of {hours.target_minutes / 60:.3g} hours"


def _as_addendum(desk: CopyDesk) -> str:
    if desk.touched is None or not desk.touched.decisions:
        return ""
    return f"Decided in supervision on {desk.record.held_on:%-d %B %Y}: {desk.touched.decisions}"


def _facts(desk: Desk) -> list[tuple[str, str]]:
    record = desk.record
    return [
        ("Held on", times.day(record.held_on, today=_today())),
        ("Length", f"{record.minutes} minutes"),
        ("How", record.mode.label),
        ("Supervisor", record.supervisor_name),
        ("Therapist", record.therapist_name),
    ]


def _today() -> date:
    return clock.today(current_practice().zone)
