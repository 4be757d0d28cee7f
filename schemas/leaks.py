"""Finds of the leak guard that a person confirmed by name. A find that stays here cannot be confirmed."""

from typing import Any

from marshmallow import fields
from marshmallow.validate import Length

from schemas.fields import Line
from schemas.payload import Payload

FINDS_MOST = 200


def confirmed_finds() -> fields.List[Any]:
    """The keys of finds, as they were told; they hold no content."""
    return fields.List(Line(200), load_default=(), validate=Length(max=FINDS_MOST))


class FindRecord(Payload):
    """A protected value that was found: where, what it is, in which words, and whether it can be confirmed by name."""

    key = fields.String()
    where = fields.String()
    name = fields.String()
    words = fields.String()
    confirmable = fields.Boolean()


class ConfirmedSchema(Payload):
    confirmed = confirmed_finds()
