"""Bulk exports for connected systems: asking for one, working through its cases, giving out its files, ending it.

Rule: each case goes through the gate on its own, when its turn comes: linked, not restricted, by a release in force for
this system, past the leak guard; lines, disclosure and audit row are one transaction with the step. And once more when
a file is asked for: what is no longer covered takes the whole export with it. docs/decisions has the reasons.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.actions import Action
from schemas.release_codes import LegalBasis, SendRoute
from schemas.vocabulary import Relation, Role
from service.casework.accounts import machine_at
from service.casework.disclosures import disclose
from service.casework.gate import admit, check_scope, practice_today, practice_unit
from service.casework.leak_verdicts import lines_that_may_go
from service.domain import clock
from service.domain.access import CaseFacts
from service.domain.actors import INVITED, Actor, system_actor
from service.domain.bulk_exports import (
    MOST_RUNNING,
    MOST_STARTED,
    POLL_EVERY,
    WITHIN,
    BulkAsk,
    BulkExport,
    BulkFile,
    BulkJob,
    BulkLevel,
    BulkState,
    release_for,
)
from service.domain.disclosures import Departure, Left
from service.domain.releases import Release
from service.domain.scopes import READ, SEARCH, allows
from service.errors import Conflict, Invalid, NotAllowed, NotFound, Why
from service.store import accounts, bulk_exports, bulk_files, machine_clients, releases, resources
from service.store.base import db
from service.store.bulk_exports import BulkExportRow
from service.store.bulk_files import Tail
from service.store.cases import CaseRow
from service.store.resources import Line, Sealed, Stored
from service.store.transaction import Unit, transaction

OUTCOME = "OperationOutcome"
TOO_MANY = "This system has enough exports under way. Wait until one is ready, and start no more than needed."
TOO_FAST = "Asked again too soon. Wait as long as Retry-After says."
NO_RELEASE = "No release in force names this system."
MINE = CaseFacts(Relation.NONE, named=True)
# Opens what was chosen of a case, and keeps back what tells a protected value.
Hold = Callable[[Sequence[Sealed]], Sequence[Line]]


@dataclass(frozen=True)
class Packed:
    """What goes of a case: its lines by type, what the disclosures log says of it, how much of each class stays."""

    lines: Mapping[str, Sequence[bytes]]
    left: Left
    withheld: Mapping[str, int]


Pack = Callable[[Release, Sequence[Sealed], Hold], Packed]


def start_export(actor: Actor, ask: BulkAsk) -> str:
    """Note what is wanted and the cases to look at; returns the id. Raises NotFound for a clinician who is none,
    NotAllowed for too many.
    """
    with practice_unit(actor, Action.BULK_START) as unit:
        often = bulk_exports.started_since(actor.user_id, clock.now() - WITHIN) >= MOST_STARTED
        if often or bulk_exports.running(actor.user_id) >= MOST_RUNNING:
            raise NotAllowed(TOO_MANY, Why.TOO_MANY)
        row = bulk_exports.add(actor.practice_id, actor.user_id, ask, _cases(actor, ask))
        unit.subject, unit.why = f"export/{row.id}", f"{ask.level}: {', '.join(ask.types)}"[:200]
        return row.id


def read_export(actor: Actor, export_id: str) -> BulkExport:
    """How an export stands. Raises NotFound once it is deleted, run out or no longer covered, NotAllowed when asked
    too often.
    """
    with transaction(actor, Action.BULK_READ, f"export/{export_id}") as unit:
        row = _own(unit, export_id)
        if row.polled_at is not None and clock.now() < row.polled_at + POLL_EVERY:
            raise NotAllowed(TOO_FAST, Why.TOO_MANY)
        row.polled_at = clock.now()
        return bulk_exports.value(row)


def open_file(actor: Actor, export_id: str, kind: str) -> tuple[BulkFile, Iterator[bytes]]:
    """A finished file and its lines, to be read as they go out. Raises NotAllowed where the token that asks for it
    does not reach its type, whatever token started the export.
    """
    with transaction(actor, Action.BULK_READ, f"export/{export_id}") as unit:
        row, file = _own(unit, export_id), bulk_exports.file(export_id, kind)
        if row.state != BulkState.DONE or file is None:
            raise NotFound
        for right in (READ, SEARCH) if kind != OUTCOME else ():
            check_scope(actor, kind, right)
        unit.why = f"{kind}: {file.lines} lines"
        return BulkFile(kind, file.lines, file.length), bulk_files.read(export_id, kind, file.end)


def end_export(actor: Actor, export_id: str) -> None:
    """Stop an export or delete it, with its files."""
    with transaction(actor, Action.BULK_END, f"export/{export_id}") as unit:
        bulk_exports.end(_own(unit, export_id), BulkState.DELETED)
    bulk_files.remove(export_id)


def list_exports(actor: Actor, client_id: str, most: int = 10) -> tuple[BulkExport, ...]:
    """The newest exports of a system, for an administrator: when and how they stand, never of whom."""
    with practice_unit(actor, Action.MACHINE_READ, f"account/{client_id}"):
        account = accounts.account(client_id)
        if account is None or account.practice_id != actor.practice_id:
            raise NotFound
        return bulk_exports.of_client(client_id, most)


def take() -> BulkJob | None:
    """The next step of the export that waits longest, leased."""
    return bulk_exports.take()


def export_case(job: BulkJob, pack: Pack) -> BulkJob | None:
    """Do one case, or go past it where it may not leave; returns the next step while the lease holds."""
    actor = machine_at(job.client_id, job.practice_id, request_id=job.export_id[:8])
    try:
        with transaction(actor, Action.BULK_CASE, f"case/{job.case_id}") as unit:
            row, case = _held(job), admit(unit, job.case_id)
            _leave(unit, job, case, pack)
            bulk_exports.go_on(row)
    except (NotFound, NotAllowed):
        return _go_past(job)
    except Conflict:
        return None
    return bulk_exports.next_of(job)


def leave_out(job: BulkJob, words: bytes) -> BulkJob | None:
    """Go past a case that cannot be exported; the export says so in these words, without saying whose."""
    row = bulk_exports.held(job)
    if row is not None:
        _write(job, OUTCOME, job.practice_id, [words])
    return _go_past(job)


def finish_export(job: BulkJob, is_wanted: Callable[[Line], bool]) -> None:
    """Add what is wanted of the directory, where everything was asked for, and let the files be fetched."""
    actor = machine_at(job.client_id, job.practice_id, request_id=job.export_id[:8])
    with transaction(actor, Action.FHIR_DIRECTORY, f"export/{job.export_id}") as unit:
        unit.require()
        row = _held(job)
        for each in filter(is_wanted, _directory(job)):
            _write(job, each.type, job.practice_id, [each.body])
        bulk_exports.finish(row)


def let_go(job: BulkJob) -> None:
    bulk_exports.let_go(job)


def tidy() -> int:
    """End what has run out or is no longer covered, and remove files that belong to nothing; returns how many ended."""
    stored = bulk_files.stored()
    ended = [each.id for each in bulk_exports.alive() if _is_over(each)]
    db.session.rollback()
    for export_id in ended:
        _end_by_itself(export_id)
    alive = {each.id for each in bulk_exports.alive()}
    db.session.rollback()
    for each in set(stored) - alive:
        bulk_files.remove(each)
    return len(ended)


def _leave(unit: Unit, job: BulkJob, case: CaseRow, pack: Pack) -> None:
    ended = _has_ended(_held(job))
    name = "" if ended else accounts.name_of(job.client_id)
    release = release_for(releases.of_case(case.id), name, practice_today(unit.actor)) if name else None
    if release is None:
        raise NotAllowed(NO_RELEASE, Why.STATE)
    sealed = resources.lines_of_case(case.id, job.ask.since)
    packed = pack(release, sealed, lambda chosen: lines_that_may_go(case, chosen))
    _count(job, packed.withheld)
    if packed.lines:
        try:
            disclose(unit, case, packed.left, _departure(release))
        except Invalid as error:  # the gate is closed for this case; the others wait behind it
            raise NotAllowed(error.message, Why.STATE) from error
        bulk_exports.leave_by(job, release.id)
    for kind, lines in packed.lines.items():
        _write(job, kind, case.id, lines)
    unit.why = ", ".join(packed.left.sections)[:200]


def _write(job: BulkJob, kind: str, scope_id: str, lines: Sequence[bytes]) -> None:
    """Lines to the end of a file, and how long it is now into its row; the one counts by the other."""
    file = bulk_exports.grown(job.export_id, kind)
    file.end = bulk_files.append(Tail(job.export_id, kind, file.end), lines, scope_id)
    file.lines += len(lines)
    file.length += sum(map(len, lines)) + len(lines)


def _count(job: BulkJob, withheld: Mapping[str, int]) -> None:
    row = _held(job)
    if withheld:
        bulk_exports.put_withheld(row, Counter(bulk_exports.withheld_of(row)) + Counter(withheld))


def _departure(release: Release) -> Departure:
    terms = release.terms
    return Departure(
        terms.recipient,
        LegalBasis.RELEASE,
        terms.purpose,
        SendRoute.SYSTEM,
        address=terms.address,
        release_id=release.id,
    )


def _go_past(job: BulkJob) -> BulkJob | None:
    row = bulk_exports.held(job)
    if row is None:
        db.session.rollback()
        return None
    bulk_exports.go_on(row)
    if _has_ended(row):
        bulk_exports.end(row, BulkState.ENDED)
    db.session.commit()
    return bulk_exports.next_of(job)


def _directory(job: BulkJob) -> list[Line]:
    if job.ask.level is not BulkLevel.SYSTEM:
        return []
    people = {each.id for each in accounts.people(job.practice_id)}
    found = resources.directory(job.practice_id, people | {job.practice_id})
    asked = (each for each in found if each.type in job.ask.types and _is_new(job.ask, each))
    return [Line(each.type, each.id, each.body) for each in asked]


def _is_new(ask: BulkAsk, stored: Stored) -> bool:
    return ask.since is None or stored.updated_at > ask.since


def _cases(actor: Actor, ask: BulkAsk) -> list[str]:
    if ask.level is BulkLevel.GROUP:
        account = accounts.account(ask.group)
        if account is None or account.practice_id != actor.practice_id or account.role not in INVITED:
            raise NotFound
    linked = bulk_exports.linked_cases(actor.user_id, ask.group)
    return linked if ask.patients is None else [each for each in linked if each in ask.patients]


def _own(unit: Unit, export_id: str) -> BulkExportRow:
    """The export, if it is the asker's and still stands."""
    row = bulk_exports.row(export_id, lock=unit.action is Action.BULK_END)
    if row is None or row.account_id != unit.actor.user_id or _is_over(row):
        raise NotFound
    unit.require(MINE)
    return row


def _held(job: BulkJob) -> BulkExportRow:
    row = bulk_exports.held(job)
    if row is None:
        raise Conflict(TOO_FAST)
    return row


def _is_over(row: BulkExportRow) -> bool:
    run_out = row.expires_at is not None and row.expires_at <= clock.now()
    gone = row.state not in (BulkState.RUNNING, BulkState.DONE)
    today = clock.today(accounts.practice(row.practice_id).zone)
    return gone or run_out or bulk_exports.is_uncovered(row, today) or _has_ended(row)


def _has_ended(row: BulkExportRow) -> bool:
    """Whether its system is none any more, or is no longer registered for all that was asked for."""
    account, client = accounts.account(row.account_id), machine_clients.row(row.account_id)
    if account is None or not account.active or account.role != Role.MACHINE:
        return True
    asked = [(each, right) for each in bulk_exports.ask_of(row).types for right in (READ, SEARCH)]
    return client is not None and not all(allows(client.scopes, *each) for each in asked)


def _end_by_itself(export_id: str) -> None:
    row = bulk_exports.row(export_id)
    if row is None:
        return
    with transaction(system_actor(row.practice_id), Action.BULK_END, f"export/{export_id}") as unit:
        unit.require(MINE)
        unit.why = "run out or no longer covered"
        found = bulk_exports.row(export_id, lock=True)
        if found is not None and _is_over(found):
            bulk_exports.end(found, BulkState.ENDED)
