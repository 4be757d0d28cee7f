"""The worklist: what notes and sessions wait for, and forms that arrived, the reader's own and, for supervisors, their
therapists'.

Rule: in the order in which waiting could do harm, the longest first. It says where it is stuck, and blocks nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.actions import Action
from schemas.event_codes import NoteState
from schemas.note_codes import NoteStep, WorkKind
from schemas.request_codes import RequestStatus
from schemas.vocabulary import CaseStatus, Role
from schemas.wall_codes import WallStep
from service.casework.caseloads import missed_twice
from service.casework.cosigning import cosigners, why_stuck
from service.casework.events import barred_from
from service.casework.gate import practice_unit
from service.casework.requests import may_second
from service.casework.sessions import SessionView, view
from service.casework.successions import to_confirm
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import CaseloadRow
from service.domain.events import READER_OVERDUE
from service.domain.note_life import COSIGN_ESCALATED, COSIGN_OVERDUE, Taken
from service.domain.requests import OWN as OWN_PAPERS
from service.domain.workload import ARRIVED_OVERDUE, NOTE_OVERDUE
from service.store import (
    accounts,
    cases,
    episodes,
    events,
    intakes,
    note_steps,
    notes,
    requests,
    sessions,
    summary,
    walls,
)
from service.store.notes import NoteRow

ASKS: Mapping[NoteStep, tuple[WorkKind, timedelta]] = {
    NoteStep.JOINT_ASKED: (WorkKind.JOINT, timedelta()),
    NoteStep.ERROR_SAID: (WorkKind.ERROR, timedelta(days=1)),
    NoteStep.AMENDMENT_ASKED: (WorkKind.AMENDMENT, timedelta(days=30)),
}
# What takes a second signature, and when a person who runs the practice is told that it waits.
WALLS = {WallStep.LIFT_HOLD: WorkKind.HOLD, WallStep.PURGE: WorkKind.PURGE}
SIGNED_BY_TWO = frozenset(
    {WorkKind.JOINT, WorkKind.ERROR, WorkKind.ENDING, WorkKind.COSIGN, WorkKind.LEAVING, *WALLS.values()}
)
SECOND_PERSON = SIGNED_BY_TWO | {WorkKind.READING}
ESCALATED: Mapping[WorkKind, timedelta] = {
    **dict.fromkeys(SIGNED_BY_TWO, COSIGN_ESCALATED),
    WorkKind.READING: READER_OVERDUE,
}
# What the author of a note does, and what somebody else must.
OWN = frozenset({WorkKind.AMENDMENT})
SUPERVISORS = frozenset({WorkKind.JOINT})


@dataclass(frozen=True)
class Work:
    """One thing that waits. `stuck` are the close steps that do not hold, `gaps` the loose ends of the thread, `mine`
    whether it stands on a case of the reader. `subject_id` is the event, the request or the form, where there is one.
    """

    kind: WorkKind
    case_id: str
    code: str
    chosen_name: str
    session_id: str | None
    since: datetime
    overdue: bool = False
    escalated: bool = False
    mine: bool = False
    by: str = ""
    stuck: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    subject_id: str | None = None


def read_worklist(actor: Actor) -> tuple[Work, ...]:
    """Everything that waits, most pressing first."""
    with practice_unit(actor, Action.WORKLIST_READ):
        mine = set(cases.case_ids_of(actor.user_id))
        rows = {row.case_id: row for row in _rows(actor, mine)}
        found = [*_unwritten(rows, mine), *_asked(actor, rows, mine), *_returned(rows, mine), *_missed(rows, mine)]
        found += [
            *_cosigns(actor, rows, mine),
            *_events(actor, rows, mine),
            *_endings(rows, mine),
            *_leaving(actor, rows, mine),
            *_sent_back(actor, rows, mine),
            *_walls(actor, rows, mine),
            *_arrived(rows, mine),
            *_uncovered(rows, mine),
            *_successions(actor),
        ]
        order = list(WorkKind)
        return tuple(sorted(map(_clocked, found), key=lambda each: (order.index(each.kind), each.since, each.case_id)))


def read_signing(actor: Actor) -> tuple[Work, ...]:
    """The part of it that waits for this reader's second signature."""
    return tuple(each for each in read_second_person(actor) if each.kind in SIGNED_BY_TWO)


def read_second_person(actor: Actor) -> tuple[Work, ...]:
    """The part of it that waits for this reader as the second person: to read, or to sign."""
    found = read_worklist(actor) if actor.role is Role.SUPERVISOR else ()
    return tuple(each for each in found if each.kind in SECOND_PERSON and not each.mine)


def _rows(actor: Actor, mine: set[str]) -> list[CaseloadRow]:
    """Own cases and those of supervised therapists; restricted and blocked ones are left out."""
    blocked = set(cases.blocked_case_ids(actor.user_id))
    rows = summary.of_cases(list(mine))
    if actor.role is Role.SUPERVISOR:
        rows += summary.of_therapists(accounts.supervised_by(actor.user_id), only_named=True)
    return [row for row in rows if row.case_id not in blocked]


def _unwritten(rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    for session, note in notes.unwritten(rows):
        shown = view(session)
        stuck = _stuck(shown)
        waits = _on(rows[session.case_id], _kind(shown, note, stuck), (session.id, session.ends_at), mine=mine)
        yield replace(
            waits,
            by=accounts.name_of(session.author_id),
            overdue=clock.now() - session.ends_at >= NOTE_OVERDUE,
            stuck=stuck,
            gaps=tuple(gap.label for gap in shown.gaps),
        )


def _kind(shown: SessionView, note: NoteRow | None, stuck: Sequence[str]) -> WorkKind:
    if shown.note_state is NoteState.DRAFT_BLOCKED:
        return WorkKind.BLOCKED_NOW
    if note is None:
        return WorkKind.MISSING
    return WorkKind.BLOCKED if stuck else WorkKind.UNSIGNED


def _stuck(shown: SessionView) -> tuple[str, ...]:
    missing = [step.label for step in shown.steps if not step.done]
    if shown.note is not None and not any(text.strip() for text in shown.note.sections.values()):
        missing.append("The text of the note")
    return tuple(missing)


def _asked(actor: Actor, rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    """Questions that wait for this reader: who asked does not answer, but for what the author owes the client."""
    for each in note_steps.unanswered(rows, *ASKS):
        kind, allowed = ASKS[each.step]
        if each.by_id == actor.user_id and kind not in OWN:
            continue
        if kind in SUPERVISORS and each.case_id in mine:
            continue
        waits = _on(rows[each.case_id], kind, (each.session_id, each.at), mine=mine)
        yield replace(waits, by=each.by, overdue=clock.now() - each.at >= allowed)


def _cosigns(actor: Actor, rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    """What this reader can cosign, by the code alone on a case they know nothing else of; and of their own cases, what
    nobody can.
    """
    theirs = accounts.cosigned_by(actor.user_id) if actor.role is Role.SUPERVISOR else []
    asked = (*note_steps.unanswered(rows, NoteStep.COSIGN_ASKED), *note_steps.cosign_asked_by(theirs))
    for each in {one.id: one for one in asked}.values():
        note = notes.of_session(each.session_id)
        able = {one.user_id for one in cosigners(note, each)} if note else set()
        late = clock.now() - each.at >= COSIGN_OVERDUE
        if actor.user_id in able and note:
            yield replace(_to_cosign(rows, each, note), by=each.by, overdue=late)
        elif note and not able and each.case_id in mine:
            waits = _on(rows[each.case_id], WorkKind.UNCOSIGNED, (each.session_id, each.at), mine=mine)
            yield replace(waits, by=each.by, overdue=late, stuck=(why_stuck(note),))


def _to_cosign(rows: Mapping[str, CaseloadRow], each: Taken, note: NoteRow) -> Work:
    """Never among the own, whosever case it is: it waits for the reader as the second person."""
    where = each.session_id, each.at
    if each.case_id in rows:
        return _on(rows[each.case_id], WorkKind.COSIGN, where, mine=set())
    return Work(WorkKind.COSIGN, each.case_id, "", cases.code_of(each.case_id), *where, subject_id=note.id)


def _returned(rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    for each in note_steps.newest(rows, NoteStep.RETURNED, NoteStep.COSIGN_ASKED, NoteStep.ERROR_AGREED):
        if each.step is NoteStep.RETURNED:
            yield replace(_on(rows[each.case_id], WorkKind.RETURNED, (each.session_id, each.at), mine=mine), by=each.by)


def _missed(rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    for row in missed_twice(rows.values()):
        last = sessions.last_missed(row.case_id)
        if last is not None:
            waits = _on(row, WorkKind.MISSED, (last.id, last.starts_at), mine=mine)
            yield replace(waits, by=accounts.name_of(last.author_id), overdue=True)


def _events(actor: Actor, rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    """Follow-ups to respond now, and errors, that this reader can read as second one."""
    for each in events.awaiting(list(rows)):
        if not barred_from(actor, each, events.history(each)):
            since = each.awaiting_since or each.updated_at
            row = rows[each.case_id]
            waits = _on(row, WorkKind.READING, (each.session_id, since), mine=mine)
            yield replace(
                waits, subject_id=each.id, by=row.therapist_name, overdue=clock.now() - since >= READER_OVERDUE
            )


def _endings(rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    for each in episodes.waiting_discharges(rows.keys() - mine):
        waits = _on(rows[each.case_id], WorkKind.ENDING, (None, each.at), mine=mine)
        yield replace(waits, by=accounts.name_of(each.by_id), overdue=clock.now() - each.at >= COSIGN_OVERDUE)


def _sent_back(actor: Actor, rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    """What the second person did not release: what the author wrote by themselves for the author, anything else for who
    has the case.
    """
    for each in requests.in_status(rows.keys() & mine, RequestStatus.OPEN):
        back = requests.content(each).back
        if back is not None and (each.kind not in OWN_PAPERS or each.author_id == actor.user_id):
            waits = _on(rows[each.case_id], WorkKind.SENT_BACK, (None, each.updated_at), mine=mine)
            yield replace(waits, subject_id=each.id, by=back.by_name)


def _leaving(actor: Actor, rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    for each in requests.in_status(rows, RequestStatus.PROPOSED):
        if may_second(actor, each) and each.proposer_id is not None:
            since = requests.waits_since(each)
            waits = _on(rows[each.case_id], WorkKind.LEAVING, (None, since), mine=mine)
            late = clock.now() - since >= COSIGN_OVERDUE
            yield replace(waits, subject_id=each.id, by=accounts.name_of(each.proposer_id), overdue=late)


def _walls(actor: Actor, rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    """Lifting a hold, or a purge, that somebody else asked for."""
    for each in walls.asked(rows):
        kind = WALLS.get(WallStep(each.step))
        if kind is not None and each.by_id != actor.user_id:
            waits = _on(rows[each.case_id], kind, (None, each.at), mine=mine)
            yield replace(waits, by=accounts.name_of(each.by_id), overdue=clock.now() - each.at >= COSIGN_OVERDUE)


def _successions(actor: Actor) -> Iterable[Work]:
    """Who is to take over from an ended account; it tells of an account, and of no case."""
    for each in to_confirm(actor) if actor.role is Role.SUPERVISOR else ():
        late = clock.now() - each.asked_at >= COSIGN_OVERDUE
        waits = Work(WorkKind.SUCCESSION, "", "Account", each.name, None, each.asked_at, subject_id=each.id)
        yield replace(waits, by=each.asked_by_name, overdue=late)


def _arrived(rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    """Forms that a connected system sent, for who holds or covers the case, until one of them opens it."""
    for each in intakes.unseen(case_id for case_id in rows.keys() & mine if rows[case_id].unseen):
        waits = _on(rows[each.case_id], WorkKind.ARRIVED, (None, each.since), mine=mine)
        yield replace(waits, subject_id=each.id, overdue=clock.now() - each.since >= ARRIVED_OVERDUE)


def _uncovered(rows: Mapping[str, CaseloadRow], mine: set[str]) -> Iterable[Work]:
    """Cases whose therapist's account has ended, and that nobody covers who can sign in: the open ones, and those
    closed with something left to answer.
    """
    theirs = [row for row in rows.values() if row.case_id not in mine]
    people = {each: accounts.account(each) for each in {row.therapist_id for row in theirs}}
    ended = {each: account.updated_at for each, account in people.items() if account and not account.active}
    for row in theirs:
        if row.therapist_id in ended and _wants_somebody(row) and not _is_covered(row.case_id):
            waits = _on(row, WorkKind.UNCOVERED, (None, ended[row.therapist_id]), mine=mine)
            yield replace(waits, by=row.therapist_name, overdue=row.open_events > 0)


def _wants_somebody(row: CaseloadRow) -> bool:
    return row.status is CaseStatus.OPEN or bool(row.open_events or requests.count_open(row.case_id))


def _is_covered(case_id: str) -> bool:
    return any(accounts.can_sign_in(each.account_id) for each in cases.covers(case_id))


def _clocked(work: Work) -> Work:
    """The same, saying whether it waited so long that others are told."""
    allowed = ESCALATED.get(work.kind)
    return replace(work, escalated=allowed is not None and clock.now() - work.since >= allowed)


def _on(row: CaseloadRow, kind: WorkKind, where: tuple[str | None, datetime], *, mine: set[str]) -> Work:
    session_id, since = where
    return Work(kind, row.case_id, row.code, row.chosen_name, session_id, since, mine=row.case_id in mine)
