"""The conflict check: a page of the case that says the same whatever is found, and the matches for supervisors.

Rule: no page tells the people of a case whether another case names somebody; a name that is typed here is not kept.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.conflict_codes import ConflictAnswer
from schemas.conflicts import ConflictAnswerSchema, OtherNameForm
from service.casework import conflicts as casework
from service.domain.conflicts import Match
from service.guard import current_actor, needs
from service.web.cases import labels
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("conflicts", __name__)


@page.get("/cases/<case_id>/conflict-check")
@needs(Action.CONFLICT_READ)
def check(case_id: str) -> Response:
    desk = casework.read_check(current_actor(), case_id)
    return show(
        "pages/conflicts/check.html",
        task=f"Conflict check {desk.case.code}",
        case=desk.case,
        desk=desk,
        may_check=Action.CONFLICT_CHECK in desk.case.may,
        may_block=Action.CASE_BLOCK in desk.case.may,
    )


@page.post("/cases/<case_id>/conflict-check")
@needs(Action.CONFLICT_CHECK)
@form_page(check)
def check_other(case_id: str) -> Response:
    given = read(OtherNameForm)
    casework.check_other(current_actor(), case_id, given["name"], given["birth_date"])
    said = "Checked. The name is not kept." if given["name"] else "What was compared is removed."
    return done(url_for("conflicts.check", case_id=case_id), said)


@page.get("/conflicts")
@needs(Action.CONFLICT_LIST)
def conflicts() -> Response:
    found = casework.read_conflicts(current_actor())
    return show(
        "pages/conflicts/conflicts.html",
        task="Conflicts",
        waiting=[(each, _words(each)) for each in found if each.answer is None],
        answered=[(each, _words(each)) for each in found if each.answer is not None],
        answers=labels(ConflictAnswer),
    )


@page.post("/conflicts/<conflict_id>")
@needs(Action.CONFLICT_ANSWER)
@form_page(lambda conflict_id: conflicts())
def answer(conflict_id: str) -> Response:
    given = read(ConflictAnswerSchema)
    casework.answer_conflict(current_actor(), conflict_id, given["answer"], version=given["version"])
    return done(url_for("conflicts.conflicts"), "Kept.")


def _words(match: Match) -> str:
    there, here = match.sides
    ground = "Name and date of birth are the same" if match.by_birth_date else "The name is the same"
    return f"{here.named_as.label.capitalize()} of {here.code} and {there.named_as.label} of {there.code}: {ground}."
