"""What stands around a case: a reason for each step, and what is told. Retention rules and certificates of purge."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Whole, Words
from schemas.payload import Payload
from schemas.wall_codes import WallStatus, WallStep


class WallReasonSchema(Payload):
    reason = Words(2_000, needed=True)


class PersonSchema(WallReasonSchema):
    account_id = Ident(required=True)


class GlassSchema(WallReasonSchema):
    code = Line(20, needed=True)


class GlassRecord(Payload):
    case_id = Ident()


class WallRecord(Payload):
    """One step; `second_name` is empty until a second person agreed."""

    id = Ident()
    step = CodedField(WallStep)
    status = CodedField(WallStatus)
    reason = fields.String()
    by_name = fields.String()
    at = Instant()
    about = fields.String()
    second_name = fields.String()
    second_at = Instant(allow_none=True)


class WallDeskRecord(Payload):
    """Who is named by covering the case, who is kept away, and until when the record is kept."""

    restricted = fields.Boolean(attribute="case.sealed")
    held = fields.Boolean(attribute="case.held")
    kept_until = LocalDate()
    walls = fields.List(fields.Nested(WallRecord))


class RetentionSchema(Payload):
    """Keyed like domain.retention.RetentionRule."""

    after_service = Whole(1, 100, required=True)
    after_majority = Whole(0, 100, required=True)
    majority = Whole(16, 25, required=True)
    source = Words(1_000, needed=True)


class CertificateRecord(Payload):
    """It names no client."""

    id = Ident()
    code = fields.String()
    purged_at = Instant()
    asked_by = fields.String()
    agreed_by = fields.String()
    keys = fields.Integer()
    kept_until = LocalDate()
    source = fields.String()


class RetentionRecord(Payload):
    """The rule in use and what was purged."""

    rule = fields.Nested(RetentionSchema)
    own = fields.Boolean()
    certificates = fields.List(fields.Nested(CertificateRecord))
