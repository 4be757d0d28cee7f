"""The toolkit: one tool with its caution, and whether it helped."""

from marshmallow import fields

from schemas.card_codes import Helped, ToolFamily, ToolUse
from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Version, Words
from schemas.payload import Payload


class ToolSchema(Payload):
    """Keyed like domain.toolkits.Tool."""

    family = CodedField(ToolFamily, required=True)
    what = Line(needed=True)
    use_for = fields.List(CodedField(ToolUse), load_default=list)
    caution = Words(1_000, load_default="")
    tried_on = LocalDate(allow_none=True, load_default=None)
    helped = CodedField(Helped, load_default=Helped.UNTRIED)


class ToolChangeSchema(ToolSchema):
    version = Version()


class ToolRecord(Payload):
    id = Ident()
    case_id = Ident()
    words = fields.Nested(ToolSchema)
    author_name = fields.String()
    put_away_at = Instant(allow_none=True)
    version = Version()
    updated_at = Instant()
