"""What a practice system fetches beside reads and searches: history, $everything, $docref, $validate, packages."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from schemas.vocabulary import PlanType
from service.casework import cases as case_verbs
from service.casework import plans
from service.domain import clock
from service.domain.actors import Actor
from service.domain.plan_types import FIELDS
from service.domain.safety import PlanLine
from service.fhir import RESOURCES, publish
from service.store.audit import AuditRow
from service.store.base import db
from tests import builders
from tests.api.test_fhir import BASE, OF_CASE, linked_machine, must_be_refused
from tests.api.test_fhir import record as record
from tests.api.test_fhir_operations import parameters
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def client(sign_in: SignIn, house: House) -> FlaskClient:
    return sign_in(house.therapist)


def got(client: FlaskClient, wanted: str, **more: Any) -> dict[str, Any]:
    response = client.get(f"{BASE}/{wanted}", **more)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.get_json(force=True)
    return found


def test_the_versions_of_a_resource_are_listed_newest_first(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str]
) -> None:
    with app.app_context():
        case = case_verbs.read_case(house.therapist, record["Patient"])
        case_verbs.change_client(house.therapist, case.id, builders.a_client(chosen_name="Zo"), version=case.version)
    history = got(client, f"Patient/{record['Patient']}/_history")
    assert (history["type"], history["total"]) == ("history", 2)
    assert [each["resource"]["meta"]["versionId"] for each in history["entry"]] == ["2", "1"]
    assert [each["request"]["method"] for each in history["entry"]] == ["PUT", "POST"]
    assert [each["response"]["etag"] for each in history["entry"]] == ['W/"2"', 'W/"1"']
    assert len(got(client, f"Patient/{record['Patient']}/_history?_count=1")["entry"]) == 1
    tomorrow = (clock.now() + timedelta(days=2)).date()
    assert got(client, f"Patient/{record['Patient']}/_history?_since={tomorrow}")["total"] == 0
    assert got(client, "Questionnaire/wsl-1.1.0/_history")["total"] == 1


def test_everything_of_a_client_goes_out_with_whom_it_names(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str]
) -> None:
    with app.app_context():
        publish.rebuild(house.practice_id)
    whole = got(client, f"Patient/{record['Patient']}/$everything")
    matches = [each["resource"] for each in whole["entry"] if each["search"]["mode"] == "match"]
    assert {each["resourceType"] for each in matches} == set(OF_CASE) - {"Binary", "Composition"}
    assert whole["total"] == len(matches)
    assert all(each["meta"]["security"] for each in matches)
    assert [label["code"] for label in whole["meta"]["security"]] == ["V", "SDV", "MH", "NORDSCLCD", "NOPAT"]
    included = {each["resource"]["id"] for each in whole["entry"] if each["search"]["mode"] == "include"}
    assert included == {house.therapist.user_id, house.practice_id}
    assert "Spoke about the move" not in str(whole)


def test_everything_is_narrowed_by_type_and_time(client: FlaskClient, record: Mapping[str, str]) -> None:
    wanted = f"Patient/{record['Patient']}/$everything"
    tomorrow = (clock.now() + timedelta(days=2)).date()
    assert {each["resource"]["resourceType"] for each in got(client, f"{wanted}?_type=Encounter,Task")["entry"]} == {
        "Encounter",
        "Task",
    }
    assert "entry" not in got(client, f"{wanted}?_since={tomorrow}")
    dated = got(client, f"{wanted}?start={tomorrow}&_type=Encounter,Patient")["entry"]
    assert [each["resource"]["resourceType"] for each in dated] == ["Patient"]
    for bad in ("_type=Nonsense", "_since=ge2026", "start=soon", "end=2026-02-31"):
        must_be_refused(client.get(f"{BASE}/{wanted}?{bad}"), 400, "invalid")


@pytest.mark.parametrize("who", ["peer", "stranger", "machine"])
def test_nothing_of_a_hidden_client_goes_out_by_an_operation(
    app: Flask, sign_in: SignIn, house: House, record: Mapping[str, str], who: str
) -> None:
    other, unknown = app.test_client() if who == "machine" else sign_in(getattr(house, who)), str(uuid4())
    if who == "machine":
        other.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {house.machine_token}"
    for way in (
        "Patient/{}/$everything",
        "Patient/{}/$everything?_type=Patient",
        "DocumentReference/$docref?patient={}",
    ):
        hidden, missing = (other.get(f"{BASE}/{way.format(each)}") for each in (record["Patient"], unknown))
        assert (hidden.status_code, hidden.text.replace(record["Patient"], unknown)) == (
            missing.status_code,
            missing.text,
        )
    for kind in OF_CASE:
        hidden, missing = (other.get(f"{BASE}/{kind}/{each}/_history") for each in (record[kind], unknown))
        assert (hidden.status_code, hidden.data) == (missing.status_code, missing.data) == (404, missing.data)


def test_documents_are_found_by_their_operation(client: FlaskClient, record: Mapping[str, str]) -> None:
    wanted = f"DocumentReference/$docref?patient={record['Patient']}"
    assert [each["resource"]["id"] for each in got(client, wanted)["entry"]] == [record["DocumentReference"]]
    assert "entry" not in got(client, f"{wanted}&start=2020-01-01&end=2020-02-01")
    assert len(got(client, f"{wanted}&start=2020-01-01&type=http://loinc.org|34904-3")["entry"]) == 1
    body = parameters({"name": "patient", "valueId": record["Patient"]})
    assert client.post(f"{BASE}/DocumentReference/$docref", json=body).get_json(force=True)["total"] == 1
    must_be_refused(client.get(f"{BASE}/DocumentReference/$docref"), 400, "invalid")


def test_what_we_serve_validates_and_what_is_bent_does_not(client: FlaskClient, record: Mapping[str, str]) -> None:
    for kind in OF_CASE:
        held = got(client, f"{kind}/{record[kind]}", headers={"Accept": "application/fhir+json"})
        assert severities(client, kind, held) == ["information"], kind
        assert severities(client, kind, {**held, "colour": "red"}) == ["error"], kind
    encounter = got(client, f"Encounter/{record['Encounter']}")
    assert severities(client, "Encounter", {**encounter, "status": "bogus"}) == ["error"]
    assert severities(client, "Encounter", {**encounter, "meta": {}}) == ["warning"]
    response = got(client, f"QuestionnaireResponse/{record['QuestionnaireResponse']}")
    response["item"][0]["item"][0]["answer"] = [{"valueInteger": 5}]
    assert severities(client, "QuestionnaireResponse", response) == ["error"]
    assert severities(client, "QuestionnaireResponse", {**response, "questionnaire": "https://nobody.example/q"}) == [
        "error"
    ]
    profiled = {**encounter, "meta": {**encounter["meta"], "profile": ["http://example.org/p"]}}
    assert severities(client, "Encounter", profiled) == ["warning"]


def severities(client: FlaskClient, kind: str, resource: dict[str, Any]) -> list[str]:
    response = client.post(f"{BASE}/{kind}/$validate", json=resource)
    assert response.status_code == 200, response.text
    return [each["severity"] for each in response.get_json(force=True)["issue"]]


def test_validating_what_is_no_such_resource_is_refused(client: FlaskClient) -> None:
    must_be_refused(client.post(f"{BASE}/Encounter/$validate", json={"resourceType": "Patient"}), 400, "invalid")
    must_be_refused(client.post(f"{BASE}/Encounter/$validate", data=b"{"), 400, "invalid")
    must_be_refused(client.post(f"{BASE}/Nonsense/$validate", json={"resourceType": "Nonsense"}), 404, "not-found")


def test_a_form_is_fetched_with_what_it_needs(app: Flask, client: FlaskClient, house: House) -> None:
    url = "https://stepwell.example/Questionnaire/wsl"
    whole = got(client, f"Questionnaire/$questionnaire-package?questionnaire={url}")
    assert (whole["type"], len(whole["entry"])) == ("collection", 1)
    assert whole["entry"][0]["resource"] == got(client, "Questionnaire/wsl-1.1.0")
    assert got(client, "Questionnaire/wsl-1.0.0/$questionnaire-package")["entry"][0]["resource"]["version"] == "1.0.0"
    body = parameters({"name": "questionnaire", "valueCanonical": f"{url}|1.0.0"})
    posted = client.post(f"{BASE}/Questionnaire/$questionnaire-package", json=body).get_json(force=True)
    assert posted["entry"][0]["resource"]["version"] == "1.0.0"
    must_be_refused(client.get(f"{BASE}/Questionnaire/$questionnaire-package"), 400, "invalid")
    must_be_refused(client.get(f"{BASE}/Questionnaire/nothing-1/$questionnaire-package"), 404, "not-found")


def test_what_did_not_change_since_a_time_is_not_sent_again(client: FlaskClient, record: Mapping[str, str]) -> None:
    address = f"{BASE}/Encounter/{record['Encounter']}"
    when = client.get(address).headers["Last-Modified"]
    assert client.get(address, headers={"If-Modified-Since": when}).status_code == 304
    assert client.get(address, headers={"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}).status_code == 200
    assert client.get(address, headers={"If-Modified-Since": when, "If-None-Match": 'W/"9"'}).status_code == 200


def test_a_part_of_one_resource_can_be_read(client: FlaskClient, record: Mapping[str, str]) -> None:
    part = got(client, f"Encounter/{record['Encounter']}?_elements=period")
    assert set(part) == {"resourceType", "id", "meta", "status", "class", "period"}
    must_be_refused(client.get(f"{BASE}/Encounter/{record['Encounter']}?_summary=maybe"), 400, "invalid")


def test_every_read_search_and_operation_leaves_its_row(app: Flask, house: House, record: Mapping[str, str]) -> None:
    head, case = linked_machine(app, house, record["Patient"]), record["Patient"]
    asker = app.test_client()
    for way, subject in (
        (f"Patient/{case}", f"Patient/{case}"),
        (f"Patient/{case}/_history", f"Patient/{case}"),
        (f"Patient/{case}/_history/1", f"Patient/{case}"),
        (f"Encounter?patient={case}", f"case/{case}"),
        (f"Encounter?patient={case}&status=finished&_sort=date", f"case/{case}"),
        (f"Encounter?_id={record['Encounter']}", f"case/{case}"),
        (f"Encounter?_id={uuid4()}", "case/-"),
        ("Patient?identifier=https://other.example|C-00000", "case/-"),
        ("Encounter?patient=https://other.example/Patient/1", "case/-"),
        (f"Patient/{case}/$everything", f"case/{case}"),
        (f"DocumentReference/$docref?patient={case}", f"case/{case}"),
        ("Practitioner", "Practitioner"),
        ("Questionnaire?url=x", "Questionnaire"),
        ("Questionnaire/$questionnaire-package?questionnaire=x", "Questionnaire"),
    ):
        before = rows(app)
        asker.get(f"{BASE}/{way}", headers=head)
        new = rows(app)[len(before) :]
        assert subject in {each[0] for each in new}, way
        assert all(each[1] == house.machine.user_id for each in new), way


def rows(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        found = db.session.execute(select(AuditRow.subject, AuditRow.actor_id).order_by(AuditRow.number)).all()
        return [(each[0], each[1]) for each in found]


def test_the_statement_declares_what_is_offered(client: FlaskClient) -> None:
    (rest,) = got(client, "metadata")["rest"]
    assert [each["type"] for each in rest["resource"]] == [*RESOURCES, "Group"], "Group is there for export alone"
    for each in rest["resource"][:-1]:
        shelved = RESOURCES[each["type"]]
        assert [one["name"] for one in each.get("searchParam", [])] == [one.name for one in shelved.parameters]
        assert {"read", "vread", "history-instance"} <= {one["code"] for one in each["interaction"]}
    assert {each["code"] for each in rest["interaction"]} == {"batch", "transaction"}


def test_a_token_reaches_by_operations_and_includes_what_its_scopes_reach(
    app: Flask, house: House, record: Mapping[str, str]
) -> None:
    linked_machine(app, house, record["Patient"])
    with app.app_context():
        later = clock.now() + timedelta(hours=1)
        token = builders.add_bearer(house.machine, later, "system/Patient.rs system/Encounter.rs")
        db.session.commit()
    asker = app.test_client()
    asker.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    whole = got(asker, f"Patient/{record['Patient']}/$everything")
    assert {each["resource"]["resourceType"] for each in whole["entry"]} == {"Patient", "Encounter"}
    encounters = f"{BASE}/Encounter?patient={record['Patient']}"
    assert asker.get(encounters).status_code == 200
    for more in (
        "_include=Encounter:participant",
        "_revinclude=Observation:encounter",
        "episode-of-care.status=active",
    ):
        must_be_refused(asker.get(f"{encounters}&{more}"), 403, "forbidden")
    must_be_refused(asker.get(f"{BASE}/DocumentReference/$docref?patient={record['Patient']}"), 403, "forbidden")
    must_be_refused(asker.get(f"{BASE}/Observation/{record['Observation']}/_history"), 403, "forbidden")


def test_what_stays_home_comes_by_no_door(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str]
) -> None:
    """Working notes, every line of a plan, a safety screen and the legal name, looked for behind every type."""
    with app.app_context():
        builders.add_working_note(house.therapist, record["Encounter"], "Heronquill thoughts of my own")
        plan = plans.start_plan(house.therapist, record["Patient"], PlanType.PL_PREP)
        lines = {each.key: PlanLine(f"Heronquill {each.key}") for each in FIELDS[PlanType.PL_PREP]}
        draft = plans.PlanDraft(lines, made_with_client=True, private_session=True)
        kept = plans.save_plan(house.therapist, plan.id, draft, version=plan.version)
        plans.activate_plan(house.therapist, kept.id, version=kept.version)
        case = case_verbs.read_case(house.therapist, record["Patient"])
        named = builders.a_client(legal_name="Heronquill Legal", address="1 Heronquill Lane")
        case_verbs.change_client(house.therapist, case.id, named, version=case.version)
        publish.rebuild(house.practice_id)
    doors = [f"Patient/{record['Patient']}/$everything", f"Patient/{record['Patient']}/_history"]
    for kind, shelved in RESOURCES.items():
        includes = "".join(f"&_include={kind}:{each.name}" for each in shelved.parameters if each.targets)
        whose = "_id" if kind == "Patient" else "patient"
        doors += [f"{kind}?{whose}={record['Patient']}{includes}"] if shelved.of_case and shelved.searchable else []
    told = [got(client, each) for each in doors]
    ids = {
        each["resource"]["id"] for each in told[0]["entry"] if each["resource"]["resourceType"] == "DocumentReference"
    }
    told += [got(client, f"Binary/{each}", headers={"Accept": "application/fhir+json"}) for each in ids]
    words = "\n".join(str(each) for each in told)
    words += "\n".join(b64decode(each["data"]).decode() for each in told if each["resourceType"] == "Binary")
    assert "Spoke about the move" in words
    assert "Heronquill" not in words


def test_a_document_is_read_or_posted_for_and_a_foreign_one_is_as_a_missing_one(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str], sign_in: SignIn
) -> None:
    with app.app_context():
        publish.rebuild(house.practice_id)
    address = f"{BASE}/Composition/{record['Composition']}/$document"
    one, other = client.get(address), client.post(address, json={})
    assert (one.status_code, one.get_json(force=True)["type"], one.data) == (200, "document", other.data)
    kept = {"resourceType": "Parameters", "parameter": [{"name": "persist", "valueBoolean": True}]}
    for refused in (client.get(f"{address}?persist=true"), client.post(address, json=kept)):
        assert (refused.status_code, refused.get_json(force=True)["resourceType"]) == (400, "OperationOutcome")
    foreign = sign_in(house.peer)
    missing = foreign.get(f"{BASE}/Composition/{uuid4()}/$document")
    for answered in (foreign.get(address), foreign.post(address, json={})):
        assert (answered.status_code, answered.data) == (404, missing.data)
