"""The question of the gate, asked in the transaction that lets something leave; and the links that end when it closes.

Rule: every door asks `check` before it writes its row. A connected system reads by its link alone, so the link is held
against the gate whenever a consent, a release or who could see it elsewhere changes, and ends with its ground.
"""

from schemas.release_codes import ContentClass, Door
from schemas.vocabulary import AssignmentKind, Role
from service.casework.gate import practice_today
from service.domain.actors import Actor
from service.domain.cases import RecordSafetyCheck
from service.domain.disclosures import Departure, Left, Papers
from service.domain.leaving import (
    BY_LINK,
    Standing,
    ground_of_link,
    is_looked_into,
    is_named_for_link,
    link_reaches_concern,
    why_closed,
)
from service.domain.proxies import Concern, Proxy
from service.domain.releases import Release, standing
from service.domain.requests import Request
from service.errors import Invalid
from service.store import accounts, cases, plan_cards, releases, requests
from service.store.transaction import Unit

NOT_YET = "This may not leave yet."
ASK_THEM = {"proxies": "Nothing left. The therapist of this case sees why."}
PERSONAL = frozenset({"proxies", "recipient", "record_safety"})
# Who may be told that somebody could see it elsewhere.
TOLD = frozenset({Role.THERAPIST, Role.SUPERVISOR})
STANDING_LINK = Left(Door.LINK, BY_LINK, ("FHIR data of this case",))


def check(unit: Unit, case_id: str, left: Left, departure: Departure) -> None:
    """Raises Invalid saying, by field, why this may not leave and what to do."""
    wrong = why_closed(left, departure, standing_of(case_id, departure), practice_today(unit.actor))
    if wrong:
        raise Invalid(NOT_YET, wrong if unit.actor.role in TOLD else _without_persons(wrong))


def may_be_read_by_link(actor: Actor, case_id: str, system: str) -> bool:
    """Whether a connected system of this name may read the case now. Joins the running transaction, asks no
    permission and tells nothing else.
    """
    found, today = standing_of(case_id), practice_today(actor)
    is_open = not (link_reaches_concern(system, found, today) or is_looked_into(found))
    return is_open and bool(ground_of_link(system, found, today))


def may_read_named(actor: Actor, case_id: str, classes: tuple[ContentClass, ...]) -> bool:
    """Whether a connected system may read what leaves only by name. That it is linked is asked elsewhere."""
    found = releases.of_case(case_id)
    return is_named_for_link(accounts.name_of(actor.user_id), Standing(releases=found), practice_today(actor), classes)


def let_link(unit: Unit, case_id: str, account_id: str) -> None:
    """Let a connected system read for as long as its ground lasts. Its departure must have passed `check`."""
    ground = ground_of_link(accounts.name_of(account_id), standing_of(case_id), practice_today(unit.actor))
    until = ground.expires_on if isinstance(ground, Release) else None
    cases.assign(case_id, account_id, AssignmentKind.LINKED, until)


def hold_links(unit: Unit, case_id: str) -> None:
    """After a change: a link whose ground fell, or that reaches the other person or where they could see it, ends."""
    for each in cases.assignments(case_id):
        if each.kind != AssignmentKind.LINKED:
            continue
        if may_be_read_by_link(unit.actor, case_id, accounts.name_of(each.account_id)):
            let_link(unit, case_id, each.account_id)
        else:
            cases.unassign(case_id, each.account_id)
            unit.why = f"{unit.why}; link ended".removeprefix("; ")


def standing_of(case_id: str, departure: Departure | None = None) -> Standing:
    """What of a case the gate looks at. Joins the running transaction."""
    concern = plan_cards.in_use(case_id, Concern)
    return Standing(
        papers=Papers(_release(case_id, departure), _request(case_id, departure)) if departure else Papers(),
        consents=standing(releases.consents(case_id)),
        releases=releases.of_case(case_id),
        concern=concern[0].words if concern else Concern(),
        proxies=tuple(each.words for each in plan_cards.in_use(case_id, Proxy)),
        check=_check(case_id),
    )


def _check(case_id: str) -> RecordSafetyCheck | None:
    row = cases.row(case_id)
    return cases.record_safety_of(row) if row is not None else None


def _release(case_id: str, departure: Departure) -> Release | None:
    row = releases.row(departure.release_id) if departure.release_id else None
    return releases.value(row) if row is not None and row.case_id == case_id else None


def _request(case_id: str, departure: Departure) -> Request | None:
    row = requests.row(departure.request_id) if departure.request_id else None
    return requests.value(row) if row is not None and row.case_id == case_id else None


def _without_persons(wrong: dict[str, str]) -> dict[str, str]:
    """The same for somebody who does not work on the case: not even whether a person was recognised."""
    told = {field: words for field, words in wrong.items() if field not in PERSONAL}
    return told if len(told) == len(wrong) else told | ASK_THEM
