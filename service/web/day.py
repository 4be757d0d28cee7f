"""My day: today's sessions with attendance one tap away, and below what is due, most pressing first.

Rule: attendance is a fact about a session and nothing else; a tap can be undone for as long as the note is not signed.
"""

from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, request, url_for
from flask.wrappers import Response
from marshmallow import ValidationError

from schemas.actions import Action
from schemas.sessions import AttendanceSchema
from schemas.vocabulary import Attendance
from service.casework import caseloads, sessions, worklists
from service.casework.caseloads import Appointment
from service.domain import clock
from service.domain.contact_rules import CALLER_SCRIPT
from service.domain.workload import Due, Kind
from service.errors import Invalid
from service.guard import current_actor, needs
from service.web.case_frame import HEADINGS, place_of
from service.web.forms import form_page, read
from service.web.frame import done, show
from service.web.worklist import page_of

page = Blueprint("day", __name__)
MISSED = (Attendance.NO_SHOW, Attendance.SAFETY_CANCELLED)
ONE_TAP = (Attendance.ATTENDED, Attendance.LATE, Attendance.NO_SHOW)


@dataclass(frozen=True)
class Slot:
    """One appointment as the page shows it; `under_way` while its time runs, `missed` when the client was expected."""

    session: Appointment
    under_way: bool
    known: bool
    missed: bool


@dataclass(frozen=True)
class Waiting:
    """One due thing and where it is done."""

    due: Due
    url: str


@page.get("/day")
@needs(Action.DAY_READ)
def day() -> Response:
    today = caseloads.my_day(current_actor())
    return show(
        "pages/day/day.html",
        task="My day",
        day=today,
        slots=[_slot(each) for each in today.appointments],
        queues=queues_of(today.due),
        second=[(each, page_of(each)) for each in worklists.read_second_person(current_actor())],
        one_tap=[(each, each.label) for each in ONE_TAP],
        caller=CALLER_SCRIPT,
        others=[(each, each.label) for each in Attendance if each not in ONE_TAP],
    )


def _day_again(session_id: str) -> Response:
    """The day with what went wrong above it. Raises NotFound for a session that is not the reader's."""
    sessions.read_session(current_actor(), session_id)
    return day()


@page.post("/day/sessions/<session_id>/attendance")
@needs(Action.SESSION_WRITE)
@form_page(_day_again)
def set_attendance(session_id: str) -> Response:
    given = read(AttendanceSchema)
    before = sessions.read_session(current_actor(), session_id).session.attendance
    after = sessions.set_attendance(current_actor(), session_id, given["attendance"], version=given["version"])
    undo = url_for("day.undo_attendance", session_id=session_id, was=before, version=after.version)
    return done(url_for("day.day"), f"{after.attendance.label}. Saved.", undo)


@page.post("/day/sessions/<session_id>/attendance/undo")
@needs(Action.SESSION_WRITE)
@form_page(_day_again)
def undo_attendance(session_id: str) -> Response:
    """Put back what stood before the tap, unless somebody changed the session since."""
    given = _before_the_tap()
    sessions.set_attendance(current_actor(), session_id, given["attendance"], version=given["version"])
    return done(url_for("day.day"), "The attendance is as it was before.")


def queues_of(due: tuple[Due, ...]) -> list[tuple[str, list[Waiting]]]:
    """(heading, what waits) for each kind of which there is something, most pressing first."""
    kinds = [kind for kind in Kind if any(each.kind is kind for each in due)]
    return [(HEADINGS[kind], [Waiting(each, place_of(each)) for each in due if each.kind is kind]) for kind in kinds]


def _before_the_tap() -> dict[str, Any]:
    """Attendance and version from the address of the undo button, checked like a posted form. Raises Invalid."""
    given = {"attendance": request.args.get("was"), "version": request.args.get("version", type=int)}
    try:
        return cast(dict[str, Any], AttendanceSchema().load(given))
    except ValidationError as error:
        raise Invalid("This cannot be undone any more. Choose the attendance again.") from error


def _slot(each: Appointment) -> Slot:
    under_way, known = each.starts_at <= clock.now() < each.ends_at, each.attendance is not Attendance.PLANNED
    return Slot(each, under_way, known, missed=each.attendance in MISSED)
