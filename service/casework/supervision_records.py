"""Supervision meetings: recorded and read by the two who met, and by nobody else.

Rule: what was said about a case, and what is to be done there, is shown to whichever of the two may read that case now;
for the other it is not there. Nothing reaches a chart but a decision that the therapist copies there as an addendum.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from schemas.actions import Action
from schemas.supervision_codes import SupervisionMode
from schemas.vocabulary import NoteStatus, Relation
from service.casework import notes as progress_notes
from service.casework.gate import check_version, practice_today, practice_unit
from service.domain import clock
from service.domain.access import CaseFacts, decide
from service.domain.actors import Actor
from service.domain.supervision_records import (
    ACTION_REMINDER,
    CaseTouched,
    Hours,
    SupervisionAction,
    SupervisionRecord,
    TouchedWords,
    check_held_on,
    minutes_in,
)
from service.errors import Invalid, NotFound
from service.store import accounts, cases, notes, sessions
from service.store import supervision_records as records
from service.store.base import db
from service.store.supervision_records import ActionRow, SupervisionRecordRow, TouchedRow
from service.store.transaction import Unit, transaction


@dataclass(frozen=True)
class MeetingDraft:
    held_on: date
    minutes: int
    mode: SupervisionMode
    words: str = ""


@dataclass(frozen=True)
class ActionDraft:
    owner_id: str
    words: str
    due_on: date
    case_id: str | None = None


@dataclass(frozen=True)
class Supervision:
    """Somebody's own supervision: meetings newest first, hours of this month, and whom they meet."""

    records: tuple[SupervisionRecord, ...]
    hours: tuple[Hours, ...]
    partners: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Desk:
    """A meeting with the cases that can be touched, (id, words), and whether its reader is the therapist."""

    record: SupervisionRecord
    choices: tuple[tuple[str, str], ...]
    is_therapist: bool


@dataclass(frozen=True)
class CopyDesk:
    """What was decided about one case, if any, and the signed notes it can be added to: (id, when the session was)."""

    record: SupervisionRecord
    touched: CaseTouched | None
    notes: tuple[tuple[str, datetime], ...]


def list_own(actor: Actor) -> Supervision:
    with practice_unit(actor, Action.SUPERVISION_LIST):
        found = tuple(_value(actor, each) for each in records.of_person(actor.user_id))
        return Supervision(found, _hours(actor), _partners(actor))


def list_hours(actor: Actor) -> tuple[Hours, ...]:
    """Hours of this month of those whom the actor supervises or is supervised by."""
    with practice_unit(actor, Action.SUPERVISION_LIST):
        return _hours(actor)


def add_record(actor: Actor, with_id: str, draft: MeetingDraft) -> SupervisionRecord:
    """Record a meeting of the actor with their supervisor or supervisee. Raises Invalid naming the field."""
    with practice_unit(actor, Action.SUPERVISION_ADD) as unit:
        check_held_on(draft.held_on, practice_today(actor))
        if with_id not in dict(_partners(actor)):
            raise Invalid("The meeting cannot be kept.", {"with_id": "Choose your supervisor or supervisee."})
        leads = accounts.supervises(actor.user_id, with_id)
        pair = (actor.user_id, with_id) if leads else (with_id, actor.user_id)
        row = records.new_row(actor.practice_id, *pair)
        _fill(row, draft)
        db.session.add(row)
        db.session.flush()
        unit.subject = f"supervision/{row.id}"
        return _value(actor, row)


def read_record(actor: Actor, record_id: str) -> Desk:
    """A meeting, for one of the two. Raises NotFound."""
    with transaction(actor, Action.SUPERVISION_READ, f"supervision/{record_id}") as unit:
        row = _admitted(unit, record_id)
        return Desk(_value(actor, row), _choices(actor, row), actor.user_id == row.therapist_id)


def change_record(actor: Actor, record_id: str, draft: MeetingDraft, *, version: int) -> SupervisionRecord:
    """Change a meeting seen as `version`. Raises Conflict with both texts."""
    with transaction(actor, Action.SUPERVISION_WRITE, f"supervision/{record_id}") as unit:
        row = _admitted(unit, record_id)
        check_held_on(draft.held_on, practice_today(actor))
        theirs = {"words": records.words_of(row)}
        check_version(seen=version, stored=row.version, yours={"words": draft.words}, theirs=theirs)
        _fill(row, draft)
        db.session.flush()
        return _value(actor, row)


def touch_case(
    actor: Actor, record_id: str, case_id: str, words: TouchedWords, *, version: int | None
) -> SupervisionRecord:
    """Keep what was said about a case, seen as `version`, None for the first time. Raises Invalid, Conflict."""
    with transaction(actor, Action.SUPERVISION_WRITE, f"supervision/{record_id}") as unit:
        row = _admitted(unit, record_id)
        part = next((each for each in records.touched(record_id) if each.case_id == case_id), None)
        if not _may_read(actor, case_id) or (part is None and case_id not in dict(_choices(actor, row))):
            raise Invalid("This cannot be kept.", {"case_id": "Choose a case of the therapist that you can read."})
        if part is None:
            part = records.new_touched(record_id, case_id)
            records.put_touched(part, words)
            db.session.add(part)
        else:
            _change_touched(part, words, version)
        db.session.flush()
        return _value(actor, row)


def add_action(actor: Actor, record_id: str, draft: ActionDraft) -> SupervisionRecord:
    """Agree on something to do. Raises Invalid naming the field."""
    with transaction(actor, Action.SUPERVISION_WRITE, f"supervision/{record_id}") as unit:
        row = _admitted(unit, record_id)
        if draft.owner_id not in (row.supervisor_id, row.therapist_id):
            raise Invalid("This cannot be kept.", {"owner_id": "Choose one of the two who met."})
        if draft.case_id is not None and draft.case_id not in dict(_choices(actor, row)):
            raise Invalid("This cannot be kept.", {"case_id": "Choose a case of the therapist that you can read."})
        added = records.new_action(record_id, draft.case_id, draft.owner_id, draft.due_on)
        records.put_action(added, draft.words)
        db.session.add(added)
        db.session.flush()
        return _value(actor, row)


def set_done(actor: Actor, record_id: str, action_id: str, *, done: bool) -> SupervisionRecord:
    """Say that an action is done, or that it is not after all; saying it twice changes nothing."""
    with transaction(actor, Action.SUPERVISION_WRITE, f"supervision/{record_id}") as unit:
        row = _admitted(unit, record_id)
        found = records.action(action_id)
        if found is None or found.record_id != record_id or not _shown(actor, found.case_id):
            raise NotFound
        if done != (found.done_at is not None):
            found.done_at = clock.now() if done else None
        db.session.flush()
        return _value(actor, row)


def read_copy(actor: Actor, record_id: str, case_id: str = "") -> CopyDesk:
    """What copying a decision about this case, else the first one, into its chart takes; for the therapist alone."""
    with transaction(actor, Action.SUPERVISION_COPY, f"supervision/{record_id}") as unit:
        record = _to_copy(unit, record_id)
        wanted = [each for each in record.touched if case_id in ("", each.case_id)]
        part = wanted[0] if wanted else None
        return CopyDesk(record, part, tuple(_signed_notes(part.case_id)) if part else ())


def copy_decision(actor: Actor, record_id: str, note_id: str, text: str) -> str:
    """Add a decision to a signed note of a case that was touched; returns the id of the note's session. Raises
    Invalid.
    """
    with transaction(actor, Action.SUPERVISION_COPY, f"supervision/{record_id}") as unit:
        record, note = _to_copy(unit, record_id), notes.row(note_id)
        if note is None or note.case_id not in {each.case_id for each in record.touched}:
            raise Invalid("Nothing was added.", {"note_id": "Choose a signed note of a case that you spoke about."})
    return progress_notes.add_addendum(actor, note_id, text).session_id


def set_target(actor: Actor, therapist_id: str, minutes: int | None) -> None:
    """What the actor and one supervisee of theirs agreed on a month. Raises NotFound."""
    with transaction(actor, Action.SUPERVISION_TARGET, f"account/{therapist_id}") as unit:
        row = accounts.supervision_row(actor.user_id, therapist_id)
        unit.require(CaseFacts(Relation.NONE, named=row is not None and row.agreed_at is not None))
        if row is not None:
            row.target_minutes = minutes


def waiting(actor: Actor) -> tuple[SupervisionAction, ...]:
    """What the actor has to do soon, inside the running transaction; actions on hidden cases are left out."""
    found = records.waiting_for(actor.user_id, practice_today(actor) + ACTION_REMINDER)
    return _actions(actor, found)


def _admitted(unit: Unit, record_id: str) -> SupervisionRecordRow:
    row = records.row(record_id)
    named = row is not None and unit.actor.user_id in (row.supervisor_id, row.therapist_id)
    unit.require(CaseFacts(Relation.NONE, named=named))
    if row is None:
        raise NotFound
    return row


def _to_copy(unit: Unit, record_id: str) -> SupervisionRecord:
    """The meeting, for the therapist of the two: they alone write in the chart."""
    row = records.row(record_id)
    unit.require(CaseFacts(Relation.NONE, named=row is not None and row.therapist_id == unit.actor.user_id))
    if row is None:
        raise NotFound
    return _value(unit.actor, row)


def _fill(row: SupervisionRecordRow, draft: MeetingDraft) -> None:
    row.held_on, row.minutes, row.mode = draft.held_on, draft.minutes, draft.mode
    records.put_words(row, draft.words)


def _change_touched(part: TouchedRow, words: TouchedWords, version: int | None) -> None:
    stored = records.touched_words(part)
    if stored != words:
        check_version(seen=version or 0, stored=part.version, yours=vars(words), theirs=vars(stored))
        records.put_touched(part, words)


def _value(actor: Actor, row: SupervisionRecordRow) -> SupervisionRecord:
    return SupervisionRecord(
        id=row.id,
        supervisor_id=row.supervisor_id,
        supervisor_name=accounts.name_of(row.supervisor_id),
        therapist_id=row.therapist_id,
        therapist_name=accounts.name_of(row.therapist_id),
        held_on=row.held_on,
        minutes=row.minutes,
        mode=SupervisionMode(row.mode),
        words=records.words_of(row),
        touched=tuple(_touched(each) for each in records.touched(row.id) if _may_read(actor, each.case_id)),
        actions=_actions(actor, records.actions(row.id)),
        version=row.version,
        updated_at=row.updated_at,
    )


def _touched(row: TouchedRow) -> CaseTouched:
    words = records.touched_words(row)
    return CaseTouched(row.id, row.case_id, _code(row.case_id), words.decisions, words.risks, row.version)


def _actions(actor: Actor, rows: Iterable[ActionRow]) -> tuple[SupervisionAction, ...]:
    return tuple(
        SupervisionAction(
            id=row.id,
            record_id=row.record_id,
            case_id=row.case_id,
            code=_code(row.case_id),
            owner_id=row.owner_id,
            owner_name=accounts.name_of(row.owner_id),
            words=records.action_words(row),
            due_on=row.due_on,
            done_at=row.done_at,
        )
        for row in rows
        if _shown(actor, row.case_id)
    )


def _shown(actor: Actor, case_id: str | None) -> bool:
    return case_id is None or _may_read(actor, case_id)


def _may_read(actor: Actor, case_id: str) -> bool:
    row = cases.row(case_id)
    return row is not None and decide(Action.CASE_READ, actor.role, cases.facts(actor, row)).allowed


def _code(case_id: str | None) -> str:
    row = cases.row(case_id) if case_id else None
    return row.code if row else ""


def _choices(actor: Actor, row: SupervisionRecordRow) -> tuple[tuple[str, str], ...]:
    """The therapist's cases that the actor may read: id, and code with the chosen name."""
    found = [cases.row(each) for each in cases.case_ids_of(row.therapist_id) if _may_read(actor, each)]
    named = [(each.id, f"{each.code} {cases.client_of(each).chosen_name}") for each in found if each]
    return tuple(sorted(named, key=lambda each: each[1]))


def _signed_notes(case_id: str) -> Iterable[tuple[str, datetime]]:
    for note in notes.of_case(case_id):
        session = sessions.row(note.session_id)
        if note.status is not NoteStatus.DRAFT and session is not None:
            yield note.id, session.starts_at


def _partners(actor: Actor) -> tuple[tuple[str, str], ...]:
    """(id, name) of those whom the actor supervises or is supervised by."""
    found = {*accounts.supervised_by(actor.user_id), *accounts.supervisors_of(actor.user_id)}
    return tuple(sorted(((each, accounts.name_of(each)) for each in found), key=lambda each: each[1]))


def _hours(actor: Actor) -> tuple[Hours, ...]:
    pairs = [(actor.user_id, each) for each in accounts.supervised_by(actor.user_id)]
    pairs += [(each, actor.user_id) for each in accounts.supervisors_of(actor.user_id)]
    today = practice_today(actor)
    found = [_hours_of(supervisor_id, therapist_id, today) for supervisor_id, therapist_id in pairs]
    return tuple(sorted(found, key=lambda each: (each.therapist_name, each.supervisor_name)))


def _hours_of(supervisor_id: str, therapist_id: str, today: date) -> Hours:
    link = accounts.supervision_row(supervisor_id, therapist_id)
    return Hours(
        therapist_id=therapist_id,
        therapist_name=accounts.name_of(therapist_id),
        supervisor_id=supervisor_id,
        supervisor_name=accounts.name_of(supervisor_id),
        minutes=minutes_in(records.meetings(supervisor_id, therapist_id), today),
        target_minutes=link.target_minutes if link else None,
    )
