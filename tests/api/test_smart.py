"""The token endpoint as a connected system meets it, with each part of an assertion wrong in turn."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from schemas.actions import Action
from schemas.vocabulary import AssignmentKind, Role, Verdict
from service.casework import machine_clients, people
from service.casework.machine_clients import FETCH, PER_MINUTE, REFUSED
from service.domain import clock
from service.domain.machine_clients import MachineClient
from service.errors import Unavailable
from service.fhir import RESOURCES, publish
from service.store import audit, cases
from service.store.base import db
from service.store.sign_ins import TRIES
from tests.builders import House, add_actor, add_bearer, add_case
from tests.machines import (
    ENDPOINT,
    a_client_draft,
    a_key_set,
    an_assertion,
    ask,
    b64,
    claims_for,
    ec_key,
    rsa_key,
    sign,
)

BASE = "/fhir/R4"
ONE_ANSWER = {"error": "invalid_client", "error_description": REFUSED}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def register(app: Flask, house: House, scope: str = "system/*.rs", **changes: str) -> MachineClient:
    with app.app_context():
        email = f"bridge{len(changes)}@linden.example"
        return machine_clients.register_client(house.admin, "Ward bridge", email, a_client_draft(scope, **changes))


def reasons(app: Flask, house: House) -> list[str]:
    """Why tokens were refused, the newest first."""
    with app.app_context():
        rows = audit.recent(house.practice_id, None, 50)
        return [each.why for each in rows if each.action == Action.TOKEN_ISSUE and each.verdict == Verdict.REFUSED]


@pytest.mark.parametrize("alg", ["RS384", "ES384"])
def test_a_signed_assertion_gets_a_token_that_reads(app: Flask, house: House, client: FlaskClient, alg: str) -> None:
    known = register(app, house)
    given = ask(client, an_assertion(known.id, alg=alg), "system/*.read")
    assert given.status_code == 200, given.text
    assert (given.headers["Cache-Control"], given.headers["Pragma"]) == ("no-store", "no-cache")
    assert given.json is not None
    assert {name: given.json[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "bearer",
        "expires_in": 300,
        "scope": "system/*.rs",
    }
    head = {"Authorization": f"Bearer {given.json['access_token']}"}
    assert client.get(f"{BASE}/Organization", headers=head).status_code == 200
    with app.app_context():
        found = machine_clients.read_client(house.admin, known.id)
        newest = audit.recent(house.practice_id, None, 5)
    assert found.last_used_at is not None
    assert any(each.action == Action.TOKEN_ISSUE and each.why == "system/*.rs" for each in newest)
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=1)):
        ended = client.get(f"{BASE}/Organization", headers=head)
    assert (ended.status_code, ended.headers["WWW-Authenticate"]) == (401, "Bearer")


def _hmac_by_the_public_key(client_id: str) -> str:
    """The classic confusion: an HMAC whose secret is the public key that everybody knows."""
    head = {"alg": "HS384", "kid": "rsa-first", "typ": "JWT"}
    secret = a_key_set().encode()
    return sign(head, claims_for(client_id), lambda signed: __import__("hmac").digest(secret, signed, "sha384"))


def _altered(client_id: str) -> str:
    head, _claims, signature = an_assertion(client_id).split(".")
    return f"{head}.{b64(json.dumps(claims_for(client_id, jti='other')).encode())}.{signature}"


AT = clock.now
WRONG: dict[str, tuple[Callable[[str], str], str]] = {
    "none": (lambda c: sign({"alg": "none", "kid": "rsa-first", "typ": "JWT"}, claims_for(c), None), ""),
    "HS384 by the public key": (_hmac_by_the_public_key, ""),
    "RS256": (lambda c: an_assertion(c, alg="RS256"), ""),
    "altered after signing": (_altered, "signature"),
    "signed by another key": (
        lambda c: sign({"alg": "RS384", "kid": "rsa-first", "typ": "JWT"}, claims_for(c), rsa_key("second")),
        "signature",
    ),
    "RSA name on an EC signature": (
        lambda c: sign({"alg": "ES384", "kid": "rsa-first", "typ": "JWT"}, claims_for(c), ec_key("first")),
        "unknown key",
    ),
    "unknown kid": (lambda c: an_assertion(c, header={"kid": "rsa-second"}), "unknown key"),
    "foreign jku": (lambda c: an_assertion(c, header={"jku": "https://evil.example/keys"}), "jku"),
    "wrong aud": (lambda c: an_assertion(c, aud="https://other.example/fhir/R4/auth/token"), "audience"),
    "base as aud": (lambda c: an_assertion(c, aud="https://stepwell.example/fhir/R4"), "audience"),
    "aud among others": (
        lambda c: an_assertion(c, aud=["https://stepwell.example/fhir/R4/auth/token", "x"]),
        "audience",
    ),
    "another subject": (lambda c: an_assertion(c, sub="somebody"), "subject"),
    "expired": (lambda c: an_assertion(c, exp=int(AT().timestamp()) - 1), "expired"),
    "far future": (lambda c: an_assertion(c, exp=int(AT().timestamp()) + 310), "expires too late"),
    "no exp": (lambda c: an_assertion(c, exp=None), "no expiry"),
    "exp as text": (lambda c: an_assertion(c, exp="4102444800"), "no expiry"),
    "exp true": (lambda c: an_assertion(c, exp=True), "no expiry"),
    "not yet": (lambda c: an_assertion(c, nbf=int(AT().timestamp()) + 60), "not yet"),
    "no jti": (lambda c: an_assertion(c, jti=None), "no jti"),
    "unknown client": (lambda c: an_assertion("00000000-0000-4000-8000-00000000dead"), ""),
    "alg is a list": (lambda c: sign({"alg": [], "kid": "rsa-first"}, claims_for(c), None), ""),
    "alg is an object": (lambda c: sign({"alg": {}, "kid": "rsa-first"}, claims_for(c), None), ""),
    "iss is half a letter": (lambda c: an_assertion(c, iss="\ud800"), ""),
    "iss holds a NUL": (lambda c: an_assertion(c, iss=f"{c}\x00"), ""),
    "exp beyond all time": (lambda c: an_assertion(c, exp=10**400), "no expiry"),
    "nbf beyond all time": (lambda c: an_assertion(c, nbf=10**400), "not yet"),
    "jti is half a letter": (lambda c: an_assertion(c, jti="\ud800"), "no jti"),
    "no token at all": (lambda c: "", ""),
    "two parts": (lambda c: "a.b", ""),
}


@pytest.mark.parametrize("how", WRONG)
def test_whatever_is_wrong_the_answer_is_one_and_the_audit_says_why(
    app: Flask, house: House, client: FlaskClient, how: str
) -> None:
    known = register(app, house)
    make, why = WRONG[how]
    refused = ask(client, make(known.id))
    assert (refused.status_code, refused.json) == (401, ONE_ANSWER)
    assert reasons(app, house) == ([why] if why else [])


def test_an_assertion_counts_once(app: Flask, house: House, client: FlaskClient) -> None:
    assertion = an_assertion(register(app, house).id)
    assert ask(client, assertion).status_code == 200
    assert (ask(client, assertion).status_code, reasons(app, house)) == (401, ["replayed"])


def test_of_the_same_assertion_sent_twice_at_one_moment_one_counts(app: Flask, house: House) -> None:
    assertion, answers = an_assertion(register(app, house).id), []
    gate = threading.Barrier(4)

    def send() -> None:
        gate.wait()
        answers.append(ask(app.test_client(), assertion).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(answers) == [200, 401, 401, 401]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "unsupported_grant_type"),
        ({"client_assertion_type": "urn:something"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "user/*.rs"}, "invalid_scope"),
        ({"scope": "system/Observation.rs?category=survey"}, "invalid_scope"),
    ],
)
def test_a_request_of_another_kind_is_told_so(
    app: Flask, house: House, client: FlaskClient, changes: dict[str, str], code: str
) -> None:
    refused = ask(client, an_assertion(register(app, house).id), **changes)
    assert refused.status_code == 400
    assert refused.json is not None
    assert refused.json["error"] == code
    assert refused.headers["Cache-Control"] == "no-store"


def test_other_methods_and_bodies_get_errors_of_the_same_make(client: FlaskClient) -> None:
    assert client.get(ENDPOINT).json == ONE_ANSWER
    assert client.post(ENDPOINT, json={}).json["error"] == "unsupported_grant_type"  # type: ignore[index]
    twice = client.post(ENDPOINT, data={"grant_type": ["client_credentials", "client_credentials"]})
    assert (twice.status_code, twice.json["error"]) == (400, "invalid_request")  # type: ignore[index]


def test_a_token_reaches_no_more_than_is_registered(app: Flask, house: House, client: FlaskClient) -> None:
    known = register(app, house, "system/Organization.rs system/Practitioner.r")
    given = ask(client, an_assertion(known.id), "system/*.rs").json
    assert given is not None
    assert given["scope"] == "system/Organization.rs system/Practitioner.r"
    head = {"Authorization": f"Bearer {given['access_token']}"}
    assert client.get(f"{BASE}/Organization", headers=head).status_code == 200
    refused = client.get(f"{BASE}/Practitioner", headers=head)
    assert (refused.status_code, refused.json["issue"][0]["code"]) == (403, "forbidden")  # type: ignore[index]
    assert ask(client, an_assertion(known.id), "system/Patient.rs").json["error"] == "invalid_scope"  # type: ignore[index]


def test_an_ended_system_gets_no_token_and_its_last_one_ends_too(app: Flask, house: House, client: FlaskClient) -> None:
    known = register(app, house)
    token = ask(client, an_assertion(known.id)).json["access_token"]  # type: ignore[index]
    with app.app_context():
        people.end_account(house.admin, known.id)
    assert client.get(f"{BASE}/Organization", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert (ask(client, an_assertion(known.id)).json, reasons(app, house)) == (ONE_ANSWER, ["ended"])


def test_a_new_key_takes_the_place_of_the_old(app: Flask, house: House, client: FlaskClient) -> None:
    known = register(app, house)
    with app.app_context():
        draft = a_client_draft(keys=a_key_set("second"))
        changed = machine_clients.change_client(house.admin, known.id, draft, version=known.version)
        kept = machine_clients.change_client(
            house.admin, known.id, a_client_draft("system/Patient.rs", keys=""), version=changed.version
        )
    assert kept.key_ids == ("rsa-second", "ec-second")
    assert ask(client, an_assertion(known.id)).status_code == 401
    head = {"alg": "RS384", "kid": "rsa-second", "typ": "JWT"}
    assert ask(client, sign(head, claims_for(known.id), rsa_key("second"))).json["scope"] == "system/Patient.rs"  # type: ignore[index]


def test_a_token_of_another_practice_finds_nothing_here(app: Flask, house: House, client: FlaskClient) -> None:
    with app.app_context():
        case_id = add_case(house.therapist).id
        publish.drain()
        other = add_actor(house.stranger.practice_id, Role.MACHINE, "Other bridge")
        cases.assign(case_id, other.user_id, AssignmentKind.LINKED)
        token = add_bearer(other, clock.now() + timedelta(minutes=5))
    head = {"Authorization": f"Bearer {token}"}
    hidden, missing = (client.get(f"{BASE}/Patient/{each}", headers=head) for each in (case_id, "nobody"))
    assert (hidden.status_code, hidden.data) == (404, missing.data)


def test_tries_and_tokens_are_counted(app: Flask, house: House, client: FlaskClient) -> None:
    known = register(app, house)
    with clock.standing_at(clock.now()):
        for _ in range(PER_MINUTE):
            assert ask(client, an_assertion(known.id)).status_code == 200, reasons(app, house)
        refused = ask(client, an_assertion(known.id))
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
        for _ in range(8):
            ask(client, an_assertion(known.id, sub="x"))
        assert ask(client, an_assertion(known.id)).json["error"] == "temporarily_unavailable"  # type: ignore[index]
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
        again = client.post(ENDPOINT, data={"grant_type": "client_credentials"}, environ_base=elsewhere)
        assert again.status_code == 400, "a guesser elsewhere does not lock the system out"


@pytest.mark.parametrize("how", ["alg is a list", "iss is half a letter", "iss holds a NUL"])
def test_what_cannot_be_read_is_counted_as_a_try(app: Flask, house: House, client: FlaskClient, how: str) -> None:
    known = register(app, house)
    tries = [ask(client, WRONG[how][0](known.id)).status_code for _ in range(TRIES + 1)]
    assert tries == [401] * TRIES + [429]


class KeyHost:
    """The address of a key set, standing in for the network: what it holds, and how often it was asked."""

    def __init__(self, app: Flask, keys: str, seconds: int | None = None) -> None:
        self.keys, self.seconds, self.asked = keys, seconds, 0
        app.extensions[FETCH] = self

    def __call__(self, url: str) -> tuple[bytes, int | None]:
        self.asked += 1
        if not self.keys:
            raise Unavailable("down")
        return self.keys.encode(), self.seconds


def test_a_fetched_set_is_kept_as_long_as_it_says_and_read_again_once_for_a_new_key(
    app: Flask, house: House, client: FlaskClient
) -> None:
    host = KeyHost(app, a_key_set(), 600)
    known = register(app, house, key_url="https://keys.bridge.example/set.json")
    second: dict[str, Any] = {"alg": "RS384", "kid": "rsa-second", "typ": "JWT"}
    start = clock.now()
    with time_machine.travel(start) as moment:
        assert [ask(client, an_assertion(known.id)).status_code for _ in range(3)] == [200, 200, 200]
        assert host.asked == 1
        host.keys = a_key_set("first", "second")
        assert ask(client, sign(second, claims_for(known.id), rsa_key("second"))).status_code == 401
        assert host.asked == 1, "asked anew at most once a minute"
        moment.move_to(start + timedelta(seconds=61))
        assert ask(client, sign(second, claims_for(known.id), rsa_key("second"))).status_code == 200
        assert host.asked == 2
        moment.move_to(start + timedelta(seconds=800))
        host.keys = ""
        assert ask(client, an_assertion(known.id)).status_code == 401, "a set whose time is over does not count"
        assert host.asked == 3


def test_a_set_that_may_not_be_kept_serves_until_it_may_be_asked_for_anew(
    app: Flask, house: House, client: FlaskClient
) -> None:
    host = KeyHost(app, a_key_set(), 0)
    known = register(app, house, key_url="https://keys.bridge.example/set.json")
    start = clock.now()
    with time_machine.travel(start, tick=False) as moment:
        assert {ask(client, an_assertion(known.id)).status_code for _ in range(TRIES + 2)} == {200}
        assert host.asked == 1
        assert ask(client, an_assertion(known.id, header={"kid": "rsa-second"})).status_code == 401
        moment.move_to(start + timedelta(seconds=60))
        assert (ask(client, an_assertion(known.id)).status_code, host.asked) == (200, 2)
        host.keys = ""
        moment.move_to(start + timedelta(seconds=120))
        assert [ask(client, an_assertion(known.id)).status_code for _ in range(2)] == [401, 401]
        assert host.asked == 3, "a set that could not be had anew serves no longer"


def test_a_change_of_a_client_ends_the_tokens_that_are_out(app: Flask, house: House, client: FlaskClient) -> None:
    known = register(app, house)
    head = {"Authorization": f"Bearer {ask(client, an_assertion(known.id)).json['access_token']}"}  # type: ignore[index]
    assert client.get(f"{BASE}/Organization", headers=head).status_code == 200
    with app.app_context():
        fewer = a_client_draft("system/Patient.rs")
        machine_clients.change_client(house.admin, known.id, fewer, version=known.version)
    assert client.get(f"{BASE}/Organization", headers=head).status_code == 401


def test_the_configuration_says_what_works(app: Flask, house: House, client: FlaskClient) -> None:
    given = client.get(f"{BASE}/.well-known/smart-configuration")
    assert given.mimetype == "application/json"
    assert given.headers["Access-Control-Allow-Origin"] == "*"
    told = given.json
    assert told is not None
    assert told["token_endpoint"] == "https://stepwell.example/fhir/R4/auth/token"
    assert told["grant_types_supported"] == ["client_credentials"]
    assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert set(told["token_endpoint_auth_signing_alg_values_supported"]) == {"RS384", "ES384"}
    assert set(told["capabilities"]) == {"client-confidential-asymmetric", "permission-v2"}
    assert "plain" not in told["code_challenge_methods_supported"]
    assert "issuer" not in told
    known = register(app, house, "system/*.rs system/QuestionnaireResponse.c")
    for scope in told["scopes_supported"]:
        assert ask(client, an_assertion(known.id), scope).json["scope"] == scope  # type: ignore[index]


def test_a_narrow_token_gets_nothing_else_from_any_address(app: Flask, house: House, client: FlaskClient) -> None:
    """Every address of the FHIR edge, for a system that may read Practitioner alone and to which the case is linked."""
    with app.app_context():
        case_id = add_case(house.therapist).id
        publish.drain()
        cases.assign(case_id, house.machine.user_id, AssignmentKind.LINKED)
        db.session.commit()
        token = add_bearer(house.machine, clock.now() + timedelta(minutes=5), "system/Practitioner.rs")
    head = {"Authorization": f"Bearer {token}"}
    told = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(BASE) or "GET" not in (rule.methods or ()):
            continue
        for resource_type in RESOURCES.keys() - {"Practitioner"}:
            given = {"resource_type": resource_type, "resource_id": case_id, "number": "1"}
            parts = {name: given.get(name, case_id) for name in rule.arguments}
            path = app.url_map.bind("localhost").build(rule.endpoint, parts)
            answer = client.get(path, query_string={"patient": case_id}, headers=head)
            if getattr(app.view_functions[rule.endpoint], "__public__", "") or answer.status_code >= 400:
                continue
            told.append(f"{path} {answer.status_code}")
    assert told == []
    assert client.get(f"{BASE}/Practitioner", headers=head).status_code == 200
