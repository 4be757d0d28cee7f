"""Progress notes: reading one with its session, signing, adding to what was signed, and two texts side by side.

Rule: signing is asked for once more with its consequence named; typed text that can no longer become part of a note is
kept in view, to be added to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, g, url_for
from flask.wrappers import Response
from marshmallow import fields

from schemas.actions import Action
from schemas.fields import CodedField, Line, Version, Words
from schemas.leaks import ConfirmedSchema
from schemas.note_codes import NoteStep
from schemas.notes import SECTION_LONGEST, AddendumSchema
from schemas.payload import Payload, VersionOnly
from schemas.vocabulary import AskedAnswer, NoteFormat, NoteStatus
from service.casework import cosigning, note_leaving, note_readings, notes
from service.domain import clock
from service.domain.cases import Case
from service.domain.leaks import Leak
from service.domain.note_life import last, needs_cosign, waiting
from service.domain.notes import SECTIONS, Note, in_format
from service.domain.session_work import Reviewed, Work
from service.domain.sessions import TherapySession
from service.errors import Invalid
from service.guard import current_actor, current_practice, needs
from service.web import times
from service.web.case_frame import banner_of
from service.web.forms import Form, current_form, form_page, read
from service.web.frame import done, show
from service.web.leaks import told_at_the_finds
from service.web.note_life import acts_of, cosign_words, trail_lines
from service.web.session_desk import Desk, desk_of, texts_of, typed_sections

page = Blueprint("notes", __name__)
CHOOSE = (("yours", "Take yours"), ("theirs", "Take the saved one"), ("both", "Keep both, one after the other"))


class ChoiceSchema(Payload):
    """Two texts made one: `pick` says for each section that differs which one to take."""

    version = Version()
    format = CodedField(NoteFormat, required=True)
    yours = fields.Dict(keys=Line(40), values=Words(SECTION_LONGEST), required=True)
    pick = fields.Dict(keys=Line(40), values=Line(10), load_default=dict)


@dataclass(frozen=True)
class Pair:
    """One section as two people wrote it."""

    key: str
    label: str
    yours: str
    theirs: str

    @property
    def differs(self) -> bool:
        return self.yours != self.theirs


@page.get("/sessions/<session_id>/read")
@needs(Action.SESSION_READ)
def reading(session_id: str) -> Response:
    """Session and note as they stand, with what was added after signing."""
    desk = desk_of(current_actor(), session_id)
    note = desk.note
    return show(
        "pages/notes/reading.html",
        task=f"Session note {desk.case.code}",
        banner=banner_of(desk.events),
        case=desk.case,
        desk=desk,
        facts=_facts(desk.session) + _worked_on(desk),
        texts=texts_of(note) if note else (),
        leaks=_leaks(desk),
        **_after_signing(desk),
    )


def _leaks(desk: Desk) -> tuple[Leak, ...]:
    """What keeps the texts from leaving, for whoever can do something about it."""
    if desk.note is None or Action.FINDS_READ not in desk.case.may:
        return ()
    return note_leaving.read_finds(current_actor(), desk.note.id)


def _after_signing(desk: Desk) -> dict[str, Any]:
    """What followed the signature, and what can follow it now."""
    zone, note = current_practice().zone, desk.note
    late = last(desk.trail, NoteStep.LATE)
    return {
        "late": late.words.text if late else "",
        "must_cosign": needs_cosign(desk.trail),
        "cosigned": cosign_words(note, zone) if note else (),
        "trail": trail_lines(note, zone) if note else [],
        "unread": note_readings.why_unread(current_actor(), note.id)
        if note and waiting(desk.trail, NoteStep.ERROR_SAID)
        else "",
        "acts": acts_of(desk),
        "may_record": Action.SESSION_WRITE in desk.case.may,
        "may_see_hidden": note is not None and note.wrong and Action.NOTE_HIDDEN_READ in desk.case.may,
    }


@page.get("/notes/<note_id>")
@needs(Action.NOTE_READ)
def note(note_id: str) -> Response:
    """The note, read with its session."""
    return reading(notes.read_note(current_actor(), note_id).session_id)


@page.get("/notes/<note_id>/sign")
@needs(Action.NOTE_SIGN)
def sign(note_id: str) -> Response:
    desk = _desk_of_note(note_id)
    return show(
        "pages/notes/sign.html",
        task=f"Sign note {desk.case.code}",
        banner=banner_of(desk.events),
        case=desk.case,
        desk=desk,
        note=desk.note,
        texts=texts_of(desk.note) if desk.note else (),
        bar=desk.bar(),
        leaks=_leaks(desk),
        uncosigned=cosigning.read_foreseen(current_actor(), note_id),
    )


@page.post("/notes/<note_id>/sign")
@needs(Action.NOTE_SIGN)
@form_page(sign)
def sign_note(note_id: str) -> Response:
    given = read(VersionOnly)
    signed = notes.sign_note(current_actor(), note_id, version=given["version"])
    return done(url_for("notes.reading", session_id=signed.session_id), "Note signed.")


@page.post("/notes/<note_id>/addenda")
@needs(Action.NOTE_ADDENDUM)
@form_page(note)
def add_addendum(note_id: str) -> Response:
    given = read(AddendumSchema)
    kept = notes.add_addendum(current_actor(), note_id, given["text"])
    return done(url_for("notes.reading", session_id=kept.session_id), "Addendum kept.")


@page.post("/notes/<note_id>/finds")
@needs(Action.NOTE_SIGN)
@form_page(note)
def confirm_finds(note_id: str) -> Response:
    with told_at_the_finds():
        kept = note_leaving.confirm_finds(current_actor(), note_id, read(ConfirmedSchema)["confirmed"])
    return done(url_for("notes.reading", session_id=kept.session_id), "Confirmed by name. The text may leave now.")


def compare_again(note_id: str) -> Response:
    desk = _desk_of_note(note_id)
    return compare_page(desk.case, notes.read_note(current_actor(), note_id), typed_sections(current_form(), "yours"))


@page.post("/notes/<note_id>/choose")
@needs(Action.NOTE_WRITE)
@form_page(compare_again)
def choose(note_id: str) -> Response:
    """Save one text made of two, as chosen section by section."""
    given = read(ChoiceSchema)
    stored = notes.read_note(current_actor(), note_id)
    pairs = pairs_of(given["format"], given["yours"], stored.sections)
    sections = {pair.key: _chosen(pair, given["pick"]) for pair in pairs}
    _refuse_unchosen(pairs, given["pick"])
    notes.save_note(current_actor(), stored.session_id, given["format"], sections, version=given["version"])
    return done(url_for("sessions.session", session_id=stored.session_id), "Draft saved from both texts.")


def compare_page(
    case: Case, note: Note, yours: Mapping[str, str], *, also: Mapping[str, str] | None = None
) -> Response:
    """Both texts side by side. The notice above the work is enough of a summary: the texts stand below it."""
    form = current_form()
    note_format = _format_of(form, note)
    pairs = pairs_of(note_format, yours, note.sections)
    g.form = replace(form, yours={}, theirs={})
    return show(
        "pages/notes/compare.html",
        task=f"Two texts {case.code}",
        case=case,
        note=note,
        note_format=note_format,
        pairs=pairs,
        is_signed=note.status is NoteStatus.SIGNED,
        left_over=_left_over(pairs, also or {}),
        picks=CHOOSE,
        session_url=url_for("sessions.session", session_id=note.session_id),
    )


def _left_over(pairs: tuple[Pair, ...], also: Mapping[str, str]) -> str:
    """What was typed and can no longer become part of the note, ready to be added to it."""
    texts = {pair.label: pair.yours for pair in pairs if pair.differs and pair.yours.strip()}
    return "\n\n".join(f"{label}:\n{text}" for label, text in (*texts.items(), *also.items()))


def pairs_of(note_format: NoteFormat, yours: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[Pair, ...]:
    """Both texts in one format, section by section."""
    mine, saved = in_format(note_format, yours), in_format(note_format, theirs)
    return tuple(Pair(key, label, mine[key], saved[key]) for key, label in SECTIONS[note_format])


def _chosen(pair: Pair, pick: Mapping[str, str]) -> str:
    match pick.get(pair.key):
        case "theirs":
            return pair.theirs
        case "both":
            return f"{pair.yours}\n\n{pair.theirs}"
        case _:
            return pair.yours


def _refuse_unchosen(pairs: tuple[Pair, ...], pick: Mapping[str, str]) -> None:
    known = {code for code, _ in CHOOSE}
    wrong = {
        f"pick.{pair.key}": f"{pair.label}: choose one."
        for pair in pairs
        if pair.differs and pick.get(pair.key) not in known
    }
    if wrong:
        raise Invalid("Say for each part which text to take.", wrong)


def _format_of(form: Form, note: Note) -> NoteFormat:
    wanted = form.value("format", note.format)
    return NoteFormat(wanted) if wanted in set(NoteFormat) else note.format


def _desk_of_note(note_id: str) -> Desk:
    return desk_of(current_actor(), notes.read_note(current_actor(), note_id).session_id)


def _facts(session: TherapySession) -> tuple[tuple[str, str], ...]:
    """(name, value) of what is known about the session, in the order of closing."""
    zone = current_practice().zone
    return (
        ("Started", times.moment(session.starts_at, zone)),
        ("Ended", times.time_of_day(session.ends_at, zone)),
        ("Type", session.type.label),
        ("Place", session.place),
        ("Client could speak in private", AskedAnswer(session.private).label),
        ("Attendance", session.attendance.label),
        ("Safety", session.risk.label),
        *((("Reason", session.risk_reason),) if session.risk_reason else ()),
        ("Plan still right", session.plan_right.label),
        ("More about the homework", session.homework_reviewed),
        ("Homework given", session.homework_given),
        ("Next session", _next(session)),
    )


def _worked_on(desk: Desk) -> tuple[tuple[str, str], ...]:
    """(name, value) of what the session worked with and on."""
    work: Work = desk.session.work
    told = (f"{each.item}: {_how(each)}" for each in work.reviewed if each.done or each.note)
    return (
        ("Worked with", ", ".join(filter(None, (*(each.label for each in work.interventions), work.modality)))),
        ("Topics of the programme", ", ".join(desk.touched)),
        ("Goals", "; ".join(goal.words for goal in desk.goals if goal.id in work.goal_ids)),
        *((("Homework of last time", "; ".join(told)),) if work.reviewed else ()),
        *((("Loose ends", ", ".join(gap.label for gap in desk.gaps)),) if desk.gaps and not desk.is_wrong else ()),
    )


def _how(reviewed: Reviewed) -> str:
    return ", ".join(filter(None, (reviewed.done.label if reviewed.done else "", reviewed.note)))


def _next(session: TherapySession) -> str:
    """The agreed day, or why there is none."""
    today = clock.today(current_practice().zone)
    agreed = times.day(session.next_on, today=today) if session.next_on else ""
    return ", ".join(filter(None, (agreed, session.next_reason)))
