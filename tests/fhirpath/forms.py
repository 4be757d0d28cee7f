"""Small Questionnaires and responses for the tests of expressions."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
HL7 = "http://hl7.org/fhir/StructureDefinition/"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def expression(text: str, **more: str) -> Json:
    return {"language": "text/fhirpath", "expression": text, **more}


def variable(name: str, text: str, **more: str) -> Json:
    return {"url": f"{HL7}variable", "valueExpression": expression(text, name=name, **more)}


def constraint(key: str, text: str) -> Json:
    parts = [
        {"url": "key", "valueId": key},
        {"url": "severity", "valueCode": "error"},
        {"url": "human", "valueString": f"what {key} asks for"},
        {"url": "expression", "valueString": text},
    ]
    return {"url": f"{HL7}questionnaire-constraint", "extension": parts}


def item(link_id: str, kind: str, *extensions: Json, **more: Any) -> Json:
    """An item; `calculated`, `enabled` and `initial` are expressions on it."""
    addresses = {
        "calculated": "calculatedExpression",
        "enabled": "enableWhenExpression",
        "initial": "initialExpression",
    }
    made = [
        {"url": SDC + address, "valueExpression": expression(more.pop(name))}
        for name, address in addresses.items()
        if name in more
    ]
    return {"linkId": link_id, "type": kind, "extension": [*extensions, *made], **more}


def form(*items: Json, **more: Any) -> Json:
    return {"resourceType": "Questionnaire", "status": "active", "item": list(items), **more}


def option(code: str, weight: object = None, system: str = "urn:s") -> Json:
    coding = {"valueCoding": {"system": system, "code": code}}
    return coding if weight is None else {**coding, "extension": [score(weight)]}


def score(weight: object, name: str = "ordinalValue") -> Json:
    return {"url": HL7 + name, "valueDecimal": weight}


def chosen(code: str, system: str = "urn:s") -> Json:
    return {"valueCoding": {"system": system, "code": code}}


def given(link_id: str, *answers: Json) -> Json:
    return {"linkId": link_id, "answer": list(answers)}


def group(link_id: str, *items: Json) -> Json:
    return {"linkId": link_id, "item": list(items)}


def response(*items: Json) -> Json:
    return {"resourceType": "QuestionnaireResponse", "status": "in-progress", "item": list(items)}


def integers(values: Mapping[str, int]) -> list[Json]:
    return [given(link_id, {"valueInteger": value}) for link_id, value in values.items()]


def value(link_id: str) -> str:
    """How forms read the answer of a question at the top."""
    return f"%resource.item.where(linkId='{link_id}').answer.value"
