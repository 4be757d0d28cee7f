"""The toolkit of a case: what steadies the client, with the cautions.

Rule: a caution is offered where one is due and changed by the clinician; nothing is counted or scored.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.card_codes import Helped, ToolFamily, ToolUse
from schemas.payload import VersionOnly
from schemas.toolkits import ToolChangeSchema, ToolSchema
from service.casework import records
from service.casework import toolkits as casework
from service.domain.toolkits import CAUTIONS, Tool
from service.guard import current_actor, needs
from service.web.cards import card_page, cards_page
from service.web.cases import labels
from service.web.forms import form_page, read
from service.web.frame import done

page = Blueprint("toolkits", __name__)


@page.get("/cases/<case_id>/tools")
@needs(Action.PLAN_READ)
def tools(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.PLAN_READ)
    may = Action.TOOLKIT_WRITE in record.case.may
    return cards_page("toolkits/toolkit", "Toolkit", record, tools=record.cards_of(Tool), may_write=may)


@page.get("/cases/<case_id>/tools/new")
@needs(Action.TOOLKIT_WRITE)
def new(case_id: str) -> Response:
    return _page(case_id, None)


@page.post("/cases/<case_id>/tools/new")
@needs(Action.TOOLKIT_WRITE)
@form_page(new)
def add(case_id: str) -> Response:
    casework.add_tool(current_actor(), case_id, _tool(read(ToolSchema)))
    return _back(case_id)


@page.get("/cases/<case_id>/tools/<tool_id>")
@needs(Action.TOOLKIT_WRITE)
def tool(case_id: str, tool_id: str) -> Response:
    return _page(case_id, tool_id)


@page.post("/cases/<case_id>/tools/<tool_id>")
@needs(Action.TOOLKIT_WRITE)
@form_page(tool)
def save(case_id: str, tool_id: str) -> Response:
    given = read(ToolChangeSchema)
    version = given.pop("version")
    casework.save_tool(current_actor(), tool_id, _tool(given), version=version)
    return _back(case_id)


@page.post("/cases/<case_id>/tools/<tool_id>/away")
@needs(Action.TOOLKIT_WRITE)
@form_page(tool)
def put_away(case_id: str, tool_id: str) -> Response:
    casework.put_tool_away(current_actor(), tool_id, version=read(VersionOnly)["version"])
    return done(url_for("toolkits.tools", case_id=case_id), "Put away. It stays in the record.")


def _page(case_id: str, tool_id: str | None) -> Response:
    record = records.read_record(current_actor(), case_id, Action.TOOLKIT_WRITE)
    cautions = [(family.label, words) for family, words in CAUTIONS.items()]
    choices = {"families": labels(ToolFamily), "uses": labels(ToolUse), "how": labels(Helped), "cautions": cautions}
    return card_page("toolkits/tool", record, (Tool, tool_id), **choices)


def _tool(given: dict[str, object]) -> Tool:
    return Tool(**{**given, "use_for": tuple(given["use_for"])})  # type: ignore[arg-type]


def _back(case_id: str) -> Response:
    return done(url_for("toolkits.tools", case_id=case_id), "The tool is saved.")
