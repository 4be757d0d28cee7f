"""The timeline of a case: filtered by kind and day, page by page, and as a table to take away.

Rule: lines are made of codes and dates; what is taken away asks for a fresh confirmation of identity.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request, url_for
from flask.wrappers import Response
from marshmallow import ValidationError

from schemas.actions import Action
from schemas.case_codes import TimelineKind
from schemas.timeline import TimelineChoice
from service.casework import cases
from service.casework import timeline as casework
from service.domain.timeline import Wanted, read_key, written
from service.errors import Invalid
from service.guard import current_actor, current_practice, needs
from service.web.cases import labels, may
from service.web.files import attachment
from service.web.forms import form_page, read
from service.web.frame import go, show
from service.web.timeline_lines import lines_of

page = Blueprint("timeline", __name__)
FILE = "list.csv"


@page.get("/cases/<case_id>/timeline")
@needs(Action.CASE_READ)
def timeline(case_id: str) -> Response:
    asked = {"kind": request.args.getlist("kind"), "since": request.args.get("since") or None}
    asked |= {"until": request.args.get("until") or None, "after": request.args.get("after", "")}
    wanted = _wanted_or_all(asked)
    found = casework.read_timeline(current_actor(), case_id, wanted)
    chosen: dict[str, Any] = {"kind": sorted(wanted.kinds), "since": wanted.since, "until": wanted.until}
    further = written(found.further) if found.further else ""
    return show(
        "pages/timeline/timeline.html",
        task=f"Timeline {found.case.code}",
        case=found.case,
        may=may(found.case),
        kinds=labels(TimelineKind),
        wanted=chosen,
        lines=lines_of(case_id, found.happened, current_practice().zone),
        newest_url=url_for("timeline.timeline", case_id=case_id, **chosen) if wanted.before else "",
        further_url=url_for("timeline.timeline", case_id=case_id, **chosen, after=further) if further else "",
    )


@page.post("/cases/<case_id>/timeline")
@needs(Action.CASE_READ)
@form_page(timeline)
def choose(case_id: str) -> Response:
    """A choice becomes an address that can be kept and paged."""
    given = read(TimelineChoice)
    cases.read_case(current_actor(), case_id)  # an address of a hidden case would tell that it is there
    chosen: dict[str, Any] = {name: given[name] for name in ("kind", "since", "until")}
    return go(url_for("timeline.timeline", case_id=case_id, **chosen))


@page.get("/cases/<case_id>/timeline/file")
@needs(Action.TIMELINE_EXPORT)
def confirm(case_id: str) -> Response:
    case = cases.read_case(current_actor(), case_id)
    return show("pages/timeline/confirm.html", task=f"Timeline {case.code}", case=case, kinds=labels(TimelineKind))


@page.post("/cases/<case_id>/timeline/file")
@needs(Action.TIMELINE_EXPORT)
@form_page(confirm)
def table(case_id: str) -> Response:
    given = read(TimelineChoice)
    wanted = Wanted(frozenset(given["kind"]), given["since"], given["until"])
    return attachment(casework.export_timeline(current_actor(), case_id, wanted), FILE, "text/csv")


def _wanted_or_all(asked: Mapping[str, object]) -> Wanted:
    """What the address asks for; an address that asks for nonsense gets everything."""
    try:
        given = TimelineChoice().load(asked)
        before = read_key(given["after"]) if given["after"] else None
    except (ValidationError, Invalid):
        return Wanted()
    return Wanted(frozenset(given["kind"]), given["since"], given["until"], before)
