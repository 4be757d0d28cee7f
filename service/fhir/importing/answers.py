"""What each question is answered with: type, options, limits and units of an item -> an answer kind.

A question that cannot be asked here (attachment, reference, options that are not in the file) becomes a note that says
so; where the form requires its answer, the form is refused.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from schemas.instruments.kinds import (
    HIGHEST,
    LOWEST,
    AnswerKind,
    Choice,
    Coding,
    Day,
    DecimalNumber,
    Group,
    Many,
    Moment,
    MultiChoice,
    Note,
    Option,
    Quantity,
    Rows,
    Text,
    TimeOfDay,
    WholeNumber,
    YesNo,
)
from service.fhir.importing.findings import Weight
from service.fhir.importing.layout import Place
from service.fhir.importing.nodes import Node
from service.fhir.importing.options import Options, options_offered, read_coding, read_options, units
from service.fhir.importing.value_sets import ValueSets

USUAL_LENGTH = 4_000
OWN_WORDS_LENGTH = 1_000
MOST_ROWS = 50
MOST_ANSWERS = 100
NOT_ASKED = "not asked in Stepwell"
_EXTERNAL = "Its options lie in a value set that is not in the file"
_UNSUPPORTED = {"attachment": "A file cannot be attached", "reference": "A record cannot be picked"}
_DATE = re.compile(r"(?!0000)\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?")
_CHOICES = ("choice", "open-choice")
_WITH_OPTIONS = (*_CHOICES, "string", "text", "integer", "date", "time", "decimal")

Question = Text | YesNo | WholeNumber | DecimalNumber | Quantity | Day | Moment | TimeOfDay


def read_kind(place: Place, sets: ValueSets) -> tuple[AnswerKind, Options]:
    """The kind, and the options where it has any."""
    node = place.node
    if place.type == "group":
        return _group(place), Options()
    if place.type == "display":
        return Note(), Options()
    if place.type in _UNSUPPORTED:
        return _not_asked(node, _UNSUPPORTED[place.type]), Options()
    options = read_options(node, sets) if place.type in _WITH_OPTIONS else Options()
    if options is None:
        return _without_options(place), Options()
    if place.type in _CHOICES and not options.found:
        options = options_offered(node)
    if options.found:
        return _choice(place, options), options
    if place.type in _CHOICES:
        return _without_options(place), Options()
    kind = _quantity(node, sets) if place.type == "quantity" else _ONE[place.type](node)
    return (Many(kind, _most(node)) if node.flag("repeats") else kind), Options()


def _group(place: Place) -> AnswerKind:
    node = place.node
    if not node.flag("repeats"):
        return Group()
    if not place.children:
        node.warn("repeats", "The group repeats nothing.")
        return Group()
    least, most = _occurrence(node, "minOccurs") or 0, _occurrence(node, "maxOccurs") or MOST_ROWS
    if least > most:
        node.warn("extension", "minOccurs is above maxOccurs and is left out.")
        least = 0
    return Rows(least, most)


def _occurrence(node: Node, name: str) -> int | None:
    found = node.extension(name)
    value = found.whole("valueInteger") if found else None
    return value if value is not None and 0 <= value <= 1_000 else None


def _most(node: Node) -> int:
    return _occurrence(node, "maxOccurs") or MOST_ANSWERS


def _not_asked(node: Node, why: str) -> Note:
    """Raises nothing: an item that must be answered and cannot be refuses the form by its finding."""
    if node.flag("required") and not _is_out_of_reach(node):
        node.refuse(f"{why}, and the form requires an answer.", "type")
    else:
        node.say(Weight.UNSUPPORTED, f"{why}. The item is shown as a note, {NOT_ASKED}.", "type")
    return Note()


def _is_out_of_reach(node: Node) -> bool:
    """Whether nobody is meant to answer it."""
    hidden = node.extension("hidden")
    return bool(node.flag("readOnly")) or (hidden is not None and hidden.flag("valueBoolean") is not False)


def _without_options(place: Place) -> AnswerKind:
    node = place.node
    named = any(name in node for name in ("answerValueSet", "options"))
    why = _EXTERNAL if named or _suggests(node) else "It is a choice without options"
    if place.type == "open-choice" or _may_be_words(node):
        node.warn("answerValueSet" if named else "type", f"{why}. The question is answered in own words.")
        return Text(_length(node, OWN_WORDS_LENGTH))
    return _not_asked(node, why)


def _suggests(node: Node) -> bool:
    return bool(node.extensions("answerExpression", "candidateExpression", "preferredTerminologyServer"))


def _may_be_words(node: Node) -> bool:
    """Whether a choice takes own words as well, as R5 says it."""
    return node.data.get("answerConstraint") in ("optionsOrString", "optionsOrType")


def _choice(place: Place, options: Options) -> Choice | MultiChoice:
    node = place.node
    if place.type not in _CHOICES:
        node.warn("answerOption", f"Options stand on a question of type {place.type}; it is read as a choice.")
    is_open = place.type == "open-choice" or _may_be_words(node)
    length = _length(node, OWN_WORDS_LENGTH) if is_open else 0
    if node.flag("repeats"):
        return MultiChoice(tuple(options.found), tuple(options.alone), length)
    return Choice(tuple(options.found), length)


def _length(node: Node, usual: int) -> int:
    told = node.whole("maxLength")
    if told is None or told < 1:
        return usual
    if told > USUAL_LENGTH:
        node.say_kept("maxLength", f"Texts here end after {USUAL_LENGTH} characters.")
    return min(told, USUAL_LENGTH)


def _text(node: Node) -> Text:
    most = _length(node, USUAL_LENGTH)
    found = node.extension("minLength")
    least = (found.whole("valueInteger") if found else None) or 0
    if not 0 <= least <= most:
        node.warn("extension", "The least length cannot be kept and is left out.")
        least = 0
    return Text(most, least)


def _link(node: Node) -> Text:
    return Text(_length(node, USUAL_LENGTH), link=True)


def _yes_no(_node: Node) -> YesNo:
    return YesNo()


def _limit(node: Node, name: str) -> Decimal | None:
    found = node.extension(name)
    value = _fixed(found)
    if found is None or value is None:
        return None
    if value[0] == "Quantity":
        quantity = found.node("valueQuantity")
        return quantity.number("value") if quantity else None
    return found.number(f"value{value[0]}")


def _fixed(limit: Node | None) -> tuple[str, object] | None:
    """The value of a limit; one that is worked out each time has at most a stand-in, which is not meant."""
    if limit is None:
        return None
    worked_out = [key for key in limit.data if key.startswith("_value")]
    value = None if worked_out else limit.first_value()
    if value is None:
        limit.warn("", "This limit is no fixed value and is not checked.")
    return value


def _limits(node: Node) -> tuple[Decimal | None, Decimal | None]:
    low, high = _limit(node, "minValue"), _limit(node, "maxValue")
    if low is None:
        low = _limit(node, "minQuantity")
    if high is None:
        high = _limit(node, "maxQuantity")
    if low is not None and high is not None and low > high:
        node.warn("extension", "minValue is above maxValue; neither is kept.")
        return None, None
    return low, high


def _whole(node: Node) -> WholeNumber:
    low, high = _limits(node)
    lowest = max(LOWEST, int(low.to_integral_value("ROUND_CEILING"))) if low is not None else LOWEST
    highest = min(HIGHEST, int(high.to_integral_value("ROUND_FLOOR"))) if high is not None else HIGHEST
    if lowest >= highest:
        node.warn("extension", "The limits leave less than two numbers; only the lower one is kept.")
        lowest, highest = min(lowest, HIGHEST - 1), HIGHEST
    return WholeNumber(lowest, highest, _unit_words(node))


def _decimal(node: Node) -> DecimalNumber:
    low, high = _limits(node)
    return DecimalNumber(low, high, _places(node), _unit_words(node))


def _places(node: Node) -> int | None:
    found = node.extension("maxDecimalPlaces")
    places = found.whole("valueInteger") if found else None
    return places if places is not None and 0 <= places <= 18 else None


def _unit_words(node: Node) -> str:
    found = node.extensions("unit", "unitOption")
    coding = found[0].node("valueCoding") if found else None
    read = read_coding(coding) if coding else None
    return read.display or read.code if read else _unit_beside(node)


def _unit_beside(node: Node) -> str:
    """LHC-Forms' own way: a display below the question with the control `unit`."""
    found = [each for each in node.nodes("item") if each.data.get("type") == "display"]
    marked = [each for each in found if _is_unit(each)]
    return marked[0].text("text")[:40] if marked else ""


def _is_unit(display: Node) -> bool:
    control = display.extension("itemControl")
    concept = control.node("valueCodeableConcept") if control else None
    return any(each.text("code") == "unit" for each in (concept.nodes("coding") if concept else []))


class _Units:
    """The units of a quantity in the order of the form."""

    def __init__(self, node: Node, sets: ValueSets) -> None:
        self.node, self.sets = node, sets

    def codings(self) -> list[Coding]:
        found = [self._coding(each) for each in self.node.extensions("unitOption", "unit")]
        listed = self.node.extension("unitValueSet")
        address = _address(listed) if listed else ""
        concepts = self.sets.concepts(address) if address else []
        if concepts is None:
            self.node.warn("extension", "The units lie in a value set that is not in the file; it is left out.")
        from_initial = [self._initial(each) for each in self.node.nodes("initial")]
        every = [*found, *(each.coding for each in concepts or [])] or from_initial
        return [each for each in every if each is not None and (each.code or each.display)]

    def _coding(self, extension: Node) -> Coding | None:
        coding = extension.node("valueCoding")
        return read_coding(coding) if coding else None

    def _initial(self, initial: Node) -> Coding | None:
        """The unit of a value that is offered, where the form names no other."""
        quantity = initial.node("valueQuantity")
        if quantity is None:
            return None
        read = Coding(quantity.text("system"), quantity.text("code"), quantity.text("unit"))
        return read if read.code or read.display else None


def _address(extension: Node) -> str:
    return extension.text("valueCanonical") or extension.text("valueUri")


def _quantity(node: Node, sets: ValueSets) -> Quantity:
    low, high = _limits(node)
    found = units(_Units(node, sets).codings())
    if not found and (words := _unit_beside(node)):
        found = (Option("u1", words, stands_for=Coding("", "", words)),)
    return Quantity(found, low, high, _places(node))


def _bound(node: Node, name: str, fits: Callable[[str], object]) -> str:
    """A limit in the form of our answers, or "" with a warning where it is none."""
    found = node.extension(name)
    value = _fixed(found)
    if found is None or value is None:
        return ""
    text = found.text(f"value{value[0]}")
    try:
        fits(text)
    except ValueError:
        found.warn("", "This limit is no fixed date or time and is not checked.")
        return ""
    return text


def _pair(node: Node, fits: Callable[[str], object]) -> tuple[str, str]:
    low, high = _bound(node, "minValue", fits), _bound(node, "maxValue", fits)
    return low, high


def _is_day(text: str) -> None:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    if len(text) == 10:
        date.fromisoformat(text)


def _day(node: Node) -> Day:
    low, high = _pair(node, _is_day)
    entry = node.extension("entryFormat")
    pattern = entry.text("valueString").lower() if entry else ""
    return Day(low, high, partial=bool(pattern) and "d" not in pattern and "t" not in pattern)


def _moment(node: Node) -> Moment:
    return Moment(*_pair(node, datetime.fromisoformat))


def _time(node: Node) -> TimeOfDay:
    return TimeOfDay(*_pair(node, _is_time))


def _is_time(text: str) -> None:
    if time.fromisoformat(text).tzinfo is not None:
        raise ValueError(text)


_ONE: Mapping[str, Callable[[Node], Question]] = {
    "boolean": _yes_no,
    "decimal": _decimal,
    "integer": _whole,
    "date": _day,
    "dateTime": _moment,
    "time": _time,
    "string": _text,
    "text": _text,
    "url": _link,
}
