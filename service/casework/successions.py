"""A new therapist for the records of an account that ended, where nobody is left who could pass them on.

Rule: one person names a clinician, another confirms, and neither is told of any record: not how many there are, not
whether there is one, not which stayed because the new therapist is kept away from it (decision 20). So it can be asked
for every ended account of a clinician alike, and as often as wanted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.actions import Action
from schemas.vocabulary import AssignmentKind, CaseStatus, Role
from schemas.wall_codes import WallStatus
from service.casework import conflicts
from service.casework.cases import make_therapist
from service.casework.gate import colleague, practice_unit, supervisors_who_may
from service.domain import clock
from service.domain.accounts import Person, Succession
from service.domain.actors import Actor
from service.domain.walls import too_short
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import accounts, cases, successions
from service.store.accounts import AccountRow
from service.store.cases import CaseRow
from service.store.successions import SuccessionRow
from service.store.transaction import Unit

CLINICIANS = frozenset({Role.THERAPIST, Role.SUPERVISOR})
NOT_ENDED = (
    "This is for the account of a therapist or supervisor that has ended. Who can still sign in passes cases on."
)
WAITS = "A new therapist was named already. It waits for a second person, or is taken back first."
OVER = "This was answered already."
SOMEBODY_ELSE = "Somebody else must confirm this: neither who asked for it, nor who is to take over."


@dataclass(frozen=True)
class Ended:
    """The ended account of a clinician, and who was named for what it left, the oldest first: the same whatever it
    left.
    """

    person: Person
    named: tuple[Succession, ...]

    @property
    def job(self) -> str:
        return self.person.role.label

    @property
    def waits(self) -> Succession | None:
        return next((each for each in self.named if each.status is WallStatus.ASKED), None)

    @property
    def done(self) -> tuple[Succession, ...]:
        return tuple(each for each in self.named if each.status is WallStatus.DONE)


@dataclass(frozen=True)
class Choosing:
    """An ended account, and (id, name) of the clinicians who could take over."""

    ended: Ended
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SuccessionSheet:
    """One request, and whether the reader can confirm it, or asked for it."""

    succession: Succession
    may_second: bool
    is_own: bool


def read_ended(actor: Actor) -> tuple[Ended, ...]:
    """The accounts of clinicians that have ended."""
    with practice_unit(actor, Action.PEOPLE_READ):
        people = (each for each in accounts.people(actor.practice_id) if not each.active and each.role in CLINICIANS)
        return tuple(_ended(each) for each in people)


def read_choosing(actor: Actor, account_id: str) -> Choosing:
    """What naming a new therapist takes. Raises Conflict for an account that has not ended."""
    with practice_unit(actor, Action.PEOPLE_READ, f"account/{account_id}"):
        row = _ended_account(actor, account_id)
        people = accounts.people(actor.practice_id)
        choices = tuple((each.id, each.name) for each in people if each.active and each.role in CLINICIANS)
        return Choosing(_ended(accounts.person(row)), choices)


def ask(actor: Actor, account_id: str, successor_id: str, reason: str) -> Succession:
    """Name a clinician for what an ended account left. Raises Invalid naming the field, and Conflict."""
    with practice_unit(actor, Action.SUCCESSION_ASK, f"account/{account_id}"):
        row = _ended_account(actor, account_id)
        wrong = {} if _may_take_over(actor, successor_id) else {"successor_id": "Choose a clinician of this practice."}
        if too_short(reason):
            wrong["reason"] = "Say why in a sentence that somebody else can judge."
        if wrong:
            raise Invalid("Nobody was named.", wrong)
        if any(each.account_id == row.id for each in successions.waiting(actor.practice_id)):
            raise Conflict(WAITS)
        practice_id, words = actor.practice_id, reason.strip()
        asked = successions.ask(practice_id, row.id, successor_id, reason=words, asked_by=actor.user_id)
        return successions.value(asked)


def list_waiting(actor: Actor) -> tuple[Succession, ...]:
    """Those that wait for somebody like the actor."""
    with practice_unit(actor, Action.SUCCESSION_READ):
        return to_confirm(actor)


def to_confirm(actor: Actor) -> tuple[Succession, ...]:
    """The same inside a running transaction."""
    found = successions.waiting(actor.practice_id)
    return tuple(successions.value(each) for each in found if _may_second(actor, each))


def read_succession(actor: Actor, succession_id: str) -> SuccessionSheet:
    with practice_unit(actor, Action.SUCCESSION_READ, f"succession/{succession_id}"):
        row = _found(actor, succession_id)
        return SuccessionSheet(successions.value(row), _may_second(actor, row), row.asked_by == actor.user_id)


def confirm(actor: Actor, succession_id: str) -> None:
    """Make the one who was named the therapist of what nobody can pass on, but for what they are kept away from.
    Nothing tells what it did. Raises NotAllowed for who asked or takes over, Conflict once it is over.
    """
    with practice_unit(actor, Action.SUCCESSION_CONFIRM, f"succession/{succession_id}") as unit:
        row = _waiting(actor, succession_id)
        if not _may_second(actor, row):
            raise NotAllowed(SOMEBODY_ELSE)
        if not _may_take_over(actor, row.successor_id):
            raise Conflict("Who was named can take nothing over any more. Take it back and name somebody else.")
        _end(unit, row, WallStatus.DONE)
        unit.why = f"to {row.successor_id}"
        unit.also = [f"account/{row.account_id}"]
        for case in _left_by(row.account_id):
            if _may_pass_to(case, row):
                make_therapist(unit, case, row.successor_id)
                unit.also.append(f"case/{case.id}")


def leave(actor: Actor, succession_id: str) -> None:
    """Take it back, or do not agree to it as second person. Raises NotAllowed for who is to take over."""
    with practice_unit(actor, Action.SUCCESSION_LEAVE, f"succession/{succession_id}") as unit:
        row = _waiting(actor, succession_id)
        if actor.user_id == row.successor_id:
            raise NotAllowed(SOMEBODY_ELSE)
        unit.subject = f"account/{row.account_id}"
        _end(unit, row, WallStatus.WITHDRAWN if row.asked_by == actor.user_id else WallStatus.DECLINED)
        unit.why = row.status


def _ended(person: Person) -> Ended:
    found = (each for each in successions.of_practice(person.practice_id) if each.account_id == person.id)
    return Ended(person, tuple(map(successions.value, found)))


def _ended_account(actor: Actor, account_id: str) -> AccountRow:
    row = colleague(actor, account_id)
    if row.active or row.role not in CLINICIANS:
        raise Conflict(NOT_ENDED)
    return row


def _may_take_over(actor: Actor, successor_id: str) -> bool:
    row = accounts.account(successor_id)
    return row is not None and row.practice_id == actor.practice_id and row.active and row.role in CLINICIANS


def _may_second(actor: Actor, row: SuccessionRow) -> bool:
    return actor.user_id not in (row.asked_by, row.successor_id)


def _found(actor: Actor, succession_id: str) -> SuccessionRow:
    row = successions.row(succession_id)
    if row is None or row.practice_id != actor.practice_id:
        raise NotFound
    return row


def _waiting(actor: Actor, succession_id: str) -> SuccessionRow:
    row = _found(actor, succession_id)
    if row.status != WallStatus.ASKED:
        raise Conflict(OVER)
    return row


def _end(unit: Unit, row: SuccessionRow, status: WallStatus) -> None:
    row.status, row.second_id, row.ended_at = status, unit.actor.user_id, clock.now()


def _left_by(account_id: str) -> Iterable[CaseRow]:
    """The account's own cases, held still, one after the other in one order."""
    for case_id in sorted(cases.case_ids_of(account_id, (AssignmentKind.OWNER,))):
        row = cases.row(case_id, lock=True)
        if row is not None and row.status != CaseStatus.PURGED:
            yield row


def _may_pass_to(row: CaseRow, asked: SuccessionRow) -> bool:
    """What a supervisor can still pass on stays with the supervisor. What names the new therapist stays as what they
    are kept away from does.
    """
    if supervisors_who_may(Action.CASE_PASS, asked.account_id, row):
        return False
    return asked.successor_id not in cases.blocked_of(row.id) and not conflicts.names(row, asked.successor_id)
