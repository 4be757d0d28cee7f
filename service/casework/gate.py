"""The door to a case: one transaction in which the permission table has been asked with the case in hand."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

from schemas.actions import Action
from schemas.vocabulary import Role
from service.domain import clock, scopes
from service.domain.access import allowed_on, changes, decide
from service.domain.actors import Actor
from service.domain.cases import Case
from service.errors import Conflict, NotAllowed, NotFound, Why
from service.store import accounts, cases, standings
from service.store.accounts import AccountRow
from service.store.cases import CaseRow
from service.store.transaction import Unit, transaction

STALE = "Somebody else saved this while you were working. Nothing of yours is lost: compare both texts and save again."


@contextmanager
def case_unit(actor: Actor, action: Action, case_id: str) -> Iterator[tuple[Unit, CaseRow]]:
    """Raises NotFound for a case that is missing or hidden, NotAllowed for one that refuses `action`."""
    with transaction(actor, action, f"case/{case_id}") as unit:
        yield unit, admit(unit, case_id)


@contextmanager
def practice_unit(actor: Actor, action: Action, subject: str = "") -> Iterator[Unit]:
    """A transaction about no case; the permission table has been asked."""
    with transaction(actor, action, subject) as unit:
        unit.require()
        yield unit


def admit(unit: Unit, case_id: str | None, *, named: bool = False) -> CaseRow:
    """Load the case, ask the table, return the row; the unit's subject becomes this case. `named`: the record in hand
    names the actor.
    """
    lock = changes(unit.action)
    row = standings.at_home(unit.actor, case_id, lock=lock)
    facts = cases.facts(unit.actor, row) if row else standings.standing(unit.actor, case_id)
    if facts is None or case_id is None:
        raise NotFound
    unit.subject = f"case/{case_id}"
    unit.require(replace(facts, named=named))
    if row is None:
        row = cases.row(case_id, lock=lock)
        if row is None:
            raise NotFound
        if lock:  # as it stands now that the case is held
            unit.require(replace(cases.facts(unit.actor, row), named=named))
    return row


def supervisors_who_may(action: Action, therapist_id: str, row: CaseRow, *, named: bool = False) -> list[Actor]:
    """Those of the therapist's supervisors who could do this on the case: its walls and who covers it come first."""
    return who_of(accounts.supervisors_of(therapist_id), action, row, named=named)


def who_of(account_ids: Iterable[str], action: Action, row: CaseRow, *, named: bool = False) -> list[Actor]:
    """Those of these people who could do this on the case."""
    found = filter(None, map(accounts.account, account_ids))
    people = [Actor(each.id, each.practice_id, Role(each.role)) for each in found]
    return [each for each in people if could(each, action, row, named=named)]


def could(actor: Actor, action: Action, row: CaseRow, *, named: bool = False) -> bool:
    """What the table would say to somebody, for whoever chooses or waits for them."""
    return decide(action, actor.role, replace(cases.facts(actor, row), named=named)).allowed


def opened_for(actor: Actor, row: CaseRow) -> Case:
    """The admitted case with what this actor may do with it."""
    return replace(cases.opened(row), may=allowed_on(actor.role, cases.facts(actor, row)))


def check_version(
    *, seen: int, stored: int, yours: Mapping[str, str] | None = None, theirs: Mapping[str, str] | None = None
) -> None:
    """Raises Conflict with both texts when the record moved on since the reader saw version `seen`."""
    if seen != stored:
        raise Conflict(STALE, yours=yours, theirs=theirs)


def check_scope(actor: Actor, resource_type: str, right: str) -> None:
    """Raises NotAllowed when the token of a connected system does not reach this type. People have no scopes."""
    if not reaches(actor, resource_type, right):
        raise NotAllowed("The scopes of this token do not cover this.", Why.SCOPE)


def reaches(actor: Actor, resource_type: str, right: str) -> bool:
    """Whether the scopes of a connected system cover this type; people have none and need none."""
    return actor.role is not Role.MACHINE or scopes.allows(actor.scopes, resource_type, right)


def colleague(actor: Actor, account_id: str) -> AccountRow:
    """Another account of the actor's practice. Raises NotFound."""
    row = accounts.account(account_id)
    if row is None or row.practice_id != actor.practice_id:
        raise NotFound
    return row


def practice_now(actor: Actor) -> datetime:
    """This moment on the clocks of the actor's practice."""
    return clock.local(clock.now(), accounts.practice(actor.practice_id).zone)


def practice_today(actor: Actor) -> date:
    """The calendar day on the clocks of the actor's practice."""
    return clock.today(accounts.practice(actor.practice_id).zone)


def practice_day(actor: Actor, at: datetime) -> date:
    """The day of an instant on the clocks of the actor's practice."""
    return clock.local(at, accounts.practice(actor.practice_id).zone).date()
