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
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
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

from schemas.card_codes import CardKind
from schemas.case_codes import TimelineKind
from schemas.programme_codes import EntryKind
from schemas.release_codes import ReleaseStatus
from schemas.request_codes import RequestStatus
from schemas.vocabulary import NoteStatus, PlanStatus
from schemas.wall_codes import WallStatus
from service.domain.timeline import ADDENDUM, GLASS, PUT_AWAY, SIGNED_THEN, Happening, Wanted
from service.store.base import UtcDateTime, db
from service.store.cases import CaseChangeRow
from service.store.diagnoses import DiagnosisRow
from service.store.disclosures import DisclosureRow
from service.store.episodes import EpisodeMoveRow
from service.store.events import EventRow, EventStepRow
from service.store.goals import GoalRow, GoalVersionRow
from service.store.intakes import IntakeRow
from service.store.note_steps import NoteStepRow
from service.store.notes import AddendumRow, NoteRow
from service.store.plan_cards import CardRow
from service.store.plans import PlanRow, PlanStepRow
from service.store.programmes import ProgrammeEntryRow
from service.store.referrals import ReferralRow
from service.store.relationships import RelationshipRow
from service.store.releases import ConsentRow, ReleaseRow
from service.store.requests import RequestRow
from service.store.reviews import RelationshipReviewRow
from service.store.sessions import STANDS, SessionRow
from service.store.supervision_records import SupervisionRecordRow, TouchedRow
from service.store.walls import GlassRow, WallRow

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
    """One entered in error says nothing else of itself."""
    row, codes = SessionRow, (SessionRow.type, case((STANDS, SessionRow.attendance), else_=NOTHING))
    return happened(K.SESSION, row.starts_at, (row.id, row.id), codes).where(row.case_id == CASE)


def _notes() -> Rows:
    row = NoteRow
    signed = row.case_id == CASE, row.status == NoteStatus.SIGNED, row.signed_at.is_not(None), STANDS
    rows = happened(K.NOTE, row.signed_at, (row.id, row.session_id), (row.format, NOTHING))
    return rows.join(SessionRow, SessionRow.id == row.session_id).where(*signed)


def _addenda() -> Rows:
    row, codes = AddendumRow, (NOTHING, literal(ADDENDUM))
    rows = happened(K.NOTE, row.created_at, (row.id, NoteRow.session_id), codes)
    return rows.join(NoteRow, NoteRow.id == row.note_id).where(NoteRow.case_id == CASE)


def _note_steps() -> Rows:
    row, codes = NoteStepRow, (NOTHING, NoteStepRow.step)
    return happened(K.NOTE, row.at, (row.id, row.session_id), codes).where(row.case_id == CASE)


def _forms() -> Rows:
    row, codes = IntakeRow, (IntakeRow.instrument_key, IntakeRow.instrument_version)
    return happened(K.FORM, row.authored_at, (row.id, row.id), codes).where(row.case_id == CASE)


def _plans() -> Rows:
    """How it began; a version of before its steps were kept tells how it stands instead."""
    row = PlanRow
    kept = exists().where(PlanStepRow.version_id == row.id)
    state = case((kept, literal(PlanStatus.DRAFT.value)), else_=row.status)
    return happened(K.PLAN, row.created_at, (row.id, row.id), (row.type, state)).where(row.case_id == CASE)


def _plan_steps() -> Rows:
    row, codes = PlanStepRow, (PlanRow.type, PlanStepRow.step)
    rows = happened(K.PLAN, row.at, (row.id, row.version_id), codes)
    return rows.join(PlanRow, PlanRow.id == row.version_id).where(PlanRow.case_id == CASE)


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


def _goal_looks() -> Rows:
    row, codes = GoalVersionRow, (GoalRow.domain, GoalVersionRow.look)
    rows = happened(K.GOAL, row.at, (row.id, row.goal_id), codes).join(GoalRow, GoalRow.id == row.goal_id)
    return rows.where(GoalRow.case_id == CASE, row.look.is_not(None))


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
    """How a release stands since it is no draft any more, beside its beginning."""
    row, own = ReleaseRow, ReleaseRow.id + literal("+")
    settled = row.case_id == CASE, row.status != ReleaseStatus.DRAFT
    return happened(K.RELEASE, row.updated_at, (own, row.id), (row.form, row.status)).where(*settled)


def _signed_releases() -> Rows:
    """The signature of a release that ended since; of it the day is kept alone."""
    row, own = ReleaseRow, ReleaseRow.id + literal("=")
    ended = row.case_id == CASE, row.status == ReleaseStatus.REVOKED, row.signed_on.is_not(None)
    codes = row.form, literal(SIGNED_THEN)
    return happened(K.RELEASE, Noon(row.signed_on), (own, row.id), codes).where(*ended)


def _disclosures() -> Rows:
    row, codes = DisclosureRow, (DisclosureRow.door, DisclosureRow.basis)
    return happened(K.DISCLOSURE, row.at, (row.id, row.case_id), codes).where(row.case_id == CASE)


def _meetings() -> Rows:
    """The second code names the two who met, for `_limits` to ask."""
    row = SupervisionRecordRow
    met = row.supervisor_id + literal("|") + row.therapist_id
    rows = happened(K.SUPERVISION, Noon(row.held_on), (TouchedRow.id, row.id), (row.mode, met))
    return rows.join(TouchedRow, TouchedRow.record_id == row.id).where(TouchedRow.case_id == CASE)


def _cards(kind: TimelineKind, *cards: CardKind) -> Callable[[], Rows]:
    """When a card was written as it stands, or as it stood: what a contact plan said before is a card put away."""

    def rows() -> Rows:
        row, codes = CardRow, (CardRow.kind, NOTHING)
        return happened(kind, row.updated_at, (row.id, row.case_id), codes).where(row.case_id == CASE, _among(cards))

    return rows


def _put_away(kind: TimelineKind, *cards: CardKind) -> Callable[[], Rows]:
    def rows() -> Rows:
        row, own = CardRow, CardRow.id + literal("-")
        away = row.case_id == CASE, row.put_away_at.is_not(None), _among(cards)
        return happened(kind, row.put_away_at, (own, row.case_id), (row.kind, literal(PUT_AWAY))).where(*away)

    return rows


def _among(cards: tuple[CardKind, ...]) -> ColumnElement[bool]:
    return CardRow.kind.in_([str(each) for each in cards])


def _reviews() -> Rows:
    row, codes = RelationshipReviewRow, (RelationshipReviewRow.number, NOTHING)
    return happened(K.REVIEW, row.at, (row.id, row.case_id), codes).where(row.case_id == CASE)


def _requests() -> Rows:
    row, codes = RequestRow, (RequestRow.kind, literal(RequestStatus.OPEN.value))
    return happened(K.REQUEST, row.created_at, (row.id, row.id), codes).where(row.case_id == CASE)


def _settled_requests() -> Rows:
    """How far it is since, beside its coming in."""
    row, own = RequestRow, RequestRow.id + literal("+")
    settled = row.case_id == CASE, row.status != RequestStatus.OPEN
    return happened(K.REQUEST, row.updated_at, (own, row.id), (row.kind, row.status)).where(*settled)


def _walls() -> Rows:
    """What one person did, or asked for where a second one is needed."""
    row = WallRow
    alone = and_(row.second_at.is_(None), row.status == WallStatus.DONE)
    state = case((alone, literal(WallStatus.DONE.value)), else_=literal(WallStatus.ASKED.value))
    return happened(K.WALL, row.at, (row.id, row.case_id), (row.step, state)).where(row.case_id == CASE)


def _second_walls() -> Rows:
    row, own = WallRow, WallRow.id + literal("+")
    at, answered = func.coalesce(WallRow.second_at, WallRow.at), (row.case_id == CASE, row.second_at.is_not(None))
    return happened(K.WALL, at, (own, row.case_id), (row.step, row.status)).where(*answered)


def _openings() -> Rows:
    row = GlassRow
    return happened(K.WALL, row.opened_at, (row.id, row.case_id), (literal(GLASS), NOTHING)).where(row.case_id == CASE)


SOURCES: tuple[tuple[TimelineKind, Callable[[], Rows]], ...] = (
    (K.SESSION, _sessions),
    (K.NOTE, _notes),
    (K.NOTE, _addenda),
    (K.NOTE, _note_steps),
    (K.FORM, _forms),
    (K.PLAN, _plans),
    (K.PLAN, _plan_steps),
    (K.EVENT, _events),
    (K.EVENT, _event_steps),
    (K.GOAL, _goals),
    (K.GOAL, _goal_looks),
    (K.DIAGNOSIS, _diagnoses),
    (K.EPISODE, _moves),
    (K.CHANGE, _changes),
    (K.FACTS, _facts),
    (K.REFERRAL, _referrals),
    (K.PROGRAMME, _programme),
    (K.CONSENT, _consents),
    (K.RELEASE, _releases),
    (K.RELEASE, _settled_releases),
    (K.RELEASE, _signed_releases),
    (K.DISCLOSURE, _disclosures),
    (K.SUPERVISION, _meetings),
    (K.CONTACT, _cards(K.CONTACT, CardKind.CONTACT_PLAN, CardKind.BOUNDARY)),
    (K.CONTACT, _put_away(K.CONTACT, CardKind.BOUNDARY)),
    (K.TOOL, _cards(K.TOOL, CardKind.TOOL)),
    (K.TOOL, _put_away(K.TOOL, CardKind.TOOL)),
    (K.NETWORK, _cards(K.NETWORK, CardKind.PERSON)),
    (K.NETWORK, _put_away(K.NETWORK, CardKind.PERSON)),
    (K.PROXY, _cards(K.PROXY, CardKind.PROXY, CardKind.CONCERN)),
    (K.PROXY, _put_away(K.PROXY, CardKind.PROXY)),
    (K.REVIEW, _reviews),
    (K.REQUEST, _requests),
    (K.REQUEST, _settled_requests),
    (K.WALL, _walls),
    (K.WALL, _second_walls),
    (K.WALL, _openings),
)


def of_case(case_id: str, wanted: Wanted, zone: str, most: int) -> list[Happening]:
    """At most so many rows, the newest first."""
    limits = _limits(wanted, zone)
    query = _query(wanted.kinds, frozenset(limits))
    if query is None:
        return []
    named = {"case_id": case_id, "reader": wanted.reader_id, "most": most, **limits}
    return [
        Happening(each.at, TimelineKind(each.kind), each.row, each.about, each.c1, each.c2)
        for each in db.session.execute(query, named)
    ]


def _limits(wanted: Wanted, zone: str) -> dict[str, datetime | str]:
    found: dict[str, datetime | str] = {}
    if wanted.before:
        found |= {"before": wanted.before.at, "before_row": wanted.before.row}
    if wanted.since:
        found["since"] = _midnight(wanted.since, zone)
    if wanted.until:
        found["until"] = _midnight(wanted.until + timedelta(days=1), zone)
    return found


@lru_cache(maxsize=32)
def _query(kinds: frozenset[TimelineKind], limits: frozenset[str]) -> Select[Any] | None:
    """Every row of these kinds, all kinds where none is named, within limits of these names. Built once: it is the
    longest statement there is, and SQLAlchemy knows a statement again only by walking all of it.
    """
    asked = [rows() for kind, rows in SOURCES if not kinds or kind in kinds]
    if not asked:
        return None
    every = union_all(*asked).subquery("happened")
    column, at, row = every.c, bindparam("before", type_=UtcDateTime), bindparam("before_row", type_=String)
    met = column.c2.contains(bindparam("reader", type_=String))
    within = {
        "before": or_(column.at < at, and_(column.at == at, column.row < row)),
        "since": column.at >= bindparam("since", type_=UtcDateTime),
        "until": column.at < bindparam("until", type_=UtcDateTime),
    }
    wanted = [limit for name, limit in within.items() if name in limits]
    newest = select(every).where(or_(column.kind != K.SUPERVISION, met), *wanted)
    return newest.order_by(column.at.desc(), column.row.desc()).limit(bindparam("most", type_=Integer))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone))
