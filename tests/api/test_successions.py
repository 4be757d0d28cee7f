"""A new therapist for what an ended account left, through the API."""

# mypy: disable-error-code="index,union-attr,return-value,arg-type,misc,operator"

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from service.casework import people
from service.domain.actors import Actor
from tests import builders
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]
WHY = "They work in the same way and have room"


def test_it_is_asked_for_listed_and_confirmed_and_tells_of_no_record(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.peer)
        people.end_account(house.admin, house.peer.user_id)
    admin, second = sign_in(house.admin), sign_in(house.supervisor)
    at, body = f"/api/v1/people/{house.peer.user_id}/succession", {"successor_id": house.therapist.user_id}
    assert admin.post(at, json=body | {"reason": "Short"}).status_code == 422
    assert second.post(at, json=body | {"reason": WHY}).status_code == 403
    made = admin.post(at, json=body | {"reason": WHY})
    assert (made.status_code, made.json["status"], made.json["ended_at"]) == (201, "asked", None)
    assert case.id not in made.text and case.code not in made.text
    assert admin.post(at, json=body | {"reason": WHY}).status_code == 409
    assert admin.get("/api/v1/successions").json == []
    assert second.get("/api/v1/successions").json == [made.json]
    step = f"/api/v1/successions/{made.json['id']}"
    assert admin.post(f"{step}/confirm").status_code == 403
    answer = second.post(f"{step}/confirm")
    assert (answer.status_code, answer.data) == (204, b"")
    assert second.post(f"{step}/leave").status_code == 409
    assert sign_in(house.therapist).get(f"/api/v1/cases/{case.id}").status_code == 200
    foreign, unknown = (admin.post(f"/api/v1/successions/{each}/confirm") for each in (case.id, house.admin.user_id))
    assert (foreign.status_code, foreign.data) == (404, unknown.data)
    foreign = admin.post(f"/api/v1/people/{house.stranger.user_id}/succession", json=body | {"reason": WHY})
    assert foreign.status_code == 404
