"""Public keys of connected systems (RFC 7517) and the signature of a client assertion (RFC 7515), for the two
algorithms that SMART asks for and no other.

Rule: what the token says about itself decides nothing. Its `alg` must be one of two, its `kid` must name a registered
key, that key's own kind must fit the algorithm, and a key that comes along inside the token is refused.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP384R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384

from service.errors import Invalid

ALGORITHMS = {"RS384": "RSA", "ES384": "EC"}
LONGEST_TOKEN = 8_000
LONGEST_SET = 64_000
MOST_KEYS = 10
LEAST_BITS, MOST_BITS = 2_048, 8_192
HALF = 48  # bytes of a coordinate or half a signature on P-384
HEADERS = frozenset({"alg", "kid", "typ", "jku", "x5t", "x5t#S256"})
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class PublicKey:
    """One key of a set, as numbers in base64url: `first` and `second` are n and e, or x and y."""

    kid: str
    kty: str
    first: str
    second: str


@dataclass(frozen=True)
class Assertion:
    """A token taken apart; nothing of it is believed yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    @property
    def issuer(self) -> str:
        return str(self.claims.get("iss", ""))

    @property
    def kid(self) -> str:
        return str(self.header["kid"])


def read_keys(data: str | bytes) -> tuple[PublicKey, ...]:
    """The usable public keys of a JWK set. Raises Invalid saying what is wrong with it."""
    try:
        given = strict_object(data) if len(data) <= LONGEST_SET else {}
        listed = given.get("keys")
        found = tuple(_key(each) for each in listed) if isinstance(listed, list) else ()
    except (ValueError, RecursionError) as error:
        raise Invalid("The keys cannot be taken.", {"keys": f"This is no set of public keys: {error}."}) from error
    if not 0 < len(found) <= MOST_KEYS or len({each.kid for each in found}) != len(found):
        raise Invalid("The keys cannot be taken.", {"keys": "Give one to ten public keys, each with a kid of its own."})
    return found


def taken_apart(token: str) -> Assertion:
    """Raises ValueError for what is no assertion of ours to look at."""
    parts = token.split(".")
    if len(token) > LONGEST_TOKEN or len(parts) != 3:
        raise ValueError("three parts are expected")
    header, claims = strict_object(_bytes(parts[0])), strict_object(_bytes(parts[1]))
    fits = header.get("alg") in ALGORITHMS and isinstance(header.get("kid"), str)
    if not fits or not header.keys() <= HEADERS or str(header.get("typ", "JWT")).upper() != "JWT":
        raise ValueError("the header is not acceptable")
    return Assertion(header, claims, token.rpartition(".")[0].encode(), _bytes(parts[2]))


def key_for(assertion: Assertion, keys: Iterable[PublicKey]) -> PublicKey | None:
    """The one key that the token names and whose kind its algorithm asks for."""
    kty = ALGORITHMS[assertion.header["alg"]]
    found = [each for each in keys if each.kid == assertion.kid and each.kty == kty]
    return found[0] if len(found) == 1 else None


def is_signed_by(assertion: Assertion, key: PublicKey) -> bool:
    """Whether the signature is that of this key."""
    try:
        if key.kty == "RSA":
            numbers = RSAPublicNumbers(_number(key.second), _number(key.first))
            numbers.public_key().verify(assertion.signature, assertion.signed, PKCS1v15(), SHA384())
            return True
        if len(assertion.signature) != 2 * HALF:
            return False
        halves = assertion.signature[:HALF], assertion.signature[HALF:]
        der = encode_dss_signature(*(int.from_bytes(each, "big") for each in halves))
        _on_curve(key).public_key().verify(der, assertion.signed, ECDSA(SHA384()))
    except (InvalidSignature, ValueError):
        return False
    return True


def strict_object(data: str | bytes) -> dict[str, Any]:
    """A JSON object without repeated names. Raises ValueError."""
    found = json.loads(data, object_pairs_hook=_once, parse_constant=_no_number)
    if not isinstance(found, dict):
        raise ValueError("an object is expected")
    return found


def _key(given: object) -> PublicKey:
    if not isinstance(given, dict):
        raise ValueError("each key is an object")
    if any(name in given for name in ("d", "p", "q", "dp", "dq", "qi", "oth", "k")):
        raise ValueError("it holds a private key. Give the public half, and make a new pair")
    kid, kty = given.get("kid"), given.get("kty")
    if not isinstance(kid, str) or not 0 < len(kid) <= 200:
        raise ValueError("a key has no kid")
    if given.get("use", "sig") != "sig" or given.get("alg", "") not in ("", *ALGORITHMS):
        raise ValueError(f"the key {kid} is not for signatures by RS384 or ES384")
    names = {"RSA": ("n", "e"), "EC": ("x", "y")}.get(str(kty))
    if names is None or any(not isinstance(given.get(name), str) for name in names):
        raise ValueError(f"the key {kid} is neither an RSA nor an EC key")
    key = PublicKey(kid, str(kty), given[names[0]], given[names[1]])
    _check_strength(key, given)
    return key


def _check_strength(key: PublicKey, given: Mapping[str, Any]) -> None:
    if key.kty == "EC":
        if given.get("crv") != "P-384":
            raise ValueError(f"the key {key.kid} is not on the curve P-384")
        _on_curve(key).public_key()
        return
    if not LEAST_BITS <= _number(key.first).bit_length() <= MOST_BITS:
        raise ValueError(f"the key {key.kid} needs 2,048 bits or more")
    RSAPublicNumbers(_number(key.second), _number(key.first)).public_key()


def _on_curve(key: PublicKey) -> EllipticCurvePublicNumbers:
    return EllipticCurvePublicNumbers(_number(key.first), _number(key.second), SECP384R1())


def _number(text: str) -> int:
    return int.from_bytes(_bytes(text), "big")


def _bytes(text: str) -> bytes:
    """base64url without padding, in its one right spelling."""
    if not _PLAIN.fullmatch(text):
        raise ValueError("this is no base64url")
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("this is no base64url") from error
    if base64.urlsafe_b64encode(found).rstrip(b"=") != text.encode():
        raise ValueError("this is no base64url")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")
