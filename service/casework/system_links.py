"""Which connected systems read a case: the decision of its therapist, taken back at any time.

Rule: a link needs the ground that the gate asks for (leaving.py), leaves its row under What left, and ends at once.
Nobody links a case that they do not answer for; whoever works on it may cut a system off.
"""

from dataclasses import dataclass

from schemas.actions import Action
from schemas.release_codes import ClientTold, LegalBasis, ReleasePurpose, SendRoute
from schemas.vocabulary import AssignmentKind, Role
from service.casework.disclosures import disclose
from service.casework.gate import case_unit, opened_for
from service.casework.leaving import STANDING_LINK, let_link
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.disclosures import Departure
from service.domain.system_links import SystemLink
from service.errors import Conflict, NotFound
from service.store import accounts, cases, machine_clients
from service.store.accounts import AccountRow
from service.store.cases import CaseRow
from service.store.transaction import Unit

LINKED_ALREADY = "This system is linked to the case already."
NOT_LINKED = "This system is not linked to the case."


@dataclass(frozen=True)
class SystemDesk:
    """A case beside the systems of its practice: those that are linked first, then those in use."""

    case: Case
    systems: tuple[SystemLink, ...]


def read_systems(actor: Actor, case_id: str) -> SystemDesk:
    with case_unit(actor, Action.SYSTEM_READ, case_id) as (_unit, row):
        return SystemDesk(opened_for(actor, row), _systems(row))


def link_system(actor: Actor, case_id: str, client_id: str) -> SystemLink:
    """Let a system read the case from its next request on. Raises NotFound, Conflict, and Invalid without a ground."""
    with case_unit(actor, Action.SYSTEM_LINK, case_id) as (unit, row):
        account = _system(row, client_id)
        if client_id in _linked(row):
            raise Conflict(LINKED_ALREADY)
        unit.why = f"account/{client_id}"
        link(unit, row, account)
        return _one(row, client_id)


def unlink_system(actor: Actor, case_id: str, client_id: str) -> SystemLink:
    """Cut a system off: its next request finds nothing of the case. Raises NotFound, Conflict."""
    with case_unit(actor, Action.SYSTEM_UNLINK, case_id) as (unit, row):
        _system(row, client_id, ended_too=True)
        if client_id not in _linked(row):
            raise Conflict(NOT_LINKED)
        unit.why = f"account/{client_id}"
        cases.unassign(case_id, client_id)
        return _one(row, client_id)


def link(unit: Unit, row: CaseRow, account: AccountRow) -> None:
    """Write down the leaving, if the gate is open, and let the system in. Joins the running transaction."""
    disclose(unit, row, STANDING_LINK, _standing(accounts.name_of(account.id)))
    let_link(unit, row.id, account.id)


def _standing(name: str) -> Departure:
    """A linked system reads again and again, by machine: its link is the one leaving with a ground, and the audit keeps
    each read.
    """
    given = (name, LegalBasis.OWN_SYSTEM, ReleasePurpose.TREATMENT, SendRoute.SYSTEM)
    return Departure(*given, told=ClientTold.NOT_YET, why="Standing link while it lasts; each read is audited.")


def _system(row: CaseRow, client_id: str, *, ended_too: bool = False) -> AccountRow:
    account = accounts.account(client_id)
    if account is None or account.practice_id != row.practice_id or account.role != Role.MACHINE:
        raise NotFound
    if not (account.active or ended_too):
        raise NotFound
    return account


def _linked(row: CaseRow) -> set[str]:
    return {each.account_id for each in cases.assignments(row.id) if each.kind == AssignmentKind.LINKED}


def _one(row: CaseRow, client_id: str) -> SystemLink:
    return next(each for each in _systems(row, ended_too=True) if each.id == client_id)


def _systems(row: CaseRow, *, ended_too: bool = False) -> tuple[SystemLink, ...]:
    scopes = {each.id: each.scopes for each in machine_clients.of_practice(row.practice_id)}
    links = {each.account_id: each.until for each in cases.assignments(row.id) if each.kind == AssignmentKind.LINKED}
    found = (
        SystemLink(each.id, each.name, scopes.get(each.id, ""), each.active, each.id in links, links.get(each.id))
        for each in accounts.people(row.practice_id)
        if each.role is Role.MACHINE and (each.active or each.id in links or ended_too)
    )
    return tuple(sorted(found, key=lambda each: (not each.linked, each.name)))
