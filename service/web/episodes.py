"""The life of an episode of care: its page with every move, the closing checklist, a supervisor's answer, reopening.

Rule: closing and reopening each say first what they do; with an open event nothing closes until a supervisor agrees.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.case_codes import DischargeState, EndReason, EpisodeState
from schemas.episodes import CloseSchema, CosignSchema, MoveSchema, ReopenSchema
from service.casework import episodes
from service.casework.episodes import EpisodeDesk
from service.domain.cases import Episode
from service.domain.episodes import BY_CHECKLIST, MOVES, STARTS_AGAIN, checklist_of
from service.guard import current_actor, needs
from service.web.case_frame import event_url
from service.web.cases import may
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("episodes", __name__)


@page.get("/cases/<case_id>/episode")
@needs(Action.CASE_READ)
def episode(case_id: str) -> Response:
    desk = episodes.read_episodes(current_actor(), case_id)
    return show(
        "pages/episodes/episode.html",
        task=f"Episode of care {desk.case.code}",
        case=desk.case,
        may=may(desk.case),
        now=desk.now,
        episodes=desk.episodes,
        moves=[(each.value, each.label) for each in _onward(desk.now)],
        waits=_waits(desk),
        stuck=desk.ending.stuck if _waits(desk) else "",
    )


@page.post("/cases/<case_id>/episode")
@needs(Action.EPISODE_MOVE)
@form_page(episode)
def move(case_id: str) -> Response:
    given = read(MoveSchema)
    episodes.move_episode(current_actor(), case_id, given["to"], given["why"], version=given["version"])
    return done(url_for("episodes.episode", case_id=case_id), "The episode has moved on.")


@page.get("/cases/<case_id>/close")
@needs(Action.CASE_CLOSE)
def close(case_id: str) -> Response:
    desk = episodes.read_episodes(current_actor(), case_id, Action.CASE_CLOSE)
    return show(
        "pages/episodes/close.html",
        task=f"Close {desk.case.code}",
        case=desk.case,
        unsigned=desk.ending.unsigned,
        planned=desk.ending.planned,
        waiting=[(each, event_url(each)) for each in desk.ending.waiting],
        stuck=desk.ending.stuck,
        reasons=[(each.value, each.label) for each in EndReason],
        returned=_returned(desk),
    )


@page.post("/cases/<case_id>/close")
@needs(Action.CASE_CLOSE)
@form_page(close)
def close_case(case_id: str) -> Response:
    given = read(CloseSchema)
    version = given.pop("version")
    closed = episodes.close_case(current_actor(), case_id, checklist_of(given), version=version)
    words = "The case is closed." if closed.episode.ended_on else "Kept. A supervisor must agree before it closes."
    return done(url_for("cases.case", case_id=case_id), words)


@page.get("/cases/<case_id>/close/answer")
@needs(Action.CASE_CLOSE_COSIGN)
def answer(case_id: str) -> Response:
    desk = episodes.read_episodes(current_actor(), case_id, Action.CASE_CLOSE_COSIGN)
    paper = desk.now.discharge if _waits(desk) else None
    waiting = [(each, event_url(each)) for each in desk.ending.waiting]
    task = f"Ending {desk.case.code}"
    return show("pages/episodes/answer.html", task=task, case=desk.case, paper=paper, waiting=waiting)


@page.post("/cases/<case_id>/close/answer")
@needs(Action.CASE_CLOSE_COSIGN)
@form_page(answer)
def save_answer(case_id: str) -> Response:
    given = read(CosignSchema)
    episodes.answer_closing(current_actor(), case_id, given["words"], agreed=given["agreed"])
    return done(url_for("cases.case", case_id=case_id), "The answer is kept.")


@page.get("/cases/<case_id>/reopen")
@needs(Action.CASE_REOPEN)
def reopen(case_id: str) -> Response:
    desk = episodes.read_episodes(current_actor(), case_id, Action.CASE_REOPEN)
    starts = [(each.value, each.label) for each in STARTS_AGAIN]
    return show("pages/episodes/reopen.html", task=f"Reopen {desk.case.code}", case=desk.case, starts=starts)


@page.post("/cases/<case_id>/reopen")
@needs(Action.CASE_REOPEN)
@form_page(reopen)
def reopen_case(case_id: str) -> Response:
    given = read(ReopenSchema)
    episodes.reopen_case(current_actor(), case_id, given["to"], given["why"], version=given["version"])
    return done(url_for("cases.contact", case_id=case_id), "The case is open again. Ask again how to reach the client.")


def _onward(now: Episode) -> list[EpisodeState]:
    return [each for each in EpisodeState if each in MOVES[now.status] - BY_CHECKLIST]


def _waits(desk: EpisodeDesk) -> bool:
    return desk.now.discharge is not None and desk.now.discharge.state is DischargeState.WAITING


def _returned(desk: EpisodeDesk) -> str:
    """What the supervisor said who returned the last checklist of this episode."""
    paper = desk.now.discharge
    return paper.answer if paper is not None and paper.state is DischargeState.RETURNED else ""
