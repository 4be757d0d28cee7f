"""P2: whatever is not yours answers exactly as what does not exist, wherever its id is put."""

# mypy: disable-error-code="index,union-attr,return-value,arg-type,misc,operator"
# What a test client reads may be None to its types; a test that meets None fails by itself.

from collections.abc import Callable, Iterator
from dataclasses import asdict

from flask import Flask
from flask.testing import FlaskClient

from service.domain.actors import Actor
from tests.api import bodies
from tests.api.conftest import Furnished, furnish
from tests.api.test_bad_input import DOORS
from tests.builders import House
from tests.contracts.route_ids import PLAIN

SignIn = Callable[[Actor], FlaskClient]
UNKNOWN = "00000000-0000-4000-8000-00000000dead"
BODIES = {(method, path): body for path, method, body in DOORS.values()} | {
    ("POST", "/cases/{case_id}/export"): bodies.a_departure(),
    ("POST", "/cases/{case_id}/close"): bodies.a_checklist(version=1),
    ("POST", "/cases/{case_id}/close/answer"): {"agreed": False, "words": "Not yet"},
    ("POST", "/cases/{case_id}/reopen"): {"to": "active", "why": "Called", "version": 1},
    ("POST", "/cases/{case_id}/episode/moves"): {"to": "on_hold", "why": "Away", "version": 1},
    ("POST", "/cases/{case_id}/cover"): {"account_id": UNKNOWN, "until": "2199-01-01"},
    ("POST", "/cases/{case_id}/plans"): {"type": "PL-URGE"},
    ("PUT", "/sessions/{session_id}/attendance"): {"attendance": "attended", "version": 1},
    ("POST", "/notes/{note_id}/sign"): {"version": 2},
    ("POST", "/notes/{note_id}/addenda"): {"text": "More"},
    ("POST", "/intakes/{intake_id}/amendments"): bodies.a_log(reason="A slip"),
    ("POST", "/plans/{plan_id}/activate"): {"version": 2},
    ("POST", "/plans/{plan_id}/review"): {"version": 2},
    ("POST", "/plans/{plan_id}/withdraw"): {"version": 2},
    ("POST", "/plans/{plan_id}/copy"): {"title": "Notes", "kept_where": "Work"},
    ("PUT", "/cases/{case_id}/contact"): {
        "channels": [],
        "code_word": "",
        "ask_for": "",
        "call_as": "",
        "never_contact_by": "",
        "confirmed_on": None,
        "version": 1,
    },
}
IDS = frozenset(Furnished.__dataclass_fields__)


def routes_with_ids(app: Flask) -> Iterator[tuple[str, str]]:
    """(method, path) of every route of ours that names a record of a case."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and rule.arguments & IDS:
            path = rule.rule.removeprefix("/api/v1").replace("<id:", "{").replace("<", "{").replace(">", "}")
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, path


def ask(client: FlaskClient, method: str, path: str, ids: dict[str, str]) -> tuple[int, bytes]:
    address = "/api/v1" + path.format_map(PLAIN | {"account_id": UNKNOWN, "client_id": UNKNOWN} | ids)
    body = BODIES.get((method, path))
    answer = client.open(address, method=method, **({"json": body} if body else {}))
    return answer.status_code, answer.data


def test_a_foreign_record_answers_byte_for_byte_as_an_unknown_one(
    app: Flask, house: House, furnished: Furnished, sign_in: SignIn
) -> None:
    before = bodies.stored(app)
    foreign, unknown = asdict(furnished) | {"client_id": house.machine.user_id}, dict.fromkeys(IDS, UNKNOWN)
    asked = sorted(routes_with_ids(app))
    assert len(asked) > 30
    for actor in (house.stranger, house.peer):
        client = sign_in(actor)
        for method, path in asked:
            answers = ask(client, method, path, foreign), ask(client, method, path, unknown)
            assert answers[0] == answers[1], (method, path)
            if BODIES.get((method, path)) or method == "GET":
                assert answers[0][0] in (403, 404), (method, path, answers[0])
    assert bodies.stored(app) == before


def test_parts_of_another_case_do_not_fit_into_mine(
    app: Flask, house: House, furnished: Furnished, client: FlaskClient
) -> None:
    with app.app_context():
        others = furnish(house.peer)
    before = bodies.stored(app)
    mine = f"/api/v1/cases/{furnished.case_id}"
    goal = client.put(f"{mine}/goals/{others.goal_id}", json=bodies.a_goal(version=1))
    log = client.post(f"{mine}/intakes", json=bodies.a_log(session_id=others.session_id))
    event = {"level": "TODAY", "prompt": "Missed call", "session_id": others.session_id}
    cover = {"account_id": house.stranger.user_id, "until": "2199-01-01"}
    unknown = client.post(f"{mine}/events", json=event | {"session_id": UNKNOWN})
    assert (goal.status_code, log.status_code) == (404, 422)
    assert client.post(f"{mine}/events", json=event).data == unknown.data
    assert client.post(f"{mine}/cover", json=cover).status_code == 422
    assert bodies.stored(app) == before


def test_lists_and_searches_hold_nothing_foreign(furnished: Furnished, house: House, sign_in: SignIn) -> None:
    stranger = sign_in(house.stranger)
    assert stranger.get("/api/v1/cases").headers["X-Total-Count"] == "0"
    assert stranger.get("/api/v1/caseload").json == {"rows": [], "due": []}
    assert stranger.post("/api/v1/find", json={"text": "Zo"}).json == []


def test_people_of_another_practice_are_unknown(house: House, sign_in: SignIn) -> None:
    admin = sign_in(house.admin)
    foreign, unknown = (admin.post(f"/api/v1/people/{each}/end") for each in (house.stranger.user_id, UNKNOWN))
    assert (foreign.status_code, foreign.data) == (404, unknown.data)
