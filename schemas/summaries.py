"""Summaries of treatment for another clinician: what is chosen and what is told of those that left."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Ticked, Words
from schemas.leaks import confirmed_finds
from schemas.payload import Payload
from schemas.release_codes import ContentClass

NEEDS_LONGEST = 2_000


class TreatmentSummarySchema(Payload):
    """`needs` are care needs in the author's words; what else stands on it the release decides. `signed` is the
    author's word that it was read and stands; `seen` is the digest of what was looked at.
    """

    since = LocalDate(required=True)
    until = LocalDate(required=True)
    release_id = Line(36, needed=True)
    needs = Words(NEEDS_LONGEST, load_default="")
    signed = Ticked(load_default=False)
    confirmed = confirmed_finds()
    seen = Line(64, load_default="")


class SectionRecord(Payload):
    heading = fields.String()
    lines = fields.List(fields.String())


class TreatmentSummaryRecord(Payload):
    """One that left. `digest` is the SHA-256 of the PDF, which stands as Binary/{id} over FHIR."""

    id = Ident()
    case_id = Ident()
    disclosure_id = Ident()
    made_at = Instant()
    author_name = fields.String()
    signed_at = Instant()
    cosigner_name = fields.String()
    recipient = fields.String(attribute="words.recipient")
    since = LocalDate(attribute="words.since")
    until = LocalDate(attribute="words.until")
    classes = fields.List(CodedField(ContentClass), attribute="words.classes")
    sections = fields.List(fields.Nested(SectionRecord), attribute="words.sections")
    digest = fields.String()
    size = fields.Integer()
