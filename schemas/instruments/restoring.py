"""The inverse of `definition.canonical`: plain JSON data -> the same instrument with the same fingerprint.

Rule: the values check themselves when they are built, so data that was tampered with raises instead of coming back.
"""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from schemas.instruments import conditions, definition, kinds, rules, value
from schemas.instruments.definition import Instrument

_ROOMS = (conditions, definition, kinds, rules, value)
_CLASSES: Mapping[str, type[Any]] = {
    name: each for room in _ROOMS for name, each in vars(room).items() if isinstance(each, type) and is_dataclass(each)
}


def restored(data: object) -> Instrument:
    """Raises ValueError, KeyError or TypeError for data that `canonical` did not make."""
    instrument = _value(data, Instrument)
    if not isinstance(instrument, Instrument):
        raise TypeError("the data is no instrument")
    return instrument


def _value(data: object, hint: object) -> Any:
    """`hint` is what the field is declared to hold: it tells texts from enumerations."""
    match data:
        case {"is": "Decimal", "text": str(text)}:
            return Decimal(text)
        case {"is": str(name), **entries}:
            hints = _hints(name)
            return _CLASSES[name](**{str(key): _value(each, hints[str(key)]) for key, each in entries.items()})
        case list():
            return tuple(_value(each, inner) for each, inner in zip(data, _inner(hint, len(data)), strict=True))
        case str():
            return _text(data, hint)
        case _:
            return data


@cache
def _hints(name: str) -> dict[str, object]:
    known = get_type_hints(_CLASSES[name])
    return {each.name: known[each.name] for each in fields(_CLASSES[name]) if each.init}


def _inner(hint: object, length: int) -> list[object]:
    """What each part of a tuple is declared to be."""
    for each in _alternatives(hint):
        if get_origin(each) is tuple:
            parts = get_args(each)
            return [parts[0]] * length if parts[-1] is Ellipsis else list(parts)
    return [object] * length


def _text(text: str, hint: object) -> object:
    codes = [each for each in _alternatives(hint) if isinstance(each, type) and issubclass(each, Enum)]
    return codes[0](text) if codes else text


def _alternatives(hint: object) -> tuple[object, ...]:
    return get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
