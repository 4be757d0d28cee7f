"""Which connected systems read a case."""

from schemas.actions import Action
from schemas.system_links import SystemLinkRecord, SystemLinkSchema
from service.api.routes import Given, Routes, takes
from service.casework import system_links
from service.domain.system_links import SystemLink
from service.guard import current_actor, needs

routes = Routes(
    "System links",
    "Which connected systems read a case by machine. A link needs the client's consent, or a release that names the "
    "system and covers all it reads.",
)


@routes.get("/cases/<id:case_id>/systems", SystemLinkRecord, many=True)
@needs(Action.SYSTEM_READ)
def list_system_links(case_id: str) -> tuple[SystemLink, ...]:
    """The systems of the practice and whether they read this case, linked ones first."""
    return system_links.read_systems(current_actor(), case_id).systems


@routes.post("/cases/<id:case_id>/systems", SystemLinkRecord, status=201)
@needs(Action.SYSTEM_LINK)
@takes(SystemLinkSchema)
def link_system(given: Given, case_id: str) -> SystemLink:
    """Let a system read this case from its next request on. For the therapist of the case, who confirmed identity."""
    return system_links.link_system(current_actor(), case_id, given["client_id"])


@routes.post("/cases/<id:case_id>/systems/<id:client_id>/unlink", SystemLinkRecord)
@needs(Action.SYSTEM_UNLINK)
def unlink_system(case_id: str, client_id: str) -> SystemLink:
    """Cut a system off: its next request finds nothing of the case."""
    return system_links.unlink_system(current_actor(), case_id, client_id)
