"""`enableWhen` -> the tests of an item. https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen

What a test compares with is kept in the form of our answers. A comparison by order with an option is spelled out as
the options that fulfil it, because codes have no order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas.instruments.kinds import OWN_WORDS, AnswerKind, Choice, Group, MultiChoice, Note, Option, Plain, Rows
from schemas.instruments.rules import Operator, Shown, Test
from schemas.instruments.value import Single
from service.fhir.importing.layout import Place
from service.fhir.importing.nodes import Node
from service.fhir.importing.options import Options
from service.fhir.importing.values import read_answer_value

_ORDERS = {Operator.ABOVE, Operator.BELOW, Operator.AT_LEAST, Operator.AT_MOST}
_SPELLINGS = {"==": "=", "===": "=", "<>": "!=", "!==": "!=", "=>": ">=", "=<": "<="}
_SPELLINGS |= {"equals": "=", "equal": "=", "not-equal": "!=", "not-equals": "!=", "notEquals": "!="}


@dataclass(frozen=True)
class Known:
    """A question that a condition may name."""

    place: Place
    kind: AnswerKind
    options: Options


Questions = Mapping[str, Known]
"""By linkId."""


def read_shown(node: Node, questions: Questions, expression: str) -> Shown | None:
    """When the item is asked; None for always."""
    entries = node.nodes("enableWhen")
    if expression:
        if entries:
            node.warn("enableWhen", "enableWhen stands beside enableWhenExpression; the expression is used.")
        return Shown(expression=expression)
    is_any = _behaviour(node, entries)
    tests = [test for entry in entries for test in _tests(entry, questions, is_any or len(entries) == 1)]
    spelled_out = len(entries) == 1 and len(tests) > 1
    return Shown(tuple(tests), is_any or spelled_out) if tests else None


def _behaviour(node: Node, entries: list[Node]) -> bool:
    """Whether any test is enough."""
    told = node.text("enableBehavior").lower()
    if told in ("any", "all") or len(entries) < 2:
        return told == "any"
    older = any("hasAnswer" in each or "operator" not in each for each in entries)
    node.warn("enableBehavior", f"It is missing; {'any of the' if older else 'all'} conditions are asked for.")
    return older


def _tests(entry: Node, questions: Questions, is_any: bool) -> list[Test]:
    asked = questions.get(entry.text("question"))
    if asked is None:
        entry.warn("question", "The condition names no item of this form and is left out.")
        return []
    operator = _operator(entry)
    if operator is None:
        return []
    key = asked.place.key
    if operator is Operator.EXISTS:
        return [Test(key, operator, _exists(entry))]
    if isinstance(asked.kind, Group | Note | Rows):
        entry.warn("question", f"The condition names {asked.place.link_id[:64]!r}, which holds no answer here.")
        return [Test(key, operator, "")]
    if isinstance(asked.kind, Choice | MultiChoice) and operator in _ORDERS:
        return _spelled_out(entry, asked, operator, is_any)
    return [Test(key, operator, _wanted(entry, asked))]


def _operator(entry: Node) -> Operator | None:
    told = entry.text("operator")
    if not told:
        entry.warn("operator", "The operator is missing; it is read from what stands there (STU3).")
        return Operator.EXISTS if "hasAnswer" in entry or not entry.values("answer") else Operator.EQUALS
    if told in _SPELLINGS:
        entry.warn("operator", f"{told!r} is no operator of R4; it is read as {_SPELLINGS[told]}.")
    try:
        return Operator(_SPELLINGS.get(told, told))
    except ValueError:
        entry.refuse(f"{told[:20]!r} is no operator of enableWhen.", "operator")
        return None


def _exists(entry: Node) -> bool:
    told = entry.flag("hasAnswer") if "hasAnswer" in entry else entry.flag("answerBoolean")
    return told is not False


def _wanted(entry: Node, asked: Known) -> Single:
    value = read_answer_value(entry, "answer", asked.kind, asked.options)
    if value is not None:
        return value
    entry.warn("answer", f"{asked.place.link_id[:64]!r} can never be answered like this.")
    return f"{OWN_WORDS}{next((str(each)[:200] for _, each in entry.values('answer')), '')}"


def _spelled_out(entry: Node, asked: Known, operator: Operator, is_any: bool) -> list[Test]:
    """Over 2 of options 1, 2, 3, 4 is "3 or 4"; where all tests must hold it is "answered, not 1, not 2"."""
    name, value = entry.first_value("answer") or ("", None)
    limit = _size(Plain("string", str(value)), None) if not isinstance(value, dict) else _limit(entry, name, asked)
    fulfilling = {each.code for each in asked.options.found if _holds(operator, _size_of(each), limit)}
    if not fulfilling:
        entry.warn("answer", f"No option of {asked.place.link_id[:64]!r} fulfils this.")
        return [Test(asked.place.key, Operator.EQUALS, OWN_WORDS)]
    if is_any:
        return [Test(asked.place.key, Operator.EQUALS, code) for code in sorted(fulfilling)]
    others = [each.code for each in asked.options.found if each.code not in fulfilling]
    answered = Test(asked.place.key, Operator.EXISTS, True)
    return [answered, *(Test(asked.place.key, Operator.DIFFERS, code) for code in others)]


def _limit(entry: Node, name: str, asked: Known) -> Decimal | str | None:
    code = read_answer_value(entry, "answer", asked.kind, asked.options)
    option = next((each for each in asked.options.found if each.code == code), None)
    return _size_of(option) if option and name else None


def _size_of(option: Option) -> Decimal | str | None:
    return _size(option.stands_for if isinstance(option.stands_for, Plain) else None, option.weight)


def _size(plain: Plain | None, weight: int | Decimal | None) -> Decimal | str | None:
    """What an option is compared by: its number, its text, or what it counts."""
    if plain is not None:
        text = plain.text
        return Decimal(text) if text.removeprefix("-").replace(".", "", 1).isdecimal() else text
    return None if weight is None else Decimal(weight)


def _holds(operator: Operator, size: Decimal | str | None, limit: Decimal | str | None) -> bool:
    if isinstance(size, Decimal) and isinstance(limit, Decimal):
        order = size.compare(limit)
    elif isinstance(size, str) and isinstance(limit, str):
        order = Decimal((size > limit) - (size < limit))
    else:
        return False
    return {
        Operator.ABOVE: order > 0,
        Operator.BELOW: order < 0,
        Operator.AT_LEAST: order >= 0,
        Operator.AT_MOST: order <= 0,
    }[operator]
