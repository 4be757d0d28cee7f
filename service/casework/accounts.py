"""Signing in and out, locking, links, passwords and sign-in codes: what a person does with their own account.

Every refusal to sign in is worded alike and costs the same work, whoever asked and whatever was wrong.
"""

import re
from dataclasses import dataclass
from typing import Any

import pyotp

from schemas.actions import Action
from schemas.vocabulary import LinkKind, Role
from service.casework import proofs
from service.casework.gate import practice_unit
from service.domain import clock
from service.domain.access import role_may
from service.domain.accounts import (
    Person,
    Practice,
    SignIn,
    SignInState,
    state_of,
)
from service.domain.actors import Actor
from service.errors import Invalid, NotAllowed, NotFound, Why
from service.store import accounts, audit, quick_reads, sign_ins
from service.store.accounts import AccountRow
from service.store.base import db
from service.store.driver import leave_session
from service.store.keyring import ring
from service.store.sign_ins import SignInRow
from service.store.transaction import record_refusal

REFUSED = "Those details do not match, or there were too many tries. Wait a little and try again."
LINK_GONE = "This link was used already, or it has run out."
_TOTP_SECRET = re.compile(r"[A-Z2-7]{32}")


@dataclass(frozen=True)
class Credentials:
    """What a sign-in form holds; `code` is empty for people without sign-in codes. `origin` is the network address."""

    email: str
    password: str
    code: str = ""
    origin: str = ""
    device: str = ""


@dataclass(frozen=True)
class NewPassword:
    """What redeeming an invitation or reset asks for; `code` is empty for people without sign-in codes."""

    password: str
    code: str = ""


@dataclass(frozen=True)
class SignedIn:
    token: str
    actor: Actor


@dataclass(frozen=True)
class Standing:
    """A sign-in found by its cookie: who, and what the clock says about it."""

    actor: Actor
    state: SignInState
    practice: Practice


def sign_in(given: Credentials, *, request_id: str = "") -> SignedIn:
    """Check e-mail, password and code together. Raises NotAllowed, always with the same words.

    Hashing takes long, so no transaction is open meanwhile: SQLite has one writer, and every page needs it.
    """
    keys = (f"email:{given.email.strip().casefold()}", f"origin:{given.origin}")
    db.session.rollback()
    row = accounts.account_by_email(given.email)
    password_hash = row.password_hash if row and row.active else None
    blocked = sign_ins.too_many(*keys)
    db.session.rollback()
    matches = proofs.matches(password_hash or proofs.dummy_hash(), given.password)
    if blocked:
        raise NotAllowed(REFUSED, Why.TOO_MANY)
    row = accounts.account_by_email(given.email)
    if row is None or not (matches and row.password_hash == password_hash and proofs.code_holds(row, given.code)):
        db.session.rollback()
        _count_failure(row, keys, request_id)
        raise NotAllowed(REFUSED, Why.SIGN_IN)
    sign_ins.clear_failures(keys[0])
    return _start(row, given.device, request_id, "password")


def sign_in_by_link(token: str, *, device: str = "", request_id: str = "") -> SignedIn:
    """Redeem a one-time sign-in link. Raises NotFound when it was used, ran out or never was."""
    db.session.rollback()
    row = _linked_account(token, LinkKind.SIGN_IN)
    accounts.use_link(token, row.id)
    return _start(row, device, request_id, "link")


def link_kind(token: str) -> LinkKind:
    """What a link would do, without using it. Raises NotFound."""
    link = accounts.open_link(token)
    if link is None:
        raise NotFound(LINK_GONE)
    return LinkKind(link.kind)


def set_password_by_link(token: str, given: NewPassword, *, device: str = "", request_id: str = "") -> SignedIn:
    """Redeem an invitation or reset: set the password, end every other sign-in and link, sign in.

    A reset does not take the place of sign-in codes: where they are on, the code is asked for too.
    """
    db.session.rollback()
    row = _linked_account(token, LinkKind.INVITE, LinkKind.RESET)
    kind, own = str(link_kind(token)), accounts.particulars(row)
    key = f"link:{row.id}"
    if sign_ins.too_many(key):
        raise NotAllowed(REFUSED, Why.TOO_MANY)
    if kind == LinkKind.INVITE and row.password_hash is not None:
        raise NotFound(LINK_GONE)
    db.session.rollback()
    hashed = proofs.hashed(given.password, own)
    row = _linked_account(token, LinkKind.INVITE, LinkKind.RESET)
    if not proofs.code_holds(row, given.code):
        db.session.rollback()
        sign_ins.count_failure(key)
        db.session.commit()
        raise Invalid("The password was not set.", {"code": "This account uses sign-in codes. Type the current one."})
    accounts.use_link(token, row.id)
    row.password_hash, row.updated_at = hashed, clock.now()
    sign_ins.end_all(row.id)
    return _start(row, device, request_id, kind)


def standing(token: str, *, request_id: str = "") -> Standing | None:
    """Who the cookie belongs to, or None when the sign-in ended. Marks the device as seen, at most once a minute."""
    found = quick_reads.sign_in(token)
    if found is None or not found.active:
        return None
    state = state_of(
        created_at=found.created_at,
        last_seen_at=found.last_seen_at,
        locked=found.locked,
        stepped_up_at=found.stepped_up_at,
        at=clock.now(),
    )
    if state.ended:
        return None
    if not state.locked and (clock.now() - found.last_seen_at).total_seconds() > 60:
        _mark_seen(token)
    actor = _actor(found, found.token_hash, request_id, stepped_up=state.stepped_up)
    leave_session()
    return Standing(actor, state, _practice_of(found))


def machine_actor(token: str, *, request_id: str = "") -> Actor | None:
    """The connected system that a bearer token belongs to, or None. Its name stays sealed: nothing shows it."""
    found = quick_reads.machine(token)
    if found is None:
        return None
    return machine_at(found.id, found.practice_id, request_id=request_id, scopes=found.scopes or "")


def machine_at(client_id: str, practice_id: str, *, request_id: str, scopes: str = "") -> Actor:
    """A connected system, before its token is issued and after."""
    return Actor(client_id, practice_id, Role.MACHINE, stepped_up=True, request_id=request_id, scopes=scopes)


def sign_out(actor: Actor) -> None:
    with practice_unit(actor, Action.SIGN_OUT):
        sign_ins.end(actor.sign_in_id, actor.user_id)


def lock(actor: Actor) -> None:
    with practice_unit(actor, Action.LOCK):
        sign_ins.lock(actor.sign_in_id)


def unlock(actor: Actor, password: str) -> None:
    """Open a locked screen. Raises NotAllowed; tries count like sign-ins."""
    _confirm(actor, Action.UNLOCK, password)


def step_up(actor: Actor, password: str, code: str = "") -> str:
    """Confirm identity for five minutes; returns the new token for the cookie."""
    return _confirm(actor, Action.STEP_UP, password, code)


def set_password(actor: Actor, current: str, new: str) -> None:
    """Change the own password; ends every other sign-in of this person. Tries count like sign-ins."""
    key = f"confirm:{actor.user_id}"
    db.session.rollback()
    row = _own_row(actor)
    stored, own = row.password_hash, accounts.particulars(row)
    if sign_ins.too_many(key):
        raise NotAllowed(REFUSED, Why.TOO_MANY)
    db.session.rollback()
    if stored and not proofs.matches(stored, current):
        sign_ins.count_failure(key)
        record_refusal(actor, Action.PASSWORD_SET, f"account/{actor.user_id}", NotAllowed(REFUSED))
        raise Invalid("The password was not changed.", {"current": "This is not your current password."})
    hashed = proofs.hashed(new, own)
    with practice_unit(actor, Action.PASSWORD_SET):
        row = _own_row(actor)
        row.password_hash, row.updated_at = hashed, clock.now()
        sign_ins.end_all(row.id, but=actor.sign_in_id)


def start_totp(actor: Actor) -> str:
    """A fresh secret (base32) to be shown once; nothing is stored until it is confirmed."""
    with practice_unit(actor, Action.TOTP_ENROL):
        return pyotp.random_base32()


def totp_uri(secret: str) -> str:
    """The otpauth address for the authenticator app: product name only, no person."""
    return pyotp.TOTP(secret).provisioning_uri(name="Stepwell account", issuer_name="Stepwell")


def is_totp_secret(text: str) -> bool:
    """Whether this could be a secret that `start_totp` has shown."""
    return _TOTP_SECRET.fullmatch(text) is not None


def confirm_totp(actor: Actor, secret: str, code: str) -> None:
    """Turn sign-in codes on once a code of this secret was typed. Raises Invalid."""
    with practice_unit(actor, Action.TOTP_ENROL):
        row = _own_row(actor)
        step = proofs.matching_step(secret, code, after=0) if is_totp_secret(secret) else None
        if step is None:
            raise Invalid("Sign-in codes are not on yet.", {"code": "This code does not fit. Try the next one."})
        row.totp_secret = ring().box(row.practice_id).seal(accounts.totp_place(row.id), secret)
        row.totp_step, row.updated_at = step, clock.now()


def my_account(actor: Actor) -> tuple[Person, tuple[SignIn, ...]]:
    """The own account and its signed-in devices, the newest first."""
    with practice_unit(actor, Action.ACCOUNT_READ):
        devices = tuple(
            SignIn(row.token_hash, row.created_at, row.last_seen_at, row.device, row.token_hash == actor.sign_in_id)
            for row in sign_ins.all_of(actor.user_id)
        )
        return accounts.person(_own_row(actor)), devices


def end_sign_in(actor: Actor, sign_in_id: str) -> None:
    with practice_unit(actor, Action.SESSIONS_END):
        if not sign_ins.end(sign_in_id, actor.user_id):
            raise NotFound


def practice_of(actor: Actor) -> Practice:
    """Name and time zone of the actor's practice (no audit row: it is on every page)."""
    found = accounts.practice(actor.practice_id)
    db.session.rollback()  # what follows may take its time, and SQLite has one writer
    return found


def _actor(row: AccountRow, sign_in_id: str, request_id: str, *, stepped_up: bool) -> Actor:
    name = accounts.particulars(row).name
    return Actor(row.id, row.practice_id, Role(row.role), name, sign_in_id, stepped_up, request_id)


def _practice_of(found: Any) -> Practice:
    return Practice(
        found.practice_id,
        found.practice_name,
        found.practice_zone,
        found.practice_version,
        found.practice_updated_at,
        found.practice_demo,
        found.practice_late_after_hours,
        bool(found.practice_flags_leave),
    )


def _mark_seen(token: str) -> None:
    db.session.rollback()
    row = sign_ins.find(token)
    if row is not None:
        sign_ins.touch(row)
    db.session.commit()


def _start(row: AccountRow, device: str, request_id: str, how: str) -> SignedIn:
    """Only a typed password counts as a fresh confirmation of identity; a link may have been shown to somebody."""
    if not role_may(Action.SIGN_IN, Role(row.role)):
        raise NotFound(LINK_GONE)
    proved = how == "password"
    token = sign_ins.start(row.id, device, proved=proved)
    actor = _actor(row, accounts.token_hash(token), request_id, stepped_up=proved)
    db.session.flush()
    audit.append([audit.Entry(actor, Action.SIGN_IN, f"account/{row.id}", why=how)])
    db.session.commit()
    return SignedIn(token, actor)


def _linked_account(token: str, *kinds: LinkKind) -> AccountRow:
    link = accounts.open_link(token)
    row = accounts.account(link.account_id) if link and link.kind in kinds else None
    if row is None or not row.active:
        raise NotFound(LINK_GONE)
    return row


def _count_failure(row: AccountRow | None, keys: tuple[str, ...], request_id: str) -> None:
    sign_ins.count_failure(*keys)
    db.session.commit()
    if row is not None:
        record_refusal(
            _actor(row, "", request_id, stepped_up=False),
            Action.SIGN_IN,
            f"account/{row.id}",
            NotAllowed(REFUSED, Why.SIGN_IN),
        )


def _confirm(actor: Actor, action: Action, password: str, code: str = "") -> str:
    key = f"confirm:{actor.user_id}"
    db.session.rollback()
    if sign_ins.too_many(key):
        sign_ins.end_all(actor.user_id)
        db.session.commit()
        raise NotAllowed(REFUSED, Why.SIGN_IN)
    stored = _own_row(actor).password_hash
    db.session.rollback()
    matches = proofs.matches(stored or proofs.dummy_hash(), password) and stored is not None
    row, signed_in = _own_row(actor), _own_sign_in(actor)
    needs_code = action is Action.STEP_UP
    if not matches or row.password_hash != stored or (needs_code and not proofs.code_holds(row, code)):
        db.session.rollback()
        sign_ins.count_failure(key)
        record_refusal(actor, action, f"account/{actor.user_id}", NotAllowed(REFUSED))
        raise Invalid("That did not match.", {"password": "This does not match. Try again."})
    sign_ins.clear_failures(key)
    signed_in.locked = False
    sign_ins.touch(signed_in)
    token = ""
    if needs_code:
        signed_in.stepped_up_at = clock.now()
        token = sign_ins.rotate(signed_in)
    audit.append([audit.Entry(actor, action, f"account/{actor.user_id}")])
    db.session.commit()
    return token


def _own_row(actor: Actor) -> AccountRow:
    row = accounts.account(actor.user_id)
    if row is None:
        raise NotFound
    return row


def _own_sign_in(actor: Actor) -> SignInRow:
    for row in sign_ins.all_of(actor.user_id):
        if row.token_hash == actor.sign_in_id:
            return row
    raise NotAllowed("Sign in again.", Why.SIGN_IN)
