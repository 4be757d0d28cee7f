"""Our own field types. Each takes exactly one JSON type, never coerces, and complains in a sentence fit to be shown.

`from_text` of numbers and boxes turns what an HTML form posts into what a JSON body would hold.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

from marshmallow import ValidationError, fields

from schemas.vocabulary import Coded
from schemas.years import YEARS, is_year_taken

WORDS_LONGEST = 4_000
KEY_LONGEST = 64
SEVERAL_MOST = 40
LARGEST_VERSION = 2**31 - 1
PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f]*$"

_DECIMAL = re.compile(r"[0-9]{1,9}([.,][0-9]{1,9})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TICKED = frozenset({"on", "yes", "true", "1"})
_NEEDED: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "This field is needed.",
    "null": "This field cannot be empty.",
}

_NOT_AN_OBJECT = _NEEDED | {"invalid": "Give an object."}
_NOT_A_LIST = _NEEDED | {"invalid": "Give a list."}


class Words(fields.String):
    """Text kept exactly as typed. `lines` allows line breaks and tabs; `needed` refuses white space alone."""

    def __init__(
        self, longest: int = WORDS_LONGEST, *, lines: bool = True, needed: bool = False, **kwargs: Any
    ) -> None:
        shape: dict[str, object] = {"maxLength": longest, "pattern": PRINTABLE if lines else ONE_LINE}
        if needed:
            shape["minLength"] = 1
        super().__init__(required=needed, metadata=shape, error_messages=_NEEDED, **kwargs)
        self.longest, self.lines, self.needed = longest, lines, needed

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Give text.")
        if len(value) > self.longest:
            raise ValidationError(f"Use at most {self.longest:,} characters.")
        if not _is_printable(value, lines=self.lines):
            raise ValidationError("This holds characters that cannot be stored. Type it again without them.")
        if self.needed and not value.strip():
            raise ValidationError("Write something here.")
        return value


class Line(Words):
    """Text of one line."""

    def __init__(self, longest: int = 200, *, needed: bool = False, **kwargs: Any) -> None:
        super().__init__(longest, lines=False, needed=needed, **kwargs)


class Secret(Words):
    """A password or code: taken as it is, never dumped."""

    def __init__(self, longest: int = 200, *, needed: bool = False, **kwargs: Any) -> None:
        super().__init__(longest, lines=False, needed=needed, load_only=True, **kwargs)


class CodedField(fields.String):
    """One code of a closed list, loaded as its member."""

    def __init__(self, codes: type[Coded], **kwargs: Any) -> None:
        super().__init__(metadata={"enum": [str(code) for code in codes]}, error_messages=_NEEDED, **kwargs)
        self.codes = codes

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str) or value not in {str(code) for code in self.codes}:
            raise ValidationError(f"Choose one of: {', '.join(self.codes)}.")
        return self.codes(value)


class Keyed(fields.Dict):
    """An object whose keys the sender chooses; a complaint stands under the key itself."""

    def __init__(self, values: fields.Field[Any], **kwargs: Any) -> None:
        super().__init__(keys=Line(KEY_LONGEST), values=values, error_messages=_NOT_AN_OBJECT, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            if isinstance(error.messages, list):
                raise
            named = {key: told.get("value") or told.get("key") for key, told in error.messages.items()}
            raise ValidationError(cast(dict[str, Any], named)) from None


class Several(fields.List[Any]):
    """A list of at most SEVERAL_MOST values, each once."""

    def __init__(self, inner: fields.Field[Any], **kwargs: Any) -> None:
        super().__init__(inner, metadata={"maxItems": SEVERAL_MOST}, error_messages=_NOT_A_LIST, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > SEVERAL_MOST:
            raise ValidationError(f"Give at most {SEVERAL_MOST}.")
        found: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        if any(each in found[:number] for number, each in enumerate(found)):
            raise ValidationError("One of these is given twice.")
        return found


class LocalDate(fields.Date):
    """A calendar day, YYYY-MM-DD."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(error_messages=_NEEDED, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        try:
            if not isinstance(value, str) or not _DAY.fullmatch(value):
                raise ValueError
            day = date.fromisoformat(value)
        except ValueError:
            raise ValidationError("Give a day of the calendar as YYYY-MM-DD.") from None
        _check_year(day.year)
        return day


class Instant(fields.DateTime):
    """A moment with its offset from UTC; loaded and dumped in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(error_messages=_NEEDED, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        try:
            if not isinstance(value, str) or not _INSTANT.fullmatch(value):
                raise ValueError
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise ValidationError("Give a time with its offset, such as 2026-05-04T10:00:00+01:00.") from None
        _check_year(moment.year)
        return moment.astimezone(UTC)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else cast(datetime, value).astimezone(UTC).isoformat().replace("+00:00", "Z")


class Ticked(fields.Boolean):
    """True or false, nothing that merely looks like it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(error_messages=_NEEDED, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Give true or false.")
        return value

    def from_text(self, text: str) -> object:
        return text.casefold() in _TICKED


class Whole(fields.Integer):
    """A whole number from `low` to `high`; true, 1.0 and "1" are none."""

    def __init__(self, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(metadata={"minimum": low, "maximum": high}, error_messages=_NEEDED, **kwargs)
        self.low, self.high = low, high

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if type(value) is not int or not self.low <= value <= self.high:
            raise ValidationError(f"Give a whole number from {self.low} to {self.high}.")
        return value

    def from_text(self, text: str) -> object:
        plain = text.isascii() and text.isdigit() and len(text) <= len(str(self.high))
        return int(text) if plain else text or None


class Number(fields.Float):
    """A number from `low` to `high`; true and "1.5" are none."""

    def __init__(self, low: float, high: float, **kwargs: Any) -> None:
        super().__init__(metadata={"minimum": low, "maximum": high}, error_messages=_NEEDED, **kwargs)
        self.low, self.high = low, high

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        if type(value) not in (int, float) or not self.low <= value <= self.high:
            raise ValidationError(f"Give a number from {self.low:g} to {self.high:g}.")
        return float(value)

    def from_text(self, text: str) -> object:
        plain = _DECIMAL.fullmatch(text.strip())
        return float(text.strip().replace(",", ".")) if plain else text or None


class WholeText(Whole):
    """The same in an address, where every value is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        return super()._deserialize(self.from_text(value) if isinstance(value, str) else value, attr, data, **kwargs)


class Version(Whole):
    """The version of the record that the sender saw."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(1, LARGEST_VERSION, **kwargs)


class Ident(fields.String):
    """The id of a record: a lower-case UUID."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"format": "uuid"}, error_messages=_NEEDED, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise ValidationError("This is not the id of a record.")
        return value


def _is_printable(value: str, *, lines: bool) -> bool:
    """No control characters (bar line breaks and tabs) and no half of a surrogate pair."""
    kept = "\n\r\t" if lines else ""
    return not any(unicodedata.category(char) in ("Cc", "Cs") and char not in kept for char in value)


def _check_year(year: int) -> None:
    if not is_year_taken(year):
        raise ValidationError(YEARS)
