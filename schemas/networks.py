"""The network: somebody around the client, by initials or a nickname."""

from marshmallow import fields

from schemas.card_codes import PersonRole
from schemas.fields import CodedField, Ident, Instant, Line, Ticked, Version, Words
from schemas.payload import Payload


class NetworkPersonSchema(Payload):
    """Keyed like domain.networks.Person. `details` stay here, whatever the gates say."""

    name = Line(40, needed=True)
    asked_for = fields.List(CodedField(PersonRole), load_default=list)
    agreed = Ticked(load_default=False)
    knows_plan = Ticked(load_default=False)
    details = Words(1_000, load_default="")


class NetworkPersonChangeSchema(NetworkPersonSchema):
    version = Version()


class NetworkPersonRecord(Payload):
    """`why_not` says why they cannot be named on any printed copy, empty when both gates were passed."""

    id = Ident()
    case_id = Ident()
    words = fields.Nested(NetworkPersonSchema)
    why_not = fields.String()
    author_name = fields.String()
    put_away_at = Instant(allow_none=True)
    version = Version()
    updated_at = Instant()
