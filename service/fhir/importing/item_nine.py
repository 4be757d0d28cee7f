"""The one question of other forms that must never be overlooked: LOINC 44260-8, thoughts of being better off dead or
of hurting oneself. Any answer above none opens the event of TR-1 (domain model, section 2.5).
"""

from collections.abc import Iterator, Mapping

from schemas.instruments.conditions import Among, AtLeast, Condition, Trigger
from schemas.instruments.kinds import AnswerKind, Choice, MultiChoice, WholeNumber, YesNo
from schemas.vocabulary import EventLevel
from service.fhir.importing.conditions import Known

LOINC, ITEM_NINE, NOT_AT_ALL = "http://loinc.org", "44260-8", "LA6568-5"
RULE = "TR-1"
PROMPT = (
    "Thoughts of death or of self-harm were marked. Ask directly about thoughts of suicide or self-harm "
    "(safety screen, module A) in private today."
)


def item_nine_triggers(questions: Mapping[str, Known]) -> tuple[Trigger, ...]:
    """One trigger for each item with that code that can be answered; says so in the findings."""
    return tuple(each for known in questions.values() for each in _triggers(known))


def _triggers(known: Known) -> Iterator[Trigger]:
    if not any(_is_item_nine(each.data) for each in known.place.node.nodes("code")):
        return
    node, key = known.place.node, known.place.key
    when = _above_none(key, known.kind)
    if when is None:
        node.warn("code", "This item asks about thoughts of self-harm, but its answers cannot be told apart here.")
        return
    node.say_kept("code", "An answer above none opens a safety event: module A of the safety screen is due today.")
    yield Trigger(RULE, key, when, PROMPT, EventLevel.TODAY)


def _is_item_nine(coding: Mapping[str, object]) -> bool:
    return coding.get("code") == ITEM_NINE and coding.get("system") in (LOINC, None, "")


def _above_none(key: str, kind: AnswerKind) -> Condition | None:
    match kind:
        case Choice() if all(each.weight is not None for each in kind.options):
            return AtLeast(key, 1) if any((each.weight or 0) >= 1 for each in kind.options) else None
        case Choice() | MultiChoice():
            above = tuple(each.code for each in kind.options if each.code not in _lowest(kind))
            return Among(key, above) if above else None
        case WholeNumber():
            return AtLeast(key, 1) if kind.high >= 1 else None
        case YesNo():
            return Among(key, (True,))
        case _:
            return None


def _lowest(kind: Choice | MultiChoice) -> tuple[str, ...]:
    """The options that say none: the known code, what counts 0, else the first."""
    none = tuple(each.code for each in kind.options if each.code == NOT_AT_ALL or each.weight == 0)
    return none or (kind.options[0].code,)
