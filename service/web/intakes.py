"""Logs: filling one in together, what it says, correcting it, and its course over time.

Rule: any instrument of the shelf goes through here; what an answer looks like is service/web/instrument_form.py.
A number is never shown without the sentence that says what it is a place on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask.wrappers import Response
from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Line, Ticked, Words
from schemas.instruments import INSTRUMENTS, find
from schemas.instruments.answer import Answers, answer_to
from schemas.instruments.capture import (
    CaptureChannel,
    CaptureContext,
    ContactContext,
    Interpreter,
    NonAnswer,
    PenHolder,
    Privacy,
)
from schemas.instruments.definition import Instrument, Section
from schemas.intakes import CaptureSchema
from schemas.payload import Payload
from schemas.vocabulary import Action
from service.casework import intakes, records
from service.casework.intakes import IntakeDraft
from service.casework.records import Record
from service.domain import clock
from service.domain.capture import stop_warnings
from service.domain.intakes import Intake
from service.domain.safety import SafetyEvent
from service.domain.scoring import PLACE_SENTENCE, DomainScore
from service.domain.trend import HELP, REVIEW_PROMPT
from service.domain.triggers import FiredTrigger, fired
from service.errors import Invalid, NotAllowed, NotFound
from service.guard import current_actor, current_practice, needs
from service.web import times
from service.web.case_frame import banner_of, event_url, tabs
from service.web.course import course_of
from service.web.forms import Form, current_form, form_page, read
from service.web.frame import done, show
from service.web.instrument_form import SKIPS, Filled, Sheet, answers_of, as_texts, parted, settled, sheets, words_of

page = Blueprint("intakes", __name__)
USUAL = INSTRUMENTS[0].key
SESSIONS_OFFERED = 12
STOP = "before_going_on"
CHOICES = {
    "contexts": ContactContext,
    "channels": CaptureChannel,
    "privacies": Privacy,
    "pen_holders": PenHolder,
    "interpreters": Interpreter,
}


class CaptureFormSchema(CaptureSchema):
    """Nothing about how a log came to be is taken for granted."""

    private = CodedField(Privacy, required=True)
    held_pen = CodedField(PenHolder, required=True)
    interpreter = CodedField(Interpreter, required=True)


class LogFormSchema(Payload):
    """`a` holds what was chosen or typed, `skip` the reasons for skipping, both by item."""

    a = fields.Dict(keys=Line(80), values=fields.List(Words(4_000)), load_default=dict)
    skip = fields.Dict(keys=Line(80), values=Line(40), load_default=dict)
    capture = fields.Nested(CaptureFormSchema, required=True)
    contact_context = CodedField(ContactContext, required=True)
    authored_at = Instant(required=True)
    session_id = Ident(allow_none=True, load_default=None)
    before_going_on = Ticked(load_default=False)


class CorrectionFormSchema(LogFormSchema):
    reason = Words(500, needed=True)


@dataclass(frozen=True)
class LogForm:
    """An instrument ready to be filled in; `once` is empty after the first log."""

    instrument: Instrument
    title: str
    scored: tuple[Sheet, ...]
    extra: tuple[Sheet, ...]
    once: tuple[Sheet, ...]
    settled: int
    items: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class CalledFor:
    """What an answer calls for: a prompt, and the event that it opened or joined."""

    prompt: str
    level: str
    event_url: str


@page.get("/cases/<case_id>/log")
@page.get("/cases/<case_id>/log/<instrument_key>")
@needs(Action.INTAKE_SUBMIT)
def log(case_id: str, instrument_key: str = USUAL) -> Response:
    record = _writable(case_id, Action.INTAKE_SUBMIT)
    instrument = _instrument(instrument_key)
    is_first = not record.standing_intakes(instrument.key)
    return show(
        "pages/intakes/log.html",
        task=f"Log {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        log=_log_form(instrument, {}, instrument.once if is_first else (), record.case.presentation.contact_context),
        options=_options(record),
        skips=SKIPS,
        authored_at=clock.now(),
        session_id=request.args.get("session", ""),
        recorded=None,
        action=url_for("intakes.record", case_id=case_id, instrument_key=instrument.key),
    )


@page.post("/cases/<case_id>/log/<instrument_key>")
@needs(Action.INTAKE_SUBMIT)
@form_page(log)
def record(case_id: str, instrument_key: str = USUAL) -> Response:
    draft = _draft(_instrument(instrument_key), read(LogFormSchema))
    recorded = intakes.submit_intake(current_actor(), case_id, draft)
    return done(url_for("intakes.intake", intake_id=recorded.intake.id), "Log recorded.")


@page.get("/intakes/<intake_id>")
@needs(Action.INTAKE_READ)
def intake(intake_id: str) -> Response:
    """What one log says, and what its answers call for."""
    found, record, instrument = _with_case(intake_id)
    return show(
        "pages/intakes/intake.html",
        task=f"Log {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        intake=found,
        instrument=instrument,
        title=instrument.title_for(ContactContext(found.contact_context)),
        scores=_score_rows(found, instrument),
        place=PLACE_SENTENCE,
        called_for=_called_for(found, record, instrument),
        answers=_answer_tables(found.answers, instrument),
        facts=_facts(found),
        warnings=stop_warnings(found.capture),
        newer=next((each for each in record.intakes if each.amends == found.id), None),
        may_amend=Action.INTAKE_AMEND in record.case.may and not found.replaced,
    )


@page.get("/intakes/<intake_id>/amend")
@needs(Action.INTAKE_AMEND)
def amend(intake_id: str) -> Response:
    found, record, instrument = _with_case(intake_id)
    _require(record, Action.INTAKE_AMEND)
    return show(
        "pages/intakes/log.html",
        task=f"Correct log {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        log=_log_form(instrument, found.answers, _once_asked(found, instrument), found.contact_context),
        options=_options(record),
        skips=SKIPS,
        authored_at=found.authored_at,
        session_id=found.session_id or "",
        recorded=found,
        action=url_for("intakes.save_amendment", intake_id=found.id),
    )


@page.post("/intakes/<intake_id>/amend")
@needs(Action.INTAKE_AMEND)
@form_page(amend)
def save_amendment(intake_id: str) -> Response:
    found = intakes.read_intake(current_actor(), intake_id)
    given = read(CorrectionFormSchema)
    draft = _draft(find(found.instrument_key, found.instrument_version), given)
    newer = intakes.amend_intake(current_actor(), intake_id, draft, reason=given["reason"])
    return done(url_for("intakes.intake", intake_id=newer.intake.id), "Correction recorded.")


@page.get("/cases/<case_id>/course")
@page.get("/cases/<case_id>/course/<instrument_key>")
@needs(Action.INTAKE_READ)
def course(case_id: str, instrument_key: str = USUAL) -> Response:
    """How the readings move, with the sentences that may be said about it."""
    record = records.read_record(current_actor(), case_id, Action.INTAKE_READ)
    instrument = _instrument(instrument_key)
    logs = record.standing_intakes(instrument.key)
    return show(
        "pages/intakes/course.html",
        task=f"Course {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        ways=tabs(record.case, "intakes.course"),
        instrument=instrument,
        course=course_of(logs, current_practice().zone),
        logs=tuple(reversed(logs)),
        place=PLACE_SENTENCE,
        help=HELP,
        review_prompt=REVIEW_PROMPT,
        may_record=Action.INTAKE_SUBMIT in record.case.may,
    )


def _instrument(key: str) -> Instrument:
    try:
        return find(key)
    except LookupError as error:
        raise NotFound from error


def _with_case(intake_id: str) -> tuple[Intake, Record, Instrument]:
    found = intakes.read_intake(current_actor(), intake_id)
    record = records.read_record(current_actor(), found.case_id, Action.INTAKE_READ)
    return found, record, find(found.instrument_key, found.instrument_version)


def _writable(case_id: str, action: Action) -> Record:
    record = records.read_record(current_actor(), case_id, Action.INTAKE_READ)
    _require(record, action)
    return record


def _require(record: Record, action: Action) -> None:
    """An empty form would promise what its button refuses. Raises NotAllowed."""
    if action not in record.case.may:
        raise NotAllowed("You cannot record logs on this case.")


def _log_form(instrument: Instrument, stored: Answers, once: tuple[Section, ...], context: str) -> LogForm:
    form = current_form()
    filled = _filled(form, stored)
    scored = sheets(instrument.domains, filled)
    wanted = form.value("contact_context", context)
    return LogForm(
        instrument=instrument,
        title=instrument.title_for(ContactContext(wanted) if wanted in set(ContactContext) else None),
        scored=scored,
        extra=sheets(instrument.extra, filled),
        once=sheets(once, filled),
        settled=sum(settled(sheet.questions) for sheet in scored),
        items=len(instrument.scored_items()),
        warnings=tuple(form.fields[name] for name in (STOP,) if name in form.fields),
    )


def _filled(form: Form, stored: Answers) -> Filled:
    """What was typed, else what is stored."""
    if not form.typed:
        return Filled(*as_texts(stored), {})
    posted = {name[2:]: form.typed.getlist(name) for name in form.typed if name.startswith("a.")}
    skips = {name[5:]: form.typed[name] for name in form.typed if name.startswith("skip.")}
    return Filled(*parted(posted, skips), form.fields)


def _once_asked(found: Intake, instrument: Instrument) -> tuple[Section, ...]:
    """The questions of the first time, where this log holds any of their answers."""
    keys = {item.key for section in instrument.once for item in section.walk()}
    return instrument.once if keys & set(found.answers) else ()


def _options(record: Record) -> dict[str, list[tuple[str, str]]]:
    zone = current_practice().zone
    held = record.sessions[:SESSIONS_OFFERED]
    coded = {name: [(str(code), code.label) for code in codes] for name, codes in CHOICES.items()}
    return {**coded, "sessions": [(each.id, times.moment(each.starts_at, zone)) for each in held]}


def _draft(instrument: Instrument, given: Mapping[str, Any]) -> IntakeDraft:
    capture = _capture(given["capture"])
    answers = answers_of(instrument, given["a"], given["skip"])
    warnings = stop_warnings(capture)
    if warnings and not given["before_going_on"]:
        raise Invalid("Stop for a moment.", {STOP: " ".join(warnings)})
    return IntakeDraft(
        instrument_key=instrument.key,
        answers=answers,
        capture=capture,
        contact_context=given["contact_context"],
        authored_at=given["authored_at"],
        session_id=given["session_id"],
    )


def _capture(given: Mapping[str, Any]) -> CaptureContext:
    """How the log came to be. The device is asked about when the client was not in the room, and only then."""
    is_remote = given["channel"].is_remote
    if is_remote == (given["device_confirmed"] is None):
        words = "Say whether the client's device was confirmed." if is_remote else "This is for video and phone only."
        raise Invalid("How the log was filled in does not fit.", {"capture.device_confirmed": words})
    return CaptureContext(**given)


def _score_rows(found: Intake, instrument: Instrument) -> tuple[tuple[str, DomainScore], ...]:
    titles = {each.key: each.title for each in instrument.domains}
    return (*((titles[each.key], each) for each in found.score.domains), ("Total", found.score.total))


def _called_for(found: Intake, record: Record, instrument: Instrument) -> tuple[CalledFor, ...]:
    earlier = (each for each in record.intakes if each.instrument_key == instrument.key and each.id != found.id)
    told = {key: answer for each in earlier for key, answer in each.answers.items()}
    return tuple(_call(each, found, record) for each in fired(instrument, found.answers, background=told))


def _call(each: FiredTrigger, found: Intake, record: Record) -> CalledFor:
    event = _event_of(each, found, record)
    return CalledFor(each.prompt, each.level.label if each.level else "", event_url(event) if event else "")


def _event_of(each: FiredTrigger, found: Intake, record: Record) -> SafetyEvent | None:
    """The event that this log opened, else the one that was open already and that it joined."""
    same = [event for event in record.events if (event.rule, event.item) == (each.rule, each.item)]
    own = [event for event in same if event.intake_id == found.id]
    before = [event for event in same if event.opened_at <= found.updated_at]
    return next(iter(own or before), None) if each.level else None


def _answer_tables(answers: Answers, instrument: Instrument) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """(title, (prompt, answer)...) of each section that holds anything but "not asked"."""
    tables = (
        (section.title, tuple(_told(section, answers)))
        for section in instrument.sections()
        if any(answer_to(answers, item.key) is not NonAnswer.NOT_ASKED for item in section.walk())
    )
    return tuple(tables)


def _told(section: Section, answers: Answers) -> Iterator[tuple[str, str]]:
    """Every question of a section, and of the follow-ups those that were asked."""
    for item in section.walk():
        answer = answer_to(answers, item.key)
        if item in section.items or answer is not NonAnswer.NOT_ASKED:
            yield item.prompt, words_of(item, answer)


def _facts(found: Intake) -> tuple[tuple[str, str], ...]:
    zone, capture = current_practice().zone, found.capture
    device = {True: "Confirmed", False: "Not confirmed", None: ""}[capture.device_confirmed]
    return (
        ("Answered", times.moment(found.authored_at, zone)),
        ("Recorded by", found.author_name),
        ("How things stand", ContactContext(found.contact_context).label),
        ("Where", capture.channel.label),
        ("Privacy", capture.private.label),
        ("Who held the pen", capture.held_pen.label),
        ("Interpreter", capture.interpreter.label),
        *((("Client's device", device),) if device else ()),
        ("Version of the form", found.instrument_version),
    )
