"""Answers to an imported form -> one Observation for each that the form marks for extraction or names as its result.

SDC, observation-based extraction: an item needs a code, the value keeps its type, and the Observation is derived from
the response. https://hl7.org/fhir/uv/sdc/extraction.html (4.0.0-ballot shapes; the R4 extensions are those of 3.0.0)
Rule: no interpretation, no reference range; a skipped item gives nothing.
"""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import DecimalNumber, WholeNumber
from service.domain.enabling import answered
from service.domain.intakes import Intake
from service.fhir.draft import Made
from service.fhir.observation import frame_of
from service.fhir.shapes import Json, concept, present
from service.fhirpath.response_items import answer_values, coding_json


def extracted(intake: Intake, instrument: Instrument, *, encounter_id: str) -> list[Made]:
    """In the order of the form; an item in repeated rows gives one for each row."""
    if instrument.origin is None:
        return []
    frame = frame_of(intake, instrument, encounter_id)
    return [
        Made({**content, **frame}, intake.updated_at, date=intake.authored_at, code=_searched(item))
        for item, content in _contents(intake, instrument)
    ]


def _contents(intake: Intake, instrument: Instrument) -> Iterator[tuple[Item, Json]]:
    for place, item, answer in answered(instrument, intake.answers):
        if not _leaves(item, instrument) or isinstance(answer, NonAnswer):
            continue
        codes = [coding_json(code) for code in ((item.code,) if item.code else ()) + item.more_codes]
        for number, value in enumerate(answer_values(item.answer, answer)):
            yield (
                item,
                present(
                    resourceType="Observation",
                    id=observation_id(intake.id, place, number),
                    code=concept(*codes, text=item.prompt),
                    **_value(item, value),
                ),
            )


def _leaves(item: Item, instrument: Instrument) -> bool:
    wanted = item.key in instrument.results or (item.rules is not None and item.rules.extract)
    return wanted and item.code is not None


def observation_id(intake_id: str, place: str, number: int) -> str:
    """Stays the same however often it is built; a place may hold characters that an id may not."""
    return f"{intake_id}-{hashlib.sha256(f'{place}#{number}'.encode()).hexdigest()[:16]}"


def _value(item: Item, value: Json) -> Json:
    """R4 Observation has no valueDecimal, valueDate, valueUri and valueCoding: their nearest of equal meaning."""
    (name, held), *_rest = value.items()
    match name:
        case "valueDecimal" | "valueInteger":
            return _number(item, held)
        case "valueCoding":
            return {"valueCodeableConcept": {"coding": [held]}}
        case "valueDate":
            return {"valueDateTime": held}
        case "valueUri":
            return {"valueString": held}
        case _:
            return {name: held}


def _number(item: Item, held: Any) -> Json:
    kind = item.answer
    unit = kind.unit if isinstance(kind, WholeNumber | DecimalNumber) else ""
    if unit or isinstance(held, Decimal):
        return {"valueQuantity": present(value=held, unit=unit)}
    return {"valueInteger": held}


def _searched(item: Item) -> str:
    return f"{item.code.system}|{item.code.code}" if item.code else ""
