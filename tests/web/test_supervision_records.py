"""Pages of supervision: recorded by forms, cases apart, actions on the day, hours on the team page."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from service.casework import supervision_records
from service.domain import clock
from service.domain.actors import Actor
from service.domain.supervision_records import TouchedWords
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
TODAY = clock.now().date().isoformat()


def test_a_meeting_is_recorded_and_worked_with_on_plain_forms(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
    client, therapist = sign_in(house.supervisor), sign_in(house.therapist)
    assert "No meeting yet." in client.get("/supervision").text
    meeting = {"with_id": house.therapist.user_id, "held_on": TODAY, "minutes": "60", "mode": "individual"}
    refused = client.post("/supervision/new", data=meeting | {"minutes": "1", "words": "Kept typing"})
    assert refused.status_code == 422
    assert "Kept typing" in refused.text
    address = client.post("/supervision/new", data=meeting | {"words": "Limits"}).location
    said = {"case_id": case.id, "decisions": "Ask again", "risks": "A letter", "version": ""}
    assert client.post(f"{address}/case", data=said).status_code == 303
    to_do = {"owner_id": house.therapist.user_id, "words": "Ring the service", "due_on": TODAY, "case_id": ""}
    assert client.post(f"{address}/actions", data=to_do).status_code == 303
    page = therapist.get(address).text
    for words in ("Limits", "Ask again", "A letter", case.code, "Ring the service", "Copy the decision"):
        assert words in page
    assert "Copy the decision" not in client.get(address).text
    day = therapist.get("/day").text
    assert "From supervision" in day
    assert f'href="{address}"' in day
    done = page.partition("/actions/")[2].partition("/")[0]
    assert therapist.post(f"{address}/actions/{done}/done", data={"done": "yes"}).status_code == 303
    assert "From supervision" not in therapist.get("/day").text
    pages = (page, day, refused.text, *(client.get(address + end).text for end in ("", "/change", "/case")))
    assert [flaws(each) for each in pages] == [[]] * len(pages)


def test_a_stale_change_shows_both_texts(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        record = builders.add_meeting(house.supervisor, house.therapist)
    client, address = sign_in(house.therapist), f"/supervision/{record.id}/change"
    given = {"held_on": TODAY, "minutes": "60", "mode": "individual", "words": "First", "version": "1"}
    assert client.post(address, data=given).status_code == 303
    stale = client.post(address, data=given | {"words": "Second"})
    assert stale.status_code == 409
    assert "First" in stale.text
    assert "Second" in stale.text


def test_a_decision_is_copied_with_its_consequence_named(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
        note = builders.add_note(house.therapist, builders.add_session(house.therapist, case.id).id, signed=True)
        record = builders.add_meeting(house.supervisor, house.therapist)
        words = TouchedWords("Ask again", "")
        supervision_records.touch_case(house.supervisor, record.id, case.id, words, version=None)
    client, address = sign_in(house.therapist), f"/supervision/{record.id}/copy"
    page = client.get(f"{address}?case_id={case.id}").text
    assert "It cannot be taken out again." in page
    assert "Decided in supervision on" in page
    assert flaws(page) == []
    kept = client.post(address, data={"note_id": note.id, "text": "Decided in supervision: ask again."})
    assert kept.status_code == 303
    assert "Decided in supervision: ask again." in client.get(kept.location).text
    assert sign_in(house.supervisor).get(address).status_code == 404


def test_hours_are_told_against_what_was_agreed(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        builders.add_case(house.therapist)
        builders.add_meeting(house.supervisor, house.therapist, minutes=90)
    client = sign_in(house.supervisor)
    assert client.post("/supervision/target", data={"therapist_id": house.therapist.user_id, "hours": "4"}).location
    assert "1.5 of 4 hours" in client.get("/supervision").text
    assert "1.5 of 4 hours" in client.get("/team").text
    wrong = client.post("/supervision/target", data={"therapist_id": house.therapist.user_id, "hours": "many"})
    assert wrong.status_code == 422
    assert "1.5 of 4 hours" in sign_in(house.therapist).get("/supervision").text
    assert "Hours agreed" not in sign_in(house.therapist).get("/supervision").text


def test_who_has_no_supervision_is_told_how_it_comes_about(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.peer)
    assert "Nobody supervises you" in client.get("/supervision").text
    assert "There is nobody to meet with." in client.get("/supervision/new").text
