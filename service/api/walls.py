"""What stands around a case, opening one in an emergency, keeping and purging."""

from dataclasses import dataclass

from schemas.actions import Action
from schemas.wall_codes import WallStep
from schemas.walls import (
    GlassRecord,
    GlassSchema,
    PersonSchema,
    RetentionRecord,
    RetentionSchema,
    WallDeskRecord,
    WallReasonSchema,
)
from service.api.routes import Given, Routes, takes
from service.casework import purging, walls
from service.casework.purging import RetentionDesk
from service.casework.walls import WallDesk
from service.domain.retention import RetentionRule
from service.guard import current_actor, needs

routes = Routes("Walls", "Who may reach a case. Every step asks for a reason and a fresh confirmation of identity.")


@dataclass(frozen=True)
class Opened:
    case_id: str


@routes.get("/cases/<id:case_id>/walls", WallDeskRecord)
@needs(Action.WALLS_READ)
def read_walls(case_id: str) -> WallDesk:
    """Restriction, hold, who is kept away, every step, and until when the record is kept."""
    return walls.read_walls(current_actor(), case_id)


@routes.post("/cases/<id:case_id>/walls/restrict", status=204)
@needs(Action.CASE_RESTRICT)
@takes(WallReasonSchema)
def restrict(given: Given, case_id: str) -> None:
    """Open to its therapist and who covers it only."""
    walls.restrict(current_actor(), case_id, given["reason"], wanted=True)


@routes.post("/cases/<id:case_id>/walls/open-up", status=204)
@needs(Action.CASE_RESTRICT)
@takes(WallReasonSchema)
def open_up(given: Given, case_id: str) -> None:
    """No longer restricted."""
    walls.restrict(current_actor(), case_id, given["reason"], wanted=False)


@routes.post("/cases/<id:case_id>/walls/block", status=204)
@needs(Action.CASE_BLOCK)
@takes(PersonSchema)
def block(given: Given, case_id: str) -> None:
    """Keep a person of the practice away, whatever their role."""
    walls.block(current_actor(), case_id, given["account_id"], given["reason"])


@routes.post("/cases/<id:case_id>/walls/unblock", status=204)
@needs(Action.CASE_BLOCK)
@takes(PersonSchema)
def unblock(given: Given, case_id: str) -> None:
    """No longer keep a person away."""
    walls.unblock(current_actor(), case_id, given["account_id"], given["reason"])


@routes.post("/cases/<id:case_id>/walls/hold", status=204)
@needs(Action.CASE_HOLD)
@takes(WallReasonSchema)
def hold(given: Given, case_id: str) -> None:
    """Set a legal hold: nothing of the case may be destroyed."""
    walls.hold(current_actor(), case_id, given["reason"])


@routes.post("/cases/<id:case_id>/walls/lift-hold", WallDeskRecord)
@needs(Action.HOLD_LIFT)
@takes(WallReasonSchema)
def lift_hold(given: Given, case_id: str) -> WallDesk:
    """Ask to lift the hold, or agree as second person."""
    walls.lift_hold(current_actor(), case_id, given["reason"])
    return walls.read_walls(current_actor(), case_id)


@routes.post("/cases/<id:case_id>/walls/leave-held", status=204)
@needs(Action.HOLD_LIFT)
@takes(WallReasonSchema)
def leave_held(given: Given, case_id: str) -> None:
    """Take back what you asked for, or do not agree as second person: the hold stays."""
    walls.leave(current_actor(), case_id, WallStep.LIFT_HOLD, given["reason"])


@routes.post("/cases/<id:case_id>/purge/leave", status=204)
@needs(Action.CASE_PURGE)
@takes(WallReasonSchema)
def leave_record(given: Given, case_id: str) -> None:
    """Take back what you asked for, or do not agree as second person: nothing is destroyed."""
    walls.leave(current_actor(), case_id, WallStep.PURGE, given["reason"])


@routes.post("/cases/<id:case_id>/purge", status=204)
@needs(Action.CASE_PURGE)
@takes(WallReasonSchema)
def purge(given: Given, case_id: str) -> None:
    """Ask for the purge, or agree as second person and destroy every key of the case."""
    purging.purge(current_actor(), case_id, given["reason"])


@routes.post("/emergency-openings", GlassRecord, status=201)
@needs(Action.CASE_BREAK)
@takes(GlassSchema)
def break_glass(given: Given) -> Opened:
    """Open a colleague's case for an hour, reading only; its therapist and supervisor are told."""
    return Opened(walls.break_glass(current_actor(), given["code"], given["reason"]))


@routes.post("/emergency-openings/<id:glass_id>/seen", status=204)
@needs(Action.GLASS_SEEN)
def see_glass(glass_id: str) -> None:
    """Take note of an emergency opening."""
    walls.see_glass(current_actor(), glass_id)


@routes.get("/practice/retention", RetentionRecord)
@needs(Action.RETENTION_READ)
def read_retention() -> RetentionDesk:
    """How long records are kept, and the certificates of what was purged."""
    return purging.read_retention(current_actor())


@routes.put("/practice/retention", RetentionRecord)
@needs(Action.RETENTION_CHANGE)
@takes(RetentionSchema)
def change_retention(given: Given) -> RetentionDesk:
    """Set the practice's own years of keeping, and say where they come from."""
    return purging.change_retention(current_actor(), RetentionRule(**given))
