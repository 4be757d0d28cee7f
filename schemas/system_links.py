"""Connected systems of one case: which may read it, and letting one read it."""

from marshmallow import fields

from schemas.fields import Ident, LocalDate, Ticked
from schemas.payload import Payload


class SystemLinkSchema(Payload):
    """`client_id` is that of a connected system in use."""

    client_id = Ident(required=True)


class SystemLinkRecord(Payload):
    """A system, what it may do by its scopes, and how it stands to the case. `until` is the last day of a release."""

    client_id = Ident(attribute="id")
    name = fields.String()
    scope = fields.String(attribute="scopes")
    linked = Ticked()
    until = LocalDate(allow_none=True)
