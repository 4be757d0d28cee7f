"""What happened on a case, out of many tables in one statement, newest first, paged by key.

To join: one function here or in the store module of the noun that selects (time, kind, own id, id to open, code, code),
and one line in SOURCES. Rule: times, ids and codes only; nothing sealed is opened for a timeline.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from schemas.case_codes import TimelineKind
from schemas.vocabulary import NoteStatus
from service.domain.timeline import Happening, Wanted
from service.store.base import UtcDateTime, db
from service.store.cases import CaseChangeRow
from service.store.episodes import EpisodeMoveRow
from service.store.events import EventRow, EventStepRow
from service.store.goals import GoalRow
from service.store.intakes import IntakeRow
from service.store.notes import NoteRow
from service.store.plans import PlanRow
from service.store.referrals import ReferralRow
from service.store.relationships import RelationshipRow
from service.store.sessions import SessionRow

K = TimelineKind
Rows = Select[Any]
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


def happened(kind: TimelineKind, at: Column, ids: tuple[Column, Column], codes: tuple[Column, Column]) -> Rows:
    """The columns of every source; `ids` are the row's own and that of the record to open."""
    code = [func.coalesce(cast(each, String), "").label(name) for each, name in zip(codes, ("c1", "c2"), strict=True)]
    own, about = cast(ids[0], String), cast(ids[1], String)
    columns: list[Any] = [at.label("at"), literal(kind.value).label("kind"), own.label("row"), about.label("about")]
    return select(*columns, *code)


def _sessions(case_id: str) -> Rows:
    row, codes = SessionRow, (SessionRow.type, SessionRow.attendance)
    return happened(K.SESSION, row.starts_at, (row.id, row.id), codes).where(row.case_id == case_id)


def _notes(case_id: str) -> Rows:
    row = NoteRow
    signed = row.case_id == case_id, row.status == NoteStatus.SIGNED, row.signed_at.is_not(None)
    return happened(K.NOTE, row.signed_at, (row.id, row.session_id), (row.format, NOTHING)).where(*signed)


def _forms(case_id: str) -> Rows:
    row, codes = IntakeRow, (IntakeRow.instrument_key, IntakeRow.instrument_version)
    return happened(K.FORM, row.authored_at, (row.id, row.id), codes).where(row.case_id == case_id)


def _plans(case_id: str) -> Rows:
    row = PlanRow
    return happened(K.PLAN, row.created_at, (row.id, row.id), (row.type, row.status)).where(row.case_id == case_id)


def _events(case_id: str) -> Rows:
    row = EventRow
    return happened(K.EVENT, row.opened_at, (row.id, row.id), (row.level, NOTHING)).where(row.case_id == case_id)


def _event_steps(case_id: str) -> Rows:
    row, codes = EventStepRow, (NOTHING, EventStepRow.step)
    of_case = select(EventRow.id).where(EventRow.case_id == case_id)
    return happened(K.EVENT, row.at, (row.id, row.event_id), codes).where(row.event_id.in_(of_case))


def _goals(case_id: str) -> Rows:
    row = GoalRow
    return happened(K.GOAL, row.updated_at, (row.id, row.id), (row.domain, row.status)).where(row.case_id == case_id)


def _moves(case_id: str) -> Rows:
    row, codes = EpisodeMoveRow, (EpisodeMoveRow.before, EpisodeMoveRow.after)
    return happened(K.EPISODE, row.at, (row.id, row.case_id), codes).where(row.case_id == case_id)


def _changes(case_id: str) -> Rows:
    row = CaseChangeRow
    return happened(K.CHANGE, row.at, (row.id, row.case_id), (row.part, NOTHING)).where(row.case_id == case_id)


def _facts(case_id: str) -> Rows:
    row = RelationshipRow
    return happened(K.FACTS, row.at, (row.id, row.case_id), (row.number, NOTHING)).where(row.case_id == case_id)


def _referrals(case_id: str) -> Rows:
    row, codes = ReferralRow, (ReferralRow.direction, ReferralRow.kind)
    return happened(K.REFERRAL, row.created_at, (row.id, row.id), codes).where(row.case_id == case_id)


NOTHING = literal("")
SOURCES: tuple[tuple[TimelineKind, Callable[[str], Rows]], ...] = (
    (K.SESSION, _sessions),
    (K.NOTE, _notes),
    (K.FORM, _forms),
    (K.PLAN, _plans),
    (K.EVENT, _events),
    (K.EVENT, _event_steps),
    (K.GOAL, _goals),
    (K.EPISODE, _moves),
    (K.CHANGE, _changes),
    (K.FACTS, _facts),
    (K.REFERRAL, _referrals),
)


def of_case(case_id: str, wanted: Wanted, zone: str, most: int) -> list[Happening]:
    """At most so many rows, the newest first."""
    asked = [rows(case_id) for kind, rows in SOURCES if not wanted.kinds or kind in wanted.kinds]
    if not asked:
        return []
    every = union_all(*asked).subquery("happened")
    query = select(every).where(*_limits(every.c, wanted, zone)).order_by(every.c.at.desc(), every.c.row.desc())
    return [
        Happening(each.at, TimelineKind(each.kind), each.row, each.about, each.c1, each.c2)
        for each in db.session.execute(query.limit(most))
    ]


def _limits(column: Any, wanted: Wanted, zone: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.before:
        at = literal(wanted.before.at, UtcDateTime)
        found.append(or_(column.at < at, and_(column.at == at, column.row < wanted.before.row)))
    if wanted.since:
        found.append(column.at >= literal(_midnight(wanted.since, zone), UtcDateTime))
    if wanted.until:
        found.append(column.at < literal(_midnight(wanted.until + timedelta(days=1), zone), UtcDateTime))
    return found


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone))
