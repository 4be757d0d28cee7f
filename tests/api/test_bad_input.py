"""Bad input gets a clear problem that names the field; nothing is half written and nothing fails in an unknown way."""

# mypy: disable-error-code="index,union-attr,return-value,arg-type,misc,operator"
# What a test client reads may be None to its types; a test that meets None fails by itself.

import json
from dataclasses import asdict
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api import bodies
from tests.api.conftest import Furnished
from tests.hostile import SCRIPTS

# (address, method, a body that is taken)
DOORS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "case": ("/cases", "POST", bodies.a_client()),
    "client": ("/cases/{case_id}/client", "PUT", bodies.a_client(version=1)),
    "goal": ("/cases/{case_id}/goals", "POST", bodies.a_goal()),
    "goal change": ("/cases/{case_id}/goals/{goal_id}", "PUT", bodies.a_goal(version=1)),
    "session": ("/cases/{case_id}/sessions", "POST", bodies.a_session()),
    "session change": ("/sessions/{session_id}", "PUT", bodies.a_session(version=1)),
    "note": ("/sessions/{session_id}/note", "PUT", {"format": "dap", "sections": {"data": "Words"}, "version": 2}),
    "log": ("/cases/{case_id}/intakes", "POST", bodies.a_log()),
    "handover": ("/cases/{case_id}/handovers", "POST", bodies.a_handover()),
    "schedule": (
        "/cases/{case_id}/schedule/wsl",
        "PUT",
        {"rhythm": "own", "days": 14, "until": None, "why": "Weekly work on sleep", "version": None},
    ),
    "refusal": ("/cases/{case_id}/schedule/wsl/refusals", "POST", {"declined_at": "2026-05-04T10:00:00+01:00"}),
    "plan": (
        "/plans/{plan_id}",
        "PUT",
        {
            "lines": {"delay": {"text": "Walk", "on_copy": True}},
            "made_with_client": True,
            "private_session": True,
            "version": 2,
        },
    ),
    "event": ("/cases/{case_id}/events", "POST", {"level": "TODAY", "prompt": "Missed call"}),
    "follow-up": ("/events/{event_id}/follow-up", "POST", bodies.a_follow_up(version=1)),
}
NO_PLAIN_OBJECT: list[tuple[bytes, int, str]] = [
    (b"[" * 100_000, 400, "body"),
    (b'{"a":' * 60 + b"1" + b"}" * 60, 400, "body"),
    (b'{"words": NaN}', 400, "body"),
    (b'{"words": "a", "words": "b"}', 400, "words"),
    (b'{"version": ' + b"9" * 5_000 + b"}", 400, "body"),
    (b'{"words": "\\ud800"}', 400, "words"),
    (b"\xff\xfe{}", 400, "body"),
    (b"{", 400, "body"),
    (b"[]", 422, "body"),
    (b'"text"', 422, "body"),
    (b"null", 422, "body"),
]
BAD_ANSWERS: list[tuple[object, str]] = [
    ({"P1": {"value": "5"}}, "answers.P1"),
    ({"P1": {"value": 3}}, "answers.P1"),
    ({"P1": {"value": True}}, "answers.P1"),
    ({"P1": "3"}, "answers.P1"),
    ({"P1": {"value": "3", "skipped": "declined"}}, "answers.P1"),
    ({"P1": {"skipped": "forgot"}}, "answers.P1"),
    ({"P9": {"value": "3"}}, "answers.P9"),
    ([], "answers"),
]
MISFITS: list[tuple[str, dict[str, Any], str]] = [
    ("case", {"birth_date": "2026-02-30"}, "birth_date"),
    ("case", {"birth_date": "2024-01-01"}, "birth_date"),
    ("case", {"birth_date": "0001-01-01"}, "birth_date"),
    ("case", {"opened_on": "3000-01-01"}, "opened_on"),
    ("case", {"chosen_name": " "}, "chosen_name"),
    ("case", {"gender": "robot"}, "gender"),
    ("session", {"starts_at": "2026-05-04T10:00:00"}, "starts_at"),
    ("session", {"ends_at": "2026-05-04T09:00:00+01:00"}, "ends_at"),
    ("session", {"ends_at": "2026-05-05T09:00:00+01:00"}, "ends_at"),
    ("session", {"next_on": "11.5.2026"}, "next_on"),
    ("note", {"sections": {"objective": "x"}}, "objective"),
    ("note", {"sections": {"data": "x" * 20_001}}, "sections.data"),
    ("log", {"authored_at": "2199-01-01T00:00:00Z"}, "authored_at"),
    ("log", {"instrument_key": "nothing"}, "instrument_key"),
    ("log", {"session_id": "00000000-0000-4000-8000-00000000dead"}, "session_id"),
    ("log", {"capture": {"channel": "in_person", "device_confirmed": True}}, "capture.device_confirmed"),
    ("schedule", {"days": None}, "days"),
    ("schedule", {"days": 3}, "days"),
    ("schedule", {"why": ""}, "why"),
    ("schedule", {"rhythm": "never"}, "rhythm"),
    ("refusal", {"declined_at": "2199-01-01T00:00:00Z"}, "declined_at"),
    ("plan", {"lines": {"person": {"text": "Ana", "on_copy": True}}}, "person"),
    ("plan", {"lines": {"nothing": {"text": "x"}}}, "nothing"),
    ("follow-up", {"text": "too short"}, "text"),
    ("follow-up", {"next_check": None}, "next_check"),
]
BAD_QUERIES: list[tuple[str, int, str]] = [
    ("page=0", 422, "page"),
    ("page=x", 422, "page"),
    ("page_size=201", 422, "page_size"),
    ("page=1&page=2", 400, "page"),
    ("sort=code", 422, "sort"),
    ("status=lost", 422, "status"),
    ("page=" + "9" * 5_000, 422, "page"),
    ("%00=1", 422, "\x00"),
]

EVERY_DOOR = pytest.mark.parametrize("door", DOORS)


def send(client: FlaskClient, furnished: Furnished, door: str, body: object) -> Any:
    """`body` goes out as JSON, or as it is when it is bytes."""
    path, method, _ = DOORS[door]
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = "/api/v1" + path.format(**asdict(furnished))
    return client.open(address, method=method, data=raw, content_type="application/json")


@pytest.fixture
def unchanged(app: Flask, furnished: Furnished) -> Any:
    before = bodies.stored(app)
    yield
    assert bodies.stored(app) == before


@EVERY_DOOR
def test_every_door_takes_its_good_body(client: FlaskClient, furnished: Furnished, door: str) -> None:
    answer = send(client, furnished, door, DOORS[door][2])
    assert answer.status_code in (200, 201), answer.json


@EVERY_DOOR
@pytest.mark.usefixtures("unchanged")
def test_an_unknown_field_is_named(client: FlaskClient, furnished: Furnished, door: str) -> None:
    answer = send(client, furnished, door, DOORS[door][2] | {"owner_id": "x"})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.json["errors"] == {"owner_id": "There is no such field."}


@EVERY_DOOR
@pytest.mark.usefixtures("unchanged")
def test_each_field_of_a_wrong_type_is_named(client: FlaskClient, furnished: Furnished, door: str) -> None:
    good = DOORS[door][2]
    for name in good:
        answer = send(client, furnished, door, good | {name: [["no such thing"]]})
        assert answer.status_code == 422, (name, answer.json)
        assert all(field.split(".")[0] == name for field in answer.json["errors"]), (name, answer.json)


@EVERY_DOOR
@pytest.mark.usefixtures("unchanged")
def test_what_is_no_plain_json_object_is_refused(client: FlaskClient, furnished: Furnished, door: str) -> None:
    for raw, status, field in NO_PLAIN_OBJECT:
        answer = send(client, furnished, door, raw)
        assert (answer.status_code, list(answer.json["errors"])) == (status, [field]), raw[:24]


@pytest.mark.usefixtures("unchanged")
def test_too_many_bytes_and_other_media_are_refused(client: FlaskClient, furnished: Furnished) -> None:
    large = send(client, furnished, "goal", bodies.a_goal(words="x" * 2_100_000))
    assert (large.status_code, large.content_type) == (413, "application/problem+json")
    address = f"/api/v1/cases/{furnished.case_id}/goals"
    for media in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "multipart/form-data; boundary=x",
        None,
    ):
        assert client.post(address, data=b'{"words": "a"}', content_type=media).status_code == 415


@pytest.mark.usefixtures("unchanged")
def test_an_answer_out_of_range_is_named(client: FlaskClient, furnished: Furnished) -> None:
    for answers, field in BAD_ANSWERS:
        answer = send(client, furnished, "log", bodies.a_log(answers=answers))
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), answers


@pytest.mark.usefixtures("unchanged")
def test_a_value_that_does_not_fit_is_named(client: FlaskClient, furnished: Furnished) -> None:
    for door, change, field in MISFITS:
        answer = send(client, furnished, door, DOORS[door][2] | change)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), (door, change)


@pytest.mark.usefixtures("unchanged")
def test_a_version_is_a_whole_number(client: FlaskClient, furnished: Furnished) -> None:
    for door in ("client", "session change", "goal change", "plan", "follow-up"):
        for version in (True, 1.0, "1", 0, -1, 2**40, [1]):
            answer = send(client, furnished, door, DOORS[door][2] | {"version": version})
            assert (answer.status_code, list(answer.json["errors"])) == (422, ["version"]), (door, version)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("door", ["client", "session change", "goal change", "plan", "note", "follow-up"])
def test_a_stale_version_is_a_conflict_and_an_absent_one_is_asked_for(
    client: FlaskClient, furnished: Furnished, door: str
) -> None:
    good = DOORS[door][2]
    stale = send(client, furnished, door, good | {"version": 77})
    assert (stale.status_code, stale.json["title"]) == (409, "Conflict")
    if door != "note":
        absent = send(client, furnished, door, {key: value for key, value in good.items() if key != "version"})
        assert (absent.status_code, list(absent.json["errors"])) == (422, ["version"])


def test_a_stale_edit_gets_both_texts_back(client: FlaskClient, furnished: Furnished) -> None:
    send(client, furnished, "session change", bodies.a_session(version=1, homework_given="Walk"))
    stale = send(client, furnished, "session change", bodies.a_session(version=1, homework_given="Swim"))
    assert (stale.json["yours"]["homework_given"], stale.json["theirs"]["homework_given"]) == ("Swim", "Walk")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("header", "field"), [("*", "If-Match"), ("x", "If-Match"), ('"1", "2"', "If-Match"), ('W/"9"', "version")]
)
def test_if_match_names_one_version_and_agrees_with_the_body(
    client: FlaskClient, furnished: Furnished, header: str, field: str
) -> None:
    address = f"/api/v1/cases/{furnished.case_id}/client"
    answer = client.put(address, json=bodies.a_client(version=1), headers={"If-Match": header})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_a_query_is_read_as_strictly(client: FlaskClient) -> None:
    for query, status, field in BAD_QUERIES:
        answer = client.get(f"/api/v1/cases?{query}")
        assert (answer.status_code, list(answer.json["errors"])) == (status, [field]), query


@pytest.mark.parametrize(
    "address",
    ["/cases/1", "/cases/%00", "/cases/..%2f..", "/cases/' or 1=1", "/notes/%F0%9F%99%82", "/instruments/%00"],
)
def test_an_address_that_holds_no_id_is_not_found(client: FlaskClient, address: str) -> None:
    answer = client.get(f"/api/v1{address}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_sixty_script_strings_come_back_as_text_and_nothing_else(client: FlaskClient, furnished: Furnished) -> None:
    assert len(SCRIPTS) >= 60
    address = f"/api/v1/cases/{furnished.case_id}"
    for number, script in enumerate(SCRIPTS, start=1):
        texts = dict.fromkeys(("chosen_name", "legal_name", "pronouns", "languages", "access_needs", "address"), script)
        texts["pronouns"] = script[:80]
        answer = client.put(f"{address}/client", json=bodies.a_client(version=number, **texts))
        assert answer.status_code == 200, (script, answer.json)
        assert texts.items() <= answer.json["client"].items()
        assert (answer.content_type, answer.headers["X-Content-Type-Options"]) == ("application/json", "nosniff")


@EVERY_DOOR
def test_nested_markup_in_any_text_is_kept_as_text_or_refused(
    client: FlaskClient, furnished: Furnished, door: str
) -> None:
    good = DOORS[door][2]
    nested = "<div>" * 20 + "<script>1</script>"
    for name in [name for name, value in good.items() if isinstance(value, str)]:
        answer = send(client, furnished, door, good | {name: nested})
        assert answer.status_code in (200, 201, 409, 422), (name, answer.json)
        if answer.status_code == 422:
            assert list(answer.json["errors"]) == [name]
