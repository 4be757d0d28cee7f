"""The caseload: one row a case with its dates, its log at a glance and what waits, sorted and filtered by the address.

Rule: `?sort=` and `?show=` hold codes of this page only, never a name, so a view can be kept as a bookmark. A part of a
name is looked for by POST and stays out of every address.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, request, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.fields import Line
from schemas.payload import Payload
from schemas.vocabulary import CaseStatus
from service.casework import caseloads
from service.casework.caseloads import Caseload
from service.domain import clock
from service.domain.cases import CaseloadRow
from service.domain.contact_rules import CALLER_SCRIPT
from service.domain.schedules import Standing
from service.domain.workload import LOG, Due, measures_of
from service.guard import current_actor, current_practice, needs
from service.reports.charts import Chart, Point, sparkline
from service.web.forms import form_page, read
from service.web.frame import show

page = Blueprint("caseload", __name__)
CEILING = 60
NEVER = datetime.min.replace(tzinfo=UTC)

# sort code -> (heading, what to sort by); the first click puts what needs eyes first
SORTS: dict[str, tuple[str, Callable[[CaseloadRow], Any]]] = {
    "name": ("Case", lambda row: row.chosen_name.casefold()),
    "last": ("Last session", lambda row: row.last_session_at or NEVER),
    "next": ("Next session", lambda row: row.next_session_at or datetime.max.replace(tzinfo=UTC)),
    "log": ("Log", lambda row: row.last_intake_at or NEVER),
    "events": ("Safety events", lambda row: (-row.open_now_events, -row.open_events)),
    "plan": ("Plan review", lambda row: row.plan_due or date.max),
    "unsigned": ("Notes to sign", lambda row: -row.unsigned),
}
SHOWS: dict[str, tuple[str, Callable[[CaseloadRow, bool], bool]]] = {
    "open": ("Open cases", lambda row, due: row.status is CaseStatus.OPEN),
    "waiting": ("Something waits", lambda row, due: due),
    "closed": ("Closed cases", lambda row, due: row.status is CaseStatus.CLOSED),
    "all": ("All", lambda row, due: True),
}


class FindForm(Payload):
    """The field of the frame's search form."""

    find = Line(80, load_default="")


@dataclass(frozen=True)
class CaseLine:
    """One row of the table. `overdue` holds the due things that are late, in words."""

    row: CaseloadRow
    url: str
    course: Chart | None
    closed: bool
    plan_overdue: bool
    log_overdue: bool
    declined_at: datetime | None
    notes_overdue: bool


@dataclass(frozen=True)
class View:
    """Which rows, in which order, as the address says; what the address does not know is the usual view."""

    show: str = "open"
    sort: str = "name"
    downward: bool = False

    def url(self, endpoint: str, **changes: str) -> str:
        """The same view with something changed."""
        code = f"{'-' if self.downward else ''}{self.sort}"
        wanted = {"show": self.show, "sort": code} | changes
        usual = {"show": "open", "sort": "name"}
        query: dict[str, Any] = {key: value for key, value in wanted.items() if usual[key] != value}
        return url_for(endpoint, **query)


@page.get("/caseload")
@needs(Action.CASELOAD_READ)
def caseload() -> Response:
    found, view = caseloads.my_caseload(current_actor()), asked_view()
    return show(
        "pages/caseload/caseload.html",
        task="Caseload",
        lines=lines_of(found, view),
        columns=columns_of(view, "caseload.caseload"),
        filters=filters_of(found, view, "caseload.caseload"),
        nothing_at_all=not found.rows,
    )


@page.get("/find")
@needs(Action.CASE_FIND)
def find_form() -> Response:
    return _found_page(None, "")


@page.post("/find")
@needs(Action.CASE_FIND)
@form_page(find_form)
def find() -> Response:
    wanted = str(read(FindForm)["find"])
    rows = caseloads.find_cases(current_actor(), wanted)
    if len(rows) == 1:
        return Response(status=303, headers={"Location": url_for("cases.case", case_id=rows[0].case_id)})
    return _found_page(rows, wanted)


def asked_view() -> View:
    """The view that the address asks for."""
    sort, wanted = request.args.get("sort", "name"), request.args.get("show", "open")
    downward, code = sort.startswith("-"), sort.removeprefix("-")
    if code not in SORTS:
        downward, code = False, "name"
    return View(wanted if wanted in SHOWS else "open", code, downward)


def columns_of(view: View, endpoint: str) -> list[tuple[str, str, str, str]]:
    """Headings with the address that sorts by them; a second click turns the order round."""
    return [(label, "", _sort_url(view, code, endpoint), _sorted(view, code)) for code, (label, _key) in SORTS.items()]


def filters_of(
    found: Caseload, view: View, endpoint: str, codes: Sequence[str] = tuple(SHOWS)
) -> list[tuple[str, str, bool]]:
    """The filters as links, each with how many rows it leaves."""
    return [
        (f"{SHOWS[code][0]} ({len(_shown(found, code))})", view.url(endpoint, show=code), code == view.show)
        for code in codes
    ]


def lines_of(found: Caseload, view: View) -> list[CaseLine]:
    """The rows of this view in its order; equal rows stay in the order of their codes."""
    rows = sorted(_shown(found, view.show), key=lambda row: row.code)
    ordered = sorted(rows, key=SORTS[view.sort][1], reverse=view.downward)
    return [line_of(row, found.due) for row in ordered]


def line_of(row: CaseloadRow, due: Sequence[Due]) -> CaseLine:
    late = {each.kind.name for each in due if each.case_id == row.case_id and each.overdue}
    return CaseLine(
        row=row,
        url=url_for("cases.case", case_id=row.case_id),
        course=_spark(row) if row.course else None,
        closed=row.status is CaseStatus.CLOSED,
        plan_overdue="PLAN" in late,
        log_overdue="LOG" in late,
        declined_at=_declined_at(row),
        notes_overdue="NOTE" in late,
    )


def _declined_at(row: CaseloadRow) -> datetime | None:
    """When the log was declined, while that is what counts."""
    told = measures_of(row, clock.local(clock.now(), current_practice().zone))
    found = (asked for each, asked, standing in told if each.key == LOG and standing is Standing.DECLINED)
    return next((each.declined_at for each in found), None)


def _spark(row: CaseloadRow) -> Chart:
    zone = current_practice().zone
    points = [Point(clock.local(each.at, zone).date(), each.value, each.prorated) for each in row.course]
    return sparkline(points, title="Log total", ceiling=CEILING)


def _shown(found: Caseload, code: str) -> list[CaseloadRow]:
    waiting = {each.case_id for each in found.due}
    return [row for row in found.rows if SHOWS[code][1](row, row.case_id in waiting)]


def _sort_url(view: View, code: str, endpoint: str) -> str:
    turned = code == view.sort and not view.downward
    return view.url(endpoint, sort=f"-{code}" if turned else code)


def _sorted(view: View, code: str) -> str:
    if code != view.sort:
        return ""
    return "descending" if view.downward else "ascending"


def _found_page(rows: Sequence[CaseloadRow] | None, wanted: str) -> Response:
    found = [(row.code, row.chosen_name, url_for("cases.case", case_id=row.case_id)) for row in rows or ()]
    return show(
        "pages/caseload/find.html",
        task="Find a case",
        found=found,
        asked=rows is not None,
        wanted=wanted,
        caller=CALLER_SCRIPT,
    )
