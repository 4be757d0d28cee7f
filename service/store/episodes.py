"""Episodes of care, their moves and their discharge: tables and queries. Reasons and the checklist are sealed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from schemas.case_codes import DischargeState, EpisodeState
from service.domain import clock
from service.domain.cases import Episode
from service.domain.episodes import Checklist, Discharge, Move
from service.store import accounts
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, ring


class EpisodeRow(Base):
    """`earlier_id` names the ended episode that this one takes up again."""

    __tablename__ = "episode"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), index=True)
    status: Mapped[str] = mapped_column(Code)
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    earlier_id: Mapped[str | None] = mapped_column(Id, ForeignKey("episode.id"))

    __mapper_args__ = {"version_id_col": version}


class EpisodeMoveRow(Base):
    """One change of state; never changed."""

    __tablename__ = "episode_move"
    __table_args__ = (Index("ix_episode_move_case_time", "case_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    episode_id: Mapped[str] = mapped_column(Id, ForeignKey("episode.id"))
    before: Mapped[str | None] = mapped_column(Code)
    after: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    why: Mapped[bytes] = mapped_column(LargeBinary)


class DischargeRow(Base):
    """The checklist of one attempt to end an episode. `reason` stands in the clear for counts of endings."""

    __tablename__ = "discharge"
    __table_args__ = (Index("ix_discharge_case_time", "case_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    episode_id: Mapped[str] = mapped_column(Id, ForeignKey("episode.id"))
    state: Mapped[str] = mapped_column(Code)
    reason: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    answered_by: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checklist: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Said:
    """A sealed sentence."""

    words: str


def add(case_id: str, state: EpisodeState, started_on: date, earlier_id: str | None = None) -> EpisodeRow:
    row = EpisodeRow(
        id=new_id(),
        case_id=case_id,
        status=state,
        started_on=started_on,
        ended_on=None,
        version=1,
        updated_at=clock.now(),
        earlier_id=earlier_id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def move(row: EpisodeRow, after: EpisodeState, why: str, by_id: str) -> None:
    """Put the episode into its next state and keep the move."""
    add_move(row, EpisodeState(row.status), after, why, by_id)
    row.status, row.updated_at = after, clock.now()


def add_move(row: EpisodeRow, before: EpisodeState | None, after: EpisodeState, why: str, by_id: str) -> None:
    move_id = new_id()
    sealed = ring().box(row.case_id).seal(Place("episode_move", move_id, "why"), Said(why))
    kept = EpisodeMoveRow(id=move_id, case_id=row.case_id, episode_id=row.id, before=before, after=after)
    kept.at, kept.by_id, kept.why = clock.now(), by_id, sealed
    db.session.add(kept)


def current(case_id: str) -> EpisodeRow:
    """The episode that runs, else the one that ended last."""
    rows = db.session.scalars(select(EpisodeRow).where(EpisodeRow.case_id == case_id))
    return max(rows, key=lambda each: (each.ended_on is None, each.started_on, each.updated_at))


def row(episode_id: str) -> EpisodeRow | None:
    return db.session.get(EpisodeRow, episode_id)


def value(row: EpisodeRow) -> Episode:
    """The episode without its moves; an ended one with what was agreed about contact afterwards."""
    state = EpisodeState(row.status)
    found = Episode(row.id, state, row.started_on, row.ended_on, row.version, row.updated_at, row.earlier_id)
    discharge = latest_discharge(row.id) if row.ended_on else None
    return replace(found, contact_after=discharge_value(discharge).checklist.contact_after) if discharge else found


def whole(row: EpisodeRow) -> Episode:
    """The episode with its moves and the latest discharge."""
    return next(each for each in of_case(row.case_id) if each.id == row.id)


def of_case(case_id: str) -> tuple[Episode, ...]:
    """Every episode with its moves in time order, the newest first."""
    rows = list(db.session.scalars(select(EpisodeRow).where(EpisodeRow.case_id == case_id)))
    moves = _moves(case_id)
    papers = _papers(case_id)
    found = []
    for each in sorted(rows, key=lambda row: (row.ended_on is None, row.started_on, row.updated_at), reverse=True):
        paper = papers.get(each.id)
        state = EpisodeState(each.status)
        plain = Episode(each.id, state, each.started_on, each.ended_on, each.version, each.updated_at)
        found.append(
            replace(
                plain,
                earlier_id=each.earlier_id,
                contact_after=paper.checklist.contact_after if paper else "",
                moves=tuple(move for episode_id, move in moves if episode_id == each.id),
                discharge=paper,
            )
        )
    return tuple(found)


def put_discharge(row: EpisodeRow, checklist: Checklist, state: DischargeState, by_id: str) -> DischargeRow:
    paper = DischargeRow(id=new_id(), case_id=row.case_id, episode_id=row.id, state=state, reason=checklist.reason)
    paper.at, paper.by_id = clock.now(), by_id
    paper.checklist = ring().box(row.case_id).seal(Place("discharge", paper.id, "checklist"), checklist)
    db.session.add(paper)
    return paper


def answer_discharge(paper: DischargeRow, state: DischargeState, words: str, by_id: str) -> None:
    paper.state, paper.answered_by, paper.answered_at = state, by_id, clock.now()
    paper.answer = ring().box(paper.case_id).seal(Place("discharge", paper.id, "answer"), Said(words))


def latest_discharge(episode_id: str) -> DischargeRow | None:
    query = select(DischargeRow).where(DischargeRow.episode_id == episode_id).order_by(DischargeRow.at.desc())
    return db.session.scalars(query.limit(1)).first()


def waiting_discharges(case_ids: Iterable[str]) -> list[DischargeRow]:
    """Endings of these cases that wait for a supervisor, longest first."""
    waiting = DischargeRow.case_id.in_(list(case_ids)), DischargeRow.state == DischargeState.WAITING
    return list(db.session.scalars(select(DischargeRow).where(*waiting).order_by(DischargeRow.at, DischargeRow.id)))


def discharge_value(paper: DischargeRow) -> Discharge:
    box = ring().box(paper.case_id)
    said = box.open(Place("discharge", paper.id, "answer"), paper.answer, Said).words if paper.answer else ""
    return Discharge(
        id=paper.id,
        state=DischargeState(paper.state),
        checklist=box.open(Place("discharge", paper.id, "checklist"), paper.checklist, Checklist),
        at=paper.at,
        by=accounts.name_of(paper.by_id),
        answered_by=accounts.name_of(paper.answered_by) if paper.answered_by else "",
        answered_at=paper.answered_at,
        answer=said,
    )


def _moves(case_id: str) -> Sequence[tuple[str, Move]]:
    query = select(EpisodeMoveRow).where(EpisodeMoveRow.case_id == case_id).order_by(EpisodeMoveRow.at)
    return [(each.episode_id, _move_value(each)) for each in db.session.scalars(query)]


def _move_value(row: EpisodeMoveRow) -> Move:
    why = ring().box(row.case_id).open(Place("episode_move", row.id, "why"), row.why, Said).words
    before = EpisodeState(row.before) if row.before else None
    return Move(before, EpisodeState(row.after), row.at, accounts.name_of(row.by_id), why, row.by_id)


def _papers(case_id: str) -> dict[str, Discharge]:
    """The latest discharge of each episode."""
    query = select(DischargeRow).where(DischargeRow.case_id == case_id).order_by(DischargeRow.at)
    return {each.episode_id: discharge_value(each) for each in db.session.scalars(query)}
