"""Another Stepwell over TLS, run as a program of its own by tests/ehr/test_records.py.

It reads from standard input who lives there, tells the client id that it gave to the first Stepwell and the id of a
client, then reads the first one's public keys and tells when it answers.
"""

import json
import ssl
import sys
from dataclasses import replace
from pathlib import Path

from werkzeug.serving import make_server

from schemas.vocabulary import AssignmentKind, Role
from service.app import create_app
from service.casework import machine_clients, people
from service.domain.actors import Actor
from service.domain.machine_clients import ClientDraft
from service.domain.scopes import read_scopes
from service.fhir import publish
from service.store import cases
from service.store.base import db
from tests import builders
from tests.conftest import settings_for
from tests.machines import a_client_draft


def main(folder: str, key_file: str, certificate: str, port: str, base: str) -> None:
    given = json.loads(sys.stdin.readline())
    settings = settings_for(Path(folder), Path(key_file), f"sqlite:///{folder}/stepwell.sqlite3")
    hosts = (*settings.trusted_hosts, base.split("/")[2].split(":")[0])
    app = create_app(replace(settings, fhir_base=base, trusted_hosts=hosts))
    with app.app_context():
        tell(furnish(given))
        keys = sys.stdin.readline()
        known = machine_clients.read_client(admin_of(given), given["client_id"])
        draft = ClientDraft(read_scopes("system/*.rs"), keys=keys)
        machine_clients.change_client(admin_of(given), known.id, draft, version=known.version)
        publish.drain()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = make_server("127.0.0.1", int(port), app, threaded=True, ssl_context=context)
    tell("ready")
    server.serve_forever()


def furnish(given: dict[str, str]) -> dict[str, str]:
    """A client with a form, and the first Stepwell as a system that is linked to the case."""
    therapist = Actor(given["therapist"], given["practice"], Role.THERAPIST, stepped_up=True)
    made = machine_clients.register_client(admin_of(given), "The first", "first@second.example", a_client_draft())
    people.announce(given["practice"])
    db.session.commit()
    case = builders.add_case(therapist)
    cases.assign(case.id, made.id, AssignmentKind.LINKED)
    db.session.commit()
    builders.add_intake(therapist, case.id)
    given["client_id"] = made.id
    return {"client_id": made.id, "case_id": case.id}


def admin_of(given: dict[str, str]) -> Actor:
    return Actor(given["admin"], given["practice"], Role.ADMIN, stepped_up=True)


def tell(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
