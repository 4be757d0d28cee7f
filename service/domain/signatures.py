"""Which public keys and which assertions of connected systems are taken at all: the two algorithms that SMART asks for
and no other. The signature itself is checked by casework/assertions.py.

Rule: what the token says about itself decides nothing. Its `alg` must be one of two, its `kid` must name a registered
key, that key's own kind must fit the algorithm, and a key that comes along inside the token is refused.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ALGORITHMS = {"RS384": "RSA", "ES384": "EC"}
CURVE = "P-384"
NUMBERS = {"RSA": ("n", "e"), "EC": ("x", "y")}
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
LONGEST_TOKEN = 8_000
LONGEST_SET = 64_000
MOST_KEYS = 10
LEAST_BITS, MOST_BITS = 2_048, 8_192
HEADERS = frozenset({"alg", "kid", "typ", "jku", "x5t", "x5t#S256"})


@dataclass(frozen=True)
class PublicKey:
    """One key of a set, as numbers in base64url: `first` and `second` are n and e, or x and y."""

    kid: str
    kty: str
    first: str
    second: str


@dataclass(frozen=True)
class Assertion:
    """A token and what it says; nothing of it is believed yet."""

    token: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def issuer(self) -> str:
        return str(self.claims.get("iss", ""))

    @property
    def kid(self) -> str:
        return str(self.header["kid"])


def check_header(header: Mapping[str, Any]) -> None:
    """Raises ValueError."""
    alg = header.get("alg")
    fits = isinstance(alg, str) and alg in ALGORITHMS and isinstance(header.get("kid"), str)
    if not fits or not header.keys() <= HEADERS or str(header.get("typ", "JWT")).upper() != "JWT":
        raise ValueError("the header is not acceptable")


def key_for(assertion: Assertion, keys: Iterable[PublicKey]) -> PublicKey | None:
    """The one key that the token names and whose kind its algorithm asks for."""
    kty = ALGORITHMS[assertion.header["alg"]]
    found = [each for each in keys if each.kid == assertion.kid and each.kty == kty]
    return found[0] if len(found) == 1 else None


def public_key(given: object) -> PublicKey:
    """The key that this part of a set says it is; its numbers are not looked at. Raises ValueError."""
    if not isinstance(given, dict):
        raise ValueError("each key is an object")
    if any(name in given for name in PRIVATE):
        raise ValueError("it holds a private key. Give the public half, and make a new pair")
    kid, kty = given.get("kid"), given.get("kty")
    if not isinstance(kid, str) or not 0 < len(kid) <= 200:
        raise ValueError("a key has no kid")
    if given.get("use", "sig") != "sig" or given.get("alg", "") not in ("", *ALGORITHMS):
        raise ValueError(f"the key {kid} is not for signatures by RS384 or ES384")
    names = NUMBERS.get(str(kty))
    if names is None or any(not isinstance(given.get(name), str) for name in names):
        raise ValueError(f"the key {kid} is neither an RSA nor an EC key")
    if kty == "EC" and given.get("crv") != CURVE:
        raise ValueError(f"the key {kid} is not on the curve {CURVE}")
    return PublicKey(kid, str(kty), given[names[0]], given[names[1]])


def strict_object(data: str | bytes) -> dict[str, Any]:
    """A JSON object without repeated names. Raises ValueError."""
    found = json.loads(data, object_pairs_hook=_once, parse_constant=_no_number)
    if not isinstance(found, dict):
        raise ValueError("an object is expected")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")
