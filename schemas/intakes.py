"""A filled-in instrument. The answers themselves are read by schemas/answers.py once the instrument is known."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Keyed, Line, Ticked, Version, Words
from schemas.instruments.answer import to_json
from schemas.instruments.capture import CaptureChannel, ContactContext, Interpreter, PenHolder, Privacy
from schemas.payload import Page, Payload
from schemas.vocabulary import EventLevel, ResponseStatus


class CaptureSchema(Payload):
    """How the form came to be filled in."""

    channel = CodedField(CaptureChannel, required=True)
    private = CodedField(Privacy, load_default=Privacy.UNKNOWN)
    held_pen = CodedField(PenHolder, load_default=PenHolder.CLINICIAN)
    interpreter = CodedField(Interpreter, load_default=Interpreter.NONE)
    device_confirmed = Ticked(allow_none=True, load_default=None)


class IntakeSchema(Payload):
    """Keyed like casework.intakes.IntakeDraft; `answers` stay raw here. Who names the version that was filled in is
    refused once another is in use.
    """

    instrument_key = Line(64, needed=True)
    instrument_version = Line(20, load_default=None)
    answers = Keyed(fields.Raw(allow_none=True), required=True)
    capture = fields.Nested(CaptureSchema, required=True)
    contact_context = CodedField(ContactContext, required=True)
    authored_at = Instant(required=True)
    session_id = Ident(allow_none=True, load_default=None)


class AmendSchema(IntakeSchema):
    """A correction is the whole log again, with the reason."""

    reason = Words(500, needed=True)


class IntakeListSchema(Page):
    instrument_key = Line(64)


class DomainScoreRecord(Payload):
    """`value` is null where too much is missing; `place` is on this log's own range only."""

    key = fields.String()
    value = fields.Function(lambda each: each.value, metadata={"type": ["number", "null"]})
    text = fields.String()
    prorated = Ticked()
    answered = fields.Integer()
    missing = fields.Integer()
    ceiling = fields.Integer()
    place = fields.String()


class ScoreRecord(Payload):
    domains = fields.List(fields.Nested(DomainScoreRecord))
    total = fields.Nested(DomainScoreRecord)
    at_least_two = fields.Integer()


class IntakeRecord(Payload):
    id = Ident()
    case_id = Ident()
    session_id = Ident(allow_none=True)
    instrument_key = fields.String()
    instrument_version = fields.String()
    fingerprint = fields.String()
    status = CodedField(ResponseStatus)
    authored_at = Instant()
    author_id = Ident()
    author_name = fields.String()
    contact_context = CodedField(ContactContext)
    capture = fields.Nested(CaptureSchema)
    answers = fields.Function(lambda intake: to_json(intake.answers), metadata={"type": "object"})
    score = fields.Nested(ScoreRecord, allow_none=True)
    amends = Ident(allow_none=True)
    reason = fields.String()
    replaced = Ticked()
    version = Version()
    updated_at = Instant()


class FiredRecord(Payload):
    """What an answer calls for; a level names how soon to respond."""

    rule = fields.String()
    item = fields.String()
    level = CodedField(EventLevel, allow_none=True)
    prompt = fields.String()


class RecordedRecord(Payload):
    intake = fields.Nested(IntakeRecord)
    fired = fields.List(fields.Nested(FiredRecord))
    warnings = fields.List(fields.String())
