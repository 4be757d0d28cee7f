"""Text, moments and conversions in the child; nothing here reaches a file, the network or a clock.

`now()` and `today()` are the moment that came with the batch. A conversion that fails is empty, as FHIRPath wants it.
"""

import base64
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from service.fhirpath.child_functions import bounded
from service.fhirpath.child_language import Call, Context, Tree, Values, maybe, single, string, value_of
from service.fhirpath.child_values import (
    Mismatch,
    Moment,
    Quantity,
    is_number,
    kind_of,
    moment,
    number,
    plain,
    text,
)

LIMIT = 100_000  # characters of a text that is put together
TRUE, FALSE = frozenset({"true", "t", "yes", "y", "1", "1.0"}), frozenset({"false", "f", "no", "n", "0", "0.0"})
WORD = re.compile(r"(?P<value>[+-]?\d{1,30}(?:\.\d{1,30})?)\s*(?:'(?P<unit>[^']*)'|(?P<word>[a-zA-Z]+))?")
STEPS = ("yearOf", "monthOf", "dayOf", "hourOf", "minuteOf", "secondOf")


def textual(rule: Callable[..., Any]) -> Call:
    """A rule on one text and further plain arguments; nothing gives nothing."""

    def function(context: Context, data: Values, *arguments: Tree) -> Values:
        value, *others = [single(data, "one text"), *(single(value_of(context, each)) for each in arguments)]
        if value is None or None in others:
            return []
        value = text(value) if isinstance(value, Moment) else value
        if not isinstance(value, str):
            raise Mismatch(f"{kind_of(value)} is no text")
        found = rule(value, *others)
        return bounded(found) if isinstance(found, list) else maybe(found)

    return function


def substring(value: str, start: int, length: int | None = None) -> str | None:
    if not 0 <= start < len(value):
        return None
    return value[int(start) :] if length is None else value[int(start) : int(start) + max(0, int(length))]


def pattern(written: str, whole_text: bool = False) -> re.Pattern[str]:
    try:
        return re.compile(f"(?:{written})\\Z" if whole_text else written, re.DOTALL)
    except (re.error, OverflowError):
        raise Mismatch("the pattern is not a regular expression") from None


def replaced(value: str, old: str, new: str) -> str:
    if (value.count(old) + 1) * len(new) > LIMIT:
        raise Mismatch("it makes more text than a form may")
    return value.replace(old, new)


def replaced_matches(value: str, written: str, new: str) -> str:
    try:
        return pattern(written).sub(re.sub(r"\$(\d)", r"\\g<\1>", new.replace("\\", "\\\\")), value)
    except (re.error, IndexError):
        raise Mismatch("the replacement names a group that the pattern lacks") from None


def encoded(value: str, how: str) -> str | None:
    data = value.encode()
    ways = {"hex": data.hex, "base64": lambda: base64.b64encode(data).decode()}
    ways["urlbase64"] = lambda: base64.urlsafe_b64encode(data).decode()
    return ways[how]() if how in ways else None


def decoded(value: str, how: str) -> str | None:
    ways = {"hex": bytes.fromhex, "base64": base64.b64decode, "urlbase64": base64.urlsafe_b64decode}
    try:
        return ways[how](value).decode() if how in ways else None
    except ValueError:
        return None


def joined(context: Context, data: Values, separator: Tree | None = None) -> Values:
    words = [text(plain(each)) for each in data]
    return [("" if separator is None else string(context, separator)).join(words)] if words else []


def converted(rule: Callable[..., Any]) -> Call:
    def function(context: Context, data: Values, *arguments: Tree) -> Values:
        value = single(data)
        return [] if value is None else maybe(rule(value, *(single(value_of(context, each)) for each in arguments)))

    return function


def converts(rule: Callable[..., Any]) -> Call:
    def function(context: Context, data: Values) -> Values:
        value = single(data)
        return [] if value is None else [rule(value) is not None]

    return function


def to_boolean(value: Any) -> bool | None:
    word = text(value).lower() if isinstance(value, bool | int | Decimal | str) else ""
    return True if word in TRUE else False if word in FALSE else None


def to_integer(value: Any) -> int | None:
    found = number(value.strip()) if isinstance(value, str) else int(value) if isinstance(value, bool) else value
    return int(found) if is_number(found) and int(found) == found else None


def to_decimal(value: Any) -> Decimal | None:
    found = number(value.strip()) if isinstance(value, str) else int(value) if isinstance(value, bool) else value
    return Decimal(found) if is_number(found) else None


def to_text(value: Any) -> str | None:
    return None if isinstance(value, dict) else text(value)


def to_quantity(value: Any, unit: str | None = None) -> Quantity | None:
    found = _quantity(value)
    return found.into(unit) if found and unit is not None else found


def _quantity(value: Any) -> Quantity | None:
    if isinstance(value, str):
        found = WORD.fullmatch(value.strip())
        return found and Quantity(Decimal(found["value"]), found["unit"] or found["word"] or "")
    if isinstance(value, Quantity):
        return value
    return Quantity(Decimal(value), "") if isinstance(value, bool | int | Decimal) else None


def to_moment(kind: str) -> Callable[[Any], Moment | None]:
    def rule(value: Any) -> Moment | None:
        if isinstance(value, Moment) and value.kind != "time" and kind != "time":
            return Moment(
                kind, value.parts[:3] if kind == "date" else value.parts, value.offset if kind != "date" else None
            )
        if isinstance(value, Moment):
            return value if value.kind == kind else None
        found = moment(value, "time") if kind == "time" and isinstance(value, str) else None
        found = found or (moment(value) if isinstance(value, str) and kind != "time" else None)
        return rule(found) if found and found.kind != kind else found

    return rule


def part_of(place: int) -> Callable[[Any], int | Decimal | None]:
    def rule(value: Any) -> int | Decimal | None:
        value = moment(value) or moment(value, "time") if isinstance(value, str) else value
        at = place - 3 if isinstance(value, Moment) and value.kind == "time" else place
        found = value.parts[at] if isinstance(value, Moment) and 0 <= at < len(value.parts) else None
        return None if found is None else int(found)

    return rule


def standing(rule: Callable[[Moment], Moment]) -> Call:
    """A moment that is the same throughout a batch."""
    return lambda context, data: [rule(context["vars"].now)]


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "Boolean": to_boolean,
    "Integer": to_integer,
    "Decimal": to_decimal,
    "String": to_text,
    "Date": to_moment("date"),
    "DateTime": to_moment("dateTime"),
    "Time": to_moment("time"),
}
TABLE: dict[str, Call] = {
    **{f"to{kind}": converted(rule) for kind, rule in CONVERSIONS.items()},
    **{f"convertsTo{kind}": converts(rule) for kind, rule in CONVERSIONS.items()},
    "toQuantity": converted(to_quantity),
    "convertsToQuantity": converts(to_quantity),
    **{name: converted(part_of(place)) for place, name in enumerate(STEPS)},
    "millisecondOf": converted(lambda value: int(value.parts[-1] % 1 * 1000) if isinstance(value, Moment) else None),
    "dateOf": converted(to_moment("date")),
    "timeOf": converted(lambda value: Moment("time", value.parts[3:]) if isinstance(value, Moment) else None),
    "now": standing(lambda now: now),
    "today": standing(lambda now: Moment("date", now.parts[:3])),
    "timeOfDay": standing(lambda now: Moment("time", now.parts[3:])),
    "length": textual(len),
    "upper": textual(str.upper),
    "lower": textual(str.lower),
    "trim": textual(str.strip),
    "toChars": textual(list),
    "split": textual(lambda value, by: value.split(by) if by else list(value)),
    "indexOf": textual(str.find),
    "lastIndexOf": textual(str.rfind),
    "startsWith": textual(str.startswith),
    "endsWith": textual(str.endswith),
    "contains": textual(lambda value, part: part in value),
    "substring": textual(substring),
    "replace": textual(replaced),
    "matches": textual(lambda value, written: pattern(written).search(value) is not None),
    "matchesFull": textual(lambda value, written: pattern(written, whole_text=True).match(value) is not None),
    "replaceMatches": textual(replaced_matches),
    "encode": textual(encoded),
    "decode": textual(decoded),
    "join": joined,
}
