"""What left a case: the log, entering what left by another way, correcting by a further row, and the accounting.

Rule: no row is ever changed; the accounting is one click and made to be printed.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.release_codes import ContentClass, SendRoute
from schemas.releases import CorrectionSchema, DisclosureSchema
from service.casework import disclosures as casework
from service.casework import releases
from service.domain.disclosures import LOOK_BACK_YEARS, Accounted, Departure, Disclosure, in_log, on_paper
from service.guard import current_actor, needs
from service.web.case_frame import tabs
from service.web.cases import labels
from service.web.departures import departing, words
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("disclosures", __name__)
Says = Callable[[Disclosure], tuple[str, str]]


@page.get("/cases/<case_id>/disclosures")
@needs(Action.DISCLOSURE_READ)
def disclosures(case_id: str) -> Response:
    return _log("disclosures", case_id)


@page.get("/cases/<case_id>/disclosures/accounting")
@needs(Action.DISCLOSURE_READ)
def accounting(case_id: str) -> Response:
    return _log("accounting", case_id)


@page.get("/cases/<case_id>/disclosures/new")
@needs(Action.DISCLOSURE_RECORD)
def new(case_id: str) -> Response:
    desk = releases.read_desk(current_actor(), case_id)
    return show(
        "pages/disclosures/new.html",
        task=f"Enter what left {desk.case.code}",
        case=desk.case,
        classes=labels(ContentClass),
        departing=departing(releases.in_force(desk), route=SendRoute.SPOKEN),
    )


@page.post("/cases/<case_id>/disclosures/new")
@needs(Action.DISCLOSURE_RECORD)
@form_page(new)
def record(case_id: str) -> Response:
    given = read(DisclosureSchema)
    classes, what = tuple(given.pop("classes")), given.pop("what")
    casework.record_disclosure(current_actor(), case_id, Departure(**given), classes, what)
    return done(url_for("disclosures.disclosures", case_id=case_id), "It is in the log.")


@page.get("/disclosures/<disclosure_id>/correct")
@needs(Action.DISCLOSURE_RECORD)
def correct(disclosure_id: str) -> Response:
    found, case = casework.read_disclosure(current_actor(), disclosure_id)
    desk = releases.read_desk(current_actor(), case.id)
    return show(
        "pages/disclosures/correct.html",
        task=f"Correct what left {case.code}",
        case=case,
        disclosure=found,
        departing=departing(releases.in_force(desk), route=SendRoute.SPOKEN, usual=_as_typed(found.departure)),
    )


@page.post("/disclosures/<disclosure_id>/correct")
@needs(Action.DISCLOSURE_RECORD)
@form_page(correct)
def put_right(disclosure_id: str) -> Response:
    given = read(CorrectionSchema)
    what = given.pop("what")
    found = casework.correct_disclosure(current_actor(), disclosure_id, Departure(**given), what)
    return done(url_for("disclosures.disclosures", case_id=found.case_id), "Corrected by a further row.")


def _log(name: str, case_id: str) -> Response:
    desk = casework.read_disclosures(current_actor(), case_id)
    return show(
        f"pages/disclosures/{name}.html",
        task=f"{'Accounting of disclosures' if name == 'accounting' else 'What left'} {desk.case.code}",
        case=desk.case,
        tabs_of_case=tabs(desk.case, "disclosures.disclosures"),
        rows=[(each.disclosure, _rows(each, on_paper if name == "accounting" else in_log)) for each in desk.accounted],
        practice_name=desk.practice_name,
        today=desk.today,
        years=LOOK_BACK_YEARS,
        finds=desk.finds,
        withheld=desk.withheld,
        may_record=Action.DISCLOSURE_RECORD in desk.case.may,
    )


def _rows(each: Accounted, says: Says) -> list[dict[str, Any]]:
    return [_told(row, says) for row in (each.disclosure, *each.corrections)]


def _told(row: Disclosure, says: Says) -> dict[str, Any]:
    """One row in words; `says` words what left and by which door."""
    given, (what, door) = row.departure, says(row)
    return {
        "at": row.at,
        "recipient": given.recipient,
        "address": given.address,
        "what": what,
        "classes": words(row.left.classes),
        "door": door,
        "why": f"{given.purpose.label}. {given.why}".strip(),
        "basis": given.basis.label,
        "route": given.route.label,
        "told": given.told.label,
        "redactions": given.redactions,
        "digest": row.left.digest,
        "by": row.by_name,
        "is_correction": row.corrects is not None,
    }


def _as_typed(departure: Departure) -> dict[str, str]:
    return {each.name: str(getattr(departure, each.name) or "") for each in fields(departure)}
