"""A value as the form writes it -> the form of our answers: an option's code, a number, yes or no, text, an amount."""

from decimal import Decimal
from typing import Any

from schemas.instruments.fitting import read_value
from schemas.instruments.kinds import (
    OWN_WORDS,
    AnswerKind,
    Choice,
    Coding,
    DecimalNumber,
    Many,
    MultiChoice,
    Plain,
    Quantity,
    WholeNumber,
    YesNo,
)
from schemas.instruments.value import Amount, Single
from service.fhir.importing.nodes import Node
from service.fhir.importing.options import Options, plain, read_coding

_YES, _NO = {"true", "y", "yes", "1", "la33-6", "373066001"}, {"false", "n", "no", "0", "la32-8", "373067005"}


def read_answer_value(node: Node, stem: str, kind: AnswerKind, options: Options) -> Single | None:
    """`answer[x]` or `value[x]` of a node as an answer to a question of this kind; None where it cannot be one."""
    found = node.first_value(stem)
    if found is None:
        return None
    name, value = found
    inner = kind.of if isinstance(kind, Many) else kind
    match inner:
        case Choice() | MultiChoice():
            return _chosen(node, f"{stem}{name}", value, options, bool(inner.open_length))
        case YesNo():
            return _truth(node, f"{stem}{name}", value)
        case WholeNumber() | DecimalNumber():
            return _number(node, f"{stem}{name}", inner)
        case Quantity():
            return _amount(node, f"{stem}{name}", inner)
        case _:
            return _words(value)


def _stands_for(node: Node, name: str, value: object) -> Coding | Plain | None:
    inner = node.node(name) if isinstance(value, dict) else None
    if inner is not None:
        return read_coding(inner)
    text = str(value) if isinstance(value, bool) else value
    return plain("Integer" if isinstance(text, int | Decimal) else "String", text)


def _chosen(node: Node, name: str, value: object, options: Options, is_open: bool) -> str | None:
    stands_for = _stands_for(node, name, value)
    if stands_for is None:
        return None
    code = options.code_of(stands_for)
    if code is None and is_open and isinstance(stands_for, Plain):
        return f"{OWN_WORDS}{stands_for.text}"
    return code


def _truth(node: Node, name: str, value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    stands_for = _stands_for(node, name, value)
    text = stands_for.code or stands_for.display if isinstance(stands_for, Coding) else stands_for and stands_for.text
    word = str(text or "").lower()
    if word not in _YES | _NO:
        return None
    node.warn(name, "This should be true or false.")
    return word in _YES


def _number(node: Node, name: str, kind: WholeNumber | DecimalNumber) -> int | Decimal | None:
    held: Any = node.data.get(name)
    inner = node.node(name) if isinstance(held, dict) else None
    number = inner.number("value") if inner else node.number(name)
    if number is None:
        return None
    is_whole = number == number.to_integral_value()
    return int(number) if isinstance(kind, WholeNumber) and is_whole else number


def _amount(node: Node, name: str, kind: Quantity) -> Amount | None:
    """A bare number is meant in the only unit that there is."""
    held = node.data.get(name)
    inner = node.node(name) if isinstance(held, dict) else None
    number = inner.number("value") if inner else node.number(name)
    if number is None:
        return None
    told = inner.text("code") or inner.text("unit") if inner else ""
    fitting = [each.code for each in kind.units if told in (_code(each.stands_for), each.label, each.code)]
    only = kind.codes[0] if len(kind.codes) == 1 and not told else ""
    return Amount(number, next(iter(fitting), only or (told if not kind.units else "")))


def _code(stands_for: object) -> str:
    return stands_for.code if isinstance(stands_for, Coding) else ""


def _words(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None


def offered(node: Node, kind: AnswerKind, options: Options) -> tuple[Single, ...]:
    """The values that the form offers from the start: `initial`, STU3's `initial[x]`, options marked as chosen."""
    found = [*_initial(node, kind, options), *options.chosen]
    distinct = tuple(dict.fromkeys(found))
    several = isinstance(kind, MultiChoice | Many)
    if len(distinct) > 1 and not several:
        node.warn("initial", "Several values are offered where one belongs; the first is used.")
    return distinct if several else distinct[:1]


def _initial(node: Node, kind: AnswerKind, options: Options) -> list[Single]:
    older = [name for name, _ in node.values("initial")]
    places = node.nodes("initial") if "initial" in node else []
    if older:
        node.warn(f"initial{older[0]}", "This is the older form of initial (STU3).")
    if options.found and (places or older):
        node.warn("initial", "`initial` stands beside options; it is read as the option chosen from the start.")
    read = [read_answer_value(each, "value", kind, options) for each in places]
    read += [read_answer_value(node, "initial", kind, options)] if older else []
    return [each for each in read if _fits(node, kind, each) and each is not None]


def _fits(node: Node, kind: AnswerKind, value: Single | None) -> bool:
    single = kind.of if isinstance(kind, Many) else kind
    try:
        if value is not None:
            read_value(single, (value,) if isinstance(single, MultiChoice) else value)
            return True
    except ValueError:
        pass
    node.warn("initial", "The value offered from the start does not fit the question and is left out.")
    return False
