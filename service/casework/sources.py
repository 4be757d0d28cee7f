"""The frozen records that FHIR resources are built from: the one behind a task of the outbox, and all of a practice.

Rule: read, never written; a record that is gone or purged gives nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.vocabulary import CaseStatus
from service.casework.leaks import guard_of
from service.casework.records import Record, collected
from service.casework.speaking import names_somebody, speaks, texts_withheld, touched_by
from service.domain.accounts import Person, Practice
from service.domain.cases import Case, Episode, Goal
from service.domain.diagnoses import Diagnosis
from service.domain.disclosures import Disclosure
from service.domain.events import SafetyEvent
from service.domain.intakes import Intake
from service.domain.leaks import Guard
from service.domain.notes import Note
from service.domain.programme import Programme
from service.domain.referrals import Referral
from service.domain.releases import Consent, Release, standing
from service.domain.safety import Plan
from service.domain.sessions import TherapySession
from service.domain.summaries import Summary
from service.domain.withholding import guard_over
from service.errors import NotFound
from service.store import (
    accounts,
    cases,
    diagnoses,
    disclosures,
    episodes,
    events,
    goals,
    intakes,
    notes,
    plans,
    programmes,
    referrals,
    releases,
    sessions,
    treatment_summaries,
)
from service.store.cases import CaseRow
from service.store.intakes import IntakeRow
from service.store.notes import NoteRow
from service.store.outbox import PROTECTED, Notice, Task

OfCase = (
    Case
    | Episode
    | TherapySession
    | Note
    | Intake
    | Plan
    | Programme
    | Goal
    | Diagnosis
    | Referral
    | Release
    | Consent
    | Disclosure
    | SafetyEvent
    | Summary
)
Source = OfCase | Person | Practice
NOTHING_PROTECTED = Guard(())


@dataclass(frozen=True)
class Frozen:
    """A record to build from, with the case (None for people and practices) and the practice it belongs to.

    `session` is that of a note or intake, `signer_id` who signed a note, `replaced_at` when an intake was corrected,
    `later` the next session that took place, once its note is signed. `guard` knows what must not leave, `withheld` are
    the ids of texts of a note, or of a summary, that stay.
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
            found = _each_once(found)
        return _guarded(found, case_row)
    except NotFound:
        return ()


def _each_once(found: Iterable[Frozen]) -> tuple[Frozen, ...]:
    """A note that is touched itself also comes along with the next one; a resource has one next version."""
    return tuple({(type(each.record), each.record.id): each for each in found}.values())


def everything(practice_id: str) -> list[Notice]:
    """All records of a practice, to be announced anew."""
    practice = accounts.practice(practice_id)
    found = [Notice("practice", practice.id, practice.version, None)]
    found += [Notice("account", each.id, each.version, None) for each in accounts.people(practice_id)]
    for case_id in cases.all_ids(practice_id):
        row = cases.row(case_id)
        if row is not None:
            found += _of_record(collected(row))
    return found


def _guarded(found: tuple[Frozen, ...], case: CaseRow) -> tuple[Frozen, ...]:
    """The records with what must not leave with them, where any of them holds words."""
    if not any(speaks(each.record) for each in found):
        return found
    guard = guard_of(case)
    return tuple(_under(guard, each) for each in found)


def _under(guard: Guard, each: Frozen) -> Frozen:
    over = guard_over(each.record, guard) if isinstance(each.record, Intake) else guard
    return replace(each, guard=over, withheld=texts_withheld(each.record, guard))


def _collected(task: Task, frame: Frozen) -> tuple[Frozen, ...]:
    match task.record_type:
        case "note":
            return _note(task.record_id, frame)
        case "intake":
            row = intakes.row(task.record_id)
            return (_intake(row, frame),) if row else ()
        case "session":
            return _session(task.record_id, frame)
        case "case":
            return (frame,) if frame.case is None else (replace(frame, record=frame.case),)
        case str() if task.record_type == PROTECTED:
            return ()
        case _:
            record = _PLAIN[task.record_type](task)
            return (replace(frame, record=record),) if record else ()


def _episode(task: Task) -> Episode | None:
    row = episodes.row(task.record_id)
    return episodes.whole(row) if row else None


def _plan(task: Task) -> Plan | None:
    row = plans.plan_row(task.record_id)
    return plans.plan_value(row) if row else None


def _programme(task: Task) -> Programme | None:
    found = programmes.of_case(task.case_id or "")
    return found if found.id else None


def _goal(task: Task) -> Goal | None:
    row = goals.row(task.record_id)
    return goals.value(row) if row else None


def _diagnosis(task: Task) -> Diagnosis | None:
    return diagnoses.diagnosis(task.record_id)


def _referral(task: Task) -> Referral | None:
    row = referrals.row(task.record_id)
    return referrals.value(row) if row else None


def _release(task: Task) -> Release | None:
    row = releases.row(task.record_id)
    return releases.value(row) if row else None


def _consent(task: Task) -> Consent | None:
    """The answer that stands for the kind of the one that was recorded."""
    said = releases.consents(task.case_id or "")
    kind = next((each.kind for each in said if each.id == task.record_id), None)
    return standing(said)[kind] if kind else None


def _disclosure(task: Task) -> Disclosure | None:
    row = disclosures.row(task.record_id)
    return disclosures.value(row) if row else None


def _summary(task: Task) -> Summary | None:
    row = treatment_summaries.row(task.record_id)
    return treatment_summaries.value(row) if row else None


def _event(task: Task) -> SafetyEvent | None:
    row = events.row_of(task.record_id)
    return events.value(row) if row else None


def _account(task: Task) -> Person | None:
    row = accounts.account(task.record_id)
    return accounts.person(row) if row else None


def _practice(task: Task) -> Practice:
    return accounts.practice(task.practice_id)


_PLAIN: Mapping[str, Callable[[Task], Source | None]] = {
    "episode": _episode,
    "plan": _plan,
    "programme": _programme,
    "goal": _goal,
    "diagnosis": _diagnosis,
    "referral": _referral,
    "release": _release,
    "consent": _consent,
    "disclosure": _disclosure,
    "event": _event,
    "summary": _summary,
    "account": _account,
    "practice": _practice,
}


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


def _of_record(record: Record) -> list[Notice]:
    case_id = record.case.id
    found = [
        Notice("case", case_id, record.case.version, case_id),
        Notice("episode", record.case.episode.id, record.case.episode.version, case_id),
    ]
    found += [Notice("session", each.id, each.version, case_id) for each in record.sessions]
    found += [Notice("note", each.id, each.version, case_id) for each in record.notes if each.signed_at]
    found += [Notice("intake", each.id, each.version, case_id) for each in record.intakes]
    found += [Notice("plan", each.id, each.version, case_id) for each in record.plans if each.status != "draft"]
    found += [Notice("goal", each.id, each.version, case_id) for each in record.goals]
    found += [Notice("event", each.id, each.version, case_id) for each in record.events]
    if record.programme.id:
        found.append(Notice("programme", record.programme.id, len(record.programme.entries), case_id))
    return found + _of_papers(case_id)


def _of_papers(case_id: str) -> list[Notice]:
    """Diagnoses, referrals, consents, releases, what left and the summaries that did."""
    return [
        *(Notice("diagnosis", each.id, each.version, case_id) for each in diagnoses.of_case(case_id)),
        *(Notice("referral", each.id, each.version, case_id) for each in referrals.of_case(case_id)),
        *(Notice("release", each.id, each.version, case_id) for each in releases.of_case(case_id)),
        *(Notice("consent", each.id, 1, case_id) for each in standing(releases.consents(case_id)).values()),
        *(Notice("disclosure", each.id, 1, case_id) for each in disclosures.of_case(case_id)),
        *(Notice("summary", each.id, 1, case_id) for each in treatment_summaries.of_case(case_id)),
    ]
