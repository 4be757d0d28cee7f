"""The conflict check: naming the other person for it, what a case is told of it, and the matches supervisors look into.

Rule: the people of a case are told when a name was checked and who of the staff has it; nobody learns here that
somebody is a client who could not learn it anyway (service/domain/conflicts.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from schemas.actions import Action
from schemas.conflict_codes import ConflictAnswer, NamedAs
from schemas.vocabulary import Role, Verdict
from service.casework.gate import admit, case_unit, check_version, opened_for, practice_today, practice_unit
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case, Client
from service.domain.conflicts import Mark, Match, Side, StaffMatch, marks_of, may_be_told, same_person
from service.errors import Invalid, NotFound
from service.store import accounts, audit, cases, conflicts
from service.store.cases import CaseRow
from service.store.conflicts import ConflictRow
from service.store.standings import standing
from service.store.transaction import NO_CASE, Unit, transaction

TOO_LITTLE = "One word says too little. Give the first and the family name, or the date of birth as well."


@dataclass(frozen=True)
class CheckDesk:
    """What the people of a case are told; it says the same whether another case names the person or not."""

    case: Case
    client_at: datetime | None
    other_at: datetime | None
    staff: tuple[StaffMatch, ...]


def check_client(unit: Unit, row: CaseRow, client: Client) -> None:
    """Compare a client who was added or changed, inside the running transaction; needs `conflicts.hold`."""
    conflicts.keep_client(row, client)
    audit.append([audit.Entry(unit.actor, Action.CONFLICT_CHECK, f"case/{row.id}", Verdict.ALLOWED, NamedAs.CLIENT)])


def read_check(actor: Actor, case_id: str) -> CheckDesk:
    with case_unit(actor, Action.CONFLICT_READ, case_id) as (_unit, row):
        return _desk(actor, row)


def check_other(actor: Actor, case_id: str, name: str, born: date | None) -> CheckDesk:
    """Compare the other person by a name that is not kept; without one, what was compared is removed. Raises
    Invalid.
    """
    with transaction(actor, Action.CONFLICT_CHECK, f"case/{case_id}") as unit:
        conflicts.hold(actor.practice_id)
        row = admit(unit, case_id)
        unit.why = NamedAs.OTHER if name.strip() else f"{NamedAs.OTHER} removed"
        if name.strip():
            conflicts.keep(row, NamedAs.OTHER, _marks(actor, name, born))
        else:
            conflicts.forget(case_id, NamedAs.OTHER)
        return _desk(actor, row)


def staff_of(actor: Actor, case_id: str) -> tuple[StaffMatch, ...]:
    """Who of the staff has a name that this case names."""
    return read_check(actor, case_id).staff


def names(row: CaseRow, account_id: str) -> bool:
    """Whether this person of the staff has a name that the case names. Joins the running transaction."""
    return any(each.account_id == account_id for each in _staff(row))


def read_conflicts(actor: Actor) -> tuple[Match, ...]:
    """The matches that this supervisor may be told of, what waits for an answer first."""
    with practice_unit(actor, Action.CONFLICT_LIST):
        return tuple(_told(actor))


def count_waiting(actor: Actor) -> int:
    """How many of them wait. Joins the running transaction."""
    if actor.role is not Role.SUPERVISOR:
        return 0
    waiting = (each for each in conflicts.of_practice(actor.practice_id) if each.answer is None)
    return sum(_sides(actor, each) is not None for each in waiting)


def answer_conflict(actor: Actor, conflict_id: str, answer: ConflictAnswer, *, version: int) -> None:
    """Say what came of looking into a match; another answer may follow. Raises Conflict, NotFound."""
    with transaction(actor, Action.CONFLICT_ANSWER, f"conflict/{conflict_id}") as unit:
        row = conflicts.conflict(conflict_id)
        told = _sides(actor, row) is not None
        unit.require(replace(NO_CASE, named=told))
        if row is None:
            raise NotFound
        check_version(seen=version, stored=row.version)
        row.answer, row.answered_by, row.answered_at = answer, actor.user_id, clock.now()


def _marks(actor: Actor, name: str, born: date | None) -> tuple[Mark, ...]:
    wrong: dict[str, str] = {}
    if born is not None and born > practice_today(actor):
        wrong["birth_date"] = "This day has not come yet."
    found = marks_of((name,), born, conflicts.keyed(actor.practice_id))
    if not found:
        wrong["name"] = TOO_LITTLE
    if wrong:
        raise Invalid("This name cannot be checked.", wrong)
    return found


def _desk(actor: Actor, row: CaseRow) -> CheckDesk:
    client_at, other_at = (conflicts.checked_at(row.id, each) for each in NamedAs)
    return CheckDesk(opened_for(actor, row), client_at, other_at, tuple(_staff(row)))


def _staff(row: CaseRow) -> Iterator[StaffMatch]:
    named, away = conflicts.marks_in(row.id), cases.blocked_of(row.id)
    keyed = conflicts.keyed(row.practice_id)
    for person in accounts.people(row.practice_id):
        own = marks_of((person.name,), None, keyed) if person.active else ()
        for named_as in NamedAs:
            if any(same_person(mark, each) for each in own for whose, mark in named if whose is named_as):
                yield StaffMatch(person.id, person.name, named_as, person.id in away)


def _told(actor: Actor) -> Iterator[Match]:
    for row in conflicts.of_practice(actor.practice_id):
        sides = _sides(actor, row)
        if sides is not None:
            yield _match(row, sides)


def _sides(actor: Actor, row: ConflictRow | None) -> tuple[CaseRow, CaseRow] | None:
    """The two cases, if this person may be told that they name one person."""
    of_here = standing(actor, row.case_id if row else None)
    of_there = standing(actor, row.there_id if row else None)
    if row is None or of_here is None or of_there is None or row.practice_id != actor.practice_id:
        return None
    if not may_be_told(of_here, of_there):
        return None
    here, there = cases.row(row.case_id), cases.row(row.there_id)
    return (here, there) if here and there else None


def _match(row: ConflictRow, sides: tuple[CaseRow, CaseRow]) -> Match:
    here, there = sides
    return Match(
        id=row.id,
        sides=(_side(there, NamedAs(row.there_as)), _side(here, NamedAs(row.named_as))),
        by_birth_date=row.by_birth_date,
        found_at=row.found_at,
        answer=ConflictAnswer(row.answer) if row.answer else None,
        answered_by=accounts.name_of(row.answered_by) if row.answered_by else "",
        answered_at=row.answered_at,
        version=row.version,
    )


def _side(row: CaseRow, named_as: NamedAs) -> Side:
    return Side(row.id, row.code, accounts.name_of(cases.owner_id(row.id)), named_as)
