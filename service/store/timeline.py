"""What happened on a case, out of many tables in one statement, newest first, paged by key.

To join: one function here or in the store module of the noun that selects (time, kind, own id, id to open, code, code),
and one line in SOURCES. Rule: times, ids and codes only; nothing sealed is opened for a timeline.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from schemas.case_codes import TimelineKind
from schemas.programme_codes import EntryKind
from schemas.release_codes import ReleaseStatus
from schemas.vocabulary import NoteStatus
from service.domain.timeline import Happening, Wanted
from service.store.base import UtcDateTime, db
from service.store.cases import CaseChangeRow
from service.store.diagnoses import DiagnosisRow
from service.store.disclosures import DisclosureRow
from service.store.episodes import EpisodeMoveRow
from service.store.events import EventRow, EventStepRow
from service.store.goals import GoalRow
from service.store.intakes import IntakeRow
from service.store.notes import NoteRow
from service.store.plans import PlanRow
from service.store.programmes import ProgrammeEntryRow
from service.store.referrals import ReferralRow
from service.store.relationships import RelationshipRow
from service.store.releases import ConsentRow, ReleaseRow
from service.store.sessions import SessionRow
from service.store.supervision_records import SupervisionRecordRow, TouchedRow

K = TimelineKind
Rows = Select[Any]
Column = InstrumentedAttribute[Any] | ColumnElement[Any]
CASE: BindParameter[str] = bindparam("case_id", type_=String())
NOTHING = literal("")


class Noon(FunctionElement[datetime]):
    """The middle of a day as a time, as each database writes one."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(Noon)
def _write_noon(element: Noon, compiler: SQLCompiler, **kw: Any) -> str:
    return f"timezone('UTC', {compiler.process(element.clauses, **kw)} + interval '12 hours')"


@compiles(Noon, "sqlite")
def _write_noon_as_text(element: Noon, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} || ' 12:00:00.000000')"


def happened(kind: TimelineKind, at: Column, ids: tuple[Column, Column], codes: tuple[Column, Column]) -> Rows:
    """The columns of every source; `ids` are the row's own and that of the record to open."""
    code = [func.coalesce(cast(each, String), "").label(name) for each, name in zip(codes, ("c1", "c2"), strict=True)]
    own, about = cast(ids[0], String), cast(ids[1], String)
    columns: list[Any] = [at.label("at"), literal(kind.value).label("kind"), own.label("row"), about.label("about")]
    return select(*columns, *code)


def _sessions() -> Rows:
    row, codes = SessionRow, (SessionRow.type, SessionRow.attendance)
    return happened(K.SESSION, row.starts_at, (row.id, row.id), codes).where(row.case_id == CASE)


def _notes() -> Rows:
    row = NoteRow
    signed = row.case_id == CASE, row.status == NoteStatus.SIGNED, row.signed_at.is_not(None)
    return happened(K.NOTE, row.signed_at, (row.id, row.session_id), (row.format, NOTHING)).where(*signed)


def _forms() -> Rows:
    row, codes = IntakeRow, (IntakeRow.instrument_key, IntakeRow.instrument_version)
    return happened(K.FORM, row.authored_at, (row.id, row.id), codes).where(row.case_id == CASE)


def _plans() -> Rows:
    row = PlanRow
    return happened(K.PLAN, row.created_at, (row.id, row.id), (row.type, row.status)).where(row.case_id == CASE)


def _events() -> Rows:
    row = EventRow
    return happened(K.EVENT, row.opened_at, (row.id, row.id), (row.level, NOTHING)).where(row.case_id == CASE)


def _event_steps() -> Rows:
    row, codes = EventStepRow, (NOTHING, EventStepRow.step)
    of_case = select(EventRow.id).where(EventRow.case_id == CASE)
    return happened(K.EVENT, row.at, (row.id, row.event_id), codes).where(row.event_id.in_(of_case))


def _goals() -> Rows:
    row = GoalRow
    return happened(K.GOAL, row.updated_at, (row.id, row.id), (row.domain, row.status)).where(row.case_id == CASE)


def _diagnoses() -> Rows:
    """That there is one, never which."""
    row = DiagnosisRow
    return happened(K.DIAGNOSIS, row.at, (row.id, row.case_id), (row.step, NOTHING)).where(row.case_id == CASE)


def _moves() -> Rows:
    row, codes = EpisodeMoveRow, (EpisodeMoveRow.before, EpisodeMoveRow.after)
    return happened(K.EPISODE, row.at, (row.id, row.case_id), codes).where(row.case_id == CASE)


def _changes() -> Rows:
    row = CaseChangeRow
    return happened(K.CHANGE, row.at, (row.id, row.case_id), (row.part, NOTHING)).where(row.case_id == CASE)


def _facts() -> Rows:
    row = RelationshipRow
    return happened(K.FACTS, row.at, (row.id, row.case_id), (row.number, NOTHING)).where(row.case_id == CASE)


def _referrals() -> Rows:
    row, codes = ReferralRow, (ReferralRow.direction, ReferralRow.kind)
    return happened(K.REFERRAL, row.created_at, (row.id, row.id), codes).where(row.case_id == CASE)


def _programme() -> Rows:
    row, codes = ProgrammeEntryRow, (ProgrammeEntryRow.step, ProgrammeEntryRow.value)
    stands = row.case_id == CASE, row.kind == EntryKind.MOVE, row.undone_at.is_(None)
    return happened(K.PROGRAMME, row.at, (row.id, row.case_id), codes).where(*stands)


def _consents() -> Rows:
    row, codes = ConsentRow, (ConsentRow.kind, ConsentRow.answer)
    return happened(K.CONSENT, row.created_at, (row.id, row.case_id), codes).where(row.case_id == CASE)


def _releases() -> Rows:
    row, codes = ReleaseRow, (ReleaseRow.form, literal(ReleaseStatus.DRAFT.value))
    return happened(K.RELEASE, row.created_at, (row.id, row.id), codes).where(row.case_id == CASE)


def _settled_releases() -> Rows:
    """A release that was signed, revoked or dropped, beside its beginning."""
    row, own = ReleaseRow, ReleaseRow.id + literal("+")
    settled = row.case_id == CASE, row.status != ReleaseStatus.DRAFT
    return happened(K.RELEASE, row.updated_at, (own, row.id), (row.form, row.status)).where(*settled)


def _disclosures() -> Rows:
    row, codes = DisclosureRow, (DisclosureRow.door, DisclosureRow.basis)
    return happened(K.DISCLOSURE, row.at, (row.id, row.case_id), codes).where(row.case_id == CASE)


def _meetings() -> Rows:
    """The second code names the two who met, for `_limits` to ask."""
    row = SupervisionRecordRow
    met = row.supervisor_id + literal("|") + row.therapist_id
    rows = happened(K.SUPERVISION, Noon(row.held_on), (TouchedRow.id, row.id), (row.mode, met))
    return rows.join(TouchedRow, TouchedRow.record_id == row.id).where(TouchedRow.case_id == CASE)


SOURCES: tuple[tuple[TimelineKind, Callable[[], Rows]], ...] = (
    (K.SESSION, _sessions),
    (K.NOTE, _notes),
    (K.FORM, _forms),
    (K.PLAN, _plans),
    (K.EVENT, _events),
    (K.EVENT, _event_steps),
    (K.GOAL, _goals),
    (K.DIAGNOSIS, _diagnoses),
    (K.EPISODE, _moves),
    (K.CHANGE, _changes),
    (K.FACTS, _facts),
    (K.REFERRAL, _referrals),
    (K.PROGRAMME, _programme),
    (K.CONSENT, _consents),
    (K.RELEASE, _releases),
    (K.RELEASE, _settled_releases),
    (K.DISCLOSURE, _disclosures),
    (K.SUPERVISION, _meetings),
)


def of_case(case_id: str, wanted: Wanted, zone: str, most: int) -> list[Happening]:
    """At most so many rows, the newest first."""
    every = _rows_of(wanted.kinds)
    if every is None:
        return []
    query = select(every).where(*_limits(every.c, wanted, zone)).order_by(every.c.at.desc(), every.c.row.desc())
    return [
        Happening(each.at, TimelineKind(each.kind), each.row, each.about, each.c1, each.c2)
        for each in db.session.execute(query.limit(most), {"case_id": case_id})
    ]


@lru_cache(maxsize=16)
def _rows_of(kinds: frozenset[TimelineKind]) -> Subquery | None:
    """Every row of these kinds, all kinds where none is named; built once, for it is the longest statement there is."""
    asked = [rows() for kind, rows in SOURCES if not kinds or kind in kinds]
    return union_all(*asked).subquery("happened") if asked else None


def _limits(column: Any, wanted: Wanted, zone: str) -> list[ColumnElement[bool]]:
    met = column.c2.contains(wanted.reader_id, autoescape=True)
    found: list[ColumnElement[bool]] = [or_(column.kind != K.SUPERVISION, met)]
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
