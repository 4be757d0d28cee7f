"""The conflict check: of one case for its people, and what was found for supervisors."""

from schemas.actions import Action
from schemas.conflicts import ConflictAnswerSchema, ConflictCheckRecord, ConflictListRecord, OtherNameSchema
from service.api.routes import Given, Routes, seen, takes
from service.casework import conflicts
from service.casework.conflicts import CheckDesk
from service.domain.conflicts import Match
from service.guard import current_actor, needs

routes = Routes("Conflicts", "Whether two cases of a practice name one person. Names are hashed and not kept for it.")


@routes.get("/cases/<id:case_id>/conflict-check", ConflictCheckRecord)
@needs(Action.CONFLICT_READ)
def read_check(case_id: str) -> CheckDesk:
    """When the persons of this case were checked, and who of the staff has such a name; nothing of other cases."""
    return conflicts.read_check(current_actor(), case_id)


@routes.put("/cases/<id:case_id>/conflict-check", ConflictCheckRecord)
@needs(Action.CONFLICT_CHECK)
@takes(OtherNameSchema)
def check_other(given: Given, case_id: str) -> CheckDesk:
    """Check the other person's real name; an empty one removes what was compared."""
    return conflicts.check_other(current_actor(), case_id, given["name"], given["birth_date"])


@routes.get("/conflicts", ConflictListRecord)
@needs(Action.CONFLICT_LIST)
def read_conflicts() -> dict[str, tuple[Match, ...]]:
    """Matches between cases, for supervisors who work on neither or may read both."""
    return {"conflicts": conflicts.read_conflicts(current_actor())}


@routes.post("/conflicts/<id:conflict_id>/answer", status=204)
@needs(Action.CONFLICT_ANSWER)
@takes(ConflictAnswerSchema)
def answer_conflict(given: Given, conflict_id: str) -> None:
    """Say what came of looking into a match."""
    conflicts.answer_conflict(current_actor(), conflict_id, given["answer"], version=seen(given))
