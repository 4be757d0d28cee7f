"""The statements of the short way (service/store/driver.py): one round trip each for who is asking, for one stored
resource, and for a page of them.

They answer what the mapper's queries answer; tests/store/test_quick_reads.py compares the two.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, func, select, true
from sqlalchemy.orm import aliased

from schemas.vocabulary import Relation, Role
from service.domain import clock
from service.domain.access import CaseFacts
from service.domain.actors import Actor
from service.store import cases
from service.store.accounts import AccountRow, BearerRow, PracticeRow, token_hash
from service.store.cases import AssignmentRow, CaseRow
from service.store.driver import Line, Prepared, line
from service.store.outbox import OutboxRow
from service.store.resources import CURRENT, OF_A_PAGE, OF_CASE, OF_TYPE_AND_ID, VERSION, ResourceRow, Search
from service.store.sign_ins import SignInRow
from service.store.standings import supervises
from service.store.walls import GlassRow

_ACCOUNT = (AccountRow.id, AccountRow.practice_id, AccountRow.role, AccountRow.active, AccountRow.particulars)
_BEARER = Prepared(
    select(AccountRow.id, AccountRow.practice_id, BearerRow.scopes)
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
        PracticeRow.flags_leave.label("practice_flags_leave"),
    )
    .join(AccountRow, AccountRow.id == SignInRow.account_id)
    .join(PracticeRow, PracticeRow.id == AccountRow.practice_id)
    .where(SignInRow.token_hash == bindparam("token_hash"))
)
_MINE = and_(AssignmentRow.case_id == CaseRow.id, AssignmentRow.account_id == bindparam("account_id"))
_SUPERVISES = supervises(bindparam("account_id"))
_GLASS = exists().where(
    GlassRow.case_id == CaseRow.id,
    GlassRow.account_id == bindparam("account_id"),
    GlassRow.until > bindparam("at"),
)
_FACTS = (
    CaseRow.status,
    CaseRow.sealed,
    CaseRow.held,
    AssignmentRow.kind.label("mine"),
    AssignmentRow.until.label("mine_until"),
    PracticeRow.zone,
    _SUPERVISES.label("supervises"),
    _GLASS.label("glass"),
)
_WITH_CASE = (
    OF_TYPE_AND_ID.add_columns(*_FACTS)
    .outerjoin(CaseRow, CaseRow.id == ResourceRow.case_id)
    .outerjoin(PracticeRow, PracticeRow.id == CaseRow.practice_id)
    .outerjoin(AssignmentRow, _MINE)
)
_NOW, _THEN = Prepared(_WITH_CASE.where(CURRENT)), Prepared(_WITH_CASE.where(VERSION))
_HISTORY = Prepared(_WITH_CASE.order_by(ResourceRow.version.desc()))
_BEHIND = exists().where(OutboxRow.case_id == CaseRow.id, OutboxRow.done_at.is_(None))
_CASE = Prepared(
    select(CaseRow.practice_id, *_FACTS, _BEHIND.label("behind"))
    .join(PracticeRow, PracticeRow.id == CaseRow.practice_id)
    .outerjoin(AssignmentRow, _MINE)
    .where(CaseRow.id == bindparam("case_id"))
)
_EVERYTHING = Prepared(OF_CASE)
_NARROWED: Mapping[str, Callable[[type[ResourceRow]], ColumnElement[bool]]] = {
    "case_id": lambda row: row.case_id == bindparam("case_id"),
    "after": lambda row: row.date >= bindparam("after"),
    "before": lambda row: row.date < bindparam("before"),
    "updated_from": lambda row: row.updated_at >= bindparam("updated_from"),
    "updated_before": lambda row: row.updated_at < bindparam("updated_before"),
    "but_of": lambda row: row.record_type != bindparam("but_of"),
    "offset_id": lambda row: row.id.concat("") > bindparam("offset_id"),
}
_OF_ONE_PAGE = frozenset({"limit", "offset_id"})


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


def versions(driver: Line, actor: Actor, resource_type: str, resource_id: str) -> list[Any]:
    """Every stored version, the newest first, with what permission must know of its case."""
    given = {"type": resource_type, "id": resource_id, "account_id": actor.user_id, "at": clock.now()}
    return driver.all(_HISTORY, given)


def case(driver: Line, actor: Actor, case_id: str) -> Any:
    """What permission must know of a case, and whether its FHIR data is behind; or None."""
    return driver.first(_CASE, {"case_id": case_id, "account_id": actor.user_id, "at": clock.now()})


def everything(driver: Line, case_id: str) -> list[Any]:
    """Every current resource of a case, still sealed, in a fixed order."""
    return driver.all(_EVERYTHING, {"case_id": case_id})


def page(driver: Line, wanted: Search) -> list[Any]:
    """Current versions that fit, still sealed, ordered by id; each tells the `total` on all pages."""
    given = _given(wanted)
    return driver.all(_page(frozenset(given)), given)


def total(driver: Line, wanted: Search) -> int:
    """How many current versions fit, on whatever page."""
    given = {name: each for name, each in _given(wanted).items() if name not in _OF_ONE_PAGE}
    return int(driver.first(_total(frozenset(given)), given).number)


def _given(wanted: Search) -> dict[str, object]:
    """A case is of one practice, which was looked at before."""
    unasked = () if wanted.case_id is None else ("practice_id",)
    return {name: each for name, each in wanted._asdict().items() if each is not None and name not in unasked}


@cache
def _page(given: frozenset[str]) -> Prepared:
    """First the ids, then the rows: a sort of rows would carry every sealed body of the case along."""
    count = _counted(given - _OF_ONE_PAGE).scalar_subquery().label("total")
    fitting = aliased(ResourceRow)
    # Not by the column as it is: SQLite would go through every case along the index of ids to save a short sort.
    ids = select(fitting.id).where(*_conditions(given, fitting)).order_by(fitting.id.concat(""))
    few = ids.limit(bindparam("limit", type_=Integer))
    shown = (ResourceRow.type == bindparam("type"), ResourceRow.id.in_(few), CURRENT)
    return Prepared(select(*OF_A_PAGE, count).where(*shown).order_by(ResourceRow.id))


@cache
def _total(given: frozenset[str]) -> Prepared:
    return Prepared(_counted(given))


def _counted(given: frozenset[str]) -> Select[int]:
    counted = aliased(ResourceRow)
    return select(func.count().label("number")).select_from(counted).where(*_conditions(given, counted))


def _conditions(given: frozenset[str], row: type[ResourceRow]) -> list[ColumnElement[bool]]:
    """One statement for each set of conditions; a directory search must not find what belongs to a case."""
    always = [row.type == bindparam("type"), row.is_current == true()]
    if "case_id" not in given:
        always += [row.practice_id == bindparam("practice_id"), row.case_id.is_(None)]
    return [*always, *(narrow(row) for name, narrow in _NARROWED.items() if name in given)]


def facts(actor: Actor, found: Any) -> CaseFacts:
    """What the permission table must know, from a found resource of a case."""
    mine = (found.mine, found.mine_until)
    supervises = bool(found.supervises)
    relation = cases.relation(actor, found.practice_id, mine, zone=found.zone, supervises=supervises)
    in_need = relation is Relation.COLLEAGUE and found.glass
    return CaseFacts(Relation.GLASS if in_need else relation, cases.states(found))
