"""Instrument -> Questionnaire with SDC score expressions. https://hl7.org/fhir/R4/questionnaire.html, https://hl7.org/fhir/uv/sdc

The shapes are those that LHC-Forms computes: scores stand on `answerOption.extension` (itemWeight, and R4's own
ordinalValue), options are inline, sums are read-only items with a calculatedExpression over variables. The
expressions follow service/domain/scoring.py: a domain with more missing items than allowed has no sum, otherwise its
sum is prorated to one decimal, half up; the total needs every domain.
"""

import re
from functools import lru_cache
from typing import assert_never

from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Domain, Instrument, Item, Scoring, Section
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
from service.fhir import questionnaire_items as items
from service.fhir.addresses import Addresses
from service.fhir.labels import labels_for
from service.fhir.shapes import UCUM, Json, coding, concept, present
from service.fhirpath.form_items import item_type

HL7 = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
CONTROL = "http://hl7.org/fhir/questionnaire-item-control"
SURVEY = coding("http://terminology.hl7.org/CodeSystem/observation-category", "survey", "Survey")
SCORE_UNIT = {"url": f"{HL7}/questionnaire-unit", "valueCoding": coding(UCUM, "{score}", "score")}
_UNITS = {"days": coding(UCUM, "d", "days"), "times": coding(UCUM, "{times}", "times")}
FIRST_VERSION = "1"


@lru_cache(maxsize=64)
def questionnaire(instrument: Instrument, at: Addresses) -> Json:
    """The whole form. It is a definition: the same for every practice, and never changed once used."""
    return present(
        resourceType="Questionnaire",
        id=items.version_name(instrument),
        meta={"versionId": FIRST_VERSION, "security": labels_for("Questionnaire")},
        extension=_variables(instrument),
        url=at.questionnaire(instrument.key),
        identifier=[{"system": at.identifier("instrument-fingerprint"), "value": instrument.fingerprint}],
        version=instrument.version,
        name=re.sub(r"\W", "", instrument.title.title()),
        title=instrument.title,
        status=str(instrument.status),
        experimental=False,
        subjectType=["Patient"],
        description=instrument.banner,
        purpose=instrument.purpose,
        copyright=instrument.licence,
        item=[
            _display("banner", instrument.banner),
            *(_group(instrument, each, at) for each in instrument.sections()),
            *_total(instrument, at),
        ],
    )


def points_expression(domain: Domain) -> str:
    """FHIRPath: the weights of the answered items of a domain."""
    keys = " or ".join(f"linkId='{item.key}'" for item in domain.items)
    return f"%resource.item.where(linkId='{domain.key}').item.where({keys}).answer.value.weight()"


def subtotal_expression(domain: Domain, scoring: Scoring) -> str:
    """FHIRPath: items times the mean of the answered ones to one decimal, or nothing when too many are missing."""
    count = len(domain.items)
    points, answered = f"%{domain.key}Points", f"%{domain.key}Answered"
    return f"iif({answered} >= {count - scoring.missing_allowed}, ({points} * {count} / {answered}).round(1), {{}})"


def total_expression(instrument: Instrument) -> str:
    """FHIRPath: empty as soon as one part is empty."""
    return " + ".join(f"%{each.key}Sum" for each in instrument.domains)


def _variables(instrument: Instrument) -> list[Json]:
    scoring = instrument.scoring
    if scoring is None:
        return []
    found: list[Json] = []
    for domain in instrument.domains:
        found += [
            _variable(f"{domain.key}Points", f"{points_expression(domain)}.sum()"),
            _variable(f"{domain.key}Answered", f"{points_expression(domain)}.count()"),
            _variable(f"{domain.key}Sum", subtotal_expression(domain, scoring)),
        ]
    return found


def _variable(name: str, expression: str) -> Json:
    return {
        "url": f"{HL7}/variable",
        "valueExpression": {"name": name, "language": "text/fhirpath", "expression": expression},
    }


def _group(instrument: Instrument, section: Section, at: Addresses) -> Json:
    inner: list[Json] = []
    if isinstance(section, Domain):
        inner.append(_display(f"{section.key}-question", f"{instrument.recall.words}: {instrument.question}"))
    for item in section.walk():
        inner += [_question(instrument, item, at), _reason(item, at)]
    if isinstance(section, Domain) and instrument.scoring is not None:
        inner.append(_subtotal(instrument, section, at))
    return {"linkId": section.key, "text": section.title, "type": "group", "item": inner}


def _question(instrument: Instrument, item: Item, at: Addresses) -> Json:
    return present(
        linkId=item.key,
        extension=_hints(item.answer),
        code=[coding(item.code.system, item.code.code, item.code.display)] if item.code else None,
        text=item.prompt,
        type=item_type(item.answer),
        required=False,
        repeats=True if isinstance(item.answer, MultiChoice | Many) else None,
        maxLength=item.answer.max_length if isinstance(item.answer, Text) else None,
        answerOption=_options(instrument, item, at),
    )


def _hints(kind: AnswerKind) -> list[Json]:
    match kind:
        case Choice():
            return [_control("radio-button")]
        case MultiChoice():
            return [_control("check-box")]
        case WholeNumber():
            return [
                {"url": f"{HL7}/minValue", "valueInteger": kind.low},
                {"url": f"{HL7}/maxValue", "valueInteger": kind.high},
                *_unit(kind),
            ]
        case Text() | YesNo() | DecimalNumber() | Quantity() | Day() | Moment() | TimeOfDay():
            return []
        case Many() | Group() | Note() | Rows():
            return []
        case _:
            assert_never(kind)


def _unit(kind: WholeNumber) -> list[Json]:
    return [{"url": f"{HL7}/questionnaire-unit", "valueCoding": _UNITS[kind.unit]}] if kind.unit else []


def _options(instrument: Instrument, item: Item, at: Addresses) -> list[Json]:
    match item.answer:
        case Choice(options):
            return [_option(items.option_coding(instrument, item.key, each, at), _weights(each)) for each in options]
        case MultiChoice(options, alone):
            return [
                _option(items.option_coding(instrument, item.key, each, at), _exclusive(each.code in alone))
                for each in options
            ]
        case WholeNumber() | Text() | YesNo() | DecimalNumber() | Quantity() | Day() | Moment() | TimeOfDay():
            return []
        case Many() | Group() | Note() | Rows():
            return []
        case _:
            assert_never(item.answer)


def _option(value: Json, extensions: list[Json]) -> Json:
    return present(extension=extensions, valueCoding=value)


def _weights(option: Option) -> list[Json]:
    """Both: itemWeight is current, ordinalValue is what readers of R4 4.0.1 know."""
    if option.weight is None:
        return []
    return [{"url": f"{HL7}/{name}", "valueDecimal": option.weight} for name in ("itemWeight", "ordinalValue")]


def _exclusive(alone: bool) -> list[Json]:
    return [{"url": f"{HL7}/questionnaire-optionExclusive", "valueBoolean": True}] if alone else []


def _reason(item: Item, at: Addresses) -> Json:
    """Asked only where the item stays empty: a skipped item is never read as zero or as no."""
    return {
        "linkId": items.companion(item.key),
        "extension": [_control("drop-down")],
        "text": items.WHY_EMPTY,
        "type": "choice",
        "enableWhen": [{"question": item.key, "operator": "exists", "answerBoolean": False}],
        "required": False,
        "answerOption": [{"valueCoding": coding(items.reason_system(at), str(each), each.label)} for each in NonAnswer],
    }


def _subtotal(instrument: Instrument, domain: Domain, at: Addresses) -> Json:
    text = items.subtotal_text(domain)
    return _sum(
        items.subtotal(domain.key), text, items.score_code(instrument, domain.key, text, at), f"%{domain.key}Sum"
    )


def _total(instrument: Instrument, at: Addresses) -> list[Json]:
    if instrument.scoring is None:
        return []
    code = items.score_code(instrument, items.TOTAL, items.TOTAL_TEXT, at)
    return [_sum(items.TOTAL, items.TOTAL_TEXT, code, total_expression(instrument))]


def _sum(link_id: str, text: str, code: Json, expression: str) -> Json:
    return {
        "linkId": link_id,
        "extension": [
            {
                "url": f"{SDC}/sdc-questionnaire-calculatedExpression",
                "valueExpression": {"language": "text/fhirpath", "expression": expression},
            },
            SCORE_UNIT,
            {"url": f"{SDC}/sdc-questionnaire-observationExtract", "valueBoolean": True},
            {"url": f"{SDC}/sdc-questionnaire-observation-extract-category", "valueCodeableConcept": concept(SURVEY)},
        ],
        "code": [code],
        "text": text,
        "type": "decimal",
        "required": False,
        "readOnly": True,
    }


def _display(link_id: str, text: str) -> Json:
    return {"linkId": link_id, "text": text, "type": "display"}


def _control(code: str) -> Json:
    return {"url": f"{HL7}/questionnaire-itemControl", "valueCodeableConcept": concept(coding(CONTROL, code))}
