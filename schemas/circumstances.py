"""Relationship facts and referrals: circumstances of a case that have their own history."""

from marshmallow import fields

from schemas.case_codes import (
    AgeBand,
    Constraint,
    ContactReason,
    DurationBand,
    OrderStatus,
    OrderType,
    ReferralDecision,
    ReferralDirection,
    ReferralKind,
    Urgency,
)
from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Ticked, Version, Whole, Words
from schemas.payload import Payload, Replacement
from schemas.vocabulary import AskedAnswer

MOST_CHILDREN, MOST_RETURNS = 20, 99


class OrderSchema(Payload):
    """A row whose type is `none` is left out."""

    type = CodedField(OrderType, load_default=OrderType.NONE)
    status = CodedField(OrderStatus, load_default=OrderStatus.APPLIED)
    from_on = LocalDate(allow_none=True, load_default=None)
    to_on = LocalDate(allow_none=True, load_default=None)
    terms = Words(2_000, load_default="")
    copy_held = Ticked(load_default=False)


class HearingSchema(Payload):
    on = LocalDate(allow_none=True, load_default=None)
    about = Line(load_default="")


class FactsSchema(Payload):
    """Children are a count and age bands, never names."""

    duration = CodedField(DurationBand, load_default=DurationBand.UNKNOWN)
    children = Whole(0, MOST_CHILDREN, allow_none=True, load_default=None)
    child_ages = fields.List(CodedField(AgeBand), load_default=list)
    housing = CodedField(AskedAnswer, load_default=AskedAnswer.NOT_ASKED)
    workplace = CodedField(AskedAnswer, load_default=AskedAnswer.NOT_ASKED)
    money = CodedField(AskedAnswer, load_default=AskedAnswer.NOT_ASKED)
    pregnancy = CodedField(AskedAnswer, load_default=AskedAnswer.NOT_ASKED)
    immigration = CodedField(AskedAnswer, load_default=AskedAnswer.NOT_ASKED)
    returns = Whole(0, MOST_RETURNS, allow_none=True, load_default=None)
    contact_reasons = fields.List(CodedField(ContactReason), load_default=list)
    constraints = fields.List(CodedField(Constraint), load_default=list)
    orders = fields.List(fields.Nested(OrderSchema), load_default=list)
    hearings = fields.List(fields.Nested(HearingSchema), load_default=list)


class FactsFormSchema(FactsSchema):
    """The same from a form, where a list of which nothing is ticked is not sent."""

    version = Whole(0, 10_000, load_default=0)


class FactsChangeSchema(Replacement, FactsSchema):
    """`version` is 0 before the first."""

    version = Whole(0, 10_000, required=True)


class FactsRecord(Payload):
    """One version; `changed` names what asks for the danger questions."""

    version = fields.Integer()
    facts = fields.Nested(FactsSchema)
    at = Instant(allow_none=True)
    by = fields.String()
    changed = fields.List(fields.String())


class ReferralSchema(Payload):
    """`reason` is in the referrer's words."""

    direction = CodedField(ReferralDirection, required=True)
    kind = CodedField(ReferralKind, required=True)
    received_on = LocalDate(required=True)
    source = Line(load_default="")
    reason = Words(load_default="")
    urgency = CodedField(Urgency, load_default=Urgency.ROUTINE)
    reply_consent = Ticked(load_default=False)
    decision = CodedField(ReferralDecision, load_default=ReferralDecision.PENDING)
    decided_on = LocalDate(allow_none=True, load_default=None)
    note = Words(2_000, load_default="")


class ReferralChangeSchema(Replacement, ReferralSchema):
    version = Version()


class ReferralRecord(ReferralSchema):
    id = Ident()
    case_id = Ident()
    version = Version()
    updated_at = Instant()
