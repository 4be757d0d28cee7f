"""Episodes of care: their moves, ending by the checklist, a supervisor's answer, taking care up again."""

from schemas.actions import Action
from schemas.cases import CaseRecord
from schemas.episodes import CloseSchema, CosignSchema, EpisodeStory, MoveSchema, ReopenSchema
from service.api.routes import Given, Routes, seen, takes
from service.casework import episodes
from service.domain.cases import Case, Episode
from service.domain.episodes import checklist_of
from service.guard import current_actor, needs

routes = Routes("Episodes", "Stretches of care. An ended one never opens again; reopening makes a new one, linked.")


@routes.get("/cases/<id:case_id>/episodes", EpisodeStory, many=True)
@needs(Action.CASE_READ)
def list_episodes(case_id: str) -> tuple[Episode, ...]:
    """Every episode of the case with who moved it when and why, the newest first."""
    return episodes.read_episodes(current_actor(), case_id).episodes


@routes.post("/cases/<id:case_id>/episode/moves", EpisodeStory)
@needs(Action.EPISODE_MOVE)
@takes(MoveSchema)
def move_episode(given: Given, case_id: str) -> Episode:
    """Move the running episode on. `version` is that of the episode."""
    version = seen(given)
    return episodes.move_episode(current_actor(), case_id, given["to"], given["why"], version=version)


@routes.post("/cases/<id:case_id>/close", CaseRecord)
@needs(Action.CASE_CLOSE)
@takes(CloseSchema)
def close_case(given: Given, case_id: str) -> Case:
    """End care by its checklist. With an open event nothing closes until a supervisor agrees."""
    version = seen(given)
    return episodes.close_case(current_actor(), case_id, checklist_of(given), version=version)


@routes.post("/cases/<id:case_id>/close/answer", CaseRecord)
@needs(Action.CASE_CLOSE_COSIGN)
@takes(CosignSchema)
def answer_closing(given: Given, case_id: str) -> Case:
    """Agree to an ending with open events as the supervisor, or return it with words."""
    return episodes.answer_closing(current_actor(), case_id, given["words"], agreed=given["agreed"])


@routes.post("/cases/<id:case_id>/reopen", CaseRecord)
@needs(Action.CASE_REOPEN)
@takes(ReopenSchema)
def reopen_case(given: Given, case_id: str) -> Case:
    """Take care up again as a new episode linked to the one that ended."""
    version = seen(given)
    return episodes.reopen_case(current_actor(), case_id, given["to"], given["why"], version=version)
