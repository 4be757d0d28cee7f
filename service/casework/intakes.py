"""Recording filled-in instruments, correcting them, and opening the events that an answer calls for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.instruments import find
from schemas.instruments.answer import Answers
from schemas.instruments.capture import CaptureContext, ContactContext
from schemas.instruments.definition import Instrument
from schemas.vocabulary import Action, ResponseStatus
from service.casework.gate import admit, case_unit
from service.casework.plans import bring_reviews_forward
from service.domain import clock
from service.domain.actors import Actor
from service.domain.intakes import Intake
from service.domain.scoring import score
from service.domain.triggers import FiredTrigger, fired
from service.errors import Conflict, Invalid, NotFound
from service.store import intakes, plans, sessions, summary
from service.store.base import db
from service.store.intakes import IntakeRow
from service.store.plans import Opening
from service.store.transaction import Unit, transaction

CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class IntakeDraft:
    """A response as filled in; `authored_at` is when the client answered (aware)."""

    instrument_key: str
    answers: Answers
    capture: CaptureContext
    contact_context: ContactContext
    authored_at: datetime
    session_id: str | None = None


@dataclass(frozen=True)
class Recorded:
    """The stored response and what its answers call for (prompts are shown, levels opened events)."""

    intake: Intake
    fired: tuple[FiredTrigger, ...]


@dataclass(frozen=True)
class Place:
    """Where a response belongs: its case and definition, and the response that it corrects, with the reason."""

    case_id: str
    instrument: Instrument
    amends: str | None = None
    reason: str = ""


def submit_intake(actor: Actor, case_id: str, draft: IntakeDraft) -> Recorded:
    """Keep a response, pinned to the definition's version and fingerprint. Raises Invalid naming the field."""
    instrument = _instrument(draft)
    with case_unit(actor, Action.INTAKE_SUBMIT, case_id) as (unit, _case):
        _check(draft, case_id)
        row = _row(actor, Place(case_id, instrument), draft)
        found = _open_events(unit, row, instrument, draft)
        unit.changed("intake", row.id, row.version, case_id=case_id)
        summary.refresh(case_id)
        return Recorded(intakes.value(row), found)


def amend_intake(actor: Actor, intake_id: str, draft: IntakeDraft, *, reason: str) -> Recorded:
    """Correct a response by a new one; the original stays. Raises Conflict when it was corrected already."""
    if not reason.strip():
        raise Invalid("A correction needs a reason.", {"reason": "Say why this log is corrected."})
    with transaction(actor, Action.INTAKE_AMEND, f"intake/{intake_id}") as unit:
        original = intakes.row(intake_id)
        admit(unit, original.case_id if original else None)
        if original is None:
            raise NotFound
        if intakes.value(original).replaced:
            raise Conflict("This log was corrected already. Correct the newer one.")
        instrument = find(original.instrument_key, original.instrument_version)
        _check(draft, original.case_id)
        row = _row(actor, Place(original.case_id, instrument, original.id, reason), draft)
        found = _open_events(unit, row, instrument, draft)
        unit.changed("intake", original.id, original.version, case_id=original.case_id)
        unit.changed("intake", row.id, row.version, case_id=row.case_id)
        summary.refresh(original.case_id)
        return Recorded(intakes.value(row), found)


def read_intake(actor: Actor, intake_id: str) -> Intake:
    with transaction(actor, Action.INTAKE_READ, f"intake/{intake_id}") as unit:
        row = intakes.row(intake_id)
        admit(unit, row.case_id if row else None)
        if row is None:
            raise NotFound
        return intakes.value(row)


def list_intakes(actor: Actor, case_id: str, instrument_key: str | None = None) -> tuple[Intake, ...]:
    """Responses in time order, corrected ones included."""
    with case_unit(actor, Action.INTAKE_READ, case_id):
        return intakes.of_case(case_id, instrument_key)


def _instrument(draft: IntakeDraft) -> Instrument:
    try:
        return find(draft.instrument_key)
    except LookupError as error:
        raise Invalid("There is no such instrument.", {"instrument_key": "Choose one of the register."}) from error


def _check(draft: IntakeDraft, case_id: str) -> None:
    if draft.authored_at > clock.now() + CLOCK_SKEW:
        raise Invalid("The time of the log does not fit.", {"authored_at": "A log cannot be dated in the future."})
    if draft.session_id is not None:
        session = sessions.row(draft.session_id)
        if session is None or session.case_id != case_id:
            raise Invalid("The session does not fit.", {"session_id": "There is no such session in this case."})


def _row(actor: Actor, place: Place, draft: IntakeDraft) -> IntakeRow:
    instrument, case_id, amends = place.instrument, place.case_id, place.amends
    row = intakes.new_row(case_id, actor.user_id)
    row.session_id, row.amends = draft.session_id, amends
    row.instrument_key, row.instrument_version = instrument.key, instrument.version
    row.fingerprint = instrument.fingerprint
    row.status = ResponseStatus.AMENDED if amends else ResponseStatus.COMPLETED
    row.authored_at, row.contact_context = draft.authored_at, draft.contact_context
    total = score(instrument, draft.answers).total
    row.total, row.prorated = total.value, total.prorated
    intakes.seal_content(row, draft.answers, draft.capture, place.reason)
    db.session.add(row)
    db.session.flush()
    return row


def _open_events(unit: Unit, row: IntakeRow, instrument: Instrument, draft: IntakeDraft) -> tuple[FiredTrigger, ...]:
    earlier = [each for each in intakes.of_case(row.case_id, row.instrument_key) if each.id != row.id]
    told = {key: answer for each in earlier for key, answer in each.answers.items()}
    found = fired(instrument, draft.answers, background=told)
    for each in found:
        if each.level is None or plans.open_event(row.case_id, each.rule, each.item) is not None:
            continue
        opening = Opening(each.level, each.rule, each.item, each.prompt)
        event = plans.add_event(row.case_id, opening, unit.actor.user_id)
        event.session_id, event.intake_id = row.session_id, row.id
        bring_reviews_forward(unit, event)
    return found
