"""A session together with the other person: what stands in the way, asking the supervisor, and the decision.

Rule: blocked until a supervisor agrees. The page is never shown to the client's screen.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.note_codes import NoteStep
from schemas.notes import JointDecisionSchema, JointSchema
from service.casework import joint_sessions
from service.domain import clock
from service.domain.note_life import (
    ANSWERS,
    REASON_SHORTEST,
    Screening,
    Taken,
    joint_agreed,
    joint_allowed,
    last,
    moved_away,
    waiting,
)
from service.domain.sessions import TherapySession
from service.guard import current_actor, current_practice, needs
from service.web import times
from service.web.case_frame import banner_of
from service.web.forms import form_page, read
from service.web.frame import done, show
from service.web.session_desk import desk_of

page = Blueprint("joint", __name__)


@page.get("/sessions/<session_id>/joint")
@needs(Action.SESSION_READ)
def joint(session_id: str) -> Response:
    desk = desk_of(current_actor(), session_id)
    asked = waiting(desk.trail, NoteStep.JOINT_ASKED)
    told = asked or last(desk.trail, NoteStep.JOINT_ASKED)
    answer = last(desk.trail, *ANSWERS[NoteStep.JOINT_ASKED])
    zone = current_practice().zone
    day = clock.local(desk.session.starts_at, zone).date()
    stands = asked is not None or joint_agreed(desk.trail) is not None
    is_open = not (desk.is_signed or asked or joint_allowed(desk.trail, day))
    return show(
        "pages/joint/joint.html",
        task=f"Joint session {desk.case.code}",
        banner=banner_of(desk.events),
        case=desk.case,
        session=desk.session,
        told=_told(told) if told else [],
        moved=told is not None and stands and moved_away(told.words, day),
        answer=(answer.step.label, answer.by, times.moment(answer.at, zone), answer.words.text)
        if answer and not asked
        else None,
        can_ask=Action.JOINT_ASK in desk.case.may and is_open,
        can_decide=Action.JOINT_DECIDE in desk.case.may and asked is not None,
        waits=asked is not None,
        stuck=joint_sessions.why_stuck(current_actor(), session_id) if is_open or asked else "",
        shortest=REASON_SHORTEST,
    )


@page.post("/sessions/<session_id>/joint")
@needs(Action.JOINT_ASK)
@form_page(joint)
def ask(session_id: str) -> Response:
    given = read(JointSchema)
    reason = given.pop("reason")
    view = joint_sessions.ask_joint(current_actor(), session_id, Screening(**given), reason)
    return _done(view.session, "The supervisor is asked. Until then the session stays blocked.")


@page.post("/sessions/<session_id>/joint/decision")
@needs(Action.JOINT_DECIDE)
@form_page(joint)
def decide(session_id: str) -> Response:
    given = read(JointDecisionSchema)
    view = joint_sessions.decide_joint(current_actor(), session_id, given["reason"], allowed=given["allowed"])
    return _done(view.session, "The decision is recorded.")


def _told(asked: Taken) -> list[tuple[str, str]]:
    screening, for_day = asked.words.screening, asked.words.for_day
    if screening is None:
        return []
    today = clock.today(current_practice().zone)
    return [
        *([("For the session on", times.day(for_day, today=today))] if for_day else []),
        ("Client screened alone", f"{times.day(screening.client_on, today=today)}, by {screening.client_by}"),
        ("Other person screened alone", f"{times.day(screening.other_on, today=today)}, by {screening.other_by}"),
        ("Why", asked.words.text),
        ("Asked by", asked.by),
    ]


def _done(session: TherapySession, words: str) -> Response:
    return done(url_for("joint.joint", session_id=session.id), words)
