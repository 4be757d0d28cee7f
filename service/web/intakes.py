"""Logs: filling one in together, what it says, correcting it, and its course over time.

Rule: any instrument of the shelf goes through here; what an answer looks like is service/web/instrument_form.py.
A number is never shown without the sentence that says what it is a place on.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask.wrappers import Response
from marshmallow import fields

from schemas.actions import Action
from schemas.fields import CodedField, Ident, Instant, Line, Ticked, Words
from schemas.instruments import INSTRUMENTS, find
from schemas.instruments.answer import Answers
from schemas.instruments.capture import (
    CaptureChannel,
    CaptureContext,
    ContactContext,
    Interpreter,
    PenHolder,
    Privacy,
)
from schemas.instruments.definition import Instrument, Section
from schemas.instruments.translating import languages, translated
from schemas.intakes import CaptureSchema
from schemas.leaks import ConfirmedSchema
from schemas.payload import Payload
from service.casework import form_leaving, instruments, intakes, records
from service.casework.intakes import IntakeDraft
from service.casework.leaks import shown_in_form
from service.casework.records import Record
from service.domain import clock
from service.domain.capture import stop_warnings
from service.domain.handovers import left_once_out
from service.domain.intakes import Intake
from service.domain.modules import modules_of
from service.domain.scoring import PLACE_SENTENCE
from service.domain.trend import HELP
from service.errors import Invalid, NotAllowed
from service.guard import current_actor, current_practice, needs
from service.reports.result_series import counted_forms
from service.web import imported_form, times
from service.web.case_forms import to_entries
from service.web.case_frame import banner_of, tabs
from service.web.course import course_of
from service.web.forms import current_form, form_page, read, typed_again
from service.web.frame import done, show
from service.web.instrument_form import SKIPS, Sheet, settled, sheets
from service.web.intake_view import (
    answer_tables,
    called_for,
    facts,
    nothing_told,
    outputs,
    overlap,
    score_rows,
)
from service.web.module_choice import choose_modules, chosen_modules, whole
from service.web.one_by_one import step_of
from service.web.practice import crisis_shown, locked_page

page = Blueprint("intakes", __name__)
USUAL = INSTRUMENTS[0].key
SESSIONS_OFFERED = 12
STOP = "before_going_on"
CHOICES = {
    "contexts": ContactContext,
    "channels": tuple(each for each in CaptureChannel if each is not CaptureChannel.SENT),
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
    """`a` holds what was chosen or typed, `skip` the reasons for skipping, both by item; `module` what was taken up,
    `at` the step where it is filled in one question at a time.
    """

    a = fields.Dict(keys=Line(400), values=fields.List(Words(4_000)), load_default=dict)
    skip = fields.Dict(keys=Line(400), values=Line(40), load_default=dict)
    asked = Words(100_000, load_default="")
    language = Line(40, load_default="")
    capture = fields.Nested(CaptureFormSchema, required=True)
    contact_context = CodedField(ContactContext, required=True)
    authored_at = Instant(required=True)
    session_id = Ident(allow_none=True, load_default=None)
    before_going_on = Ticked(load_default=False)
    module = fields.List(Line(20), load_default=list)
    at = Line(4, load_default="")


class CorrectionFormSchema(LogFormSchema):
    reason = Words(500, needed=True)


@dataclass(frozen=True)
class LogForm:
    """An instrument ready to be filled in; `once` is empty after the first log.     The rows of answers in `counted`
    sheets tell the progress: scored ones, or all of a form without a score.
    """

    instrument: Instrument
    title: str
    counted: tuple[Sheet, ...]
    extra: tuple[Sheet, ...]
    once: tuple[Sheet, ...]
    settled: int
    items: int
    warnings: tuple[str, ...]
    modules: tuple[str, ...] = ()
    asked: str = ""
    language: str = ""
    languages: tuple[tuple[str, str], ...] = ()


@page.get("/cases/<case_id>/log")
@page.get("/cases/<case_id>/log/<instrument_key>")
@needs(Action.INTAKE_SUBMIT)
def log(case_id: str, instrument_key: str = USUAL) -> Response:
    record = _writable(case_id, Action.INTAKE_SUBMIT)
    instrument = _instrument(instrument_key)
    if (locked := locked_page(record)) is not None:
        return locked
    modules = chosen_modules(instrument)
    if instrument.modules and not modules:
        return choose_modules(record, instrument)
    is_first = all(left_once_out(instrument, each) for each in record.standing_intakes(instrument.key))
    form = _log_form(
        instrument,
        imported_form.opened(instrument),
        instrument.once if is_first else (),
        record.case.presentation.contact_context,
        modules=modules,
    )
    step = step_of(current_form(), (*form.counted, *form.extra, *form.once))
    return show(
        f"pages/intakes/{'step' if step else 'log'}.html",
        task=f"Log {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        log=form,
        step=step,
        options=_options(record),
        skips=SKIPS,
        authored_at=clock.now(),
        session_id=request.args.get("session", ""),
        recorded=None,
        action=url_for("intakes.record", case_id=case_id, instrument_key=instrument.key),
        one_url="" if current_form().typed else _one_by_one_url(case_id, instrument),
    )


def _one_by_one_url(case_id: str, instrument: Instrument) -> str:
    kept: dict[str, Any] = request.args.to_dict(flat=False)
    return url_for("intakes.log", case_id=case_id, instrument_key=instrument.key, **kept | {"at": 0})


@page.post("/cases/<case_id>/log/<instrument_key>")
@needs(Action.INTAKE_SUBMIT)
@form_page(log)
def record(case_id: str, instrument_key: str = USUAL) -> Response:
    if imported_form.is_round_trip():
        return typed_again(log, case_id, instrument_key)
    draft = _draft(_instrument(instrument_key), read(LogFormSchema))
    with answers_named():
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
        scores=score_rows(found, instrument),
        place=PLACE_SENTENCE,
        called_for=called_for(found, record),
        **crisis_shown(record, found),
        outputs=outputs(found, record),
        nothing_told=nothing_told(found, instrument),
        answers=answer_tables(found.answers, instrument),
        facts=facts(found),
        warnings=(*stop_warnings(found.capture), *filter(None, (overlap(found, record, instrument),))),
        newer=next((each for each in record.intakes if each.amends == found.id), None),
        may_amend=Action.INTAKE_AMEND in record.case.may and not found.replaced,
        leaks=(leaks := shown_in_form(record, found)),
        ticked=[each.key for each in leaks if each.token in found.named],
    )


@page.post("/intakes/<intake_id>/finds")
@needs(Action.FINDS_CONFIRM)
@form_page(intake)
def confirm_finds(intake_id: str) -> Response:
    """What is not ticked stays, also where it was ticked before."""
    form_leaving.confirm_form_finds(current_actor(), intake_id, read(ConfirmedSchema)["confirmed"])
    return done(url_for("intakes.intake", intake_id=intake_id), "Kept what may leave with this form.")


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
        log=_log_form(
            instrument,
            found.answers,
            _once_asked(found, instrument),
            found.contact_context,
            modules=tuple(each.key for each in modules_of(instrument, found.answers)),
        ),
        options=_options(record),
        skips=SKIPS,
        authored_at=found.authored_at,
        session_id=found.session_id or "",
        recorded=found,
        action=url_for("intakes.save_amendment", intake_id=found.id),
        one_url="",
    )


@page.post("/intakes/<intake_id>/amend")
@needs(Action.INTAKE_AMEND)
@form_page(amend)
def save_amendment(intake_id: str) -> Response:
    if imported_form.is_round_trip():
        return typed_again(amend, intake_id)
    found = intakes.read_intake(current_actor(), intake_id)
    given = read(CorrectionFormSchema)
    draft = _draft(find(found.instrument_key, found.instrument_version), given)
    with answers_named():
        newer = intakes.amend_intake(current_actor(), intake_id, draft, reason=given["reason"])
    return done(url_for("intakes.intake", intake_id=newer.intake.id), "Correction recorded.")


@page.get("/cases/<case_id>/course")
@page.get("/cases/<case_id>/course/<instrument_key>")
@needs(Action.INTAKE_READ)
def course(case_id: str, instrument_key: str = USUAL) -> Response:
    """How the readings move, with the sentences that may be said about it."""
    record = records.read_record(current_actor(), case_id, Action.INTAKE_READ)
    instrument = _instrument(instrument_key)
    if instrument.scoring is None:
        return to_entries(case_id, instrument.key)
    logs, forms = record.standing_intakes(instrument.key), counted_forms(record)
    return show(
        "pages/intakes/course.html",
        task=f"Course {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        ways=tabs(record.case, "intakes.course"),
        instrument=instrument,
        course=course_of(record, instrument.key),
        logs=tuple(reversed(logs)),
        place=PLACE_SENTENCE,
        help=HELP,
        others=[
            (each.title, url_for("case_forms.entries", case_id=case_id, instrument_key=each.key)) for each in forms
        ],
        may_record=Action.INTAKE_SUBMIT in record.case.may,
    )


def _instrument(key: str) -> Instrument:
    return instruments.visible(current_actor(), key)


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


def _log_form(
    instrument: Instrument, stored: Answers, once: tuple[Section, ...], context: str, *, modules: tuple[str, ...]
) -> LogForm:
    form = current_form()
    filled, language = imported_form.filled(instrument, form, stored), imported_form.language_of(instrument, form)
    instrument = translated(instrument, language)
    asked = [each for each in instrument.sections_of(modules) if each in instrument.extra]
    counted = sheets(instrument.domains or asked, filled)
    rows = [[each for each in sheet.questions if each.look.holds_skips] for sheet in counted]
    wanted = form.value("contact_context", context)
    return LogForm(
        instrument=instrument,
        title=instrument.title_for(ContactContext(wanted) if wanted in set(ContactContext) else None),
        counted=counted,
        extra=sheets(asked, filled) if instrument.domains else (),
        once=sheets(once, filled),
        settled=sum(settled(each) for each in rows),
        items=sum(map(len, rows)),
        warnings=tuple(form.fields[name] for name in (STOP,) if name in form.fields),
        modules=modules,
        asked=" ".join(sorted(filled.asked or ())),
        language=language,
        languages=tuple((each, each or "as it was written") for each in languages(instrument)),
    )


def _once_asked(found: Intake, instrument: Instrument) -> tuple[Section, ...]:
    """The questions of the first time, where this log holds any of their answers."""
    keys = {item.key for section in instrument.once for item in section.walk()}
    return instrument.once if keys & set(found.answers) else ()


def _options(record: Record) -> dict[str, list[tuple[str, str]]]:
    zone = current_practice().zone
    held = record.standing_sessions[:SESSIONS_OFFERED]
    coded = {name: [(str(code), code.label) for code in codes] for name, codes in CHOICES.items()}
    return {**coded, "sessions": [(each.id, times.moment(each.starts_at, zone)) for each in held]}


def _draft(instrument: Instrument, given: Mapping[str, Any]) -> IntakeDraft:
    capture = _capture(given["capture"])
    answers = whole(instrument, imported_form.answers_in(instrument, given), given["module"])
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


@contextmanager
def answers_named() -> Iterator[None]:
    """A refusal about answers, named as the form names its questions."""
    try:
        yield
    except Invalid as error:
        named = {re.sub(r"^answers\.", "a.", name): words for name, words in error.fields.items()}
        raise Invalid(error.message, named) from error


def _capture(given: Mapping[str, Any]) -> CaptureContext:
    """How the log came to be. The device is asked about when the client was not in the room, and only then."""
    is_remote = given["channel"].is_remote
    if is_remote == (given["device_confirmed"] is None):
        words = "Say whether the client's device was confirmed." if is_remote else "This is for video and phone only."
        raise Invalid("How the log was filled in does not fit.", {"capture.device_confirmed": words})
    return CaptureContext(**given)
