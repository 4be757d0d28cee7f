"""Opening, reading and changing a case and its goals. Every verb asks the permission table with the case in hand."""

from dataclasses import dataclass
from datetime import date, timedelta

from schemas.actions import Action
from schemas.vocabulary import AssignmentKind, CaseStatus, EpisodeStatus, GoalDomain, GoalStatus, Role
from service.casework.gate import (
    admit,
    case_unit,
    check_version,
    opened_for,
    practice_now,
    practice_today,
    practice_unit,
)
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import (
    Case,
    Client,
    ContactPreferences,
    Cover,
    Goal,
    OtherPerson,
    Presentation,
    RecordSafetyCheck,
    is_adult,
    texts_of,
)
from service.domain.contact_rules import Reach, check_contact, reach_of
from service.errors import Conflict, Invalid, NotFound
from service.store import accounts, cases, events, summary
from service.store.base import db
from service.store.cases import CaseRow, GoalWords
from service.store.transaction import transaction


@dataclass(frozen=True)
class GoalDraft:
    """A goal as typed; `words` are the client's own."""

    domain: GoalDomain
    words: str
    measure: str = ""
    next_step: str = ""
    status: GoalStatus = GoalStatus.ACTIVE
    target_on: date | None = None
    review_on: date | None = None


@dataclass(frozen=True)
class CoverDesk:
    """A case, who covers it now, and (id, name) of the colleagues who could."""

    case: Case
    covers: tuple[Cover, ...]
    choices: tuple[tuple[str, str], ...]


def open_case(actor: Actor, client: Client, *, opened_on: date | None = None) -> Case:
    """Start a record for an adult client; the actor becomes its therapist. Raises Invalid naming the field."""
    with practice_unit(actor, Action.CASE_OPEN) as unit:
        day = opened_on or practice_today(actor)
        check_client(client, day)
        row = cases.add_case(actor.practice_id, actor.user_id, client, day)
        unit.subject = f"case/{row.id}"
        unit.changed("case", row.id, row.version, case_id=row.id)
        episode = cases.current_episode(row.id)
        unit.changed("episode", episode.id, episode.version, case_id=row.id)
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
        return reach_of(cases.opened(row).contact, practice_now(actor))


def change_contact(actor: Actor, case_id: str, contact: ContactPreferences, *, version: int) -> Case:
    """Raises Invalid naming the field."""
    check_contact(contact)
    return _change(actor, case_id, "contact", contact, version=version)


def record_safety_check(actor: Actor, case_id: str, check: RecordSafetyCheck, *, version: int) -> Case:
    """Keep the answers to "who else could see this record?"."""
    return _change(actor, case_id, "record_safety", check, version=version)


def change_other_person(actor: Actor, case_id: str, other: OtherPerson, *, version: int) -> Case:
    return _change(actor, case_id, "other_person", other, version=version)


def change_presentation(actor: Actor, case_id: str, presentation: Presentation, *, version: int) -> Case:
    return _change(actor, case_id, "presentation", presentation, version=version)


def close_case(actor: Actor, case_id: str, *, version: int) -> Case:
    """End the episode and close the case. Raises Conflict while an event is open or a note is unsigned."""
    with case_unit(actor, Action.CASE_CLOSE, case_id) as (unit, row):
        check_version(seen=version, stored=row.version)
        summary.refresh(case_id)
        waiting = summary.of_cases([case_id])[0]
        today = practice_today(actor)
        if waiting.unsigned or any(each.wants_follow_up(today) for each in events.of_case(case_id)):
            raise Conflict("Record the open follow-ups and sign the notes of this case before closing it.")
        episode = cases.current_episode(case_id)
        episode.status, episode.ended_on = EpisodeStatus.FINISHED, practice_today(actor)
        row.status, row.updated_at = CaseStatus.CLOSED, clock.now()
        db.session.flush()
        unit.changed("case", row.id, row.version, case_id=row.id)
        unit.changed("episode", episode.id, episode.version, case_id=row.id)
        summary.refresh(case_id)
        return cases.opened(row)


def read_cover(actor: Actor, case_id: str) -> CoverDesk:
    """What choosing a covering colleague takes."""
    with case_unit(actor, Action.CASE_ASSIGN, case_id) as (_unit, row):
        taken = {each.account_id for each in cases.assignments(case_id) if each.kind in _FIXED}
        people = [each for each in accounts.people(row.practice_id) if each.active and each.role in _CAN_COVER]
        choices = tuple((each.id, each.name) for each in people if each.id not in taken)
        return CoverDesk(opened_for(actor, row), cases.covers(case_id), choices)


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


def save_goal(
    actor: Actor, case_id: str, draft: GoalDraft, *, goal_id: str | None = None, version: int | None = None
) -> Goal:
    """Add a goal, or change one that was seen as `version`. Raises Invalid, Conflict, NotFound."""
    if not draft.words.strip():
        raise Invalid("A goal needs words.", {"words": "Write the goal in the client's own words."})
    with case_unit(actor, Action.GOAL_WRITE, case_id):
        goal = cases.goal_row(goal_id) if goal_id else cases.add_goal(case_id)
        if goal is None or goal.case_id != case_id:
            raise NotFound
        if goal_id:
            theirs = {"words": cases.goal_value(goal).words}
            check_version(seen=version or 0, stored=goal.version, yours={"words": draft.words}, theirs=theirs)
        goal.domain, goal.status = draft.domain, draft.status
        goal.target_on, goal.review_on = draft.target_on, draft.review_on
        cases.seal_goal(goal, GoalWords(draft.words, draft.measure, draft.next_step))
        db.session.add(goal)
        db.session.flush()
        return cases.goal_value(goal)


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
    with transaction(actor, Action.CASE_CHANGE, f"case/{case_id}") as unit:
        row = admit(unit, case_id)
        unit.why = column
        theirs = texts_of(getattr(cases.opened(row), column))
        check_version(seen=version, stored=row.version, yours=texts_of(value), theirs=theirs)
        cases.reseal(row, column, value)
        db.session.flush()
        unit.changed("case", row.id, row.version, case_id=row.id)
        summary.refresh(case_id)
        return cases.opened(row)
