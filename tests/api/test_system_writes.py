"""A connected system sends a filled-in form: for a linked case, by its own scope, named, once, what a client may fill
in alone; the events that it calls for are open at that moment.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from schemas.actions import Action
from schemas.instruments.capture import CaptureChannel, PenHolder
from schemas.vocabulary import AssignmentKind, Role, Verdict
from service.app import create_app
from service.casework import intakes, people, records, system_links
from service.domain import clock
from service.domain.actors import Actor
from service.settings import Settings
from service.store import audit, cases, sign_ins
from service.store.base import db
from service.store.outside_records import OutsideRow
from tests import builders
from tests.api.test_fhir import BASE, must_be_refused
from tests.builders import House
from tests.conftest import close

SignIn = Callable[[Actor], FlaskClient]
QR = "QuestionnaireResponse"
CREATE = "system/QuestionnaireResponse.c"
BOTH = f"system/*.rs {CREATE}"
Resource = dict[str, Any]
Head = dict[str, str]


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    """An open case that the system is linked to."""
    with app.app_context():
        case = builders.add_case(house.therapist)
        cases.assign(case.id, house.machine.user_id, AssignmentKind.LINKED)
        db.session.commit()
        return case.id


@pytest.fixture
def response(app: Flask, sign_in: SignIn, house: House, case_id: str) -> Resource:
    """A weekly log as the client filled it in elsewhere, with an answer that opens an event."""
    with app.app_context():
        other = builders.add_case(house.therapist).id
        made = builders.add_intake(house.therapist, other, builders.wsl_answers(E2="3")).intake.id
    held: Resource = sign_in(house.therapist).get(f"{BASE}/{QR}/{made}").get_json(force=True)
    kept = {name: held[name] for name in ("resourceType", "questionnaire", "status", "item")}
    patient = {"reference": f"Patient/{case_id}"}
    named = {"system": "https://portal.example/responses", "value": "7001"}
    return {**kept, "identifier": named, "subject": patient, "source": patient, "authored": "2026-03-02T09:30:00.000Z"}


def head(app: Flask, house: House, scopes: str = BOTH) -> Head:
    with app.app_context():
        token = builders.add_bearer(house.machine, clock.now() + timedelta(minutes=5), scopes)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def post(app: Flask, house: House) -> Callable[..., TestResponse]:
    """Send one response as the system."""
    usual = head(app, house)
    return lambda resource, by=None: app.test_client().post(f"{BASE}/{QR}", json=resource, headers=by or usual)


def kept(app: Flask, house: House, case_id: str) -> int:
    """How many responses stand in a case, with what is kept beside them."""
    with app.app_context():
        named = db.session.scalar(select(func.count()).select_from(OutsideRow).where(OutsideRow.case_id == case_id))
        found = len(intakes.list_intakes(house.therapist, case_id))
        assert named == found
        return found


def test_what_a_system_sent_is_kept_says_so_and_opens_its_events(
    app: Flask, house: House, case_id: str, response: Resource, post: Callable[..., TestResponse]
) -> None:
    made = post(response)
    assert made.status_code == 201, made.text
    told = made.get_json(force=True)
    device = {
        "type": "Device",
        "identifier": {
            "system": "https://stepwell.example/identifier/connected-system",
            "value": house.machine.user_id,
        },
    }
    assert "Record bridge" not in made.text
    assert (told["author"], told["source"]) == (device, response["source"])
    with app.app_context():
        (found,) = intakes.list_intakes(house.therapist, case_id)
        opened = records.read_record(house.therapist, case_id).open_events
        newest = audit.recent(house.practice_id, None, 20)
    assert (found.capture.channel, found.capture.held_pen) == (CaptureChannel.SENT, PenHolder.CLIENT)
    assert (found.author_id, found.author_name) == (house.machine.user_id, "Record bridge")
    assert [each.item for each in opened] == ["wsl.E2"]
    sent = [each for each in newest if each.action == Action.INTAKE_SEND]
    assert [(each.actor_id, each.subject) for each in sent] == [(house.machine.user_id, f"case/{case_id}")]
    usual = head(app, house)
    source = app.test_client().get(f"{BASE}/Provenance/{found.id}", headers=usual).get_json(force=True)
    assert [each["who"] for each in source["agent"]] == [device]
    scores = app.test_client().get(f"{BASE}/Observation?patient={case_id}", headers=usual).get_json(force=True)
    assert scores["total"]
    assert f"Practitioner/{house.machine.user_id}" not in str(scores)


def test_the_pages_say_which_system_sent_it(
    sign_in: SignIn, house: House, case_id: str, response: Resource, post: Callable[..., TestResponse]
) -> None:
    made = post(response).get_json(force=True)["id"]
    page = sign_in(house.therapist).get(f"/intakes/{made}").text
    assert CaptureChannel.SENT.label in page
    assert "Record bridge" in page
    offered = sign_in(house.therapist).get(f"/cases/{case_id}/log/wsl").text
    assert 'value="paper"' in offered
    assert 'value="sent"' not in offered


def test_sent_again_it_is_kept_once_and_another_content_is_a_conflict(
    app: Flask, house: House, case_id: str, response: Resource, post: Callable[..., TestResponse]
) -> None:
    first, second = post(response), post(response)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["Location"] == second.headers["Location"]
    later = {**response, "authored": "2026-03-03T09:30:00.000Z"}
    must_be_refused(post(later), 409, "conflict")
    fewer = {**response, "item": response["item"][:1]}
    must_be_refused(post(fewer), 409, "conflict")
    assert kept(app, house, case_id) == 1
    with app.app_context():
        assert len(records.read_record(house.therapist, case_id).open_events) == 1
    named = {**later, "identifier": {**response["identifier"], "value": "7002"}}
    assert post(named).status_code == 201
    assert kept(app, house, case_id) == 2


NAMED = {"system": "https://portal.example/responses"}
BENT: tuple[tuple[Resource, str], ...] = (
    ({"identifier": None}, "identifier"),
    ({"identifier": NAMED}, "identifier"),
    ({"identifier": {**NAMED, "value": "7" * 500}}, "identifier"),
    ({"source": None}, "source"),
    ({"source": {"reference": f"Patient/{uuid4()}"}}, "source"),
    ({"source": {"reference": "RelatedPerson/1"}}, "source"),
    ({"author": {"reference": "RelatedPerson/1"}}, "author"),
    ({"author": {"type": "RelatedPerson", "display": "Somebody close"}}, "author"),
    ({"authored": None}, "authored"),
    ({"authored": "2026-03-02"}, "authored"),
    ({"status": "in-progress"}, "status"),
    ({"questionnaire": "https://stepwell.example/Questionnaire/sfs"}, "questionnaire"),
    ({"questionnaire": "https://stepwell.example/Questionnaire/rgf", "item": []}, "questionnaire"),
    ({"questionnaire": "https://stepwell.example/Questionnaire/ssr", "item": []}, "questionnaire"),
)


def without_nothing(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if value not in (None, [])}


def test_what_a_system_may_not_send_is_refused_by_name_and_nothing_is_kept(
    app: Flask, house: House, case_id: str, response: Resource, post: Callable[..., TestResponse]
) -> None:
    for bent, names in BENT:
        outcome = must_be_refused(post(without_nothing({**response, **bent})), 400, "invalid")
        assert outcome["issue"][0]["expression"][0].startswith(names), bent
    assert kept(app, house, case_id) == 0


@pytest.mark.parametrize("scopes", ["system/*.rs", "system/QuestionnaireResponse.rs", "system/*.c", "system/Patient.c"])
def test_no_other_scope_lets_a_system_send(
    app: Flask, house: House, case_id: str, response: Resource, post: Callable[..., TestResponse], scopes: str
) -> None:
    refused = post(response, head(app, house, scopes))
    must_be_refused(refused, 403, "forbidden")
    assert kept(app, house, case_id) == 0
    with app.app_context():
        newest = audit.recent(house.practice_id, None, 5)
    assert any((each.action, each.verdict) == (Action.INTAKE_SEND, Verdict.REFUSED) for each in newest)


def test_who_may_send_and_not_read_gets_no_more_than_where_it_is(
    app: Flask, house: House, response: Resource, post: Callable[..., TestResponse]
) -> None:
    made = post(response, head(app, house, CREATE))
    assert (made.status_code, made.data) == (201, b"")
    where = made.headers["Location"].removeprefix("https://stepwell.example")
    assert app.test_client().get(where, headers=head(app, house, CREATE)).status_code == 403


def test_a_case_that_is_not_linked_answers_as_a_missing_one(
    app: Flask, house: House, case_id: str, response: Resource, post: Callable[..., TestResponse]
) -> None:
    with app.app_context():
        unlinked = builders.add_case(house.therapist).id
        foreign = builders.add_case(house.stranger).id
        restricted = builders.add_case(house.therapist)
        cases.assign(restricted.id, house.machine.user_id, AssignmentKind.LINKED)
        row = cases.row(restricted.id)
        assert row is not None
        row.sealed = True
        db.session.commit()
    missing = post(about(response, str(uuid4())))
    must_be_refused(missing, 404, "not-found")
    for each in (unlinked, foreign, restricted.id):
        hidden = post(about(response, each))
        assert (hidden.status_code, hidden.data) == (missing.status_code, missing.data)
        with app.app_context():
            assert db.session.scalar(select(func.count()).where(OutsideRow.case_id == each)) == 0
    with app.app_context():
        system_links.unlink_system(house.therapist, case_id, house.machine.user_id)
    cut_off = post(response)
    assert (cut_off.status_code, cut_off.data) == (missing.status_code, missing.data)
    assert kept(app, house, case_id) == 0


def about(response: Resource, case_id: str) -> Resource:
    patient = {"reference": f"Patient/{case_id}"}
    return {**response, "subject": patient, "source": patient}


@pytest.mark.parametrize(("status", "answer"), [("closed", 403), ("purged", 404)])
def test_a_case_that_is_over_takes_nothing(
    app: Flask,
    house: House,
    case_id: str,
    response: Resource,
    post: Callable[..., TestResponse],
    status: str,
    answer: int,
) -> None:
    with app.app_context():
        row = cases.row(case_id)
        assert row is not None
        row.status = status
        db.session.commit()
    assert post(response).status_code == answer
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(OutsideRow.case_id == case_id)) == 0


def test_a_system_that_was_ended_sends_nothing(
    app: Flask, house: House, case_id: str, response: Resource, post: Callable[..., TestResponse]
) -> None:
    with app.app_context():
        people.end_account(house.admin, house.machine.user_id)
    assert post(response).status_code == 401
    assert kept(app, house, case_id) == 0


def test_a_transaction_of_a_system_is_kept_whole_or_not_at_all(
    app: Flask, house: House, case_id: str, response: Resource
) -> None:
    later = {**response, "authored": "2026-03-09T09:30:00.000Z"}
    other = {**later, "identifier": {**response["identifier"], "value": "7002"}}
    usual = head(app, house)
    for second in (later, without_nothing({**other, "identifier": None})):
        refused = app.test_client().post(BASE, json=both("transaction", response, second), headers=usual)
        assert refused.status_code in (400, 409)
        assert kept(app, house, case_id) == 0
    must_be_refused(
        app.test_client().post(
            BASE, json=both("transaction", response, other), headers=head(app, house, "system/*.rs")
        ),
        403,
        "forbidden",
    )
    made = app.test_client().post(BASE, json=both("transaction", response, other), headers=usual)
    assert [each["response"]["status"] for each in made.get_json(force=True)["entry"]] == ["201 Created"] * 2
    batch = app.test_client().post(BASE, json=both("batch", response, later), headers=usual)
    told = [each["response"]["status"][:3] for each in batch.get_json(force=True)["entry"]]
    assert told == ["200", "409"]
    assert kept(app, house, case_id) == 2


def both(kind: str, *responses: Mapping[str, Any]) -> Resource:
    entries = [{"request": {"method": "POST", "url": QR}, "resource": each} for each in responses]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def test_a_system_sends_so_many_forms_of_one_client_and_so_many_in_all(
    app: Flask,
    house: House,
    case_id: str,
    response: Resource,
    post: Callable[..., TestResponse],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Counted before the case is looked for, so that what is refused tells nothing of who is in care here."""
    for name, most in (("sender", 5), ("sent", 3)):
        monkeypatch.setitem(sign_ins._MOST, name, most)
    missing = str(uuid4())
    usual = head(app, house)
    assert [post(response, usual).status_code for _ in range(3)] == [201, 200, 200]
    later = {**response, "identifier": {**response["identifier"], "value": "7002"}}
    later["authored"] = "2026-03-09T09:30:00.000Z"
    refused = post(later, usual)
    must_be_refused(refused, 429, "throttled")
    assert 800 < int(refused.headers["Retry-After"]) <= 900
    assert f"same identifiers in {refused.headers['Retry-After']} seconds" in refused.text
    assert [post(about(response, missing), usual).status_code for _ in range(3)] == [404, 404, 429]
    assert post(about(response, str(uuid4())), usual).status_code == 429, "of any client, here or not"
    batch = app.test_client().post(BASE, json=both("batch", later), headers=usual).get_json(force=True)
    assert batch["entry"][0]["response"]["status"][:3] == "429"
    read = app.test_client().get(f"{BASE}/Patient/{case_id}", headers=usual)
    assert read.status_code == 200, "reading has nothing to do with it"
    assert kept(app, house, case_id) == 1
    with app.app_context():
        newest = audit.recent(house.practice_id, None, 20)
    refusals = [(each.subject, each.why) for each in newest if each.action == Action.INTAKE_SEND and each.why]
    assert (f"case/{case_id}", "too_many") in refusals
    with clock.standing_at(clock.now() + timedelta(minutes=16)):
        assert post(later, head(app, house, CREATE)).status_code == 201
    assert kept(app, house, case_id) == 2


def test_a_transaction_beyond_the_limit_is_refused_whole_and_uses_nothing_up(
    app: Flask, house: House, case_id: str, response: Resource
) -> None:
    named = [
        {**response, "identifier": {**response["identifier"], "value": str(number)}}
        for number in range(sign_ins.SENT_FOR_ONE + 1)
    ]
    usual = head(app, house)
    refused = app.test_client().post(BASE, json=both("transaction", *named), headers=usual)
    must_be_refused(refused, 429, "throttled")
    assert kept(app, house, case_id) == 0
    same = [named[0]] * sign_ins.SENT_FOR_ONE
    made = app.test_client().post(BASE, json=both("transaction", *same), headers=usual)
    assert made.status_code == 200, "the refusal had used nothing up"
    must_be_refused(app.test_client().post(BASE, json=both("transaction", named[0]), headers=usual), 429, "throttled")


def test_the_count_outlives_a_restart_and_is_of_one_system(
    app: Flask, settings: Settings, house: House, case_id: str, response: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sign_ins._MOST, "sent", 1)
    usual = head(app, house)
    sent = [app.test_client().post(f"{BASE}/{QR}", json=response, headers=usual).status_code]
    restarted = create_app(settings)
    sent.append(restarted.test_client().post(f"{BASE}/{QR}", json=response, headers=usual).status_code)
    with restarted.app_context():
        other = builders.add_actor(house.practice_id, Role.MACHINE, "Other bridge")
        cases.assign(case_id, other.user_id, AssignmentKind.LINKED)
        token = builders.add_bearer(other, clock.now() + timedelta(minutes=5), BOTH)
    again = {"Authorization": f"Bearer {token}"}
    sent.append(restarted.test_client().post(f"{BASE}/{QR}", json=response, headers=again).status_code)
    close(restarted)
    assert sent == [201, 429, 200]


def test_nobody_records_by_hand_as_if_a_system_had_sent_it(
    app: Flask, sign_in: SignIn, house: House, case_id: str, response: Resource, post: Callable[..., TestResponse]
) -> None:
    made = post(response).get_json(force=True)["id"]
    client = sign_in(house.therapist)
    held = client.get(f"/api/v1/intakes/{made}").get_json()
    names = ("instrument_key", "answers", "capture", "contact_context", "authored_at")
    body = {name: held[name] for name in names}
    refused = client.post(f"/api/v1/cases/{case_id}/intakes", json=body)
    assert refused.status_code == 422
    by_machine = app.test_client().post(f"/api/v1/cases/{case_id}/intakes", json=body, headers=head(app, house))
    assert by_machine.status_code == 403


def test_what_can_be_had_is_said(app: Flask, client_free: FlaskClient) -> None:
    known = client_free.get(f"{BASE}/.well-known/smart-configuration").get_json()
    assert CREATE in known["scopes_supported"]
    said = client_free.get(f"{BASE}/metadata").get_json(force=True)
    assert CREATE in said["rest"][0]["security"]["description"]


@pytest.fixture
def client_free(app: Flask) -> FlaskClient:
    return app.test_client()
