"""Elements of a resource by their type, or a refusal that names the place. Texts come out on one line, and bounded."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from schemas.years import YEARS, is_year_taken
from service.fhir.importing.findings import on_one_line

LONGEST = 200
MOST = 50
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})")


class Amiss(ValueError):
    """An element that does not fit: where it stands, and what is expected there."""

    def __init__(self, at: str, words: str) -> None:
        super().__init__(f"{at}: {words}")
        self.at, self.words = at, words


class Element:
    """An object in the file and where it stands."""

    def __init__(self, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            raise Amiss(at, "an object is expected here.")
        self.value: dict[str, Any] = value
        self.at = at

    def has(self, name: str) -> bool:
        return name in self.value

    def text(self, name: str) -> str:
        found = self.value.get(name, "")
        if not isinstance(found, str):
            raise Amiss(f"{self.at}.{name}", "text is expected here.")
        if len(found) > LONGEST:
            raise Amiss(f"{self.at}.{name}", f"at most {LONGEST} characters are taken.")
        return on_one_line(found).strip()

    def code(self, name: str, known: frozenset[str]) -> str:
        found = self.text(name)
        if found and found not in known:
            raise Amiss(f"{self.at}.{name}", f"one of {', '.join(sorted(known))} is expected here.")
        return found

    def day(self, name: str) -> date | None:
        """A whole day; a year or a month alone says too little to be compared."""
        found = self.text(name)
        if not found:
            return None
        try:
            on: date = date.fromisoformat(found) if _DAY.fullmatch(found) else _raise(found)
        except ValueError:
            raise Amiss(f"{self.at}.{name}", "a day such as 1990-02-03 is expected here.") from None
        self._check_year(name, on)
        return on

    def moment(self, name: str) -> datetime:
        found = self.text(name)
        try:
            at: datetime = datetime.fromisoformat(found) if _MOMENT.fullmatch(found) else _raise(found)
        except ValueError:
            raise Amiss(f"{self.at}.{name}", "a time with its offset is expected here.") from None
        self._check_year(name, at)
        return at.astimezone(UTC)

    def _check_year(self, name: str, on: date) -> None:
        if not is_year_taken(on.year):
            raise Amiss(f"{self.at}.{name}", YEARS)

    def only(self, name: str) -> "Element | None":
        return Element(self.value[name], f"{self.at}.{name}") if name in self.value else None

    def every(self, name: str) -> Iterator["Element"]:
        found = self.value.get(name, [])
        if not isinstance(found, list):
            raise Amiss(f"{self.at}.{name}", "a list is expected here.")
        if len(found) > MOST:
            raise Amiss(f"{self.at}.{name}", f"at most {MOST} are taken.")
        return (Element(each, f"{self.at}.{name}[{number}]") for number, each in enumerate(found))

    def texts(self, name: str) -> list[str]:
        """A list of plain texts, as in `given`."""
        found = self.value.get(name, [])
        if not isinstance(found, list) or len(found) > MOST or not all(isinstance(each, str) for each in found):
            raise Amiss(f"{self.at}.{name}", f"a list of at most {MOST} texts is expected here.")
        return [on_one_line(each).strip()[:LONGEST] for each in found]


def _raise(found: str) -> Any:
    raise ValueError(found)
