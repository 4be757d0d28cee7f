"""What of a form has no effect here, said place by place: nothing is dropped in silence, and it stays in the original.

A modifier extension changes the meaning of what it stands on; one that we do not know refuses the form.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from service.fhir.importing.nodes import Node, short_name

FIELDS = frozenset(
    [
        "id",
        "extension",
        "modifierExtension",
        "linkId",
        "definition",
        "code",
        "prefix",
        "text",
        "type",
        "enableWhen",
        "enableBehavior",
        "required",
        "repeats",
        "readOnly",
        "maxLength",
        "answerValueSet",
        "answerOption",
        "option",
        "options",
        "initial",
        "item",
        "answerConstraint",
        "disabledDisplay",
        "resourceType",
    ]
)
"""What R4, its forerunner and its successor call the fields of an item."""
USED = frozenset(
    [
        "calculatedExpression",
        "calculatedValue",
        "initialExpression",
        "initialValue",
        "enableWhenExpression",
        "expression",
        "variable",
        "constraint",
        "targetConstraint",
        "itemControl",
        "hidden",
        "minValue",
        "maxValue",
        "minQuantity",
        "maxQuantity",
        "minLength",
        "maxDecimalPlaces",
        "minOccurs",
        "maxOccurs",
        "unit",
        "unitOption",
        "unitValueSet",
        "entryFormat",
        "observationExtract",
        "observation-extract-category",
        "observationLinkPeriod",
        "choiceOrientation",
        "choiceColumn",
        "supportLink",
        "displayCategory",
        "shortText",
        "optionExclusive",
        "usageMode",
        "isSubject",
        "width",
        "fhirType",
        "preferredTerminologyServer",
    ]
)
_NAMED = {
    "answerExpression": "Options that are worked out are not offered.",
    "candidateExpression": "Candidates that are worked out are not offered.",
    "answerOptionsToggleExpression": "Options are never taken away by an expression; all of them stay.",
    "lookupQuestionnaire": "A question that is looked up elsewhere is not fetched.",
    "optionRestriction": "Options are not restricted by this.",
    "itemMedia": "Pictures, sounds and films are not shown.",
    "itemAnswerMedia": "Pictures, sounds and films are not shown.",
    "regex": "The pattern is not checked.",
    "maxSize": "The size of a file is not checked.",
    "mimeType": "The type of a file is not checked.",
    "referenceResource": "A record cannot be picked.",
    "signatureRequired": "No signature is asked for.",
    "subQuestionnaire": "A part that lies in another file is not fetched.",
    "itemPopulationContext": "Nothing is filled in from other records by this.",
    "itemExtractionContext": "Nothing is extracted by this.",
    "templateExtract": "Nothing is extracted by this.",
    "unitOpen": "No unit beside those of the form can be given.",
    "sliderStepValue": "A slider's steps are not used; the number is typed.",
}
_ON_OPTIONS = frozenset(["itemWeight", "ordinalValue", "iso21090-CO-value", "optionExclusive", "optionPrefix"])
_BELOW = frozenset({"item", "contained"})
_HARMLESS_MODIFIERS = ("assemble-optional", "independent-root", "independent-child")


def look_over(node: Node, fields: Collection[str] = FIELDS, used: Collection[str] = USED) -> None:
    """Name the fields and extensions of this object that are not used."""
    for key in node.data:
        if key not in fields and key.removeprefix("_") not in fields and not _is_older_value(key):
            node.warn(key[:64], "No such field is known; it stays in the original.")
        if key.startswith("_"):
            _look_beside(node, key)
    for extension in node.nodes("extension"):
        _look_at(extension, used)
    for found in _modifiers(node.data):
        node.refuse(f"The modifier extension {_shown(found)} is not known, so the form could be misread.")


def look_over_option(node: Node) -> None:
    """The same for one option or one code of a value set."""
    for extension in node.nodes("extension"):
        _look_at(extension, _ON_OPTIONS)


def _look_beside(node: Node, key: str) -> None:
    """What hangs on a text: formatting and the like. Translations are read elsewhere."""
    beside = node.node(key)
    for extension in beside.nodes("extension") if beside else ():
        name = short_name(extension.data.get("url"))
        if name in ("expression", "calculatedValue"):
            extension.warn("", "Words that are worked out each time are shown as they stand in the file.")
        elif name != "translation":
            extension.say_kept("", f"The extension {_shown(extension.data)} has no effect here.")


def _look_at(extension: Node, used: Collection[str]) -> None:
    name = short_name(extension.data.get("url"))
    if name in used:
        return
    if name in _NAMED:
        extension.warn("", _NAMED[name])
    else:
        extension.say_kept("", f"The extension {_shown(extension.data)} has no effect here.")


def _shown(extension: Mapping[str, Any]) -> str:
    url = extension.get("url")
    return repr(url[:120]) if isinstance(url, str) else "without an address"


def _is_older_value(key: str) -> bool:
    """`initialString` and its like, and the halves of primitive values that hold their extensions."""
    return key.startswith("_") or (key.startswith("initial") and key[7:8].isupper())


def _modifiers(value: object) -> Iterator[Mapping[str, Any]]:
    """Modifier extensions anywhere in this object, items below it aside. Depth was bounded when the file was read."""
    if isinstance(value, list):
        for each in value:
            yield from _modifiers(each)
    for key, inner in value.items() if isinstance(value, Mapping) else ():
        if key == "modifierExtension":
            yield from _unknown(inner)
        elif key not in _BELOW:
            yield from _modifiers(inner)


def _unknown(value: object) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list) else [value]:
        held = each if isinstance(each, Mapping) else {}
        known = short_name(held.get("url")) == "assemble-expectation"
        if not known or held.get("valueCode") not in _HARMLESS_MODIFIERS:
            yield held
