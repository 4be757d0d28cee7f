"""Request bytes -> plain JSON values, or a clear refusal. Rule: nothing gets in that two readers might read apart.

Refused with 400: text that is not UTF-8, NaN and infinities, numbers too large to keep, a key given twice, half of a
surrogate pair, more than DEEPEST levels. Wrong content type is 415, too many bytes 413 (MAX_CONTENT_LENGTH).
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

DEEPEST = 50
LONGEST_NUMBER = 18
JSON = "application/json"
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)  # always matches to the end, so it cannot run backwards
_BRACKETS = re.compile(rb"[\[\]{}]")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Malformed(BadRequest):
    """400 that says what is wrong, and where."""

    def __init__(self, detail: str, field: str = "body") -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = {field: detail}


def read_json(request: Request) -> object:
    """The body of a request; no body at all is an empty object. Raises an HTTPException of werkzeug."""
    raw = request.get_data(cache=True)
    if not raw:
        return {}
    if request.mimetype != JSON:
        raise UnsupportedMediaType
    return parse(raw)


def parse(raw: bytes) -> object:
    """Raises Malformed."""
    try:
        text = raw.decode("utf-8")
        _check_depth(raw)
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_fraction,
            parse_int=_whole,
        )
    except UnicodeDecodeError:
        raise Malformed("The text is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"This is not JSON: line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise Malformed(f"Use at most {DEEPEST} levels.") from None
    _check_surrogates(value, raw)
    return value


def _check_depth(raw: bytes) -> None:
    depth = 0
    for bracket in _BRACKETS.finditer(_TEXT.sub(b"", raw)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEEPEST:
            raise Malformed(f"Use at most {DEEPEST} levels.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Malformed("This is given twice.", named(twice))
    return found


def _constant(_text: str) -> object:
    raise Malformed("NaN and infinities are no JSON numbers.")


def _fraction(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Malformed("A number is too large.")
    return number


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise Malformed("A number is too large.")
    return int(text)


def _check_surrogates(value: object, raw: bytes) -> None:
    """Escapes can spell half of a pair, which no file and no database can hold."""
    if b"\\u" not in raw:
        return
    for field, text in _texts(value, ""):
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise Malformed("This holds half of a character.", field or "body")


def _texts(value: object, field: str) -> Iterator[tuple[str, str]]:
    """(dotted field, text) of every key and every text; depth is bounded by _check_depth."""
    match value:
        case str():
            yield field, value
        case Mapping():
            for key, inner in value.items():
                yield field, key
                yield from _texts(inner, f"{field}.{named(key)}" if field else named(key))
        case list():
            for number, inner in enumerate(value):
                yield from _texts(inner, f"{field}.{number}" if field else str(number))
        case _:
            return


def named(key: str) -> str:
    """The key as a field name, or "body" for what nobody would call a field."""
    return key if _PLAIN_KEY.fullmatch(key) else "body"
