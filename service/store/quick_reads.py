"""The statements of the short way (service/store/driver.py): one round trip each for who is asking and for one stored
resource.

They answer what the mapper's queries answer; tests/store/test_quick_reads.py compares the two.
"""

from typing import Any

from sqlalchemy import and_, bindparam, exists, select

from schemas.vocabulary import AssignmentKind, Relation, Role
from service.domain import clock
from service.domain.access import CaseFacts
from service.domain.actors import Actor
from service.store import cases
from service.store.accounts import AGREED, AccountRow, BearerRow, PracticeRow, SupervisionRow, token_hash
from service.store.cases import AssignmentRow, CaseRow
from service.store.driver import Line, Prepared, line
from service.store.resources import CURRENT, OF_TYPE_AND_ID, VERSION, ResourceRow
from service.store.sign_ins import SignInRow
from service.store.walls import GlassRow

_ACCOUNT = (AccountRow.id, AccountRow.practice_id, AccountRow.role, AccountRow.active, AccountRow.particulars)
_BEARER = Prepared(
    select(AccountRow.id, AccountRow.practice_id)
    .join(BearerRow, BearerRow.account_id == AccountRow.id)
    .where(
        BearerRow.token_hash == bindparam("token_hash"),
        BearerRow.ended_at.is_(None),
        BearerRow.expires_at > bindparam("at"),
        AccountRow.active,
        AccountRow.role == Role.MACHINE.value,
    )
)
_SIGN_IN = Prepared(
    select(
        *_ACCOUNT,
        SignInRow.token_hash,
        SignInRow.created_at,
        SignInRow.last_seen_at,
        SignInRow.stepped_up_at,
        SignInRow.locked,
        PracticeRow.name.label("practice_name"),
        PracticeRow.zone.label("practice_zone"),
        PracticeRow.version.label("practice_version"),
        PracticeRow.updated_at.label("practice_updated_at"),
        PracticeRow.demo.label("practice_demo"),
        PracticeRow.late_after_hours.label("practice_late_after_hours"),
    )
    .join(AccountRow, AccountRow.id == SignInRow.account_id)
    .join(PracticeRow, PracticeRow.id == AccountRow.practice_id)
    .where(SignInRow.token_hash == bindparam("token_hash"))
)
_MINE = and_(AssignmentRow.case_id == CaseRow.id, AssignmentRow.account_id == bindparam("account_id"))
_OWNED = AssignmentRow.__table__.alias("owned")
_SUPERVISES = exists().where(
    _OWNED.c.case_id == CaseRow.id,
    _OWNED.c.kind == AssignmentKind.OWNER.value,
    SupervisionRow.therapist_id == _OWNED.c.account_id,
    SupervisionRow.supervisor_id == bindparam("account_id"),
    AGREED,
)
_GLASS = exists().where(
    GlassRow.case_id == CaseRow.id,
    GlassRow.account_id == bindparam("account_id"),
    GlassRow.until > bindparam("at"),
)
_WITH_CASE = (
    OF_TYPE_AND_ID.add_columns(
        CaseRow.status,
        CaseRow.sealed,
        CaseRow.held,
        AssignmentRow.kind.label("mine"),
        AssignmentRow.until.label("mine_until"),
        _SUPERVISES.label("supervises"),
        _GLASS.label("glass"),
    )
    .outerjoin(CaseRow, CaseRow.id == ResourceRow.case_id)
    .outerjoin(AssignmentRow, _MINE)
)
_NOW, _THEN = Prepared(_WITH_CASE.where(CURRENT)), Prepared(_WITH_CASE.where(VERSION))


def machine(token: str) -> Any:
    """Account and practice of the connected system that may use this bearer token now, or None."""
    with line() as driver:
        return driver.first(_BEARER, {"token_hash": token_hash(token), "at": clock.now()})


def sign_in(token: str) -> Any:
    """The sign-in, account and practice behind a cookie, or None."""
    with line() as driver:
        return driver.first(_SIGN_IN, {"token_hash": token_hash(token)})


def resource(driver: Line, actor: Actor, resource_type: str, resource_id: str, version: int | None) -> Any:
    """A stored version with what permission must know of its case, or None."""
    given = {"type": resource_type, "id": resource_id, "account_id": actor.user_id, "at": clock.now()}
    if version is None:
        return driver.first(_NOW, given)
    return driver.first(_THEN, given | {"version": version})


def facts(actor: Actor, found: Any) -> CaseFacts:
    """What the permission table must know, from a found resource of a case."""
    mine = (found.mine, found.mine_until)
    relation = cases.relation(actor, found.practice_id, mine, supervises=bool(found.supervises))
    in_need = relation is Relation.COLLEAGUE and found.glass
    return CaseFacts(Relation.GLASS if in_need else relation, cases.states(found))
