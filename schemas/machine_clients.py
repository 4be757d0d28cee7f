"""Connected systems: how one is registered, and what is shown of it."""

from marshmallow import fields

from schemas.fields import Ident, Instant, Line, Ticked, Version, Words
from schemas.payload import Payload


class MachineClientChangeSchema(Payload):
    """Scopes, and either the public keys or the address of a key set. An empty one of the two is left out.
    `server_url` is the address of its own FHIR server, where it is to be looked for clients' data, `server_client_id`
    the client id that Stepwell has there; empty, they are taken away.
    """

    scope = Line(2_000, needed=True)
    key_url = Line(500, load_default="")
    keys = Words(64_000, load_default="")
    server_url = Line(500, load_default="")
    server_client_id = Line(200, load_default="")
    version = Version()


class MachineClientSchema(MachineClientChangeSchema):
    class Meta(MachineClientChangeSchema.Meta):
        exclude = ("version",)

    name = Line(needed=True)
    email = Line(320, needed=True)


class MachineClientChangePageSchema(MachineClientChangeSchema):
    """The same from a page, where sending is a box of its own; a system may send and read nothing."""

    scope = Line(2_000, load_default="")
    sends = Ticked(load_default=False)


class MachineClientPageSchema(MachineClientSchema, MachineClientChangePageSchema):
    class Meta(MachineClientSchema.Meta):
        pass


class MachineClientRecord(Payload):
    """`id` is the client_id. `last_used_at` is null until the first token."""

    id = Ident()
    name = fields.String()
    email = fields.String()
    active = Ticked()
    scope = fields.String(attribute="scopes")
    key_url = fields.String()
    key_ids = fields.List(fields.String())
    server_url = fields.String()
    server_client_id = fields.String()
    last_used_at = Instant(allow_none=True)
    version = Version()
    updated_at = Instant()
