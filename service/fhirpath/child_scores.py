"""Scores of answers in the child: `weight()`, `ordinal()` and `answers()`, which SDC adds to FHIRPath.

A score is looked for where files have it: on the answer itself, on the answer option, on the coding of the option, on
the concept of a contained value set or code system. An answer without a score gives nothing. The question is found by
going up from the answer, so the same code may weigh differently under two questions.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from service.fhirpath.child_language import Call, Context, Values
from service.fhirpath.child_values import Node, is_number, number

SCORES = ("itemWeight", "ordinalValue", "questionnaire-ordinalValue", "valueset-ordinalValue", "iso21090-CO-value")
ITEM, ANSWER = "QuestionnaireResponse.item", "QuestionnaireResponse.item.answer"
Score = int | Decimal
Json = Mapping[str, Any]
HL7 = "http://hl7.org/fhir/StructureDefinition"
_ON_ANSWERS = re.compile(r"\banswer(?:\[\d+\]|\.\w+\(\))*+\.value(?:Coding)?(?:\[\d+\]|\.\w+\(\))*+\.extension\b")


class Scores:
    """The scores of one form, worked out once: question -> what may be answered -> its score."""

    def __init__(self, questionnaire: Json) -> None:
        contained = dicts(questionnaire.get("contained"))
        self._sets = {key: each for each in contained for key in (f"#{each.get('id')}", str(each.get("url")))}
        self._systems = {
            (each.get("url"), concept.get("code")): score
            for each in contained
            for concept in _concepts(each, "concept")
            if (score := _score(concept)) is not None
        }
        self._items = {str(each.get("linkId")): each for each in _items(questionnaire)}
        self._known: dict[str, dict[Any, Score]] = {}

    def of(self, link_id: str, value: Any) -> Score | None:
        """The score of an answer to a question."""
        if link_id not in self._known:
            self._known[link_id] = self._options(self._items.get(link_id, {}))
        known = self._known[link_id]
        system, code = _key(value)
        return known.get((system, code), known.get((None, code), self._systems.get((system, code))))

    def _options(self, item: Json) -> dict[Any, Score]:
        """(system, code) -> score; under no system too where the code alone says which is meant."""
        pairs = [*self._listed(item), *self._from_set(item)]
        by_code: dict[Any, set[Score]] = {}
        for (_, code), score in pairs:
            by_code.setdefault(code, set()).add(score)
        alone = {(None, code): next(iter(scores)) for code, scores in by_code.items() if len(scores) == 1}
        return alone | dict(reversed(pairs))

    def _listed(self, item: Json) -> Iterator[tuple[Any, Score]]:
        for option in [*dicts(item.get("answerOption")), *dicts(item.get("option"))]:
            value = answered(option)
            beside = next((each for name, each in option.items() if name.startswith("_value")), None)
            found = [_score(each) for each in (option, value, beside) if isinstance(each, Mapping)]
            for score in [each for each in found if each is not None][:1]:
                yield _key(value), score

    def _from_set(self, item: Json) -> Iterator[tuple[Any, Score]]:
        options = item.get("options")
        named = item.get("answerValueSet") or (options.get("reference") if isinstance(options, Mapping) else options)
        for concept in _concepts(self._sets.get(str(named), {}), "contains", "include"):
            score = _score(concept)
            score = self._systems.get((concept.get("system"), concept.get("code"))) if score is None else score
            if score is not None:
                yield (concept.get("system"), concept.get("code")), score


def weight(context: Context, data: Values) -> Values:
    found = (_weight(context, each) for each in data if isinstance(each, Node))
    return [each for each in found if each is not None]


def answers(context: Context, data: Values) -> Values:
    """All answers below, in the order of the form, each with its value to be asked for."""
    found: Values = []
    waiting = [each for each in data if isinstance(each, Node)]
    while waiting:
        node = waiting.pop(0)
        below = [Node(each, ITEM, node) for each in dicts(_field(node, "item"))]
        given = [Node(each, ANSWER, node) for each in dicts(_field(node, "answer"))]
        found += given
        waiting = [*given, *below, *waiting]
    return found


def _field(node: Node, name: str) -> object:
    return node.data.get(name) if isinstance(node.data, dict) else None


def _value_node(answer: Node) -> Node | None:
    name = next((each for each in answer.data if each.startswith("value")), None)
    kind = name and name.removeprefix("value")
    simple = kind and (
        kind if kind in {"Coding", "Quantity", "Reference", "Attachment"} else kind[0].lower() + kind[1:]
    )
    return Node(answer.data[name], simple, answer, answer.data.get(f"_{name}")) if name else None


def _weight(context: Context, node: Node) -> Score | None:
    value = _value_node(node) if node.path == ANSWER else node
    if value is None:
        return None
    for held in (value.data, value.beside, node.data):
        own = _score(held) if isinstance(held, Mapping) else None
        if own is not None:
            return own
    link_id = _question(node)
    return None if link_id is None else context["vars"].scores.of(link_id, value.data)


def _question(node: Node) -> str | None:
    at: Node | None = node
    while at is not None and at.path != ITEM:
        at = at.parent
    return None if at is None else str(at.data.get("linkId"))


def answered(element: Json) -> Any:
    """The `value...` of an answer or an option."""
    return next((value for name, value in element.items() if name.startswith("value")), None)


def _key(value: Any) -> tuple[Any, Any]:
    if isinstance(value, Mapping):
        return value.get("system"), value.get("code", value.get("display"))
    return None, Decimal(value) if is_number(value) else value


def _score(element: Json) -> Score | None:
    """A number, also one that a file holds as text; also a property of an R5 concept."""
    marked = [each for each in dicts(element.get("extension")) if str(each.get("url", "")).rsplit("/", 1)[-1] in SCORES]
    marked += [each for each in dicts(element.get("property")) if each.get("code") in SCORES]
    for value in map(answered, marked):
        found = number(value) if isinstance(value, str) else value
        if is_number(found):
            return found  # type: ignore[no-any-return]
    return None


def _concepts(element: Json, *names: str) -> Iterator[dict[str, Any]]:
    """Concepts at any depth of a value set or code system, each with the system that it stands under."""
    waiting = [element, *dicts([element.get("expansion"), element.get("compose")])]
    while waiting:
        at = waiting.pop()
        below = [each for name in (*names, "concept") for each in dicts(at.get(name))]
        if "code" in at:
            yield dict(at)
        waiting += [{"system": at.get("system"), **each} for each in below]


def _items(element: Json) -> Iterator[Json]:
    waiting = dicts(element.get("item"))
    while waiting:
        item = waiting.pop()
        yield item
        waiting += dicts(item.get("item"))


def dicts(value: object) -> list[Json]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


TABLE: dict[str, Call] = {"weight": weight, "ordinal": weight, "answers": answers}


def carried_as(expressions: Iterable[str]) -> str:
    """The extension in which expressions look for the score on the answer itself, where it is in responses of makers
    that copy the whole option; "" where none looks there.
    """
    looking = [text for text in expressions if _ON_ANSWERS.search(text)]
    named = (name for name in sorted(SCORES, key=len, reverse=True) if any(name in text for text in looking))
    return next(named, "ordinalValue" if looking else "")


def carry(scores: Scores, response: Json, name: str) -> None:
    """Put the score of each chosen option on its answer, in the extension of that name."""
    waiting = dicts(response.get("item"))
    while waiting:
        item = waiting.pop()
        answered = dicts(item.get("answer"))
        waiting += [each for holder in (item, *answered) for each in dicts(holder.get("item"))]
        for chosen in (each["valueCoding"] for each in answered if isinstance(each.get("valueCoding"), dict)):
            score = scores.of(str(item.get("linkId")), chosen)
            if score is not None:
                chosen.setdefault("extension", [{"url": f"{HL7}/{name}", "valueDecimal": score}])
