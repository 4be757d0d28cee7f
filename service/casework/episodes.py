"""The life of an episode of care: moving it on, ending it by the checklist, a supervisor's answer, taking it up again.

Rule: a case is closed exactly when its latest episode has ended; whatever ends it goes through `_finish`.
"""

from dataclasses import dataclass
from datetime import date

from schemas.actions import Action
from schemas.case_codes import DischargeState, EpisodeState
from schemas.vocabulary import CaseStatus, PlanType
from schemas.wall_codes import WallStep
from service.casework.gate import case_unit, check_version, opened_for, practice_today, supervisors_who_may
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case, Episode
from service.domain.episodes import (
    ENDED,
    MEASURE_FRESH,
    REVIEW_FRESH,
    STARTS_AGAIN,
    Checklist,
    Ending,
    Planned,
    check_answerable,
    check_checklist,
    check_move,
    check_quiet,
    check_ready,
    end_state,
)
from service.errors import Conflict, Invalid
from service.store import cases, episodes, events, intakes, plans, sessions, summary, walls
from service.store.base import db
from service.store.cases import CaseRow
from service.store.episodes import EpisodeRow
from service.store.transaction import Unit

WAITS = "The ending of this episode waits for a supervisor. Until then nothing is closed."
NOTHING_WAITS = "No ending of this case waits for a supervisor."


@dataclass(frozen=True)
class EpisodeDesk:
    """A case, its episodes newest first, and what the record says about ending the one that runs."""

    case: Case
    episodes: tuple[Episode, ...]
    ending: Ending

    @property
    def now(self) -> Episode:
        return self.episodes[0]


def read_episodes(actor: Actor, case_id: str, action: Action = Action.CASE_READ) -> EpisodeDesk:
    with case_unit(actor, action, case_id) as (_unit, row):
        today = practice_today(actor)
        return EpisodeDesk(opened_for(actor, row), episodes.of_case(case_id), _ending(row, today))


def move_episode(actor: Actor, case_id: str, to: EpisodeState, why: str, *, version: int) -> Episode:
    """Move the running episode, seen as `version`, on. Raises Conflict, Invalid naming the field."""
    with case_unit(actor, Action.EPISODE_MOVE, case_id) as (unit, row):
        episode = episodes.current(case_id)
        check_version(seen=version, stored=episode.version)
        check_move(EpisodeState(episode.status), to, why)
        _take_back_paper(episode, actor)
        if to in ENDED:
            check_quiet(_ending(row, practice_today(actor)))
            _finish(unit, row, episode, (to, why))
        else:
            episodes.move(episode, to, why, actor.user_id)
            _keep(unit, row, episode)
        return episodes.whole(episode)


def close_case(actor: Actor, case_id: str, checklist: Checklist, *, version: int) -> Case:
    """End care by its checklist. With an open event nothing closes yet: the paper waits for a supervisor.

    Raises Conflict while a note is unsigned, a response is wanted now, or nobody could agree; Invalid naming what is
    missing.
    """
    with case_unit(actor, Action.CASE_CLOSE, case_id) as (unit, row):
        check_version(seen=version, stored=row.version)
        episode, ending = episodes.current(case_id), _ending(row, practice_today(actor))
        check_answerable(ending)
        if ending.is_asked:
            raise Conflict(WAITS)
        check_ready(ending)
        check_checklist(checklist, ending)
        words = checklist.explanation.strip() or checklist.reason.label
        if EpisodeState(episode.status) is not EpisodeState.CLOSING:
            check_move(EpisodeState(episode.status), EpisodeState.CLOSING, words)
            episodes.move(episode, EpisodeState.CLOSING, words, actor.user_id)
        state = DischargeState.WAITING if ending.needs_cosign else DischargeState.DONE
        episodes.put_discharge(episode, checklist, state, actor.user_id)
        if ending.needs_cosign:
            _keep(unit, row, episode)
        else:
            _finish(unit, row, episode, (end_state(checklist.reason), words))
        return opened_for(actor, row)


def answer_closing(actor: Actor, case_id: str, words: str, *, agreed: bool) -> Case:
    """A supervisor agrees to an ending with open events, or returns it with words."""
    if not agreed and not words.strip():
        raise Invalid("Say what is missing.", {"words": "Say what must be done before the case can close."})
    with case_unit(actor, Action.CASE_CLOSE_COSIGN, case_id) as (unit, row):
        episode = episodes.current(case_id)
        paper = _waiting_paper(episode)
        if paper is None:
            raise Conflict(NOTHING_WAITS)
        if agreed:
            check_ready(_ending(row, practice_today(actor)))
        state = DischargeState.DONE if agreed else DischargeState.RETURNED
        episodes.answer_discharge(paper, state, words, actor.user_id)
        if agreed:
            reason = episodes.discharge_value(paper).checklist.reason
            _finish(unit, row, episode, (end_state(reason), words.strip() or "Agreed by a supervisor"))
        else:
            episodes.move(episode, EpisodeState.ACTIVE, words, actor.user_id)
            _keep(unit, row, episode)
        return opened_for(actor, row)


def reopen_case(actor: Actor, case_id: str, to: EpisodeState, why: str, *, version: int) -> Case:
    """Take care up again as a new episode linked to the one that ended."""
    wrong = {} if to in STARTS_AGAIN else {"to": "Choose assessment, active or the waiting list."}
    wrong |= {} if why.strip() else {"why": "Say why."}
    with case_unit(actor, Action.CASE_REOPEN, case_id) as (unit, row):
        if wrong:
            raise Invalid("Reopening needs a reason and where it starts.", wrong)
        check_version(seen=version, stored=row.version)
        ended = episodes.current(case_id)
        begun = episodes.add(case_id, to, practice_today(actor), ended.id)
        episodes.add_move(begun, None, to, why, actor.user_id)
        row.status = CaseStatus.OPEN
        walls.withdraw(case_id, WallStep.PURGE)
        _keep(unit, row, begun)
        return opened_for(actor, row)


def _finish(unit: Unit, row: CaseRow, episode: EpisodeRow, end: tuple[EpisodeState, str]) -> None:
    episodes.move(episode, *end, unit.actor.user_id)
    episode.ended_on, row.status = practice_today(unit.actor), CaseStatus.CLOSED
    _keep(unit, row, episode)


def _keep(unit: Unit, row: CaseRow, episode: EpisodeRow) -> None:
    row.updated_at = clock.now()
    db.session.flush()
    unit.changed("case", row.id, row.version, case_id=row.id)
    unit.changed("episode", episode.id, episode.version, case_id=row.id)
    summary.refresh(row.id)


def _waiting_paper(episode: EpisodeRow) -> episodes.DischargeRow | None:
    paper = episodes.latest_discharge(episode.id)
    return paper if paper is not None and paper.state == DischargeState.WAITING else None


def _take_back_paper(episode: EpisodeRow, actor: Actor) -> None:
    paper = _waiting_paper(episode)
    if paper is not None:
        episodes.answer_discharge(paper, DischargeState.RETURNED, "Taken back: care goes on", actor.user_id)


def _ending(row: CaseRow, today: date) -> Ending:
    case_id, owner = row.id, cases.owner_id(row.id)
    summary.refresh(case_id)
    recent = clock.now() - MEASURE_FRESH
    waiting = tuple(each for each in events.of_case(case_id) if each.is_waiting(today))
    is_asked = _waiting_paper(episodes.current(case_id)) is not None
    return Ending(
        waiting=waiting,
        unsigned=summary.of_cases([case_id])[0].unsigned,
        has_measure=any(each.authored_at >= recent for each in intakes.of_case(case_id)),
        has_aftercare=any(each.type == PlanType.MAINT for each in plans.active_rows(case_id)),
        supervised=bool((waiting or is_asked) and supervisors_who_may(Action.CASE_CLOSE_COSIGN, owner, row)),
        is_asked=is_asked,
        planned=tuple(Planned(each.id, each.starts_at) for each in sessions.planned(case_id)),
        has_review=any(each.reviewed_on >= today - REVIEW_FRESH for each in plans.active_rows(case_id)),
    )
