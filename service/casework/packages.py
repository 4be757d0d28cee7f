"""What a package is to hold: the choice as it was made, with the release that bounds it."""

from typing import Any

from schemas.actions import Action
from schemas.release_codes import ReleaseState
from service.casework import releases
from service.casework.gate import case_unit
from service.domain.actors import Actor
from service.domain.packages import Days, Scope
from service.domain.releases import Release
from service.errors import Invalid


def scope_of(actor: Actor, case_id: str, given: dict[str, Any]) -> Scope:
    """Takes what is about the scope out of what a schema loaded. Raises Invalid for a release that bounds nothing."""
    release_id = given.pop("by_release")
    release = _release(actor, case_id, release_id) if release_id else None
    days = Days(given.pop("since"), given.pop("until"))
    if days.since and days.until and days.until < days.since:
        raise Invalid("These are no days.", {"until": "The last day comes before the first."})
    return Scope(given.pop("audience"), tuple(given.pop("classes")), given.pop("form"), release, days=days)


def choose(actor: Actor, case_id: str, given: dict[str, Any]) -> Scope:
    """The scope of a package that is about to be looked at."""
    with case_unit(actor, Action.EXPORT_PREVIEW, case_id):
        return scope_of(actor, case_id, given)


def _release(actor: Actor, case_id: str, release_id: str) -> Release:
    desk = releases.read_desk(actor, case_id)
    found = next((each for each in desk.releases if each.id == release_id), None)
    if found is None or found.state(desk.today) is not ReleaseState.IN_FORCE:
        raise Invalid("This release carries nothing.", {"by_release": "Choose a release that is in force."})
    return found
