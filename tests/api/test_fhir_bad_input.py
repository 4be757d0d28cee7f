"""Bad input at the FHIR edge, in one table: an OperationOutcome with the right code, and nothing told beside it.

The tokens: of a connected system that is linked to the case, of one of another practice, ended, expired, made up.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from schemas.vocabulary import Role
from service.domain import clock
from service.domain.actors import Actor
from service.store.base import db
from service.store.driver import Line, Prepared
from tests import builders
from tests.api.test_fhir import BASE, OF_CASE, linked_machine
from tests.api.test_fhir import record as record
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]
DEEP = "encounter." * 30 + "status=finished"
THOUSAND = ",".join(str(uuid4()) for _ in range(1000))
# (request, status, issue code); "{case}" is a client whom the asker may read.
ADDRESSES = (
    # malformed ids and separators
    ("Patient/%00", 404, "not-found"),
    ("Patient/..%2F..%2Fapi%2Fv1%2Fcases", 404, "not-found"),
    ("Patient/" + "a" * 65, 404, "not-found"),
    ("Patient/a%2Cb", 404, "not-found"),
    ("Patient/{case}%20", 404, "not-found"),
    ("Patient/{case}/_history/%2D1", 404, "not-found"),
    ("Patient/{case}/_history/99999999999999999999", 404, "not-found"),
    ("Patient/{case}/_history/2", 404, "not-found"),
    ("Patient/a%00b/_history", 404, "not-found"),
    ("Patient/a%00b/$everything", 404, "not-found"),
    ("Observation?patient={case}%00", 400, "invalid"),
    ("Observation?patient={case}%0A", 400, "invalid"),
    ("Observation?patient=Patient%2F{case}%2F_history", 400, "invalid"),
    ("Observation?patient={case}%2C{case}", 400, "invalid"),
    ("Observation?patient={case}&code=a%00b", 400, "invalid"),
    # huge and deep
    ("Observation?patient={case}&_count=-9999999999999999999999", 400, "invalid"),
    ("Observation?patient={case}&_count=0x10", 400, "invalid"),
    ("Observation?patient={case}&_count=%D9%A3", 400, "invalid"),
    ("Observation?patient={case}&" + DEEP, 400, "not-supported"),
    ("Observation?patient={case}&code=" + THOUSAND, 400, "invalid"),
    ("Observation?_id=" + THOUSAND, 400, "invalid"),
    ("Observation?patient={case}&_elements=" + THOUSAND, 400, "invalid"),
    ("Observation?patient={case}" + "&code=x" * 100, 400, "invalid"),
    ("Observation?patient={case}&_sort=" + "date," * 1000, 400, "invalid"),
    # wrong types and unknown modifiers
    ("Nonsense/1", 404, "not-found"),
    ("Nonsense?patient={case}", 404, "not-found"),
    ("AuditEvent/{case}", 404, "not-found"),
    ("Observation/{case}", 404, "not-found"),
    ("observation?patient={case}", 404, "not-found"),
    ("Observation?patient={case}&date=9999-99-99", 400, "invalid"),
    ("Observation?patient={case}&date=0000-01-01", 400, "invalid"),
    ("Observation?patient={case}&date=ge9999-12-31T23:59:59-14:00", 400, "invalid"),
    ("Observation?patient={case}&code:below=x", 400, "not-supported"),
    ("Observation?patient={case}&date:exact=2026", 400, "not-supported"),
    ("Observation?patient:identifier=x", 400, "not-supported"),
    ("Observation?patient={case}&_count:max=3", 400, "not-supported"),
    ("Observation?patient={case}&_cursor=zzzz&_sort=date", 400, "invalid"),
    ("Observation?patient={case}&_revinclude=Patient:identifier", 400, "invalid"),
    ("Observation?patient={case}&_include=Observation:encounter:Patient", 400, "invalid"),
    ("Patient/{case}/$nonsense", 404, "not-found"),
    ("$everything", 404, "not-found"),
    ("Patient/{case}/$everything?_type=AuditEvent,PsychotherapyNote", 400, "invalid"),
    ("Patient/{case}?_format=application/fhir%2Bxml", 406, "not-supported"),
    ("Patient/{case}?_summary=all", 400, "invalid"),
)
BODIES = (
    ("Patient", b"{}", 405, "not-supported"),
    ("Patient/{case}", b"{}", 405, "not-supported"),
    ("QuestionnaireResponse", b"{}", 403, "forbidden"),
    ("", b'{"resourceType":"Bundle","type":"transaction","entry":[]}', 400, "invalid"),
    ("", b'{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"\\u0000"}}]}', 200, ""),
    (
        "",
        b'{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"P\\ud800/1"}}]}',
        400,
        "invalid",
    ),
    (
        "",
        b'{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/\\r\\nX: 1"}}]}',
        200,
        "",
    ),
    ("", b"\xff\xfe", 400, "invalid"),
    ("", b'{"resourceType":"Bundle","type":"batch","entry":' + b"[" * 50_000, 400, "invalid"),
    ("Encounter/$validate", b'{"resourceType":"Encounter","period":NaN}', 400, "invalid"),
    ("Encounter/$validate", b'{"resourceType":"Encounter","meta":7,"status":[{}]}', 200, ""),
    (
        "QuestionnaireResponse/$validate",
        b'{"resourceType":"QuestionnaireResponse","status":"completed","item":[1]}',
        200,
        "",
    ),
    ("DocumentReference/$docref", b'{"resourceType":"Parameters","parameter":7}', 400, "invalid"),
    (
        "DocumentReference/$docref",
        b'{"resourceType":"Parameters","parameter":[{"name":"patient","valueId":["x"]}]}',
        400,
        "invalid",
    ),
    ("Questionnaire/$questionnaire-package", b'{"resourceType":"Questionnaire","url":{"a":1}}', 400, "invalid"),
    ("Observation/_search", b"patient=a%00b", 400, "invalid"),
)


@pytest.fixture
def machine(app: Flask, house: House, record: Mapping[str, str]) -> FlaskClient:
    asker = app.test_client()
    asker.environ_base["HTTP_AUTHORIZATION"] = linked_machine(app, house, record["Patient"])["Authorization"]
    return asker


def test_every_bad_request_is_answered_by_an_outcome_with_its_code(
    machine: FlaskClient, record: Mapping[str, str]
) -> None:
    for wanted, status, code in ADDRESSES:
        check_answer(machine.get(f"{BASE}/{wanted.replace('{case}', record['Patient'])}"), wanted, status, code)
    for wanted, body, status, code in BODIES:
        kind = "application/x-www-form-urlencoded" if "_search" in wanted else "application/fhir+json"
        address = f"{BASE}/{wanted.replace('{case}', record['Patient'])}"
        check_answer(machine.post(address, data=body, content_type=kind), f"{wanted} {body[:90]!r}", status, code)


def check_answer(response: TestResponse, wanted: str, status: int, code: str) -> None:
    assert response.status_code == status, (wanted, response.text)
    assert response.content_type.startswith("application/fhir+json"), wanted
    told = response.get_json(force=True)
    assert status == 200 or (told["resourceType"], told["issue"][0]["code"]) == ("OperationOutcome", code), wanted
    assert len(response.data) < 4_000, wanted


def test_tokens_of_others_and_tokens_that_ended_reach_nothing(
    app: Flask, house: House, record: Mapping[str, str]
) -> None:
    with app.app_context():
        other = builders.add_actor(house.stranger.practice_id, Role.MACHINE, "Other System")
        elsewhere = builders.add_bearer(other, clock.now() + timedelta(hours=1))
        expired = builders.add_bearer(house.machine, clock.now() - timedelta(seconds=1))
        db.session.commit()
    linked_machine(app, house, record["Patient"])
    asker = app.test_client()
    for token, status in ((elsewhere, 404), (expired, 401), ("made-up", 401), ("", 401), ("a\x7fb", 401)):
        for kind in OF_CASE:
            answer = asker.get(f"{BASE}/{kind}/{record[kind]}", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == status, (token, kind)
            assert answer.get_json(force=True)["resourceType"] == "OperationOutcome"


def test_a_refusal_repeats_nothing_of_the_record_and_little_of_the_question(
    machine: FlaskClient, record: Mapping[str, str]
) -> None:
    marked = "QUITE-UNLIKELY-WORDS"
    for wanted in (
        f"Patient/{marked}",
        f"Observation?patient={record['Patient']}&date={marked}",
        f"Observation?patient={record['Patient']}&code:{marked}=x",
        f"Observation?patient={record['Patient']}&_include={marked}",
    ):
        told = machine.get(f"{BASE}/{wanted}").text
        assert "Okonkwo" not in told
        assert record["code"] not in told
        assert f"={marked}" not in told


WAYS = (
    "Patient/{}",
    "Patient/{}/_history",
    "Patient/{}/$everything",
    "Patient?_id={}",
    "Observation?patient={}",
    "Observation?patient={}&status=final",
    "Observation?patient={}&encounter.status=finished&_include=Observation:encounter",
    "DocumentReference/$docref?patient={}",
)


def test_a_hidden_client_costs_the_database_what_a_missing_one_costs(
    app: Flask, house: House, record: Mapping[str, str], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time itself is noise on a busy machine; the same statements in the same order take the same time."""
    other, asked = sign_in(house.peer), list[object]()
    spy(app, asked, monkeypatch)
    codes = {record["Patient"]: record["code"]}
    for way in (*WAYS, "Patient?identifier={}", "Observation?patient.identifier={}"):
        seen = []
        for case_id in (record["Patient"], str(uuid4())):
            asked.clear()
            other.get(f"{BASE}/{way.format(codes.get(case_id, 'C-00000') if 'identifier' in way else case_id)}")
            seen.append(list(asked))
        assert seen[0] == seen[1], way
        assert seen[0], way


def spy(app: Flask, asked: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Write down every statement, on the short way and on the ordinary one."""
    first, every = Line.first, Line.all

    def asked_first(self: Line, prepared: Prepared, given: Mapping[str, object]) -> object:
        asked.append(str(prepared.statement))
        return first(self, prepared, given)

    def asked_all(self: Line, prepared: Prepared, given: Mapping[str, object]) -> list[object]:
        asked.append(str(prepared.statement))
        return every(self, prepared, given)

    monkeypatch.setattr(Line, "first", asked_first)
    monkeypatch.setattr(Line, "all", asked_all)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
