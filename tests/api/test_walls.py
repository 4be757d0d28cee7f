"""Requests, walls, emergencies and keeping, through the API."""

# mypy: disable-error-code="index,union-attr,return-value,arg-type,misc,operator"

from collections.abc import Callable

from flask.testing import FlaskClient

from service.domain import clock
from service.domain.actors import Actor
from tests.api.conftest import Furnished
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]
WHY = {"reason": "Her brother works at the front desk here"}


def test_a_request_is_released_by_a_second_person_only(
    client: FlaskClient, furnished: Furnished, house: House, sign_in: SignIn
) -> None:
    body = {"kind": "warrant", "by": "police", "name": "A court", "words": "All dates"}
    body |= {"received_on": str(clock.now().date())}
    made = client.post(f"/api/v1/cases/{furnished.case_id}/requests", json=body)
    assert (made.status_code, made.json["open_tasks"]) == (201, ["review", "notice"])
    at = f"/api/v1/requests/{made.json['id']}"
    for number, task in enumerate(made.json["open_tasks"], start=1):
        told = {"task": task, "words": "Spoke with the lawyer", "version": number}
        assert client.post(f"{at}/tasks", json=told).status_code == 200
    wanted = {"classes": ["attendance"], "items": "May", "version": 3}
    assert client.post(f"{at}/propose", json=wanted).json["status"] == "proposed"
    assert client.post(f"{at}/approve", json={"version": 4}).status_code == 409
    assert sign_in(house.supervisor).post(f"{at}/approve", json={"version": 4}).json["status"] == "approved"
    assert client.get(at).json["approver_name"] == house.supervisor.name


def test_walls_are_set_lifted_and_told(
    client: FlaskClient, furnished: Furnished, house: House, sign_in: SignIn
) -> None:
    at = f"/api/v1/cases/{furnished.case_id}/walls"
    assert client.post(f"{at}/hold", json=WHY).status_code == 204
    assert client.post(f"{at}/lift-hold", json=WHY).json["held"] is True
    assert client.post(f"{at}/lift-hold", json=WHY).status_code == 409
    assert sign_in(house.supervisor).post(f"{at}/leave-held", json=WHY).status_code == 204
    assert client.post(f"{at}/leave-held", json=WHY).status_code == 409
    assert [each["status"] for each in client.get(at).json["walls"] if each["step"] == "lift_hold"] == ["declined"]
    assert client.post(f"/api/v1/cases/{furnished.case_id}/purge/leave", json=WHY).status_code == 403
    assert client.post(f"{at}/lift-hold", json=WHY).json["held"] is True
    assert sign_in(house.supervisor).post(f"{at}/lift-hold", json=WHY).json["held"] is False
    away = WHY | {"account_id": house.supervisor.user_id}
    assert client.post(f"{at}/block", json=away).status_code == 204
    assert sign_in(house.supervisor).get(at).status_code == 404
    assert client.post(f"{at}/unblock", json=away).status_code == 204
    assert client.post(f"{at}/restrict", json=WHY).status_code == 204
    assert client.get(at).json["restricted"] is True
    assert client.post(f"{at}/open-up", json=WHY).status_code == 204
    assert [each["step"] for each in client.get(at).json["walls"]][:2] == ["open_up", "restrict"]


def test_an_emergency_opens_a_case_to_read(
    client: FlaskClient, furnished: Furnished, house: House, sign_in: SignIn
) -> None:
    code = client.get(f"/api/v1/cases/{furnished.case_id}").json["code"]
    peer = sign_in(house.peer)
    assert peer.post("/api/v1/emergency-openings", json=WHY | {"code": "C-XXXXX"}).status_code == 422
    assert peer.post("/api/v1/emergency-openings", json=WHY | {"code": code}).json == {"case_id": furnished.case_id}
    assert peer.get(f"/api/v1/cases/{furnished.case_id}").status_code == 200
    assert peer.post(f"/api/v1/cases/{furnished.case_id}/walls/hold", json=WHY).status_code == 403


def test_years_of_keeping_are_set_with_their_source(house: House, sign_in: SignIn) -> None:
    admin = sign_in(house.admin)
    rule = {"after_service": 10, "after_majority": 5, "majority": 18, "source": "An invented act"}
    assert admin.put("/api/v1/practice/retention", json=rule).json["rule"] == rule
    assert admin.put("/api/v1/practice/retention", json=rule | {"after_service": 0}).status_code == 422
    assert sign_in(house.supervisor).get("/api/v1/practice/retention").json["own"] is True
