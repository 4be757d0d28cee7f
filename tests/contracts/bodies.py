"""A well-formed body for any schema, made from its fields, so that a request reaches the permission table instead of
failing at the door.

Rule: only shape is met. A verb may still refuse the values (422) or the version (409).
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, missing

from schemas.fields import CodedField, Ident, Instant, LocalDate, Number, Secret, Ticked, Whole, Words
from service.domain import clock
from service.domain.safety import COPY_TITLES
from tests.builders import PASSWORD
from tests.contracts.route_ids import UNKNOWN

SAID = "In plain words, what was said, and what was done about it, step by step and by whom."


def later(*, minutes: int) -> str:
    return (clock.now() + timedelta(minutes=minutes)).isoformat()


# Where a rule asks for more than the shape tells.
MEANT: Mapping[str, Callable[[], Any]] = {
    "bundle": lambda: '{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}',
    "email": lambda: "new.person@linden.example",
    "title": lambda: COPY_TITLES[0],
    "code_word": lambda: "willow",
    "next_check": lambda: clock.now().date().isoformat(),
    "offered": lambda: SAID,
    "client_wish": lambda: SAID,
    "decided_by": lambda: "Both of us",
    "kept_where": lambda: "At work",
    "reason": lambda: SAID,
    "ends_at": lambda: later(minutes=50),
}


def body_for(schema: Schema, ids: Mapping[str, str]) -> dict[str, Any]:
    """Every field that must be there; ids by their names where they are known."""
    return {
        each.data_key or name: value_for(each, name, ids)
        for name, each in schema.fields.items()
        if not each.dump_only and (each.required or name == "version" or name in MEANT)
    }


def value_for(shape: fields.Field[Any], name: str, ids: Mapping[str, str]) -> Any:
    if name in MEANT and not isinstance(shape, CodedField):
        return MEANT[name]()
    if shape.allow_none:
        return None
    if isinstance(shape, fields.Nested):
        return body_for(shape.schema, ids)
    if isinstance(shape, fields.List):
        return []
    if isinstance(shape, fields.Mapping):
        return {}
    return _plain(shape, name, ids)


def _plain(shape: fields.Field[Any], name: str, ids: Mapping[str, str]) -> Any:
    match shape:
        case Words() if name == "version":
            return "1-1"
        case Secret():
            return PASSWORD[: shape.longest]
        case Words():
            return ids.get(name, SAID)[: shape.longest]
        case CodedField():
            return str(next(iter(shape.codes)))
        case LocalDate():
            return clock.now().date().isoformat()
        case Instant():
            return clock.now().isoformat()
        case Ticked():
            return True
        case Whole() | Number():
            return shape.low
        case Ident():
            return ids.get(name, UNKNOWN)
        case _:
            return shape.load_default if shape.load_default is not missing else ids.get(name, "1")
