"""Connected systems: how one is registered, and what is shown of it."""

from marshmallow import fields

from schemas.fields import Ident, Instant, Line, Ticked, Version, Words
from schemas.payload import Payload


class MachineClientChangeSchema(Payload):
    """Scopes, and either the public keys or the address of a key set. An empty one of the two is left out."""

    scope = Line(2_000, needed=True)
    key_url = Line(500, load_default="")
    keys = Words(64_000, load_default="")
    version = Version()


class MachineClientSchema(MachineClientChangeSchema):
    class Meta(MachineClientChangeSchema.Meta):
        exclude = ("version",)

    name = Line(needed=True)
    email = Line(320, needed=True)


class MachineClientRecord(Payload):
    """`id` is the client_id. `last_used_at` is null until the first token."""

    id = Ident()
    name = fields.String()
    email = fields.String()
    active = Ticked()
    scope = fields.String(attribute="scopes")
    key_url = fields.String()
    key_ids = fields.List(fields.String())
    last_used_at = Instant(allow_none=True)
    version = Version()
    updated_at = Instant()
