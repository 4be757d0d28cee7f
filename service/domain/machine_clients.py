"""Connected systems: what is registered of one, and when its assertion counts.

Rule: an assertion speaks for one client to one address, for five minutes at most, and once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from service.domain.scopes import Scope

ASSERTION_LASTS = timedelta(minutes=5)
TOKEN_LASTS = timedelta(minutes=5)
KEYS_LAST = timedelta(minutes=15)  # where the key set does not say how long it may be kept
KEYS_LAST_MOST = timedelta(hours=24)
LOOK_AGAIN = timedelta(minutes=1)  # a set is fetched anew no sooner, whatever it says, and serves until then
LONGEST_JTI = 200


@dataclass(frozen=True)
class ClientDraft:
    """What an administrator types. Keys are given as a set or by the address of one, never both. `server_url` is where
    the system keeps records of its own, `server_client_id` who Stepwell is there ("" where everybody is answered).
    """

    scopes: tuple[Scope, ...]
    key_url: str = ""
    keys: str = ""
    server_url: str = ""
    server_client_id: str = ""


@dataclass(frozen=True)
class RecordServer:
    """The FHIR server of a connected system, and how Stepwell signs in there: by a key made for that server alone."""

    url: str
    client_id: str = ""
    key: str = ""


@dataclass(frozen=True)
class MachineClient:
    """A registered client. `id` is its client_id; `key_ids` are the keys known now."""

    id: str
    name: str
    email: str
    active: bool
    scopes: str
    key_url: str
    key_ids: tuple[str, ...]
    last_used_at: datetime | None
    version: int
    updated_at: datetime
    server_url: str = ""
    server_client_id: str = ""


def faults(draft: ClientDraft) -> dict[str, str]:
    """What is wrong with a draft, by field; whether the keys can be read is asked elsewhere."""
    if bool(draft.key_url.strip()) == bool(draft.keys.strip()):
        return {"keys": "Give the public keys or the address of a key set, one of the two."}
    return {"key_url": url_fault(draft.key_url)} if url_fault(draft.key_url) else server_faults(draft)


def server_faults(draft: ClientDraft) -> dict[str, str]:
    """What is wrong with the address of its server, by field."""
    if "?" in draft.server_url or url_fault(draft.server_url):
        return {"server_url": url_fault(draft.server_url) or "Give an address without a question mark."}
    if draft.server_client_id and not draft.server_url:
        return {"server_client_id": "It means nothing without the address of the server."}
    return {}


def url_fault(url: str) -> str:
    """Why a key set cannot be fetched from here; empty when it can, or when none is named."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return "This is not an address."
    plain = url.isascii() and not any(each.isspace() or each == "\\" for each in url)
    if parts.scheme != "https" or not plain or not host:
        return "Give an address that begins with https://."
    if parts.username is not None or parts.password is not None or parts.fragment or port == 0:
        return "Give an address without a name, a password or a fragment in it."
    if "." not in host or host.replace(".", "").isdigit() or ":" in host:
        return "Name the host; an address of numbers is not taken."
    return ""


def assertion_fault(claims: Mapping[str, Any], *, client_id: str, audience: str, at: datetime) -> str:
    """Why these claims do not count, in a word for the audit; empty when they do."""
    now, expires = at.timestamp(), _moment(claims.get("exp"))
    jti, named = claims.get("jti"), claims.get("aud")
    listed = named if isinstance(named, list) else [named]
    checks = (
        ("issuer", claims.get("iss") == client_id),
        ("subject", claims.get("sub") == client_id),
        ("audience", audience in listed and len(listed) == 1),
        ("no expiry", expires is not None),
        ("expired", expires is not None and expires > now),
        ("expires too late", expires is not None and expires <= now + ASSERTION_LASTS.total_seconds()),
        ("not yet", "nbf" not in claims or _at_most(claims["nbf"], now)),
        ("no jti", isinstance(jti, str) and 0 < len(jti) <= LONGEST_JTI and jti.isprintable()),
    )
    return next((word for word, holds in checks if not holds), "")


def kept_until(at: datetime, seconds: int | None) -> datetime:
    """Until when a fetched key set may be used."""
    wanted = KEYS_LAST if seconds is None else timedelta(seconds=seconds)
    return at + min(max(wanted, LOOK_AGAIN), KEYS_LAST_MOST)


def _at_most(value: object, now: float) -> bool:
    moment = _moment(value)
    return moment is not None and moment <= now


def _moment(value: object) -> float | None:
    """Seconds since 1970, as a number and nothing else."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) < 1e12 else None
