"""What the FHIR room needs of the records: tasks from the outbox, and definitions. The frozen record behind each task:
sources.py.

Building happens after the commit that announced it, from the record itself, so a repeat builds the same bytes again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from schemas.actions import Action
from schemas.instruments.definition import Instrument
from service.casework.disclosures import disclose
from service.casework.gate import case_unit, check_scope, practice_today, practice_unit
from service.casework.leaks import carried_by, keep_back
from service.casework.records import Record, collected
from service.casework.sources import everything
from service.domain.actors import Actor, system_actor
from service.domain.disclosures import Departure, Left
from service.domain.intakes import Intake
from service.domain.notes import Note
from service.domain.packages import EVERY_DAY, Days
from service.domain.safety import Plan
from service.domain.scopes import READ, SEARCH
from service.domain.sessions import TherapySession
from service.errors import NotFound, Unavailable
from service.store import (
    diagnoses,
    instruments,
    notes,
    outbox,
    releases,
    requests,
    resources,
)
from service.store.base import db
from service.store.cases import CaseRow
from service.store.outbox import Task
from service.store.resources import Draft, Stored
from service.store.transaction import transaction

Made = TypeVar("Made")
Exported = tuple[Record, tuple[Stored, ...]]


@dataclass(frozen=True)
class Built:
    """A resource ready to store: what to index and its exact bytes."""

    draft: Draft
    body: bytes
    updated_at: datetime
    forgets: bool = False


@dataclass(frozen=True)
class Named:
    """The papers that an export leaves by, by their id."""

    release_id: str | None = None
    request_id: str | None = None


NO_PAPERS = Named()


def next_task(case_id: str | None = None) -> Task | None:
    """Lease the oldest due task (of one case and its practice's people, if named)."""
    return outbox.take(case_id)


def stored_now(draft: Draft) -> Stored | None:
    """What is stored as current; None when nothing is, or when it cannot be opened and must be written anew."""
    row = resources.current(draft.type, draft.id)
    try:
        return resources.opened(row) if row else None
    except Unavailable:
        return None


def version_for(draft: Draft) -> int:
    return resources.next_version(draft.type, draft.id)


def store_built(task: Task, built: Sequence[tuple[Built, int]]) -> None:
    """Store the resources of a task with their versions and mark it done, in one transaction."""
    actor = system_actor(task.practice_id)
    with transaction(actor, Action.FHIR_BUILD, f"{task.record_type}/{task.record_id}") as unit:
        unit.require()
        for each, version in built:
            resources.put(each.draft, version, each.body, updated_at=each.updated_at)
            if each.forgets:
                resources.forget_older(each.draft, version)
        outbox.finish(task)


def postpone(task: Task, problem: str) -> None:
    outbox.postpone(task, problem)


def behind(case_id: str) -> bool:
    """Whether stored FHIR data of this case lags its records."""
    return outbox.waiting(case_id)


def directory_behind(case_id: str) -> bool:
    """Whether that of the practice's people lags, whom the data of this case names."""
    return outbox.directory_waiting(case_id)


def announce_all(practice_id: str) -> int:
    """Announce all records of a practice anew; returns how many. What is stored stays, and gets a new version
    only where it differs.
    """
    actor = system_actor(practice_id)
    with transaction(actor, Action.FHIR_BUILD, "practice") as unit:
        unit.require()
        unit.notices.extend(everything(practice_id))
        return len(unit.notices)


def read_definitions(actor: Actor, subject: str) -> None:
    """The audit row of reading an instrument's definition, which is no record. Raises NotAllowed."""
    with practice_unit(actor, Action.FHIR_DIRECTORY, subject):
        check_scope(actor, subject.partition("/")[0], READ if "/" in subject else SEARCH)


def read_form(actor: Actor, subject: str, key: str, version: str) -> bytes:
    """The file of an imported form as it was received. Raises NotFound, also for our own."""
    with practice_unit(actor, Action.FHIR_DIRECTORY, subject):
        check_scope(actor, subject.partition("/")[0], READ)
        found = instruments.original(actor.practice_id, key, version)
        if found is None:
            raise NotFound
        return found


def imported_forms(practice_id: str) -> tuple[Instrument, ...]:
    """The definitions that a practice imported, retired ones included."""
    found = tuple(instruments.value(each).instrument for each in instruments.of_practice(practice_id))
    db.session.rollback()
    return found


def originals(practice_id: str, forms: Iterable[Instrument]) -> dict[Instrument, bytes]:
    """The files of imported forms as they were received."""
    found = {each: instruments.original(practice_id, each.key, each.version) for each in forms}
    db.session.rollback()
    return {each: data for each, data in found.items() if data is not None}


def preview_export(actor: Actor, case_id: str, papers: Named = NO_PAPERS) -> Exported:
    """The record and every current resource of a case, with the people and the practice that it names; `papers` are
    those that it would leave by.
    """
    with case_unit(actor, Action.EXPORT_PREVIEW, case_id) as (_unit, row):
        return _by_papers(_exported(row), actor, papers)


def export_case(
    actor: Actor,
    case_id: str,
    packed: Callable[[Exported], tuple[Made, Left]],
    departure: Departure | None,
    *,
    papers: Named = NO_PAPERS,
) -> Made:
    """What `packed` makes of the record; its leaving is written down in the same transaction. Without a departure
    nothing leaves: a receipt is shown, no more. `papers` are those that it leaves, or would leave, by.
    """
    with case_unit(actor, Action.EXPORT_MAKE, case_id) as (unit, row):
        made, left = packed(_by_papers(_exported(row), actor, papers))
        if departure is not None:
            disclose(unit, row, left, departure)
        return made


def _exported(row: CaseRow) -> Exported:
    record = collected(row)
    stored = (*resources.of_case(row.id), *resources.directory(row.practice_id, _named(record)))
    return keep_back(record, stored)


def _by_papers(whole: Exported, actor: Actor, papers: Named) -> Exported:
    """The record with what these papers carry, and the days that they bound it to; of another case they do nothing."""
    record, stored = whole
    row = releases.row(papers.release_id) if papers.release_id else None
    release = releases.value(row) if row is not None and row.case_id == record.case.id else None
    carried = carried_by(record, release, practice_today(actor))
    return replace(record, carried=replace(carried, days=_days(record, papers))), stored


def _days(record: Record, papers: Named) -> Days:
    row = requests.row(papers.request_id) if papers.request_id else None
    if row is None or row.case_id != record.case.id:
        return EVERY_DAY
    proposal = requests.content(row).proposal
    return Days(proposal.since, proposal.until)


def _named(record: Record) -> set[str]:
    made: list[TherapySession | Note | Intake | Plan] = [
        *record.sessions,
        *record.notes,
        *record.intakes,
        *record.plans,
    ]
    authors = {each.author_id for each in made}
    addenda = {each.author_id for note in record.notes for each in note.addenda}
    authors |= {each.by_id for each in record.programme.entries}
    authors |= {each.by_id for note in record.notes for each in note.trail}
    authors |= diagnoses.author_ids(record.case.id)
    return {record.practice.id, record.case.owner_id} | authors | addenda | notes.signer_ids(record.case.id)
