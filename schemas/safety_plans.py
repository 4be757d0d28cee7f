"""Safety plans in versions. Which parts a plan has: domain/safety.py."""

from marshmallow import fields

from schemas.fields import (
    LARGEST_VERSION,
    CodedField,
    Ident,
    Instant,
    Keyed,
    Line,
    LocalDate,
    Ticked,
    Version,
    WholeText,
    Words,
)
from schemas.leaks import confirmed_finds
from schemas.payload import Payload
from schemas.plan_codes import PlanDoubt
from schemas.vocabulary import CopyAnswer, PlanStatus, PlanType


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
    """The copy question: a neutral title, where the client will keep it, and whether it is a sheet or a small card."""

    title = Line(80, needed=True)
    kept_where = Line(needed=True)
    confirmed = confirmed_finds()
    answer = CodedField(CopyAnswer, load_default=CopyAnswer.COPY)


class SummarySchema(Payload):
    """The release that a clinical summary leaves by."""

    release_id = Line(36, needed=True)
    confirmed = confirmed_finds()


class CopyLineRecord(Payload):
    label = fields.String()
    text = fields.String()


class CopyRecord(Payload):
    """What stands on the client's copy: ticked lines only, none that must stay here."""

    title = fields.String()
    lines = fields.List(fields.Nested(CopyLineRecord))


class AgainstSchema(Payload):
    """Which version to lay this one beside; the one before it unless told otherwise."""

    against = WholeText(1, LARGEST_VERSION, load_default=None)


class LineChangeRecord(Payload):
    """One line that stayed (same), came (new) or went (gone) between the older and the newer version."""

    fate = fields.String()
    text = fields.String()


class PartChangeRecord(Payload):
    """One part that changed."""

    key = fields.String()
    tick = fields.String()
    lines = fields.List(fields.Nested(LineChangeRecord))


class PlanFormSchema(PlanSchema):
    """The plan as its page sends it: `then` names what to do once the draft is kept."""

    then = Line(20, load_default="")


class CopyQuestionSchema(Payload):
    """Is any copy safe to hold? Title and place are asked for only when there is to be one."""

    answer = CodedField(CopyAnswer, required=True)
    title = Line(80, load_default="")
    kept_where = Line(load_default="")
    confirmed = confirmed_finds()


class PlanRecord(Payload):
    """`id` names this version, `plan_id` is shared by all versions of the plan. `mark` says why a plan in use wants
    looking at again today; empty when nothing speaks for it.
    """

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
    doubt = CodedField(PlanDoubt, allow_none=True)
    mark = fields.String()
