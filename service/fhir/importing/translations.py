"""The words of a form in other languages: the translation extension on `_title`, `_text` and `_display`, and the
designations of a value set's codes. https://hl7.org/fhir/R4/extension-translation.html
"""

import re
from collections.abc import Iterator

from schemas.instruments.rules import Translation
from service.fhir.importing.conditions import Known
from service.fhir.importing.layout import control_of
from service.fhir.importing.nodes import Node

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
MOST_LANGUAGES = 60


class Translations:
    """Collects the texts of each language in the order of the form."""

    def __init__(self) -> None:
        self._texts: dict[str, dict[str, str]] = {}

    def all(self) -> tuple[Translation, ...]:
        return tuple(Translation(language, tuple(texts.items())) for language, texts in sorted(self._texts.items()))

    def of_title(self, form: Node) -> None:
        self._keep("title", translated(form, "title"))

    def of_item(self, known: Known) -> None:
        """The question, its help and its options."""
        place = known.place
        self._keep(f"item.{place.key}", translated(place.node, "text"))
        helps = [each.node for each in place.helps if control_of(each.node) != "unit"]
        if helps:
            self._keep(f"help.{place.key}", translated(helps[0], "text"))
        for option in known.options.found:
            self._keep(f"option.{place.key}.{option.code}", _of_option(known.options.nodes[option.code]))

    def _keep(self, place: str, found: Iterator[tuple[str, str]]) -> None:
        for language, text in found:
            if language in self._texts or len(self._texts) < MOST_LANGUAGES:
                self._texts.setdefault(language, {}).setdefault(place, text)


def translated(node: Node, name: str) -> Iterator[tuple[str, str]]:
    """(language, text) of a text of this object."""
    beside = node.node(f"_{name}")
    for extension in beside.extensions("translation") if beside else ():
        language, content = extension.part("lang"), extension.part("content")
        code = _value(language)
        text = _value(content)
        if text and _LANGUAGE.fullmatch(code):
            yield code, text
        else:
            extension.warn("", "A translation without its language or its words is left out.")


def _value(part: Node | None) -> str:
    found = part.first_value() if part else None
    return part.text(f"value{found[0]}") if part and found else ""


def _of_option(node: Node) -> Iterator[tuple[str, str]]:
    coding = node.node("valueCoding")
    yield from translated(coding, "display") if coding else translated(node, "display")
    if "valueString" in node:
        yield from translated(node, "valueString")
    for each in node.nodes("designation"):
        code, text = each.text("language"), each.text("value")
        if text and _LANGUAGE.fullmatch(code):
            yield code, text
