"""Key sets and assertions: what is read, what is refused, and that only the named key's own signature counts."""

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from service.casework.assertions import is_signed_by, read_keys, taken_apart
from service.domain.signatures import key_for
from service.errors import Invalid
from tests.machines import a_key_set, an_assertion, b64, claims_for, jwk_of, rsa_key

SMALL = {"kty": "RSA", "kid": "a", "n": "u1W9", "e": "AQAB"}
GOOD = json.loads(a_key_set())["keys"]


@pytest.mark.parametrize("alg", ["RS384", "ES384"])
def test_a_signature_counts_for_its_own_key_alone(alg: str) -> None:
    assertion, others = taken_apart(an_assertion("c", alg=alg)), read_keys(a_key_set("second"))
    key = key_for(assertion, read_keys(a_key_set()))
    assert key is not None
    assert is_signed_by(assertion, key)
    assert not any(is_signed_by(assertion, each) for each in others)
    assert key_for(assertion, others) is None


@pytest.mark.parametrize(
    "keys",
    [
        "",
        "[]",
        "{}",
        '{"keys": []}',
        '{"keys": [1]}',
        '{"keys": [], "keys": []}',
        "[" * 60_000,
        json.dumps({"keys": [SMALL]}),
        json.dumps({"keys": [{"kty": "oct", "kid": "a", "k": "AAAA"}]}),
        json.dumps({"keys": [{**GOOD[0], "d": "AQAB"}]}),
        json.dumps({"keys": [{**GOOD[0], "kid": ""}]}),
        json.dumps({"keys": [{**GOOD[0], "n": GOOD[0]["n"] + "="}]}),
        json.dumps({"keys": [{**GOOD[0], "alg": "RS256"}]}),
        json.dumps({"keys": [{**GOOD[0], "use": "enc"}]}),
        json.dumps({"keys": [GOOD[0], GOOD[0]]}),
        json.dumps({"keys": [{**GOOD[1], "crv": "P-256"}]}),
        json.dumps({"keys": [{**GOOD[1], "x": GOOD[1]["y"]}]}),
        json.dumps({"keys": [jwk_of(ec.generate_private_key(ec.SECP384R1()), str(each)) for each in range(11)]}),
    ],
)
def test_a_set_that_is_none_is_refused_by_name(keys: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_keys(keys)
    assert list(refused.value.fields) == ["keys"]


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"alg": None},
        {"kid": 1},
        {"typ": "at+jwt"},
        {"crit": ["exp"]},
        {"jwk": jwk_of(rsa_key("first"), "rsa-first")},
        {"x5c": ["AAAA"]},
        {"x5u": "https://keys.example/x"},
        {"b64": False},
    ],
)
def test_a_header_of_another_kind_is_refused_before_any_key_is_looked_for(header: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="header"):
        taken_apart(an_assertion("c", header=header))


@given(st.text(alphabet="abcAB01-_.={}\"'\u00e9 ", max_size=80) | st.binary(max_size=60).map(str))
def test_whatever_else_is_sent_is_refused_and_nothing_breaks(token: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        taken_apart(token)


def test_a_key_of_the_other_kind_under_the_same_name_is_no_key() -> None:
    swapped = json.dumps({"keys": [{**GOOD[1], "kid": "rsa-first"}]})
    assert key_for(taken_apart(an_assertion("c")), read_keys(swapped)) is None


@pytest.mark.parametrize("twice", [0, 1])
def test_a_name_given_twice_is_refused_though_the_last_one_is_good(twice: int) -> None:
    said = [json.dumps({"alg": "RS384", "kid": "rsa-first"}), json.dumps(claims_for("c"))]
    said[twice] = said[twice].replace("{", '{"kid": "x", "iss": "x", ', 1)
    with pytest.raises(ValueError, match="twice"):
        taken_apart(".".join([*(b64(each.encode()) for each in said), "AAAA"]))


def test_the_largest_key_and_the_longest_names_are_within_the_limits() -> None:
    """To check a signature takes no prime: with exponent 3, the modulus is its cube less what was signed, padded."""
    header = {"alg": "RS384", "kid": "k" * 200, "jku": f"https://keys.example/{'j' * 470}"}
    signed = ".".join(b64(json.dumps(each).encode()) for each in (header, claims_for("c")))
    told = bytes.fromhex("3041300d060960864801650304020205000430") + hashlib.sha384(signed.encode()).digest()
    padded = int.from_bytes(b"\x00\x01" + b"\xff" * (1021 - len(told)) + b"\x00" + told, "big")
    signature = (1 << 2730) | (1 - padded % 2)
    modulus = signature**3 - padded
    given = {"kty": "RSA", "kid": "k" * 200, "n": b64(modulus.to_bytes(1024, "big")), "e": "Aw"}
    (key,) = read_keys(json.dumps({"keys": [given]}))
    assert is_signed_by(taken_apart(f"{signed}.{b64(signature.to_bytes(1024, 'big'))}"), key)
    assert not is_signed_by(taken_apart(f"{signed}.{b64((signature + 2).to_bytes(1024, 'big'))}"), key)
