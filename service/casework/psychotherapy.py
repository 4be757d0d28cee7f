"""Psychotherapy notes: the author writes and reads their own, and may open one to a supervisor for training.

Rule: what somebody else wrote is nowhere: a cover, a new owner or a supervisor asks for the notes of a session and gets
their own or none. The only other way in is a grant that names one note, one supervisor and an end, and it is counted.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schemas.actions import Action
from schemas.vocabulary import NoteStatus
from service.casework.gate import (
    admit,
    case_unit,
    check_version,
    could,
    opened_for,
    practice_today,
    practice_unit,
    supervisors_who_may,
)
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.psychotherapy import (
    PsychotherapyNote,
    TrainingGrant,
    check_grant,
    check_note,
    may_open,
)
from service.domain.sessions import TherapySession
from service.errors import Invalid, NotFound
from service.store import accounts, cases, notes, psychotherapy, sessions
from service.store.base import db
from service.store.cases import CaseRow
from service.store.psychotherapy import PsychotherapyRow
from service.store.transaction import Unit, transaction


@dataclass(frozen=True)
class Desk:
    """One session with what its reader wrote about it, if anything; `signed` tells of the progress note."""

    case: Case
    session: TherapySession
    note: PsychotherapyNote | None
    grants: tuple[TrainingGrant, ...]
    signed: bool


@dataclass(frozen=True)
class Line:
    """One session of a case in the reader's own list, and when they last wrote about it."""

    session: TherapySession
    written_at: datetime | None
    opened_to: tuple[str, ...]


@dataclass(frozen=True)
class Opening:
    """What opening a note to a supervisor takes, and how it was opened so far."""

    case: Case
    session: TherapySession
    note_id: str
    grants: tuple[TrainingGrant, ...]
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Opened:
    """One note as it was opened to the reader."""

    code: str
    session: TherapySession
    grant: TrainingGrant
    text: str


def read_own(actor: Actor, session_id: str) -> Desk:
    """The reader's own note about a session. Raises NotFound."""
    with transaction(actor, Action.PSYCHOTHERAPY_READ, f"session/{session_id}") as unit:
        case, session = _admitted(unit, session_id)
        row, progress = psychotherapy.own(session_id, actor.user_id), notes.of_session(session_id)
        return Desk(
            case=opened_for(actor, case),
            session=session,
            note=psychotherapy.value(row) if row else None,
            grants=psychotherapy.grants(row) if row else (),
            signed=progress is not None and progress.status != NoteStatus.DRAFT,
        )


def list_own(actor: Actor, case_id: str) -> tuple[Case, tuple[Line, ...]]:
    """Every session of the case with what the reader wrote about it; the texts stay closed."""
    with case_unit(actor, Action.PSYCHOTHERAPY_READ, case_id) as (_unit, case):
        mine = {each.session_id: each for each in psychotherapy.own_of_case(case_id, actor.user_id)}
        lines = tuple(_line(each, mine.get(each.id)) for each in sessions.of_case(case_id))
        return opened_for(actor, case), lines


def save_note(actor: Actor, session_id: str, text: str, *, version: int | None) -> PsychotherapyNote:
    """Keep the author's text. `version` is what they saw, None for a first save.

    Raises Conflict with both texts when it was saved elsewhere meanwhile, Invalid naming the field.
    """
    with transaction(actor, Action.PSYCHOTHERAPY_WRITE, f"session/{session_id}") as unit:
        case, session = _admitted(unit, session_id)
        check_note(text, session)
        row = psychotherapy.own(session_id, actor.user_id)
        if row is None:
            row = psychotherapy.add(case.id, session_id, actor.user_id, text)
        else:
            _change(row, text, version)
        db.session.flush()
        return psychotherapy.value(row)


def read_opening(actor: Actor, note_id: str) -> Opening:
    """Whom a note can be opened to, and to whom it is. The reader is its author. Raises NotFound."""
    with transaction(actor, Action.PSYCHOTHERAPY_GRANT, f"psychotherapy/{note_id}") as unit:
        row, case = _authored(unit, note_id)
        return Opening(
            case=opened_for(actor, case),
            session=_session(row),
            note_id=note_id,
            grants=psychotherapy.grants(row),
            choices=_choices(actor, case),
        )


def open_to(actor: Actor, note_id: str, supervisor_id: str, *, until: date, training: bool) -> TrainingGrant:
    """Open one note to one supervisor until the end of a day. Raises Invalid naming the field."""
    with transaction(actor, Action.PSYCHOTHERAPY_GRANT, f"psychotherapy/{note_id}") as unit:
        row, case = _authored(unit, note_id)
        check_grant(training=training, until=until, today=practice_today(actor))
        if supervisor_id not in dict(_choices(actor, case)):
            wrong = {"supervisor_id": "Choose a supervisor of yours who may read this case."}
            raise Invalid("The note was not opened.", wrong)
        found = may_open(psychotherapy.grants(row), supervisor_id, clock.now())
        if found is not None:
            raise Invalid("The note was not opened.", {"supervisor_id": "It is open to this supervisor already."})
        grant = psychotherapy.add_grant(note_id, supervisor_id, _end_of(actor, until))
        unit.why = f"to {supervisor_id}"
        db.session.flush()
        return psychotherapy.grant_value(grant, row)


def withdraw(actor: Actor, grant_id: str) -> str:
    """Take a grant back at once; a second time changes nothing. Returns the id of the note."""
    with transaction(actor, Action.PSYCHOTHERAPY_WITHDRAW, f"psychotherapy_grant/{grant_id}") as unit:
        grant = psychotherapy.grant_row(grant_id)
        row, _case = _authored(unit, grant.note_id if grant else "")
        if grant is not None and grant.withdrawn_at is None:
            grant.withdrawn_at = clock.now()
            unit.why = f"from {grant.supervisor_id}"
        return row.id


def read_opened(actor: Actor, note_id: str) -> Opened:
    """The note for the supervisor it was opened to; each reading is counted for its author. Raises NotFound."""
    with transaction(actor, Action.PSYCHOTHERAPY_OPEN, f"psychotherapy/{note_id}") as unit:
        row = psychotherapy.row(note_id)
        stored = next((each for each, note in psychotherapy.grants_to(actor.user_id) if note.id == note_id), None)
        case = admit(unit, row.case_id if row else None, named=stored is not None)
        if row is None or stored is None:
            raise NotFound
        grant = psychotherapy.grant_value(stored, row)
        stored.opened, stored.opened_at = stored.opened + 1, clock.now()
        unit.why = "training under supervision"
        return Opened(case.code, _session(row), grant, psychotherapy.value(row).text)


def list_opened(actor: Actor) -> tuple[tuple[str, TrainingGrant], ...]:
    """(case code, grant) of what is open to the reader now; hidden cases are not in it."""
    with practice_unit(actor, Action.PSYCHOTHERAPY_OPENED):
        standing = psychotherapy.grants_to(actor.user_id)
        found = [(cases.row(note.case_id), psychotherapy.grant_value(grant, note)) for grant, note in standing]
        return tuple(
            (case.code, grant)
            for case, grant in found
            if case and could(actor, Action.PSYCHOTHERAPY_OPEN, case, named=True)
        )


def _change(row: PsychotherapyRow, text: str, version: int | None) -> None:
    stored = psychotherapy.value(row).text
    if text == stored:
        return
    check_version(seen=version or 0, stored=row.version, yours={"text": text}, theirs={"text": stored})
    psychotherapy.put_text(row, text)


def _admitted(unit: Unit, session_id: str) -> tuple[CaseRow, TherapySession]:
    row = sessions.row(session_id)
    case = admit(unit, row.case_id if row else None)
    if row is None:
        raise NotFound
    return case, sessions.value(row)


def _authored(unit: Unit, note_id: str) -> tuple[PsychotherapyRow, CaseRow]:
    """The note and its case, for its author alone."""
    row = psychotherapy.row(note_id)
    case = admit(unit, row.case_id if row else None, named=row is not None and row.author_id == unit.actor.user_id)
    if row is None:
        raise NotFound
    return row, case


def _session(row: PsychotherapyRow) -> TherapySession:
    found = sessions.row(row.session_id)
    if found is None:
        raise NotFound
    return sessions.value(found)


def _line(session: TherapySession, row: PsychotherapyRow | None) -> Line:
    if row is None:
        return Line(session, None, ())
    standing = (each for each in psychotherapy.grants(row) if each.stands(clock.now()))
    return Line(session, row.updated_at, tuple(each.supervisor_name for each in standing))


def _choices(actor: Actor, case: CaseRow) -> tuple[tuple[str, str], ...]:
    """The author's supervisors, those who may read the case."""
    people = supervisors_who_may(Action.PSYCHOTHERAPY_OPEN, actor.user_id, case, named=True)
    return tuple((each.user_id, accounts.name_of(each.user_id)) for each in people)


def _end_of(actor: Actor, day: date) -> datetime:
    """The midnight after `day` on the practice's clocks."""
    zone = ZoneInfo(accounts.practice(actor.practice_id).zone)
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
