"""Who could see a record elsewhere, and who the other person is. Keyed like domain.proxies; each text one a line."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Line, Version, Whole, Words
from schemas.payload import Payload, Replacement
from schemas.proxy_codes import MatchedBy, ProxyKind


class ConcernSchema(Payload):
    """Names, telephone numbers, e-mail and postal addresses; one a line, a postal address on one line."""

    names = Words(1_000, load_default="")
    numbers = Words(1_000, load_default="")
    emails = Words(1_000, load_default="")
    addresses = Words(2_000, load_default="")


class ConcernFormSchema(ConcernSchema):
    version = Whole(0, 10_000, load_default=0)


class ConcernChangeSchema(Replacement, ConcernSchema):
    """`version` is 0 before the first."""

    version = Whole(0, 10_000, required=True)


class ConcernRecord(Payload):
    words = fields.Nested(ConcernSchema, allow_none=True)
    version = fields.Integer()


class ProxySchema(Payload):
    """`system` is which system told so; `somebody_else` why a match is another person."""

    kind = CodedField(ProxyKind, required=True)
    name = Line(200, load_default="")
    numbers = Words(1_000, load_default="")
    emails = Words(1_000, load_default="")
    addresses = Words(2_000, load_default="")
    system = Line(200, load_default="")
    somebody_else = Words(1_000, load_default="")


class ProxyChangeSchema(ProxySchema):
    version = Version()


class ProxyRecord(Payload):
    """`matched` says what they have in common with the other person; `blocks` whether anything may go there."""

    id = Ident()
    case_id = Ident()
    words = fields.Nested(ProxySchema)
    matched = fields.List(CodedField(MatchedBy))
    blocks = fields.Boolean()
    author_name = fields.String()
    version = Version()
    updated_at = Instant()
