"""An imported form as a plain R4 Questionnaire for its own expressions to run over.

The file as received goes out unchanged and may break the specification in small ways; this one is made from the
`Instrument` value that was read from it, so it never does. https://hl7.org/fhir/R4/questionnaire.html
"""

from collections.abc import Sequence
from typing import Any, assert_never

from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import (
    AnswerKind,
    Choice,
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
from schemas.instruments.rules import Constraint, Rules, Variable
from service.fhirpath.response_items import coding_json, option_json

HL7 = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
LANGUAGE = "text/fhirpath"
Json = dict[str, Any]


def item_type(kind: AnswerKind) -> str:
    """The FHIR item type of a kind of question."""
    match kind:
        case Choice() | MultiChoice():
            return "open-choice" if kind.open_length else "choice"
        case Many():
            return item_type(kind.of)
        case Group() | Rows():
            return "group"
        case WholeNumber():
            return "integer"
        case Text():
            return "url" if kind.link else "text"
        case YesNo():
            return "boolean"
        case DecimalNumber():
            return "decimal"
        case Quantity():
            return "quantity"
        case Day():
            return "date"
        case Moment():
            return "dateTime"
        case TimeOfDay():
            return "time"
        case Note():
            return "display"
        case _:
            assert_never(kind)


def questionnaire_of(instrument: Instrument) -> Json:
    """Items, options with their weights, and expressions; nothing that only matters for reading."""
    origin = instrument.origin
    variables = origin.variables if origin else ()
    constraints = origin.constraints if origin else ()
    return _without_empty(
        {
            "resourceType": "Questionnaire",
            "url": origin.url if origin else "",
            "status": "active",
            "extension": [*map(_variable, variables), *map(_constraint, constraints)],
            "item": [_item(item) for section in instrument.sections() for item in section.items],
        }
    )


def _item(item: Item) -> Json:
    rules = item.rules or Rules()
    codes = ((item.code,) if item.code else ()) + item.more_codes
    return _without_empty(
        {
            "linkId": item.name,
            "code": [coding_json(code) for code in codes],
            "text": item.prompt,
            "type": item_type(item.answer),
            "repeats": isinstance(item.answer, MultiChoice | Many | Rows),
            "readOnly": rules.read_only,
            "extension": _expressions(rules),
            "answerOption": _options(item.answer),
            "item": [_item(each) for each in item.follow_ups],
        }
    )


def _options(kind: AnswerKind) -> list[Json]:
    return [_option(option) for option in kind.options] if isinstance(kind, Choice | MultiChoice) else []


def _option(option: Option) -> Json:
    weights = () if option.weight is None else ("itemWeight", "ordinalValue")
    extensions = [{"url": f"{HL7}/{name}", "valueDecimal": option.weight} for name in weights]
    return _without_empty({"extension": extensions}) | option_json(option)


def _expressions(rules: Rules) -> list[Json]:
    named = (
        ("sdc-questionnaire-calculatedExpression", rules.calculated),
        ("sdc-questionnaire-initialExpression", rules.initial_expression),
        ("sdc-questionnaire-enableWhenExpression", rules.shown.expression if rules.shown else ""),
    )
    own = [{"url": f"{SDC}/{name}", "valueExpression": _expression(text)} for name, text in named if text]
    return [*map(_variable, rules.variables), *own, *map(_constraint, rules.constraints)]


def _variable(variable: Variable) -> Json:
    return {"url": f"{HL7}/variable", "valueExpression": {"name": variable.name} | _expression(variable.expression)}


def _constraint(constraint: Constraint) -> Json:
    parts: Sequence[Json] = (
        {"url": "key", "valueId": constraint.key},
        {"url": "severity", "valueCode": str(constraint.severity)},
        {"url": "human", "valueString": constraint.human},
        {"url": "expression", "valueString": constraint.expression},
    )
    return {"url": f"{HL7}/questionnaire-constraint", "extension": list(parts)}


def _expression(text: str) -> Json:
    return {"language": LANGUAGE, "expression": text}


def _without_empty(content: Json) -> Json:
    return {name: value for name, value in content.items() if value not in ("", [], None, False)}
