"""Consents and releases of a case: asking, preparing, signing, revoking."""

from dataclasses import dataclass
from datetime import date

from schemas.actions import Action
from schemas.release_codes import ReleaseForm, ReleaseState, ReleaseStatus, ReleaseStep, SaidHow
from service.casework.gate import admit, case_unit, check_version, opened_for, practice_today
from service.casework.leaks import guard_of, let_pass
from service.casework.leaving import hold_links
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.leaks import Leak
from service.domain.releases import (
    Consent,
    Discussed,
    Release,
    ReleaseTerms,
    Said,
    after,
    can_be_said,
    faults,
    left_unsaid,
    standing,
    terms_passages,
)
from service.errors import Conflict, Invalid, NotFound
from service.store import cases, releases, summary
from service.store.base import db
from service.store.releases import ReleaseRow
from service.store.transaction import Unit, transaction


@dataclass(frozen=True)
class ReleaseDraft:
    """A release as typed; `confirmed` are finds of the leak guard that the client confirmed by name."""

    form: ReleaseForm
    terms: ReleaseTerms
    expires_on: date
    confirmed: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConsentDesk:
    """What was agreed on a case: every answer and every release, newest first."""

    case: Case
    consents: tuple[Consent, ...]
    releases: tuple[Release, ...]
    today: date


def read_desk(actor: Actor, case_id: str) -> ConsentDesk:
    with case_unit(actor, Action.RELEASE_READ, case_id) as (_unit, row):
        found = releases.of_case(case_id)
        return ConsentDesk(opened_for(actor, row), releases.consents(case_id), found, practice_today(actor))


def record_consent(actor: Actor, case_id: str, said: Said) -> Consent:
    """Keep an answer. Raises Invalid for a day to come, and for withdrawing what was not given."""
    with case_unit(actor, Action.CONSENT_RECORD, case_id) as (unit, _row):
        if said.on > practice_today(actor):
            raise Invalid("The day does not fit.", {"on": "Nobody can agree in the future."})
        before = standing(each for each in releases.consents(case_id) if each.on <= said.on)
        if not can_be_said(said.kind, said.answer, before):
            raise Invalid("This was not given before.", {"answer": "Only what was given can be withdrawn."})
        unit.why = f"{said.kind} {said.answer}"
        kept = releases.add_consent(case_id, actor.user_id, said)
        unit.changed("consent", kept.id, 1, case_id=case_id)
        hold_links(unit, case_id)
        return kept


def prepare_release(actor: Actor, case_id: str, draft: ReleaseDraft) -> Release:
    """A release for the client to read; it carries nothing before it is signed. Raises Invalid naming the field."""
    with case_unit(actor, Action.RELEASE_WRITE, case_id) as (unit, case):
        wrong = faults(draft.form, draft.terms, draft.expires_on, practice_today(actor))
        if wrong:
            raise Invalid("The release needs a change.", wrong)
        let_pass(unit, guard_of(case).leaks(terms_passages(draft.terms)), draft.confirmed)
        row = releases.add(case_id, actor.user_id, draft.form, draft.terms, draft.expires_on)
        unit.why = "; ".join(filter(None, (f"{draft.form} prepared", unit.why)))
        return releases.value(row)


def find_in_terms(actor: Actor, case_id: str, terms: ReleaseTerms) -> tuple[Leak, ...]:
    """What the leak guard finds in a form that is about to be prepared."""
    with case_unit(actor, Action.FINDS_READ, case_id) as (_unit, row):
        return guard_of(row).leaks(terms_passages(terms))


def read_release(actor: Actor, release_id: str) -> tuple[Release, Case]:
    with transaction(actor, Action.RELEASE_READ, f"release/{release_id}") as unit:
        row = _admitted(unit, release_id)
        case = cases.row(row.case_id)
        if case is None:
            raise NotFound
        return releases.value(row), opened_for(actor, case)


def sign_release(actor: Actor, release_id: str, discussed: Discussed, *, version: int) -> Release:
    """The client signed. Raises Invalid naming what was not said aloud, Conflict for one that cannot be signed."""
    with transaction(actor, Action.RELEASE_WRITE, f"release/{release_id}") as unit:
        row = _admitted(unit, release_id)
        check_version(seen=version, stored=row.version)
        wrong, today = left_unsaid(discussed), practice_today(actor)
        if wrong:
            raise Invalid("Something must be said before a signature counts.", wrong)
        if row.expires_on < today:
            raise Conflict("Its last day has passed. Prepare a new release.")
        row.signed_on = today
        return _step(unit, row, ReleaseStep.SIGN)


def drop_release(actor: Actor, release_id: str, *, version: int) -> Release:
    """Nobody signed it."""
    with transaction(actor, Action.RELEASE_WRITE, f"release/{release_id}") as unit:
        row = _admitted(unit, release_id)
        check_version(seen=version, stored=row.version)
        return _step(unit, row, ReleaseStep.DROP)


def revoke_release(actor: Actor, release_id: str, how: SaidHow, *, note: str = "", version: int) -> Release:
    """The client takes it back: from now on nothing leaves by it."""
    with transaction(actor, Action.RELEASE_WRITE, f"release/{release_id}") as unit:
        row = _admitted(unit, release_id)
        check_version(seen=version, stored=row.version)
        releases.end(row, practice_today(actor), how, note)
        kept = _step(unit, row, ReleaseStep.REVOKE)
        hold_links(unit, row.case_id)
        return kept


def in_force(desk: ConsentDesk) -> tuple[Release, ...]:
    """The releases that something can leave by today."""
    return tuple(each for each in desk.releases if each.state(desk.today) is ReleaseState.IN_FORCE)


def _admitted(unit: Unit, release_id: str) -> ReleaseRow:
    row = releases.row(release_id)
    admit(unit, row.case_id if row else None)
    if row is None:
        raise NotFound
    return row


def _step(unit: Unit, row: ReleaseRow, step: ReleaseStep) -> Release:
    status = after(ReleaseStatus(row.status), step)
    if status is None:
        raise Conflict(f"This cannot be done: the release is {ReleaseStatus(row.status).label.casefold()}.")
    row.status, row.updated_at = status, clock.now()
    db.session.flush()
    unit.why = step
    unit.changed("release", row.id, row.version, case_id=row.case_id)
    summary.refresh(row.case_id)
    return releases.value(row)
