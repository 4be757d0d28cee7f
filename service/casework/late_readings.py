"""What waited longer than it may for its second reader: the escalation to whoever runs the practice.

Rule: an administrator sees the code of the case, its therapist and who can read, never the event; reading stays with
clinicians.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.actions import Action
from schemas.vocabulary import Relation
from service.casework.crisis import READING_ROLES
from service.casework.events import barred_from, may_read
from service.casework.gate import practice_unit
from service.domain import access, clock
from service.domain.accounts import Person
from service.domain.actors import Actor
from service.domain.events import READER_OVERDUE, acted
from service.store import accounts, cases, events
from service.store.base import db
from service.store.cases import CaseRow
from service.store.events import EventRow


@dataclass(frozen=True)
class LateReading:
    """`readers` can read it as things stand, `others` could once they are named as second readers."""

    code: str
    therapist_name: str
    since: datetime
    readers: tuple[Person, ...]
    others: tuple[Person, ...]


@dataclass(frozen=True)
class LateReadings:
    """`restricted` counts what waits on restricted cases, which naming somebody does not open."""

    lines: tuple[LateReading, ...]
    restricted: int


def late_readings(actor: Actor) -> LateReadings:
    """Everything that began to wait over 24 hours ago, longest first."""
    with practice_unit(actor, Action.READINGS_LATE):
        rows = events.awaiting_since_before(cases.of_practice(actor.practice_id), clock.now() - READER_OVERDUE)
        found = [(row, db.session.get_one(CaseRow, row.case_id)) for row in rows]
        people = [each for each in accounts.people(actor.practice_id) if each.active and each.role in READING_ROLES]
        return LateReadings(
            lines=tuple(_line(row, case, people) for row, case in found if not case.sealed),
            restricted=sum(case.sealed for _row, case in found),
        )


def _line(row: EventRow, case: CaseRow, people: Iterable[Person]) -> LateReading:
    history = events.history(row)
    fresh = [each for each in people if each.id not in acted(history)]
    readers = tuple(each for each in fresh if may_read(_as(each), case) and not barred_from(_as(each), row, history))
    return LateReading(
        code=case.code,
        therapist_name=accounts.name_of(cases.owner_id(case.id)),
        since=row.awaiting_since or row.updated_at,
        readers=readers,
        others=tuple(each for each in fresh if each not in readers and _could_read(each, case)),
    )


def _could_read(person: Person, case: CaseRow) -> bool:
    """Whether naming this person would let them read; it does not for whoever is barred from the case."""
    facts = cases.facts(_as(person), case)
    if facts.relation is Relation.COLLEAGUE:
        facts = replace(facts, relation=Relation.READER)
    return access.decide(Action.EVENT_SECOND_READ, person.role, facts).allowed


def _as(person: Person) -> Actor:
    return Actor(person.id, person.practice_id, person.role, person.name)
