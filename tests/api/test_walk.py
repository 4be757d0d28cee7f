"""The whole main job through the API: open, record, sign, log, plan, follow up, close."""

# mypy: disable-error-code="index,union-attr,return-value,arg-type,misc,operator"
# What a test client reads may be None to its types; a test that meets None fails by itself.

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain import clock
from service.domain.actors import Actor
from tests.api import bodies
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def client(house: House, sign_in: SignIn) -> FlaskClient:
    return sign_in(house.therapist)


@pytest.fixture
def case(client: FlaskClient) -> dict:
    return client.post("/api/v1/cases", json=bodies.a_client()).json


def test_a_case_is_opened_and_changed_part_by_part(client: FlaskClient) -> None:
    opened = client.post("/api/v1/cases", json={"chosen_name": "Zoë"})
    assert (opened.status_code, opened.headers["ETag"]) == (201, 'W/"1"')
    address = f"/api/v1/cases/{opened.json['id']}"
    changed = client.put(f"{address}/client", json=bodies.a_client(), headers={"If-Match": opened.headers["ETag"]})
    assert changed.json["client"] == bodies.a_client()
    channels = [
        {"channel": "phone", "rule": "ok", "value": "01 555", "times": "", "leave_message": False, "name_clinic": False}
        | {"days": ["mon"], "start": "10:00", "end": "12:00"}
    ]
    contact = {
        "channels": channels,
        "code_word": "Amsel",
        "ask_for": "",
        "call_as": "the library",
        "never_contact_by": "",
        "confirmed_on": "2026-05-04",
    }
    changed = client.put(f"{address}/contact", json=contact | {"version": 2})
    assert changed.json["contact"] == contact
    reach = client.get(f"{address}/reach").json
    assert [(each["state"], each["value"]) for each in reach["ways"][:2]] == [("now", "01 555"), ("never", "")]
    safety = dict.fromkeys(
        ("portal_account", "portal_proxies", "shared_device", "insurance_held", "household_here"), "no"
    )
    safety |= {"asked_on": "2026-05-04", "note": ""}
    assert client.put(f"{address}/record-safety", json=safety | {"version": 3}).json["record_safety"] == safety
    other = {"label": "Person A", "relationship": "former partner", "current": "no", "cohabiting": "no"}
    assert client.put(f"{address}/other-person", json=other | {"version": 4}).json["other_person"] == other
    shown = dict.fromkeys(("concerns", "functional_summary", "co_occurring_care", "medication", "strengths"), "Words")
    shown |= {"contact_context": "on_off", "formulation": "Words"}
    shown |= {"main_concerns": ["sleep", "pull"], "factors": ["intermittent"]}  # type: ignore[dict-item]
    assert client.put(f"{address}/presentation", json=shown | {"version": 5}).json["presentation"] == shown
    assert client.get(address).json["version"] == 6


def test_a_session_is_recorded_and_its_note_signed_and_added_to(client: FlaskClient, case: dict) -> None:
    session = client.post(f"/api/v1/cases/{case['id']}/sessions", json=bodies.a_session(attendance="planned")).json
    change = bodies.a_session() | {"version": session["version"]}
    assert client.put(f"/api/v1/sessions/{session['id']}", json=change).json["attendance"] == "attended"
    note = {"format": "dap", "sections": {"data": "Talked about the week.", "plan": "Continue."}}
    draft = client.put(f"/api/v1/sessions/{session['id']}/note", json=note).json
    signed = client.post(f"/api/v1/notes/{draft['id']}/sign", headers={"If-Match": f'W/"{draft["version"]}"'})
    assert (signed.status_code, signed.json["status"]) == (200, "signed")
    added = client.post(f"/api/v1/notes/{draft['id']}/addenda", json={"text": "Also: the dog."})
    assert (added.status_code, added.json["addenda"][0]["text"]) == (201, "Also: the dog.")
    view = client.get(f"/api/v1/sessions/{session['id']}").json
    assert [step["missing"] for step in view["steps"]] == [""] * 5
    assert client.get(f"/api/v1/cases/{case['id']}/notes").json[0]["id"] == draft["id"]


def test_a_log_is_scored_corrected_and_opens_an_event_that_is_followed_up(client: FlaskClient, case: dict) -> None:
    definition = client.get("/api/v1/instruments/wsl").json
    shape = client.get("/api/v1/instruments/wsl/answers-schema").json
    assert definition["fingerprint"]
    assert set(bodies.a_log()["answers"]) <= set(shape["properties"])
    told = client.post(f"/api/v1/cases/{case['id']}/intakes", json=bodies.a_log())
    assert (told.status_code, told.json["intake"]["score"]["total"]["value"]) == (201, 30)
    address = f"/api/v1/intakes/{told.json['intake']['id']}"
    again = client.post(f"{address}/amendments", json=bodies.a_log() | {"reason": "A slip of the pen"})
    assert again.json["intake"]["amends"] == told.json["intake"]["id"]
    assert client.get(address).json["replaced"] is True
    event = client.post(f"/api/v1/cases/{case['id']}/events", json={"level": "TODAY", "prompt": "Missed call"}).json
    done = client.post(f"/api/v1/events/{event['id']}/follow-up", json=bodies.a_follow_up() | {"version": 1})
    assert (done.status_code, done.json["status"]) == (200, "disposed")
    assert client.get(f"/api/v1/cases/{case['id']}/events?status=open").json == []


def test_a_plan_goes_through_its_versions_and_its_copy_holds_ticked_lines_only(client: FlaskClient, case: dict) -> None:
    draft = client.post(f"/api/v1/cases/{case['id']}/plans", json={"type": "PL-URGE"}).json
    lines = {"early_signs": {"text": "Restless hands", "on_copy": True}, "person": {"text": "Ana", "on_copy": False}}
    body = {"lines": lines, "made_with_client": True, "private_session": True, "version": draft["version"]}
    saved = client.put(f"/api/v1/plans/{draft['id']}", json=body).json
    used = client.post(f"/api/v1/plans/{draft['id']}/activate", json={"version": saved["version"]}).json
    copy = client.post(f"/api/v1/plans/{draft['id']}/copy", json={"title": "Notes", "kept_where": "At a friend's"}).json
    assert copy == {"title": "Notes", "lines": [{"label": "First signs", "text": "Restless hands"}]}
    newer = client.post(f"/api/v1/cases/{case['id']}/plans", json={"type": "PL-URGE"}).json
    same = client.get(f"/api/v1/plans/{newer['id']}/differences?against=1")
    assert (same.status_code, same.json) == (200, [])
    assert client.get(f"/api/v1/plans/{newer['id']}/differences?against=9").status_code == 422
    reviewed = client.post(f"/api/v1/plans/{draft['id']}/review", json={"version": used["version"]}).json
    versions = client.get(f"/api/v1/plans/{draft['id']}/versions").json
    assert [(each["number"], each["status"]) for each in versions] == [(2, "draft"), (1, "active")]
    gone = client.post(f"/api/v1/plans/{draft['id']}/withdraw", json={"version": reviewed["version"]}).json
    assert gone["status"] == "withdrawn"


def test_goals_and_cover_come_and_go(client: FlaskClient, case: dict, house: House) -> None:
    goals = f"/api/v1/cases/{case['id']}/goals"
    goal = client.post(goals, json=bodies.a_goal()).json
    changed = client.put(f"{goals}/{goal['id']}", json=bodies.a_goal(status="reached") | {"version": goal["version"]})
    assert (changed.status_code, client.get(goals).json[0]["status"]) == (200, "reached")
    cover = {"account_id": house.peer.user_id, "until": (clock.now().date() + timedelta(days=30)).isoformat()}
    assert client.post(f"/api/v1/cases/{case['id']}/cover", json=cover).status_code == 204
    assert client.delete(f"/api/v1/cases/{case['id']}/cover/{house.peer.user_id}").status_code == 204
    assert client.delete(f"/api/v1/cases/{case['id']}/cover/{house.peer.user_id}").status_code == 404


def test_a_case_is_closed_once_and_then_refuses_a_new_session(client: FlaskClient, case: dict) -> None:
    closed = client.post(f"/api/v1/cases/{case['id']}/close", json=bodies.a_checklist(version=case["version"]))
    assert (closed.status_code, closed.json["status"], closed.json["episode"]["status"]) == (200, "closed", "closed")
    refused = client.post(f"/api/v1/cases/{case['id']}/sessions", json=bodies.a_session())
    assert (refused.status_code, refused.json["why"]) == (403, "state")
    again = {"to": "assessment", "why": "Called on Monday", "version": closed.json["version"]}
    opened = client.post(f"/api/v1/cases/{case['id']}/reopen", json=again)
    assert (opened.json["status"], opened.json["episode"]["earlier_id"]) == ("open", case["episode"]["id"])
    move = {"to": "active", "why": "Both agree", "version": opened.json["episode"]["version"]}
    moved = client.post(f"/api/v1/cases/{case['id']}/episode/moves", json=move)
    assert [each["after"] for each in moved.json["moves"]] == ["assessment", "active"]
    told = client.get(f"/api/v1/cases/{case['id']}/episodes").json
    assert [each["status"] for each in told] == ["active", "closed"]
    assert told[1]["discharge"]["checklist"]["door_open"] == "A call is enough"


def test_lists_show_what_is_mine_a_page_at_a_time(client: FlaskClient) -> None:
    for number in range(5):
        client.post("/api/v1/cases", json={"chosen_name": f"Client {number}"})
    shown = client.get("/api/v1/cases?page=2&page_size=2&status=open")
    assert (len(shown.json), shown.headers["X-Total-Count"]) == (2, "5")
    assert '</api/v1/cases?page=3&page_size=2&status=open>; rel="next"' in shown.headers["Link"]
    assert client.get("/api/v1/cases?page=9").json == []
    assert [row["chosen_name"] for row in client.post("/api/v1/find", json={"text": "client 3"}).json] == ["Client 3"]
    assert len(client.get("/api/v1/caseload").json["rows"]) == 5
    assert client.get("/api/v1/day").json["zone"] == "Europe/Dublin"


def test_a_supervisor_reads_the_team_and_cannot_write(house: House, sign_in: SignIn, case: dict) -> None:
    supervisor = sign_in(house.supervisor)
    assert [row["case_id"] for row in supervisor.get("/api/v1/team").json["rows"]] == [case["id"]]
    assert supervisor.get(f"/api/v1/cases/{case['id']}").status_code == 200
    refused = supervisor.post(f"/api/v1/cases/{case['id']}/goals", json=bodies.a_goal())
    assert (refused.status_code, refused.json["why"]) == (403, "forbidden")


def test_an_administrator_runs_the_people_and_reads_no_case(house: House, sign_in: SignIn, case: dict) -> None:
    admin = sign_in(house.admin)
    assert admin.get(f"/api/v1/cases/{case['id']}").status_code == 403
    new = {"name": "Noor Haddad", "email": "noor@example.org", "role": "therapist"}
    invited = admin.post("/api/v1/people", json=new)
    assert (invited.status_code, bool(invited.json["token"])) == (201, True)
    person = invited.json["person"]["id"]
    pair = {"supervisor_id": house.supervisor.user_id, "therapist_id": person}
    assert admin.post("/api/v1/supervision", json=pair | {"since": "2026-05-04"}).status_code == 204
    links = admin.get("/api/v1/people").json["supervision"]
    assert any(pair.items() <= link.items() for link in links)
    assert admin.post("/api/v1/supervision/end", json=pair).status_code == 204
    assert admin.post(f"/api/v1/people/{person}/reset").json["granted_at"] is None
    assert admin.post(f"/api/v1/people/{person}/end").status_code == 204
    assert admin.get("/api/v1/audit?limit=1").json[0]["action"]


def test_an_account_shows_its_devices_and_ends_one(client: FlaskClient, house: House, sign_in: SignIn) -> None:
    sign_in(house.therapist)
    account = client.get("/api/v1/account").json
    assert account["form_token"] == client.environ_base["HTTP_X_CSRF_TOKEN"]
    other = next(each["id"] for each in account["devices"] if not each["current"])
    assert client.post("/api/v1/account/devices/end", json={"id": other}).status_code == 204
    assert len(client.get("/api/v1/account").json["devices"]) == 1
    wrong = client.put("/api/v1/account/password", json={"current": "no", "new": "seven quiet rivers"})
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["current"])


def test_a_connected_system_reaches_nothing_here(house: House, app: Flask, case: dict) -> None:
    machine = app.test_client()
    machine.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {house.machine_token}"
    for address in ("/cases", "/day", f"/cases/{case['id']}", "/people", "/account", "/instruments"):
        assert machine.get(f"/api/v1{address}").status_code == 403
