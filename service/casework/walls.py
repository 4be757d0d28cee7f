"""What stands around a case: restricting it, keeping people away, legal hold, and opening it in an emergency.

Rule: every step has a reason and a fresh confirmation of identity. Lifting a legal hold takes two people; one is enough
to leave it on.
"""

from dataclasses import dataclass
from datetime import date

from schemas.actions import Action
from schemas.vocabulary import AssignmentKind, CaseStatus, Role
from schemas.wall_codes import WallStatus, WallStep
from service.casework.gate import admit, case_unit, opened_for, practice_unit
from service.domain import clock
from service.domain.access import decide
from service.domain.actors import Actor
from service.domain.cases import Case, Cover
from service.domain.retention import kept_until
from service.domain.walls import Opening, Wall, too_short
from service.errors import Conflict, Invalid, NotFound
from service.store import accounts, cases, disclosures, episodes, sessions, summary, walls
from service.store.base import db
from service.store.cases import CaseRow
from service.store.transaction import Unit, transaction

NOT_HERE = "No case can be opened this way by that code."
FOR_GOOD = (
    "The account of its therapist has ended, so nobody could lift the restriction, nor open the case once its cover is "
    "over. Keep people away one by one."
)
NOTHING_WAITS = "Nothing waits for a second person here any more."
SAME_PERSON = "A second person agrees: the supervisor, or who covers the case. Whoever asked cannot."


@dataclass(frozen=True)
class WallDesk:
    """What stands around a case: who covers it and so is named, who is kept away, every step, and the clock."""

    case: Case
    covers: tuple[Cover, ...]
    blocked: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, str], ...]
    walls: tuple[Wall, ...]
    kept_until: date

    def waits(self, step: WallStep) -> Wall | None:
        """The request for this step that waits for a second person."""
        return next((each for each in self.walls if each.step is step and each.status is WallStatus.ASKED), None)


def read_walls(actor: Actor, case_id: str) -> WallDesk:
    with case_unit(actor, Action.WALLS_READ, case_id) as (_unit, row):
        people = {
            each.id: each.name for each in accounts.people(row.practice_id) if each.active and each.role in _PEOPLE
        }
        kinds = {each.account_id: each.kind for each in cases.assignments(case_id)}
        away = (each for each, kind in kinds.items() if kind == AssignmentKind.BLOCKED)
        blocked = tuple((each, accounts.name_of(each)) for each in away)
        taken = {each for each, kind in kinds.items() if kind in (AssignmentKind.BLOCKED, AssignmentKind.OWNER)}
        choices = tuple((each, name) for each, name in people.items() if each not in taken and each != actor.user_id)
        steps = walls.of_case(case_id)
        return WallDesk(opened_for(actor, row), cases.covers(case_id), blocked, choices, steps, end_of_keeping(row))


def restrict(actor: Actor, case_id: str, reason: str, *, wanted: bool) -> None:
    """Open to its therapist and who covers it only, or no longer so."""
    with case_unit(actor, Action.CASE_RESTRICT, case_id) as (unit, row):
        if row.sealed == wanted:
            raise Conflict("It is so already.")
        if wanted and not accounts.can_sign_in(cases.owner_id(case_id)):
            raise Conflict(FOR_GOOD)
        row.sealed = wanted
        _done(unit, row, WallStep.RESTRICT if wanted else WallStep.OPEN_UP, reason)


def block(actor: Actor, case_id: str, account_id: str, reason: str) -> None:
    """Keep a person of the practice away, whatever their role; they see nothing of the case from now on."""
    with case_unit(actor, Action.CASE_BLOCK, case_id) as (unit, row):
        person = accounts.account(account_id)
        if person is None or person.practice_id != row.practice_id or person.role not in _PEOPLE:
            raise Invalid("This person is not of this practice.", {"account_id": "Choose a person of this practice."})
        if account_id in (cases.owner_id(case_id), actor.user_id):
            raise Invalid("This cannot be.", {"account_id": "The therapist of the case and you yourself stay."})
        cases.assign(case_id, account_id, AssignmentKind.BLOCKED)
        _done(unit, row, WallStep.BLOCK, reason, account_id)


def unblock(actor: Actor, case_id: str, account_id: str, reason: str) -> None:
    with case_unit(actor, Action.CASE_BLOCK, case_id) as (unit, row):
        if account_id not in cases.blocked_of(case_id):
            raise Invalid("This cannot be.", {"account_id": "This person is not kept away."})
        cases.unassign(case_id, account_id)
        _done(unit, row, WallStep.UNBLOCK, reason, account_id)


def hold(actor: Actor, case_id: str, reason: str) -> None:
    """Nothing of the case may be destroyed while a matter is before a court; a purge that waits is taken back."""
    with case_unit(actor, Action.CASE_HOLD, case_id) as (unit, row):
        if row.held:
            raise Conflict("It is held already.")
        row.held = True
        walls.withdraw(case_id, WallStep.PURGE)
        _done(unit, row, WallStep.HOLD, reason)


def lift_hold(actor: Actor, case_id: str, reason: str) -> bool:
    """Ask to lift the hold, or agree as second person; True once it is lifted. Raises Conflict for the same person."""
    with case_unit(actor, Action.HOLD_LIFT, case_id) as (unit, row):
        if not row.held:
            raise Conflict("There is no hold.")
        agreed = second(unit, row, WallStep.LIFT_HOLD, reason)
        row.held = not agreed
        _settle(row)
        return agreed


def leave(actor: Actor, case_id: str, step: WallStep, reason: str) -> None:
    """Lift no hold, or purge nothing, after all: taken back by who asked, not agreed to by anybody else who could.
    Raises Conflict where nothing waits.
    """
    action, kept = _LEFT[step]
    with case_unit(actor, action, case_id) as (unit, row):
        asked = walls.waiting(case_id, step)
        if asked is None:
            raise Conflict(NOTHING_WAITS)
        asked.status = WallStatus.WITHDRAWN if asked.by_id == actor.user_id else WallStatus.DECLINED
        _done(unit, row, kept, reason)
        unit.why = f"{step} {asked.status}"


def second(unit: Unit, row: CaseRow, step: WallStep, reason: str) -> bool:
    """One person asks (False), another agrees (True). Raises Conflict when whoever asked agrees, too."""
    asked = walls.waiting(row.id, step)
    if asked is None:
        asked = walls.add(row.id, step, unit.actor.user_id, _reason(reason))
        asked.status, unit.why = WallStatus.ASKED, f"{step} asked"
        return False
    if asked.by_id == unit.actor.user_id:
        raise Conflict(SAME_PERSON)
    asked.status, asked.second_id, asked.second_at = WallStatus.DONE, unit.actor.user_id, clock.now()
    unit.why = f"{step} agreed"
    return True


def break_glass(actor: Actor, code: str, reason: str) -> str:
    """Open a colleague's case for an hour, reading only; its therapist and supervisor are told. Returns its id.

    Raises Invalid alike for a code that is unknown, restricted, or from which the actor is kept away.
    """
    try:
        with transaction(actor, Action.CASE_BREAK) as unit:
            unit.require()
            row = cases.by_code(actor.practice_id, code)
            if row is None or not decide(unit.action, actor.role, cases.facts(actor, row)).allowed:
                raise NotFound
            unit.subject = f"case/{row.id}"
            walls.open_glass(row.id, actor.user_id, _reason(reason))
            return row.id
    except NotFound as error:
        raise Invalid(NOT_HERE, {"code": NOT_HERE}) from error


def see_glass(actor: Actor, opening_id: str) -> None:
    """Take note of an emergency opening of one's own or a supervised case."""
    with transaction(actor, Action.GLASS_SEEN, f"opening/{opening_id}") as unit:
        row = walls.glass_row(opening_id)
        admit(unit, row.case_id if row else None)
        walls.see_glass(opening_id, actor.user_id)


def unseen_openings(actor: Actor) -> tuple[Opening, ...]:
    """Emergency openings that this person has not taken note of yet. Joins the running transaction."""
    mine = set(cases.case_ids_of(actor.user_id))
    if actor.role is Role.SUPERVISOR:
        mine |= {each.case_id for each in summary.of_therapists(accounts.supervised_by(actor.user_id), only_named=True)}
    mine -= set(cases.blocked_case_ids(actor.user_id))
    found = [(each, cases.row(each.case_id)) for each in walls.unseen(mine, actor.user_id)]
    return tuple(walls.opening(each, row.code) for each, row in found if row and row.status != CaseStatus.PURGED)


def read_openings(actor: Actor) -> tuple[Opening, ...]:
    with practice_unit(actor, Action.DAY_READ):
        return unseen_openings(actor)


def end_of_keeping(row: CaseRow) -> date:
    """The day from which the case may be purged, by the practice's rule."""
    held = [each.starts_at.date() for each in sessions.of_case(row.id) if not each.wrong]
    episode = episodes.current(row.id)
    last = max((*held, episode.ended_on or row.opened_on, row.opened_on))
    left = disclosures.last_at(row.id)
    rule, born = walls.retention(row.practice_id), cases.client_of(row).birth_date
    return kept_until(rule, last, born, left.date() if left else None)


_LEFT = {
    WallStep.LIFT_HOLD: (Action.HOLD_LIFT, WallStep.KEEP_HOLD),
    WallStep.PURGE: (Action.CASE_PURGE, WallStep.KEEP_RECORD),
}
_PEOPLE = frozenset({Role.THERAPIST, Role.SUPERVISOR, Role.ADMIN})


def _reason(reason: str) -> str:
    if too_short(reason):
        raise Invalid("A reason is needed.", {"reason": "Say why in a sentence that somebody else can judge."})
    return reason.strip()


def _done(unit: Unit, row: CaseRow, step: WallStep, reason: str, account_id: str | None = None) -> None:
    walls.add(row.id, step, unit.actor.user_id, _reason(reason), account_id)
    unit.why = step
    _settle(row)


def _settle(row: CaseRow) -> None:
    row.updated_at = clock.now()
    db.session.flush()
    summary.refresh(row.id)
