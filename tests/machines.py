"""Keys and assertions of invented connected systems, signed here byte by byte so that each part can be wrong.

No JOSE library is used and nothing of casework/assertions.py: what checks an assertion must not have made it.
"""

import base64
import json
import uuid
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.domain import clock
from service.domain.machine_clients import ClientDraft
from service.domain.scopes import read_scopes

ENDPOINT = "/fhir/R4/auth/token"
AUDIENCE = f"https://stepwell.example{ENDPOINT}"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int, length: int) -> str:
    return b64(value.to_bytes(length, "big"))


def jwk_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, kid: str) -> dict[str, str]:
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return {"kty": "RSA", "kid": kid, "n": _number(numbers.n, 256), "e": _number(numbers.e, 3), "alg": "RS384"}
    point = key.public_key().public_numbers()
    return {"kty": "EC", "kid": kid, "crv": "P-384", "x": _number(point.x, 48), "y": _number(point.y, 48)}


def a_key_set(*names: str) -> str:
    """The public keys `rsa-NAME` and `ec-NAME` of each name."""
    keys = [jwk_of(rsa_key(name), f"rsa-{name}") for name in names or ("first",)]
    keys += [jwk_of(ec_key(name), f"ec-{name}") for name in names or ("first",)]
    return json.dumps({"keys": keys})


def a_client_draft(scope: str = "system/*.rs", **changes: str) -> ClientDraft:
    given = {"keys": a_key_set()} if "key_url" not in changes else {}
    return ClientDraft(read_scopes(scope), **{**given, **changes})


def claims_for(client_id: str, **changes: Any) -> dict[str, Any]:
    """The claims of a good assertion; a change to None leaves one out."""
    at = int(clock.now().timestamp())
    good = {"iss": client_id, "sub": client_id, "aud": AUDIENCE, "exp": at + 240, "jti": str(uuid.uuid4())}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def sign(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    """A compact JWS by whatever the header's algorithm asks of the key; "" is the signature of `none`."""
    signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(_signature(str(header.get('alg')), signed.encode(), key))}"


def an_assertion(client_id: str, *, alg: str = "RS384", header: dict[str, Any] | None = None, **claims: Any) -> str:
    kind, key = ("ec", ec_key("first")) if alg == "ES384" else ("rsa", rsa_key("first"))
    head = {"alg": alg, "kid": f"{kind}-first", "typ": "JWT", **(header or {})}
    return sign(head, claims_for(client_id, **claims), key)


def ask(client: FlaskClient, assertion: str, scope: str = "system/*.rs", **changes: str) -> TestResponse:
    form = {"grant_type": "client_credentials", "client_assertion_type": JWT_BEARER, "client_assertion": assertion}
    return client.post(ENDPOINT, data={**form, "scope": scope, **changes})


def _signature(alg: str, signed: bytes, key: Any) -> bytes:
    match alg:
        case "RS384" | "RS256":
            return bytes(key.sign(signed, padding.PKCS1v15(), SHA384() if alg == "RS384" else SHA256()))
        case "ES384":
            first, second = decode_dss_signature(key.sign(signed, ec.ECDSA(SHA384())))
            return first.to_bytes(48, "big") + second.to_bytes(48, "big")
        case _:
            return bytes(key(signed)) if callable(key) else b""
