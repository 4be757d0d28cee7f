"""Looking on the server of a linked system for what it holds about a client: over TLS against servers on loopback,
one of them by a script and one a second Stepwell in a process of its own.
"""

import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from schemas.actions import Action
from schemas.vocabulary import AssignmentKind
from service.casework import fetching, machine_clients, people, system_links
from service.casework.fetching import BUSY, GATHER, NOT_BORN, NOT_LINKED, RESTRICTED
from service.domain import clock
from service.domain.actors import Actor
from service.domain.machine_clients import ClientDraft, RecordServer
from service.domain.scopes import read_scopes
from service.domain.takeovers import NO_NUMBER
from service.ehr import client, records
from service.ehr.client import Way
from service.errors import Unavailable
from service.fhir.importing.source import LARGEST
from service.store import audit, cases, sign_ins
from service.store.base import db
from service.store.machine_clients import MachineClientRow
from tests import builders
from tests.api.bodies import stored
from tests.builders import House
from tests.conftest import furnished
from tests.contracts.sources import ROOT
from tests.databases import free_port
from tests.ehr.test_client import HOST, stands_for
from tests.ehr.test_client import certificate as certificate
from tests.ehr.test_client import trust as trust
from tests.incoming import NUMBER, resources
from tests.machines import a_key_set
from tests.web.markup import flaws
from tests.web.test_takeovers import hidden

SignIn = Callable[[Actor], FlaskClient]
Answer = tuple[int, Any]
SECOND = "tests.tools.second_stepwell"
BORN = date(1990, 2, 3)
PATIENT = {"reference": "Patient/p1"}


@dataclass
class Script:
    """What a server answers, by path and query, and what it was asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, Authorization
    preferred: set[str | None] = field(default_factory=set)
    held: Event | None = None  # answers wait for it
    url: str = ""


def answering(script: Script) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer("GET")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer("POST")

        def answer(self, method: str) -> None:
            path = unquote(self.path)
            script.asked.append((method, path, self.headers.get("Authorization", "")))
            script.preferred.add(self.headers.get("Prefer"))
            if script.held is not None:
                script.held.wait(4)
            status, body = script.answers.get(path, (404, {"resourceType": "OperationOutcome"}))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body)
            self.end_headers()
            if status != 302:
                self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called upstream
            """Tests print nothing."""

    return Answering


@pytest.fixture
def script(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    found = Script()
    server = ThreadingHTTPServer(("127.0.0.1", 0), answering(found))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    stands_for(monkeypatch, "127.0.0.1")
    found.url = f"https://{HOST}:{server.server_address[1]}/fhir"
    found.answers |= whole(found.url)
    yield found
    server.shutdown()
    server.server_close()


def searched(*listed: object, **more: object) -> Answer:
    entries = [{"resource": each} for each in listed]
    return 200, {"resourceType": "Bundle", "type": "searchset", "entry": entries, **more}


def whole(url: str) -> dict[str, Answer]:
    """A server that gives out everything but coverages, its responses on two pages."""
    one = resources()
    patient = one["patient"] | {"generalPractitioner": [{"reference": "Practitioner/gp"}]}
    visit = one["appointment"] | {"id": "a1", "participant": [{"actor": PATIENT}, {"actor": {"reference": "Device/9"}}]}
    response = {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        "questionnaire": "https://stepwell.example/Questionnaire/wsl",
        "status": "completed",
        "subject": PATIENT,
        "authored": "2026-03-02T09:30:00Z",
        "item": [],
    }
    more = f"{url}/QuestionnaireResponse?page=2"
    return {
        "/fhir/Patient/p1": (200, patient),
        f"/fhir/Patient?identifier={NUMBER}|77-31": searched(patient),
        "/fhir/RelatedPerson?patient=p1&_count=50": searched(
            one["related"] | {"id": "r1", "patient": {"reference": f"{url}/Patient/p1"}}
        ),
        "/fhir/Appointment?patient=p1&_count=50": searched(visit),
        "/fhir/QuestionnaireResponse?patient=p1&_count=50": searched(
            response, link=[{"relation": "next", "url": more}]
        ),
        "/fhir/QuestionnaireResponse?page=2": searched(
            response | {"id": "q2", "subject": {"reference": "Patient/p1/_history/2"}}
        ),
        "/fhir/Practitioner/gp": (200, one["practitioner"] | {"id": "gp"}),
    }


@dataclass
class Desk:
    """A case that is linked to a system with a server of its own, and the therapist's browser."""

    app: Flask
    house: House
    case_id: str
    client_id: str
    browser: FlaskClient

    @property
    def place(self) -> str:
        return f"/cases/{self.case_id}/import"

    def ask(self, number: str = "p1", **changes: str) -> TestResponse:
        return self.browser.post(f"{self.place}/server", data={"client_id": self.client_id, "number": number} | changes)


@pytest.fixture
def desk(app: Flask, house: House, sign_in: SignIn, script: Script, trust: ssl.SSLContext) -> Desk:
    return a_desk(app, house, sign_in(house.therapist), ClientDraft((), server_url=script.url), trust)


def a_desk(app: Flask, house: House, browser: FlaskClient, draft: ClientDraft, trust: ssl.SSLContext) -> Desk:
    app.extensions[GATHER] = partial(records.gather, way=Way((HOST,), trust))
    with app.app_context():
        whole_draft = replace(draft, scopes=read_scopes("system/*.rs"), keys=a_key_set())
        made = machine_clients.register_client(house.admin, "Harbour records", "harbour@linden.example", whole_draft)
        case_id = builders.add_case(house.therapist).id
        cases.assign(case_id, made.id, AssignmentKind.LINKED)
        db.session.commit()
    return Desk(app, house, case_id, made.id, browser)


def test_what_the_server_holds_is_shown_and_taken_over_like_a_file(desk: Desk, script: Script) -> None:
    first = desk.browser.get(desk.place).text
    assert "Look for it on the server" in first and flaws(first) == []
    assert f"Harbour records, at {HOST}" in first, "on which host, before a number is typed"
    before = kept(desk)
    shown = desk.ask()
    assert shown.status_code == 200 and flaws(shown.text) == [], shown.text
    assert kept(desk) == before, "looking stores nothing"
    assert "Not given out there: Coverage." in shown.text
    assert "Dr Invented Other" in shown.text and "Una Fernsby" in shown.text and "Kept Away" not in shown.text
    assert "does not hold the person whom it names" in shown.text
    assert all(token == "" for _method, _path, token in script.asked)
    assert ("GET", "/fhir/Device/9", "") not in script.asked, "what is no clinician is not followed"
    chosen = hidden(shown.text) | {"take": ["entry[0].resource"]}
    assert desk.browser.post(f"{desk.place}/take", data=chosen).status_code == 303
    after = desk.browser.get(desk.place).text
    assert f'value="{NUMBER}|77-31"' in after, "the number is known from then on"
    again = desk.ask(f"{NUMBER}|77-31")
    assert again.status_code == 200 and "Here already" in again.text


def stranger(url: str) -> dict[str, Answer]:
    """What a server answers that passes over `patient`: everybody's."""
    one, other = resources(), {"reference": "Patient/p2"}
    holder = one["related"] | {"id": "r2", "patient": other, "name": [{"text": "Other Holder"}]}
    elsewhere = {"reference": "https://elsewhere.example/fhir/Patient/p1"}
    visit = one["appointment"] | {"participant": [{"actor": other}, {"actor": {"reference": "Practitioner/theirs"}}]}
    response = whole(url)[RESPONSES][1]["entry"][0]["resource"]
    return {
        "/fhir/RelatedPerson?patient=p1&_count=50": searched(
            holder, holder | {"id": "r3", "patient": elsewhere}, holder | {"id": "r4", "patient": None}
        ),
        "/fhir/Coverage?patient=p1&_count=50": searched(
            one["coverage"]
            | {"beneficiary": other, "patient": PATIENT, "subscriber": {"reference": "RelatedPerson/r2"}}
        ),
        "/fhir/Appointment?patient=p1&_count=50": searched(visit),
        RESPONSES: searched(response | {"subject": other, "source": PATIENT}),
        "/fhir/Practitioner/theirs": (200, one["practitioner"] | {"id": "theirs", "name": [{"text": "Dr Theirs"}]}),
    }


def test_what_a_server_tells_of_other_clients_is_dropped(desk: Desk, script: Script) -> None:
    script.answers |= stranger(script.url)
    with desk.app.app_context():
        found = desk.app.extensions[GATHER](RecordServer(script.url), "p1", BORN)
    held = [each["resource"] for each in json.loads(found.bundle)["entry"]]
    assert [(each["resourceType"], each["id"]) for each in held] == [("Patient", "p1"), ("Practitioner", "gp")]
    assert found.left_out == 6
    assert script.preferred == {"handling=strict"}
    assert not any("theirs" in path for _method, path, _token in script.asked), "their clinicians are not asked for"
    shown = desk.ask()
    assert shown.status_code == 200 and "Other Holder" not in shown.text and "Dr Theirs" not in shown.text
    assert "6 entries were left out: they belong to somebody else." in shown.text and flaws(shown.text) == []
    path = f"/api/v1/cases/{desk.case_id}/takeovers/fetch"
    told = desk.browser.post(path, json={"client_id": desk.client_id, "number": "p1"})
    assert told.status_code == 200 and told.get_json()["left_out"] == 6
    one = {"/fhir/Appointment?patient=p1&_count=50": whole(script.url)["/fhir/Appointment?patient=p1&_count=50"]}
    script.answers |= {path: answer for path, answer in whole(script.url).items() if path not in one} | {
        "/fhir/Coverage?patient=p1&_count=50": (404, {})
    }
    assert "1 entry was left out: it belongs to somebody else." in desk.ask().text


@pytest.mark.parametrize(
    "identifiers",
    [
        [],
        [{"system": NUMBER, "value": "77-32"}],
        [{"system": "https://other.example/id", "value": "77-31"}],
        [{"value": "77-31"}],
        ["77-31"],
    ],
)
def test_a_patient_who_does_not_have_the_number_is_refused(
    desk: Desk, script: Script, identifiers: list[object]
) -> None:
    """A server that passes over `identifier` answers with somebody, who may well be born on the same day."""
    known = whole(script.url)["/fhir/Patient/p1"][1] | {"identifier": identifiers}
    asked = f"/fhir/Patient?identifier={NUMBER}|77-31"
    script.answers[asked] = searched(known)
    refused = desk.ask(f"{NUMBER}|77-31")
    assert refused.status_code == 422 and records.OTHER_NUMBER in refused.text
    assert [path for _method, path, _token in script.asked] == [asked], "nothing more is read"
    script.answers[asked] = searched(whole(script.url)["/fhir/Patient/p1"][1], known)
    assert records.OTHER_NUMBER in desk.ask(f"{NUMBER}|77-31").text


OUTCOMES: tuple[tuple[str, dict[str, Answer], str], ...] = (
    ("p1", {}, "found"),
    ("p9", {}, "nobody"),
    (
        "p1",
        {"/fhir/Patient/p1": (200, {"resourceType": "Patient", "id": "p1", "birthDate": "1990-02-04"})},
        "other day",
    ),
    ("p1", {"/fhir/Patient/p1": (200, {"resourceType": "Patient", "id": "p2"})}, "somebody else"),
    ("p1", {"/fhir/Patient/p1": (403, {})}, "refused"),
    ("p1", {"/fhir/Patient/p1": (500, {})}, "no answer"),
)


@pytest.mark.parametrize(("number", "answers", "outcome"), OUTCOMES)
def test_the_audit_says_what_came_of_a_question_and_not_the_number(
    desk: Desk, script: Script, number: str, answers: dict[str, Answer], outcome: str
) -> None:
    script.answers |= answers
    desk.ask(number)
    with desk.app.app_context():
        newest = audit.recent(desk.house.practice_id, None, 5)
    told = [each.why for each in newest if each.action == Action.RECORD_IMPORT and "account/" in each.why]
    assert sorted(told) == [f"account/{desk.client_id}: {outcome}", f"asked account/{desk.client_id}"]
    assert all(number not in each.why.replace(desk.client_id, "") for each in newest)


@pytest.mark.parametrize(
    "number", ["a|b|c", "urn:x|", "urn:x| ", "|", "urn:x|1,urn:x|2", "p1,p2", "urn:x|1$2", "a\\|b"]
)
def test_what_is_not_one_number_is_refused_at_its_field(desk: Desk, script: Script, number: str) -> None:
    refused = desk.ask(number)
    assert refused.status_code == 422 and 'href="#f-number"' in refused.text and NO_NUMBER in unescape(refused.text)
    assert script.asked == []


def test_one_question_of_each_person_and_two_in_all_wait_for_a_server(
    desk: Desk, script: Script, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.held = Event()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(desk.ask)
        wait_until(lambda: bool(script.asked))
        again = sign_in(desk.house.therapist)
        second = again.post(f"{desk.place}/server", data={"client_id": desk.client_id, "number": "p1"})
        asked = len(script.asked)
        script.held.set()
        assert first.result().status_code == 200
    assert second.status_code == 422 and BUSY in second.text and 'value="p1"' in second.text and asked == 1
    monkeypatch.setattr(fetching, "_running", {"one", "another"})
    assert BUSY in desk.ask().text
    monkeypatch.setattr(fetching, "_running", {"one"})
    assert desk.ask().status_code == 200
    script.answers["/fhir/Patient/p1"] = (500, {})
    assert records.NO_FHIR in desk.ask().text
    assert fetching._running == {"one"}, "a question that failed waits no longer"


def wait_until(holds: Callable[[], bool]) -> None:
    ends = monotonic() + 10
    while not holds():
        assert monotonic() < ends
        sleep(0.01)


def test_the_audit_says_whom_one_asked_before_anything_goes_out(desk: Desk, script: Script) -> None:
    script.answers["/fhir/Patient/p1"] = (500, {})
    assert desk.ask().status_code == 422
    with desk.app.app_context():
        newest = audit.recent(desk.house.practice_id, None, 5)
    told = [(each.action, each.subject, each.why) for each in newest]
    assert (Action.RECORD_IMPORT, f"case/{desk.case_id}", f"asked account/{desk.client_id}") in told


ELSEWHERE = [{"relation": "next", "url": "https://elsewhere.example/fhir/Patient?page=2"}]
UP = [{"relation": "next", "url": "../admin"}]
RESPONSES = "/fhir/QuestionnaireResponse?patient=p1&_count=50"
ONE = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "1"}]}
AMISS: tuple[tuple[str, dict[str, Answer], str], ...] = (
    ("p1", {"/fhir/Patient/p1": (500, {})}, records.NO_FHIR),
    ("p1", {"/fhir/Patient/p1": (302, "/fhir/Patient/p2")}, records.NO_FHIR),
    ("p1", {"/fhir/Patient/p1": (200, b"<html>Sign in</html>")}, records.NO_FHIR),
    ("p1", {"/fhir/Patient/p1": (200, [1])}, records.NO_FHIR),
    ("p1", {"/fhir/Patient/p1": (200, {"resourceType": "OperationOutcome"})}, records.NO_FHIR),
    ("p1", {"/fhir/Patient/p1": (200, {"resourceType": "Patient", "id": "p2"})}, records.SOMEBODY_ELSE),
    ("p1", {"/fhir/Patient/p1": (200, b"x" * (LARGEST + 2))}, records.TOO_LARGE),
    ("p1", {"/fhir/Patient/p1": (403, {})}, records.SHUT),
    ("p9", {}, records.NOBODY),
    ("../metadata", {}, records.NOBODY),
    ("urn:x|1", {"/fhir/Patient?identifier=urn:x|1": searched()}, records.NOBODY),
    (
        "urn:x|1",
        {"/fhir/Patient?identifier=urn:x|1": searched(*(ONE | {"id": each} for each in "ab"))},
        records.SEVERAL,
    ),
    ("p1", {RESPONSES: searched(link=ELSEWHERE)}, records.NO_FHIR),
    ("p1", {RESPONSES: searched(link=UP)}, records.NO_FHIR),
    ("p1", {RESPONSES: (200, {"resourceType": "Patient"})}, records.NO_FHIR),
    (
        "p1",
        {"/fhir/Patient/p1": (200, {"resourceType": "Patient", "id": "p1", "birthDate": "1990-02-04"})},
        "another day",
    ),
    ("p1", {"/fhir/Patient/p1": (200, {"resourceType": "Patient", "id": "p1"})}, "another day"),
)


@pytest.mark.parametrize(("number", "answers", "words"), AMISS)
def test_what_goes_wrong_is_said_at_its_field_and_nothing_is_stored(
    desk: Desk, script: Script, number: str, answers: dict[str, Answer], words: str
) -> None:
    script.answers |= answers
    before = kept(desk)
    refused = desk.ask(number)
    assert refused.status_code == 422 and flaws(refused.text) == []
    assert words in refused.text and f'value="{number}"' in refused.text
    assert 'href="#f-number"' in refused.text
    assert kept(desk) == before
    assert not any(path.startswith(("/fhir/Patient/p2", "/admin", "/fhir/metadata")) for _, path, _ in script.asked)
    body = {"client_id": desk.client_id, "number": number}
    told = desk.browser.post(f"/api/v1/cases/{desk.case_id}/takeovers/fetch", json=body)
    assert told.status_code in (422, 503) and words in told.text


def test_a_server_that_is_down_or_drips_is_given_up(
    desk: Desk, script: Script, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = Way((HOST,), trust)
    with pytest.raises(Unavailable, match="cannot be reached"):
        records.gather(RecordServer(f"https://{HOST}:{free_port()}/fhir"), "p1", BORN, way)
    monkeypatch.setattr(records, "TOGETHER", 0.3)

    def late(*given: Any, **more: Any) -> client.Reply:
        sleep(0.15)
        return client.send(*given, **more)

    monkeypatch.setattr(records, "send", late)
    refused = desk.ask()
    assert refused.status_code == 422 and records.SILENT in refused.text
    assert len(script.asked) <= 3


def test_no_address_inside_is_spoken_to_unless_a_setting_names_its_host(script: Script, trust: ssl.SSLContext) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        records.gather(RecordServer(script.url), "p1", BORN, Way((), trust))
    with pytest.raises(Unavailable, match="cannot be reached"):
        records.gather(RecordServer(script.url), "p1", BORN, Way((HOST,)))
    assert script.asked == [], "neither inside, nor with a certificate that nobody signed"


def test_nobody_else_asks_and_no_other_case_is_asked_about(desk: Desk, script: Script, sign_in: SignIn) -> None:
    form = {"client_id": desk.client_id, "number": "p1"}
    for actor, status in ((desk.house.supervisor, 403), (desk.house.peer, 404), (desk.house.admin, 403)):
        assert sign_in(actor).post(f"{desk.place}/server", data=form).status_code == status
    browser = sign_in(desk.house.therapist)
    with desk.app.app_context():
        other = builders.add_case(desk.house.therapist).id
    refused = browser.post(f"/cases/{other}/import/server", data=form)
    assert refused.status_code == 422 and NOT_LINKED in refused.text
    assert "Look for it on the server" not in browser.get(f"/cases/{other}/import").text
    assert NOT_LINKED in desk.ask(client_id=desk.house.machine.user_id).text
    seal(desk, sealed=True)
    assert RESTRICTED in desk.ask().text
    seal(desk, sealed=False)
    with desk.app.app_context():
        people.end_account(desk.house.admin, desk.client_id)
    assert NOT_LINKED in desk.ask().text
    assert script.asked == []


def test_a_system_that_was_cut_off_or_whose_link_ran_out_is_asked_no_more(desk: Desk, script: Script) -> None:
    with desk.app.app_context():
        cases.assign(desk.case_id, desk.client_id, AssignmentKind.LINKED, clock.now().date() - timedelta(days=3))
        db.session.commit()
    assert NOT_LINKED in desk.ask().text
    with desk.app.app_context():
        system_links.unlink_system(desk.house.therapist, desk.case_id, desk.client_id)
    assert NOT_LINKED in desk.ask().text
    assert script.asked == []


def test_nobody_leafs_through_the_clients_of_another_house(
    desk: Desk, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day of birth must be known here and be the same there before more than the Patient is read."""
    stranger = {"resourceType": "Patient", "id": "p1", "birthDate": "1971-01-01", "name": [{"text": "Some Stranger"}]}
    script.answers["/fhir/Patient/p1"] = (200, stranger)
    refused = desk.ask()
    assert refused.status_code == 422 and records.OTHER_DAY in refused.text
    assert "Stranger" not in refused.text and "1971" not in refused.text
    assert [path for _method, path, _token in script.asked] == ["/fhir/Patient/p1"]
    born(desk, None)
    assert NOT_BORN in unescape(desk.ask().text)
    born(desk, BORN)
    monkeypatch.setitem(sign_ins._MOST, "asker", 2)
    assert [desk.ask().status_code for _ in range(2)] == [422, 429]
    assert len(script.asked) == 2


def kept(desk: Desk) -> dict[str, int]:
    """Rows of every table but the counters, which hold how often somebody asked and nothing of whom."""
    return {name: count for name, count in stored(desk.app).items() if name != "sign_in_attempt"}


def born(desk: Desk, day: date | None) -> None:
    with desk.app.app_context():
        row = cases.row(desk.case_id)
        assert row is not None
        cases.reseal(row, "client", replace(cases.client_of(row), birth_date=day), desk.house.therapist.user_id)
        db.session.commit()


def seal(desk: Desk, *, sealed: bool) -> None:
    with desk.app.app_context():
        row = cases.row(desk.case_id)
        assert row is not None
        row.sealed = sealed
        db.session.commit()


def test_the_key_is_sealed_made_for_one_server_and_shown_by_its_public_half(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    browser = sign_in(house.admin)
    base = {"name": "Harbour", "email": "h@linden.example", "scope": "system/*.rs", "keys": a_key_set()}
    given = base | {"server_url": "https://records.harbour.example/fhir/", "server_client_id": "stepwell-7"}
    at = browser.post("/people/systems/new", data=given).headers["Location"]
    page = browser.get(at).text
    assert flaws(page) == [] and "stepwell-7" in page and "https://records.harbour.example/fhir<" in page
    assert "P-384" in page and "&#34;d&#34;" not in page
    with app.app_context():
        newest = audit.recent(house.practice_id, None, 5)
        assert [each.why for each in newest if each.action == Action.MACHINE_REGISTER] == [
            "system/*.rs; server records.harbour.example"
        ]
        row = db.session.get_one(MachineClientRow, at.rsplit("/", 1)[1])
        assert row.server and not any(each in row.server for each in (b"harbour", b"stepwell-7", b"P-384"))
        version = row.version
    kept = {name: value for name, value in given.items() if name not in ("name", "email")}
    same = kept | {"keys": "", "key_url": "https://keys.harbour.example/set", "version": str(version)}
    assert browser.post(at, data=same).status_code == 303
    kid = page.split("&#34;kid&#34;: &#34;")[1].split("&#34;")[0]
    assert kid in browser.get(at).text, "the same server keeps its key"
    other = same | {"server_url": "https://records.elsewhere.example/fhir", "version": str(version + 1)}
    assert browser.post(at, data=other).status_code == 303
    assert kid not in browser.get(at).text, "another server gets another"
    with app.app_context():
        newest = audit.recent(house.practice_id, None, 20)
    changed = [each.why for each in newest if each.action == Action.MACHINE_CHANGE]
    assert "system/*.rs; server records.elsewhere.example" in changed
    for wrong in ({"server_url": "http://records.harbour.example"}, {"server_url": "https://10.0.0.1/fhir"}):
        refused = browser.post(at, data=other | wrong | {"version": str(version + 2)})
        assert refused.status_code == 422 and 'href="#f-server_url"' in refused.text
    alone = other | {"server_url": "", "version": str(version + 2)}
    assert 'href="#f-server_client_id"' in browser.post(at, data=alone).text
    assert browser.post(at, data=alone | {"server_client_id": ""}).status_code == 303
    assert "Its own server" not in browser.get(at).text


@pytest.mark.parametrize(
    "configuration",
    [
        {},
        {"token_endpoint": "https://elsewhere.example/token"},
        {"token_endpoint": "http://keys.bridge.example/token"},
        {"token_endpoint": "https://[bad"},
    ],
)
def test_a_token_is_asked_for_at_that_server_alone(
    app: Flask, house: House, sign_in: SignIn, script: Script, trust: ssl.SSLContext, configuration: dict[str, str]
) -> None:
    script.answers["/fhir/.well-known/smart-configuration"] = (200, configuration)
    draft = ClientDraft((), server_url=script.url, server_client_id="stepwell-7")
    refused = a_desk(app, house, sign_in(house.therapist), draft, trust).ask()
    assert refused.status_code == 422 and records.SHUT in refused.text
    assert [method for method, _path, _token in script.asked] == ["GET"]


@pytest.mark.parametrize("token", ["", "a\r\nb", "x" * 5_000])
def test_what_is_no_token_is_not_sent_on(
    app: Flask, house: House, sign_in: SignIn, script: Script, trust: ssl.SSLContext, token: str
) -> None:
    configuration = {"token_endpoint": f"{script.url}/token"}
    script.answers["/fhir/.well-known/smart-configuration"] = (200, configuration)
    script.answers["/fhir/token"] = (200, {"access_token": token})
    draft = ClientDraft((), server_url=script.url, server_client_id="stepwell-7")
    refused = a_desk(app, house, sign_in(house.therapist), draft, trust).ask()
    assert refused.status_code == 422 and records.SHUT in refused.text
    assert [method for method, _path, _token in script.asked] == ["GET", "POST"]


@pytest.mark.slow
@pytest.mark.interop
def test_a_second_stepwell_lets_in_who_signs_and_gives_out_what_it_may(
    app: Flask, house: House, sign_in: SignIn, certificate: Path, trust: ssl.SSLContext, tmp_path: Path,
    sqlite_template: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Another practice on another database in a process of its own; ours signs in there by the key made for it."""
    port = free_port()
    base = f"https://{HOST}:{port}/fhir/R4"
    draft = ClientDraft((), server_url=base, server_client_id="not known yet")
    desk = a_desk(app, house, sign_in(house.therapist), draft, trust)
    folder = tmp_path / "second"
    folder.mkdir()
    file = folder / "stepwell.sqlite3"
    file.write_bytes(sqlite_template.read_bytes())
    second = furnished(folder, str(file), f"sqlite:///{file}")
    given = [str(folder), str(second.key_file), str(certificate), str(port), base]
    with subprocess.Popen(
        [sys.executable, "-m", SECOND, *given], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdin and running.stdout
        try:
            stands_for(monkeypatch, "127.0.0.1")
            wanted = {
                "practice": second.house.practice_id,
                "therapist": second.house.therapist.user_id,
                "admin": second.house.admin.user_id,
            }
            running.stdin.write(json.dumps(wanted).encode() + b"\n")
            running.stdin.flush()
            known = json.loads(running.stdout.readline())
            named = rename(desk, known["client_id"])
            running.stdin.write(named.encode().replace(b"\n", b" ") + b"\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline()) == "ready"
            shown = desk.ask(known["case_id"])
        finally:
            running.kill()
    assert shown.status_code == 200, shown.text
    assert "Not given out there: RelatedPerson, Coverage." in shown.text
    assert "Filled-in form" in shown.text and "Details of the client" in shown.text
    assert "Clinician elsewhere" in shown.text and second.house.therapist.name in shown.text


def rename(desk: Desk, client_id: str) -> str:
    """Say who we are there; returns the public keys to be registered there."""
    with desk.app.app_context():
        known = machine_clients.read_client(desk.house.admin, desk.client_id)
        draft = ClientDraft(read_scopes("system/*.rs"), server_url=known.server_url, server_client_id=client_id)
        machine_clients.change_client(desk.house.admin, desk.client_id, draft, version=known.version)
        return machine_clients.server_keys(desk.house.admin, desk.client_id)
