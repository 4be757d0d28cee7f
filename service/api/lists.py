"""My day, my caseload, the team's, and finding a case."""

from schemas.actions import Action
from schemas.cases import CaseListSchema, CaseloadRecord, CaseloadRowRecord, FindSchema
from schemas.sessions import DayRecord
from service.api.routes import Given, Listed, Routes, asks, listed, takes
from service.casework import caseloads
from service.casework.caseloads import Caseload, Day
from service.domain.cases import CaseloadRow
from service.guard import current_actor, needs

routes = Routes("Lists", "What waits today, and the cases that are yours to see.")


@routes.get("/day", DayRecord)
@needs(Action.DAY_READ)
def read_day() -> Day:
    """Today's sessions and everything due on your cases."""
    return caseloads.my_day(current_actor())


@routes.get("/caseload", CaseloadRecord)
@needs(Action.CASELOAD_READ)
def read_caseload() -> Caseload:
    """Your cases with what is due on them."""
    return caseloads.my_caseload(current_actor())


@routes.get("/team", CaseloadRecord)
@needs(Action.TEAM_READ)
def read_team() -> Caseload:
    """Open cases of the therapists whom you supervise."""
    return caseloads.team_caseload(current_actor())


@routes.get("/cases", CaseloadRowRecord, many=True)
@needs(Action.CASELOAD_READ)
@asks(CaseListSchema)
def list_cases(asked: Given) -> Listed:
    """Your cases, a page at a time."""
    rows = caseloads.my_caseload(current_actor()).rows
    return listed([row for row in rows if asked.get("status") in (None, row.status)], asked)


@routes.post("/find", CaseloadRowRecord, many=True)
@needs(Action.CASE_FIND)
@takes(FindSchema)
def find_case(given: Given) -> tuple[CaseloadRow, ...]:
    """Your cases whose code or chosen name holds the text; at most 20. Asked in a body, never in an address."""
    return caseloads.find_cases(current_actor(), given["text"])
