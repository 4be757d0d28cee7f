"""Events, second readers and crisis lines over the JSON edge."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.domain import clock
from service.domain.actors import Actor
from tests import builders
from tests.api import bodies
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]
API = "/api/v1"


def told(answer: TestResponse) -> Any:
    """The body of an answer, whatever its shape."""
    return answer.json


def open_event(client: FlaskClient, case_id: str, level: str = "NOW") -> dict[str, object]:
    answer = client.post(f"{API}/cases/{case_id}/events", json={"level": level, "prompt": "Threat told"})
    assert answer.status_code == 201
    return dict(told(answer))


def test_an_event_goes_its_whole_way(app: Flask, house: House, sign_in: SignIn) -> None:
    own, reader = sign_in(house.therapist), sign_in(house.supervisor)
    with app.app_context():
        case_id = builders.add_case(house.therapist).id
    url = f"{API}/events/{open_event(own, case_id)['id']}"
    done = told(own.post(f"{url}/follow-up", json=bodies.a_follow_up(version=1)))
    assert (done["status"], done["awaiting"], done["disposed_by"]) == ("disposed", "follow_up", house.therapist.name)
    assert [each["event"]["id"] for each in told(reader.get(f"{API}/second-readings"))] == [done["id"]]
    assert told(own.get(f"{API}/second-readings")) == []
    mine = {"verdict": "agreed", "version": done["version"]}
    assert own.post(f"{url}/reading", json=mine).status_code == 403
    assert told(own.get(f"{url}/reading"))["barred"]
    assert told(reader.get(f"{url}/reading"))["barred"] == ""
    assert told(reader.post(f"{url}/reading", json=mine))["awaiting"] is None
    steps = [each["step"] for each in told(own.get(f"{url}/history"))]
    assert steps == ["followed_up", "read"]
    newer = own.post(f"{url}/reopen", json={"level": "TODAY", "prompt": "Told again"})
    assert (newer.status_code, told(newer)["earlier_id"]) == (201, done["id"])
    said = own.post(
        f"{API}/events/{told(newer)['id']}/error", json={"reason": "Typed into the wrong case.", "version": 1}
    )
    assert (told(said)["status"], told(said)["awaiting"]) == ("open", "error")


def test_a_follow_up_without_what_its_code_asks_for_names_the_field(app: Flask, house: House, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    with app.app_context():
        case_id = builders.add_case(house.therapist).id
    url = f"{API}/events/{open_event(client, case_id)['id']}/follow-up"
    refused = client.post(url, json=bodies.a_follow_up(version=1, code="structured_tool"))
    assert refused.status_code == 422
    assert set(told(refused)["errors"]) == {"named", "on", "detail"}


def test_crisis_lines_are_read_by_all_and_changed_by_an_administrator(house: House, sign_in: SignIn) -> None:
    url, client = f"{API}/practice/crisis-lines", sign_in(house.therapist)
    panel = told(client.get(url))
    assert (len(panel["lines"]), panel["locked"], panel["version"]) == (3, "", 1)
    wanted = {"lines": panel["lines"][:2], "version": 1}
    assert client.put(url, json=wanted).status_code == 403
    changed = told(sign_in(house.admin).put(url, json=wanted))
    assert "not complete" in changed["locked"]
    assert changed["confirmed_on"] is None


def test_a_log_is_refused_while_nobody_has_confirmed_the_lines(app: Flask, house: House, sign_in: SignIn) -> None:
    client, admin = sign_in(house.therapist), sign_in(house.admin)
    with app.app_context():
        case_id = builders.add_case(house.therapist).id
    url = f"{API}/practice/crisis-lines"
    lines = told(admin.get(url))["lines"]
    admin.put(url, json={"lines": lines, "version": 1})
    refused = client.post(f"{API}/cases/{case_id}/intakes", json=bodies.a_log())
    assert refused.status_code == 422
    assert "administrator" in told(refused)["detail"]
    today = clock.now().date()
    confirmed = {"lines": lines, "version": 2, "confirmed_by": "Marta Łuczak", "confirmed_on": today.isoformat()}
    panel = told(admin.put(url, json=confirmed))
    assert panel["confirm_by"] == (today + timedelta(days=180)).isoformat()
    assert client.post(f"{API}/cases/{case_id}/intakes", json=bodies.a_log()).status_code == 201


def test_second_readers_are_named_and_ended(house: House, sign_in: SignIn) -> None:
    url, client = f"{API}/practice/second-readers", sign_in(house.admin)
    chosen = {"account_id": house.peer.user_id}
    assert client.post(url, json=chosen).status_code == 204
    assert [each["id"] for each in told(client.get(url))["named"]] == [house.peer.user_id]
    assert client.post(f"{url}/end", json=chosen).status_code == 204
    assert told(client.get(url))["named"] == []
