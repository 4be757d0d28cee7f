"""The disclosures log: a row for everything that leaves, written in the transaction that lets it leave.

Rule: `disclose` is the only way out, and it asks the gate (leaving.py) first.
"""

from dataclasses import dataclass
from datetime import date

from schemas.actions import Action
from schemas.release_codes import ContentClass, Door
from service.casework import leaving
from service.casework.gate import admit, case_unit, opened_for, practice_today
from service.casework.leaks import guard_of
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.disclosures import (
    Accounted,
    Departure,
    Disclosure,
    Left,
    accounting_passages,
    within,
)
from service.domain.leaks import Leak
from service.errors import Conflict, Invalid, NotFound
from service.store import accounts, disclosures
from service.store.cases import CaseRow
from service.store.disclosures import DisclosureRow
from service.store.transaction import Unit, transaction


@dataclass(frozen=True)
class DisclosureDesk:
    """What left a case, newest first, with corrections. `finds` are for whoever may know who the other person is; for
    anybody else `withheld` says that there are some.
    """

    case: Case
    practice_name: str
    accounted: tuple[Accounted, ...]
    today: date
    finds: tuple[Leak, ...] = ()
    withheld: bool = False


def disclose(unit: Unit, case: CaseRow, left: Left, departure: Departure) -> Disclosure:
    """Write the row, or raise Invalid saying why this may not leave. Joins the running transaction."""
    leaving.check(unit, case.id, left, departure)
    return _kept(unit, case.id, left, departure)


def record_leaving(actor: Actor, action: Action, case_id: str, left: Left, departure: Departure) -> Disclosure:
    """For what takes long to make: permission is asked anew and the row committed before the bytes are handed out."""
    with case_unit(actor, action, case_id) as (unit, row):
        return disclose(unit, row, left, departure)


def check_departure(actor: Actor, case_id: str, classes: tuple[ContentClass, ...], departure: Departure) -> None:
    """Raises Invalid where this could not leave, before anything is made of it."""
    with case_unit(actor, Action.EXPORT_PREVIEW, case_id) as (unit, _row):
        leaving.check(unit, case_id, Left(Door.EXPORT, classes, ()), departure)


def read_disclosures(actor: Actor, case_id: str) -> DisclosureDesk:
    """The accounting: everything that left in the last six years."""
    with case_unit(actor, Action.DISCLOSURE_READ, case_id) as (_unit, row):
        today = practice_today(actor)
        found = within(disclosures.of_case(case_id), today)
        finds = guard_of(row).leaks(accounting_passages(found))
        case, name = opened_for(actor, row), accounts.practice(row.practice_id).name
        told = Action.FINDS_READ in case.may
        return DisclosureDesk(case, name, found, today, finds if told else (), withheld=bool(finds) and not told)


def record_disclosure(
    actor: Actor, case_id: str, departure: Departure, classes: tuple[ContentClass, ...], what: str
) -> Disclosure:
    """Keep what left by another way than Stepwell's own doors: a call, a letter, a fax."""
    with case_unit(actor, Action.DISCLOSURE_RECORD, case_id) as (unit, row):
        return disclose(unit, row, _by_hand(classes, what), departure)


def read_disclosure(actor: Actor, disclosure_id: str) -> tuple[Disclosure, Case]:
    with transaction(actor, Action.DISCLOSURE_READ, f"disclosure/{disclosure_id}") as unit:
        row, case = _admitted(unit, disclosure_id)
        return disclosures.value(row), opened_for(actor, case)


def correct_disclosure(actor: Actor, disclosure_id: str, departure: Departure, what: str) -> Disclosure:
    """Put a row right by another one; the first stays as it was. Raises Conflict for the correction of a correction."""
    with transaction(actor, Action.DISCLOSURE_RECORD, f"disclosure/{disclosure_id}") as unit:
        row, case = _admitted(unit, disclosure_id)
        stored = disclosures.value(row)
        if stored.corrects is not None:
            raise Conflict("This row is a correction already. Correct the row that it belongs to.")
        if not what.strip():
            raise Invalid("The correction needs words.", {"what": "Say what was wrong and what is right."})
        unit.why = "corrected"
        left = Left(stored.left.door, stored.left.classes, (what.strip(),), stored.left.digest)
        return _kept(unit, case.id, left, departure, corrects=stored.id)


def _kept(unit: Unit, case_id: str, left: Left, departure: Departure, corrects: str | None = None) -> Disclosure:
    kept = disclosures.add(case_id, unit.actor.user_id, left, departure, corrects)
    unit.changed("disclosure", kept.id, 1, case_id=case_id)
    return kept


def _by_hand(classes: tuple[ContentClass, ...], what: str) -> Left:
    wrong = {} if classes else {"classes": "Tick what left."}
    if not what.strip():
        wrong["what"] = "Say what left: pages, dates, or what was told."
    if wrong:
        raise Invalid("The entry needs a change.", wrong)
    return Left(Door.OTHER, classes, (what.strip(),))


def _admitted(unit: Unit, disclosure_id: str) -> tuple[DisclosureRow, CaseRow]:
    row = disclosures.row(disclosure_id)
    case = admit(unit, row.case_id if row else None)
    if row is None:
        raise NotFound
    return row, case
