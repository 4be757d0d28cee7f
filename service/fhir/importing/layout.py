"""The items of a form as a tree with our names on it, before anything is made of them.

Rule: size is checked before anything is walked by recursion.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from service.fhir.importing.naming import Namer
from service.fhir.importing.nodes import Node

MOST_ITEMS = 2_000
DEEPEST = 12
# Displays that belong to the question they stand under, not to the reading order.
HELP = frozenset({"help", "flyover", "upper", "lower", "unit", "security"})
TYPES = frozenset(
    [
        "group",
        "display",
        "boolean",
        "decimal",
        "integer",
        "date",
        "dateTime",
        "time",
        "string",
        "text",
        "url",
        "choice",
        "open-choice",
        "quantity",
        "attachment",
        "reference",
    ]
)
NEWER = {"coding": "choice", "openChoice": "open-choice"}


@dataclass(eq=False)
class Place:
    """One item. `key` is our name for it, `type` one of TYPES; `helps` are the displays that explain it."""

    node: Node
    key: str
    type: str
    children: list["Place"] = field(default_factory=list)
    helps: list["Place"] = field(default_factory=list)

    @property
    def link_id(self) -> str:
        return self.node.link_id

    def walk(self) -> Iterator["Place"]:
        yield self
        for each in self.children:
            yield from each.walk()


def small_enough(form: Node) -> bool:
    """Whether the tree may be walked: refused beyond MOST_ITEMS items or DEEPEST levels."""
    count, level = 0, [form.data]
    for depth in range(1, DEEPEST + 2):
        level = [item for each in level for item in _items_in(each)]
        count += len(level)
        if not level:
            return True
        if count > MOST_ITEMS:
            form.refuse(f"The form has more than {MOST_ITEMS} items.", "item")
            return False
        if depth > DEEPEST:
            deepest = Node(level[0], "item", form.findings, str(level[0].get("linkId", ""))[:64])
            deepest.refuse(f"This item stands more than {DEEPEST} levels deep.")
    return False


def _items_in(data: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Also items below answers that some files have: `item` may be one object."""
    inner = data.get("item")
    for each in inner if isinstance(inner, list) else [inner]:
        if isinstance(each, Mapping):
            yield each


def lay_out(form: Node) -> list[Place]:
    """The top items with everything below them. Says what is wrong with their names and types."""
    tops = [_place(each) for each in form.nodes("item")]
    every = [each for top in tops for each in _all(top)]
    _check_names(every)
    names = Namer("i", {each.link_id for each in every})
    for each in every:
        each.key = names.name(each.link_id)
    return tops


def _all(place: Place) -> Iterator[Place]:
    for each in place.walk():
        yield each
        yield from each.helps


def _place(node: Node) -> Place:
    node.link_id = ""
    node.link_id = node.text("linkId")[:255]
    place = Place(node, "", _type(node))
    for child in node.nodes("item"):
        below = _place(child)
        (place.helps if _is_help(below) else place.children).append(below)
    return place


def _is_help(place: Place) -> bool:
    return place.type == "display" and control_of(place.node) in HELP and not place.children


def control_of(node: Node) -> str:
    """The code of questionnaire-itemControl, or ""."""
    found = node.extension("itemControl")
    concept = found.node("valueCodeableConcept") if found else None
    codes = [each.text("code") for each in concept.nodes("coding")] if concept else []
    coding = found.node("valueCoding") if found and not codes else None
    return next((each for each in [*codes, coding.text("code") if coding else ""] if each), "")


def _type(node: Node) -> str:
    told = node.text("type")
    if told in TYPES:
        return told
    guessed = NEWER.get(told) or _guess(node)
    if told and told not in NEWER:
        node.warn("type", f"{told[:40]!r} is no type of R4; it is read as {guessed}.")
    elif not told:
        node.warn("type", f"The type is missing; it is read as {guessed}.")
    else:
        node.warn("type", f"{told!r} is a type of another release; it is read as {guessed}.")
    return guessed


def _guess(node: Node) -> str:
    if any(name in node for name in ("answerOption", "option", "answerValueSet", "options")):
        return "choice"
    return "group" if "item" in node else "string"


def _check_names(every: list[Place]) -> None:
    missing = 0
    counted = Counter(each.link_id for each in every if each.link_id)
    for each in every:
        if counted[each.link_id] > 1:
            each.node.refuse(f"The linkId {each.link_id[:64]!r} stands on {counted[each.link_id]} items.")
        if each.link_id:
            continue
        missing += 1
        if each.type == "display":
            each.node.link_id = f"display-{missing}-{len(every)}"
            each.node.warn("linkId", "This text has no linkId; it gets one.")
        else:
            each.node.refuse("This item has no linkId, so its answer could not be told apart from others.")
