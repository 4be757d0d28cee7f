"""The toolkit of a case: tools with their cautions."""

from schemas.actions import Action
from service.casework.cards import add_card, change_card, put_away
from service.casework.gate import practice_today
from service.domain.actors import Actor
from service.domain.cards import Card
from service.domain.toolkits import Tool, check_tool


def add_tool(actor: Actor, case_id: str, tool: Tool) -> Card[Tool]:
    check_tool(tool, practice_today(actor))
    return add_card(actor, Action.TOOLKIT_WRITE, case_id, tool)


def save_tool(actor: Actor, tool_id: str, tool: Tool, *, version: int) -> Card[Tool]:
    check_tool(tool, practice_today(actor))
    return change_card(actor, Action.TOOLKIT_WRITE, tool_id, tool, version=version)


def put_tool_away(actor: Actor, tool_id: str, *, version: int) -> None:
    put_away(actor, Action.TOOLKIT_WRITE, tool_id, Tool, version=version)
