"""Safety plans in versions, and copies of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.actions import Action
from schemas.plan_codes import PlanStep
from schemas.release_codes import ContentClass, Door
from schemas.vocabulary import CopyAnswer, PlanStatus, PlanType
from service.casework.copies import CopyWish, check_wish
from service.casework.disclosures import disclose
from service.casework.gate import admit, case_unit, check_version, practice_today
from service.casework.leaks import let_leave
from service.casework.records import collected
from service.domain import clock
from service.domain.actors import Actor
from service.domain.disclosures import Left, to_the_client
from service.domain.protected import of_plan
from service.domain.safety import (
    Plan,
    PlanLine,
    check_lines,
    copy_lines,
    copy_passages,
    next_review,
)
from service.errors import Conflict, Invalid, NotFound
from service.store import plans, summary
from service.store.base import db
from service.store.cases import CaseRow
from service.store.plans import PlanRow
from service.store.transaction import Unit, transaction


@dataclass(frozen=True)
class PlanDraft:
    """A plan version as typed."""

    lines: Mapping[str, PlanLine]
    made_with_client: bool = False
    private_session: bool = False


def start_plan(actor: Actor, case_id: str, plan_type: PlanType) -> Plan:
    """A draft: a first version, or the next one with the lines of the version in use copied forward.

    Raises Conflict when a draft of this plan waits already.
    """
    with case_unit(actor, Action.PLAN_WRITE, case_id):
        earlier = [each for each in plans.of_case(case_id) if each.type is plan_type]
        if any(each.status is PlanStatus.DRAFT for each in earlier):
            raise Conflict("A draft of this plan is open already. Continue with it.")
        newest = earlier[0] if earlier else None
        row = plans.new_plan(
            case_id,
            plan_type,
            actor.user_id,
            plan_id=newest.plan_id if newest else None,
            number=newest.number + 1 if newest else 1,
        )
        _fill(actor, row, PlanDraft(newest.lines if newest else {}))
        db.session.add(row)
        db.session.flush()
        return plans.plan_value(row)


def save_plan(actor: Actor, plan_row_id: str, draft: PlanDraft, *, version: int) -> Plan:
    """Keep a draft seen as `version`. Raises Conflict with both texts, Invalid naming the field."""
    with transaction(actor, Action.PLAN_WRITE, f"plan/{plan_row_id}") as unit:
        row = _admitted(unit, plan_row_id)
        stored = plans.plan_value(row)
        _check_draft(stored)
        check_version(seen=version, stored=row.version, yours=_texts(draft.lines), theirs=_texts(stored.lines))
        _fill(actor, row, draft)
        db.session.flush()
        kept = plans.plan_value(row)
        if [*of_plan(kept)] != [*of_plan(stored)]:
            unit.protects_anew(row.case_id)
        return kept


def activate_plan(actor: Actor, plan_row_id: str, *, version: int) -> Plan:
    """Put a draft in use; the version used so far is kept as superseded."""
    with transaction(actor, Action.PLAN_ACTIVATE, f"plan/{plan_row_id}") as unit:
        row = _admitted(unit, plan_row_id)
        stored = plans.plan_value(row)
        _check_draft(stored)
        check_version(seen=version, stored=row.version)
        if not any(line.text.strip() for line in stored.lines.values()):
            first = next(iter(stored.lines))
            raise Invalid("The plan is empty.", {first: "Write at least one part before putting the plan in use."})
        _supersede(unit, row)
        row.status, row.updated_at = PlanStatus.ACTIVE, clock.now()
        row.reviewed_on = practice_today(actor)
        row.next_review = next_review(row.reviewed_on)
        plans.add_step(row, PlanStep.PUT_IN_USE, actor.user_id)
        return _announce(unit, row)


def review_plan(actor: Actor, plan_row_id: str, *, version: int) -> Plan:
    """The client says the plan in use still fits: the review clock starts anew."""
    with transaction(actor, Action.PLAN_ACTIVATE, f"plan/{plan_row_id}") as unit:
        row = _admitted(unit, plan_row_id)
        check_version(seen=version, stored=row.version)
        if row.status != PlanStatus.ACTIVE:
            raise Conflict("Only a plan in use can be reviewed.")
        unit.why = "reviewed"
        row.reviewed_on, row.updated_at = practice_today(actor), clock.now()
        row.next_review, row.doubt = next_review(row.reviewed_on), None
        plans.add_step(row, PlanStep.LOOKED_AT, actor.user_id)
        return _announce(unit, row)


def withdraw_plan(actor: Actor, plan_row_id: str, *, version: int) -> Plan:
    """Take a draft or a plan in use out of use; it stays readable."""
    with transaction(actor, Action.PLAN_ACTIVATE, f"plan/{plan_row_id}") as unit:
        row = _admitted(unit, plan_row_id)
        check_version(seen=version, stored=row.version)
        if row.status not in (PlanStatus.ACTIVE, PlanStatus.DRAFT):
            raise Conflict("This version is not in use.")
        unit.why = "withdrawn"
        was_active = row.status == PlanStatus.ACTIVE
        row.status, row.updated_at = PlanStatus.WITHDRAWN, clock.now()
        plans.add_step(row, PlanStep.TAKEN_BACK, actor.user_id)
        db.session.flush()
        if was_active:
            unit.changed("plan", row.id, row.version, case_id=row.case_id)
        summary.refresh(row.case_id)
        return plans.plan_value(row)


def read_plan(actor: Actor, plan_row_id: str) -> tuple[Plan, ...]:
    """This version first, then every version of the same plan, newest first."""
    with transaction(actor, Action.PLAN_READ, f"plan/{plan_row_id}") as unit:
        row = _admitted(unit, plan_row_id)
        return (plans.plan_value(row), *plans.versions(row.plan_id))


def copy_plan(actor: Actor, plan_row_id: str, wish: CopyWish) -> Plan:
    """The plan for a client's own copy, after the copy question was asked. Where it will be kept is not recorded.

    Raises Invalid for what is missing and for each find of the leak guard that stands in the way.
    """
    check_wish(wish)
    with transaction(actor, Action.PLAN_COPY, f"plan/{plan_row_id}") as unit:
        row, case_row = admitted_both(unit, plan_row_id)
        if row.status != PlanStatus.ACTIVE:
            raise Conflict("Copies are made of a plan in use.")
        plan = plans.plan_value(row)
        if not copy_lines(plan):
            raise Invalid("No line of this plan is ticked for the client's own copy.")
        let_leave(unit, collected(case_row), copy_passages(plan), wish.confirmed)
        disclose(unit, case_row, _copied(plan, wish), to_the_client())
        return plan


def make_no_copy(actor: Actor, plan_row_id: str, answer: CopyAnswer) -> None:
    """Keep the answer to the copy question where no copy is made: nothing at all, or reading the lines aloud."""
    with transaction(actor, Action.PLAN_COPY, f"plan/{plan_row_id}") as unit:
        _admitted(unit, plan_row_id)
        unit.why = f"no copy made: {answer}"


def _copied(plan: Plan, wish: CopyWish) -> Left:
    """What leaves is the ticked lines; the digest is of their words under the chosen title."""
    lines = copy_lines(plan)
    words = "\n".join([wish.title, *(f"{each.label}: {text}" for each, text in lines)])
    shape = ("Small card",) if wish.answer is CopyAnswer.CARD else ()
    sections = (plan.type.label, *shape, *(each.label for each, _text in lines))
    return Left(Door.PLAN_COPY, (ContentClass.SUMMARY,), sections, hashlib.sha256(words.encode()).hexdigest())


def _admitted(unit: Unit, plan_row_id: str) -> PlanRow:
    return admitted_both(unit, plan_row_id)[0]


def admitted_both(unit: Unit, plan_row_id: str) -> tuple[PlanRow, CaseRow]:
    """The version and its case, permission asked."""
    row = plans.plan_row(plan_row_id)
    case_row = admit(unit, row.case_id if row else None)
    if row is None:
        raise NotFound
    return row, case_row


def _check_draft(plan: Plan) -> None:
    if plan.status is not PlanStatus.DRAFT:
        raise Conflict("This version is fixed. Start a new version to change the plan.")


def _fill(actor: Actor, row: PlanRow, draft: PlanDraft) -> None:
    plans.put_lines(row, check_lines(PlanType(row.type), draft.lines))
    row.made_with_client, row.private_session = draft.made_with_client, draft.private_session
    row.reviewed_on = practice_today(actor)
    row.next_review = next_review(row.reviewed_on)


def _supersede(unit: Unit, newer: PlanRow) -> None:
    older = plans.active_row(newer.plan_id)
    if older is not None:
        older.status, older.updated_at = PlanStatus.SUPERSEDED, clock.now()
        plans.add_step(older, PlanStep.REPLACED, unit.actor.user_id)
        db.session.flush()
        unit.changed("plan", older.id, older.version, case_id=older.case_id)


def _announce(unit: Unit, row: PlanRow) -> Plan:
    db.session.flush()
    unit.changed("plan", row.id, row.version, case_id=row.case_id)
    summary.refresh(row.case_id)
    return plans.plan_value(row)


def _texts(lines: Mapping[str, PlanLine]) -> dict[str, str]:
    return {key: line.text for key, line in lines.items()}
