"""Key sets (RFC 7517) and signed assertions (RFC 7515) of connected systems, by joserfc, which is known here alone.

Rule: domain/signatures.py says what is taken before joserfc reads it, and joserfc is told the two algorithms each time,
because it knows more. It is loaded with the first key or assertion: X.509 and SSH come along, and few workers meet one.
"""

import importlib
import json
from collections.abc import Mapping
from typing import Any

from service.domain.signatures import (
    ALGORITHMS,
    CURVE,
    LEAST_BITS,
    LONGEST_SET,
    LONGEST_TOKEN,
    MOST_BITS,
    MOST_KEYS,
    NUMBERS,
    Assertion,
    PublicKey,
    check_header,
    public_key,
    strict_object,
)
from service.errors import Invalid

NO_SET = "This is no JSON. Paste the whole key set, from its first brace to its last."


def read_keys(data: str | bytes) -> tuple[PublicKey, ...]:
    """The usable public keys of a JWK set. Raises Invalid saying what is wrong with it."""
    try:
        given = strict_object(data) if len(data) <= LONGEST_SET else {}
        listed = given.get("keys")
        found = tuple(_key(each) for each in listed) if isinstance(listed, list) else ()
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("The keys cannot be taken.", {"keys": NO_SET}) from error
    except ValueError as error:
        raise Invalid("The keys cannot be taken.", {"keys": f"This is no set of public keys: {error}."}) from error
    if not 0 < len(found) <= MOST_KEYS or len({each.kid for each in found}) != len(found):
        raise Invalid("The keys cannot be taken.", {"keys": "Give one to ten public keys, each with a kid of its own."})
    return found


def taken_apart(token: str) -> Assertion:
    """Raises ValueError for what is no assertion of ours to look at."""
    parts = token.split(".")
    if len(token) > LONGEST_TOKEN or len(parts) != 3:
        raise ValueError("three parts are expected")
    header, claims = (strict_object(_jose("util").urlsafe_b64decode(each.encode())) for each in parts[:2])
    check_header(header)
    return Assertion(token, header, claims)


def is_signed_by(assertion: Assertion, key: PublicKey) -> bool:
    """Whether the signature is that of this key."""
    registry = _jose("jws").JWSRegistry(algorithms=list(ALGORITHMS))
    registry.max_header_length = registry.max_signature_length = LONGEST_TOKEN  # its own are short of 8,192 bits
    try:
        _jose("jws").deserialize_compact(assertion.token, _imported(key), registry=registry)
    except (_jose("errors").JoseError, ValueError):
        return False
    return True


def new_key() -> str:
    """A private key for ES384, as JSON."""
    key = _jose("jwk").ECKey.generate_key(CURVE)
    return json.dumps({**key.as_dict(private=True), "kid": key.thumbprint()})


def public_half(key: str) -> str:
    """The set that is given to whoever checks what this key signs; "" of no key."""
    if not key:
        return ""
    shown = {name: value for name, value in json.loads(key).items() if name != "d"}
    return json.dumps({"keys": [{**shown, "alg": "ES384", "use": "sig"}]}, indent=1)


def signed(claims: Mapping[str, Any], key: str) -> str:
    """An assertion by one of our own keys."""
    held = json.loads(key)
    header = {"alg": "ES384", "kid": held["kid"], "typ": "JWT"}
    return str(
        _jose("jws").serialize_compact(header, json.dumps(claims), _jose("jwk").import_key(held, "EC"), ["ES384"])
    )


def _key(given: object) -> PublicKey:
    key = public_key(given)
    try:
        bits = _jose("util").base64_to_int(key.first).bit_length()
        strong = key.kty == "EC" or LEAST_BITS <= bits <= MOST_BITS
        if strong:
            _imported(key)
    except (_jose("errors").JoseError, ValueError) as error:
        raise ValueError(f"the numbers of the key {key.kid} are not those of a public key") from error
    if not strong:
        raise ValueError(f"the key {key.kid} needs 2,048 to 8,192 bits")
    return key


def _imported(key: PublicKey) -> Any:
    numbers = dict(zip(NUMBERS[key.kty], (key.first, key.second), strict=True))
    return _jose("jwk").import_key({"kty": key.kty, "crv": CURVE, **numbers}, key.kty)


def _jose(part: str) -> Any:
    return importlib.import_module(f"joserfc.{part}")
