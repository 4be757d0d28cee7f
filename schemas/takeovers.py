"""Taking data over from another system: the file as it was received, what of it to take, and what is shown first."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Line, Words
from schemas.payload import Payload
from schemas.takeover_codes import Meeting, OutsideType

LARGEST = 2_000_000
LARGEST_PACKED = 1_800_000  # as in service/web/packing.py


class ArrivalSchema(Payload):
    """`bundle` is the text of the file; `system` which system it comes from, in words."""

    system = Line(200, needed=True)
    bundle = Words(LARGEST, needed=True)


class TakeSchema(ArrivalSchema):
    """`take` names places as they were shown, `seen` the digest of what was shown."""

    take = fields.List(Line(200), load_default=list)
    seen = Line(64, needed=True)


class PackedSchema(Payload):
    """The same from a page, where the file travels packed."""

    system = Line(200, needed=True)
    packed = Words(LARGEST_PACKED, needed=True)
    take = fields.List(Line(200), load_default=list)
    seen = Line(64, needed=True)


class SystemSchema(Payload):
    system = Line(200, needed=True)


class AskSchema(Payload):
    """`client_id` is a connected system that is linked to the case, `number` the id of the client at its own server, or
    an identifier there as `system|value`.
    """

    client_id = Ident(required=True)
    number = Line(400, needed=True)


class ChangeRecord(Payload):
    name = fields.String()
    here = fields.String()
    there = fields.String()


class OfferRecord(Payload):
    """One thing in the file. `at` is where it stands there, `reason` why it cannot be taken over."""

    at = fields.String()
    type = CodedField(OutsideType)
    title = fields.String()
    meeting = CodedField(Meeting)
    reason = fields.String()
    changes = fields.List(fields.Nested(ChangeRecord))


class ArrivalRecord(Payload):
    """What a file holds for this case; `seen` goes back with what is to be taken over."""

    seen = fields.String()
    offers = fields.List(fields.Nested(OfferRecord))


class FetchedRecord(ArrivalRecord):
    """The same from a server: `system` and `bundle` go back with what is to be taken over, `missing` are the types that
    were not given out, `left_out` the number of entries that spoke of somebody else and are not in it.
    """

    system = fields.String()
    bundle = fields.String()
    missing = fields.List(fields.String())
    left_out = fields.Integer()


class TakeoverRecord(Payload):
    """Something that was taken over: from which system, when and by whom."""

    id = Ident()
    case_id = Ident()
    type = CodedField(OutsideType)
    title = fields.String()
    system = fields.String()
    identifier = fields.String()
    record_id = Ident(allow_none=True)
    at = Instant()
    by_name = fields.String()
