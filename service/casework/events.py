"""Safety events: opening, joining, following up, the second reader, re-opening, and what was entered in error.

Rule: an event is never merged or removed. Each thing that happens to it is a row of its own, and only a second reader
can say that one was entered in error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.actions import Action
from schemas.event_codes import Awaiting, EventStep, ReadingVerdict
from schemas.plan_codes import PlanDoubt
from schemas.vocabulary import EventLevel, EventStatus, Relation, Role
from service.casework.gate import (
    admit,
    case_unit,
    check_version,
    opened_for,
    practice_now,
    practice_today,
    practice_unit,
)
from service.casework.joining import check_joinable
from service.casework.plan_reviews import want_look
from service.domain import access, clock
from service.domain.accounts import Practice
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.crisis import CrisisPanel
from service.domain.events import (
    NOTICED,
    PLAN_FRESH,
    UNREAD,
    UNREAD_RESTRICTED,
    Again,
    FollowUp,
    Happened,
    Meeting,
    SafetyEvent,
    acted,
    check_follow_up,
    check_prompt,
    check_reason,
    may_step,
    meet,
    step_of,
)
from service.domain.safety import review_wanted_within
from service.domain.triggers import FiredTrigger
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import accounts, cases, crisis, events, intakes, plans, summary
from service.store.base import db
from service.store.cases import CaseRow
from service.store.events import EventRow, Opening, StepContent
from service.store.transaction import Unit, transaction


@dataclass(frozen=True)
class EventDesk:
    """One event with what its page needs, read with one audit row. `remote`: its answer came in from elsewhere; `stuck`
    says what to do where nobody can read it as second one.
    """

    practice: Practice
    case: Case
    event: SafetyEvent
    history: tuple[Happened, ...]
    later: tuple[SafetyEvent, ...]
    crisis: CrisisPanel
    remote: bool
    stuck: str = ""


@dataclass(frozen=True)
class ReadingDesk:
    """What a second reader sees: the event and its history, of the case its code only. `barred` says why this reader
    cannot answer, `no_step` why the event cannot be stepped.
    """

    code: str
    event: SafetyEvent
    history: tuple[Happened, ...]
    barred: str
    no_step: str


@dataclass(frozen=True)
class Reading:
    """A second reader's answer as typed."""

    verdict: ReadingVerdict
    text: str = ""


@dataclass(frozen=True)
class Given:
    """Where answers were given; `intake_id` is None for a form that was left before its end. What was given
    `one_by_one` joins nothing but the event of the row that it corrects.
    """

    case_id: str
    session_id: str | None = None
    intake_id: str | None = None
    corrects: str | None = None
    one_by_one: bool = False


@dataclass(frozen=True)
class WaitingReading:
    """One event of the queue of second readers."""

    code: str
    event: SafetyEvent
    since: datetime


def open_event(
    actor: Actor, case_id: str, level: EventLevel, *, prompt: str, session_id: str | None = None
) -> SafetyEvent:
    """Open an event that a person noticed."""
    check_prompt(prompt)
    with case_unit(actor, Action.EVENT_OPEN, case_id) as (unit, _row):
        check_joinable(session_id, case_id)
        return _opened(unit, Given(case_id, session_id), Opening(level, NOTICED, "", prompt))


def reopen_event(actor: Actor, event_id: str, level: EventLevel, *, prompt: str) -> SafetyEvent:
    """A new event that names the one it takes up again. Raises Conflict while the older one is open."""
    check_prompt(prompt)
    with transaction(actor, Action.EVENT_OPEN, f"event/{event_id}") as unit:
        row = _admitted(unit, event_id)
        if row.status == EventStatus.OPEN:
            raise Conflict("This event is open. Record what is new in its follow-up.")
        why = events.opening_of(row)
        return _opened(unit, Given(row.case_id), Opening(level, why.rule, why.item, prompt), earlier_id=row.id)


def read_event(actor: Actor, event_id: str) -> SafetyEvent:
    with transaction(actor, Action.EVENT_READ, f"event/{event_id}") as unit:
        return events.value(_admitted(unit, event_id))


def read_desk(actor: Actor, event_id: str) -> EventDesk:
    """The event with its case, its history, the events that took it up again, and the crisis lines."""
    with transaction(actor, Action.EVENT_READ, f"event/{event_id}") as unit:
        row = _admitted(unit, event_id)
        case = _case_of(row)
        return EventDesk(
            practice=accounts.practice(case.practice_id),
            case=opened_for(actor, case),
            event=events.value(row),
            history=events.history(row),
            later=tuple(each for each in events.of_case(row.case_id) if each.earlier_id == row.id),
            crisis=crisis.panel(case.practice_id),
            remote=_came_from_elsewhere(row),
            stuck=_why_unread(row, case),
        )


def dispose_event(actor: Actor, event_id: str, follow_up: FollowUp, *, version: int) -> SafetyEvent:
    """Record what was done. Raises Invalid naming what is missing, Conflict for an event that has ended.

    A follow-up of an event to respond to now waits for a second reader.
    """
    with transaction(actor, Action.EVENT_DISPOSE, f"event/{event_id}") as unit:
        row = _admitted(unit, event_id)
        check_version(seen=version, stored=row.version, yours={"text": follow_up.text})
        _check_alive(row)
        check_follow_up(follow_up, practice_today(actor), clock.now(), earlier=_earlier_day(actor, row))
        events.put_follow_up(row, follow_up, actor.user_id)
        if row.level == EventLevel.NOW:
            _ask_reader(row, Awaiting.FOLLOW_UP)
        _keep(unit, row, EventStep.FOLLOWED_UP, follow_up.text, follow_up)
        return _changed(unit, row)


def say_error(actor: Actor, event_id: str, reason: str, *, version: int) -> SafetyEvent:
    """Say that an event was entered in error. It stays as it is until a second reader agrees."""
    check_reason(reason)
    with transaction(actor, Action.EVENT_ERROR, f"event/{event_id}") as unit:
        row = _admitted(unit, event_id)
        check_version(seen=version, stored=row.version, yours={"reason": reason})
        if row.status == EventStatus.WRONG or row.awaiting == Awaiting.ERROR:
            raise Conflict("This was said already.")
        _ask_reader(row, Awaiting.ERROR)
        _keep(unit, row, EventStep.ERROR_SAID, reason)
        return _changed(unit, row)


def read_second_desk(actor: Actor, event_id: str) -> ReadingDesk:
    """What waits for a second reader, as far as it concerns the reading."""
    with transaction(actor, Action.EVENT_SECOND_READ, f"event/{event_id}") as unit:
        row = _admitted_to_read(unit, event_id)
        event, history = events.value(row), events.history(row)
        return ReadingDesk(
            code=_case_of(row).code,
            event=event,
            history=history,
            barred=barred_from(actor, row, history),
            no_step=may_step(event, history, fresh_plan=_fresh_plan(row.case_id, practice_today(actor))),
        )


def read_second(actor: Actor, event_id: str, reading: Reading, *, version: int) -> SafetyEvent:
    """Answer as second reader. Raises NotAllowed for whoever recorded what is read, Invalid naming the field."""
    with transaction(actor, Action.EVENT_SECOND_READ, f"event/{event_id}") as unit:
        row = _admitted_to_read(unit, event_id)
        history = events.history(row)
        if row.awaiting is None:
            raise Conflict("Nothing waits for a second reader here.")
        barred = barred_from(actor, row, history)
        if barred:
            raise NotAllowed(barred)
        check_version(seen=version, stored=row.version, yours={"text": reading.text})
        step = step_of(Awaiting(row.awaiting), reading.verdict)
        if reading.verdict is not ReadingVerdict.AGREED:
            check_reason(reading.text, "text")
        _take(actor, row, step, history)
        _keep(unit, row, step, reading.text)
        return _changed(unit, row)


def waiting_readings(actor: Actor) -> tuple[WaitingReading, ...]:
    """What waits for this second reader, longest first; what they recorded themselves is left out."""
    with practice_unit(actor, Action.READINGS_LIST):
        found = ((row, _case_of(row)) for row in events.awaiting(cases.of_practice(actor.practice_id)))
        return tuple(
            WaitingReading(case.code, events.value(row), row.awaiting_since or row.updated_at)
            for row, case in found
            if may_read(actor, case) and not barred_from(actor, row, events.history(row))
        )


def meet_answers(unit: Unit, given: Given, found: Sequence[FiredTrigger]) -> None:
    """Let each answer that calls for a response join the event that it opened earlier, or open its own."""
    for each in found:
        if each.level is None:
            continue
        more = dict.fromkeys(one.prompt for one in found if one.item == each.item and one.level is None)
        _meet(unit, given, Opening(each.level, each.rule, each.item, each.prompt, each.behind, tuple(more)))


def barred_from(actor: Actor, row: EventRow, history: tuple[Happened, ...]) -> str:
    """Why somebody who may see the event cannot answer as its second reader; "" when they can."""
    if row.awaiting is None:
        return "Nothing waits for a second reader here."
    if actor.user_id in acted(history):
        return "Somebody else reads this: you recorded it."
    if actor.role is not Role.SUPERVISOR and crisis.reader(actor.user_id) is None:
        return "A supervisor, or a therapist whom the practice named, reads this."
    return ""


def may_read(actor: Actor, case: CaseRow) -> bool:
    return access.decide(Action.EVENT_SECOND_READ, actor.role, cases.facts(actor, case)).allowed


def bring_reviews_forward(unit: Unit, event: EventRow) -> None:
    """Move the review of the plans in use to where this event wants it; never later than it stood."""
    within = review_wanted_within(EventLevel(event.level), events.opening_of(event).rule)
    if within is not None:
        want_look(unit, event.case_id, PlanDoubt.EVENT, within)


def _meet(unit: Unit, given: Given, why: Opening) -> None:
    at, row = practice_now(unit.actor), _latest(given, why)
    latest = events.value(row) if row else None
    again = Again(why.level, why.answer, given.session_id)
    last = events.last_session(row) if row else None
    meeting = meet(latest, again, last, at, fresh_plan=_fresh_plan(given.case_id, at.date()))
    if row is None or meeting is Meeting.OPENS:
        earlier = row.id if row is not None and row.status != EventStatus.OPEN else None
        _opened(unit, given, why, earlier_id=earlier)
        return
    step = EventStep.JOINED
    if meeting is Meeting.DUE:
        step, row.level = EventStep.DUE_AGAIN, why.level
        events.open_again(row, given.session_id)
    row.updated_at = clock.now()
    events.add_step(row, step, unit.actor.user_id, StepContent(), given=(given.session_id, given.intake_id))
    bring_reviews_forward(unit, row)
    _changed(unit, row)


def _latest(given: Given, why: Opening) -> EventRow | None:
    """The newest event that the same question opened and that an answer may join."""
    row = events.latest(given.case_id, why.rule, why.item)
    if row is None or not given.one_by_one:
        return row
    return row if row.intake_id is not None and row.intake_id == given.corrects else None


def _opened(unit: Unit, given: Given, why: Opening, *, earlier_id: str | None = None) -> SafetyEvent:
    row = events.add(given.case_id, why, unit.actor.user_id)
    row.session_id, row.earlier_id, row.intake_id = given.session_id, earlier_id, given.intake_id
    bring_reviews_forward(unit, row)
    return _changed(unit, row)


def _take(actor: Actor, row: EventRow, step: EventStep, history: tuple[Happened, ...]) -> None:
    """Change the event as the second reader said."""
    was, row.awaiting, row.awaiting_since = row.awaiting, None, None
    match step:
        case EventStep.MORE:
            events.open_again(row)
        case EventStep.STEPPED:
            barred = may_step(events.value(row), history, fresh_plan=_fresh_plan(row.case_id, practice_today(actor)))
            if barred:
                raise Invalid("This event cannot be stepped.", {"verdict": barred})
            row.level = EventLevel.TODAY
        case EventStep.ERROR_AGREED:
            row.status, row.check_on = EventStatus.WRONG, None
        case _:
            pass
    if was == Awaiting.ERROR and step is EventStep.ERROR_REFUSED and _unread(row, history):
        _ask_reader(row, Awaiting.FOLLOW_UP)
    row.updated_at = clock.now()


def _unread(row: EventRow, history: tuple[Happened, ...]) -> bool:
    """Whether a follow-up of an event to respond to now has not been read by anybody else yet."""
    steps = [each.step for each in history if each.step not in (EventStep.ERROR_SAID, EventStep.ERROR_REFUSED)]
    answered = (EventStep.READ, EventStep.MORE, EventStep.STEPPED)
    latest = next((each for each in reversed(steps) if each in (EventStep.FOLLOWED_UP, *answered)), None)
    return row.level == EventLevel.NOW and latest is EventStep.FOLLOWED_UP


def _ask_reader(row: EventRow, what: Awaiting) -> None:
    """The time counts from the first thing that nobody has read yet."""
    row.awaiting_since = row.awaiting_since or clock.now()
    row.awaiting = Awaiting.ERROR if row.awaiting == Awaiting.ERROR else what


def _check_alive(row: EventRow) -> None:
    if row.status in (EventStatus.ENDED, EventStatus.WRONG):
        raise Conflict("This event has ended. Take it up again as a new event that names it.")


def _earlier_day(actor: Actor, row: EventRow) -> date | None:
    """The day of the latest follow-up, on the clocks of the practice."""
    zone = accounts.practice(actor.practice_id).zone
    times = [each.at for each in events.history(row) if each.step is EventStep.FOLLOWED_UP]
    return clock.local(max(times), zone).date() if times else None


def _fresh_plan(case_id: str, today: date) -> bool:
    return any(row.reviewed_on >= today - PLAN_FRESH for row in plans.active_rows(case_id))


def _keep(unit: Unit, row: EventRow, step: EventStep, text: str, follow_up: FollowUp | None = None) -> None:
    events.add_step(row, step, unit.actor.user_id, StepContent("" if follow_up else text, follow_up))


def _changed(unit: Unit, row: EventRow) -> SafetyEvent:
    db.session.flush()
    unit.changed("event", row.id, row.version, case_id=row.case_id)
    summary.refresh(row.case_id)
    return events.value(row)


def _why_unread(row: EventRow, case: CaseRow) -> str:
    """What to do where something waits for a second reader and nobody can be one; empty where somebody can."""
    if row.awaiting is None:
        return ""
    history = events.history(row)
    active = (each for each in accounts.people(case.practice_id) if each.active)
    people = (Actor(each.id, each.practice_id, each.role) for each in active)
    if any(may_read(each, case) and not barred_from(each, row, history) for each in people):
        return ""
    return UNREAD_RESTRICTED if case.sealed else UNREAD


def _came_from_elsewhere(row: EventRow) -> bool:
    intake = intakes.row(row.intake_id) if row.intake_id else None
    return intake is not None and intakes.value(intake).capture.channel.is_remote


def _case_of(row: EventRow) -> CaseRow:
    return db.session.get_one(CaseRow, row.case_id)


def _admitted(unit: Unit, event_id: str) -> EventRow:
    row = events.row_of(event_id)
    admit(unit, row.case_id if row else None)
    if row is None:
        raise NotFound
    return row


def _admitted_to_read(unit: Unit, event_id: str) -> EventRow:
    """For whoever is only named as second reader, there is nothing of the case but the event that waits."""
    row = _admitted(unit, event_id)
    if row.awaiting is None and cases.facts(unit.actor, _case_of(row)).relation is Relation.READER:
        raise NotFound
    return row
