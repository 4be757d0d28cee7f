"""What proves who somebody is: passwords and one-time codes. No permission and no sign-in here.

Hashing takes long on purpose; callers hold no transaction open meanwhile. argon2 is loaded with the first password:
it costs a megabyte, and most workers meet people who are signed in.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

import pyotp
from flask import current_app

from service.domain import clock
from service.domain.accounts import check_password
from service.errors import Unavailable
from service.store import accounts
from service.store.accounts import AccountRow, Particulars
from service.store.keyring import ring

if TYPE_CHECKING:
    import argon2

    from service.settings import Settings

TOTP_SECONDS = 30


def hasher() -> argon2.PasswordHasher:
    """argon2id with the configured cost."""
    extensions = current_app.extensions
    if "stepwell.hasher" not in extensions:
        settings: Settings = extensions["stepwell.settings"]
        extensions["stepwell.hasher"] = importlib.import_module("argon2").PasswordHasher(
            time_cost=settings.argon2_time_cost, memory_cost=settings.argon2_memory_kib, parallelism=1
        )
    return cast("argon2.PasswordHasher", extensions["stepwell.hasher"])


def hashed(password: str, own: Particulars) -> str:
    check_password(password, email=own.email, name=own.name)
    return hasher().hash(password)


def code_holds(row: AccountRow, code: str) -> bool:
    """Compare-and-set on the last accepted step: a code works once."""
    if row.totp_secret is None:
        return True
    secret = ring().box(row.practice_id).open(accounts.totp_place(row.id), row.totp_secret, str)
    step = matching_step(secret, code, after=row.totp_step)
    if step is None:
        return False
    row.totp_step = step
    return True


def matching_step(secret: str, code: str, *, after: int) -> int | None:
    now_step = int(clock.now().timestamp()) // TOTP_SECONDS
    wanted = code.replace(" ", "")
    for step in (now_step - 1, now_step, now_step + 1):
        if step > after and wanted and pyotp.TOTP(secret).at(step * TOTP_SECONDS) == wanted:
            return step
    return None


def matches(password_hash: str, password: str) -> bool:
    try:
        return hasher().verify(password_hash, password)
    except importlib.import_module("argon2").exceptions.VerifyMismatchError:
        return False
    except importlib.import_module("argon2").exceptions.VerificationError as error:
        raise Unavailable("Signing in is not possible just now.") from error


def dummy_hash() -> str:
    """Made once in each process, before the first check, so that neither outcome pays for it."""
    extensions = current_app.extensions
    if "stepwell.dummy_hash" not in extensions:
        extensions["stepwell.dummy_hash"] = hasher().hash("not a password of anybody")
    return cast(str, extensions["stepwell.dummy_hash"])
