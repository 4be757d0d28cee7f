"""What follows a signature, one act a page: cosigning, sending back, errors, amendments, disagreement.

Rule: each act is asked for once more with its consequence; none of them touches the signed text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.note_codes import NoteStep
from schemas.notes import AmendmentAnswerSchema, ErrorAnswerSchema, ReasonSchema, ReturnSchema
from schemas.payload import VersionOnly
from service.casework import cosigning as cosign_desk
from service.casework import note_life, note_readings, notes
from service.domain.note_life import REASON_SHORTEST, cosigned, needs_cosign, waiting
from service.domain.notes import Note
from service.errors import NotFound
from service.guard import current_actor, needs
from service.web import times
from service.web.case_frame import banner_of
from service.web.forms import form_page, read
from service.web.frame import done, show
from service.web.session_desk import Desk, desk_of, texts_of

page = Blueprint("note_life", __name__)
Button = tuple[str, str, str, str]  # label, tone, name, value
UNCHANGED = "The signed text stays as it is."


@dataclass(frozen=True)
class Act:
    """One thing that can be done with a signed note. `text` names what is typed, "" where nothing is; `answers` is the
    question that it answers, `asks` the one that it opens.
    """

    key: str
    title: str
    says: str
    endpoint: str
    action: Action
    text: str = ""
    at_least: int = 0
    buttons: tuple[Button, ...] = ()
    answers: NoteStep | None = None
    asks: NoteStep | None = None


_ACTS = (
    Act(
        "cosign",
        "Cosign the note",
        f"Your signature is put under the note and the addenda below. {UNCHANGED}",
        "note_life.cosign",
        Action.NOTE_COSIGN,
        buttons=(("Cosign note", "", "", ""),),
        answers=NoteStep.COSIGN_ASKED,
    ),
    Act(
        "return",
        "Return for edits",
        f"The author is asked for an addendum, which waits for your signature again. {UNCHANGED}",
        "note_life.send_back",
        Action.NOTE_RETURN,
        "What should be added",
        REASON_SHORTEST,
        (("Return for edits", "", "", ""),),
        NoteStep.COSIGN_ASKED,
    ),
    Act(
        "amendment",
        "The client asks for an amendment",
        "Kept with the note in the client's words, until you accept it by an addendum or decline it with a reason.",
        "note_life.ask_amendment",
        Action.AMENDMENT_ASK,
        "What the client wants amended",
        buttons=(("Keep request", "", "", ""),),
        asks=NoteStep.AMENDMENT_ASKED,
    ),
    Act(
        "amendment-answer",
        "Answer the request",
        "Accepted, what you write becomes an addendum. Declined, it is kept as the reason, and the client can add a "
        "statement of disagreement.",
        "note_life.answer_amendment",
        Action.AMENDMENT_ANSWER,
        "The addendum, or the reason for declining",
        buttons=(
            ("Accept: keep as addendum", "", "accepted", "yes"),
            ("Decline with this reason", "quiet", "accepted", "no"),
        ),
        answers=NoteStep.AMENDMENT_ASKED,
    ),
    Act(
        "disagreement",
        "Statement of disagreement",
        f"Attached to the note in the client's words. {UNCHANGED}",
        "note_life.keep_disagreement",
        Action.DISAGREEMENT_KEEP,
        "What the client says",
        buttons=(("Attach statement", "", "", ""),),
    ),
    Act(
        "error",
        "Entered in error",
        "A second reader is asked. Once they agree, the texts of note and session are hidden for good from pages, "
        "reports and FHIR. They are not erased: who looks at them leaves a row in the audit.",
        "note_life.say_error",
        Action.NOTE_ERROR,
        "Why it was entered in error",
        REASON_SHORTEST,
        (("Ask a second reader", "", "", ""),),
        asks=NoteStep.ERROR_SAID,
    ),
    Act(
        "error-answer",
        "Second reader: entered in error?",
        "If you agree, the texts of note and session are hidden for good. They are not erased.",
        "note_life.answer_error",
        Action.NOTE_SECOND_READ,
        "Why, if you do not agree",
        buttons=(("Agree: hide the texts", "", "agreed", "yes"), ("Do not agree", "quiet", "agreed", "no")),
        answers=NoteStep.ERROR_SAID,
    ),
)
ACTS: Mapping[str, Act] = {each.key: each for each in _ACTS}


@page.get("/notes/<note_id>/after/<act>")
@needs(Action.NOTE_READ)
def after(note_id: str, act: str) -> Response:
    """One act with the note above it. What cannot be done now, and an act that there is not, is nowhere."""
    desk = desk_of(current_actor(), notes.read_note(current_actor(), note_id).session_id)
    found, note = ACTS.get(act), desk.note
    if found is None or note is None:
        raise NotFound
    return show(
        "pages/note_life/after.html",
        task=f"{found.title} {desk.case.code}",
        banner=banner_of(desk.events),
        case=desk.case,
        note=note,
        act=found,
        can=found in acts_of(desk),
        told=_told(note, found),
        texts=texts_of(note),
        must_cosign=needs_cosign(note.trail),
        reading=url_for("notes.reading", session_id=note.session_id),
    )


@page.get("/notes/<note_id>/hidden")
@needs(Action.NOTE_HIDDEN_READ)
def hidden(note_id: str) -> Response:
    """The texts that an error hides. Being here is a row of the audit."""
    note = note_life.read_hidden(current_actor(), note_id)
    desk = desk_of(current_actor(), note.session_id)
    return show(
        "pages/note_life/hidden.html",
        task=f"Hidden note {desk.case.code}",
        case=desk.case,
        note=note,
        must_cosign=needs_cosign(note.trail),
        texts=texts_of(note),
    )


@page.get("/notes/<note_id>/second-reading")
@needs(Action.NOTE_SECOND_READ)
def reading(note_id: str) -> Response:
    """The note for a second reader who may know nothing else of the case."""
    desk = note_readings.read_note_reading(current_actor(), note_id)
    return show(
        "pages/note_life/reading.html",
        task=f"Second reader {desk.code}",
        desk=desk,
        note=desk.note,
        texts=texts_of(desk.note),
        must_cosign=False,
        at_least=REASON_SHORTEST,
    )


@page.post("/notes/<note_id>/second-reading")
@needs(Action.NOTE_SECOND_READ)
@form_page(reading)
def answer_reading(note_id: str) -> Response:
    given = read(ErrorAnswerSchema)
    note_life.answer_error(current_actor(), note_id, given["text"], agreed=given["agreed"])
    return done(url_for("events.readings"), "Your answer is recorded.")


@page.post("/notes/<note_id>/cosign")
@needs(Action.NOTE_COSIGN)
@form_page(partial(after, act="cosign"))
def cosign(note_id: str) -> Response:
    version = read(VersionOnly)["version"]
    return _done(note_life.cosign_note(current_actor(), note_id, version=version), "Note cosigned.")


@page.post("/notes/<note_id>/return")
@needs(Action.NOTE_RETURN)
@form_page(partial(after, act="return"))
def send_back(note_id: str) -> Response:
    given = read(ReturnSchema)
    note = note_life.return_note(current_actor(), note_id, given["text"], version=given["version"])
    return _done(note, "Returned. The author is asked for an addendum.")


@page.post("/notes/<note_id>/error")
@needs(Action.NOTE_ERROR)
@form_page(partial(after, act="error"))
def say_error(note_id: str) -> Response:
    note = note_life.say_error(current_actor(), note_id, read(ReasonSchema)["text"])
    return _done(note, "A second reader is asked. Until then the note stays in view.")


@page.post("/notes/<note_id>/error/answer")
@needs(Action.NOTE_SECOND_READ)
@form_page(partial(after, act="error-answer"))
def answer_error(note_id: str) -> Response:
    given = read(ErrorAnswerSchema)
    note = note_life.answer_error(current_actor(), note_id, given["text"], agreed=given["agreed"])
    return _done(note, "Your answer is recorded.")


@page.post("/notes/<note_id>/amendments")
@needs(Action.AMENDMENT_ASK)
@form_page(partial(after, act="amendment"))
def ask_amendment(note_id: str) -> Response:
    note = note_life.ask_amendment(current_actor(), note_id, read(ReasonSchema)["text"])
    return _done(note, "The request is kept and waits for an answer.")


@page.post("/notes/<note_id>/amendments/answer")
@needs(Action.AMENDMENT_ANSWER)
@form_page(partial(after, act="amendment-answer"))
def answer_amendment(note_id: str) -> Response:
    given = read(AmendmentAnswerSchema)
    note = note_life.answer_amendment(current_actor(), note_id, given["text"], accepted=given["accepted"])
    return _done(note, "The request is answered.")


@page.post("/notes/<note_id>/disagreements")
@needs(Action.DISAGREEMENT_KEEP)
@form_page(partial(after, act="disagreement"))
def keep_disagreement(note_id: str) -> Response:
    note = note_life.keep_disagreement(current_actor(), note_id, read(ReasonSchema)["text"])
    return _done(note, "The statement is attached.")


@page.get("/notes/<note_id>/cosigning")
@needs(Action.NOTE_COSIGN)
def cosigning(note_id: str) -> Response:
    """The note for a cosigner who may know nothing else of the case."""
    desk = cosign_desk.read_cosigning(current_actor(), note_id)
    return show(
        "pages/note_life/cosigning.html",
        task=f"Cosign {desk.code}",
        desk=desk,
        note=desk.note,
        texts=texts_of(desk.note),
        must_cosign=True,
        at_least=REASON_SHORTEST,
    )


@page.post("/notes/<note_id>/cosigning")
@needs(Action.NOTE_COSIGN)
@form_page(cosigning)
def cosign_by_name(note_id: str) -> Response:
    note_life.cosign_note(current_actor(), note_id, version=read(VersionOnly)["version"])
    return done(url_for("worklist.worklist"), "Note cosigned.")


@page.post("/notes/<note_id>/cosigning/return")
@needs(Action.NOTE_RETURN)
@form_page(cosigning)
def return_by_name(note_id: str) -> Response:
    given = read(ReturnSchema)
    note_life.return_note(current_actor(), note_id, given["text"], version=given["version"])
    return done(url_for("worklist.worklist"), "Returned. The author is asked for an addendum.")


def acts_of(desk: Desk) -> list[Act]:
    """What this reader can do with the note now."""
    note = desk.note
    if note is None or not desk.is_signed or note.wrong:
        return []
    found = [each for each in _ACTS if each.action in desk.case.may and _is_open(each, note)]
    signing = [each for each in found if each.answers is NoteStep.COSIGN_ASKED]
    if signing and not cosign_desk.waits_for(current_actor(), note.id):
        return [each for each in found if each not in signing]
    return found


def trail_lines(note: Note, zone: str) -> list[tuple[str, str, str, str]]:
    """(machine time, time, what happened, text) of each row, oldest first."""
    return [
        (each.at.isoformat(), times.moment(each.at, zone), f"{each.step.label}: {each.by}", each.words.text)
        for each in note.trail
    ]


def cosign_words(note: Note, zone: str) -> tuple[tuple[str, str], ...]:
    """The second signature with its fingerprint, if there is one."""
    found = cosigned(note.trail)
    if found is None:
        return ()
    return (
        ("Cosigned", times.moment(found.at, zone)),
        ("Cosigned by", found.by),
        ("Fingerprint of what was cosigned", found.words.content_hash),
    )


def _is_open(act: Act, note: Note) -> bool:
    if act.asks is not None:
        return waiting(note.trail, act.asks) is None
    if act.answers is None:
        return True
    asked = waiting(note.trail, act.answers)
    own = asked is not None and asked.by_id == current_actor().user_id and act.key != "amendment-answer"
    return asked is not None and not own


def _told(note: Note, act: Act) -> str:
    """The words of the question that an act answers."""
    asked = waiting(note.trail, act.answers) if act.answers else None
    return asked.words.text if asked else ""


def _done(note: Note, words: str) -> Response:
    return done(url_for("notes.reading", session_id=note.session_id), words)
