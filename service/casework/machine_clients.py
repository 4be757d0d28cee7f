"""Connected systems: registering one, changing its keys and scopes, and the token that it gets for a signed assertion.

Rule: whatever is wrong with an assertion, the answer is one and the same; the audit says why. Ending a system is ending
its account (people.py), and its tokens end with it. A token reaches one practice, the registered scopes, and no case
that is not linked to its system.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app

from schemas.actions import Action
from schemas.vocabulary import Role, Verdict
from service.casework.accounts import machine_at
from service.casework.assertions import is_signed_by, new_key, public_half, read_keys, taken_apart
from service.casework.gate import check_version, practice_unit
from service.casework.people import NewPerson, add_person
from service.domain import clock
from service.domain.actors import Actor
from service.domain.machine_clients import (
    LOOK_AGAIN,
    TOKEN_LASTS,
    ClientDraft,
    MachineClient,
    RecordServer,
    assertion_fault,
    faults,
    kept_until,
    server_faults,
)
from service.domain.scopes import Scope, granted, in_words, read_scopes
from service.domain.signatures import Assertion, PublicKey, key_for
from service.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable, Why
from service.store import accounts, audit, machine_clients, sign_ins
from service.store.accounts import AccountRow
from service.store.base import db
from service.store.machine_clients import MachineClientRow
from service.store.transaction import transaction

REFUSED = "This client or its assertion is not accepted."
TOO_MANY = "Too many requests for tokens. Use the token that was issued, and ask again when it ends."
PER_MINUTE = 30
# Set by app.py: (url) -> (the key set, for how many seconds it may be kept or None). Raises Unavailable.
FETCH = "stepwell.fetch_keys"
Fetch = Callable[[str], tuple[bytes, int | None]]


@dataclass(frozen=True)
class TokenRequest:
    """What a client sent. `audience` is the address of the token endpoint, `origin` the client's network address."""

    assertion: str
    scopes: tuple[Scope, ...]
    audience: str
    origin: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class Issued:
    token: str
    scopes: str
    expires_in: int


class Refused(NotAllowed):
    """No token; `reason` is for the audit alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(REFUSED, Why.SIGN_IN)
        self.reason = reason


def list_clients(actor: Actor) -> tuple[MachineClient, ...]:
    """The connected systems of the practice, those in use first."""
    with practice_unit(actor, Action.MACHINE_READ):
        return machine_clients.of_practice(actor.practice_id)


def read_client(actor: Actor, client_id: str) -> MachineClient:
    with practice_unit(actor, Action.MACHINE_READ, f"account/{client_id}"):
        return machine_clients.value(*_found(actor, client_id))


def register_client(actor: Actor, name: str, email: str, draft: ClientDraft) -> MachineClient:
    """An account for a system, with its keys and scopes. Raises Invalid naming the field."""
    with practice_unit(actor, Action.MACHINE_REGISTER) as unit:
        keys = _keys(draft)
        account = add_person(actor.practice_id, NewPerson(name, email, Role.MACHINE))
        unit.subject, unit.why = f"account/{account.id}", _in_audit(draft)
        row = machine_clients.add(account.id, in_words(draft.scopes), draft.key_url.strip(), keys)
        _put_server(row, actor.practice_id, draft)
        return machine_clients.value(row, account)


def change_client(actor: Actor, client_id: str, draft: ClientDraft, *, version: int) -> MachineClient:
    """New keys or scopes, from this moment on: an assertion by an older key counts no more, nor a token issued before.
    Without an address and without keys, those that are registered stay.
    """
    with practice_unit(actor, Action.MACHINE_CHANGE, f"account/{client_id}") as unit:
        row, account = _found(actor, client_id)
        check_version(seen=version, stored=row.version)
        keeps = not (row.key_url or draft.key_url.strip() or draft.keys.strip())
        keys = machine_clients.keys_of(row) if keeps else _keys(draft)
        _check_server(draft)
        unit.why = _in_audit(draft)
        machine_clients.put(row, in_words(draft.scopes), draft.key_url.strip(), keys)
        _put_server(row, actor.practice_id, draft)
        machine_clients.end_tokens(client_id)
        db.session.flush()
        return machine_clients.value(row, account)


def issue_token(asked: TokenRequest) -> Issued:
    """A token for a signed assertion. Raises Refused, Invalid for scopes, NotAllowed for too many."""
    db.session.rollback()
    assertion = _assertion(asked)
    key = f"client:{assertion.issuer}:{asked.origin}" if assertion else f"client::{asked.origin}"
    if sign_ins.too_many(key):
        db.session.rollback()
        raise NotAllowed(TOO_MANY, Why.TOO_MANY)
    try:
        if assertion is None:
            raise Refused("unreadable")
        return _issued(asked, assertion, *_known(assertion))
    except Conflict as error:
        _count(key, assertion, Refused("replayed"), asked.request_id)
        raise Refused("replayed") from error
    except Refused as error:
        db.session.rollback()
        _count(key, assertion, error, asked.request_id)
        raise


def _issued(asked: TokenRequest, assertion: Assertion, row: MachineClientRow, account: AccountRow) -> Issued:
    actor = machine_at(account.id, account.practice_id, request_id=asked.request_id)
    _check(asked, assertion, row)
    with transaction(actor, Action.TOKEN_ISSUE, f"account/{actor.user_id}") as unit:
        unit.require()
        row, _account = _known(assertion)
        expires_at = datetime.fromtimestamp(assertion.claims["exp"], UTC)
        if not machine_clients.use_up(actor.user_id, str(assertion.claims["jti"]), expires_at):
            raise Conflict(REFUSED)
        if machine_clients.issued_since(actor.user_id, clock.now() - timedelta(minutes=1)) >= PER_MINUTE:
            raise NotAllowed(TOO_MANY, Why.TOO_MANY)
        given = granted(asked.scopes, read_scopes(row.scopes))
        if not given:
            raise Invalid("None of these scopes is registered for this client.", {"scope": "beyond what is registered"})
        machine_clients.mark_used(actor.user_id)
        unit.why = in_words(given)[:200]
        token = machine_clients.issue_token(actor.user_id, in_words(given))
    return Issued(token, in_words(given), int(TOKEN_LASTS.total_seconds()))


def _check(asked: TokenRequest, assertion: Assertion, row: MachineClientRow) -> None:
    """The signature first: of what is not signed by the client, nothing else is looked at."""
    key = _key(assertion, row)
    if key is None or not is_signed_by(assertion, key):
        raise Refused("unknown key" if key is None else "signature")
    fault = assertion_fault(assertion.claims, client_id=row.account_id, audience=asked.audience, at=clock.now())
    if fault:
        raise Refused(fault)


def _assertion(asked: TokenRequest) -> Assertion | None:
    """None for what cannot be read, or names as its client what can be nobody's id."""
    try:
        found = taken_apart(asked.assertion)
    except (ValueError, RecursionError):
        return None
    return found if found.issuer.isascii() and found.issuer.isprintable() else None


def _known(assertion: Assertion) -> tuple[MachineClientRow, AccountRow]:
    row = machine_clients.row(assertion.issuer)
    account = accounts.account(assertion.issuer) if row is not None else None
    if row is None or account is None or not account.active:
        raise Refused("ended" if account is not None else "unknown client")
    jku = assertion.header.get("jku")
    if jku is not None and jku != row.key_url:
        raise Refused("jku")
    return row, account


def _key(assertion: Assertion, row: MachineClientRow) -> PublicKey | None:
    """From the set at hand, or from one fetched anew: when its time is over, or once a minute for a key it lacks."""
    at = clock.now()
    fresh = not row.key_url or (row.keys_until is not None and at < row.keys_until)
    found = key_for(assertion, machine_clients.keys_of(row)) if fresh else None
    lately = row.fetched_at is not None and at < row.fetched_at + LOOK_AGAIN
    if found is not None or not row.key_url or lately:
        return found
    client_id, url = row.account_id, row.key_url
    db.session.rollback()  # fetching takes its time, and SQLite has one writer
    keys, seconds = _fetched(url)
    got = clock.now()
    machine_clients.put_fetched(client_id, keys, at=got, until=kept_until(got, seconds))
    return key_for(assertion, keys)


def _fetched(url: str) -> tuple[tuple[PublicKey, ...], int | None]:
    """Nothing, when the set cannot be had or read."""
    fetch: Fetch = current_app.extensions[FETCH]
    try:
        data, seconds = fetch(url)
        return read_keys(data), seconds
    except (Invalid, Unavailable):
        return (), None


def server_keys(actor: Actor, client_id: str) -> str:
    """The public half of the key by which we sign in at the server of this system, for whoever looks after it."""
    with practice_unit(actor, Action.MACHINE_READ, f"account/{client_id}"):
        row, account = _found(actor, client_id)
        server = machine_clients.server_of(row, account.practice_id)
        return public_half(server.key) if server else ""


def _in_audit(draft: ClientDraft) -> str:
    """What it may do here, and on which host it is asked from here."""
    host = urlsplit(draft.server_url.strip()).hostname
    return in_words(draft.scopes)[:200] + (f"; server {host}" if host else "")


def _check_server(draft: ClientDraft) -> None:
    wrong = server_faults(draft)
    if wrong:
        raise Invalid("The address of its server cannot be taken.", wrong)


def _put_server(row: MachineClientRow, practice_id: str, draft: ClientDraft) -> None:
    """A key is made for one server and one client id, and goes with them: no other server could use what we sign."""
    url, client_id = draft.server_url.strip().rstrip("/"), draft.server_client_id.strip()
    held = machine_clients.server_of(row, practice_id)
    if (held.url, held.client_id) == (url, client_id) if held else not url:
        return
    made = RecordServer(url, client_id, new_key() if client_id else "") if url else None
    machine_clients.put_server(row, practice_id, made)
    db.session.flush()


def _keys(draft: ClientDraft) -> tuple[PublicKey, ...]:
    wrong = faults(draft)
    if wrong:
        raise Invalid("The keys cannot be taken.", wrong)
    return read_keys(draft.keys) if draft.keys.strip() else ()


def _found(actor: Actor, client_id: str) -> tuple[MachineClientRow, AccountRow]:
    row, account = machine_clients.row(client_id), accounts.account(client_id)
    if row is None or account is None or account.practice_id != actor.practice_id:
        raise NotFound
    return row, account


def _count(key: str, assertion: Assertion | None, error: Refused, request_id: str) -> None:
    """One more failure, and its audit row when the client is one of ours."""
    sign_ins.count_failure(key)
    account = accounts.account(assertion.issuer) if assertion is not None else None
    if account is not None and account.role == Role.MACHINE:
        actor = machine_at(account.id, account.practice_id, request_id=request_id)
        entry = audit.Entry(actor, Action.TOKEN_ISSUE, f"account/{account.id}", Verdict.REFUSED, error.reason)
        audit.append([entry])
    db.session.commit()
