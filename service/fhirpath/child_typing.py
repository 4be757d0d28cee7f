"""From what an expression gives to answers of a question, in the child: each value in the type that is asked for.

Where a value does not fit the type, it keeps its own: a half in a whole-number item stays a half, so that nothing is
rounded in silence.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from service.fhirpath.child_language import Values
from service.fhirpath.child_scores import dicts
from service.fhirpath.child_values import Moment, Node, Quantity, is_number, moment, number, plain, text

Json = dict[str, Any]
LARGEST = 2**53  # whole numbers beyond are no longer the same in every reader
UCUM = "http://unitsofmeasure.org"
NAMES = {"string": "valueString", "text": "valueString", "url": "valueUri", "boolean": "valueBoolean"}
MOMENTS = {"date": "valueDate", "dateTime": "valueDateTime", "time": "valueTime"}
CHOICES = frozenset({"choice", "open-choice", "coding"})


def answers(question: Mapping[str, Any], values: Values) -> list[Json]:
    """The answers that an expression gives to a question; a question that does not repeat takes the first."""
    found = [answer for each in values for answer in _answer(question, _given(each))]
    return found if question.get("repeats") else found[:1]


def value_in(answer: Json) -> Any:
    """The value of one answer."""
    return next(value for name, value in answer.items() if name.startswith("value"))


def _given(value: Any) -> Any:
    """A plain value; an expression that stops at the answer means what is in it."""
    value = plain(value)
    if isinstance(value, dict) and "code" not in value:
        name = next((each for each in value if each.startswith("value") and each != "value"), None)
        return plain(Node(value[name], name.removeprefix("value"))) if name else value
    return value


def _answer(question: Mapping[str, Any], value: Any) -> Iterator[Json]:
    asked = str(question.get("type", ""))
    if asked in {"group", "display"} or value is None:
        return
    if asked in MOMENTS:
        yield {MOMENTS[asked]: _moment(value, asked)}
    elif asked in {"integer", "decimal"}:
        yield _number(asked, value)
    elif asked in CHOICES:
        yield _choice(question, value)
    elif asked == "quantity":
        yield _quantity(question, value)
    elif asked == "boolean" and isinstance(value, bool):
        yield {"valueBoolean": value}
    elif asked in {"string", "text", "url"} and not isinstance(value, dict):
        yield {NAMES[asked]: text(value)}
    else:
        yield _as_it_is(value)


def _moment(value: Any, asked: str) -> str:
    found = moment(value, asked) if isinstance(value, str) else value
    if isinstance(found, Moment) and asked == "date":
        found = Moment("date", found.parts[:3])
    return text(value if found is None else found)


def _number(asked: str, value: Any) -> Json:
    value = value.value if isinstance(value, Quantity) else number(value) if isinstance(value, str) else value
    if asked == "integer" and is_number(value) and abs(value) < LARGEST and int(value) == value:
        return {"valueInteger": int(value)}
    return {"valueDecimal": Decimal(value)} if is_number(value) else _as_it_is(value)


def _choice(question: Mapping[str, Any], value: Any) -> Json:
    """A coding; a bare code means the option that has it."""
    if isinstance(value, dict):
        return {"valueCoding": value}
    for option in [*dicts(question.get("answerOption")), *dicts(question.get("option"))]:
        coding = next(iter(dicts([option.get("valueCoding")])), {})
        if value in {coding.get("code"), coding.get("display"), option.get("valueString"), option.get("valueInteger")}:
            return {name: held for name, held in option.items() if name.startswith("value")}
    return _as_it_is(value)


def _quantity(question: Mapping[str, Any], value: Any) -> Json:
    if is_number(value):
        return {"valueQuantity": {"value": value, **_unit(question)}}
    return _as_it_is(value)


def _unit(question: Mapping[str, Any]) -> Json:
    """The unit that a question is asked in, as far as it says so."""
    for extension in dicts(question.get("extension")):
        coding = next(iter(dicts([extension.get("valueCoding")])), {})
        if str(extension.get("url", "")).rsplit("/", 1)[-1] in {"questionnaire-unit", "questionnaire-unitOption"}:
            held = {
                "unit": coding.get("display", coding.get("code")),
                "system": coding.get("system"),
                "code": coding.get("code"),
            }
            return {name: each for name, each in held.items() if each}
    return {}


def _as_it_is(value: Any) -> Json:
    if isinstance(value, Quantity):
        coded = {"system": UCUM, "code": value.unit} if value.unit else {}
        return {"valueQuantity": {"value": value.value, **({"unit": value.unit} if value.unit else {}), **coded}}
    if isinstance(value, Moment):
        return {MOMENTS[value.kind]: str(value)}
    if isinstance(value, int) and abs(value) >= LARGEST:
        return {"valueDecimal": Decimal(value)}
    names = {bool: "valueBoolean", int: "valueInteger", Decimal: "valueDecimal", str: "valueString"}
    return {names.get(type(value), "valueCoding"): value}
