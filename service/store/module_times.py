"""When the modules of a form were last asked on one case, and what has called for them since: for the summary row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import aliased

from schemas.instruments import newest
from schemas.instruments.beside import beside
from schemas.instruments.capture import ContactContext
from schemas.instruments.definition import Instrument
from schemas.vocabulary import EventStatus
from service.domain.module_times import ModuleAsked, asked_modules
from service.domain.schedules import Asked, asked_of
from service.store import events, intakes
from service.store.base import db
from service.store.events import EventRow
from service.store.intakes import IntakeRow


@dataclass(frozen=True)
class _Sitting:
    """When modules were asked, and when that was on record."""

    at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class _Happened:
    """What counts for every module of a case. `openings` are events, opened or due anew: their rules and times."""

    in_contact: bool
    openings: tuple[tuple[str, datetime], ...]


def asked_in_modules(case_id: str, asked: Iterable[Asked]) -> tuple[ModuleAsked, ...]:
    """Every module that has times of its own; `asked` holds the refusals."""
    told, happened = tuple(asked), _Happened(_in_contact(case_id), _openings(case_id))
    timed = [(each, _sittings(case_id, each)) for each in newest() if beside(each).modules]
    return tuple(
        found
        for form, sittings in timed
        for found in _of_form(form, sittings, asked_of(told, form.key).declined_at, happened)
    )


def _of_form(
    instrument: Instrument, sittings: dict[str, _Sitting], declined_at: datetime | None, happened: _Happened
) -> list[ModuleAsked]:
    return [
        _of_module(
            ModuleAsked(instrument.key, times.module, in_contact=happened.in_contact),
            sittings.get(times.module),
            declined_at,
            [at for rule, at in happened.openings if rule in times.after],
        )
        for times in beside(instrument).modules
    ]


def _of_module(
    module: ModuleAsked, sitting: _Sitting | None, declined_at: datetime | None, openings: list[datetime]
) -> ModuleAsked:
    given = sitting.at if sitting else None
    answered = max(filter(None, (sitting.recorded_at if sitting else None, declined_at)), default=None)
    since = [at for at in openings if answered is None or at.replace(second=0, microsecond=0) > answered]
    asked_at = max(filter(None, (given, declined_at)), default=None)
    return ModuleAsked(
        module.instrument_key,
        module.module,
        asked_at=asked_at,
        declined=asked_at is not None and asked_at == declined_at,
        wanted_since=min(since, default=None),
        in_contact=module.in_contact,
    )


def _sittings(case_id: str, instrument: Instrument) -> dict[str, _Sitting]:
    """The latest sitting of each module; older responses are opened only as far as one is missing."""
    found = dict[str, _Sitting]()
    wanted = {times.module for times in beside(instrument).modules}
    for row in db.session.scalars(_SITTINGS, {"case_id": case_id, "instrument_key": instrument.key}):
        value = intakes.value(row)
        recorded = value.authored_at if value.amends else max(value.authored_at, value.updated_at)
        for module in asked_modules(instrument, value.answers) & wanted:
            found.setdefault(module, _Sitting(value.authored_at, recorded))
        if wanted <= set(found):
            break
    return found


def _in_contact(case_id: str) -> bool:
    """Whether contact goes on as far as the latest response tells; so it is taken where nothing was told."""
    return db.session.scalar(_CONTACT, {"case_id": case_id}) != ContactContext.SEPARATED_NO_CONTACT


def _openings(case_id: str) -> tuple[tuple[str, datetime], ...]:
    """Rule and time of every event that was opened, or became due anew; those entered in error left out."""
    found = db.session.execute(_OPENINGS, {"case_id": case_id})
    return tuple((events.opening_of(row).rule, at) for row, at in found)


# Built once, since they run in every write.
_CASE: BindParameter[str] = bindparam("case_id")
_LATER = aliased(IntakeRow)
_SITTINGS = (
    select(IntakeRow)
    .outerjoin(_LATER, _LATER.amends == IntakeRow.id)
    .where(IntakeRow.case_id == _CASE, IntakeRow.instrument_key == bindparam("instrument_key"), _LATER.id.is_(None))
    .order_by(IntakeRow.authored_at.desc())
)
_CONTACT = (
    select(IntakeRow.contact_context)
    .where(IntakeRow.case_id == _CASE)
    .order_by(IntakeRow.authored_at.desc(), IntakeRow.updated_at.desc())
    .limit(1)
)
_OPENINGS = select(EventRow, func.coalesce(EventRow.due_since, EventRow.opened_at)).where(
    EventRow.case_id == _CASE, EventRow.status != EventStatus.WRONG
)
