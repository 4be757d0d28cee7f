"""Creating responses, batch and transaction: kept all or none, once, by who may, and answered as each request alone."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.casework import intakes
from service.domain.actors import Actor
from service.fhir import RESOURCES
from tests import builders
from tests.api.test_fhir import BASE, linked_machine, must_be_refused
from tests.api.test_fhir import record as record
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]
QR = "QuestionnaireResponse"
Resource = dict[str, Any]


@pytest.fixture
def client(sign_in: SignIn, house: House) -> FlaskClient:
    return sign_in(house.therapist)


@pytest.fixture
def response(client: FlaskClient, record: Mapping[str, str]) -> Resource:
    """A response as another program would send it: what we serve, without what only a server gives, at another time."""
    held: Resource = client.get(f"{BASE}/{QR}/{record[QR]}").get_json(force=True)
    kept = ("resourceType", "questionnaire", "status", "subject", "item")
    return {**{name: held[name] for name in kept}, "authored": "2026-03-02T09:30:00.000Z"}


def kept(app: Flask, actor: Actor, case_id: str) -> int:
    with app.app_context():
        return len(intakes.list_intakes(actor, case_id))


def entry(method: str, url: str, resource: Resource | None = None, **more: str) -> Resource:
    return {"request": {"method": method, "url": url, **more}, **({"resource": resource} if resource else {})}


def sent(client: FlaskClient, kind: str, *entries: object) -> TestResponse:
    return client.post(BASE, json={"resourceType": "Bundle", "type": kind, "entry": list(entries)})


def answered(response: TestResponse) -> list[Resource]:
    assert response.status_code == 200, response.text
    bundle = response.get_json(force=True)
    assert bundle["meta"]["security"]
    found: list[Resource] = bundle["entry"]
    return found


def test_a_response_that_was_sent_is_read_scored_and_labelled(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str], response: Resource
) -> None:
    before = kept(app, house.therapist, record["Patient"])
    made = client.post(f"{BASE}/{QR}", json=response)
    assert made.status_code == 201, made.text
    assert kept(app, house.therapist, record["Patient"]) == before + 1
    where = made.headers["Location"].removeprefix("https://stepwell.example")
    again = client.get(where)
    assert again.data == made.data
    told = again.get_json(force=True)
    assert (told["questionnaire"], told["authored"]) == (response["questionnaire"], response["authored"])
    assert told["author"]["reference"] == f"Practitioner/{house.therapist.user_id}"
    assert {each["code"] for each in told["meta"]["security"]} == {"R", "SDV", "MH", "NORDSCLCD", "NOPAT"}
    scores = client.get(f"{BASE}/Observation?patient={record['Patient']}&derived-from={told['id']}")
    assert scores.get_json(force=True)["total"] == 4


def test_a_response_sent_twice_is_kept_once(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str], response: Resource
) -> None:
    first = client.post(f"{BASE}/{QR}", json=response)
    before = kept(app, house.therapist, record["Patient"])
    second = client.post(f"{BASE}/{QR}", json=response)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["Location"] == second.headers["Location"]
    assert kept(app, house.therapist, record["Patient"]) == before


@pytest.mark.parametrize(
    ("wish", "holds"), [("minimal", ""), ("OperationOutcome", "OperationOutcome"), ("representation", QR)]
)
def test_the_asker_says_how_much_comes_back(client: FlaskClient, response: Resource, wish: str, holds: str) -> None:
    made = client.post(f"{BASE}/{QR}", json=response, headers={"Prefer": f"return={wish}"})
    assert made.status_code == 201
    assert (made.get_json(force=True)["resourceType"] if made.data else "") == holds
    assert made.headers["ETag"] == 'W/"1"'


NO_ANSWERS: tuple[object, ...] = (None, -1, True, "x", {})
BENT: tuple[tuple[Resource, str], ...] = (
    ({"status": "in-progress"}, "status"),
    ({"status": "done"}, "status"),
    ({"questionnaire": "https://nobody.example/q"}, "questionnaire"),
    ({"questionnaire": "https://stepwell.example/Questionnaire/wsl|1.0.0"}, "questionnaire"),
    ({"questionnaire": "https://stepwell.example/Questionnaire/sfs"}, "questionnaire"),
    ({"subject": {"reference": "Group/1"}}, "subject"),
    ({"subject": None}, "subject"),
    ({"encounter": {"reference": "Encounter/11111111-1111-4111-8111-111111111111"}}, "session_id"),
    ({"authored": "2150-01-01T00:00:00Z"}, "authored_at"),
    ({"authored": "2999-01-01T00:00:00Z"}, "authored"),
    ({"authored": "0001-01-01T00:00:00Z"}, "authored"),
    ({"authored": "0001-01-01T00:00:00+14:00"}, "authored"),
    ({"authored": "9999-12-31T23:59:59-14:00"}, "authored"),
    ({"authored": "soon"}, "authored"),
    ({"colour": "red"}, "colour"),
    ({"item": [{"linkId": "P1", "answer": [{"valueCoding": {"code": "nonsense"}}]}]}, "P1"),
    ({"item": "none"}, "item"),
    *(({"item": [{"linkId": "P1", "answer": each}]}, "") for each in NO_ANSWERS),
)


def test_a_response_that_does_not_fit_is_refused_and_nothing_is_kept(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str], response: Resource
) -> None:
    before = kept(app, house.therapist, record["Patient"])
    for bent, names in BENT:
        body = {name: value for name, value in {**response, **bent}.items() if value is not None}
        outcome = must_be_refused(client.post(f"{BASE}/{QR}", json=body), 400, "invalid")
        assert names in outcome["issue"][0]["expression"][0], bent
    assert kept(app, house.therapist, record["Patient"]) == before


def test_who_may_not_record_at_the_screen_may_not_send(
    app: Flask, sign_in: SignIn, house: House, record: Mapping[str, str], response: Resource
) -> None:
    for actor in (house.peer, house.stranger):
        hidden = sign_in(actor).post(f"{BASE}/{QR}", json=response)
        response_of_nobody = {**response, "subject": {"reference": f"Patient/{uuid4()}"}}
        missing = sign_in(actor).post(f"{BASE}/{QR}", json=response_of_nobody)
        must_be_refused(hidden, 404, "not-found")
        assert hidden.data == missing.data
    must_be_refused(sign_in(house.supervisor).post(f"{BASE}/{QR}", json=response), 403, "forbidden")
    must_be_refused(sign_in(house.admin).post(f"{BASE}/{QR}", json=response), 403, "forbidden")
    head = linked_machine(app, house, record["Patient"])
    must_be_refused(app.test_client().post(f"{BASE}/{QR}", json=response, headers=head), 403, "forbidden")
    bare = sign_in(house.therapist)
    del bare.environ_base["HTTP_X_CSRF_TOKEN"]
    must_be_refused(bare.post(f"{BASE}/{QR}", json=response), 403, "forbidden")


def test_a_transaction_keeps_all_or_none(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str], response: Resource
) -> None:
    before = kept(app, house.therapist, record["Patient"])
    later = {**response, "authored": "2026-03-03T09:30:00.000Z"}
    broken = {**response, "authored": "2999-03-03T09:30:00.000Z"}
    must_be_refused(sent(client, "transaction", entry("POST", QR, response), entry("POST", QR, broken)), 400, "invalid")
    assert kept(app, house.therapist, record["Patient"]) == before
    done = answered(sent(client, "transaction", entry("POST", QR, response), entry("POST", QR, later)))
    assert [each["response"]["status"] for each in done] == ["201 Created", "201 Created"]
    assert kept(app, house.therapist, record["Patient"]) == before + 2
    for each in done:
        assert client.get(each["response"]["location"].removeprefix("https://stepwell.example")).status_code == 200


def test_a_transaction_is_about_one_client(app: Flask, client: FlaskClient, house: House, response: Resource) -> None:
    with app.app_context():
        other = builders.add_case(house.therapist)
    foreign = {**response, "subject": {"reference": f"Patient/{other.id}"}}
    must_be_refused(
        sent(client, "transaction", entry("POST", QR, response), entry("POST", QR, foreign)), 400, "invalid"
    )


def test_a_batch_answers_each_request_as_if_it_had_come_alone(
    client: FlaskClient, record: Mapping[str, str], response: Resource
) -> None:
    case, unknown = record["Patient"], uuid4()
    urls = [
        f"Patient/{case}",
        f"Encounter?patient={case}&_sort=date",
        f"Patient/{case}/_history",
        f"Patient/{case}/$everything",
        f"Encounter/{unknown}",
        "Encounter",
        f"Binary/{record['Binary']}",
        "metadata",
    ]
    done = answered(sent(client, "batch", *(entry("GET", each) for each in urls)))
    for url, each in zip(urls, done, strict=True):
        alone = client.get(f"{BASE}/{url}", headers={"Accept": "application/fhir+json"})
        assert each["response"]["status"] == alone.status
        assert each.get("resource", each["response"].get("outcome")) == alone.get_json(force=True), url
    made, again = answered(sent(client, "batch", entry("POST", QR, response), entry("POST", QR, response)))
    assert [made["response"]["status"], again["response"]["status"]] == ["201 CREATED", "200 OK"]
    held = entry("GET", f"https://stepwell.example/fhir/R4/Patient/{case}", ifNoneMatch='W/"1"')
    assert answered(sent(client, "batch", held))[0]["response"]["status"] == "304 NOT MODIFIED"


def test_a_batch_is_labelled_with_the_highest_label_in_it(client: FlaskClient, record: Mapping[str, str]) -> None:
    bundle = sent(client, "batch", entry("GET", f"CarePlan/{record['CarePlan']}"), entry("GET", "Practitioner"))
    assert [each["code"] for each in bundle.get_json(force=True)["meta"]["security"]] == [
        "V",
        "SDV",
        "MH",
        "NORDSCLCD",
        "NOPAT",
    ]


def test_a_foreign_client_is_reached_by_no_batch(sign_in: SignIn, house: House, record: Mapping[str, str]) -> None:
    other = sign_in(house.peer)
    for kind, resource_id in record.items():
        if kind not in RESOURCES:
            continue
        hidden, missing = answered(
            sent(other, "batch", entry("GET", f"{kind}/{resource_id}"), entry("GET", f"{kind}/{uuid4()}"))
        )
        assert hidden == missing
        assert hidden["response"]["status"] == "404 NOT FOUND"


def test_what_cannot_stand_in_a_batch_is_refused_in_its_place(
    client: FlaskClient, record: Mapping[str, str], response: Resource
) -> None:
    bad = (
        entry("DELETE", f"Patient/{record['Patient']}"),
        entry("PUT", f"{QR}/{record[QR]}", response),
        entry("GET", ""),
        entry("GET", "../../api/v1/cases"),
        entry("GET", "/api/v1/cases"),
        entry("GET", "https://other.example/Patient/1"),
        entry("POST", "", {"resourceType": "Bundle", "type": "batch"}),
        entry("GET", "Patient//x"),
        entry("GET", "Patient//"),
    )
    done = answered(sent(client, "batch", *bad, entry("GET", f"Patient/{record['Patient']}")))
    assert [each["response"]["status"][:3] for each in done] == ["400"] * len(bad) + ["200"]
    assert all(each["response"]["outcome"]["resourceType"] == "OperationOutcome" for each in done[:-1])


def test_what_a_batch_created_is_told_whatever_stands_beside_it(
    app: Flask, client: FlaskClient, house: House, record: Mapping[str, str], response: Resource
) -> None:
    before = kept(app, house.therapist, record["Patient"])
    made, beside = answered(sent(client, "batch", entry("POST", QR, response), entry("GET", "Patient//x")))
    assert (made["response"]["status"], beside["response"]["status"][:3]) == ("201 CREATED", "400")
    assert kept(app, house.therapist, record["Patient"]) == before + 1


@pytest.mark.parametrize("operation", ["$validate", "$extract"])
def test_an_answer_that_is_no_list_is_refused_by_the_operations_too(
    client: FlaskClient, response: Resource, operation: str
) -> None:
    for each in NO_ANSWERS:
        body = {**response, "item": [{"linkId": "P1", "answer": each}]}
        told = client.post(f"{BASE}/{QR}/{operation}", json=body)
        assert told.status_code < 500, (each, told.text)
        issues = told.get_json(force=True)["issue"]
        assert "error" in {issue["severity"] for issue in issues}, (each, told.text)


_GET, _CREATE = (
    b'{"request":{"method":"GET","url":"x"}}',
    b'{"request":{"method":"POST","url":"QuestionnaireResponse"}}',
)
UNREADABLE = (
    b"{",
    b"[]",
    b"[" * 100_000,
    b'{"resourceType":"Patient"}',
    b'{"resourceType":"Bundle","type":"batch"}',
    b'{"resourceType":"Bundle","type":"collection","entry":[%s]}' % _GET,
    b'{"resourceType":"Bundle","type":"batch","entry":[{}]}',
    b'{"resourceType":"Bundle","type":"batch","entry":["x"]}',
    b'{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":1,"url":"x"}}]}',
    b'{"resourceType":"Bundle","type":"transaction","entry":[%s]}' % _GET,
    b'{"resourceType":"Bundle","type":"transaction","entry":[%s]}' % _CREATE,
    b'{"resourceType":"Bundle","type":"batch","entry":[%s]}' % b",".join([_GET] * 101),
)


def test_a_bundle_that_cannot_be_read_is_refused(client: FlaskClient) -> None:
    for body in UNREADABLE:
        must_be_refused(client.post(BASE, data=body), 400, "invalid")
        must_be_refused(client.post(f"{BASE}/", data=body), 400, "invalid")
