"""Script strings in every text that the JSON API takes: kept as text, or refused by a problem that names the field.

Each text of each body takes its turn; the strings rotate, so that over a door all of them were sent.
"""

# mypy: disable-error-code="index,union-attr,misc,operator"
# What a test client reads may be None to its types; a test that meets None fails by itself.

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.domain.actors import Actor
from tests import builders
from tests.api import bodies
from tests.api.conftest import Furnished
from tests.api.test_bad_input import DOORS
from tests.builders import House
from tests.hostile import EVERYTHING

Path = tuple[str | int, ...]
ASKED = dict.fromkeys(("portal_account", "portal_proxies", "shared_device", "insurance_held", "household_here"), "no")
CONTEXT = ("concerns", "functional_summary", "co_occurring_care", "medication", "strengths", "formulation")
CHANNEL = {"channel": "phone", "rule": "between", "value": "1", "times": "9 to 12"}
CONTACT = {"channels": [CHANNEL], "code_word": "a", "ask_for": "b", "call_as": "d", "never_contact_by": "c"}
TOLD = {"I_began": {"value": "In spring"}, "I_sleep": {"value": "Badly"}, "I_appetite": {"value": "Less"}}
EVERY_DOOR: dict[str, tuple[str, str, dict[str, Any]]] = {
    **DOORS,
    "contact": ("/cases/{case_id}/contact", "PUT", {**CONTACT, "confirmed_on": None, "version": 1}),
    "record check": (
        "/cases/{case_id}/record-safety",
        "PUT",
        {**ASKED, "asked_on": "2026-01-05", "note": "n", "version": 1},
    ),
    "other person": (
        "/cases/{case_id}/other-person",
        "PUT",
        {"label": "A", "relationship": "b", "current": "yes", "cohabiting": "no", "version": 1},
    ),
    "presentation": (
        "/cases/{case_id}/presentation",
        "PUT",
        {
            **dict.fromkeys(CONTEXT, "words"),
            "contact_context": "together",
            "main_concerns": [],
            "factors": [],
            "version": 1,
        },
    ),
    "told in a log": ("/cases/{case_id}/intakes", "POST", bodies.a_log(answers=TOLD)),
    "addendum": ("/notes/{signed_note_id}/addenda", "POST", {"text": "Later."}),
    "plan copy": ("/plans/{active_plan_id}/copy", "POST", {"title": "Notes", "kept_where": "With a friend"}),
    "find": ("/find", "POST", {"text": "Zo"}),
}
# Bodies of codes alone have no room for words.
CODES_ONLY = {"log", "handover", "refusal"}
FIXED = ("starts_at", "ends_at", "authored_at", "version")


@dataclass(frozen=True)
class Signed(Furnished):
    """Also ids of what signing and putting in use made."""

    signed_note_id: str
    active_plan_id: str


@pytest.fixture
def told(app: Flask, house: House, furnished: Furnished) -> Signed:
    """The furnished case, with a signed note that an addendum can follow and a plan in use."""
    with app.app_context():
        case = builders.add_case(house.therapist)
        session = builders.add_session(house.therapist, case.id)
        return Signed(
            **asdict(furnished),
            signed_note_id=builders.add_note(house.therapist, session.id, signed=True).id,
            active_plan_id=builders.add_plan(house.therapist, case.id).id,
        )


def texts(body: object, path: Path = ()) -> Iterator[Path]:
    """Where each text of a body stands."""
    match body:
        case str():
            yield path
        case dict():
            for name, value in body.items():
                yield from texts(value, (*path, name))
        case list():
            for number, value in enumerate(body):
                yield from texts(value, (*path, number))
        case _:
            return


def with_text(body: dict[str, Any], path: Path, text: str) -> dict[str, Any]:
    changed = deepcopy(body)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = text
    return changed


def send(client: FlaskClient, address: str, method: str, body: dict[str, Any]) -> TestResponse:
    return client.open("/api/v1" + address, method=method, data=json.dumps(body), content_type="application/json")


def new_event(client: FlaskClient, case_id: str) -> str:
    """An open event for each follow-up, for a follow-up is recorded once."""
    opened = send(client, f"/cases/{case_id}/events", "POST", {"level": "TODAY", "prompt": "Missed call"})
    return str(opened.json["id"])


def check(answer: TestResponse, path: Path, text: str) -> bool:
    """True where the text was kept; a refusal names the field and is no page."""
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if answer.status_code in (200, 201, 204):
        return True
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json"), (path, text, answer.json)
    steps = {str(step) for step in path}
    assert answer.json["errors"], (path, text)
    assert all(steps & set(name.split(".")) for name in answer.json["errors"]), (path, text, answer.json)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("door", EVERY_DOOR)
def test_every_text_of_every_door_is_kept_or_refused_by_name(client: FlaskClient, told: Signed, door: str) -> None:
    path, method, body = EVERY_DOOR[door]
    places = [place for place in texts(body) if place[-1] not in FIXED]
    kept = 0
    for number in range(len(EVERYTHING)):
        place, text = places[number % len(places)], EVERYTHING[number % len(EVERYTHING)]
        found = replace(told, event_id=new_event(client, told.case_id)) if door == "follow-up" else told
        answer = send(client, path.format(**asdict(found)), method, with_text(body, place, text))
        taken = check(answer, place, text)
        kept += taken
        if taken and "version" in body and door != "follow-up":
            body = body | {"version": answer.json["version"]}
    assert kept > 0 or door in CODES_ONLY


def test_every_string_comes_back_letter_for_letter(client: FlaskClient, told: Signed) -> None:
    for text in EVERYTHING:
        added = send(client, f"/cases/{told.case_id}/goals", "POST", bodies.a_goal(words=text, measure=text))
        assert (added.json["words"], added.json["measure"]) == (text, text)


@pytest.mark.parametrize("field", ["name", "email", "qualification"])
def test_a_person_with_a_hostile_name_is_text_like_any_other(
    house: House, sign_in: Callable[[Actor], FlaskClient], field: str
) -> None:
    admin = sign_in(house.admin)
    for number, text in enumerate(EVERYTHING):
        body = {"name": "A", "email": f"a{number}@b.example", "role": "therapist", "qualification": ""} | {field: text}
        answer = send(admin, "/people", "POST", body)
        if check(answer, (field,), text):
            assert answer.json["person"][field] == text
