"""The FHIR edge: reads, versions, searches, refusals; what is hidden answers as what does not exist."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from schemas.case_codes import GoalReview
from schemas.programme_codes import TaskState
from schemas.release_codes import ContentClass
from schemas.session_codes import Intervention
from schemas.vocabulary import AssignmentKind, Attendance, EventLevel, GoalDomain
from service.casework import cases as case_verbs
from service.casework import disclosures, events, goals, people, programmes, sessions
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.disclosures import to_the_client
from service.domain.session_work import Work
from service.fhir import RESOURCES, publish
from service.store import audit, cases
from service.store.base import db
from tests import builders
from tests.api import bodies
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]
BASE = "/fhir/R4"
OF_CASE = [each for each in RESOURCES if RESOURCES[each].of_case]
CASE_TYPES = [each.type for each in RESOURCES.values() if each.of_case and each.searchable and each.type != "Patient"]


@pytest.fixture
def record(app: Flask, house: House) -> Mapping[str, str]:
    """One case with one of everything; type -> id of one resource of it."""
    actor = house.therapist
    with app.app_context():
        case = builders.add_case(actor)
        session = builders.add_session(actor, case.id, work=Work((Intervention.EMDR,)))
        missed = builders.add_session(actor, case.id, attendance=Attendance.NO_SHOW)
        intake = builders.add_intake(actor, case.id, session_id=session.id).intake
        note = builders.add_note(actor, session.id, text="Spoke about the move – ñ", signed=True)
        plan = builders.add_plan(actor, case.id)
        offered = builders.offer_step(actor, case.id)
        draft = programmes.TaskDraft(TaskState.OFFERED)
        task = programmes.set_task(actor, case.id, "1a", draft, version=1).entries[-1]
        papers = papers_of(house, case.id)
    return papers | {
        "Patient": case.id,
        "EpisodeOfCare": case.episode.id,
        "Encounter": session.id,
        "Appointment": missed.id,
        "Procedure": f"{session.id}-p1",
        "QuestionnaireResponse": intake.id,
        "Observation": f"{intake.id}-total",
        "DocumentReference": note.id,
        "Binary": note.id,
        "Composition": note.id,
        "Provenance": note.id,
        "CarePlan": plan.id,
        "Task": task.id,
        "programme": offered.id,
        "code": case.code,
    }


def papers_of(house: House, case_id: str) -> dict[str, str]:
    """What stands beside the care itself: a goal, a referral, a release, what left, and a flag."""
    actor, today = house.therapist, clock.now().date()
    people.set_flags(house.admin, on=True)
    goal = goals.save_goal(actor, case_id, GoalDraft(GoalDomain.FUNCTION, "Sleep through", target_on=today))
    looked_at = replace(GoalDraft(GoalDomain.FUNCTION, "Sleep"), reviewed_on=today, review=GoalReview.SAME)
    goals.save_goal(actor, case_id, looked_at)
    event = events.open_event(actor, case_id, EventLevel.TODAY, prompt="Ask how the week was, in private.")
    left = disclosures.record_disclosure(actor, case_id, to_the_client(), (ContentClass.CARE,), "One page")
    return {
        "Goal": goal.id,
        "Condition": builders.add_diagnosis(actor, case_id).id,
        "ServiceRequest": builders.add_referral(actor, case_id).id,
        "Consent": builders.add_release(actor, case_id).id,
        "AuditEvent": left.id,
        "Flag": event.id,
    }


@pytest.fixture
def client(sign_in: SignIn, house: House) -> FlaskClient:
    return sign_in(house.therapist)


def found(response: TestResponse) -> list[dict[str, Any]]:
    """The resources of a searchset."""
    assert response.status_code == 200, response.text
    bundle = response.get_json(force=True)
    assert bundle["type"] == "searchset"
    for entry in bundle.get("entry", []):
        assert entry["search"] == {"mode": "match"}
        assert entry["fullUrl"].endswith(f"/{entry['resource']['resourceType']}/{entry['resource']['id']}")
    return [entry["resource"] for entry in bundle.get("entry", [])]


def must_be_refused(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.content_type.startswith("application/fhir+json")
    outcome: dict[str, Any] = response.get_json(force=True)
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["code"] == code
    return outcome


def linked_machine(app: Flask, house: House, case_id: str) -> dict[str, str]:
    with app.app_context():
        cases.assign(case_id, house.machine.user_id, AssignmentKind.LINKED)
        db.session.commit()
    return {"Authorization": f"Bearer {house.machine_token}"}


def test_each_type_of_a_case_is_read_with_its_version_and_date(client: FlaskClient, record: Mapping[str, str]) -> None:
    for kind in OF_CASE:
        check_read(client, kind, record[kind])


def check_read(client: FlaskClient, kind: str, resource_id: str) -> None:
    answer = client.get(f"{BASE}/{kind}/{resource_id}", headers={"Accept": "application/fhir+json"})
    assert answer.status_code == 200
    assert answer.content_type == "application/fhir+json; charset=utf-8; fhirVersion=4.0"
    resource = answer.get_json(force=True)
    assert (resource["resourceType"], resource["id"]) == (kind, resource_id)
    assert answer.headers["ETag"] == f'W/"{resource["meta"]["versionId"]}"'
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert answer.headers["Cache-Control"] == "no-store"
    same = client.get(f"{BASE}/{kind}/{resource_id}/_history/1", headers={"Accept": "application/fhir+json"})
    assert same.data == answer.data


def test_each_type_of_a_case_is_searched_by_patient_and_date(client: FlaskClient, record: Mapping[str, str]) -> None:
    for kind in CASE_TYPES:
        check_search(client, record, kind)


def check_search(client: FlaskClient, record: Mapping[str, str], kind: str) -> None:
    date = next(each.name for each in RESOURCES[kind].parameters if each.kind == "date")
    everything = found(client.get(f"{BASE}/{kind}?patient={record['Patient']}"))
    assert record[kind] in [each["id"] for each in everything]
    assert found(client.get(f"{BASE}/{kind}?patient=Patient/{record['Patient']}")) == everything
    assert found(client.get(f"{BASE}/{kind}?patient={record['Patient']}&{date}=ge2020-01-01")) == everything
    assert found(client.get(f"{BASE}/{kind}?patient={record['Patient']}&{date}=lt2020-01-01")) == []
    assert found(client.post(f"{BASE}/{kind}/_search", data={"patient": record["Patient"]})) == everything
    assert found(client.get(f"{BASE}/{kind}?_id={record[kind]},{uuid4()}")) == [
        each for each in everything if each["id"] == record[kind]
    ]


def test_programme_and_plan_are_told_apart_by_category(client: FlaskClient, record: Mapping[str, str]) -> None:
    def ids(category: str) -> set[str]:
        plans = found(client.get(f"{BASE}/CarePlan?patient={record['Patient']}&category={category}"))
        return {each["id"] for each in plans}

    assert ids("assess-plan") == {record["CarePlan"], record["programme"]}
    assert ids("programme") == {record["programme"]}
    assert ids("https://stepwell.example/CodeSystem/care-plan-kind|programme") == {record["programme"]}
    assert ids("elsewhere") == set()


def test_the_programme_is_read_and_found_by_its_address(client: FlaskClient) -> None:
    url = "https://stepwell.example/PlanDefinition/steps"
    for wanted in (url, f"{url}|1.0.0"):
        definitions = found(client.get(f"{BASE}/PlanDefinition", query_string={"url": wanted}))
        assert [each["id"] for each in definitions] == ["steps-1.0.0"]
    assert client.get(f"{BASE}/PlanDefinition/steps-1.0.0").get_json(force=True) == definitions[0]
    assert found(client.get(f"{BASE}/PlanDefinition?url={url}|9.0.0")) == []
    must_be_refused(client.get(f"{BASE}/PlanDefinition/steps-9.0.0"), 404, "not-found")


def test_directories_and_forms_are_read_and_searched(app: Flask, client: FlaskClient, house: House) -> None:
    with app.app_context():
        publish.rebuild(house.practice_id)
    people = found(client.get(f"{BASE}/Practitioner"))
    assert {each["id"] for each in people} >= {house.therapist.user_id, house.peer.user_id}
    assert house.admin.user_id not in {each["id"] for each in people}
    assert client.get(f"{BASE}/Organization/{house.practice_id}").status_code == 200
    forms = found(client.get(f"{BASE}/Questionnaire?url=https://stepwell.example/Questionnaire/wsl"))
    assert [each["version"] for each in forms] == ["1.0.0", "1.1.0"]
    form = forms[0]
    assert client.get(f"{BASE}/Questionnaire/{form['id']}").get_json(force=True) == form
    assert found(client.get(f"{BASE}/Questionnaire?url=https://elsewhere.example/q")) == []


def test_a_client_is_found_by_the_case_code(client: FlaskClient, record: Mapping[str, str]) -> None:
    system = "https://stepwell.example/identifier/case-code"
    for value in (record["code"], f"{system}|{record['code']}"):
        assert [each["id"] for each in found(client.get(f"{BASE}/Patient?identifier={value}"))] == [record["Patient"]]
    assert found(client.get(f"{BASE}/Patient?identifier=https://other.example|{record['code']}")) == []
    assert found(client.get(f"{BASE}/Patient?identifier=C-00000")) == []


def test_scores_are_found_by_code_and_category(client: FlaskClient, record: Mapping[str, str]) -> None:
    wanted = f"{BASE}/Observation?patient={record['Patient']}"
    assert [each["id"] for each in found(client.get(f"{wanted}&code=wsl-total"))] == [record["Observation"]]
    assert found(client.get(f"{wanted}&code=http://loinc.org|wsl-total")) == []
    assert len(found(client.get(f"{wanted}&category=survey"))) == 4
    assert found(client.get(f"{wanted}&category=vital-signs")) == []


def test_pages_follow_each_other_without_a_gap_or_a_repeat(client: FlaskClient, record: Mapping[str, str]) -> None:
    wanted, seen = f"{BASE}/Observation?patient={record['Patient']}&_count=3", []
    for size in (3, 1):
        answer = client.get(wanted)
        seen += [each["id"] for each in found(answer)]
        assert len(found(answer)) == size
        bundle = answer.get_json(force=True)
        assert bundle["total"] == 4
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        if "next" in links:
            parts = urlsplit(links["next"])
            wanted = f"{parts.path}?{parts.query}"
    assert "next" not in links
    assert len(set(seen)) == 4


def test_a_count_of_zero_gives_the_total_alone(client: FlaskClient, record: Mapping[str, str]) -> None:
    answer = client.get(f"{BASE}/Observation?patient={record['Patient']}&_count=0").get_json(force=True)
    assert answer["total"] == 4
    assert "entry" not in answer


def test_the_self_link_says_what_was_understood(client: FlaskClient, record: Mapping[str, str]) -> None:
    wanted = f"{BASE}/Encounter?patient={record['Patient']}&colour=red"
    (link,) = client.get(wanted).get_json(force=True)["link"]
    assert link["relation"] == "self"
    assert "patient=" in link["url"]
    assert "colour" not in link["url"]
    must_be_refused(client.get(wanted, headers={"Prefer": "handling=strict"}), 400, "invalid")


def test_an_unchanged_version_is_not_sent_again(client: FlaskClient, record: Mapping[str, str]) -> None:
    address = f"{BASE}/Patient/{record['Patient']}"
    tag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(address, headers={"If-None-Match": 'W/"99"'}).status_code == 200


def test_a_session_that_was_not_held_after_all_stays_as_entered_in_error(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str]
) -> None:
    with app.app_context():
        session = builders.add_session(house.therapist, record["Patient"])
        log = builders.add_intake(house.therapist, record["Patient"], session_id=session.id).intake
    response = f"{BASE}/QuestionnaireResponse/{log.id}"
    assert client.get(response).get_json(force=True)["encounter"] == {"reference": f"Encounter/{session.id}"}
    with app.app_context():
        sessions.set_attendance(house.therapist, session.id, Attendance.NO_SHOW, version=session.version)
    now = client.get(f"{BASE}/Encounter/{session.id}").get_json(force=True)
    assert (now["status"], now["meta"]["versionId"]) == ("entered-in-error", "2")
    assert client.get(f"{BASE}/Encounter/{session.id}/_history/1").get_json(force=True)["status"] == "finished"
    assert "encounter" not in client.get(response).get_json(force=True)


def test_a_planned_session_is_no_encounter(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str]
) -> None:
    with app.app_context():
        session = builders.add_session(house.therapist, record["Patient"], attendance=Attendance.PLANNED)
    must_be_refused(client.get(f"{BASE}/Encounter/{session.id}"), 404, "not-found")


def test_a_new_version_appears_after_a_change(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str]
) -> None:
    with app.app_context():
        case = case_verbs.read_case(house.therapist, record["Patient"])
        client_now = builders.a_client(chosen_name="Zo")
        case_verbs.change_client(house.therapist, case.id, client_now, version=case.version)
    address = f"{BASE}/Patient/{record['Patient']}"
    assert client.get(address).get_json(force=True)["name"] == [{"use": "usual", "text": "Zo"}]
    assert client.get(address).headers["ETag"] == 'W/"2"'
    assert "Okonkwo" in client.get(f"{address}/_history/1").text


def test_the_text_of_a_note_is_read_as_text_or_as_a_resource(client: FlaskClient, record: Mapping[str, str]) -> None:
    address = f"{BASE}/Binary/{record['Binary']}"
    text = client.get(address)
    assert text.content_type == "text/plain;charset=utf-8"
    assert "Spoke about the move – ñ" in text.text
    assert client.get(address, headers={"Accept": "application/fhir+json"}).get_json(force=True)["data"]


@pytest.mark.parametrize("who", ["peer", "stranger"])
def test_a_hidden_record_and_a_missing_one_answer_with_equal_bytes(
    sign_in: SignIn, house: House, record: Mapping[str, str], who: str
) -> None:
    other = sign_in(getattr(house, who))
    for kind in OF_CASE:
        hidden = other.get(f"{BASE}/{kind}/{record[kind]}")
        missing = other.get(f"{BASE}/{kind}/{uuid4()}")
        must_be_refused(hidden, 404, "not-found")
        assert hidden.data == missing.data
        assert dict(hidden.headers) == dict(missing.headers)


@pytest.mark.parametrize("who", ["peer", "stranger"])
def test_a_search_in_a_hidden_case_finds_what_a_search_in_a_missing_one_finds(
    sign_in: SignIn, house: House, record: Mapping[str, str], who: str
) -> None:
    unknown, other = str(uuid4()), sign_in(getattr(house, who))
    for kind in CASE_TYPES:
        hidden = other.get(f"{BASE}/{kind}?patient={record['Patient']}").text.replace(record["Patient"], unknown)
        assert hidden == other.get(f"{BASE}/{kind}?patient={unknown}").text
        assert found(other.get(f"{BASE}/{kind}?_id={record[kind]}")) == []
    assert found(other.get(f"{BASE}/Patient?identifier={record['code']}")) == []


def test_a_connected_system_reads_only_what_it_is_linked_to(
    app: Flask, house: House, record: Mapping[str, str]
) -> None:
    machine = app.test_client()
    token = {"Authorization": f"Bearer {house.machine_token}"}
    must_be_refused(machine.get(f"{BASE}/Patient/{record['Patient']}", headers=token), 404, "not-found")
    linked_machine(app, house, record["Patient"])
    assert machine.get(f"{BASE}/Patient/{record['Patient']}", headers=token).status_code == 200


def test_a_supervisor_reads_and_an_administrator_does_not(
    sign_in: SignIn, house: House, record: Mapping[str, str]
) -> None:
    assert sign_in(house.supervisor).get(f"{BASE}/Patient/{record['Patient']}").status_code == 200
    must_be_refused(sign_in(house.admin).get(f"{BASE}/Patient/{record['Patient']}"), 403, "forbidden")


def test_without_a_sign_in_only_the_capabilities_are_read(app: Flask, record: Mapping[str, str]) -> None:
    anyone = app.test_client()
    answer = anyone.get(f"{BASE}/Patient/{record['Patient']}")
    must_be_refused(answer, 401, "login")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    must_be_refused(anyone.get(f"{BASE}/Patient/x", headers={"Authorization": "Bearer nonsense"}), 401, "login")
    statement = anyone.get(f"{BASE}/metadata").get_json(force=True)
    assert statement["fhirVersion"] == "4.0.1"
    assert {each["type"] for each in statement["rest"][0]["resource"]} == {*RESOURCES, "Group"}


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_writing_is_not_offered(client: FlaskClient, record: Mapping[str, str], method: str) -> None:
    answer = getattr(client, method)(f"{BASE}/Patient/{record['Patient']}", json={"resourceType": "Patient"})
    must_be_refused(answer, 405, "not-supported")
    assert "GET" in answer.headers["Allow"]
    must_be_refused(client.post(f"{BASE}/Patient", json={"resourceType": "Patient"}), 405, "not-supported")


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ("Observation", 400, "invalid"),
        ("Observation?patient=a,b", 400, "invalid"),
        ("Encounter?patient=x&date=2026-02-30", 400, "invalid"),
        ("Encounter?patient=x&date=soon", 400, "invalid"),
        ("Encounter?patient=x&date=ap2026", 400, "invalid"),
        ("Encounter?patient=x&_count=many", 400, "invalid"),
        ("Encounter?patient=x&_cursor=%25%25", 400, "invalid"),
        ("Nonsense?patient=x", 404, "not-found"),
        ("Binary?_id=x", 404, "not-found"),
        ("Patient/x/_history/0", 404, "not-found"),
        ("Patient/a%20b", 404, "not-found"),
        ("Patient/_history", 400, "not-supported"),
        ("Nonsense/_history?_since=2026-01-01", 400, "not-supported"),
        ("_history", 400, "not-supported"),
        ("Patient?name=Zo", 400, "invalid"),
        ("Patient?name=Zo&birthdate=1988-05-03", 400, "invalid"),
        ("Patient/a/b/c/d", 404, "not-found"),
        ("Patient?_format=xml&_id=x", 406, "not-supported"),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(client: FlaskClient, wanted: str, status: int, code: str) -> None:
    must_be_refused(client.get(f"{BASE}/{wanted}"), status, code)


def test_a_form_that_asks_for_xml_is_refused_and_one_that_takes_anything_is_not(
    client: FlaskClient, record: Mapping[str, str]
) -> None:
    address = f"{BASE}/Patient/{record['Patient']}"
    must_be_refused(client.get(address, headers={"Accept": "application/fhir+xml"}), 406, "not-supported")
    for accepted in ("*/*", "application/json", "application/fhir+json; fhirVersion=4.0", "text/html, */*;q=0.1"):
        assert client.get(address, headers={"Accept": accepted}).status_code == 200


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    must_be_refused(client.post(f"{BASE}/Observation/_search", data={"patient": "x" * 2_100_000}), 413, "too-long")


def test_reading_and_being_refused_both_leave_their_audit_row(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str]
) -> None:
    client.get(f"{BASE}/Observation/{record['Observation']}")
    client.get(f"{BASE}/Observation?patient={record['Patient']}")
    client.get(f"{BASE}/Patient/{(missing := uuid4())}")
    with app.app_context():
        rows = [(row.action, row.subject, row.verdict) for row in audit.recent(house.practice_id, None, 3)]
        assert rows == [
            ("fhir:read", f"Patient/{missing}", "refused"),
            ("fhir:read", f"case/{record['Patient']}", "allowed"),
            ("fhir:read", f"Observation/{record['Observation']}", "allowed"),
        ]
        assert audit.verify().ok


def test_the_export_holds_the_bundle_and_says_what_was_left_out(client: FlaskClient, record: Mapping[str, str]) -> None:
    answer = client.post(f"/api/v1/cases/{record['Patient']}/export", json=bodies.a_departure())
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="record-export.json"'
    export = answer.get_json()
    counted = export["manifest"]["counts"]
    assert sum(counted.values()) == len(export["bundle"]["entry"])
    assert counted["Observation"] == 4
    assert "Binary" not in counted
    assert export["manifest"]["labels"] == ["V", "SDV", "MH", "NORDSCLCD", "NOPAT"]
    assert [label["code"] for label in export["bundle"]["meta"]["security"]] == ["V", "SDV", "MH", "NORDSCLCD", "NOPAT"]
    left_out = {each["what"]: each["count"] for each in export["manifest"]["left_out"]}
    assert left_out["Text of signed notes"] == 1
    assert left_out["Plan lines: may leave, if the client agrees"] == 1
    assert "Restless hands" not in answer.text
    assert "Spoke about" not in answer.text


def test_an_export_needs_the_own_case(app: Flask, sign_in: SignIn, house: House, record: Mapping[str, str]) -> None:
    asked = {"path": f"/api/v1/cases/{record['Patient']}/export", "json": bodies.a_departure()}
    assert sign_in(house.peer).post(**asked).status_code == 404
    assert sign_in(house.supervisor).post(**asked).status_code == 403
    assert sign_in(house.admin).post(**asked).status_code == 403
    assert app.test_client().post(**asked).status_code == 401
