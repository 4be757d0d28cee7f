"""What the operator does from the command line: the first practice, people, tokens. Each leaves its audit row.

The operator holds the key file and the database, so no permission is asked; the audit says "command line".
"""

from dataclasses import dataclass

from schemas.actions import Action
from schemas.proxy_codes import Chart
from schemas.release_codes import ClientTold, LegalBasis, ReleasePurpose, SendRoute
from schemas.vocabulary import AssignmentKind, LinkKind, Role
from service.casework import system_links
from service.casework.people import NewPerson, add_person
from service.domain.accounts import Practice
from service.domain.actors import Actor, system_actor
from service.domain.disclosures import Departure
from service.errors import Invalid, NotFound
from service.store import accounts, audit, cases, outbox, summary
from service.store.accounts import AccountRow
from service.store.base import db
from service.store.transaction import transaction

WHY = "command line"


@dataclass(frozen=True)
class Added:
    """A new account: where it belongs and the token of its invitation."""

    practice: Practice
    email: str
    token: str


def practices() -> list[Practice]:
    found = accounts.practices()
    db.session.rollback()
    return found


def start_practice(name: str, zone: str, admin_email: str) -> Added:
    """A practice with one administrator, who still has to choose a password."""
    row = accounts.add_practice(name, zone)
    outbox.post(row.id, [outbox.Notice("practice", row.id, row.version, None)])
    return _add(accounts.practice_value(row), NewPerson("Administrator", admin_email, Role.ADMIN))


def add(practice: Practice, new: NewPerson) -> Added:
    """Raises Invalid naming what is wrong."""
    return _add(practice, new)


def waiting_admin() -> Added | None:
    """A new invitation for the administrator of a practice that nobody can sign in to yet."""
    for practice in accounts.practices():
        people = accounts.people(practice.id)
        admins = [each for each in people if each.role is Role.ADMIN and each.active]
        if admins and not any(each.has_password for each in people):
            token = accounts.issue_link(admins[0].id, LinkKind.INVITE)
            db.session.commit()
            return Added(practice, admins[0].email, token)
    db.session.rollback()
    return None


def actor_of(email: str) -> Actor:
    """The person with this address, identity confirmed: who runs commands holds the keys anyway. Raises NotFound."""
    row = _account(email)
    name = accounts.particulars(row).name
    actor = Actor(row.id, row.practice_id, Role(row.role), name, stepped_up=True, request_id=WHY)
    db.session.rollback()
    return actor


def case_id_of(actor: Actor, code: str) -> str:
    """The case with this code in the actor's practice. Raises NotFound; reading it asks for permission again."""
    row = cases.by_code(actor.practice_id, code)
    case_id = row.id if row else None
    db.session.rollback()
    if case_id is None:
        raise NotFound("No case of this practice has that code.")
    return case_id


@dataclass(frozen=True)
class Access:
    """Who may reach a case, as the operator sets it; None and "" leave a thing as it is."""

    restricted: bool | None = None
    held: bool | None = None
    blocked: str = ""
    linked: str = ""


def departure(*, recipient: str, basis: str, release_id: str | None, why: str, chart: str) -> Departure:
    """To whom an export from the command line leaves, and on what ground."""
    how = (LegalBasis(basis), ReleasePurpose.OTHER, SendRoute.SYSTEM, ClientTold.NOT_YET)
    return Departure(recipient, *how, why=why, release_id=release_id, chart=Chart(chart))


def set_access(practice_id: str, code: str, wanted: Access) -> None:
    """Restrict a case, hold it, keep a person away from it, or link a connected system. Raises NotFound, Invalid."""
    with transaction(system_actor(practice_id), Action.CASE_ACCESS) as unit:
        row = cases.by_code(practice_id, code)
        if row is None:
            raise NotFound("No case of this practice has that code.")
        unit.subject = f"case/{row.id}"
        unit.require()
        unit.why = WHY
        row.sealed = row.sealed if wanted.restricted is None else wanted.restricted
        row.held = row.held if wanted.held is None else wanted.held
        if wanted.blocked:
            cases.assign(row.id, _about(row, wanted.blocked, system=False).id, AssignmentKind.BLOCKED)
        if wanted.linked:
            system_links.link(unit, row, _about(row, wanted.linked, system=True))
        summary.refresh(row.id)


def rebuild_summaries() -> int:
    """Work out every summary row anew; returns how many."""
    count = sum(summary.rebuild(each.id) for each in accounts.practices())
    db.session.commit()
    return count


def _about(row: cases.CaseRow, email: str, *, system: bool) -> AccountRow:
    account = _account(email)
    if account.practice_id != row.practice_id or (account.role == Role.MACHINE) != system:
        raise Invalid("Link connected systems, and keep people away; both must belong to the practice of the case.")
    if account.id == cases.owner_id(row.id):
        raise Invalid("This person is the case's therapist. Hand the case over first.")
    return account


def _account(email: str) -> AccountRow:
    row = accounts.account_by_email(email)
    if row is None or not row.active:
        raise NotFound("No account in use has that address.")
    return row


def _add(practice: Practice, new: NewPerson) -> Added:
    row = add_person(practice.id, new)
    outbox.post(practice.id, [outbox.Notice("account", row.id, row.version, None)])
    token = accounts.issue_link(row.id, LinkKind.INVITE)
    _audited(row)
    return Added(practice, new.email.strip(), token)


def _audited(row: AccountRow) -> None:
    db.session.flush()
    audit.append([audit.Entry(system_actor(row.practice_id), Action.PEOPLE_INVITE, f"account/{row.id}", why=WHY)])
    db.session.commit()
