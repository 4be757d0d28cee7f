"""Sessions: planning or recording one, and the editor in which session and note are written up.

Rule: the editor is one form, so that no button loses what another part of it holds. Its version names the session and
the note that were seen; one verb writes what differs from the record, both parts or neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as parts_of
from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, render_template, url_for
from flask.wrappers import Response
from marshmallow import fields

from schemas.actions import Action
from schemas.fields import CodedField, Line, Words
from schemas.notes import SECTION_LONGEST
from schemas.payload import Replacement
from schemas.session_codes import HomeworkDone, Intervention
from schemas.sessions import SessionSchema
from schemas.vocabulary import AskedAnswer, Attendance, NoteFormat, PlanRight, RiskStatus, SessionType
from service.casework import cases, sessions, write_ups
from service.casework.sessions import SessionDraft, drafted
from service.casework.write_ups import Kept, WriteUp
from service.domain import clock
from service.domain.contact_rules import CALLER_SCRIPT, reach_of_case
from service.domain.notes import in_format
from service.domain.sessions import TherapySession
from service.domain.workload import Kind
from service.errors import Invalid
from service.guard import current_actor, current_practice, needs
from service.web import times
from service.web.case_forms import menu
from service.web.case_frame import banner_of, event_url, place_of
from service.web.forms import current_form, form_page, read, wants_json
from service.web.frame import done, show
from service.web.handovers import HandedOver, lines_of
from service.web.notes import compare_page
from service.web.session_desk import Desk, bar, desk_of, note_fields, screen_url, token, typed_format, typed_sections

page = Blueprint("sessions", __name__)
USUAL_LENGTH = timedelta(minutes=50)
WORDS = {
    "risk_reason": "The reason about safety",
    "homework_reviewed": "More about the homework",
    "homework_given": "Homework given",
    "next_reason": "Why there is no next date",
}
CHOICES = {
    "types": SessionType,
    "attendances": Attendance,
    "privacies": AskedAnswer,
    "risks": RiskStatus,
    "plan_rights": PlanRight,
    "formats": NoteFormat,
    "interventions": Intervention,
    "homework_done": HomeworkDone,
}


class EditorSchema(Replacement, SessionSchema):
    """The whole editor. `then` says what follows saving: nothing, or `sign`."""

    format = CodedField(NoteFormat)
    sections = fields.Dict(keys=Line(40), values=Words(SECTION_LONGEST))
    version = Line(40)
    then = Line(10)


def options() -> dict[str, list[tuple[str, str]]]:
    """(code, label) of each closed list that the pages of a session offer."""
    return {name: [(str(code), code.label) for code in codes] for name, codes in CHOICES.items()}


@page.get("/cases/<case_id>/sessions/new")
@needs(Action.SESSION_WRITE)
def new(case_id: str) -> Response:
    case = cases.read_case(current_actor(), case_id)
    starts_at = clock.now().replace(minute=0, second=0, microsecond=0)
    return show(
        "pages/sessions/new.html",
        task=f"New session {case.code}",
        case=case,
        starts_at=starts_at,
        ends_at=starts_at + USUAL_LENGTH,
        options=options(),
    )


@page.post("/cases/<case_id>/sessions/new")
@needs(Action.SESSION_WRITE)
@form_page(new)
def record(case_id: str) -> Response:
    given = read(SessionSchema(only=("starts_at", "ends_at", "type", "place")))
    session = sessions.record_session(current_actor(), case_id, drafted(given))
    return done(url_for("sessions.session", session_id=session.id), "Session recorded.")


@page.get("/sessions/<session_id>")
@needs(Action.SESSION_READ)
def session(session_id: str) -> Response:
    """The editor, or the reading page where nothing can be written any more."""
    desk = desk_of(current_actor(), session_id)
    if not desk.is_open_to_writing:
        return Response(status=303, headers={"Location": url_for("notes.reading", session_id=session_id)})
    form = current_form()
    return show(
        "pages/sessions/session.html",
        task=f"Session note {desk.case.code}",
        banner=banner_of(desk.events),
        case=desk.case,
        desk=desk,
        rail=_rail(desk),
        caller=CALLER_SCRIPT,
        reach=reach_of_case(desk.case, clock.local(clock.now(), current_practice().zone), desk.session.attendance),
        goal_options=[(goal.id, goal.words) for goal in desk.goals],
        forms=menu(desk.case.id, session_id),
        note_fields=note_fields(desk, form),
        note_format=typed_format(desk, form),
        options=options(),
        bar=desk.bar(),
        screen_url=screen_url(desk.session),
        saved=f"Last saved {times.moment(desk.note.updated_at, current_practice().zone)}" if desk.note else "",
    )


def editor_again(session_id: str) -> Response:
    """After a refusal: the editor, or both texts side by side when it was the note that had moved on."""
    form = current_form()
    desk = desk_of(current_actor(), session_id)
    if desk.note is not None and form.stale and (desk.is_signed or set(form.theirs) == set(desk.note.sections)):
        return compare_page(desk.case, desk.note, typed_sections(form), also=_typed_facts(desk.session))
    return session(session_id)


@page.post("/sessions/<session_id>")
@needs(Action.SESSION_WRITE_UP)
@form_page(editor_again)
def save(session_id: str) -> Response:
    given = read(EditorSchema)
    kept = write_ups.write_up(current_actor(), session_id, _typed(given))
    if wants_json():
        return _saved(kept)
    if given["then"] == "sign" and kept.note is not None:
        return Response(status=303, headers={"Location": url_for("notes.sign", note_id=kept.note.id)})
    return done(url_for("sessions.session", session_id=session_id), "Draft saved.")


def _typed_facts(stored: TherapySession) -> dict[str, str]:
    """Typed words about the session that its record does not hold, by their heading."""
    typed = current_form()
    return {
        heading: typed.value(name)
        for name, heading in WORDS.items()
        if typed.value(name).strip() and typed.value(name).replace("\r\n", "\n") != getattr(stored, name)
    }


def _seen(version: str) -> tuple[int, int]:
    session_version, _, note_version = version.partition("-")
    if not (session_version.isdecimal() and note_version.isdecimal()):
        raise Invalid("The page cannot be read.", {"version": "Open the session again."})
    return int(session_version), int(note_version)


def _typed(given: Mapping[str, Any]) -> WriteUp:
    session_version, note_version = _seen(given.get("version", ""))
    note_format: NoteFormat = given["format"]
    return WriteUp(
        session=drafted({part.name: given[part.name] for part in parts_of(SessionDraft)}),
        session_version=session_version,
        format=note_format,
        sections=in_format(note_format, given["sections"]),
        note_version=note_version,
        empty_too=given["then"] == "format",
    )


def _saved(kept: Kept) -> Response:
    """The answer to a draft that saved itself, with the close order as it now stands."""
    steps = render_template("pages/sessions/_steps.html", bar=bar(kept.steps, kept.note, kept.session), saved="")
    saved_at = times.time_of_day(clock.now(), current_practice().zone)
    return jsonify(saved_at=saved_at, version=token(kept.session, kept.note), steps=steps)


@dataclass(frozen=True)
class Rail:
    """(words, address) of what waits, beside the editor."""

    events: tuple[tuple[str, str, str], ...]
    due: tuple[tuple[str, str, bool], ...]
    handed_over: tuple[HandedOver, ...]


def _rail(desk: Desk) -> Rail:
    """Follow-ups to record and what is due on the case; notes are left out, for the one in hand is one of them."""
    waiting = (each for each in desk.due if each.kind not in (Kind.NOW_EVENT, Kind.EVENT, Kind.NOTE))
    return Rail(
        events=tuple((each.level.label, each.prompt, event_url(each)) for each in desk.open_events),
        due=tuple((each.words, place_of(each), each.overdue) for each in waiting),
        handed_over=lines_of(desk.handovers),
    )
