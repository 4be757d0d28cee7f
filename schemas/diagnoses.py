"""A diagnosis of the client as it is typed and as it is given back."""

from marshmallow import fields

from schemas.diagnosis_codes import ClinicalStatus, DiagnosisCategory, DiagnosisCode, DiagnosisStep, Verification
from schemas.fields import CodedField, Ident, Instant, Line, Version, Words
from schemas.payload import Payload, Replacement

LONGEST_CODE, LONGEST_ONSET, LONGEST_WORDS, LONGEST_REASON = 16, 10, 500, 2_000


class DiagnosisSchema(Payload):
    """`code` is one of the list, or null: then `words` say it, and `other_code` may hold a code that is not verified.
    `onset` is a year, a month or a day.
    """

    code = CodedField(DiagnosisCode, allow_none=True, load_default=None)
    words = Line(LONGEST_WORDS, load_default="")
    other_code = Line(LONGEST_CODE, load_default="")
    category = CodedField(DiagnosisCategory, load_default=DiagnosisCategory.PROBLEM)
    clinical_status = CodedField(ClinicalStatus, load_default=ClinicalStatus.ACTIVE)
    verification = CodedField(Verification, load_default=Verification.PROVISIONAL)
    onset = Line(LONGEST_ONSET, load_default="")


class DiagnosisChangeSchema(Replacement, DiagnosisSchema):
    """The whole of it, and why it changes."""

    reason = Words(LONGEST_REASON)
    version = Version()


class DiagnosisErrorSchema(Payload):
    """Why it was entered in error."""

    reason = Words(LONGEST_REASON, needed=True)
    version = Version()


class DiagnosisVersionRecord(Payload):
    number = fields.Integer()
    step = CodedField(DiagnosisStep)
    assessed = fields.Nested(DiagnosisSchema)
    reason = fields.String()
    at = Instant()
    by_name = fields.String()


class DiagnosisRecord(Payload):
    """`tells_cause` says that a reader could learn from it why the client is here."""

    id = Ident()
    case_id = Ident()
    now = fields.Nested(DiagnosisSchema)
    wrong = fields.Boolean()
    tells_cause = fields.Boolean(attribute="now.tells_cause")
    recorded_at = Instant()
    asserter_name = fields.String(attribute="asserter.by_name")
    version = Version()
    versions = fields.List(fields.Nested(DiagnosisVersionRecord))
