"""What must not leave a case, and whether words that are about to leave hold any of it.

Rule: nothing is stored of this; the values are opened from the record at hand for one question. Whoever hands words
out asks here first, and what a person confirmed by name stands in the audit without its content.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol, TypeVar

from schemas.actions import Action
from schemas.release_codes import ContentClass
from schemas.vocabulary import CaseStatus
from service.casework.gate import case_unit
from service.casework.records import Record, collected
from service.casework.resource_words import BY_ADDRESS_ALONE, narrative
from service.domain.actors import Actor
from service.domain.cards import Card
from service.domain.cases import TOLD_AREAS, Case
from service.domain.contact_plans import ContactPlan
from service.domain.intakes import Intake
from service.domain.leaks import Guard, Leak, Passage, Protected, folded, unresolved
from service.domain.networks import Person, check_of, gate_of
from service.domain.packages import Carried
from service.domain.plan_types import PlanField
from service.domain.protected import (
    of_case,
    of_concern,
    of_contact_plan,
    of_intake,
    of_person,
    of_plan,
    of_proxy,
)
from service.domain.proxies import Concern, Proxy
from service.domain.releases import Release, why_not
from service.domain.safety import Plan, lines_by_release
from service.domain.withholding import WITHHELD, finds_in_form, guard_over
from service.errors import Invalid
from service.store import cases, intakes, plan_cards, plans
from service.store.cases import CaseRow
from service.store.transaction import Unit

WOULD_LEAVE = "Words that are to stay here would leave. Take them out, or confirm by name what may go."
TAKE_OUT = "it stays here and must be taken out"
REOPEN = "; this case is closed: reopen it to change a goal or a plan"
CONFIRM = "take it out, or confirm it by name"
ID_LENGTH = 36


@dataclass(frozen=True)
class Holding:
    """The parts of a record in which protected values stand; `cards` with those put away."""

    case: Case
    plans: Sequence[Plan]
    cards: Sequence[Card[Any]]
    intakes: Sequence[Intake]


def protected_of(record: Record) -> tuple[Protected, ...]:
    return _protected(Holding(record.case, record.plans, record.cards, record.intakes))


def protected_in(row: CaseRow) -> tuple[Protected, ...]:
    """The same, without reading the rest of the record. The case was admitted, or nothing is shown."""
    return _protected(_holding(row))


def guard_of(row: CaseRow) -> Guard:
    return Guard(protected_in(row))


@dataclass(frozen=True)
class Watch:
    """The guard of a case, and those of single forms in which something was confirmed by name, by the form's id."""

    guard: Guard
    forms: Mapping[str, Guard]

    def over(self, resource_id: str) -> Guard:
        """The one for a resource: whatever is made of a form begins with the form's id."""
        return self.forms.get(resource_id[:ID_LENGTH], self.guard)


def watch_of(record: Record) -> Watch:
    return _watch(protected_of(record), record.intakes)


def watch_in(row: CaseRow) -> Watch:
    """The same, without reading the rest of the record."""
    holding = _holding(row)
    return _watch(_protected(holding), holding.intakes)


def _holding(row: CaseRow) -> Holding:
    return Holding(cases.opened(row), plans.of_case(row.id), plan_cards.of_case(row.id), intakes.of_case(row.id))


def _watch(protected: Sequence[Protected], forms: Iterable[Intake]) -> Watch:
    guard = Guard(protected)
    return Watch(guard, {each.id: guard_over(each, guard) for each in forms if each.named})


def find_leaks(record: Record, passages: Iterable[Passage]) -> tuple[Leak, ...]:
    return Guard(protected_of(record)).leaks(passages)


def shown_leaks(record: Record, passages: Iterable[Passage]) -> tuple[Leak, ...]:
    """The same for a page: nothing for a reader who may not know who the other person is."""
    return find_leaks(record, passages) if Action.FINDS_READ in record.case.may else ()


def shown_in_form(record: Record, intake: Intake) -> tuple[Leak, ...]:
    """The finds in a form for its page: nothing for who may not confirm any."""
    return finds_in_form(intake, Guard(protected_of(record))) if Action.FINDS_CONFIRM in record.case.may else ()


def let_leave(unit: Unit, record: Record, passages: Iterable[Passage], confirmed: Sequence[str]) -> None:
    """Raises Invalid naming each find that was neither taken out nor confirmed; the rest is told to the audit."""
    let_pass(unit, find_leaks(record, passages), confirmed, closed=is_closed(record.case))


def let_pass(unit: Unit, found: Sequence[Leak], confirmed: Iterable[str], *, closed: bool = False) -> None:
    """The same for what was found already; `closed`: it stands where nothing can be changed until the case is open."""
    if standing := unresolved(found, confirmed):
        raise Invalid(WOULD_LEAVE, {each.key: in_words(each, closed=closed) for each in standing})
    if found:
        names = ", ".join(sorted({each.key.rpartition(":")[2] for each in found}))
        unit.why = f"confirmed by name: {names}"


def check_leaving(
    actor: Actor, case_id: str, action: Action, *, passages: Iterable[Passage], confirmed: Sequence[str]
) -> None:
    """The last question before words leave a case by `action`. Raises Invalid, NotFound, NotAllowed."""
    with case_unit(actor, action, case_id) as (unit, row):
        let_leave(unit, collected(row), passages, confirmed)


class Told(Protocol):
    """A resource on its way out."""

    @property
    def type(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def body(self) -> bytes: ...


T = TypeVar("T", bound=Told)


def keep_back(record: Record, stored: Sequence[T]) -> tuple[Record, tuple[T, ...]]:
    """What an export may hold, and the record with what it may not. Words that stay were put aside when a resource was
    built; one that tells a protected value all the same is taken out as a whole.
    """
    watch = watch_of(record)
    telling = [each.type not in BY_ADDRESS_ALONE and watch.over(each.id).tells(narrative(each.body)) for each in stored]
    held = tuple(
        each.type
        for each, tells in zip(stored, telling, strict=True)
        if tells or (each.type not in BY_ADDRESS_ALONE and WITHHELD.encode() in each.body)
    )
    kept = tuple(each for each, tells in zip(stored, telling, strict=True) if not tells)
    return replace(record, held_back=held), kept


def carried_by(record: Record, release: Release | None, on: date) -> Carried:
    """What this release carries of plans and goals beyond what is stored; without one there is nothing."""
    return Carried(release, _lines_to_send(record, release, on), _goals_to_send(record, release, on))


def _lines_to_send(record: Record, release: Release | None, on: date) -> dict[str, tuple[str, ...]]:
    """Plan id -> lines of plans in use, by a release in force that names them. A line that tells a protected value
    stays; without such a release there are none.
    """
    if release is None or why_not(release, (ContentClass.PLAN_LINES,), on):
        return {}
    guard = Guard(protected_of(record))
    found = {
        plan.id: tuple(_with_heading(each, text) for each, text in lines_by_release(plan) if not guard.tells(text))
        for plan in record.active_plans
    }
    return {plan_id: lines for plan_id, lines in found.items() if lines}


def _goals_to_send(record: Record, release: Release | None, on: date) -> dict[str, str]:
    """Goal id -> the client's words, in the same way; never of goals about safety, money or relationships."""
    if release is None or why_not(release, (ContentClass.GOALS,), on):
        return {}
    guard = Guard(protected_of(record))
    told = (each for each in record.goals if each.domain in TOLD_AREAS)
    return {each.id: each.words for each in told if each.words.strip() and not guard.tells(each.words)}


def _with_heading(part: PlanField, text: str) -> str:
    return f"{part.heading}: {text}" if part.heading else text


def is_closed(case: Case | CaseRow) -> bool:
    return case.status == CaseStatus.CLOSED


def in_words(leak: Leak, *, closed: bool = False) -> str:
    what = (CONFIRM if leak.confirmable else TAKE_OUT) + (REOPEN if closed else "")
    return f"{leak.where}: {leak.name}, as \u201c{leak.words}\u201d: {what}."


def _protected(of: Holding) -> tuple[Protected, ...]:
    """Everything that the guard looks for, with every version of every plan and what was put away. For somebody of the
    network the gates decide, wherever else their name stands.
    """
    people = [each for each in of.cards if isinstance(each.words, Person)]
    contact = [each.words for each in of.cards if isinstance(each.words, ContactPlan)]
    concern = [each.words for each in of.cards if isinstance(each.words, Concern)]
    known = {folded(card.words.name) for card in people}
    return (
        *(value for plan in of.plans for value in of_plan(plan)),
        *of_case(of.case),
        *(value for each in contact for value in of_contact_plan(each)),
        *(value for each in concern for value in of_concern(each)),
        *(value for each in of.cards if isinstance(each.words, Proxy) for value in of_proxy(each)),
        *(value for card in people for value in _of_person(card, of.intakes)),
        *(each for intake in of.intakes for each in of_intake(intake) if folded(each.text) not in known),
    )


def _of_person(card: Card[Person], told: Sequence[Intake]) -> Iterator[Protected]:
    return of_person(card, gate_of(card.words, check_of(card.words, told)))
