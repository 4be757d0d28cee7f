"""Handing a form to the client on the practice's own device, and what a clinician does with what comes back.

The client's side is client_screen.py. Whatever ends a screen, the events that its answers call for are open at that
moment: none waits for somebody to look.
"""

from dataclasses import dataclass, replace

from schemas.actions import Action
from schemas.instruments import find
from schemas.instruments.answer import Answers
from schemas.instruments.capture import ContactContext, Interpreter, Privacy
from schemas.instruments.definition import Instrument
from schemas.vocabulary import HandoverMode, HandoverState
from service.casework import intakes as recording
from service.casework.crisis import check_current
from service.casework.forms import is_worked_through, work_through
from service.casework.gate import admit, case_unit, practice_now
from service.casework.instruments import usable
from service.casework.intakes import IntakeDraft, Place, Sitting
from service.casework.joining import check_joinable, still_open
from service.domain import clock
from service.domain import handovers as rules
from service.domain.access import decide
from service.domain.actors import Actor
from service.domain.handovers import Filling, Handover
from service.domain.intakes import Intake
from service.errors import Conflict, Invalid, NotFound
from service.store import cases, handovers, summary
from service.store.base import db
from service.store.handovers import HandoverRow
from service.store.transaction import Unit, transaction


@dataclass(frozen=True)
class HandoverDraft:
    """What a clinician settles before the device changes hands."""

    instrument_key: str
    mode: HandoverMode
    contact_context: ContactContext
    private: Privacy
    interpreter: Interpreter = Interpreter.NONE
    session_id: str | None = None
    with_once: bool = False


@dataclass(frozen=True)
class Made:
    """A hand-over and its code, which is kept nowhere else."""

    handover: Handover
    code: str


@dataclass(frozen=True)
class Review:
    """A hand-over with what was answered so far; no `filling` where nothing waits."""

    handover: Handover
    instrument: Instrument
    filling: Filling | None


def hand_over(actor: Actor, case_id: str, draft: HandoverDraft) -> Made:
    """Make a code that opens one form, once. Raises Invalid naming the field."""
    with case_unit(actor, Action.HANDOVER_MAKE, case_id) as (unit, _case):
        check_current(actor.practice_id)
        instrument = _handable(actor, draft.instrument_key)
        check_joinable(draft.session_id, case_id)
        capture = rules.capture_for(draft.private, draft.interpreter)
        row = handovers.new_row(case_id, actor.user_id)
        # Which questions an imported form asks depends on the answers, so it stands on one page.
        row.session_id, row.mode = draft.session_id, HandoverMode.PAGE if is_worked_through(instrument) else draft.mode
        row.instrument_key, row.instrument_version = instrument.key, instrument.version
        code = handovers.give_code(row)
        handovers.seal(row, Filling(capture, draft.contact_context, draft.with_once, {}))
        db.session.add(row)
        db.session.flush()
        unit.why = f"handover/{row.id}"
        return Made(handovers.value(row), code)


def renew_code(actor: Actor, handover_id: str) -> Made:
    """A fresh code in place of one that was lost. Raises Conflict once the screen was opened or the time is over."""
    with transaction(actor, Action.HANDOVER_MAKE, f"handover/{handover_id}") as unit:
        row = admitted(unit, handover_id)
        if handovers.value(row).state is not HandoverState.WAITING:
            raise Conflict("This form was opened or ended already. Hand it over anew.")
        code = handovers.give_code(row)
        row.updated_at = clock.now()
        db.session.flush()
        return Made(handovers.value(row), code)


def list_handovers(actor: Actor, case_id: str) -> tuple[Handover, ...]:
    """Newest first."""
    with case_unit(actor, Action.HANDOVER_READ, case_id):
        return handovers.of_case(case_id)


def read_handover(actor: Actor, handover_id: str) -> Review:
    """How it stands; with the answers once the screen was left before the end, for whoever may settle them."""
    with transaction(actor, Action.HANDOVER_READ, f"handover/{handover_id}") as unit:
        row = admitted(unit, handover_id)
        value, instrument = handovers.value(row), instrument_of(row)
        shown = value.waits_for_review and _may_settle(actor, row.case_id)
        return Review(value, instrument, handovers.filling(row, instrument) if shown else None)


def end_handover(actor: Actor, handover_id: str) -> Handover:
    """Call off a code, or close the client's screen; answers so far wait for review. Raises Conflict once it ended."""
    with transaction(actor, Action.HANDOVER_END, f"handover/{handover_id}") as unit:
        row = admitted(unit, handover_id)
        if not handovers.value(row).live:
            raise Conflict("This form has ended already.")
        close(unit, row)
        db.session.flush()
        return handovers.value(row)


def take(actor: Actor, handover_id: str) -> Intake:
    """Record an unfinished form as it is; what was not reached counts as not asked. Raises Conflict."""
    worked = _worked_through(actor, handover_id)
    with transaction(actor, Action.HANDOVER_TAKE, f"handover/{handover_id}") as unit:
        row = admitted(unit, handover_id)
        filling = _unfinished(row)
        if worked is not None:
            filling = replace(filling, answers=worked)
        intake = record_filling(unit, row, filling)
        settle(row, HandoverState.TAKEN, intake)
        return intake


def _worked_through(actor: Actor, handover_id: str) -> Answers | None:
    """The waiting answers with what an imported form works out; None for what there is nothing to work out. Before
    anything is written: expressions take their time.
    """
    review = read_handover(actor, handover_id)
    if review.filling is None or not is_worked_through(review.instrument):
        return None
    now = practice_now(actor)
    db.session.rollback()
    return work_through(review.instrument, review.filling.answers, now).answers


def discard(actor: Actor, handover_id: str) -> Handover:
    """Erase the answers of an unfinished form for good; events that they opened stay. Raises Conflict."""
    with transaction(actor, Action.HANDOVER_END, f"handover/{handover_id}") as unit:
        row = admitted(unit, handover_id)
        _unfinished(row)
        if row.state == HandoverState.OPEN:
            close(unit, row)
        handovers.end(row, HandoverState.DISCARDED)
        db.session.flush()
        return handovers.value(row)


def admitted(unit: Unit, handover_id: str) -> HandoverRow:
    row = handovers.row(handover_id)
    admit(unit, row.case_id if row else None)
    if row is None:
        raise NotFound
    db.session.refresh(row)
    return row


def instrument_of(row: HandoverRow) -> Instrument:
    return find(row.instrument_key, row.instrument_version)


def record_filling(unit: Unit, row: HandoverRow, filling: Filling) -> Intake:
    draft = IntakeDraft(
        instrument_key=row.instrument_key,
        answers=filling.answers,
        capture=filling.capture,
        contact_context=filling.contact_context,
        authored_at=filling.last_at or clock.now(),
        session_id=still_open(row.session_id),
    )
    return recording.keep(unit, Place(row.case_id, instrument_of(row)), draft).intake


def settle(row: HandoverRow, state: HandoverState, intake: Intake) -> None:
    row.intake_id = intake.id
    handovers.end(row, state)


def close(unit: Unit, row: HandoverRow) -> None:
    """End a code or a screen before its form was finished; events that the answers call for open now."""
    if row.state == HandoverState.WAITING:
        lapsed = handovers.value(row).state is HandoverState.LAPSED
        handovers.end(row, HandoverState.LAPSED if lapsed else HandoverState.CANCELLED)
        return
    instrument = instrument_of(row)
    filling = handovers.filling(row, instrument)
    state = rules.ended(row.answered)
    if filling is not None and filling.answers:
        session_id = still_open(row.session_id)
        at = Sitting(row.case_id, instrument, session_id, None, filling.contact_context, filling.last_at)
        recording.open_events(unit, at, filling.answers)
        summary.refresh(row.case_id)
    handovers.end(row, state, keep_answers=state is HandoverState.UNFINISHED)


def _may_settle(actor: Actor, case_id: str) -> bool:
    case = cases.row(case_id)
    return case is not None and decide(Action.HANDOVER_END, actor.role, cases.facts(actor, case)).allowed


def _handable(actor: Actor, key: str) -> Instrument:
    instrument = usable(actor, key)
    if not rules.may_be_handed_over(instrument):
        words = "A clinician asks these questions; they are never handed over."
        raise Invalid("This form is not handed over.", {"instrument_key": words})
    return instrument


def _unfinished(row: HandoverRow) -> Filling:
    filling = handovers.filling(row, instrument_of(row)) if handovers.value(row).waits_for_review else None
    if filling is None:
        raise Conflict("No answers wait here: the form is open, finished, or was settled already.")
    return filling
