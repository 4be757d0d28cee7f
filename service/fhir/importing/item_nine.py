"""The one question of other forms that must never be overlooked: LOINC 44260-8, thoughts of being better off dead or
of hurting oneself. Any answer above none opens the event of TR-1 (domain model, section 2.5).

Rule: an import always says which items open an event, or that none does; in doubt an answer opens one. In a repeated
group any row opens it.
"""

import re
from collections.abc import Iterator, Mapping

from schemas.instruments.conditions import Among, AtLeast, Condition, Trigger
from schemas.instruments.kinds import AnswerKind, Choice, Coding, MultiChoice, Option, WholeNumber, YesNo
from schemas.vocabulary import EventLevel
from service.fhir.importing.conditions import Known
from service.fhir.importing.findings import Weight
from service.fhir.importing.nodes import Node

LOINC, ITEM_NINE, NOT_AT_ALL = "http://loinc.org", "44260-8", "LA6568-5"
RULE = "TR-1"
PROMPT = (
    "Thoughts of death or of self-harm were marked. Ask directly about thoughts of suicide or self-harm "
    "(safety screen, module A) in private today."
)
OPENS = "An answer above none opens a safety event: module A of the safety screen is due today."
NONE_OPENS = "No item of this form opens a safety event."
_NAMED = re.compile(r"(^|[^0-9])44260-8$")


def item_nine_triggers(form: Node, questions: Mapping[str, Known]) -> tuple[Trigger, ...]:
    """One trigger for each item with that code that can be answered; says so in the findings."""
    found = tuple(each for known in questions.values() for each in _triggers(known))
    if not found:
        form.say(Weight.NOTE, NONE_OPENS)
    return found


def _triggers(known: Known) -> Iterator[Trigger]:
    if not _is_item_nine(known):
        return
    node, key = known.place.node, known.place.key
    when = _above_none(key, known.kind)
    if when is None:
        node.warn("code", "This item asks about thoughts of self-harm, but its answers cannot be told apart here.")
        return
    _warn_of_doubt(node, known.kind)
    node.say(Weight.NOTE, OPENS, "code")
    yield Trigger(RULE, key, when, PROMPT, EventLevel.TODAY)


def _is_item_nine(known: Known) -> bool:
    """By its code, or by a linkId that ends in it."""
    coded = any(_is_code(each.data) for each in known.place.node.nodes("code"))
    return coded or _NAMED.search(known.place.link_id) is not None


def _is_code(coding: Mapping[str, object]) -> bool:
    return coding.get("code") == ITEM_NINE and coding.get("system") in (LOINC, None, "")


def _above_none(key: str, kind: AnswerKind) -> Condition | None:
    match kind:
        case Choice() | MultiChoice():
            none = _none(kind)
            above = tuple(each.code for each in kind.options if each.code not in none)
            return Among(key, above) if above else None
        case WholeNumber():
            return AtLeast(key, 1) if kind.high >= 1 else None
        case YesNo():
            return Among(key, (True,))
        case _:
            return None


def _none(kind: Choice | MultiChoice) -> tuple[str, ...]:
    """The options that say none: those of the known code, else those that count 0."""
    coded = tuple(each.code for each in kind.options if _says_not_at_all(each))
    return coded or tuple(each.code for each in kind.options if each.weight == 0)


def _says_not_at_all(option: Option) -> bool:
    stands_for = option.stands_for
    return option.code == NOT_AT_ALL or (isinstance(stands_for, Coding) and stands_for.code == NOT_AT_ALL)


def _warn_of_doubt(node: Node, kind: AnswerKind) -> None:
    if not isinstance(kind, Choice | MultiChoice):
        return
    if not _none(kind):
        node.warn("answerOption", "No option is known to mean none, so every answer to this item opens a safety event.")
    if kind.open_length:
        node.warn("answerOption", "An answer to this item in own words opens no safety event. Read it.")
