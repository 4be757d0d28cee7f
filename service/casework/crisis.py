"""The crisis lines of a practice, its named second readers, and what its administrator still has to do."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from schemas.actions import Action
from schemas.vocabulary import Role
from service.casework.escalations import count_unsigned
from service.casework.gate import check_version, colleague, practice_today, practice_unit
from service.domain import clock
from service.domain.accounts import Person
from service.domain.actors import Actor
from service.domain.crisis import CrisisLine, CrisisPanel, check_confirmation, check_lines
from service.domain.events import READER_OVERDUE
from service.errors import Conflict, Invalid
from service.store import accounts, cases, crisis, events, successions
from service.store.base import db

READING_ROLES = (Role.THERAPIST, Role.SUPERVISOR)


class Task(Enum):
    """What an administrator may have to do; each is done on a page of its own."""

    LINES = "crisis lines"
    LATE = "late readings"
    READERS = "second readers"
    COSIGN = "second signatures"
    SUCCESSION = "ended accounts"


@dataclass(frozen=True)
class ToDo:
    task: Task
    words: str


@dataclass(frozen=True)
class PanelDraft:
    """The panel as typed. A confirmation stands for the lines it was given for, so each change needs one."""

    lines: tuple[CrisisLine, ...]
    confirmed_by: str = ""
    confirmed_on: date | None = None


@dataclass(frozen=True)
class Readers:
    """Colleagues named as second readers, and those who could be named."""

    named: tuple[Person, ...]
    others: tuple[Person, ...]


def read_panel(actor: Actor) -> CrisisPanel:
    with practice_unit(actor, Action.CRISIS_READ, f"practice/{actor.practice_id}"):
        return crisis.panel(actor.practice_id)


def change_panel(actor: Actor, draft: PanelDraft, *, version: int) -> CrisisPanel:
    """Replace lines and confirmation, seen as `version` (0 before the first). Raises Invalid naming the field."""
    check_lines(draft.lines)
    check_confirmation(draft.confirmed_by, draft.confirmed_on, practice_today(actor))
    with practice_unit(actor, Action.CRISIS_CHANGE, f"practice/{actor.practice_id}") as unit:
        check_version(seen=version, stored=crisis.panel(actor.practice_id).version)
        unit.why = "confirmed" if draft.confirmed_on else "not confirmed"
        wanted = CrisisPanel(draft.lines, draft.confirmed_on, draft.confirmed_by.strip())
        crisis.put_panel(actor.practice_id, wanted, actor.user_id)
        return crisis.panel(actor.practice_id)


def check_current(practice_id: str) -> None:
    """Inside a running transaction: raises Invalid, saying who can mend it, while no instrument can be used."""
    today = clock.today(accounts.practice(practice_id).zone)
    locked = crisis.panel(practice_id).locked(today)
    if locked:
        raise Invalid(locked)


def read_readers(actor: Actor) -> Readers:
    with practice_unit(actor, Action.READERS_CHANGE):
        named = {row.account_id for row in crisis.readers(actor.practice_id)}
        people = [each for each in accounts.people(actor.practice_id) if each.active and each.role in READING_ROLES]
        return Readers(
            named=tuple(each for each in people if each.id in named),
            others=tuple(each for each in people if each.id not in named),
        )


def name_reader(actor: Actor, account_id: str) -> None:
    """Let a colleague read, as second reader, what waits for one. Raises Invalid for who is no clinician."""
    with practice_unit(actor, Action.READERS_CHANGE, f"account/{account_id}"):
        row = colleague(actor, account_id)
        if row.role not in READING_ROLES or not row.active:
            raise Invalid("The person was not named.", {"account_id": "Choose a therapist or a supervisor."})
        if crisis.reader(account_id) is None:
            crisis.name_reader(actor.practice_id, account_id, actor.user_id)


def end_reader(actor: Actor, account_id: str) -> None:
    """Raises Conflict for a colleague who is not named."""
    with practice_unit(actor, Action.READERS_CHANGE, f"account/{account_id}"):
        colleague(actor, account_id)
        row = crisis.reader(account_id)
        if row is None:
            raise Conflict("This person is not named as second reader.")
        db.session.delete(row)


def left_to_do(actor: Actor) -> tuple[ToDo, ...]:
    """What an administrator still has to do before, and so that, safety work can go on. Counts only, nothing of any
    case.
    """
    with practice_unit(actor, Action.CRISIS_CHANGE):
        return to_do(actor.practice_id)


def to_do(practice_id: str) -> tuple[ToDo, ...]:
    """The same inside a running transaction."""
    today = clock.today(accounts.practice(practice_id).zone)
    lines = _panel_to_do(practice_id, today)
    panel = ToDo(Task.LINES, lines) if lines else None
    found = (panel, _readers_to_do(practice_id), _cosign_to_do(practice_id), _succession_to_do(practice_id))
    return tuple(filter(None, found))


def _succession_to_do(practice_id: str) -> ToDo | None:
    count = len(successions.waiting(practice_id))
    words = f"Named to take over from an ended account, waiting for a second person: {count}."
    return ToDo(Task.SUCCESSION, words) if count else None


def _panel_to_do(practice_id: str, today: date) -> str:
    panel = crisis.panel(practice_id)
    if panel.locked(today):
        return (
            "Enter the crisis lines of this practice and have somebody confirm them. Until then no log can be recorded."
        )
    if panel.wants_confirming(today) and panel.confirm_by:
        return (
            f"Have the crisis lines confirmed again by {panel.confirm_by:%-d %B %Y}; after that no log can be recorded."
        )
    return ""


def _cosign_to_do(practice_id: str) -> ToDo | None:
    count = count_unsigned(practice_id)
    if not count:
        return None
    words = f"Waiting for a second signature for 14 days or longer: {count}. See that a supervisor answers."
    return ToDo(Task.COSIGN, words)


def _readers_to_do(practice_id: str) -> ToDo | None:
    count = len(events.awaiting_since_before(cases.of_practice(practice_id), clock.now() - READER_OVERDUE))
    if count:
        return ToDo(Task.LATE, f"Waiting for a second reader for over 24 hours: {count}. See that somebody reads.")
    if not accounts.supervision(practice_id) and not crisis.readers(practice_id):
        words = "Say who supervises whom, or name second readers: a follow-up to an urgent event needs one in 24 hours."
        return ToDo(Task.READERS, words)
    return None
