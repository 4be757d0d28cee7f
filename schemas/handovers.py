"""A form handed to the client: what a clinician settles, what the client's screen sends, and how it stands.

Keyed like casework.handovers.HandoverDraft.
"""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Line, Ticked, Version, Words
from schemas.instruments.capture import ContactContext, Interpreter, Privacy
from schemas.payload import Payload
from schemas.vocabulary import HandoverMode, HandoverState


class HandoverSchema(Payload):
    instrument_key = Line(64, needed=True)
    mode = CodedField(HandoverMode, required=True)
    contact_context = CodedField(ContactContext, required=True)
    private = CodedField(Privacy, required=True)
    interpreter = CodedField(Interpreter, required=True)
    session_id = Ident(allow_none=True, load_default=None)
    with_once = Ticked(load_default=False)


class HandoverFormSchema(HandoverSchema):
    """`where`: on another device by its code, or `here`, on this one."""

    where = Line(10, load_default="")


class CodeSchema(Payload):
    code = Line(40, needed=True)


class ClientFormSchema(Payload):
    """One page of the client's screen: answers and reasons for skipping by place, where it stands, what comes next, and
    which questions of an imported form were there to be seen.
    """

    a = fields.Dict(keys=Line(400), values=fields.List(Words(4_000)), load_default=dict)
    skip = fields.Dict(keys=Line(400), values=Line(40), load_default=dict)
    asked = Words(100_000, load_default="")
    at = Line(4, load_default="")
    then = Line(10, load_default="")


class HandoverRecord(Payload):
    """Answers are not part of it: they are read as a log once they are recorded."""

    id = Ident()
    case_id = Ident()
    session_id = Ident(allow_none=True)
    intake_id = Ident(allow_none=True)
    instrument_key = fields.String()
    instrument_version = fields.String()
    author_id = Ident()
    author_name = fields.String()
    mode = CodedField(HandoverMode)
    state = CodedField(HandoverState)
    made_at = Instant()
    code_until = Instant()
    opened_at = Instant(allow_none=True)
    screen_until = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    answered = fields.Integer()
    version = Version()
    updated_at = Instant()


class HandoverMadeRecord(Payload):
    """The code is told once; only its hash is kept."""

    handover = fields.Nested(HandoverRecord)
    code = fields.String()
    address = fields.String()
