"""What the FHIR room needs of the records: tasks from the outbox, the frozen record behind each, and definitions.

Building happens after the commit that announced it, from the record itself, so a repeat builds the same bytes again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from schemas.actions import Action
from schemas.instruments.definition import Instrument
from schemas.vocabulary import CaseStatus
from service.casework.disclosures import disclose
from service.casework.gate import case_unit, check_scope, practice_unit
from service.casework.leaks import guard_of, keep_back
from service.casework.records import Record, collected
from service.casework.speaking import names_somebody, speaks, texts_withheld, touched_by
from service.domain.accounts import Person, Practice
from service.domain.actors import Actor, system_actor
from service.domain.cases import Case, Episode
from service.domain.disclosures import Departure, Left
from service.domain.intakes import Intake
from service.domain.leaks import Guard
from service.domain.notes import Note
from service.domain.programme import Programme
from service.domain.safety import Plan
from service.domain.scopes import READ, SEARCH
from service.domain.sessions import TherapySession
from service.errors import NotFound, Unavailable
from service.store import (
    accounts,
    cases,
    episodes,
    instruments,
    intakes,
    notes,
    outbox,
    plans,
    programmes,
    resources,
    sessions,
)
from service.store.base import db
from service.store.cases import CaseRow
from service.store.intakes import IntakeRow
from service.store.notes import NoteRow
from service.store.outbox import PROTECTED, Task
from service.store.resources import Draft, Stored
from service.store.transaction import transaction

Made = TypeVar("Made")
Exported = tuple[Record, tuple[Stored, ...]]
NOTHING_PROTECTED = Guard(())
Source = Case | Episode | TherapySession | Note | Intake | Plan | Programme | Person | Practice


@dataclass(frozen=True)
class Frozen:
    """A record to build from, with the case (None for people and practices) and the practice it belongs to.

    `session` is that of a note or intake, `signer_id` who signed a note, `replaced_at` when an intake was corrected,
    `later` the next session that took place, once its note is signed. `guard` knows what must not leave, `withheld` are
    the ids of texts of a note that stay.
    """

    record_type: str
    record: Source
    case: Case | None
    practice: Practice
    session: TherapySession | None = None
    signer_id: str = ""
    replaced_at: datetime | None = None
    later: TherapySession | None = None
    guard: Guard = NOTHING_PROTECTED
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Built:
    """A resource ready to store: what to index and its exact bytes."""

    draft: Draft
    body: bytes
    updated_at: datetime
    forgets: bool = False


def next_task(case_id: str | None = None) -> Task | None:
    """Lease the oldest due task (of one case, if named)."""
    return outbox.take(case_id)


def sources_of(task: Task) -> tuple[Frozen, ...]:
    """The record behind a task and the records that speak of it; nothing when its case is purged or it is gone.

    A session brings its intakes along, because what they say of their encounter follows from whether the session was
    held.
    """
    try:
        practice = accounts.practice(task.practice_id)
        case_row = cases.row(task.case_id) if task.case_id else None
        if task.case_id and (case_row is None or case_row.status == CaseStatus.PURGED):
            return ()
        frame = Frozen(task.record_type, practice, cases.opened(case_row) if case_row else None, practice)
        found = _collected(task, frame)
        if case_row is None:
            return found
        if task.record_type == PROTECTED or any(names_somebody(each.record) for each in found):
            for touched in touched_by(task, case_row):
                found += _collected(touched, replace(frame, record_type=touched.record_type))
        return _guarded(found, case_row)
    except NotFound:
        return ()


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


def announce_all(practice_id: str) -> int:
    """Announce all records of a practice anew; returns how many. What is stored stays, and gets a new version
    only where it differs.
    """
    actor = system_actor(practice_id)
    with transaction(actor, Action.FHIR_BUILD, "practice") as unit:
        unit.require()
        unit.notices.extend(_everything(practice_id))
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


def preview_export(actor: Actor, case_id: str) -> Exported:
    """The record and every current resource of a case, with the people and the practice that it names."""
    with case_unit(actor, Action.EXPORT_PREVIEW, case_id) as (_unit, row):
        return _exported(row)


def export_case(
    actor: Actor, case_id: str, packed: Callable[[Exported], tuple[Made, Left]], departure: Departure | None
) -> Made:
    """What `packed` makes of the record; its leaving is written down in the same transaction. Without a departure
    nothing leaves: a receipt is shown, no more.
    """
    with case_unit(actor, Action.EXPORT_MAKE, case_id) as (unit, row):
        made, left = packed(_exported(row))
        if departure is not None:
            disclose(unit, row, left, departure)
        return made


def _exported(row: CaseRow) -> Exported:
    record = collected(row)
    stored = (*resources.of_case(row.id), *resources.directory(row.practice_id, _named(record)))
    return keep_back(record, stored)


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
    return {record.practice.id, record.case.owner_id} | authors | addenda | notes.signer_ids(record.case.id)


def _guarded(found: tuple[Frozen, ...], case: CaseRow) -> tuple[Frozen, ...]:
    """The records with what must not leave with them, where any of them holds words."""
    if not any(speaks(each.record) for each in found):
        return found
    guard = guard_of(case)
    return tuple(replace(each, guard=guard, withheld=texts_withheld(each.record, guard)) for each in found)


def _collected(task: Task, frame: Frozen) -> tuple[Frozen, ...]:
    match task.record_type:
        case "note":
            return _note(task.record_id, frame)
        case "intake":
            row = intakes.row(task.record_id)
            return (_intake(row, frame),) if row else ()
        case "session":
            return _session(task.record_id, frame)
        case _:
            record = _plain_record(task, frame)
            return (replace(frame, record=record),) if record else ()


def _plain_record(task: Task, frame: Frozen) -> Source | None:
    match task.record_type:
        case "case":
            return frame.case
        case "episode":
            episode = episodes.row(task.record_id)
            return episodes.whole(episode) if episode else None
        case "plan":
            plan = plans.plan_row(task.record_id)
            return plans.plan_value(plan) if plan else None
        case "programme":
            programme = programmes.of_case(task.case_id or "")
            return programme if programme.id else None
        case "account":
            account = accounts.account(task.record_id)
            return accounts.person(account) if account else None
        case "practice":
            return frame.practice
        case str() if task.record_type == PROTECTED:
            return None
        case _:
            raise ValueError(f"no record type {task.record_type}")


def _session(session_id: str, frame: Frozen) -> tuple[Frozen, ...]:
    row = sessions.row(session_id)
    if row is None:
        return ()
    logs = (_intake(each, replace(frame, record_type="intake")) for each in intakes.of_session(session_id))
    return (replace(frame, record=sessions.value(row)), *logs)


def _note(note_id: str, frame: Frozen) -> tuple[Frozen, ...]:
    """A note brings along the one before it: what became of its homework is said in this one."""
    row = notes.row(note_id)
    session = sessions.row(row.session_id) if row else None
    if row is None or row.signed_at is None or session is None:
        return ()
    before = sessions.held_before(session.case_id, session.starts_at)
    earlier = notes.of_session(before.id) if before else None
    found = (each for each in (row, earlier) if each is not None and each.signed_at is not None)
    return tuple(_of_note(each, frame) for each in found)


def _of_note(row: NoteRow, frame: Frozen) -> Frozen:
    session = sessions.row(row.session_id)
    held = sessions.value(session) if session else None
    after = sessions.held_after(row.case_id, held.starts_at) if held else None
    is_told = after is not None and after.hidden_at is None and notes.is_signed(after.id)
    return replace(
        frame,
        record=notes.value(row),
        session=held,
        signer_id=row.signed_by or row.author_id,
        later=sessions.value(after) if after is not None and is_told else None,
    )


def _intake(row: IntakeRow, frame: Frozen) -> Frozen:
    session = sessions.row(row.session_id) if row.session_id else None
    held = sessions.value(session) if session else None
    later = intakes.amended_by(row.id)
    return replace(frame, record=intakes.value(row), session=held, replaced_at=later.updated_at if later else None)


def _everything(practice_id: str) -> list[outbox.Notice]:
    practice = accounts.practice(practice_id)
    found = [outbox.Notice("practice", practice.id, practice.version, None)]
    found += [outbox.Notice("account", each.id, each.version, None) for each in accounts.people(practice_id)]
    for case_id in cases.all_ids(practice_id):
        row = cases.row(case_id)
        if row is not None:
            found += _of_record(collected(row))
    return found


def _of_record(record: Record) -> list[outbox.Notice]:
    case_id = record.case.id
    found = [
        outbox.Notice("case", case_id, record.case.version, case_id),
        outbox.Notice("episode", record.case.episode.id, record.case.episode.version, case_id),
    ]
    found += [outbox.Notice("session", each.id, each.version, case_id) for each in record.sessions]
    found += [outbox.Notice("note", each.id, each.version, case_id) for each in record.notes if each.signed_at]
    found += [outbox.Notice("intake", each.id, each.version, case_id) for each in record.intakes]
    found += [outbox.Notice("plan", each.id, each.version, case_id) for each in record.plans if each.status != "draft"]
    if record.programme.id:
        found.append(outbox.Notice("programme", record.programme.id, len(record.programme.entries), case_id))
    return found
