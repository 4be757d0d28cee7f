"""The contact plan and its boundaries. Which parts each mode has: domain/contact_plans.py."""

from marshmallow import fields

from schemas.card_codes import BoundaryKind, BoundaryState, ContactMode
from schemas.fields import CodedField, Ident, Instant, Keyed, Line, LocalDate, Ticked, Version, Words
from schemas.payload import Payload


class ContactPlanSchema(Payload):
    """The first save sends no version. Parts that are left out stay as they are."""

    mode = CodedField(ContactMode, required=True)
    lines = Keyed(Words(4_000), load_default=dict)
    version = Version(allow_none=True, load_default=None)


class ContactPlanWords(Payload):
    mode = CodedField(ContactMode)
    lines = fields.Dict(keys=fields.String(), values=fields.String())
    reviewed_on = LocalDate(allow_none=True)


class BoundarySchema(Payload):
    """Keyed like domain.contact_plans.Boundary."""

    kind = CodedField(BoundaryKind, required=True)
    statement = Words(1_000, needed=True)
    channel = Line(load_default="")
    exception = Line(load_default="")
    if_crossed = Words(1_000, load_default="")
    person_id = Line(36, load_default="")
    review_on = LocalDate(allow_none=True, load_default=None)


class BoundaryChangeSchema(BoundarySchema):
    version = Version()


class ChecksSchema(Payload):
    """What was gone through with the client before a boundary comes into use."""

    evidence_kept = Ticked(load_default=False)
    channels_kept = Ticked(load_default=False)
    order_agreed = Ticked(load_default=False)
    fits_now = Ticked(load_default=False)


class UseBoundarySchema(ChecksSchema):
    version = Version()


class BoundaryWords(BoundarySchema):
    state = CodedField(BoundaryState)
    checks = fields.Nested(ChecksSchema)


class ContactPlanRecord(Payload):
    id = Ident()
    case_id = Ident()
    words = fields.Nested(ContactPlanWords)
    author_name = fields.String()
    put_away_at = Instant(allow_none=True)
    version = Version()
    updated_at = Instant()


class BoundaryRecord(ContactPlanRecord):
    words = fields.Nested(BoundaryWords)
