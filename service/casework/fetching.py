"""Asking the FHIR server of a connected system what it holds about a client, to be looked at like a file.

Rule: that one asks is itself a word about a client, so only a server whose system is linked to the case is asked, by
whoever may take over, and the audit says so before the first request goes out. Nobody leafs through the clients of
another house: the day of birth must be known here and be the same there, and questions are counted. Nothing is stored
but, in the audit, what came of it. A server that is slow holds up one question of each person and two in all.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from threading import Lock
from urllib.parse import urlsplit

from flask import current_app

from schemas.actions import Action
from schemas.takeover_codes import OutsideType
from schemas.vocabulary import Relation, Role
from service.casework.gate import case_unit
from service.domain.actors import Actor
from service.domain.machine_clients import RecordServer
from service.domain.takeovers import Taken, number_fault
from service.errors import Invalid, NotAllowed, Unavailable, Why
from service.store import accounts, cases, machine_clients, sign_ins
from service.store.cases import CaseRow

NOT_LINKED = "Choose a system that is linked to this case and whose own server is registered."
NOT_BORN = "Record the client's date of birth first: it must be the same there."
TOO_MANY = "Too many questions to other servers. Wait a quarter of an hour."
RESTRICTED = "This case is restricted: no other system is asked about it."
BUSY = "Another server is still being asked, by you or by colleagues. Wait until that is over, then ask again."
MOST_AT_ONCE = 2  # in one process


class Outcome(StrEnum):
    """What came of a question, for the audit."""

    FOUND = "found"
    NOBODY = "nobody"
    SEVERAL = "several"
    OTHER_DAY = "other day"
    SOMEBODY_ELSE = "somebody else"
    REFUSED = "refused"
    NO_ANSWER = "no answer"


class NoClient(Invalid):
    """The number does not name this client there."""

    def __init__(self, words: str, outcome: Outcome) -> None:
        super().__init__(words, {"number": words})
        self.outcome = outcome


class ShutOut(Unavailable):
    """The server lets nobody in who comes from here."""


@dataclass(frozen=True)
class Gathered:
    """A Bundle, the types that were not given out, and how many entries of an answer spoke of somebody else: nothing of
    them is in it.
    """

    bundle: bytes
    missing: tuple[str, ...] = ()
    left_out: int = 0


# Set by app.py: (server, number of the client there, day of birth) -> what it holds. Raises Unavailable, NoClient.
GATHER = "stepwell.gather_records"
Gather = Callable[[RecordServer, str, date], Gathered]


@dataclass(frozen=True)
class Source:
    """A linked system that can be asked, on which host; `number` is the one by which the client was taken over from it
    before.
    """

    id: str
    name: str
    host: str
    number: str = ""


@dataclass(frozen=True)
class Fetched:
    """What the server of this system holds."""

    system: str
    gathered: Gathered


def ask_server(actor: Actor, case_id: str, client_id: str, number: str) -> Fetched:
    """What the server of a linked system holds under this number. Raises Invalid naming the field, Unavailable."""
    with ExitStack() as held:
        with case_unit(actor, Action.RECORD_IMPORT, case_id) as (unit, row):
            unit.why = f"asked account/{client_id}"
            _check_count(actor)
            if row.sealed:
                raise Invalid(RESTRICTED, {"client_id": RESTRICTED})
            known = {each.id: each for each in sources(row)}
            server = _server(row, client_id) if client_id in known else None
            if server is None:
                raise Invalid(NOT_LINKED, {"client_id": NOT_LINKED})
            born = _birth_date(row, number)
            held.enter_context(_turn(actor.user_id))
        held.enter_context(_outcome_kept(actor, case_id, client_id=client_id))
        gather: Gather = current_app.extensions[GATHER]
        found = gather(server, number, born)
    return Fetched(known[client_id].name, found)


@contextmanager
def _outcome_kept(actor: Actor, case_id: str, *, client_id: str) -> Iterator[None]:
    """A second audit row, by a word of Outcome and without the number; who may no longer take over gets no answer."""
    outcome = Outcome.NO_ANSWER
    try:
        yield
        outcome = Outcome.FOUND
    except NoClient as error:
        outcome = error.outcome
        raise
    except ShutOut:
        outcome = Outcome.REFUSED
        raise
    finally:
        with case_unit(actor, Action.RECORD_IMPORT, case_id) as (unit, _row):
            unit.why = f"account/{client_id}: {outcome}"


_running: set[str] = set()  # who waits for a server at this moment
_running_lock = Lock()


@contextmanager
def _turn(user_id: str) -> Iterator[None]:
    """Raises Unavailable while this person, or as many as there is room for, wait for a server."""
    with _running_lock:
        if user_id in _running or len(_running) >= MOST_AT_ONCE:
            raise Unavailable(BUSY)
        _running.add(user_id)
    try:
        yield
    finally:
        with _running_lock:
            _running.discard(user_id)


def _birth_date(row: CaseRow, number: str) -> date:
    """By which the client is known there, beside the number. Raises Invalid."""
    born, wrong = cases.client_of(row).birth_date, number_fault(number)
    if born is None or wrong:
        raise Invalid(wrong or NOT_BORN, {"number": wrong or NOT_BORN})
    return born


def _check_count(actor: Actor) -> None:
    """Counted with the audit row of the question. Raises NotAllowed."""
    wait = sign_ins.take_up(1, f"asker:{actor.user_id}")
    if wait:
        raise NotAllowed(TOO_MANY, Why.TOO_MANY, wait=wait)


def sources(row: CaseRow, taken: Sequence[Taken] = ()) -> tuple[Source, ...]:
    """Whom one may ask about this case."""
    if row.sealed:
        return ()
    linked = [each.account_id for each in cases.assignments(row.id) if _is_linked(row, each.account_id)]
    named = [(accounts.name_of(each), each, server) for each in linked if (server := _server(row, each)) is not None]
    return tuple(
        Source(each, name, urlsplit(server.url).hostname or "", _number(name, taken))
        for name, each, server in sorted(named, key=lambda each: each[0])
    )


def _is_linked(row: CaseRow, account_id: str) -> bool:
    account = accounts.account(account_id)
    if account is None or not account.active or account.role != Role.MACHINE:
        return False
    machine = Actor(account.id, account.practice_id, Role.MACHINE)
    return cases.facts(machine, row).relation is Relation.LINKED


def _server(row: CaseRow, client_id: str) -> RecordServer | None:
    client = machine_clients.row(client_id)
    return machine_clients.server_of(client, row.practice_id) if client is not None else None


def _number(name: str, taken: Sequence[Taken]) -> str:
    known = (each.identifier for each in taken if each.type is OutsideType.PATIENT and each.system == name)
    return next(filter(None, known), "")
