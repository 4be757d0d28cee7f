"""The base of every payload, the shape of problems and pages, and complaints on one level.

Rule: a key that is no field is refused. `load` gives plain values keyed like the draft dataclass they are meant for.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import RAISE, Schema, fields, missing

from schemas.fields import Version, WholeText

PAGE_LARGEST = 200
PAGE_USUAL = 50
PAGES_MOST = 100_000


class Payload(Schema):
    """Refuses unknown fields and anything but an object."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "There is no such field.", "type": "Give an object."}  # noqa: RUF012 - marshmallow's own hook


class Replacement(Payload):
    """The whole of what can be typed: every field must be there, so that leaving one out can never blank it."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        if field_name != "version" and not field_obj.dump_only:
            field_obj.required = True
            field_obj.load_default = missing


class VersionOnly(Payload):
    """For steps that change a record without any text. In the JSON API `If-Match` may stand in for the field."""

    version = Version()


class Problem(Payload):
    """RFC 9457 problem details. `errors` maps a field, dotted when it is nested, to what is wrong with it."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.String())
    reference = fields.String()
    why = fields.String()
    yours = fields.Dict(keys=fields.String(), values=fields.String())
    theirs = fields.Dict(keys=fields.String(), values=fields.String())


class Page(Payload):
    """Which part of a list; totals come back in the X-Total-Count and Link headers."""

    page = WholeText(1, PAGES_MOST, load_default=1)
    page_size = WholeText(1, PAGE_LARGEST, load_default=PAGE_USUAL)


def flat(messages: Mapping[Any, Any] | Sequence[Any] | str, prefix: str = "") -> dict[str, str]:
    """marshmallow's nested messages as one level: dotted field name -> first complaint."""
    if isinstance(messages, str):
        return {prefix or "body": messages}
    if isinstance(messages, Mapping):
        pairs = ((_joined(prefix, str(key)), value) for key, value in messages.items())
        return {name: text for key, value in pairs for name, text in flat(value, key).items()}
    return {prefix or "body": str(messages[0])} if messages else {}


def _joined(prefix: str, key: str) -> str:
    """`_schema` is about the whole object and adds no name of its own."""
    if key == "_schema":
        return prefix
    return f"{prefix}.{key}" if prefix else key
