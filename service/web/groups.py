"""A group session: one form, one session in the record of each client.

Rule: the form is the only place where the clients of a group stand together.
"""

from datetime import timedelta

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.sessions import GroupSchema
from schemas.vocabulary import Attendance, CaseStatus, NoteFormat
from service.casework import caseloads, group_sessions
from service.domain import clock
from service.guard import current_actor, needs
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("groups", __name__)
USUAL_LENGTH = timedelta(minutes=90)


@page.get("/group-sessions/new")
@needs(Action.GROUP_RECORD)
def new() -> Response:
    rows = caseloads.my_caseload(current_actor()).rows
    starts_at = clock.now().replace(minute=0, second=0, microsecond=0)
    return show(
        "pages/groups/new.html",
        task="Group session",
        clients=[row for row in rows if row.status is CaseStatus.OPEN],
        starts_at=starts_at,
        ends_at=starts_at + USUAL_LENGTH,
        formats=[(str(code), code.label) for code in NoteFormat],
        attendances=[(str(code), code.label) for code in Attendance],
    )


@page.post("/group-sessions/new")
@needs(Action.GROUP_RECORD)
@form_page(new)
def record() -> Response:
    made = group_sessions.record_group(current_actor(), group_sessions.grouped(read(GroupSchema)))
    words = f"Placed in {len(made)} records. Each is written up and signed on its own."
    return done(url_for("worklist.worklist"), words)
