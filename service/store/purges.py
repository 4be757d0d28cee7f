"""Emptying a purged case, and finishing what a crash or an older backup left undone.

Two things make a purge: the keys deleted here, and their leaf cut out of the key file (key_tree.py). Whichever is
missing when the service starts or a backup was put back is made good.
"""

from sqlalchemy import select

from schemas.vocabulary import CaseStatus
from service.domain import clock
from service.store import cases, conflicts, keyring, leak_verdicts, outbox, summary
from service.store.base import db
from service.store.cases import CaseRow
from service.store.keyring import OF_PRACTICE, DataKey, ring


def erase(row: CaseRow) -> int:
    """Destroy every key of the case and empty what stands about it in clear; returns how many keys there were."""
    count = ring().destroy(row.id)
    row.status, row.updated_at = CaseStatus.PURGED, clock.now()
    summary.empty(row.id)
    conflicts.forget(row.id)
    leak_verdicts.forget(row.id)
    cases.leave_only_owner(row.id)
    outbox.drop(row.id)
    db.session.flush()
    return count


def bury() -> int:
    """Erase cases whose leaf is cut, and cut the leaves of cases that are erased; returns how many it found."""
    keyring.renew_all()
    keys = select(DataKey.scope_id).where(DataKey.scope.not_in(OF_PRACTICE), DataKey.wrapped.is_not(None)).distinct()
    cut = [each for each in db.session.scalars(keys) if ring().is_cut(each)]
    for row in filter(None, (cases.row(each) for each in cut)):
        erase(row)
    db.session.commit()
    purged = select(CaseRow.id).where(CaseRow.status == CaseStatus.PURGED)
    whole = [each for each in db.session.scalars(purged) if not ring().is_cut(each)]
    db.session.rollback()
    for each in whole:
        keyring.puncture(each)
    return len(cut) + len(whole)
