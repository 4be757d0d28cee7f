"""The options of a question, from `answerOption`, STU3's `option`, or a value set that the file brings along."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from schemas.instruments.kinds import Coding, Option, Plain
from service.fhir.importing.leftovers import look_over_option
from service.fhir.importing.naming import Namer
from service.fhir.importing.nodes import Node
from service.fhir.importing.value_sets import Concept, ValueSets
from service.fhir.importing.weights import weight_of

MOST_OPTIONS = 2_000
_PLAIN: Mapping[str, Literal["string", "integer", "date", "time"]] = {
    "String": "string",
    "Integer": "integer",
    "Date": "date",
    "Time": "time",
}


@dataclass
class Options:
    """The options in order, which of them stand alone, which are chosen from the start, and where each is written."""

    found: list[Option] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)

    def code_of(self, stands_for: Coding | Plain) -> str | None:
        """The code of the option that a value of the form means: by system and code, by display, or as plain text."""
        return next((each.code for each in self.found if _means(each, stands_for)), None)


def _means(option: Option, value: Coding | Plain) -> bool:
    held = option.stands_for
    if isinstance(held, Coding) and isinstance(value, Coding):
        if value.code:
            return held.code == value.code and (not value.system or not held.system or held.system == value.system)
        return bool(value.display) and held.display == value.display
    if isinstance(held, Plain) and isinstance(value, Plain):
        return held.text == value.text
    text = value.text if isinstance(value, Plain) else value.code or value.display
    return text in ({held.code, held.display} if isinstance(held, Coding) else {held.text if held else ""})


def read_options(item: Node, sets: ValueSets) -> Options | None:
    """The options that the file holds for this question; None where it names some that it does not hold."""
    entries = item.nodes("answerOption")
    if not entries and "option" in item:
        item.warn("option", "This is the older name of answerOption (STU3).")
        entries = item.nodes("option")
    address = _address(item)
    if entries:
        if address:
            item.warn("answerValueSet", "A value set stands beside inline options; the options are used.")
        return _options(_from_entries(entries))
    if not address:
        return Options()
    concepts = sets.concepts(address)
    return None if concepts is None else _options(_from_concepts(concepts))


def options_offered(item: Node) -> Options:
    """What a choice without options offers from the start: forms that fix a value are written so."""
    found = _options(_from_entries(each for each in item.nodes("initial") if "valueCoding" in each))
    if found.found:
        item.warn("initial", "The choice has no options but what is offered from the start.")
    return found


def _address(item: Node) -> str:
    """The value set that a question names; STU3 has a Reference under `options`."""
    if "answerValueSet" in item:
        return item.text("answerValueSet")
    if not isinstance(item.data.get("options"), str | Mapping):
        return ""
    item.warn("options", "This is the older name of answerValueSet (STU3).")
    if isinstance(item.data["options"], str):
        return item.text("options")
    reference = item.node("options")
    return reference.text("reference") if reference else ""


@dataclass(frozen=True)
class _Entry:
    stands_for: Coding | Plain
    label: str
    weight: int | Decimal | None
    node: Node


def _from_concepts(concepts: Iterable[Concept]) -> Iterator[_Entry]:
    for each in concepts:
        if not each.coding.code and not each.coding.display:
            each.node.warn("", "This code has neither code nor display and is left out.")
            continue
        yield _Entry(each.coding, each.coding.display, each.weight, each.node)


def _from_entries(entries: Iterable[Node]) -> Iterator[_Entry]:
    for entry in entries:
        found = _entry(entry)
        if found is not None:
            yield found


def _entry(entry: Node) -> _Entry | None:
    name, value = entry.first_value() or ("", None)
    if name in ("Coding", "CodeableConcept"):
        return _coded(entry, name)
    if name == "Reference":
        entry.warn("valueReference", "A reference to a record cannot be chosen in Stepwell; this option is left out.")
        return None
    stands_for = plain(name, value)
    if stands_for is None:
        entry.warn("", "This option has no value of a kind that can be chosen and is left out.")
        return None
    return _Entry(stands_for, stands_for.text, _own_weight(entry, stands_for), entry)


def _coded(entry: Node, name: str) -> _Entry | None:
    node = entry.node(f"value{name}")
    if node is not None and name == "CodeableConcept":
        entry.warn("valueCodeableConcept", "This should be a Coding.")
        node = next(iter(node.nodes("coding")), None)
    coding = read_coding(node) if node else None
    if coding is None:
        entry.warn(f"value{name}", "This option has neither code nor display and is left out.")
        return None
    return _Entry(coding, coding.display, weight_of(entry, node), entry)


def read_coding(node: Node) -> Coding | None:
    """Code, display or both; None where there is neither."""
    coding = Coding(node.text("system"), node.text("code"), node.text("display"), node.text("version"))
    if coding.system and ":" not in coding.system:
        node.warn("system", "The code system is no absolute address; it is kept as it is.")
    return coding if coding.code or coding.display else None


def plain(name: str, value: object) -> Plain | None:
    """A value of the form that is no code: `plain("Integer", 3)`."""
    if name in ("Decimal", "Integer") and isinstance(value, Decimal) and value == value.to_integral_value():
        return Plain("integer", str(int(value)))
    if name not in _PLAIN or not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        return None
    text = str(value).strip()
    is_whole = text.removeprefix("-").isdecimal()
    kind = _PLAIN[name] if name != "Integer" or is_whole else "string"
    return Plain(kind, text) if text else None


def _own_weight(entry: Node, value: Plain) -> int | Decimal | None:
    """A stated weight, else what a whole number says itself."""
    stated = weight_of(entry)
    return int(value.text) if stated is None and value.type == "integer" else stated


def _options(entries: Iterator[_Entry]) -> Options:
    every = list(entries)
    names = Namer("o", {_wish(each.stands_for) for each in every})
    found = Options()
    seen: set[Coding | Plain] = set()
    for entry in every:
        if entry.stands_for in seen:
            entry.node.warn("", "The same option stands here twice; the second is left out.")
        elif len(found.found) == MOST_OPTIONS:
            entry.node.refuse(f"A question has more than {MOST_OPTIONS} options.")
            break
        else:
            _add(found, names.name(_wish(entry.stands_for)), entry)
        seen.add(entry.stands_for)
    return found


def _wish(stands_for: Coding | Plain) -> str:
    return stands_for.code if isinstance(stands_for, Coding) else stands_for.text


def _add(found: Options, code: str, entry: _Entry) -> None:
    label = entry.label or _wish(entry.stands_for)
    if not entry.label:
        entry.node.warn("", "The option has no words of its own; its code is shown.")
    look_over_option(entry.node)
    prefix = next((each.text("valueString") for each in entry.node.extensions("optionPrefix")), "")
    shown = f"{prefix} {label}".strip()
    found.found.append(Option(code, shown, entry.weight, entry.stands_for))
    found.nodes[code] = entry.node
    if any(each.flag("valueBoolean") for each in entry.node.extensions("optionExclusive")):
        found.alone.append(code)
    if entry.node.flag("initialSelected"):
        found.chosen.append(code)


def units(codings: Iterable[Coding]) -> tuple[Option, ...]:
    """Units with plain codes, each once."""
    names, found = Namer("u"), dict[Coding, Option]()
    for each in codings:
        if each not in found:
            found[each] = Option(names.name(each.code), each.display or each.code, stands_for=each)
    return tuple(found.values())
