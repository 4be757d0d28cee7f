"""The one place that says what a fitting answer to each kind of question is. Nothing is coerced but the text form of a
decimal number, which keeps the digits as typed.
"""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from typing import assert_never

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
from schemas.instruments.value import Amount, Single

_LINE_BREAKS_AND_TABS = "\n\r\t"
_DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,18})?")
_PART_OF_DATE = re.compile(r"(?!0000)\d{4}(-(0[1-9]|1[0-2]))?")


def read_value(kind: AnswerKind, value: object) -> Single | tuple[Single, ...]:
    """The value as stored, if it is exactly of the kind. Raises ValueError with a sentence for the item."""
    match kind:
        case Choice():
            return _read_code(kind, value)
        case MultiChoice():
            return _read_codes(kind, value)
        case Many():
            return _read_many(kind, value)
        case Group() | Note() | Rows():
            raise ValueError("This is not a question.")
        case _:
            return _read_single(kind, value)


def _read_single(
    kind: Choice | WholeNumber | Text | YesNo | DecimalNumber | Quantity | Day | Moment | TimeOfDay, value: object
) -> Single:
    match kind:
        case Choice():
            return _read_code(kind, value)
        case WholeNumber():
            return _read_whole(kind, value)
        case Text():
            return _read_text(kind, value)
        case YesNo():
            return _read_yes_no(value)
        case DecimalNumber():
            return _read_decimal(kind, value)
        case Quantity():
            return _read_quantity(kind, value)
        case Day():
            return _read_day(kind, value)
        case Moment():
            return _read_moment(kind, value)
        case TimeOfDay():
            return _read_time(kind, value)
        case _:
            assert_never(kind)


def _read_many(kind: Many, value: object) -> tuple[Single, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("Give one or more answers.")
    if len(value) > kind.most:
        raise ValueError(f"Give at most {kind.most} answers.")
    return tuple(_read_single(kind.of, each) for each in value)


def _read_code(kind: Choice | MultiChoice, value: object) -> str:
    if kind.open_length and isinstance(value, str) and value.startswith(OWN_WORDS):
        return OWN_WORDS + _read_text(Text(kind.open_length), value.removeprefix(OWN_WORDS))
    if not isinstance(value, str) or value not in kind.codes:
        raise ValueError(f"Choose one of: {', '.join(kind.codes)}.")
    return value


def _read_codes(kind: MultiChoice, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(f"Choose one or more of: {', '.join(kind.codes)}.")
    codes = tuple(_read_code(kind, code) for code in value)
    if len(set(codes)) != len(codes):
        raise ValueError("Each may be chosen once only.")
    lone = next((code for code in codes if code in kind.alone), None)
    if lone is not None and len(codes) > 1:
        raise ValueError(f"{lone} cannot be chosen together with others.")
    return codes


def _read_whole(kind: WholeNumber, value: object) -> int:
    if type(value) is not int or not kind.low <= value <= kind.high:
        raise ValueError(f"Give a whole number from {kind.low} to {kind.high}.")
    return value


def _read_text(kind: Text, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("Write something, or choose a reason for skipping.")
    if len(value) > kind.max_length:
        raise ValueError(f"Use at most {kind.max_length} characters.")
    if len(value) < kind.min_length:
        raise ValueError(f"Use at least {kind.min_length} characters.")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in _LINE_BREAKS_AND_TABS for c in value):
        raise ValueError("The text holds control characters that cannot be stored.")
    if kind.link and any(c.isspace() for c in value):
        raise ValueError("A web address holds no spaces.")
    return value


def _read_yes_no(value: object) -> bool:
    match value:
        case bool():
            return value
        case _:
            raise ValueError("Answer true or false.")


def _read_decimal(kind: DecimalNumber, value: object) -> Decimal:
    number = _decimal(value)
    if kind.low is not None and number < kind.low:
        raise ValueError(f"Give a number of {kind.low} or more.")
    if kind.high is not None and number > kind.high:
        raise ValueError(f"Give a number of {kind.high} or less.")
    if kind.places is not None and -int(number.as_tuple().exponent) > kind.places:
        raise ValueError(f"Give at most {kind.places} digits after the point.")
    return number


def _decimal(value: object) -> Decimal:
    """A number from its text, or from a JSON number by way of its shortest text."""
    plain = str(value) if isinstance(value, int | float | Decimal | str) and not isinstance(value, bool) else ""
    if not _DECIMAL.fullmatch(plain):
        raise ValueError("Give a number, with a point before any decimal digits.")
    return Decimal(plain)


def _read_quantity(kind: Quantity, value: object) -> Amount:
    match value:
        case Amount(number, unit):
            pass
        case {"number": number, **rest} if set(rest) <= {"unit"}:
            unit = str(rest.get("unit", ""))
        case _:
            raise ValueError("Give a number and a unit.")
    if unit not in (kind.codes or ("",)):
        raise ValueError(f"Choose one of these units: {', '.join(kind.codes)}." if kind.codes else "Give no unit here.")
    return Amount(_read_decimal(kind.number, number), unit)


def _read_day(kind: Day, value: object) -> str:
    text = value if isinstance(value, str) else ""
    if not _is_date(text) and not (kind.partial and _PART_OF_DATE.fullmatch(text)):
        raise ValueError("Give a date as year-month-day, for example 2026-03-01.")
    if kind.low and text < kind.low[: len(text)]:
        raise ValueError(f"Give a date from {kind.low} on.")
    if kind.high and text[: len(kind.high)] > kind.high:
        raise ValueError(f"Give a date up to {kind.high}.")
    return text


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _read_moment(kind: Moment, value: object) -> str:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        moment = None
    if not isinstance(value, str) or moment is None or moment.tzinfo is None:
        raise ValueError("Give a date and time with its offset, for example 2026-03-01T14:05:00+01:00.")
    if kind.low and moment < _limit(kind.low, moment):
        raise ValueError(f"Give a date and time from {kind.low} on.")
    if kind.high and moment > _limit(kind.high, moment):
        raise ValueError(f"Give a date and time up to {kind.high}.")
    return value


def _limit(text: str, given: datetime) -> datetime:
    limit = datetime.fromisoformat(text)
    return limit if limit.tzinfo else limit.replace(tzinfo=given.tzinfo)


def _read_time(kind: TimeOfDay, value: object) -> str:
    try:
        found = time.fromisoformat(value) if isinstance(value, str) and len(value) >= 8 else None
    except ValueError:
        found = None
    if not isinstance(value, str) or found is None or found.tzinfo is not None:
        raise ValueError("Give a time as hours:minutes:seconds, for example 14:05:00.")
    if kind.low and found < time.fromisoformat(kind.low):
        raise ValueError(f"Give a time from {kind.low} on.")
    if kind.high and found > time.fromisoformat(kind.high):
        raise ValueError(f"Give a time up to {kind.high}.")
    return value
