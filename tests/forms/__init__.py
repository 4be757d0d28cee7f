"""Questionnaires of our own writing, shaped as forms of different makes are, and a large one made on the spot."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from schemas.instruments.definition import Instrument
from service.fhir.importing.form import Reading, read_form

FOLDER = Path(__file__).parent
NAMES = tuple(sorted(each.stem for each in FOLDER.glob("*.json")))
PRACTICE = "00000000-0000-4000-8000-0000000000aa"
POINTS = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"


def sample_bytes(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()


def sample(name: str) -> dict[str, Any]:
    """A copy that a test may change."""
    found: dict[str, Any] = json.loads(sample_bytes(name))
    return found


def to_bytes(form: object) -> bytes:
    return json.dumps(form, ensure_ascii=False).encode()


@cache
def read_sample(name: str) -> Reading:
    return read_form(sample_bytes(name), PRACTICE)


def instrument_of(name: str) -> Instrument:
    found = read_sample(name).instrument
    assert found is not None
    return found


def read_samples() -> tuple[Instrument, ...]:
    return tuple(instrument_of(name) for name in NAMES)


def small_form(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A form with these items, and one text to answer where there are none."""
    asked = list(items) or [{"linkId": "a", "text": "A word", "type": "string"}]
    named = {"resourceType": "Questionnaire", "url": "https://forms.example/Questionnaire/small", "version": "1"}
    return named | {"title": "Small form", "status": "active", "item": asked} | more


def hundred_items(questions: int = 80, sums: int = 20) -> dict[str, Any]:
    """Choices with points in groups of four, and for each group a worked-out sum: 80 and 20 make a hundred."""
    size = questions // sums
    groups = [_group(number, size) for number in range(1, sums + 1)]
    return small_form(*groups, url="https://forms.example/Questionnaire/hundred", title="A hundred questions")


def _group(number: int, size: int) -> dict[str, Any]:
    name = f"g{number}"
    options = [
        {"extension": [{"url": POINTS, "valueDecimal": n}], "valueCoding": {"code": f"c{n}", "display": f"Step {n}"}}
        for n in range(4)
    ]
    asked = [
        {"linkId": f"{name}q{n}", "text": f"Sentence {n} of part {number}", "type": "choice", "answerOption": options}
        for n in range(1, size + 1)
    ]
    expression = f"%resource.item.where(linkId='{name}').item.answer.value.weight().sum()"
    worked_out = {"url": CALCULATED, "valueExpression": {"language": "text/fhirpath", "expression": expression}}
    total = {"linkId": f"{name}sum", "text": f"Sum of part {number}", "type": "integer", "readOnly": True}
    items = [*asked, total | {"extension": [worked_out]}]
    return {"linkId": name, "text": f"Part {number}", "type": "group", "item": items}
