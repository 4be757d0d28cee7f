"""What must not leave a case, and whether words that are about to leave hold any of it.

Rule: nothing is stored of this; the values are opened from the record at hand for one question. Whoever hands words
out asks here first, and what a person confirmed by name stands in the audit without its content.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import orjson

from schemas.actions import Action
from service.casework.gate import case_unit
from service.casework.records import Record, collected
from service.domain.actors import Actor
from service.domain.cards import Card
from service.domain.contact_plans import ContactPlan
from service.domain.leaks import Guard, Leak, Passage, Protected, folded, unresolved
from service.domain.networks import Person, check_of, gate_of
from service.domain.protected import of_case, of_contact_plan, of_intake, of_person, of_plan
from service.errors import Invalid
from service.store.resources import Stored
from service.store.transaction import Unit

WOULD_LEAVE = "Words that are to stay here would leave. Take them out, or confirm by name what may go."
TAKE_OUT = "it stays here and must be taken out"
CONFIRM = "take it out, or confirm it by name"
# Where FHIR keeps words, and parts that hold names and numbers on purpose.
NARRATIVE = frozenset({"valueString", "text", "description", "display", "div", "title", "note", "comment"})
STRUCTURE = frozenset({"name", "telecom", "meta", "identifier"})


def protected_of(record: Record) -> tuple[Protected, ...]:
    """Everything in a record that the guard looks for, with every version of every plan. For somebody of the network
    the gates decide, wherever else their name stands.
    """
    people = record.cards_of(Person)
    named = {folded(card.words.name) for card in people}
    return (
        *(value for plan in record.plans for value in of_plan(plan)),
        *of_case(record.case),
        *(value for card in record.cards_of(ContactPlan) for value in of_contact_plan(card.words)),
        *(value for card in people for value in _of_person(card, record)),
        *(each for intake in record.intakes for each in of_intake(intake) if folded(each.text) not in named),
    )


def find_leaks(record: Record, passages: Iterable[Passage]) -> tuple[Leak, ...]:
    return Guard(protected_of(record)).leaks(passages)


def let_leave(unit: Unit, record: Record, passages: Iterable[Passage], confirmed: Sequence[str]) -> None:
    """Raises Invalid naming each find that was neither taken out nor confirmed; the rest is told to the audit."""
    found = find_leaks(record, passages)
    if standing := unresolved(found, confirmed):
        raise Invalid(WOULD_LEAVE, {each.key: in_words(each) for each in standing})
    if found:
        names = ", ".join(sorted({each.key.rpartition(":")[2] for each in found}))
        unit.why = f"confirmed by name: {names}"


def check_leaving(
    actor: Actor, case_id: str, action: Action, *, passages: Iterable[Passage], confirmed: Sequence[str]
) -> None:
    """The last question before words leave a case by `action`. Raises Invalid, NotFound, NotAllowed."""
    with case_unit(actor, action, case_id) as (unit, row):
        let_leave(unit, collected(row), passages, confirmed)


def keep_back(record: Record, stored: Sequence[Stored]) -> tuple[Record, tuple[Stored, ...]]:
    """What an export may hold, and the record with what it may not: a resource that tells a protected value is taken
    out as a whole.
    """
    guard = Guard(protected_of(record))
    telling = [bool(guard.leaks([Passage(each.id, each.type, narrative(each.body))])) for each in stored]
    held = tuple(each.type for each, tells in zip(stored, telling, strict=True) if tells)
    kept = tuple(each for each, tells in zip(stored, telling, strict=True) if not tells)
    return replace(record, held_back=held), kept


def narrative(body: bytes) -> str:
    """The words in a FHIR resource that a person typed, one a line."""
    return "\n".join(_typed(orjson.loads(body)))


def in_words(leak: Leak) -> str:
    return f"{leak.where}: {leak.name}, as \u201c{leak.words}\u201d: {CONFIRM if leak.confirmable else TAKE_OUT}."


def _of_person(card: Card[Person], record: Record) -> Iterator[Protected]:
    return of_person(card, gate_of(card.words, check_of(card.words, record.intakes)))


def _typed(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _typed(each)
    if isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str):
                yield from [each] if name in NARRATIVE else []
            elif name not in STRUCTURE:
                yield from _typed(each)
