"""Answers <-> the items of a QuestionnaireResponse, nested as an imported form nests its questions.

The expressions of a form are evaluated over these items, and they leave unchanged as FHIR. Reading them back gives the
answers that went in. https://hl7.org/fhir/R4/questionnaireresponse.html

Decimal numbers stay `Decimal`, so that the digits that were typed go out again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, assert_never

from schemas.instruments.answer import Answer, Answers, read_answer
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import (
    OWN_WORDS,
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
    Plain,
    Quantity,
    Rows,
    Text,
    TimeOfDay,
    WholeNumber,
    YesNo,
)
from schemas.instruments.value import Amount

Json = dict[str, Any]
PLACES = 8  # of a number that an expression worked out
SKIP_REASON = "skip-reason"
"""Names the extension that holds why an item has no answer: its url ends with this."""


def option_json(option: Option) -> Json:
    """An option as the imported form writes it."""
    match option.stands_for:
        case Coding() as coding:
            return {"valueCoding": coding_json(coding)}
        case Plain(type, text):
            name = f"value{type[0].upper()}{type[1:]}"
            return {name: int(text) if type == "integer" else text}
        case None:
            return {"valueCoding": {"code": option.code, "display": option.label}}
        case _:
            assert_never(option.stands_for)


def coding_json(coding: Coding) -> Json:
    parts = {"system": coding.system, "version": coding.version, "code": coding.code, "display": coding.display}
    return {name: text for name, text in parts.items() if text}


def answer_values(kind: AnswerKind, answer: object, option: Callable[[Option], Json] = option_json) -> list[Json]:
    """The `answer` entries of one answered item; `option` says how a chosen option is written."""
    values = answer if isinstance(answer, tuple) else (answer,)
    return [_value(kind.of if isinstance(kind, Many) else kind, each, option) for each in values]


def _value(kind: AnswerKind, value: Any, option: Callable[[Option], Json]) -> Json:
    match kind:
        case Choice() | MultiChoice():
            return _chosen(kind, value, option)
        case WholeNumber():
            return {"valueInteger": value}
        case DecimalNumber():
            return {"valueDecimal": value}
        case Quantity():
            return {"valueQuantity": _quantity(kind, value)}
        case Text():
            return {"valueUri" if kind.link else "valueString": value}
        case YesNo():
            return {"valueBoolean": value}
        case Day():
            return {"valueDate": value}
        case Moment():
            return {"valueDateTime": value}
        case TimeOfDay():
            return {"valueTime": value}
        case Many() | Group() | Note() | Rows():
            raise ValueError("this kind holds no single answer")
        case _:
            assert_never(kind)


def _chosen(kind: Choice | MultiChoice, code: str, option: Callable[[Option], Json]) -> Json:
    if code.startswith(OWN_WORDS):
        return {"valueString": code.removeprefix(OWN_WORDS)}
    return option(next(each for each in kind.options if each.code == code))


def _quantity(kind: Quantity, amount: Amount) -> Json:
    unit = next((each for each in kind.units if each.code == amount.unit), None)
    if unit is None:
        return {"value": amount.number}
    stands_for = unit.stands_for if isinstance(unit.stands_for, Coding) else Coding("", "", unit.label)
    told = {"unit": unit.label, "system": stands_for.system, "code": stands_for.code}
    return {"value": amount.number} | {name: text for name, text in told.items() if text}


def response_items(instrument: Instrument, answers: Answers, reasons_base: str = "") -> list[Json]:
    """What was answered or skipped, in the order of the form. A skip is written as an extension whose url begins with
    `reasons_base`.
    """
    return [each for section in instrument.sections() for each in _items(section.items, answers, reasons_base)]


def _items(items: Sequence[Item], answers: Answers, base: str) -> list[Json]:
    return [each for item in items for each in _item(item, answers, base)]


def _item(item: Item, answers: Answers, base: str) -> Iterator[Json]:
    named = {"linkId": item.name, "text": item.prompt} if item.prompt else {"linkId": item.name}
    answer = answers.get(item.key)
    if isinstance(item.answer, Rows) and isinstance(answer, tuple):
        for row in answer:
            if isinstance(row, Mapping):
                yield named | {"item": _items(item.follow_ups, row, base)}
        return
    inner = [] if isinstance(item.answer, Rows) else _items(item.follow_ups, answers, base)
    match answer:
        case None:
            if inner:
                yield named | {"item": inner}
        case NonAnswer():
            yield named | {"extension": [skip_extension(answer, base)]} | ({"item": inner} if inner else {})
        case _:
            values = answer_values(item.answer, answer)
            yield named | {"answer": [_with(values[0], inner), *values[1:]]}


def _with(value: Json, inner: list[Json]) -> Json:
    """Questions under a question stand under its (first) answer."""
    return value | {"item": inner} if inner else value


def skip_extension(reason: NonAnswer, base: str) -> Json:
    return {"url": f"{base}{SKIP_REASON}", "valueCode": reason.value}


def answers_from_items(instrument: Instrument, items: object) -> Answers:
    """The answers in the items of a response. Raises ValueError that begins with the linkId of what does not fit and
    never repeats what was answered.
    """
    return _read(tuple(item for section in instrument.sections() for item in section.items), items)


def _read(known: Sequence[Item], given: object) -> dict[str, Answer]:
    by_name = {item.name: item for item in known}
    found: dict[str, Answer] = {}
    rows: dict[str, list[Answers]] = {}
    for entry in given if isinstance(given, list) else ():
        item = _named(by_name, entry)
        if isinstance(item.answer, Rows) and not _reason(entry):
            rows.setdefault(item.key, []).append(_read(item.follow_ups, entry.get("item")))
        elif item.key in found:
            raise ValueError(f"{item.name}: this item stands here twice.")
        else:
            found |= _read_item(item, entry)
    return found | {key: tuple(each) for key, each in rows.items()}


def _named(by_name: Mapping[str, Item], entry: object) -> Item:
    link_id = entry.get("linkId") if isinstance(entry, dict) else None
    if not isinstance(link_id, str) or link_id not in by_name:
        shown = str(link_id)[:64] if isinstance(link_id, str) else "item"
        raise ValueError(f"{shown}: the form has no such item at this place.")
    return by_name[link_id]


def _read_item(item: Item, entry: Json) -> dict[str, Answer]:
    given = entry.get("answer", [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise ValueError(f"{item.name}: a list of answers is expected here.")
    inner = [each for part in (entry, *given) for each in (part.get("item") or [])]
    below = _read(item.follow_ups, inner)
    reason = _reason(entry)
    if given:
        return {item.key: _fitting(item, {"value": _plain_value(item, given)})} | below
    return ({item.key: _fitting(item, {"skipped": reason})} if reason else {}) | below


def _reason(entry: Json) -> object:
    """Why the item has no answer, or None."""
    found = [each for each in entry.get("extension") or () if str(each.get("url")).endswith(SKIP_REASON)]
    return found[0].get("valueCode") if found else None


def _fitting(item: Item, entry: Json) -> Answer:
    try:
        return read_answer(item, entry)
    except ValueError as error:
        raise ValueError(f"{item.name}: {error}") from None


def _plain_value(item: Item, given: Sequence[Json]) -> object:
    several = isinstance(item.answer, MultiChoice | Many)
    if not several and len(given) > 1:
        raise ValueError(f"{item.name}: give one answer only.")
    kind = item.answer.of if isinstance(item.answer, Many) else item.answer
    values = [_plain(kind, item.name, each) for each in given]
    return values if several else values[0]


def _plain(kind: AnswerKind, name: str, value: Json) -> object:
    """The value in the form of our answers; what does not fit is handed on, to be refused with its reason."""
    if isinstance(kind, Choice | MultiChoice):
        return _code(kind, name, value)
    held = [each for key, each in value.items() if key in _KEYS[type(kind)]]
    if not held:
        raise ValueError(f"{name}: the answer is not of the type that the form asks for.")
    return _amount(kind, held[0]) if isinstance(kind, Quantity) else held[0]


_KEYS: Mapping[type, tuple[str, ...]] = {
    WholeNumber: ("valueInteger",),
    DecimalNumber: ("valueDecimal", "valueInteger"),
    Quantity: ("valueQuantity",),
    Text: ("valueString", "valueUri"),
    YesNo: ("valueBoolean",),
    Day: ("valueDate",),
    Moment: ("valueDateTime",),
    TimeOfDay: ("valueTime",),
    Group: (),
    Note: (),
    Rows: (),
    Many: (),
}


def read_result(item: Item, values: Sequence[Any]) -> Answer | None:
    """What an expression gave for an item as its answer, None for nothing. Raises ValueError where it does not fit."""
    kind = item.answer.of if isinstance(item.answer, Many) else item.answer
    plain = [_result(kind, item.name, each) for each in values]
    if not plain:
        return None
    return read_answer(item, {"value": plain if isinstance(item.answer, MultiChoice | Many) else plain[0]})


def _result(kind: AnswerKind, name: str, value: Any) -> object:
    match kind:
        case Choice() | MultiChoice():
            held = (
                "valueCoding"
                if isinstance(value, dict)
                else "valueInteger"
                if isinstance(value, int)
                else "valueString"
            )
            return _code(kind, name, {held: value})
        case Quantity():
            return _amount(kind, value)
        case DecimalNumber():
            return _rounded(kind, value) if isinstance(value, int | Decimal) else value
        case WholeNumber():
            return int(value) if isinstance(value, Decimal) and value == int(value) else value
        case Text() if isinstance(value, dict):
            return value.get("display") or value.get("code") or value
        case _:
            return value


def _rounded(kind: DecimalNumber, value: int | Decimal) -> Decimal:
    """A third has no last digit; what has few digits keeps them."""
    places = PLACES if kind.places is None else kind.places
    number = Decimal(value)
    return round(number, places) if -int(number.as_tuple().exponent) > places else number


def _code(kind: Choice | MultiChoice, name: str, value: Json) -> str:
    matching = [each for each in kind.options if _is_option(each, value)]
    if matching:
        return matching[0].code
    if "valueString" in value and kind.open_length:
        return f"{OWN_WORDS}{value['valueString']}"
    raise ValueError(f"{name}: this is not one of the options of the form.")


def _is_option(option: Option, value: Json) -> bool:
    """A coding is the same by system and code; without a code by its display; a plain value by itself."""
    wanted = option_json(option)
    given = value.get("valueCoding")
    if "valueCoding" not in wanted or not isinstance(given, dict):
        return all(value.get(key) == each for key, each in wanted.items())
    meant = wanted["valueCoding"]
    if given.get("code"):
        return given["code"] == meant.get("code") and given.get("system") in (None, meant.get("system"))
    return "code" not in meant and given.get("display") == meant.get("display")


def _amount(kind: Quantity, value: object) -> object:
    given = value if isinstance(value, dict) else {}
    unit = next((each.code for each in kind.units if _is_unit(each, given)), None)
    stated = given.get("code") or given.get("unit")
    number = given.get("value")
    return {"number": number if isinstance(number, int | float | Decimal | str) else None, "unit": unit or stated or ""}


def _is_unit(unit: Option, given: Json) -> bool:
    code = unit.stands_for.code if isinstance(unit.stands_for, Coding) else ""
    return given.get("code") == code if given.get("code") else given.get("unit") == unit.label
