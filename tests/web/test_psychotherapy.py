"""Working notes on their own screen: neutral titles, drafts that save themselves, hints, one opened in training."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain import clock
from service.domain.actors import Actor
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
AS_SCRIPT = {"X-Requested-With": "fetch", "Accept": "application/json"}


@pytest.fixture
def place(app: Flask, house: House) -> tuple[str, str]:
    """Ids of a case and of a session that took place."""
    with app.app_context():
        case = builders.add_case(house.therapist)
        return case.id, builders.add_session(house.therapist, case.id).id


def test_the_screen_has_a_title_that_tells_nothing(house: House, place: tuple[str, str], sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    page = client.get(f"/sessions/{place[1]}/working-note").text
    assert "<title>Working note C-" in page
    assert "sychotherapy" not in page
    assert flaws(page) == []
    kept = client.post(f"/sessions/{place[1]}/working-note", data={"text": "What I thought.", "version": ""})
    assert kept.status_code == 303
    assert "What I thought." in client.get(kept.location).text
    listed = client.get(f"/cases/{place[0]}/working-notes").text
    assert "What I thought." not in listed
    assert flaws(listed) == []


def test_a_draft_saves_itself_and_says_what_belongs_elsewhere(
    house: House, place: tuple[str, str], sign_in: SignIn
) -> None:
    client, address = sign_in(house.therapist), f"/sessions/{place[1]}/working-note"
    first = client.post(address, data={"text": "Sertraline 50 mg, weekly.", "version": ""}, headers=AS_SCRIPT)
    assert first.json is not None
    assert (first.status_code, first.json["version"]) == (200, 1)
    assert "medication" in first.json["steps"]
    assert "how often you meet" in first.json["steps"]
    again = client.post(address, data={"text": "A yellow door.", "version": "1"}, headers=AS_SCRIPT)
    assert again.json is not None
    assert "progress note" not in again.json["steps"]
    assert "medication" not in client.get(address).text.partition('class="steps-bar"')[2]


def test_two_windows_are_shown_both_texts(house: House, place: tuple[str, str], sign_in: SignIn) -> None:
    client, address = sign_in(house.therapist), f"/sessions/{place[1]}/working-note"
    client.post(address, data={"text": "First", "version": ""})
    client.post(address, data={"text": "In the other window", "version": "1"})
    stale = client.post(address, data={"text": "In this window", "version": "1"})
    assert stale.status_code == 409
    assert "In the other window" in stale.text
    assert "In this window" in stale.text
    assert client.post(address, data={"text": "In this", "version": "1"}, headers=AS_SCRIPT).status_code == 409
    settled = client.post(address, data={"text": "Both", "version": "2"})
    assert settled.status_code == 303


def test_what_cannot_be_taken_is_told_at_the_field(house: House, place: tuple[str, str], sign_in: SignIn) -> None:
    client, address = sign_in(house.therapist), f"/sessions/{place[1]}/working-note"
    refused = client.post(address, data={"text": "x" * 20_001, "version": ""})
    assert refused.status_code == 422
    assert "20,000" in refused.text
    assert client.post(address, data={"version": ""}).status_code == 422


def test_a_note_is_opened_read_and_taken_back(
    app: Flask, house: House, place: tuple[str, str], sign_in: SignIn
) -> None:
    author, supervisor = sign_in(house.therapist), sign_in(house.supervisor)
    with app.app_context():
        note = builders.add_working_note(house.therapist, place[1], "For our hour")
    address = f"/working-notes/{note.id}/opening"
    until = (clock.now().date() + timedelta(days=2)).isoformat()
    given = {"supervisor_id": house.supervisor.user_id, "until": until}
    assert author.post(address, data=given).status_code == 422
    assert author.post(address, data=given | {"training": "yes"}).status_code == 303
    assert f"/working-notes/{note.id}/training" in supervisor.get("/team/working-notes").text
    read = supervisor.get(f"/working-notes/{note.id}/training").text
    assert "For our hour" in read
    assert "Training under supervision" in read
    assert flaws(read) == []
    page = author.get(address).text
    assert flaws(page) == []
    assert "1, last" in page
    taken = page.partition("/working-note-openings/")[2].partition("/")[0]
    assert author.post(f"/working-note-openings/{taken}/withdraw").status_code == 303
    assert supervisor.get(f"/working-notes/{note.id}/training").status_code == 404
    assert "Nothing is open to you." in supervisor.get("/team/working-notes").text


def test_the_case_page_says_nothing_about_them_to_a_supervisor(
    app: Flask, house: House, place: tuple[str, str], sign_in: SignIn
) -> None:
    with app.app_context():
        builders.add_working_note(house.therapist, place[1])
    assert "Your working notes" in sign_in(house.therapist).get(f"/cases/{place[0]}").text
    assert "orking note" not in sign_in(house.supervisor).get(f"/cases/{place[0]}").text
