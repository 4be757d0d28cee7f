"""The text of the structured relationship review."""

from marshmallow import fields

from schemas.case_codes import Voice
from schemas.fields import CodedField, Instant, Whole, Words
from schemas.payload import Payload

TEXT_LONGEST = 20_000


class ReviewSchema(Payload):
    """`version` is 0 before the first."""

    text = Words(TEXT_LONGEST, needed=True)
    voice = CodedField(Voice, load_default=Voice.CLIENT)
    version = Whole(0, 10_000, required=True)


class ReviewRecord(Payload):
    version = fields.Integer()
    voice = CodedField(Voice)
    text = fields.String()
    at = Instant(allow_none=True)
    by = fields.String()
