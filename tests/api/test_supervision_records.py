"""Supervision meetings through the JSON API: the two who met, their versions, and nobody else."""

# mypy: disable-error-code="index,union-attr"
# What a test client reads may be None to its types; a test that meets None fails by itself.

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from service.domain import clock
from service.domain.actors import Actor
from tests import builders
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]
TODAY = clock.now().date().isoformat()


def test_a_meeting_goes_its_way(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
    supervisor, therapist = sign_in(house.supervisor), sign_in(house.therapist)
    meeting = {"with_id": house.therapist.user_id, "held_on": TODAY, "minutes": 60, "mode": "individual"}
    added = supervisor.post("/api/v1/supervision-meetings", json=meeting)
    assert (added.status_code, added.headers["ETag"]) == (201, 'W/"1"')
    address = f"/api/v1/supervision-meetings/{added.json['id']}"
    changed = therapist.put(
        address,
        json={"held_on": TODAY, "minutes": 50, "mode": "remote", "words": "Limits"},
        headers={"If-Match": added.headers["ETag"]},
    )
    assert (changed.json["minutes"], changed.json["words"]) == (50, "Limits")
    said = {"case_id": case.id, "decisions": "Ask again", "risks": "", "version": None}
    assert supervisor.post(f"{address}/cases", json=said).json["touched"][0]["code"] == case.code
    to_do = {"owner_id": house.therapist.user_id, "words": "Ring", "due_on": TODAY, "case_id": case.id}
    action = supervisor.post(f"{address}/actions", json=to_do).json["actions"][0]
    assert therapist.post(f"{address}/actions/{action['id']}/done", json={"done": True}).json["actions"][0]["done_at"]
    assert [each["id"] for each in therapist.get("/api/v1/supervision-meetings").json] == [added.json["id"]]
    for other in (house.peer, house.stranger):
        assert sign_in(other).get(address).status_code == 404
        assert sign_in(other).get("/api/v1/supervision-meetings").json == []
    assert sign_in(house.admin).get(address).status_code == 403


def test_what_does_not_fit_is_told_by_its_field(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        record = builders.add_meeting(house.supervisor, house.therapist)
    client, address = sign_in(house.supervisor), f"/api/v1/supervision-meetings/{record.id}"
    meeting = {"with_id": house.therapist.user_id, "held_on": TODAY, "minutes": 60, "mode": "individual"}
    for wrong, field in (
        ({"minutes": 4}, "minutes"),
        ({"mode": "dream"}, "mode"),
        ({"held_on": "2199-01-01"}, "held_on"),
        ({"with_id": house.peer.user_id}, "with_id"),
    ):
        refused = client.post("/api/v1/supervision-meetings", json=meeting | wrong)
        assert (refused.status_code, set(refused.json["errors"])) == (422, {field})
    stale = {"held_on": TODAY, "minutes": 50, "mode": "remote", "words": "Mine", "version": 9}
    conflict = client.put(address, json=stale)
    assert conflict.status_code == 409
    assert (conflict.json["yours"], conflict.json["theirs"]) == ({"words": "Mine"}, {"words": record.words})
    nobody = {"owner_id": house.peer.user_id, "words": "Ring", "due_on": TODAY}
    assert set(client.post(f"{address}/actions", json=nobody).json["errors"]) == {"owner_id"}
    lost = {"case_id": record.id, "decisions": "x", "risks": "", "version": None}
    assert set(client.post(f"{address}/cases", json=lost).json["errors"]) == {"case_id"}
