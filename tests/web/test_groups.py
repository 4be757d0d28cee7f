"""The form of a group session: one page, a session in each record."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.casework import records
from service.domain.actors import Actor
from service.domain.cases import Case
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def members(app: Flask, house: House) -> list[Case]:
    with app.app_context():
        return [builders.add_case(house.therapist, chosen_name=name) for name in ("Mira Brandt", "Tomás Ó Sé", "Ivo")]


def typed(members: list[Case], **changes: str) -> dict[str, str]:
    rows = {f"attendees.{each.id}.{name}": "" for each in members for name in ("attendance", "own")}
    came = {f"attendees.{each.id}.attendance": "attended" for each in members[:2]}
    common = {"starts_at": "2026-05-04T10:00", "ends_at": "2026-05-04T11:30", "place": "Room 4", "format": "dap"}
    return {**rows, **came, **common, "text": "Drew the week as a line.", **changes}


def test_a_group_is_written_once_and_placed_in_each_record(
    app: Flask, house: House, members: list[Case], sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    assert flaws(client.get("/group-sessions/new").text) == []
    answer = client.post("/group-sessions/new", data=typed(members))
    assert (answer.status_code, answer.location) == (303, "/worklist")
    with app.app_context():
        counts = [len(records.read_record(house.therapist, each.id).sessions) for each in members]
    assert counts == [1, 1, 0]
    again = client.post("/group-sessions/new", data=typed(members))
    assert again.status_code == 409
    assert flaws(again.text) == []


def test_what_cannot_be_taken_comes_back_with_the_typing(house: House, members: list[Case], sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    own = {f"attendees.{members[2].id}.own": "Rang before noon."}
    page = client.post("/group-sessions/new", data=typed(members, **own))
    assert page.status_code == 422
    assert "Say whether this client came" in page.text
    assert "Rang before noon." in page.text
    assert flaws(page.text) == []
    page = client.post("/group-sessions/new", data=typed(members, text="Mira went first."))
    assert page.status_code == 422
    assert "name people only in their own part" in page.text
    alone = {f"attendees.{members[1].id}.attendance": ""}
    page = client.post("/group-sessions/new", data=typed(members, **alone))
    assert page.status_code == 422
    assert "Choose at least 2" in page.text
    assert flaws(page.text) == []


def test_an_empty_caseload_has_no_group(house: House, sign_in: SignIn) -> None:
    page = sign_in(house.peer).get("/group-sessions/new").text
    assert "No open case of yours." in page
    assert flaws(page) == []
