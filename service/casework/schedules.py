"""How often each instrument is due on a case: agreeing on something else than usual, and recording that one was
declined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.actions import Action
from schemas.instruments.beside import beside
from schemas.instruments.definition import Instrument, Status
from schemas.vocabulary import Rhythm
from service.casework.gate import admit, case_unit, check_version, opened_for, practice_now, practice_today
from service.casework.instruments import in_use, visible
from service.casework.intakes import CLOCK_SKEW
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.module_times import ModuleAsked, ModuleStanding, first_due, standings_of, worst
from service.domain.schedules import (
    LONGEST,
    SHORTEST,
    Asked,
    Refusal,
    Schedule,
    Setting,
    Standing,
    asked_of,
    next_due,
    standing_of,
)
from service.errors import Conflict, Invalid, NotFound
from service.store import module_times, schedules, summary
from service.store.base import db
from service.store.transaction import transaction


@dataclass(frozen=True)
class ScheduleDraft:
    """What is wished for: an own interval needs its days, anything but the usual a reason."""

    rhythm: Rhythm
    days: int | None = None
    until: date | None = None
    why: str = ""


@dataclass(frozen=True)
class ScheduleLine:
    """One instrument on the case: what was agreed, when the client was last asked, what follows; and each module of one
    that is due module by module.
    """

    instrument: Instrument
    schedule: Schedule
    last_at: datetime | None
    declined_at: datetime | None
    next_due: date | None
    standing: Standing
    modules: tuple[ModuleStanding, ...] = ()

    @property
    def version(self) -> int | None:
        return self.schedule.version


@dataclass(frozen=True)
class ScheduleDesk:
    """Everything about the schedule of one case."""

    case: Case
    lines: tuple[ScheduleLine, ...]
    refusals: tuple[Refusal, ...]


def read_schedules(actor: Actor, case_id: str) -> ScheduleDesk:
    """Every instrument in use, those with a cadence first."""
    with case_unit(actor, Action.INTAKE_READ, case_id) as (_unit, row):
        return ScheduleDesk(opened_for(actor, row), _lines(actor, case_id), schedules.refusals(case_id))


def set_schedule(
    actor: Actor, case_id: str, instrument_key: str, draft: ScheduleDraft, *, version: int | None
) -> ScheduleLine:
    """Agree on how often; `version` is the one seen, None where nothing was agreed before. Raises Invalid, Conflict."""
    instrument = _instrument(actor, instrument_key)
    with case_unit(actor, Action.SCHEDULE_SET, case_id):
        setting = _setting(draft, practice_today(actor))
        row = schedules.row(case_id, instrument.key)
        stored = schedules.value(row)
        check_version(
            seen=version or 0, stored=stored.version or 0, yours=_texts(setting, draft.why), theirs=_theirs(stored)
        )
        schedules.fill(schedules.put(row, case_id, instrument.key), setting, draft.why, actor.user_id)
        db.session.flush()
        summary.refresh(case_id)
        return next(each for each in _lines(actor, case_id) if each.instrument.key == instrument.key)


def record_refusal(actor: Actor, case_id: str, instrument_key: str, declined_at: datetime) -> Refusal:
    """The client was asked and declined: an answer, which clears what is due until the next due date."""
    instrument = _instrument(actor, instrument_key)
    if declined_at > clock.now() + CLOCK_SKEW:
        raise Invalid("The time does not fit.", {"declined_at": "Nobody can decline in the future."})
    with case_unit(actor, Action.INTAKE_DECLINE, case_id):
        row = schedules.add_refusal(case_id, instrument.key, declined_at, actor.user_id)
        summary.refresh(case_id)
        return schedules.refusal_value(row)


def withdraw_refusal(actor: Actor, refusal_id: str) -> Refusal:
    """Take back a refusal that was recorded by mistake; it stays in the database and in the audit."""
    with transaction(actor, Action.INTAKE_DECLINE, f"refusal/{refusal_id}") as unit:
        row = schedules.refusal_row(refusal_id)
        admit(unit, row.case_id if row else None)
        if row is None:
            raise NotFound
        if row.withdrawn_at is not None:
            raise Conflict("This was withdrawn already.")
        unit.why = "withdrawn"
        row.withdrawn_at = clock.now()
        db.session.flush()
        summary.refresh(row.case_id)
        return schedules.refusal_value(row)


def _lines(actor: Actor, case_id: str) -> tuple[ScheduleLine, ...]:
    agreed, asked = schedules.of_case(case_id), schedules.asked(case_id)
    modules = module_times.asked_in_modules(case_id, asked)
    active = (each for each in in_use(actor) if each.status is Status.ACTIVE)
    offered = sorted(active, key=lambda each: each.cadence is None and not beside(each).modules)
    at = practice_now(actor)
    return tuple(
        _line(each, agreed.get(each.key, Schedule()), asked_of(asked, each.key), modules, at) for each in offered
    )


def _line(
    instrument: Instrument, schedule: Schedule, asked: Asked, modules: Sequence[ModuleAsked], at: datetime
) -> ScheduleLine:
    parts = standings_of(instrument, modules, asked.setting, at)
    return ScheduleLine(
        instrument=instrument,
        schedule=schedule,
        last_at=asked.last_at,
        declined_at=asked.declined_at,
        next_due=first_due(parts) if parts else next_due(asked, instrument.cadence, at),
        standing=worst(parts) if parts else standing_of(asked, instrument.cadence, at),
        modules=parts,
    )


def _instrument(actor: Actor, key: str) -> Instrument:
    return visible(actor, key)


def _setting(draft: ScheduleDraft, today: date) -> Setting:
    """Raises Invalid naming the field. What does not belong to the chosen rhythm is not kept."""
    own, paused = draft.rhythm is Rhythm.OWN, draft.rhythm is Rhythm.PAUSED
    wrong = {}
    if own and (draft.days is None or not SHORTEST <= draft.days <= LONGEST):
        wrong["days"] = f"Give the days from one time to the next, {SHORTEST} to {LONGEST}."
    if paused and draft.until is not None and draft.until < today:
        wrong["until"] = "Choose today or a later day, or leave it open."
    if draft.rhythm is not Rhythm.USUAL and not draft.why.strip():
        wrong["why"] = "Say why, for whoever reads this later."
    if wrong:
        raise Invalid("The schedule needs a change.", wrong)
    return Setting(draft.rhythm, draft.days if own else None, draft.until if paused else None)


def _texts(setting: Setting, why: str) -> dict[str, str]:
    days, until = str(setting.days or ""), str(setting.until or "")
    return {"rhythm": setting.rhythm.label, "days": days, "until": until, "why": why}


def _theirs(stored: Schedule) -> dict[str, str]:
    return _texts(stored.setting, stored.why)
