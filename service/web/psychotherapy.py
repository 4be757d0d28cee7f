"""Psychotherapy notes on a screen of their own, called working notes there: a title that anybody may read over a
shoulder.

Rule: pages only. There is no JSON route, no resource and no file of them (docs/decisions/0008), and no page of the
record tells whether there are any.
"""

from datetime import timedelta

from flask import Blueprint, jsonify, render_template, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.psychotherapy import PsychotherapyNoteSchema, TrainingGrantSchema
from service.casework import psychotherapy
from service.domain import clock
from service.domain.psychotherapy import LONGEST_GRANT, STATEMENT, TrainingGrant, misplaced
from service.guard import current_actor, current_practice, needs
from service.web import times
from service.web.forms import current_form, form_page, read, wants_json
from service.web.frame import done, show

page = Blueprint("psychotherapy", __name__)
USUAL_GRANT = timedelta(days=7)


@page.get("/sessions/<session_id>/working-note")
@needs(Action.PSYCHOTHERAPY_READ)
def note(session_id: str) -> Response:
    """The author's own text about one session, to write and to read."""
    desk = psychotherapy.read_own(current_actor(), session_id)
    stored = desk.note.text if desk.note else ""
    return show(
        "pages/psychotherapy/note.html",
        task=f"Working note {desk.case.code}",
        case=desk.case,
        desk=desk,
        text=current_form().value("text", stored),
        may_write=Action.PSYCHOTHERAPY_WRITE in desk.case.may,
        open_now=[each for each in desk.grants if each.stands(clock.now())],
        hint=hint_of(current_form().value("text", stored)),
    )


@page.post("/sessions/<session_id>/working-note")
@needs(Action.PSYCHOTHERAPY_WRITE)
@form_page(note)
def save(session_id: str) -> Response:
    given = read(PsychotherapyNoteSchema)
    kept = psychotherapy.save_note(current_actor(), session_id, given["text"], version=given["version"])
    if wants_json():
        saved_at = times.time_of_day(clock.now(), current_practice().zone)
        steps = render_template("pages/psychotherapy/_hint.html", hint=hint_of(kept.text))
        return jsonify(saved_at=saved_at, version=kept.version, steps=steps)
    return done(url_for("psychotherapy.note", session_id=session_id), "Saved.")


@page.get("/cases/<case_id>/working-notes")
@needs(Action.PSYCHOTHERAPY_READ)
def notes(case_id: str) -> Response:
    """The reader's own notes on a case, session by session; the texts stay closed here."""
    case, lines = psychotherapy.list_own(current_actor(), case_id)
    return show("pages/psychotherapy/notes.html", task=f"Working notes {case.code}", case=case, lines=lines)


@page.get("/working-notes/<working_note_id>/opening")
@needs(Action.PSYCHOTHERAPY_GRANT)
def opening(working_note_id: str) -> Response:
    """Open one note to one supervisor for a time."""
    found = psychotherapy.read_opening(current_actor(), working_note_id)
    today = clock.today(current_practice().zone)
    return show(
        "pages/psychotherapy/opening.html",
        task=f"Open a working note {found.case.code}",
        case=found.case,
        found=found,
        statement=STATEMENT,
        usual_end=today + USUAL_GRANT,
        last_end=today + LONGEST_GRANT,
        lines=[(each, state_of(each)) for each in found.grants],
    )


@page.post("/working-notes/<working_note_id>/opening")
@needs(Action.PSYCHOTHERAPY_GRANT)
@form_page(opening)
def open_to(working_note_id: str) -> Response:
    given = read(TrainingGrantSchema)
    psychotherapy.open_to(
        current_actor(), working_note_id, given["supervisor_id"], until=given["until"], training=given["training"]
    )
    return done(url_for("psychotherapy.opening", working_note_id=working_note_id), "Opened. You can take it back here.")


@page.post("/working-note-openings/<opening_id>/withdraw")
@needs(Action.PSYCHOTHERAPY_WITHDRAW)
def withdraw(opening_id: str) -> Response:
    note_id = psychotherapy.withdraw(current_actor(), opening_id)
    return done(url_for("psychotherapy.opening", working_note_id=note_id), "Taken back: it can be read no more.")


@page.get("/team/working-notes")
@needs(Action.PSYCHOTHERAPY_OPENED)
def opened() -> Response:
    """What therapists opened to this supervisor, for as long as it stays open."""
    found = psychotherapy.list_opened(current_actor())
    return show("pages/psychotherapy/opened.html", task="Working notes opened to you", found=found, statement=STATEMENT)


@page.get("/working-notes/<working_note_id>/training")
@needs(Action.PSYCHOTHERAPY_OPEN)
def reading(working_note_id: str) -> Response:
    """One note in training; that it was read is told to its author."""
    found = psychotherapy.read_opened(current_actor(), working_note_id)
    return show("pages/psychotherapy/reading.html", task=f"Working note {found.code}", found=found, statement=STATEMENT)


def hint_of(text: str) -> str:
    """What seems to belong in the progress note instead, in one sentence; empty when nothing was noticed."""
    found = [fact.label for fact in misplaced(text)]
    return f"For the progress note, it seems: {', '.join(found)}." if found else ""


def state_of(grant: TrainingGrant) -> str:
    """How a grant stands, for its author."""
    if grant.withdrawn_at:
        return "Taken back"
    return "Open" if grant.stands(clock.now()) else "Run out"
