"""When the modules of a form are due on one case. Source: domain model, section 2.5 (house defaults); which module is
due when stands beside the definition (schemas/instruments/beside.py).

Asking counts, answered or not: a client who declined was asked, which clears what was due until something new calls for
the module. An event is due within a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.instruments.answer import Answers, answer_to
from schemas.instruments.beside import ModuleTimes, beside
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument
from schemas.vocabulary import Rhythm
from service.domain.modules import shared
from service.domain.schedules import Setting, Standing

AFTER_AN_EVENT = timedelta(days=1)
SPARE = timedelta(days=7)


@dataclass(frozen=True)
class ModuleAsked:
    """One module on one case: when it was last asked, whether that was a refusal, since when an event calls for it, and
    whether contact with the other person goes on as far as anybody knows.
    """

    instrument_key: str
    module: str
    asked_at: datetime | None = None
    declined: bool = False
    wanted_since: datetime | None = None
    in_contact: bool = True


@dataclass(frozen=True)
class ModuleStanding:
    """How one module stands; `since` is when it began to wait or was last asked."""

    title: str
    standing: Standing
    since: datetime | None
    next_due: date | None


def asked_modules(instrument: Instrument, answers: Answers) -> frozenset[str]:
    """The modules of which each part was asked, be it declined; "not asked" is no asking."""
    common = shared(instrument)
    asked = {key for key, answer in answers.items() if answer is not NonAnswer.NOT_ASKED}
    touched = {section.key for section in instrument.sections() if asked & {item.key for item in section.walk()}}
    return frozenset(each.key for each in instrument.modules if set(each.sections) - common <= touched)


def whole_modules(instrument: Instrument, answers: Answers) -> frozenset[str]:
    """The modules of which every question was put to the client: answered, or left with a reason."""
    common = shared(instrument)
    left = {
        section.key
        for section in instrument.sections()
        if any(answer_to(answers, item.key) is NonAnswer.NOT_ASKED for item in section.items)
    }
    return frozenset(each.key for each in instrument.modules if not (set(each.sections) - common) & left)


def standings_of(
    instrument: Instrument, asked: Iterable[ModuleAsked], setting: Setting, at: datetime
) -> tuple[ModuleStanding, ...]:
    """How each module that has times of its own stands at the instant `at`, which is on the clocks of the practice."""
    known = {each.module: each for each in asked if each.instrument_key == instrument.key}
    titles = {each.key: each.title for each in instrument.modules}
    return tuple(
        _standing(titles[times.module], times, setting, known.get(times.module) or _never(instrument, times), at)
        for times in beside(instrument).modules
    )


def worst(standings: Iterable[ModuleStanding]) -> Standing:
    """How the form as a whole stands: as its most pressing module does."""
    found = [each.standing for each in standings]
    return min(found, key=list(Standing).index, default=Standing.NOT_ASKED)


def first_due(standings: Iterable[ModuleStanding]) -> date | None:
    return min((each.next_due for each in standings if each.next_due), default=None)


def _never(instrument: Instrument, times: ModuleTimes) -> ModuleAsked:
    return ModuleAsked(instrument.key, times.module)


def _standing(title: str, times: ModuleTimes, setting: Setting, asked: ModuleAsked, at: datetime) -> ModuleStanding:
    if asked.wanted_since is not None:
        late = at - asked.wanted_since >= AFTER_AN_EVENT
        standing = Standing.OVERDUE if late else Standing.DUE
        return ModuleStanding(title, standing, asked.wanted_since, asked.wanted_since.astimezone(at.tzinfo).date())
    if _rests(setting, at.date()):
        return ModuleStanding(title, Standing.NOT_ASKED, asked.asked_at, None)
    if asked.asked_at is None:
        return ModuleStanding(title, Standing.FIRST, None, None)
    return _again(title, _days(times, setting, asked), asked.asked_at, at, declined=asked.declined)


def _again(title: str, days: int | None, asked_at: datetime, at: datetime, *, declined: bool) -> ModuleStanding:
    rest = Standing.DECLINED if declined else Standing.WITHIN
    if days is None:
        return ModuleStanding(title, rest, asked_at, None)
    due = asked_at + timedelta(days=days)
    standing = Standing.OVERDUE if at >= due + SPARE else Standing.DUE if at >= due else rest
    return ModuleStanding(title, standing, asked_at, due.astimezone(at.tzinfo).date())


def _days(times: ModuleTimes, setting: Setting, asked: ModuleAsked) -> int | None:
    """An interval agreed on the case holds for every module, with contact or without."""
    if setting.rhythm is Rhythm.OWN:
        return setting.days
    return times.again_after if asked.in_contact else None


def _rests(setting: Setting, on: date) -> bool:
    """Paused or not wanted: nothing falls due by time. An event asks for it all the same."""
    paused = setting.rhythm is Rhythm.PAUSED and (setting.until is None or on <= setting.until)
    return paused or setting.rhythm is Rhythm.NOT_WANTED
