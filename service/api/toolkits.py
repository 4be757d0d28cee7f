"""The toolkit of a case."""

from schemas.actions import Action
from schemas.payload import Page, VersionOnly
from schemas.toolkits import ToolChangeSchema, ToolRecord, ToolSchema
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import records, toolkits
from service.domain.cards import Card
from service.domain.toolkits import Tool
from service.guard import current_actor, needs

routes = Routes("Toolkits", "What steadies the client, each with a caution where one is due.")


@routes.get("/cases/<id:case_id>/tools", ToolRecord, many=True)
@needs(Action.PLAN_READ)
@asks(Page)
def list_tools(asked: Given, case_id: str) -> Listed:
    """The tools in use, the newest change first."""
    return listed(records.read_record(current_actor(), case_id, Action.PLAN_READ).cards_of(Tool), asked)


@routes.post("/cases/<id:case_id>/tools", ToolRecord, status=201)
@needs(Action.TOOLKIT_WRITE)
@takes(ToolSchema)
def add_tool(given: Given, case_id: str) -> Card[Tool]:
    """Add a tool."""
    return toolkits.add_tool(current_actor(), case_id, _tool(given))


@routes.put("/tools/<id:tool_id>", ToolRecord)
@needs(Action.TOOLKIT_WRITE)
@takes(ToolChangeSchema)
def save_tool(given: Given, tool_id: str) -> Card[Tool]:
    """Replace a tool."""
    version = seen(given)
    return toolkits.save_tool(current_actor(), tool_id, _tool(given), version=version)


@routes.post("/tools/<id:tool_id>/put-away", status=204)
@needs(Action.TOOLKIT_WRITE)
@takes(VersionOnly)
def put_tool_away(given: Given, tool_id: str) -> None:
    """Take a tool out of use; it stays in the record."""
    toolkits.put_tool_away(current_actor(), tool_id, version=seen(given))


def _tool(given: Given) -> Tool:
    return Tool(**{**given, "use_for": tuple(given["use_for"])})
