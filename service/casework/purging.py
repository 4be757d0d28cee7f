"""Purging a case: two people, after its time, never under a legal hold; every key of the case is destroyed.

What stays is that there was a case: its code, its audit, its disclosures' dates and grounds, and a dated certificate
that names no client. Nothing that was sealed can be opened again, in a backup neither.
"""

from dataclasses import dataclass

from schemas.actions import Action
from schemas.wall_codes import WallStep
from service.casework.gate import case_unit, practice_today, practice_unit
from service.casework.walls import end_of_keeping, second
from service.domain import clock
from service.domain.actors import Actor
from service.domain.retention import RetentionRule, faults
from service.domain.walls import Certificate
from service.errors import Conflict, Invalid
from service.store import keyring, purges, requests, walls
from service.store.base import new_id
from service.store.cases import CaseRow
from service.store.transaction import Unit
from service.store.walls import CertificateRow

ASKED_FOR = "A request for this record is open: nothing may be destroyed. Answer it, and close or refuse it, first."
HELD = "A legal hold is on this case: nothing of it may be destroyed. Lift the hold first, which takes two people."


@dataclass(frozen=True)
class RetentionDesk:
    """The practice's rule and the certificates of what was purged."""

    rule: RetentionRule
    own: bool
    certificates: tuple[Certificate, ...]


def purge(actor: Actor, case_id: str, reason: str) -> Certificate | None:
    """Ask for the purge (None), or agree as second person and destroy the record. Raises Conflict under a hold, before
    its time, while the case is open, and for the same person twice.
    """
    with case_unit(actor, Action.CASE_PURGE, case_id) as (unit, row):
        _refuse_too_early(actor, row)
        asked = walls.waiting(case_id, WallStep.PURGE)
        asked_by = asked.by_id if asked else ""
        if not second(unit, row, WallStep.PURGE, reason):
            return None
        keyring.check_writable()
        certificate = _destroyed(unit, row, asked_by)
    keyring.puncture(case_id)
    return certificate


def read_retention(actor: Actor) -> RetentionDesk:
    with practice_unit(actor, Action.RETENTION_READ):
        practice_id = actor.practice_id
        own = walls.retention_row(practice_id) is not None
        return RetentionDesk(walls.retention(practice_id), own, walls.certificates(practice_id))


def change_retention(actor: Actor, rule: RetentionRule) -> RetentionDesk:
    """The practice's own years of keeping, and where they come from. Raises Invalid naming the field."""
    with practice_unit(actor, Action.RETENTION_CHANGE, "retention"):
        wrong = faults(rule)
        if wrong:
            raise Invalid("The rule needs a change.", wrong)
        walls.put_retention(actor.practice_id, rule, actor.user_id)
        return RetentionDesk(rule, own=True, certificates=walls.certificates(actor.practice_id))


def _refuse_too_early(actor: Actor, row: CaseRow) -> None:
    if row.held:
        raise Conflict(HELD)
    until = end_of_keeping(row)
    if practice_today(actor) < until:
        raise Conflict(f"This record is kept until {until}. It can be purged from that day on.")
    if requests.count_open(row.id):
        raise Conflict(ASKED_FOR)


def _destroyed(unit: Unit, row: CaseRow, asked_by: str) -> Certificate:
    kept = end_of_keeping(row)
    count = purges.erase(row)
    certificate = CertificateRow(
        id=new_id(),
        practice_id=row.practice_id,
        case_id=row.id,
        code=row.code,
        purged_at=clock.now(),
        asked_by=asked_by,
        agreed_by=unit.actor.user_id,
        key_count=count,
        kept_until=kept,
        source=walls.retention(row.practice_id).source,
    )
    walls.certify(certificate)
    return walls.certificate(certificate)
