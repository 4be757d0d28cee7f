"""What must not leave a case, and whether words that are about to leave hold any of it.

Rule: nothing is stored of this; the values are opened from the record at hand for one question. Whoever hands words
out asks here first, and what a person confirmed by name stands in the audit without its content.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import orjson

from schemas.actions import Action
from schemas.instruments import find
from schemas.instruments.kinds import Text
from schemas.vocabulary import FieldClass
from service.casework.gate import case_unit
from service.casework.records import Record, collected
from service.domain.actors import Actor
from service.domain.cases import Case, OtherPerson
from service.domain.intakes import Intake
from service.domain.leaks import Guard, Leak, Passage, Protected, unresolved
from service.domain.plan_types import FIELDS
from service.domain.safety import Plan
from service.errors import Invalid
from service.store.resources import Stored
from service.store.transaction import Unit

WOULD_LEAVE = "Words that are to stay here would leave. Take them out, or confirm by name what may go."
TAKE_OUT = "it stays here and must be taken out"
CONFIRM = "take it out, or confirm it by name"
NAME_LONGEST = 200
# Where FHIR keeps words, and parts that hold names and numbers on purpose.
NARRATIVE = frozenset({"valueString", "text", "description", "display", "div", "title", "note", "comment"})
STRUCTURE = frozenset({"name", "telecom", "meta", "identifier"})


def protected_of(record: Record) -> tuple[Protected, ...]:
    """Everything in a record that the guard looks for, with every version of every plan."""
    return (
        *(value for plan in record.plans for value in _of_plan(plan)),
        *_of_case(record.case),
        *(value for intake in record.intakes for value in _of_intake(intake)),
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
    held = {each.id for each in stored if guard.leaks([Passage(each.id, each.type, narrative(each.body))])}
    types = tuple(each.type for each in stored if each.id in held)
    return replace(record, held_back=types), tuple(each for each in stored if each.id not in held)


def narrative(body: bytes) -> str:
    """The words in a FHIR resource that a person typed, one a line."""
    return "\n".join(_typed(orjson.loads(body)))


def in_words(leak: Leak) -> str:
    return f"{leak.where}: {leak.name}, as \u201c{leak.words}\u201d: {CONFIRM if leak.confirmable else TAKE_OUT}."


def _of_plan(plan: Plan) -> Iterator[Protected]:
    for each in FIELDS[plan.type]:
        line = plan.lines.get(each.key)
        if each.field_class is FieldClass.N and line and line.text.strip():
            yield Protected(f"plan-{each.key}", f"{plan.type.label}, {each.label}", line.text)


def _of_case(case: Case) -> Iterator[Protected]:
    """Contact details, the address, the legal name, and how the client names the other person."""
    client, contact = case.client, case.contact
    yield Protected("client-address", "The client's address", client.address, confirmable=True)
    yield Protected("client-legal-name", "The client's legal name", client.legal_name, confirmable=True, is_name=True)
    yield Protected("contact-code-word", "The code word for contact", contact.code_word, is_name=True)
    for channel in contact.channels:
        yield Protected(f"contact-{channel.channel}", f"The client's {channel.channel.label}", channel.value, True)
    if case.other_person.label != OtherPerson().label:
        yield Protected("other-person", "The other person", case.other_person.label, confirmable=True, is_name=True)


def _of_intake(intake: Intake) -> Iterator[Protected]:
    """Who somebody is, where a form asks for it in a few words; what was told at length is narrative."""
    instrument = find(intake.instrument_key, intake.instrument_version)
    for key, answer in intake.answers.items():
        item = instrument.item(key)
        if item.stays_home and isinstance(answer, str) and isinstance(item.answer, Text) and _is_short(item.answer):
            yield Protected(
                f"answer-{instrument.key}-{key}", f"{instrument.title}: {item.prompt}", answer, is_name=True
            )


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


def _is_short(kind: Text) -> bool:
    return kind.max_length <= NAME_LONGEST
