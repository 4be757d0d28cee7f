"""The worklist of notes, sessions and arrived forms: what waits, where it is stuck, and the page on which it is done.

Rule: most pressing first; nothing is counted against anybody.
"""

from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.note_codes import WorkKind
from service.casework import worklists
from service.casework.worklists import Work
from service.guard import current_actor, needs
from service.web.frame import show

page = Blueprint("worklist", __name__)
WRITTEN_UP = frozenset({WorkKind.BLOCKED_NOW, WorkKind.BLOCKED, WorkKind.UNSIGNED, WorkKind.MISSING})


@dataclass(frozen=True)
class Line:
    """One row. `urgent` stands out by its shape."""

    work: Work
    url: str
    urgent: bool


@page.get("/worklist")
@needs(Action.WORKLIST_READ)
def worklist() -> Response:
    found = [_line(each) for each in worklists.read_worklist(current_actor())]
    return show(
        "pages/worklist/worklist.html",
        task="Worklist",
        parts=[
            ("Mine", "mine", [each for each in found if each.work.mine]),
            ("Therapists I supervise", "supervised", [each for each in found if not each.work.mine]),
        ],
        supervises=any(not each.work.mine for each in found),
    )


def page_of(work: Work) -> str:
    """The page on which it is done."""
    match work.kind:
        case WorkKind.JOINT:
            return url_for("joint.joint", session_id=work.session_id)
        case WorkKind.READING:
            return url_for("events.reading", event_id=work.subject_id)
        case WorkKind.ENDING:
            return url_for("episodes.answer", case_id=work.case_id)
        case WorkKind.HOLD:
            return url_for("walls.lift_hold", case_id=work.case_id)
        case WorkKind.PURGE:
            return url_for("walls.purge", case_id=work.case_id)
        case WorkKind.SUCCESSION:
            return url_for("successions.succession", succession_id=work.subject_id)
        case WorkKind.UNCOVERED:
            return url_for("cases.cover", case_id=work.case_id)
        case WorkKind.ARRIVED:
            return url_for("intakes.intake", intake_id=work.subject_id)
        case WorkKind.COSIGN if work.subject_id:
            return url_for("note_life.cosigning", note_id=work.subject_id)
        case WorkKind.LEAVING | WorkKind.SENT_BACK:
            return url_for("requests.request", request_id=work.subject_id)
        case _ if work.kind in WRITTEN_UP and work.mine:
            return url_for("sessions.session", session_id=work.session_id)
        case _:
            return url_for("notes.reading", session_id=work.session_id)


def _line(work: Work) -> Line:
    return Line(work, page_of(work), urgent=work.kind in (WorkKind.BLOCKED_NOW, WorkKind.MISSED))
