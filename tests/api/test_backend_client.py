"""A client in a process of its own that shares only its JOSE library with the service, against a server on loopback."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask

from schemas.release_codes import SendRoute
from schemas.vocabulary import AssignmentKind
from service import server
from service.app import create_app
from service.casework import machine_clients
from service.fhir import publish
from service.settings import Settings
from service.store import cases
from service.store.base import db
from tests.builders import House, add_case, add_release, add_session
from tests.conftest import close
from tests.databases import free_port
from tests.journeys.site import serving
from tests.machines import a_client_draft, b64, ec_key, jwk_of, rsa_key

CLIENT = Path(__file__).parents[1] / "tools" / "backend_client.py"

pytestmark = [
    pytest.mark.interop,
    pytest.mark.slow,
]


@pytest.fixture
def site(app: Flask, settings: Settings) -> Iterator[tuple[Flask, str]]:
    """The same data under the address that it is really reached at, with the sweep running."""
    port = free_port()
    base = f"http://127.0.0.1:{port}/fhir/R4"
    running = create_app(replace(settings, fhir_base=base))
    stop = server.start_sweeping(running)
    with serving(running, port):
        yield running, base
    stop.set()
    close(running)


def private_jwk(alg: str) -> dict[str, str]:
    key = rsa_key("first") if alg == "RS384" else ec_key("first")
    public = jwk_of(key, f"{'rsa' if alg == 'RS384' else 'ec'}-first")
    if not isinstance(key, rsa.RSAPrivateKey):
        return {**public, "d": b64(key.private_numbers().private_value.to_bytes(48, "big"))}
    own = key.private_numbers()
    parts = {"d": own.d, "p": own.p, "q": own.q, "dp": own.dmp1, "dq": own.dmq1, "qi": own.iqmp}
    return public | {name: b64(value.to_bytes((value.bit_length() + 7) // 8, "big")) for name, value in parts.items()}


@pytest.mark.parametrize("alg", ["RS384", "ES384"])
def test_a_client_signs_exports_fetches_and_deletes(
    site: tuple[Flask, str], house: House, tmp_path: Path, alg: str
) -> None:
    running, base = site
    with running.app_context():
        known = machine_clients.register_client(house.admin, "Ward bridge", "ward@linden.example", a_client_draft())
        case_id = add_case(house.therapist).id
        add_session(house.therapist, case_id)
        cases.assign(case_id, known.id, AssignmentKind.LINKED)
        db.session.commit()
        add_release(house.therapist, case_id, recipient="Ward bridge", route=SendRoute.SYSTEM)
        publish.drain()
    key_file = tmp_path / "key.json"
    key_file.write_text(json.dumps(private_jwk(alg)))
    ran = subprocess.run(
        [sys.executable, str(CLIENT), base, known.id, str(key_file), alg], capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    assert json.loads(ran.stdout) == {"Encounter": 1, "Provenance": 1}
