"""Opening, reading and changing a case. Every verb asks the permission table with the case in hand."""

from dataclasses import dataclass
from datetime import date, timedelta

from schemas.actions import Action
from schemas.case_codes import EpisodeState
from schemas.plan_codes import PlanDoubt
from schemas.vocabulary import AssignmentKind, Role
from service.casework import conflicts
from service.casework.gate import (
    admit,
    case_unit,
    check_version,
    opened_for,
    practice_now,
    practice_today,
    practice_unit,
)
from service.casework.leaving import hold_links
from service.casework.plan_reviews import want_look
from service.domain.actors import Actor
from service.domain.cases import (
    Case,
    Client,
    ContactPreferences,
    Cover,
    OtherPerson,
    Presentation,
    RecordSafetyCheck,
    is_adult,
    texts_of,
)
from service.domain.contact_rules import Reach, check_contact, reach_of_case
from service.domain.episodes import STARTS
from service.domain.plan_marks import bears_on_plans
from service.domain.protected import of_case
from service.errors import Conflict, Invalid, NotFound
from service.store import accounts, cases, episodes, summary
from service.store import conflicts as conflict_store
from service.store.base import db
from service.store.cases import CaseRow
from service.store.transaction import Unit, transaction

THEIRS = "Its therapist passes the case on. You can once their account has ended."
NOT_COVERING = "A case is passed to a colleague who covers it and can sign in. Arrange cover first."


@dataclass(frozen=True)
class CoverDesk:
    """A case, who covers it now, (id, name) of the colleagues who could, and whether the reader may pass it to one who
    does.
    """

    case: Case
    covers: tuple[Cover, ...]
    choices: tuple[tuple[str, str], ...]
    may_pass: bool


@dataclass(frozen=True)
class Succession:
    """A case, and who is about to become its therapist."""

    case: Case
    account_id: str
    name: str


def open_case(
    actor: Actor, client: Client, *, opened_on: date | None = None, state: EpisodeState = EpisodeState.ACTIVE
) -> Case:
    """Start a record for an adult client; the actor becomes its therapist. Raises Invalid naming the field."""
    with practice_unit(actor, Action.CASE_OPEN) as unit:
        day = opened_on or practice_today(actor)
        check_client(client, day)
        if state not in STARTS:
            raise Invalid("An episode cannot start there.", {"state": "Choose where the episode starts."})
        conflict_store.hold(actor.practice_id)
        row = cases.add_case(actor.practice_id, actor.user_id, client, day, state=state)
        unit.subject = f"case/{row.id}"
        unit.changed("case", row.id, row.version, case_id=row.id)
        episode = episodes.current(row.id)
        unit.changed("episode", episode.id, episode.version, case_id=row.id)
        conflicts.check_client(unit, row, client)
        summary.refresh(row.id)
        return cases.opened(row)


def read_case(actor: Actor, case_id: str) -> Case:
    with case_unit(actor, Action.CASE_READ, case_id) as (_unit, row):
        return opened_for(actor, row)


def change_client(actor: Actor, case_id: str, client: Client, *, version: int) -> Case:
    check_client(client, practice_today(actor))
    return _change(actor, case_id, "client", client, version=version)


def read_reach(actor: Actor, case_id: str) -> Reach:
    """By which ways the client may be reached at this moment, on the clocks of the practice."""
    with case_unit(actor, Action.CASE_READ, case_id) as (_unit, row):
        return reach_of_case(cases.opened(row), practice_now(actor))


def change_contact(actor: Actor, case_id: str, contact: ContactPreferences, *, version: int) -> Case:
    """Raises Invalid naming the field."""
    check_contact(contact)
    return _change(actor, case_id, "contact", contact, version=version)


def record_safety_check(actor: Actor, case_id: str, check: RecordSafetyCheck, *, version: int) -> Case:
    """Keep the answers to "who else could see this record?"; a link on whose way somebody looks in ends with it. Raises
    Invalid for a day to come.
    """
    if check.asked_on > practice_today(actor):
        raise Invalid("The check needs a change.", {"asked_on": "It cannot have been asked on a day to come."})
    return _change(actor, case_id, "record_safety", check, version=version)


def change_other_person(actor: Actor, case_id: str, other: OtherPerson, *, version: int) -> Case:
    return _change(actor, case_id, "other_person", other, version=version)


def change_presentation(actor: Actor, case_id: str, presentation: Presentation, *, version: int) -> Case:
    return _change(actor, case_id, "presentation", presentation, version=version)


def read_cover(actor: Actor, case_id: str) -> CoverDesk:
    """What choosing a covering colleague takes."""
    with case_unit(actor, Action.CASE_ASSIGN, case_id) as (_unit, row):
        taken = {actor.user_id, *(each.account_id for each in cases.assignments(case_id) if each.kind in _FIXED)}
        people = [each for each in accounts.people(row.practice_id) if each.active and each.role in _CAN_COVER]
        choices = tuple((each.id, each.name) for each in people if each.id not in taken)
        case = opened_for(actor, row)
        passes = Action.CASE_PASS in case.may and may_pass(actor, row)
        return CoverDesk(case, cases.covers(case_id), choices, passes)


def assign_cover(actor: Actor, case_id: str, account_id: str, until: date) -> None:
    """Let a colleague of the same practice cover this case up to and including `until`."""
    with case_unit(actor, Action.CASE_ASSIGN, case_id) as (unit, row):
        colleague = accounts.account(account_id)
        if account_id == actor.user_id:
            raise Invalid("Nobody can give themselves cover.", {"account_id": "Choose somebody else."})
        if (
            colleague is None
            or not colleague.active
            or colleague.practice_id != row.practice_id
            or colleague.role not in _CAN_COVER
        ):
            raise Invalid("This person cannot cover the case.", {"account_id": "Choose a clinician of this practice."})
        if until < practice_today(actor):
            raise Invalid("Cover cannot end in the past.", {"until": "Choose today or a later day."})
        if until > practice_today(actor) + LONGEST_COVER:
            raise Invalid("Cover lasts 60 days at most.", {"until": "Choose an earlier day; cover can be renewed."})
        _refuse_replacing(row, account_id)
        cases.assign(case_id, account_id, AssignmentKind.COVER, until)
        unit.why = f"cover by {account_id}"


def end_cover(actor: Actor, case_id: str, account_id: str) -> None:
    with case_unit(actor, Action.CASE_ASSIGN, case_id) as (_unit, _row):
        covering = [each for each in cases.assignments(case_id) if each.account_id == account_id]
        if not covering or covering[0].kind != AssignmentKind.COVER:
            raise NotFound
        cases.unassign(case_id, account_id)


def read_successor(actor: Actor, case_id: str, account_id: str) -> Succession:
    """Raises NotFound for somebody who does not cover the case, and Conflict as `pass_on` does."""
    with case_unit(actor, Action.CASE_PASS, case_id) as (_unit, row):
        _refuse_taking_away(actor, row)
        name = next((each.name for each in cases.covers(case_id) if each.account_id == account_id), None)
        if name is None:
            raise NotFound
        return Succession(opened_for(actor, row), account_id, name)


def pass_on(actor: Actor, case_id: str, account_id: str) -> None:
    """Make a colleague who covers the case its therapist, for good. Raises Invalid for anybody else, and Conflict where
    a therapist who can still sign in has not done so.
    """
    with case_unit(actor, Action.CASE_PASS, case_id) as (unit, row):
        _refuse_taking_away(actor, row)
        covering = {each.account_id for each in cases.covers(case_id)}
        if account_id not in covering or not accounts.can_sign_in(account_id):
            raise Invalid(NOT_COVERING, {"account_id": "Choose somebody who covers the case now."})
        unit.why = f"to {account_id}"
        make_therapist(unit, row, account_id)


def make_therapist(unit: Unit, row: CaseRow, account_id: str) -> None:
    """Who has the case from now on, inside a running transaction that decided it."""
    cases.pass_on(row, account_id, unit.actor.user_id)
    db.session.flush()
    unit.changed("case", row.id, row.version, case_id=row.id)
    episode = episodes.current(row.id)
    unit.changed("episode", episode.id, episode.version, case_id=row.id)
    summary.refresh(row.id)


def may_pass(actor: Actor, row: CaseRow) -> bool:
    """Whether it is for this person, of those who answer for the case, to say whose it is from now on."""
    owner_id = cases.owner_id(row.id)
    return owner_id == actor.user_id or not accounts.can_sign_in(owner_id)


def _refuse_taking_away(actor: Actor, row: CaseRow) -> None:
    if not may_pass(actor, row):
        raise Conflict(THEIRS)


def check_client(client: Client, on: date) -> None:
    """Raises Invalid naming the field: a name is needed, and the product is for adults."""
    wrong: dict[str, str] = {}
    if not client.chosen_name.strip():
        wrong["chosen_name"] = "Give the name the client wants to be called by."
    if client.birth_date is not None and client.birth_date > on:
        wrong["birth_date"] = "This day has not come yet."
    elif client.birth_date is not None and not is_adult(client.birth_date, on):
        wrong["birth_date"] = "Stepwell keeps records of adults only."
    if wrong:
        raise Invalid("The client's details need a change.", wrong)


LONGEST_COVER = timedelta(days=60)
_CAN_COVER = frozenset({Role.THERAPIST, Role.SUPERVISOR})
_FIXED = frozenset({AssignmentKind.OWNER, AssignmentKind.BLOCKED})


def _refuse_replacing(row: CaseRow, account_id: str) -> None:
    kinds = {each.kind for each in cases.assignments(row.id) if each.account_id == account_id}
    if kinds & _FIXED:
        raise Invalid("This person cannot cover the case.", {"account_id": "Choose somebody else."})


def _change(actor: Actor, case_id: str, column: str, value: object, *, version: int) -> Case:
    action = Action.RECORD_CHECK if isinstance(value, RecordSafetyCheck) else Action.CASE_CHANGE
    with transaction(actor, action, f"case/{case_id}") as unit:
        if isinstance(value, Client):
            conflict_store.hold(actor.practice_id)
        row = admit(unit, case_id)
        unit.why = column
        stands = getattr(cases.opened(row), column)
        check_version(seen=version, stored=row.version, yours=texts_of(value), theirs=texts_of(stands))
        put_part(unit, row, column, value)
        summary.refresh(case_id)
        return cases.opened(row)


def put_part(unit: Unit, row: CaseRow, column: str, value: object) -> None:
    """Put a part of an admitted case in place of what stands; a client needs `conflicts.hold` before."""
    before = cases.opened(row)
    cases.reseal(row, column, value, unit.actor.user_id)
    db.session.flush()
    if isinstance(value, Client):
        conflicts.check_client(unit, row, value)
    if isinstance(value, RecordSafetyCheck):
        hold_links(unit, row.id)
    unit.changed("case", row.id, row.version, case_id=row.id)
    if [*of_case(cases.opened(row))] != [*of_case(before)]:
        unit.protects_anew(row.id)
    if bears_on_plans(getattr(before, column), value):
        want_look(unit, row.id, PlanDoubt.CIRCUMSTANCES)
