"""How somebody stands to a case, asked before the case is loaded.

Rule: a case that is hidden must not take longer to be refused than one that never was (security.md S9). So whoever is
at home on it gets it by one question; everybody else by a second one, which has one answer for every id, known or not,
and builds nothing of the case. tests/contracts/test_guards.py compares what both ask, on every route.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select

from schemas.vocabulary import AssignmentKind, CaseStatus, Relation, Role
from service.domain.access import CaseFacts
from service.domain.actors import Actor
from service.store import cases
from service.store.accounts import AGREED, PracticeRow, SupervisionRow
from service.store.base import db
from service.store.cases import WITH_PEOPLE, AssignmentRow, CaseRow, last_day_anywhere

_AT_HOME = (AssignmentKind.OWNER.value, AssignmentKind.COVER.value, AssignmentKind.LINKED.value)
# Asked for where a record leads to no case.
_NO_CASE = "00000000-0000-0000-0000-000000000000"


def at_home(actor: Actor, case_id: str | None, *, lock: bool = False) -> CaseRow | None:
    """The case, for whoever has a part in it; with `lock`, held still until the transaction ends."""
    own = exists().where(AssignmentRow.case_id == CaseRow.id, AssignmentRow.account_id == actor.user_id)
    home: ColumnElement[bool] = own.where(
        AssignmentRow.kind.in_(_AT_HOME),
        or_(AssignmentRow.until.is_(None), AssignmentRow.until >= last_day_anywhere()),
    )
    if actor.role is Role.SUPERVISOR:
        # Whoever is kept away has an assignment that says so, which comes before supervision.
        home = or_(home, and_(CaseRow.sealed.is_(False), ~own, supervises(actor.user_id)))
    query = select(CaseRow).where(CaseRow.id == (case_id or _NO_CASE), CaseRow.status != CaseStatus.PURGED, home)
    if not lock:
        return db.session.scalars(query.options(*WITH_PEOPLE)).unique().one_or_none()
    # Who is assigned is asked once the case is held: beside it they would be as they were before the wait.
    held = query.with_for_update(of=CaseRow).execution_options(populate_existing=True)
    return db.session.scalars(held).one_or_none()


def standing(actor: Actor, case_id: str | None) -> CaseFacts | None:
    """What permission must know of a case that the actor is not at home on; None where there is none."""
    found = db.session.execute(_question(actor, case_id or _NO_CASE)).one()
    if found.practice_id is None:
        return None
    mine = (found.mine, found.mine_until)
    relation = cases.relation(actor, found.practice_id, mine, zone=found.zone, supervises=bool(found.supervises))
    if relation is Relation.COLLEAGUE:
        relation = cases.let_in(found) or relation
    return CaseFacts(relation, cases.states(found))


def _question(actor: Actor, case_id: str) -> Select[Any]:
    """One row for every id: the case hangs on a constant."""
    asked = select(literal(case_id).label("id")).subquery("asked")
    mine = and_(AssignmentRow.case_id == asked.c.id, AssignmentRow.account_id == actor.user_id)
    return (
        select(
            CaseRow.practice_id,
            CaseRow.status,
            CaseRow.sealed,
            CaseRow.held,
            PracticeRow.zone,
            AssignmentRow.kind.label("mine"),
            AssignmentRow.until.label("mine_until"),
            supervises(actor.user_id).label("supervises"),
            *cases.doors(actor, case_id),
        )
        .select_from(asked)
        .outerjoin(CaseRow, CaseRow.id == asked.c.id)
        .outerjoin(PracticeRow, PracticeRow.id == CaseRow.practice_id)
        .outerjoin(AssignmentRow, mine)
    )


def supervises(account_id: ColumnElement[str] | str) -> ColumnElement[bool]:
    """Whether this person supervises the therapist of the case, as part of a question about `client_case`."""
    owned = AssignmentRow.__table__.alias("owned")
    return exists().where(
        owned.c.case_id == CaseRow.id,
        owned.c.kind == AssignmentKind.OWNER.value,
        SupervisionRow.therapist_id == owned.c.account_id,
        SupervisionRow.supervisor_id == account_id,
        AGREED,
    )
