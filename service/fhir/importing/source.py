"""The bytes of a file -> one JSON object, or a refusal. Rule: nothing that two readers might read apart gets in.

Refused: more than 2 MB, text that is not UTF-8, NaN and infinities, numbers too long to keep, a key given twice, half
of a surrogate pair, more than DEEPEST levels. Decimal numbers keep the digits that the file writes.
"""

import json
import re
from collections import Counter
from decimal import Decimal
from typing import Any

LARGEST = 2_000_000
DEEPEST = 120
LONGEST_NUMBER = 40
MOST_OBJECTS = 100_000
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)  # always matches to the end, so it cannot run backwards
_BRACKETS = re.compile(rb"[\[\]{}]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Unreadable(ValueError):
    """The file is refused as a whole; the message says why."""


def read_object(data: bytes) -> dict[str, Any]:
    """Raises Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable("The file is larger than 2 MB.")
    value = _parsed(data.removeprefix(_BYTE_ORDER_MARK))
    if not isinstance(value, dict):
        raise Unreadable("The file holds no JSON object.")
    return value


def _parsed(data: bytes) -> object:
    _check_depth(data)
    try:
        text = data.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_fraction, parse_int=_whole
        )
    except UnicodeDecodeError:
        raise Unreadable("The text of the file is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"The file is not JSON: line {error.lineno}, column {error.colno}.") from None
    if b"\\u" in data:
        _check_surrogates(value)
    return value


def _check_depth(data: bytes) -> None:
    if max(data.count(b"{"), data.count(b"[")) > MOST_OBJECTS or data.count(b'"') > 8 * MOST_OBJECTS:
        raise Unreadable(f"The file holds more than {MOST_OBJECTS} objects, lists or texts.")
    depth = 0
    for bracket in _BRACKETS.finditer(_TEXT.sub(b"", data)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEEPEST:
            raise Unreadable(f"The file is nested deeper than {DEEPEST} levels.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise Unreadable(f"The file gives the key {twice[:64]!r} twice in one object.")
    return found


def _constant(_text: str) -> object:
    raise Unreadable("NaN and infinities are no JSON numbers.")


def _fraction(text: str) -> Decimal:
    number = Decimal(text) if len(text) <= LONGEST_NUMBER else None
    if number is None or abs(number.adjusted()) > LONGEST_NUMBER:
        raise Unreadable("A number in the file is too large or too fine.")
    return number


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise Unreadable("A number in the file is too large.")
    return int(text)


def _check_surrogates(value: object) -> None:
    """Escapes can spell half of a pair, which no file and no database can hold. Depth is bounded by _check_depth."""
    match value:
        case str():
            if any("\ud800" <= char <= "\udfff" for char in value):
                raise Unreadable("The file holds half of a character.")
        case dict():
            for key, inner in value.items():
                _check_surrogates(key)
                _check_surrogates(inner)
        case list():
            for inner in value:
                _check_surrogates(inner)
        case _:
            pass
