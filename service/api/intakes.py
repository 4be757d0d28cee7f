"""Instruments, and the logs that are filled in with them."""

from dataclasses import dataclass

from marshmallow import ValidationError

from schemas.actions import Action
from schemas.answers import json_schema, load_answers
from schemas.definitions import DefinitionRecord, InstrumentRecord, InstrumentVersionSchema
from schemas.instruments import find
from schemas.instruments.capture import CaptureContext
from schemas.instruments.definition import Instrument
from schemas.intakes import AmendSchema, IntakeListSchema, IntakeRecord, IntakeSchema, RecordedRecord
from schemas.leaks import ConfirmedSchema, FindRecord
from schemas.payload import flat
from service.api.routes import LOOK_AGAIN, Given, Listed, Routes, asks, listed, takes
from service.casework import form_leaving, instruments, intakes
from service.casework.intakes import IntakeDraft, Recorded
from service.domain.capture import stop_warnings
from service.domain.intakes import Intake
from service.domain.leaks import Leak
from service.domain.triggers import FiredTrigger
from service.errors import Invalid
from service.guard import current_actor, needs

routes = Routes(
    "Logs", "Instruments and filled-in logs. A log is never changed; a correction is a new one that names the old."
)


@dataclass(frozen=True)
class Told:
    """What was recorded, what the answers call for, and what to stop and think about."""

    intake: Intake
    fired: tuple[FiredTrigger, ...]
    warnings: tuple[str, ...]


@routes.get("/instruments", InstrumentRecord, many=True)
@needs(Action.INSTRUMENT_READ)
def list_instruments() -> tuple[Instrument, ...]:
    """Every version on the shelf."""
    return instruments.list_instruments(current_actor())


@routes.get("/instruments/<instrument_key>", DefinitionRecord)
@needs(Action.INSTRUMENT_READ)
@asks(InstrumentVersionSchema)
def read_instrument(asked: Given, instrument_key: str) -> Instrument:
    """One definition in full, with the fingerprint that every log keeps."""
    return instruments.read_instrument(current_actor(), instrument_key, asked["version"])


@routes.get("/instruments/<instrument_key>/answers-schema")
@needs(Action.INSTRUMENT_READ)
@asks(InstrumentVersionSchema)
def read_answers_schema(asked: Given, instrument_key: str) -> dict[str, object]:
    """The JSON Schema of the answers to an instrument."""
    return json_schema(instruments.read_instrument(current_actor(), instrument_key, asked["version"]))


@routes.get("/cases/<id:case_id>/intakes", IntakeRecord, many=True)
@needs(Action.INTAKE_READ)
@asks(IntakeListSchema)
def list_intakes(asked: Given, case_id: str) -> Listed:
    """The logs of a case in time order, corrected ones included."""
    return listed(intakes.list_intakes(current_actor(), case_id, asked.get("instrument_key")), asked)


@routes.post("/cases/<id:case_id>/intakes", RecordedRecord, status=201)
@needs(Action.INTAKE_SUBMIT)
@takes(IntakeSchema)
def submit_intake(given: Given, case_id: str) -> Told:
    """Record a log; answers that ask for a response open safety events.

    A module of a form is taken up as soon as one of its items stands in the answers; what is then left out of it counts
    as not asked.
    """
    draft = _draft(given, _instrument(given["instrument_key"]))
    return _told(intakes.submit_intake(current_actor(), case_id, draft))


@routes.get("/intakes/<id:intake_id>", IntakeRecord)
@needs(Action.INTAKE_READ)
def read_intake(intake_id: str) -> Intake:
    """One log with its score."""
    return intakes.read_intake(current_actor(), intake_id)


@routes.get("/intakes/<id:intake_id>/finds", FindRecord, many=True)
@needs(Action.FINDS_READ)
def list_form_finds(intake_id: str) -> tuple[Leak, ...]:
    """What is found in answers that would leave with a log; such an answer stays until it is confirmed by name."""
    return form_leaving.read_form_finds(current_actor(), intake_id)


@routes.post("/intakes/<id:intake_id>/finds", IntakeRecord)
@needs(Action.FINDS_CONFIRM)
@takes(ConfirmedSchema)
def confirm_form_finds(given: Given, intake_id: str) -> Intake:
    """Confirm by name what may leave with a log: these finds, and no others. What stays here cannot be confirmed."""
    return form_leaving.confirm_form_finds(current_actor(), intake_id, given["confirmed"])


@routes.post("/intakes/<id:intake_id>/amendments", RecordedRecord, status=201)
@needs(Action.INTAKE_AMEND)
@takes(AmendSchema)
def amend_intake(given: Given, intake_id: str) -> Told:
    """Correct a log by a whole new one, read under the version that the original was filled in with."""
    reason = given.pop("reason")
    original = intakes.read_intake(current_actor(), intake_id)
    if given["instrument_key"] != original.instrument_key:
        raise Invalid(LOOK_AGAIN, {"instrument_key": "A correction stays with the instrument of the original."})
    draft = _draft(given, find(original.instrument_key, original.instrument_version))
    return _told(intakes.amend_intake(current_actor(), intake_id, draft, reason=reason))


def _instrument(key: str) -> Instrument:
    return instruments.usable(current_actor(), key)


def _draft(given: Given, instrument: Instrument) -> IntakeDraft:
    if given.pop("instrument_version") not in (None, instrument.version):
        words = f"Answers are taken under version {instrument.version}."
        raise Invalid(LOOK_AGAIN, {"instrument_version": words})
    try:
        answers = load_answers(instrument, given.pop("answers"))
    except ValidationError as error:
        raise Invalid(LOOK_AGAIN, flat(error.messages, "answers")) from error
    return IntakeDraft(answers=answers, capture=_capture(given.pop("capture")), **given)


def _capture(given: Given) -> CaptureContext:
    try:
        return CaptureContext(**given)
    except ValueError as error:
        told = {"capture.device_confirmed": "This is asked for video and phone only; leave it empty otherwise."}
        raise Invalid(LOOK_AGAIN, told) from error


def _told(recorded: Recorded) -> Told:
    return Told(recorded.intake, recorded.fired, stop_warnings(recorded.intake.capture))
