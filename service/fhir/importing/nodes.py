"""One JSON object of the form, read the way its writer meant it: a number as a string, one value where a list belongs,
yes as "true". Each such reading leaves a warning with the place.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from service.fhir.importing.findings import Finding, Findings, Weight

LONGEST_TEXT = 20_000
LONGEST_ADDRESS = 500
MOST_ENTRIES = 20_000
_OFFICIAL = re.compile(r"https?://(build\.fhir\.org|hl7\.org|www\.hl7\.org|terminology\.hl7\.org)/")
_OLD_HEADS = re.compile(r"^(sdc-questionnaire-|questionnaire-|sdc-|cqif-|cqf-|valueset-|codesystem-)")
_PLAIN_NUMBER = re.compile(r"[-+]?(\d{1,20})(\.\d{1,20})?([eE][-+]?\d{1,2})?")
# Characters that no text of ours may hold: controls other than line breaks and tabs.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Node:
    """One object with the place where it stands and the item it belongs to."""

    def __init__(self, data: Mapping[str, Any], path: str, findings: Findings, link_id: str = "") -> None:
        self.data, self.path, self.findings, self.link_id = data, path, findings, link_id

    def __contains__(self, name: str) -> bool:
        return self.data.get(name) is not None

    def say(self, weight: Weight, words: str, name: str = "") -> None:
        place = ".".join(part for part in (self.path, name) if part)
        self.findings.add(Finding(weight, place, self.link_id, words))

    def warn(self, name: str, words: str) -> None:
        self.say(Weight.WARNING, words, name)

    def say_kept(self, name: str, words: str) -> None:
        self.say(Weight.KEPT, words, name)

    def refuse(self, words: str, name: str = "") -> None:
        self.say(Weight.REFUSED, words, name)

    def raw(self, name: str) -> Any:
        """A single value; of a list with one entry, that entry."""
        value = self.data.get(name)
        if not isinstance(value, list):
            return value
        self.warn(name, "This is a list where one value belongs; its first entry is used.")
        return value[0] if value else None

    def text(self, name: str) -> str:
        """A text without surrounding blanks; "" where there is none."""
        value = self.raw(name)
        if value is None:
            return ""
        if isinstance(value, int | Decimal):
            self.warn(name, "This should be a text.")
            value = str(value).lower() if isinstance(value, bool) else str(value)
        if not isinstance(value, str):
            self.warn(name, "This should be a text and is left out.")
            return ""
        return self._clean(name, value)

    def _clean(self, name: str, value: str) -> str:
        if _CONTROLS.search(value):
            self.warn(name, "Control characters are left out.")
            value = _CONTROLS.sub("", value)
        if len(value) > LONGEST_TEXT:
            self.warn(name, f"The text is cut after {LONGEST_TEXT} characters.")
        return value[:LONGEST_TEXT].strip()

    def flag(self, name: str) -> bool | None:
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return value
        read = {"true": True, "false": False, "1": True, "0": False}.get(str(value).strip().lower())
        self.warn(name, "This should be true or false." + (" It is left out." if read is None else ""))
        return read

    def number(self, name: str) -> Decimal | None:
        value = self.raw(name)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Decimal(value)
        if value is None:
            return None
        return self._number_in_words(name, value)

    def _number_in_words(self, name: str, value: object) -> Decimal | None:
        text = value.strip() if isinstance(value, str) else ""
        if not _PLAIN_NUMBER.fullmatch(text):
            self.warn(name, "This should be a number and is left out.")
            return None
        self.warn(name, "This number is written as a text.")
        try:
            return Decimal(text)
        except InvalidOperation:
            return None

    def whole(self, name: str) -> int | None:
        number = self.number(name)
        if number is None:
            return None
        if number != number.to_integral_value():
            self.warn(name, "This should be a whole number and is left out.")
            return None
        return int(number)

    def node(self, name: str) -> "Node | None":
        """The object under a name; a text where an object belongs is left out with a warning."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.warn(name, "This should be an object and is left out.")
            return None
        return Node(value, self._place(name), self.findings, self.link_id)

    def nodes(self, name: str) -> list["Node"]:
        """The objects of a list; a single object stands for a list of one."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.warn(name, "One value stands where a list belongs.")
            value = [value]
        if len(value) > MOST_ENTRIES:
            self.refuse(f"A list has more than {MOST_ENTRIES} entries.", name)
        return list(self._each(name, value[:MOST_ENTRIES]))

    def _each(self, name: str, values: list[object]) -> Iterator["Node"]:
        for number, each in enumerate(values):
            place = f"{name}[{number}]"
            if isinstance(each, Mapping):
                yield Node(each, self._place(place), self.findings, self.link_id)
            elif each is not None:
                self.warn(place, "This should be an object and is left out.")

    def _place(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def extensions(self, *names: str) -> list["Node"]:
        """The extensions of these short names, whichever of their official addresses stands there."""
        given = self.data.get("extension")
        if given is None or not any(short_name(each) in names for each in _addresses(given)):
            return []
        return [each for each in self.nodes("extension") if short_name(each.data.get("url")) in names]

    def extension(self, *names: str) -> "Node | None":
        found = self.extensions(*names)
        if len(found) > 1:
            self.warn("extension", f"{names[0]} stands here {len(found)} times; the first is used.")
        return found[0] if found else None

    def part(self, name: str) -> "Node | None":
        """The extension inside an extension that bears this name."""
        return next((each for each in self.nodes("extension") if each.data.get("url") == name), None)

    def values(self, stem: str = "value") -> list[tuple[str, Any]]:
        """(type, value) of `value[x]`, or of another stem: ("Coding", {...}). Nulls are none."""
        found = ((key.removeprefix(stem), each) for key, each in self.data.items() if key.startswith(stem))
        return [(name, each) for name, each in found if name[:1].isupper() and each is not None]

    def first_value(self, stem: str = "value") -> tuple[str, Any] | None:
        found = self.values(stem)
        if len(found) > 1:
            self.warn(stem, "Several values stand where one belongs; the first is used.")
        return found[0] if found else None


def _addresses(extensions: object) -> Iterator[object]:
    for each in extensions if isinstance(extensions, list) else [extensions]:
        yield each.get("url") if isinstance(each, Mapping) else None


def short_name(url: object) -> str:
    """`questionnaire-hidden`, `sdc-questionnaire-hidden`, under any official base -> `hidden`; "" for another's."""
    return _short(url) if isinstance(url, str) and len(url) <= LONGEST_ADDRESS else ""


@lru_cache(maxsize=2048)
def _short(url: str) -> str:
    if not _OFFICIAL.match(url):
        return ""
    return _OLD_HEADS.sub("", _OLD_HEADS.sub("", url.rstrip("/").rsplit("/", 1)[-1]))
