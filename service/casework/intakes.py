"""Recording filled-in instruments, correcting them, and opening the events that an answer calls for."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.actions import Action
from schemas.instruments import find
from schemas.instruments.answer import Answers
from schemas.instruments.capture import CaptureChannel, CaptureContext, ContactContext
from schemas.instruments.definition import Instrument
from schemas.vocabulary import ResponseStatus, Role
from schemas.years import YEARS, is_year_taken
from service.casework.crisis import check_current
from service.casework.events import Given, meet_answers
from service.casework.forms import completed, is_worked_through
from service.casework.gate import admit, case_unit, practice_now
from service.casework.instruments import usable
from service.casework.joining import check_joinable, still_open
from service.domain import clock
from service.domain.actors import Actor
from service.domain.intakes import Intake, is_looked_at_by
from service.domain.modules import refused
from service.domain.scoring import score_if_any
from service.domain.standing import Telling, fired_by, is_hidden, readable
from service.domain.triggers import FiredTrigger
from service.errors import Conflict, Invalid, NotFound
from service.store import cases, intakes, summary
from service.store.base import db
from service.store.intakes import IntakeRow
from service.store.transaction import Unit, transaction

NOT_BY_HAND = "Only a connected system sends forms. Choose where the form was filled in."
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


@dataclass(frozen=True)
class Sitting:
    """Where answers were given; `intake_id` is None for a form that was left before its end."""

    case_id: str
    instrument: Instrument
    session_id: str | None
    intake_id: str | None
    context: ContactContext | None = None
    answered_at: datetime | None = None
    corrects: str | None = None


def submit_intake(actor: Actor, case_id: str, draft: IntakeDraft) -> Recorded:
    """Keep a response, pinned to the definition's version and fingerprint. Raises Invalid naming the field."""
    instrument = usable(actor, draft.instrument_key)
    whole = _completed(actor, instrument, draft)
    with case_unit(actor, Action.INTAKE_SUBMIT, case_id) as (unit, _case):
        check_current(actor.practice_id)
        return keep(unit, Place(case_id, instrument), whole)


def keep(unit: Unit, place: Place, draft: IntakeDraft) -> Recorded:
    """The same inside a transaction that has admitted the case: for a form that the client filled in alone."""
    _check_channel(unit.actor, draft.capture)
    _check(draft, place.instrument, place.case_id)
    row = _row(unit.actor, place, draft)
    found = _open_events(unit, row, place.instrument, draft)
    unit.changed("intake", row.id, row.version, case_id=place.case_id)
    summary.refresh(place.case_id)
    return Recorded(intakes.value(row), found)


def amend_intake(actor: Actor, intake_id: str, draft: IntakeDraft, *, reason: str) -> Recorded:
    """Correct a response by a new one; the original stays. Raises Conflict when it was corrected already."""
    if not reason.strip():
        raise Invalid("A correction needs a reason.", {"reason": "Say why this log is corrected."})
    whole = _completed_again(actor, intake_id, draft)
    with transaction(actor, Action.INTAKE_AMEND, f"intake/{intake_id}") as unit:
        original = intakes.row(intake_id)
        admit(unit, original.case_id if original else None)
        if original is None:
            raise NotFound
        if intakes.value(original).replaced:
            raise Conflict("This log was corrected already. Correct the newer one.")
        instrument = find(original.instrument_key, original.instrument_version)
        check_current(actor.practice_id)
        whole = replace(whole, session_id=still_open(whole.session_id))
        _check_channel(actor, whole.capture)
        _check(whole, instrument, original.case_id)
        row = _row(actor, Place(original.case_id, instrument, original.id, reason), whole)
        found = _open_events(unit, row, instrument, whole)
        unit.changed("intake", original.id, original.version, case_id=original.case_id)
        unit.changed("intake", row.id, row.version, case_id=row.case_id)
        summary.refresh(original.case_id)
        return Recorded(intakes.value(row), found)


def read_intake(actor: Actor, intake_id: str) -> Intake:
    """One response. What a system sent is looked at from then on, where the reader looks after the case."""
    with transaction(actor, Action.INTAKE_READ, f"intake/{intake_id}") as unit:
        row = intakes.row(intake_id)
        relation = cases.facts(actor, admit(unit, row.case_id if row else None)).relation
        if row is None or is_hidden(found := intakes.value(row), relation):
            raise NotFound
        if row.unseen_since is not None and is_looked_at_by(relation):
            _see(row)
        return found


def _see(row: IntakeRow) -> None:
    """From now on it waits no more. The case is held, so that its summary is worked out by one at a time."""
    cases.row(row.case_id, lock=True)
    intakes.mark_seen(row.id)
    summary.refresh(row.case_id)


def list_intakes(actor: Actor, case_id: str, instrument_key: str | None = None) -> tuple[Intake, ...]:
    """Responses that this reader may read one by one, in time order, corrected ones included."""
    with case_unit(actor, Action.INTAKE_READ, case_id) as (_unit, case):
        return readable(intakes.of_case(case_id, instrument_key), cases.facts(actor, case).relation)


def _completed(actor: Actor, instrument: Instrument, draft: IntakeDraft) -> IntakeDraft:
    """The draft with what an imported form works out. Before anything is written: expressions take their time."""
    if not is_worked_through(instrument):
        return draft
    now = practice_now(actor)
    db.session.rollback()  # SQLite has one writer, and expressions take their time
    return replace(draft, answers=completed(instrument, draft.answers, now))


def _completed_again(actor: Actor, intake_id: str, draft: IntakeDraft) -> IntakeDraft:
    """The same for a correction, once the reader of the original was admitted."""
    row = intakes.row(intake_id)
    is_imported = row is not None and find(row.instrument_key, row.instrument_version).origin is not None
    db.session.rollback()
    if not is_imported:
        return draft
    original = read_intake(actor, intake_id)
    return _completed(actor, find(original.instrument_key, original.instrument_version), draft)


def _check_channel(actor: Actor, capture: CaptureContext) -> None:
    """What a system sent says so, and nothing else does: its author is no person."""
    if (capture.channel is CaptureChannel.SENT) != (actor.role is Role.MACHINE):
        raise Invalid(NOT_BY_HAND, {"capture.channel": NOT_BY_HAND})


def _check(draft: IntakeDraft, instrument: Instrument, case_id: str) -> None:
    wrong = refused(instrument, draft.answers, draft.capture)
    if wrong:
        raise Invalid(" ".join(dict.fromkeys(wrong.values())), wrong)
    if not is_year_taken(draft.authored_at.year):
        raise Invalid("The time of the log does not fit.", {"authored_at": YEARS})
    if draft.authored_at > clock.now() + CLOCK_SKEW:
        raise Invalid("The time of the log does not fit.", {"authored_at": "A log cannot be dated in the future."})
    check_joinable(draft.session_id, case_id)


def _row(actor: Actor, place: Place, draft: IntakeDraft) -> IntakeRow:
    instrument, case_id, amends = place.instrument, place.case_id, place.amends
    row = intakes.new_row(case_id, actor.user_id)
    row.session_id, row.amends = draft.session_id, amends
    row.instrument_key, row.instrument_version = instrument.key, instrument.version
    row.fingerprint = instrument.fingerprint
    row.status = ResponseStatus.AMENDED if amends else ResponseStatus.COMPLETED
    row.authored_at, row.contact_context = draft.authored_at, draft.contact_context
    found = score_if_any(instrument, draft.answers)
    row.total, row.prorated = (found.total.value, found.total.prorated) if found else (None, False)
    row.unseen_since = clock.now() if draft.capture.channel is CaptureChannel.SENT else None
    intakes.seal_content(row, draft.answers, draft.capture, place.reason)
    db.session.add(row)
    db.session.flush()
    return row


def _open_events(unit: Unit, row: IntakeRow, instrument: Instrument, draft: IntakeDraft) -> tuple[FiredTrigger, ...]:
    at = Sitting(
        row.case_id, instrument, row.session_id, row.id, draft.contact_context, draft.authored_at, corrects=row.amends
    )
    return open_events(unit, at, draft.answers)


def open_events(unit: Unit, at: Sitting, answers: Answers) -> tuple[FiredTrigger, ...]:
    """Open or join the safety events that answers call for, inside a running transaction."""
    itself = tuple(filter(None, (at.intake_id, at.corrects)))
    now = clock.now()
    telling = Telling(at.instrument, answers, at.answered_at or now, now, at.context, itself)
    found = fired_by(telling, intakes.of_case(at.case_id))
    given = Given(at.case_id, at.session_id, at.intake_id, at.corrects, one_by_one=at.instrument.one_by_one)
    meet_answers(unit, given, found)
    return found
