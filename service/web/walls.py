"""Who may reach a case: restriction, people kept away, legal hold, purge, and opening one in an emergency.

Rule: each step is a page of its own that names the consequence, asks for a reason, and for who is at the screen.
"""

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.wall_codes import WallStep
from schemas.walls import GlassSchema, PersonSchema, RetentionSchema, WallReasonSchema
from service.casework import purging
from service.casework import walls as casework
from service.casework.walls import WallDesk
from service.domain.access import role_may
from service.domain.retention import RetentionRule
from service.guard import current_actor, needs
from service.web.forms import form_page, read
from service.web.frame import done, go, show

page = Blueprint("walls", __name__)


@dataclass(frozen=True)
class StepWords:
    """What a step is called, what follows from it, and its button."""

    title: str
    consequence: str
    button: str


WORDS = {
    WallStep.RESTRICT: StepWords(
        "Restrict this case",
        "From now on only its therapist and who covers it can reach it. For everybody else, supervisors too, it is not "
        "there: no search, count, list or emergency opening shows it.",
        "Restrict it",
    ),
    WallStep.OPEN_UP: StepWords(
        "Open this case up", "The supervisor of its therapist can reach it again.", "Open it up"
    ),
    WallStep.BLOCK: StepWords(
        "Keep somebody away",
        "Whatever their role, for this person the case is not there. It beats cover, supervision and emergencies.",
        "Keep this person away",
    ),
    WallStep.UNBLOCK: StepWords(
        "No longer keep somebody away", "The person can reach the case again as their role allows.", "Let them reach it"
    ),
    WallStep.HOLD: StepWords(
        "Set a legal hold", "Nothing of this case can be purged until two people lift the hold.", "Set the hold"
    ),
    WallStep.LIFT_HOLD: StepWords(
        "Lift the legal hold", "One person asks, another agrees. Then the record can be purged after its time.", "Go on"
    ),
    WallStep.KEEP_HOLD: StepWords(
        "Leave the legal hold on",
        "The hold stays, and what was asked for is over. Whoever asked reads the reason under Who may reach this case. "
        "It can be asked for again.",
        "Leave the hold on",
    ),
    WallStep.KEEP_RECORD: StepWords(
        "Leave this record",
        "Nothing is destroyed, and what was asked for is over. Whoever asked reads the reason under Who may reach this "
        "case. It can be asked for again.",
        "Leave the record",
    ),
    WallStep.PURGE: StepWords(
        "Purge this record",
        "One person asks, another agrees. Then every key of the case is destroyed: nobody can read anything of it "
        "again, not from a backup either. It cannot be undone. A dated certificate stays, which names no client.",
        "Go on",
    ),
}


@page.get("/cases/<case_id>/walls")
@needs(Action.WALLS_READ)
def walls(case_id: str) -> Response:
    desk = casework.read_walls(current_actor(), case_id)
    may = desk.case.may
    return show(
        "pages/walls/walls.html",
        task=f"Who may reach {desk.case.code}",
        case=desk.case,
        desk=desk,
        asked_lift=desk.waits(WallStep.LIFT_HOLD),
        asked_purge=desk.waits(WallStep.PURGE),
        may_name=Action.CASE_ASSIGN in may,
        may_restrict=Action.CASE_RESTRICT in may,
        may_block=Action.CASE_BLOCK in may,
        may_hold=Action.CASE_HOLD in may,
        may_lift=Action.HOLD_LIFT in may,
        may_purge=Action.CASE_PURGE in may,
    )


@page.get("/cases/<case_id>/walls/restrict")
@needs(Action.CASE_RESTRICT)
def restrict(case_id: str) -> Response:
    return _form(case_id, WallStep.RESTRICT, "walls.set_restriction")


@page.post("/cases/<case_id>/walls/restrict")
@needs(Action.CASE_RESTRICT)
@form_page(restrict)
def set_restriction(case_id: str) -> Response:
    casework.restrict(current_actor(), case_id, read(WallReasonSchema)["reason"], wanted=True)
    return _after(case_id, "Restricted.")


@page.get("/cases/<case_id>/walls/open-up")
@needs(Action.CASE_RESTRICT)
def open_up(case_id: str) -> Response:
    return _form(case_id, WallStep.OPEN_UP, "walls.end_restriction")


@page.post("/cases/<case_id>/walls/open-up")
@needs(Action.CASE_RESTRICT)
@form_page(open_up)
def end_restriction(case_id: str) -> Response:
    casework.restrict(current_actor(), case_id, read(WallReasonSchema)["reason"], wanted=False)
    return _after(case_id, "No longer restricted.")


@page.get("/cases/<case_id>/walls/block")
@needs(Action.CASE_BLOCK)
def block(case_id: str) -> Response:
    return _form(case_id, WallStep.BLOCK, "walls.keep_away")


@page.post("/cases/<case_id>/walls/block")
@needs(Action.CASE_BLOCK)
@form_page(block)
def keep_away(case_id: str) -> Response:
    given = read(PersonSchema)
    casework.block(current_actor(), case_id, given["account_id"], given["reason"])
    return _after(case_id, "This person no longer finds the case.")


@page.get("/cases/<case_id>/walls/unblock")
@needs(Action.CASE_BLOCK)
def unblock(case_id: str) -> Response:
    return _form(case_id, WallStep.UNBLOCK, "walls.let_in")


@page.post("/cases/<case_id>/walls/unblock")
@needs(Action.CASE_BLOCK)
@form_page(unblock)
def let_in(case_id: str) -> Response:
    given = read(PersonSchema)
    casework.unblock(current_actor(), case_id, given["account_id"], given["reason"])
    return _after(case_id, "No longer kept away.")


@page.get("/cases/<case_id>/walls/hold")
@needs(Action.CASE_HOLD)
def hold(case_id: str) -> Response:
    return _form(case_id, WallStep.HOLD, "walls.set_hold")


@page.post("/cases/<case_id>/walls/hold")
@needs(Action.CASE_HOLD)
@form_page(hold)
def set_hold(case_id: str) -> Response:
    casework.hold(current_actor(), case_id, read(WallReasonSchema)["reason"])
    return _after(case_id, "The hold is set.")


@page.get("/cases/<case_id>/walls/lift-hold")
@needs(Action.HOLD_LIFT)
def lift_hold(case_id: str) -> Response:
    return _form(case_id, WallStep.LIFT_HOLD, "walls.ask_to_lift")


@page.post("/cases/<case_id>/walls/lift-hold")
@needs(Action.HOLD_LIFT)
@form_page(lift_hold)
def ask_to_lift(case_id: str) -> Response:
    lifted = casework.lift_hold(current_actor(), case_id, read(WallReasonSchema)["reason"])
    return _after(case_id, "The hold is lifted." if lifted else "Asked. A second person must agree.")


@page.get("/cases/<case_id>/walls/leave-held")
@needs(Action.HOLD_LIFT)
def leave_held(case_id: str) -> Response:
    return _form(case_id, WallStep.KEEP_HOLD, "walls.keep_hold")


@page.post("/cases/<case_id>/walls/leave-held")
@needs(Action.HOLD_LIFT)
@form_page(leave_held)
def keep_hold(case_id: str) -> Response:
    casework.leave(current_actor(), case_id, WallStep.LIFT_HOLD, read(WallReasonSchema)["reason"])
    return _after(case_id, "The hold stays.")


@page.get("/cases/<case_id>/purge")
@needs(Action.CASE_PURGE)
def purge(case_id: str) -> Response:
    return _form(case_id, WallStep.PURGE, "walls.ask_to_purge")


@page.post("/cases/<case_id>/purge")
@needs(Action.CASE_PURGE)
@form_page(purge)
def ask_to_purge(case_id: str) -> Response:
    certificate = purging.purge(current_actor(), case_id, read(WallReasonSchema)["reason"])
    if certificate is None:
        return _after(case_id, "Asked. Nothing is destroyed before a second person agrees.")
    return done(url_for("caseload.caseload"), f"Purged. Certificate {certificate.id}")


@page.get("/cases/<case_id>/purge/leave")
@needs(Action.CASE_PURGE)
def leave_record(case_id: str) -> Response:
    return _form(case_id, WallStep.KEEP_RECORD, "walls.keep_record")


@page.post("/cases/<case_id>/purge/leave")
@needs(Action.CASE_PURGE)
@form_page(leave_record)
def keep_record(case_id: str) -> Response:
    casework.leave(current_actor(), case_id, WallStep.PURGE, read(WallReasonSchema)["reason"])
    return _after(case_id, "Nothing is destroyed.")


@page.get("/emergency")
@needs(Action.CASE_BREAK)
def emergency() -> Response:
    return show("pages/walls/emergency.html", task="Open a case in an emergency")


@page.post("/emergency")
@needs(Action.CASE_BREAK)
@form_page(emergency)
def break_glass() -> Response:
    given = read(GlassSchema)
    case_id = casework.break_glass(current_actor(), given["code"], given["reason"])
    return go(url_for("cases.case", case_id=case_id))


@page.post("/emergency/<glass_id>/seen")
@needs(Action.GLASS_SEEN)
def see_glass(glass_id: str) -> Response:
    casework.see_glass(current_actor(), glass_id)
    return done(url_for("day.day"), "Noted.")


@page.get("/practice/retention")
@needs(Action.RETENTION_READ)
def retention() -> Response:
    desk = purging.read_retention(current_actor())
    may_change = role_may(Action.RETENTION_CHANGE, current_actor().role)
    return show("pages/walls/retention.html", task="Keeping and purging", desk=desk, may_change=may_change)


@page.get("/practice/retention/change")
@needs(Action.RETENTION_CHANGE)
def change_retention() -> Response:
    desk = purging.read_retention(current_actor())
    return show("pages/walls/change_retention.html", task="How long records are kept", rule=desk.rule)


@page.post("/practice/retention/change")
@needs(Action.RETENTION_CHANGE)
@form_page(change_retention)
def save_retention() -> Response:
    purging.change_retention(current_actor(), RetentionRule(**read(RetentionSchema)))
    return done(url_for("walls.retention"), "The years of keeping are changed.")


def _form(case_id: str, step: WallStep, endpoint: str) -> Response:
    desk = casework.read_walls(current_actor(), case_id)
    asked = desk.waits(_ASKED_FOR.get(step, step))
    return show(
        "pages/walls/step.html",
        task=f"{WORDS[step].title} {desk.case.code}",
        case=desk.case,
        words=WORDS[step],
        people=_people(desk, step),
        chosen=request.args.get("who", ""),
        asked=asked,
        is_own=asked is not None and asked.by_id == current_actor().user_id,
        leave_url=url_for(_LEAVE[step], case_id=case_id) if asked and step in _LEAVE else "",
        action_url=url_for(endpoint, case_id=case_id),
    )


_LEAVE = {WallStep.LIFT_HOLD: "walls.leave_held", WallStep.PURGE: "walls.leave_record"}
_ASKED_FOR = {WallStep.KEEP_HOLD: WallStep.LIFT_HOLD, WallStep.KEEP_RECORD: WallStep.PURGE}


def _people(desk: WallDesk, step: WallStep) -> tuple[tuple[str, str], ...]:
    """Whom the step can be about; nobody for most."""
    return {WallStep.BLOCK: desk.choices, WallStep.UNBLOCK: desk.blocked}.get(step, ())


def _after(case_id: str, words: str) -> Response:
    return done(url_for("walls.walls", case_id=case_id), words)
