"""One commit = rows + audit + outbox, and the only way to reach the rows.

    with transaction(actor, Action.NOTE_SIGN, case_id) as unit:
        case = unit.case()            # loads, decides, raises NotFound or NotAllowed
        ...
        unit.changed("note", note.id, note.version)

A transaction without a decision does not commit. A refusal leaves its own audit row. If the audit cannot be written,
nothing is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from schemas.actions import Action
from schemas.vocabulary import Relation, Verdict
from service.domain import access
from service.domain.access import CaseFacts, Decision
from service.domain.actors import Actor
from service.errors import Conflict, NotAllowed, NotFound, StepwellError, Unavailable, Why
from service.store import audit, outbox
from service.store.base import db

NO_CASE = CaseFacts(Relation.NONE)
NOT_SAVED = "The record could not be saved: the database did not accept it. Nothing was half-written."


class Unit:
    """The running transaction, as a verb sees it. `also` are the subjects of an act on several records: each has an
    audit row of its own.
    """

    def __init__(self, actor: Actor, action: Action, subject: str) -> None:
        self.actor = actor
        self.action = action
        self.subject = subject
        self.decided = False
        self.why = ""
        self.notices: list[outbox.Notice] = []
        self.also: list[str] = []

    def require(self, facts: CaseFacts = NO_CASE) -> None:
        """Ask the permission table with the record in hand. Raises NotFound or NotAllowed."""
        decision = access.decide(self.action, self.actor.role, facts)
        self.decided = True
        if not decision.allowed:
            raise _refusal(decision)
        if access.needs_step_up(self.action) and not self.actor.stepped_up:
            raise NotAllowed("Confirm that it is you before doing this.", Why.STEP_UP)

    def changed(self, record_type: str, record_id: str, version: int, *, case_id: str | None) -> None:
        """Announce a frozen or new version of a record to the outbox."""
        self.notices.append(outbox.Notice(record_type, record_id, version, case_id))

    def protects_anew(self, case_id: str) -> None:
        """Announce that other words than before must not leave a case."""
        self.changed(outbox.PROTECTED, case_id, 0, case_id=case_id)


@contextmanager
def transaction(actor: Actor, action: Action, subject: str = "") -> Iterator[Unit]:
    """Open the unit; commit on leaving. `subject` names the record in the audit: "case/ID" or an id, never content.

    Raises Conflict when another edit won the race, Unavailable when the database refuses (full disk, lost connection).
    """
    unit = Unit(actor, action, subject)
    db.session.rollback()
    try:
        yield unit
        _commit(unit)
    except (StaleDataError, IntegrityError) as error:
        db.session.rollback()
        raise Conflict("Somebody else changed this meanwhile. Look at both texts and save again.") from error
    except OperationalError as error:
        db.session.rollback()
        raise Unavailable(NOT_SAVED) from error
    except (NotFound, NotAllowed) as error:
        db.session.rollback()
        record_refusal(actor, action, unit.subject, error)
        raise
    except BaseException:
        db.session.rollback()
        raise
    if unit.notices:
        outbox.wake(unit.notices)


def record_refusal(actor: Actor, action: Action, subject: str, error: StepwellError) -> None:
    """Leave the audit row of something that was not allowed."""
    why = str(error.why) if isinstance(error, NotAllowed) else "not found"
    audit.append([audit.Entry(actor, action, subject, Verdict.REFUSED, why)])
    db.session.commit()


def _commit(unit: Unit) -> None:
    if not unit.decided:
        raise RuntimeError(f"{unit.action} was never decided")
    db.session.flush()
    if unit.notices:
        outbox.post(unit.actor.practice_id, unit.notices)
    subjects = unit.also or [unit.subject]
    audit.append([audit.Entry(unit.actor, unit.action, each, why=unit.why) for each in subjects])
    db.session.commit()


def _refusal(decision: Decision) -> StepwellError:
    if decision.hidden:
        return NotFound()
    if decision.why == "case state":
        return NotAllowed("The case is not in a state that allows this.", Why.STATE)
    return NotAllowed("Your role does not allow this.")
