"""How often each instrument is due on one case: what was agreed, by whom and why, and refusals.

Rule: declining is an answer. It clears what is due until the next due date and is never shown as missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.instruments.beside import ModuleTimes, beside
from schemas.instruments.definition import Instrument
from schemas.schedules import RefusalSchema, ScheduleSchema
from schemas.vocabulary import Rhythm
from service.casework import schedules as desk
from service.casework.schedules import ScheduleDesk, ScheduleDraft, ScheduleLine
from service.domain import clock
from service.domain.schedules import Refusal, Setting, Standing
from service.errors import NotFound
from service.guard import current_actor, current_practice, needs
from service.web.cases import labels
from service.web.forms import form_page, read
from service.web.frame import done, show
from service.web.times import day

page = Blueprint("schedules", __name__)
BADGES = {Standing.OVERDUE: "attention", Standing.DUE: "part", Standing.DECLINED: "quiet"}


@dataclass(frozen=True)
class Shown:
    """One instrument as the list shows it; `tone` is that of the badge, or empty where none is needed. `scheduled`:
    something falls due.
    """

    line: ScheduleLine
    how_often: str
    tone: str
    scheduled: bool


@page.get("/cases/<case_id>/schedule")
@needs(Action.INTAKE_READ)
def schedules(case_id: str) -> Response:
    found = desk.read_schedules(current_actor(), case_id)
    return show(
        "pages/schedules/schedules.html",
        task=f"How often {found.case.code}",
        case=found.case,
        shown=[_shown(each) for each in found.lines],
        may_set=Action.SCHEDULE_SET in found.case.may,
        refusals=_named(found),
        now=clock.now(),
    )


@page.get("/cases/<case_id>/schedule/<instrument_key>")
@needs(Action.SCHEDULE_SET)
def schedule(case_id: str, instrument_key: str) -> Response:
    found = desk.read_schedules(current_actor(), case_id)
    line = _line(found, instrument_key)
    return show(
        "pages/schedules/schedule.html",
        task=f"How often {found.case.code}",
        case=found.case,
        line=line,
        usual=_usual(line.instrument),
        rhythms=labels(Rhythm),
        now=clock.now(),
    )


@page.post("/cases/<case_id>/schedule/<instrument_key>")
@needs(Action.SCHEDULE_SET)
@form_page(schedule)
def save(case_id: str, instrument_key: str) -> Response:
    given = read(ScheduleSchema)
    version = given.pop("version")
    desk.set_schedule(current_actor(), case_id, instrument_key, ScheduleDraft(**given), version=version)
    return done(url_for("schedules.schedules", case_id=case_id), "The schedule is saved.")


@page.post("/cases/<case_id>/schedule/<instrument_key>/declined")
@needs(Action.INTAKE_DECLINE)
@form_page(schedule)
def decline(case_id: str, instrument_key: str) -> Response:
    given = read(RefusalSchema)
    refusal = desk.record_refusal(current_actor(), case_id, instrument_key, given["declined_at"])
    undo = url_for("schedules.withdraw", refusal_id=refusal.id)
    return done(url_for("schedules.schedules", case_id=case_id), "Recorded: the client declined.", undo)


@page.post("/refusals/<refusal_id>/withdraw")
@needs(Action.INTAKE_DECLINE)
def withdraw(refusal_id: str) -> Response:
    refusal = desk.withdraw_refusal(current_actor(), refusal_id)
    return done(url_for("schedules.schedules", case_id=refusal.case_id), "The refusal is taken back.")


def _shown(line: ScheduleLine) -> Shown:
    scheduled = line.standing is not Standing.NOT_ASKED
    return Shown(line, _how_often(line), BADGES.get(line.standing, ""), scheduled)


def _line(found: ScheduleDesk, key: str) -> ScheduleLine:
    line = next((each for each in found.lines if each.instrument.key == key), None)
    if line is None:
        raise NotFound
    return line


def _named(found: ScheduleDesk) -> list[tuple[Refusal, str]]:
    titles = {each.instrument.key: each.instrument.title for each in found.lines}
    return [(each, titles.get(each.instrument_key, each.instrument_key)) for each in reversed(found.refusals)]


def _how_often(line: ScheduleLine) -> str:
    setting: Setting = line.schedule.setting
    match setting.rhythm:
        case Rhythm.OWN:
            return f"Every {setting.days} days"
        case Rhythm.PAUSED if setting.until:
            return f"Paused until {day(setting.until, today=clock.today(current_practice().zone))}"
        case Rhythm.USUAL:
            return _usual(line.instrument)
        case _:
            return setting.rhythm.label


def _usual(instrument: Instrument) -> str:
    cadence, modules = instrument.cadence, beside(instrument).modules
    if modules:
        return _by_module(instrument, modules)
    if cadence is None:
        return "When it is wanted; no fixed time"
    return (
        f"Due {cadence.remind_days} days after the last time, overdue after {cadence.overdue_days} days "
        f"or {cadence.overdue_sessions} sessions"
    )


def _by_module(instrument: Instrument, modules: Sequence[ModuleTimes]) -> str:
    titles = {each.key: each.title for each in instrument.modules}
    again = (
        f"{titles[each.module]} every {each.again_after} days while there is contact"
        for each in modules
        if each.again_after
    )
    return "; ".join(("At the start, and the same day after an answer that calls for it", *again))
