"""Reading stored FHIR resources: one of them, its versions, a page of a search. Each asks the permission table with the
case in hand and leaves its audit row before anything is answered.

This is what connected systems ask most, so it goes the short way (service/store/driver.py). Rule: a search happens
inside one case or inside the directory of one practice, never across cases.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from schemas.actions import Action
from schemas.release_codes import ContentClass
from schemas.vocabulary import Role
from service.casework.gate import check_scope, reaches
from service.casework.leaving import may_read_named
from service.casework.resource_words import BY_NAME_ALONE, REPORT_RECORDS, REPORT_TYPES
from service.domain.actors import Actor
from service.domain.leaving import BY_NAME, IN_REPORT
from service.domain.scopes import READ, SEARCH
from service.errors import NotAllowed, NotFound
from service.store import cases, quick_reads, resources
from service.store.audit import Entry
from service.store.base import db
from service.store.driver import Line, line
from service.store.resources import Found, Search, Stored
from service.store.transaction import Unit, record_refusal


class Page(NamedTuple):
    """One page of a search, the total, and the id to go on from ("" at the end). `behind`: records of its case wait to
    be built.
    """

    found: tuple[Stored, ...]
    total: int
    next_id: str
    behind: bool = False


def read_resource(actor: Actor, resource_type: str, resource_id: str, version: int | None = None) -> Stored:
    """One stored version as it was written. Raises NotFound for what is missing or not the actor's.

    The hottest read of all, so it goes the short way: one statement for the bytes and what permission must know, then
    its audit row.
    """
    unit = Unit(actor, Action.FHIR_READ, f"{resource_type}/{resource_id}")
    try:
        check_scope(actor, resource_type, READ)
        _check_named(actor, resource_type, resource_id=resource_id)
        with line() as driver:
            found = quick_reads.resource(driver, actor, resource_type, resource_id, version)
            _require(unit, found)
            stored = resources.opened(found)
            if not _is_apart(actor, stored):
                driver.audit(Entry(actor, unit.action, unit.subject))
                return stored
        _check_report(actor, stored)
        with line() as driver:
            driver.audit(Entry(actor, unit.action, unit.subject))
        return stored
    except (NotFound, NotAllowed) as error:
        db.session.rollback()
        record_refusal(actor, Action.FHIR_READ, unit.subject, error)
        raise


def _require(unit: Unit, found: Found | None) -> None:
    if found is None or found.practice_id != unit.actor.practice_id:
        raise NotFound
    if found.case_id is None:
        unit.action = Action.FHIR_DIRECTORY
        unit.require()
    else:
        unit.require(quick_reads.facts(unit.actor, found))


def read_versions(actor: Actor, resource_type: str, resource_id: str) -> tuple[Stored, ...]:
    """Every stored version, the newest first. Raises NotFound as a read does."""
    unit = Unit(actor, Action.FHIR_READ, f"{resource_type}/{resource_id}")
    try:
        check_scope(actor, resource_type, READ)
        _check_named(actor, resource_type, resource_id=resource_id)
        with line() as driver:
            found = quick_reads.versions(driver, actor, resource_type, resource_id)
            _require(unit, found[0] if found else None)
            opened = resources.opened_all(found)
            if not _is_apart(actor, opened[0]):
                driver.audit(Entry(actor, unit.action, unit.subject, why="history"))
                return opened
        _check_report(actor, opened[0])
        with line() as driver:
            driver.audit(Entry(actor, unit.action, unit.subject, why="history"))
        return opened
    except (NotFound, NotAllowed) as error:
        db.session.rollback()
        record_refusal(actor, Action.FHIR_READ, unit.subject, error)
        raise


def search_resources(actor: Actor, wanted: Search, *, ids: Collection[str] | None = None) -> Page:
    """A page inside what the actor may see: one case, or the directory of the practice. `ids` keeps no others.

    Raises NotFound for a case that is missing or not the actor's. The short way, as for a read.
    """
    unit = Unit(actor, Action.FHIR_READ, f"case/{wanted.case_id}" if wanted.case_id else wanted.type)
    mine = wanted._replace(practice_id=actor.practice_id, limit=wanted.limit + 1)
    try:
        check_scope(actor, wanted.type, SEARCH)
        _check_named(actor, wanted.type, case_id=wanted.case_id)
        mine = _without_reports(actor, mine)
        with line() as driver:
            behind = _admit(unit, driver, wanted.case_id)
            rows = quick_reads.page(driver, mine)
            total = rows[0].total if rows else quick_reads.total(driver, mine)
            shown, more = rows[: wanted.limit], len(rows) > wanted.limit
            found = resources.opened_all(each for each in shown if ids is None or each.id in ids)
            driver.audit(Entry(actor, unit.action, unit.subject, why=f"search {wanted.type}"))
            return Page(found, total, shown[-1].id if shown and more else "", behind)
    except (NotFound, NotAllowed) as error:
        db.session.rollback()
        record_refusal(actor, unit.action, unit.subject, error)
        raise


def read_everything(actor: Actor, case_id: str) -> Page:
    """Every current resource of a case, as far as the scopes of a connected system reach. Raises NotFound for a case
    that is missing or not the actor's.
    """
    unit = Unit(actor, Action.FHIR_READ, f"case/{case_id}")
    try:
        check_scope(actor, "Patient", READ)
        with line() as driver:
            behind = _admit(unit, driver, case_id)
            rows = quick_reads.everything(driver, case_id)
            found = resources.opened_all(each for each in rows if reaches(actor, each.type, SEARCH))
            driver.audit(Entry(actor, unit.action, unit.subject, why="everything"))
        found = _named_alone(actor, case_id, found)
        return Page(found, len(found), "", behind)
    except (NotFound, NotAllowed) as error:
        db.session.rollback()
        record_refusal(actor, unit.action, unit.subject, error)
        raise


def _admit(unit: Unit, driver: Line, case_id: str | None) -> bool:
    """Ask the table about a case, or about the directory; returns whether the FHIR data of the case is behind."""
    if case_id is None:
        unit.action = Action.FHIR_DIRECTORY
        unit.require()
        return False
    found = quick_reads.case(driver, unit.actor, case_id)
    if found is None or found.practice_id != unit.actor.practice_id:
        raise NotFound
    unit.require(quick_reads.facts(unit.actor, found))
    return bool(found.behind)


def _check_named(actor: Actor, resource_type: str, *, case_id: str | None = None, resource_id: str = "") -> None:
    """Raises NotFound, as for what is missing, where a connected system has no release that names it and this."""
    if actor.role is not Role.MACHINE or resource_type not in BY_NAME_ALONE:
        return
    asked = (case_id,) if case_id else cases_of(actor, resource_type, [resource_id])
    if not all(_may_read(actor, each, (BY_NAME,)) for each in asked):
        raise NotFound


def _named_alone(actor: Actor, case_id: str, found: tuple[Stored, ...]) -> tuple[Stored, ...]:
    """The same, without what a connected system has no release for."""
    if actor.role is not Role.MACHINE:
        return found
    reports = any(_is_apart(actor, each) for each in found) and _may_read(actor, case_id, IN_REPORT)
    named = any(each.type in BY_NAME_ALONE for each in found) and _may_read(actor, case_id, (BY_NAME,))
    kept = (each for each in found if reports or not _is_apart(actor, each))
    return tuple(each for each in kept if named or each.type not in BY_NAME_ALONE)


def _is_apart(actor: Actor, stored: Stored) -> bool:
    """Whether this is of a report and a connected system asks, which its link alone does not let read it."""
    return stored.record_type in REPORT_RECORDS and actor.role is Role.MACHINE


def _check_report(actor: Actor, stored: Stored) -> None:
    """Raises NotFound, as for what is missing, where no release names the system and all that a report holds."""
    if not stored.case_id or not _may_read(actor, stored.case_id, IN_REPORT):
        raise NotFound


def _without_reports(actor: Actor, wanted: Search) -> Search:
    """The same search, in which a connected system without such a release finds and counts no report."""
    if actor.role is not Role.MACHINE or wanted.type not in REPORT_TYPES:
        return wanted
    if wanted.case_id and _may_read(actor, wanted.case_id, IN_REPORT):
        return wanted
    (record_type,) = REPORT_RECORDS
    return wanted._replace(but_of=record_type)


def _may_read(actor: Actor, case_id: str, classes: tuple[ContentClass, ...]) -> bool:
    may_read = may_read_named(actor, case_id, classes)
    db.session.rollback()
    return may_read


def cases_of(actor: Actor, resource_type: str, ids: Sequence[str]) -> tuple[str, ...]:
    """The cases that resources belong to, as far as they are of the actor's practice. Tells nothing to the asker
    by itself.
    """
    return resources.cases_of(actor.practice_id, resource_type, ids)


def case_with_code(actor: Actor, code: str) -> str | None:
    """The case that a code names in the actor's practice. Tells nothing to the asker by itself."""
    row = cases.by_code(actor.practice_id, code)
    return row.id if row is not None else None
