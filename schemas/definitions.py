"""An instrument's definition as the API shows it."""

from marshmallow import fields

from schemas.fields import Line
from schemas.instruments.definition import canonical
from schemas.payload import Payload


class InstrumentVersionSchema(Payload):
    """Which version; the newest without it."""

    version = Line(20, load_default=None)


class InstrumentRecord(Payload):
    """What to know before opening the whole definition."""

    key = fields.String()
    version = fields.String()
    title = fields.String()
    banner = fields.String()
    status = fields.String()
    validation = fields.String()
    fingerprint = fields.String()


class DefinitionRecord(InstrumentRecord):
    """`definition` is the canonical form that the fingerprint is taken of."""

    definition = fields.Function(canonical, metadata={"type": "object"})
