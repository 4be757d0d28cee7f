"""Instrument -> marshmallow Schema and JSON Schema: the shape of the answers that an edge may hand in.

The payload is `{"P1": {"value": "3"}, "E2": {"skipped": "declined"}}`. Every item may be missing (not asked); a key
that is no item of the instrument is refused; each complaint stands under the key of its item. What fits an item is
decided in schemas/instruments/answer.py.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, assert_never, cast

from marshmallow import RAISE, Schema, ValidationError, fields

from schemas.instruments.answer import Answer, Answers, read_answer
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import (
    OWN_WORDS,
    AnswerKind,
    Choice,
    Day,
    DecimalNumber,
    Group,
    Many,
    Moment,
    MultiChoice,
    Note,
    Quantity,
    Rows,
    Text,
    TimeOfDay,
    WholeNumber,
    YesNo,
)

DRAFT = "https://json-schema.org/draft/2020-12/schema"

# At least one character that is not white space, and no control characters but tab and line breaks.
_PRINTABLE = r"^(?=[\s\S]*\S)[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"

_NUMBER: dict[str, object] = {"oneOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}]}


class AnswerField(fields.Field[Answer]):
    """One item's entry, read by the item's answer kind and never coerced."""

    def __init__(self, item: Item) -> None:
        super().__init__(data_key=item.key, metadata=item_schema(item))
        self.item = item

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Answer:
        try:
            return read_answer(self.item, value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class AnswersSchema(Schema):
    """Base of the schema of each instrument. Fields go by number, because an item key may hold a dot, which marshmallow
    would nest.
    """

    class Meta:
        unknown = RAISE
        register = False


@lru_cache(maxsize=64)
def schema_for(instrument: Instrument) -> Schema:
    """The schema of one instrument version, with a field for each item, follow-ups and once-only items included."""
    named = {f"item_{number}": AnswerField(item) for number, item in enumerate(instrument.asked())}
    return cast(Schema, type("InstrumentAnswers", (AnswersSchema,), named)())


def load_answers(instrument: Instrument, payload: object) -> Answers:
    """The answers in the payload. Raises marshmallow.ValidationError whose messages are keyed by item."""
    schema = schema_for(instrument)
    loaded = cast(dict[str, Answer], schema.load(cast(Mapping[str, Any], payload)))
    return {cast(str, schema.fields[name].data_key): answer for name, answer in loaded.items()}


@lru_cache(maxsize=64)
def json_schema(instrument: Instrument) -> dict[str, object]:
    """The same shape as a JSON Schema (draft 2020-12), for documentation and for clients."""
    return {
        "$schema": DRAFT,
        "title": f"Answers to {instrument.key} {instrument.version}",
        "type": "object",
        "properties": {item.key: {"title": item.prompt} | item_schema(item) for item in instrument.asked()},
        "additionalProperties": False,
    }


def item_schema(item: Item) -> dict[str, object]:
    """JSON Schema of the entry of one item: a value or a reason for skipping."""
    return entry_schema(_rows_schema(item) if isinstance(item.answer, Rows) else value_schema(item.answer))


def _rows_schema(item: Item) -> dict[str, object]:
    row = {
        "type": "object",
        "properties": {each.key: item_schema(each) for each in item.inside()},
        "additionalProperties": False,
    }
    return {"type": "array", "items": row}


def entry_schema(value: dict[str, object]) -> dict[str, object]:
    return {
        "oneOf": [
            _only("value", value),
            _only("skipped", {"enum": [reason.value for reason in NonAnswer]}),
        ]
    }


def _only(name: str, schema: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "properties": {name: schema}, "required": [name], "additionalProperties": False}


def value_schema(kind: AnswerKind) -> dict[str, object]:
    """JSON Schema of a value of the kind."""
    match kind:
        case Choice():
            return _one(kind)
        case MultiChoice():
            return _several(kind)
        case WholeNumber():
            return {"type": "integer", "minimum": kind.low, "maximum": kind.high}
        case Text():
            least = max(1, kind.min_length)
            return {"type": "string", "minLength": least, "maxLength": kind.max_length, "pattern": _PRINTABLE}
        case YesNo():
            return {"type": "boolean"}
        case DecimalNumber():
            return _NUMBER
        case Quantity():
            return _amount(kind)
        case Day():
            return {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}
        case Moment():
            return {"type": "string", "format": "date-time"}
        case TimeOfDay():
            return {"type": "string", "pattern": r"^\d{2}:\d{2}:\d{2}(\.\d+)?$"}
        case Many():
            return {"type": "array", "items": value_schema(kind.of), "minItems": 1, "maxItems": kind.most}
        case Group() | Note() | Rows():
            return {"not": {}}
        case _:
            assert_never(kind)


def _one(kind: Choice | MultiChoice) -> dict[str, object]:
    codes: dict[str, object] = {"enum": list(kind.codes)}
    own: dict[str, object] = {"type": "string", "pattern": f"^{OWN_WORDS}", "maxLength": kind.open_length + 1}
    return {"anyOf": [codes, own]} if kind.open_length else codes


def _amount(kind: Quantity) -> dict[str, object]:
    unit: dict[str, object] = {"enum": list(kind.codes) or [""]}
    return {
        "type": "object",
        "properties": {"number": _NUMBER, "unit": unit},
        "required": ["number", "unit"] if kind.units else ["number"],
        "additionalProperties": False,
    }


def _several(kind: MultiChoice) -> dict[str, object]:
    any_of_them = {"type": "array", "items": _one(kind), "minItems": 1, "uniqueItems": True}
    if not kind.alone:
        return any_of_them
    lone = {"contains": {"enum": list(kind.alone)}}
    return any_of_them | {"if": lone, "then": {"maxItems": 1}}
