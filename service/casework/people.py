"""The people of a practice, who supervises whom, and the audit: what an administrator does. No clinical content."""

import re
from dataclasses import dataclass
from datetime import date

from schemas.actions import Action
from schemas.vocabulary import LinkKind, Role
from service.casework.crisis import ToDo, to_do
from service.casework.gate import colleague, practice_unit
from service.domain import clock
from service.domain.accounts import AuditLine, Person, SupervisionLink
from service.domain.actors import INVITED, Actor
from service.errors import Invalid, NotAllowed, NotFound
from service.store import accounts, audit, case_records, cases, events, outbox, sign_ins
from service.store.accounts import AccountRow, Particulars
from service.store.base import db
from service.store.events import EventRow

ENDED = "This account has ended: nobody can sign in with it to agree, or to supervise."
# Their rows by record, held against a caseload, would tell what somebody is kept away from (decision 20).
UNTOLD = frozenset({Action.SUCCESSION_CONFIRM, Action.FHIR_BUILD})
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class NewPerson:
    name: str
    email: str
    role: Role
    qualification: str = ""


@dataclass(frozen=True)
class Leaver:
    """Whose account is about to end. `supervised`: somebody who can sign in supervises them, None where they have no
    cases; `left_alone` are the names of those who would have no supervisor any more.
    """

    person: Person
    supervised: bool | None
    left_alone: tuple[str, ...]


def list_people(actor: Actor) -> tuple[tuple[Person, ...], tuple[SupervisionLink, ...]]:
    with practice_unit(actor, Action.PEOPLE_READ):
        return tuple(accounts.people(actor.practice_id)), tuple(accounts.supervision(actor.practice_id))


def read_people(actor: Actor) -> tuple[tuple[Person, ...], tuple[SupervisionLink, ...], tuple[ToDo, ...]]:
    """The same with what is left for an administrator to do: their first page, with one audit row."""
    with practice_unit(actor, Action.PEOPLE_READ):
        practice_id = actor.practice_id
        return tuple(accounts.people(practice_id)), tuple(accounts.supervision(practice_id)), to_do(practice_id)


def invite(actor: Actor, new: NewPerson) -> tuple[Person, str]:
    """Add an account and its invitation token. Raises Invalid naming the field."""
    with practice_unit(actor, Action.PEOPLE_INVITE) as unit:
        if new.role not in INVITED:
            raise Invalid("The person was not added.", {"role": "Choose a role."})
        row = add_person(actor.practice_id, new)
        unit.subject = f"account/{row.id}"
        unit.changed("account", row.id, row.version, case_id=None)
        return accounts.person(row), accounts.issue_link(row.id, LinkKind.INVITE)


def read_leaver(actor: Actor, account_id: str) -> Leaver:
    """What ending an account would leave behind, as far as accounts tell; nothing of any case."""
    with practice_unit(actor, Action.PEOPLE_READ):
        row = colleague(actor, account_id)
        has_cases = row.role in (Role.THERAPIST, Role.SUPERVISOR)
        theirs = filter(accounts.can_sign_in, accounts.supervised_by(row.id))
        return Leaver(
            accounts.person(row),
            bool(accounts.supervisors_of(row.id)) if has_cases else None,
            tuple(accounts.name_of(each) for each in theirs if accounts.supervisors_of(each) == [row.id]),
        )


def end_account(actor: Actor, account_id: str) -> None:
    """Close an account and end all its sign-ins at once."""
    with practice_unit(actor, Action.PEOPLE_END, f"account/{account_id}") as unit:
        row = colleague(actor, account_id)
        if row.id == actor.user_id:
            raise NotAllowed("Ask another administrator to end your own account.")
        row.active, row.updated_at = False, clock.now()
        sign_ins.end_all(row.id)
        db.session.flush()
        unit.changed("account", row.id, row.version, case_id=None)


def supervise(actor: Actor, supervisor_id: str, therapist_id: str, since: date, *, cosigns: bool = False) -> None:
    """Propose that a supervisor sees the caseload of a therapist, who has to agree, and cosigns their notes if
    `cosigns`. For a pair that there is already, only the latter changes. Raises Invalid when the two do not fit.
    """
    with practice_unit(actor, Action.SUPERVISION_CHANGE, f"account/{therapist_id}"):
        supervisor, therapist = colleague(actor, supervisor_id), colleague(actor, therapist_id)
        if supervisor.role != Role.SUPERVISOR:
            raise Invalid("The two do not fit.", {"supervisor_id": "Choose a supervisor."})
        if therapist.role not in (Role.THERAPIST, Role.SUPERVISOR) or therapist.id == supervisor.id:
            raise Invalid("The two do not fit.", {"therapist_id": "Choose a therapist other than the supervisor."})
        if not (supervisor.active and therapist.active):
            raise Invalid("The two do not fit.", {"therapist_id" if supervisor.active else "supervisor_id": ENDED})
        row = accounts.supervision_row(supervisor_id, therapist_id)
        if row is None:
            row = accounts.propose_supervision(actor.practice_id, supervisor_id, therapist_id, since)
        row.cosigns = cosigns


def set_note_policy(actor: Actor, hours: int) -> None:
    """After how many hours a note counts as a late entry, from now on."""
    with practice_unit(actor, Action.NOTE_POLICY, f"practice/{actor.practice_id}") as unit:
        row = accounts.put_late_after(actor.practice_id, hours)
        db.session.flush()
        unit.changed("practice", row.id, row.version, case_id=None)


def set_flags(actor: Actor, on: bool) -> None:
    """Whether connected systems are told that a clinician should be spoken to first. Every event is announced, so that
    what was told before is withdrawn.
    """
    with practice_unit(actor, Action.FLAGS_CHANGE, f"practice/{actor.practice_id}") as unit:
        row = accounts.put_flags_leave(actor.practice_id, on)
        db.session.flush()
        unit.changed("practice", row.id, row.version, case_id=None)
        unit.why = "on" if on else "off"
        # Without the alarm clock: whoever reads builds first, and the rest has time.
        found = events.of_cases(cases.of_practice(actor.practice_id))
        outbox.post(actor.practice_id, [_notice(each) for each in found])


def _notice(event: EventRow) -> outbox.Notice:
    return outbox.Notice("event", event.id, event.version, event.case_id)


def end_supervision(actor: Actor, supervisor_id: str, therapist_id: str) -> None:
    with practice_unit(actor, Action.SUPERVISION_CHANGE, f"account/{therapist_id}"):
        row = accounts.supervision_row(supervisor_id, therapist_id)
        if row is None or row.practice_id != actor.practice_id:
            raise NotFound
        db.session.delete(row)


def read_audit(actor: Actor, *, before: str = "", limit: int = 100) -> tuple[AuditLine, ...]:
    """The latest audit rows of the practice, newest first; page with `before`, the mark of a row. Cases appear by code
    only, and none under what is `UNTOLD`; those that are restricted, or from which the reader is kept away, do not
    appear, nor does any record of theirs. Raises Invalid.
    """
    with practice_unit(actor, Action.AUDIT_READ):
        hidden = {*cases.blocked_case_ids(actor.user_id), *cases.sealed_case_ids(actor.practice_id)}
        after = audit.marked(actor.practice_id, before) if before else None
        rows = audit.recent(actor.practice_id, after, limit, without=case_records.ids_of(hidden), untold=UNTOLD)
        return tuple(
            AuditLine(
                audit.mark_of(row),
                row.at,
                accounts.name_of(row.actor_id),
                row.role,
                row.action,
                _subject(row.subject),
                row.verdict,
                row.why,
            )
            for row in rows
        )


def announce(practice_id: str) -> None:
    """Tell the outbox of a practice and its people that were made in one go. Joins the running transaction."""
    found = [("practice", practice_id), *(("account", each.id) for each in accounts.people(practice_id))]
    outbox.post(practice_id, [outbox.Notice(kind, record_id, 1, None) for kind, record_id in found])


def add_person(practice_id: str, new: NewPerson) -> AccountRow:
    """The row of a new account inside the running transaction. Raises Invalid naming the field."""
    wrong: dict[str, str] = {}
    if not new.name.strip():
        wrong["name"] = "Give a name."
    if not _EMAIL.fullmatch(new.email.strip()):
        wrong["email"] = "This is not an e-mail address."
    elif accounts.account_by_email(new.email) is not None:
        wrong["email"] = "This address cannot be used for a new account."
    if new.role not in (*INVITED, Role.MACHINE):
        wrong["role"] = "Choose a role."
    if wrong:
        raise Invalid("The person was not added.", wrong)
    row = accounts.add_account(
        practice_id, new.role, Particulars(new.name.strip(), new.email.strip(), new.qualification)
    )
    db.session.flush()
    return row


def _subject(subject: str) -> str:
    kind, _, record_id = subject.partition("/")
    case = cases.row(record_id) if kind == "case" else None
    return f"case {case.code}" if case else kind
