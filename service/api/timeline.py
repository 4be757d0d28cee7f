"""The timeline of a case, a page at a time."""

from typing import Any

from schemas.actions import Action
from schemas.case_codes import TimelineKind
from schemas.timeline import TimelinePage, TimelineQuery
from service.api.routes import Given, Routes, asks
from service.casework import timeline
from service.domain.timeline import Wanted, read_key, written
from service.guard import current_actor, needs

routes = Routes("Timeline", "What happened on a case, in codes and dates; nobody's own words are among it.")


@routes.get("/cases/<id:case_id>/timeline", TimelinePage)
@needs(Action.CASE_READ)
@asks(TimelineQuery)
def read_timeline(asked: Given, case_id: str) -> dict[str, Any]:
    """The newest first, by kind and day. `after` takes the mark `further` of the page before."""
    kinds = frozenset(TimelineKind(each) for each in asked["kinds"].split(",") if each)
    before = read_key(asked["after"]) if asked["after"] else None
    wanted = Wanted(kinds, asked["since"], asked["until"], before)
    found = timeline.read_timeline(current_actor(), case_id, wanted, most=asked["limit"])
    return {"happened": found.happened, "further": written(found.further) if found.further else ""}
