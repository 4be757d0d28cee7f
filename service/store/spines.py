"""The spines of a case's records (service/domain/spines.py), out of many tables in one statement that is built once.

Rule: times, ids and codes only; nothing sealed is read here.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import Date, Integer, Row, Select, String, bindparam, cast, literal, null, select, union_all
from sqlalchemy.types import TypeEngine

from schemas.case_codes import DischargeState
from schemas.plan_codes import PlanDoubt
from schemas.programme_codes import EntryKind, StepState
from schemas.vocabulary import Attendance, HandoverState, NoteStatus, PlanStatus, PlanType
from service.domain import clock
from service.domain.handovers import LIVE, Times, state_at
from service.domain.spines import HandoverSpine, PlanSpine, SessionSpine, Spines
from service.store.base import UtcDateTime, db
from service.store.episodes import DischargeRow
from service.store.handovers import HandoverRow
from service.store.notes import NoteRow
from service.store.plans import PlanRow
from service.store.programmes import ProgrammeEntryRow
from service.store.schedules import RefusalRow
from service.store.sessions import STANDS, SessionRow

LOG = "wsl"
SESSION, PLAN, HANDOVER, REFUSAL, MOVE, ENDING = "session", "plan", "handover", "refusal", "move", "ending"
IN_HAND = (*LIVE, HandoverState.UNFINISHED)
# What a spine may have; what its kind has not is empty.
COLUMNS: dict[str, TypeEngine[Any]] = {
    "id": String(),
    "code": String(),
    "state": String(),
    "at": UtcDateTime(),
    "until": UtcDateTime(),
    "over": UtcDateTime(),
    "day": Date(),
    "since": Date(),
    "number": Integer(),
}
Rows = list[Row[Any]]


def of_case(case_id: str) -> Spines:
    found: dict[str, Rows] = defaultdict(list)
    for row in db.session.execute(_QUERY, {"case_id": case_id}):
        found[row.kind].append(row)
    return Spines(
        sessions=tuple(_session(row) for row in _newest(found[SESSION])),
        plans=tuple(_plan(row) for row in sorted(found[PLAN], key=lambda row: (row.code, -row.number))),
        handovers=tuple(each for row in _newest(found[HANDOVER]) if (each := _handover(row)).state in IN_HAND),
        refused=tuple(sorted(row.at for row in found[REFUSAL])),
        steps={row.code: StepState(row.state) for row in sorted(found[MOVE], key=lambda row: int(row.number))},
        waiting_ends=_waiting_ends(found[ENDING]),
    )


def _newest(rows: Rows) -> Rows:
    """Newest first, by their ids where they are equally old."""
    return sorted(sorted(rows, key=lambda row: str(row.id)), key=lambda row: row.at, reverse=True)


def _session(row: Row[Any]) -> SessionSpine:
    note = NoteStatus(row.state) if row.state else None
    return SessionSpine(row.id, row.at, row.until, Attendance(row.code), note)


def _plan(row: Row[Any]) -> PlanSpine:
    doubt = PlanDoubt(row.state) if row.state else None
    return PlanSpine(row.id, PlanType(row.code), row.number, row.since, row.day, doubt)


def _handover(row: Row[Any]) -> HandoverSpine:
    state = state_at(HandoverState(row.state), Times(row.until, row.over, row.number), clock.now())
    return HandoverSpine(row.id, state, row.at)


def _waiting_ends(rows: Rows) -> frozenset[str]:
    latest = {row.id: row.state for row in sorted(rows, key=lambda row: row.at)}
    return frozenset(each for each, state in latest.items() if state == DischargeState.WAITING)


def _of(kind: str, **columns: Any) -> Select[Any]:
    empty: dict[str, Any] = {name: cast(null(), each) for name, each in COLUMNS.items()}
    return select(literal(kind).label("kind"), *(each.label(name) for name, each in (empty | columns).items()))


def _sessions() -> Select[Any]:
    row, of_case = SessionRow, (SessionRow.case_id == _CASE, STANDS)
    found = _of(SESSION, id=row.id, code=row.attendance, state=NoteRow.status, at=row.starts_at, until=row.ends_at)
    return found.select_from(row).outerjoin(NoteRow, NoteRow.session_id == row.id).where(*of_case)


def _plans() -> Select[Any]:
    row = PlanRow
    days = {"since": row.reviewed_on, "day": row.next_review}
    found = _of(PLAN, id=row.id, code=row.type, state=row.doubt, number=row.number, **days)
    return found.where(row.case_id == _CASE, row.status == PlanStatus.ACTIVE)


def _handovers() -> Select[Any]:
    row = HandoverRow
    times = {"at": row.made_at, "until": row.code_until, "over": row.screen_until}
    found = _of(HANDOVER, id=row.id, state=row.state, number=row.answered, **times)
    return found.where(row.case_id == _CASE, row.state.in_([str(each) for each in IN_HAND]))


def _refusals() -> Select[Any]:
    row = RefusalRow
    standing = row.case_id == _CASE, row.instrument_key == LOG, row.withdrawn_at.is_(None)
    return _of(REFUSAL, id=row.id, at=row.declined_at).where(*standing)


def _moves() -> Select[Any]:
    row = ProgrammeEntryRow
    standing = row.case_id == _CASE, row.kind == EntryKind.MOVE, row.undone_at.is_(None)
    return _of(MOVE, id=row.id, code=row.step, state=row.value, number=row.number).where(*standing)


def _endings() -> Select[Any]:
    row = DischargeRow
    return _of(ENDING, id=row.episode_id, state=row.state, at=row.at).where(row.case_id == _CASE)


_CASE = bindparam("case_id", type_=String())
_QUERY = union_all(_sessions(), _plans(), _handovers(), _refusals(), _moves(), _endings())
