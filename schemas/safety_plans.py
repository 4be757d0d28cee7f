"""Safety plans in versions, and safety events with their follow-ups. Which parts a plan has: domain/safety.py."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Keyed, Line, LocalDate, Ticked, Version, Words
from schemas.payload import Page, Payload
from schemas.vocabulary import CopyAnswer, Disposition, EventLevel, EventStatus, PlanStatus, PlanType


class PlanStartSchema(Payload):
    type = CodedField(PlanType, required=True)


class PlanLineSchema(Payload):
    text = Words(4_000, load_default="")
    on_copy = Ticked(load_default=False)


class PlanSchema(Payload):
    """Keyed like casework.plans.PlanDraft: the whole plan each time."""

    lines = Keyed(fields.Nested(PlanLineSchema), required=True)
    made_with_client = Ticked(required=True)
    private_session = Ticked(required=True)
    version = Version()


class CopySchema(Payload):
    """The copy question: a neutral title, and where the client will keep it."""

    title = Line(80, needed=True)
    kept_where = Line(needed=True)


class CopyLineRecord(Payload):
    label = fields.String()
    text = fields.String()


class CopyRecord(Payload):
    """What stands on the client's copy: ticked lines only, none that must stay here."""

    title = fields.String()
    lines = fields.List(fields.Nested(CopyLineRecord))


class PlanFormSchema(PlanSchema):
    """The plan as its page sends it: `then` names what to do once the draft is kept."""

    then = Line(20, load_default="")


class CopyQuestionSchema(Payload):
    """Is any copy safe to hold? Title and place are asked for only when there is to be one."""

    answer = CodedField(CopyAnswer, required=True)
    title = Line(80, load_default="")
    kept_where = Line(load_default="")


class PlanRecord(Payload):
    """`id` names this version, `plan_id` is shared by all versions of the plan."""

    id = Ident()
    plan_id = Ident()
    case_id = Ident()
    type = CodedField(PlanType)
    number = fields.Integer()
    status = CodedField(PlanStatus)
    made_with_client = Ticked()
    private_session = Ticked()
    lines = fields.Dict(keys=fields.String(), values=fields.Nested(PlanLineSchema))
    reviewed_on = LocalDate()
    next_review = LocalDate()
    author_id = Ident()
    author_name = fields.String()
    created_at = Instant()
    version = Version()
    updated_at = Instant()


class EventOpenSchema(Payload):
    level = CodedField(EventLevel, required=True)
    prompt = Line(needed=True)
    session_id = Ident(allow_none=True, load_default=None)


class FollowUpSchema(Payload):
    """Keyed like domain.safety.FollowUp."""

    code = CodedField(Disposition, required=True)
    offered = Words(2_000, needed=True)
    client_wish = Words(2_000, needed=True)
    decided_by = Line(needed=True)
    text = Words(needed=True)
    at = Instant(required=True)
    next_check = LocalDate(required=True, allow_none=True)


class DisposeSchema(FollowUpSchema):
    version = Version()


class EventListSchema(Page):
    status = CodedField(EventStatus)


class EventRecord(Payload):
    id = Ident()
    case_id = Ident()
    session_id = Ident(allow_none=True)
    intake_id = Ident(allow_none=True)
    level = CodedField(EventLevel)
    rule = fields.String()
    item = fields.String()
    prompt = fields.String()
    opened_at = Instant()
    opened_by = fields.String()
    status = CodedField(EventStatus)
    follow_up = fields.Nested(FollowUpSchema, allow_none=True)
    version = Version()
    updated_at = Instant()
