"""The programme's pages over HTTP: moves, refusals with the typing kept, the gate, cards, sessions; no page counts."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.programme import newest
from schemas.programme_codes import StepState
from service.domain.actors import Actor
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
COUNTS = re.compile(
    r"\d\s*%|per ?cent|\bstreak|\bdays? (?:in a row|without|since)|\d+ of (?:7|\d+) (?:steps|tasks)", re.I
)


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


def url_of(case_id: str, rest: str = "") -> str:
    return f"/cases/{case_id}/programme{rest}"


def test_the_programme_begins_with_nothing_offered(house: House, case_id: str, sign_in: SignIn) -> None:
    html = sign_in(house.therapist).get(url_of(case_id)).text
    assert flaws(html) == []
    assert "No step has been offered yet." in html
    assert all(each.title in html for each in newest().steps)
    assert "it has not been tested as a programme" in html


def test_a_step_is_moved_with_its_reason_and_its_answers(house: House, case_id: str, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    step = url_of(case_id, "/steps/1")
    offered = client.post(f"{step}/move", data={"to": "offered", "why": "She asked for it", "version": "1"})
    assert offered.status_code == 303
    assert "Undo" in client.get(step).text
    sent = {
        "to": "active",
        "why": "Ready",
        "version": "2",
        "answers.why_now": "Because of Tuesday",
        "answers.harder": "",
    }
    assert client.post(f"{step}/move", data=sent).status_code == 303
    html = client.get(step).text
    assert flaws(html) == []
    for words in ("Working on it", "She asked for it", "Because of Tuesday", "Ana Núñez"):
        assert words in html
    assert "Working on: step 1" in client.get(f"/cases/{case_id}").text


def test_a_refused_move_keeps_the_typing_and_names_the_field(house: House, case_id: str, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    sent = {"to": "done_for_now", "why": "Typed at length", "version": "1"}
    answer = client.post(url_of(case_id, "/steps/2/move"), data=sent)
    assert answer.status_code == 422
    assert "Typed at length" in answer.text and "can go to" in answer.text
    assert flaws(answer.text) == []
    empty = client.post(url_of(case_id, "/steps/2/move"), data={"to": "offered", "why": " ", "version": "1"})
    assert empty.status_code == 422


def test_a_stale_move_shows_both_texts(house: House, case_id: str, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    sent = {"to": "offered", "why": "First", "version": "1"}
    assert client.post(url_of(case_id, "/steps/2/move"), data=sent).status_code == 303
    answer = client.post(url_of(case_id, "/steps/2/move"), data=sent | {"to": "not_suitable", "why": "Second"})
    assert answer.status_code == 409
    assert "First" in answer.text and "Second" in answer.text


def test_sending_a_move_twice_moves_once(house: House, case_id: str, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    sent = {"to": "offered", "why": "Once", "version": "1"}
    statuses = [client.post(url_of(case_id, "/steps/3/move"), data=sent).status_code for _ in range(2)]
    assert statuses == [303, 409]


def test_undo_takes_the_newest_move_back(app: Flask, house: House, case_id: str, sign_in: SignIn) -> None:
    with app.app_context():
        entry = builders.offer_step(house.therapist, case_id, "4").entries[-1]
    client = sign_in(house.therapist)
    assert client.post(f"/programme-entries/{entry.id}/take-back").status_code == 303
    html = client.get(url_of(case_id, "/steps/4")).text
    assert "Not started" in html and "(taken back)" in html
    assert client.post(f"/programme-entries/{entry.id}/take-back").status_code == 409


def test_a_task_is_offered_with_what_to_mind_and_noted(app: Flask, house: House, case_id: str, sign_in: SignIn) -> None:
    with app.app_context():
        builders.offer_step(house.therapist, case_id, active=True)
    client = sign_in(house.therapist)
    address = url_of(case_id, "/tasks/1a")
    assert "who could find it" in client.get(address).text
    assert flaws(client.get(address).text) == []
    sent = {"state": "doing", "note": "Two evenings", "version": "1"}
    assert client.post(address, data=sent).status_code == 303
    assert "Two evenings" in client.get(url_of(case_id, "/steps/1")).text
    bad = client.post(address, data={"note": "Kept", "version": "2"})
    assert bad.status_code == 422 and "Kept" in bad.text
    assert client.get(url_of(case_id, "/tasks/1q")).status_code == 404
    assert client.get(url_of(case_id, "/steps/8")).status_code == 404


def test_step_five_tells_each_condition_and_refuses_until_they_stand(
    app: Flask, house: House, case_id: str, sign_in: SignIn
) -> None:
    with app.app_context():
        builders.offer_step(house.therapist, case_id, "5")
    client, step = sign_in(house.therapist), url_of(case_id, "/steps/5")
    html = client.get(step).text
    assert html.count("Still open") == 4 and html.count(">Stands<") <= 1
    refused = client.post(f"{step}/move", data={"to": "active", "why": "Now", "version": "2"})
    assert refused.status_code == 422
    assert "Not yet." in refused.text and "No plan is in use" in refused.text
    for condition in ("coping_tested", "trained_clinician", "client_agrees"):
        sent = {"condition": condition, "name": "Dr Lindqvist", "on": "2026-01-05"}
        assert client.post(f"{step}/confirmations", data=sent).status_code == 303
    with app.app_context():
        builders.add_plan(house.therapist, case_id)
    html = client.get(step).text
    assert "Still open" not in html and "Dr Lindqvist" in html and flaws(html) == []
    assert client.post(f"{step}/move", data={"to": "active", "why": "Now", "version": "2"}).status_code == 303


def test_rulers_become_pictures_with_words_and_numbers(house: House, case_id: str, sign_in: SignIn) -> None:
    client, step = sign_in(house.therapist), url_of(case_id, "/steps/2")
    for numbers in (("8", "3", "2"), ("8", "5", "")):
        sent = dict(zip(("importance", "confidence", "safe_to_act"), numbers, strict=True)) | {"note": ""}
        assert client.post(f"{step}/rulers", data=sent).status_code == 303
    html = client.get(url_of(case_id)).text
    assert html.count("<svg") >= 3 and "Show the numbers" in html and "Not a measure of danger" in html
    assert flaws(html) == []
    none = client.post(f"{step}/rulers", data={"note": "Only words"})
    assert none.status_code == 422 and "Only words" in none.text


def test_barriers_are_written_down_and_lead_to_the_plan(house: House, case_id: str, sign_in: SignIn) -> None:
    client, address = sign_in(house.therapist), url_of(case_id, "/barriers")
    assert flaws(client.get(address).text) == []
    assert client.post(address, data={"barrier": "money", "words": "One account"}).status_code == 303
    html = client.get(address).text
    assert "One account" in html and f"/cases/{case_id}/plans" in html
    assert client.post(address, data={"barrier": "", "words": "Kept"}).status_code == 422


@pytest.mark.parametrize("key", [each.key for each in newest().cards])
def test_a_card_names_nobody_and_has_three_ways_out(house: House, case_id: str, key: str, sign_in: SignIn) -> None:
    html = sign_in(house.therapist).get(url_of(case_id, f"/cards/{key}")).text
    assert flaws(html) == []
    for words in ("Skip", "Talk about this instead", "Stop"):
        assert words in html
    for name in ("Zoë", "Okonkwo", "Linden", "Ana", "Stepwell"):
        assert name not in html
    assert "<title>To read</title>" in html


def test_a_session_says_which_steps_it_touched(app: Flask, house: House, case_id: str, sign_in: SignIn) -> None:
    with app.app_context():
        session_id = builders.add_session(house.therapist, case_id).id
    client = sign_in(house.therapist)
    address = f"/sessions/{session_id}/steps"
    assert address in client.get(f"/sessions/{session_id}").text
    assert flaws(client.get(address).text) == []
    assert client.post(address, data={"touched": ["3", "3c"]}).status_code == 303
    assert client.get(address).text.count(" checked") == 2
    assert "Get through hard hours and urges" in client.get(f"/sessions/{session_id}").text
    assert client.post(address, data={}).status_code == 303
    assert "Steps of the programme: none named" in client.get(f"/sessions/{session_id}").text
    assert client.get(address).text.count(" checked") == 0


def test_each_task_leads_to_the_page_on_which_it_is_written_down(house: House, case_id: str, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    for step, pages in (
        ("1", ("relationship-review",)),
        ("2", ("contact-plan", "plans")),
        ("3", ("tools", "plans")),
        ("4", ("network",)),
    ):
        html = client.get(url_of(case_id, f"/steps/{step}")).text
        for page in pages:
            assert f'<a href="/cases/{case_id}/{page}">Open the' in html, (step, page)
            assert client.get(f"/cases/{case_id}/{page}").status_code == 200


def test_no_page_counts_or_measures(app: Flask, house: House, case_id: str, sign_in: SignIn) -> None:
    """WR-7: no percent, no streak, no counter of days, nothing of the form 3 of 7."""
    with app.app_context():
        for step in ("1", "3"):
            builders.offer_step(house.therapist, case_id, step, active=True)
        builders.move(house.therapist, case_id, "1", StepState.DONE_FOR_NOW)
    client = sign_in(house.therapist)
    pages = [url_of(case_id), *(url_of(case_id, f"/steps/{number}") for number in range(1, 8)), f"/cases/{case_id}"]
    for address in pages:
        words = re.sub(r"<[^>]+>", " ", client.get(address).text)
        assert COUNTS.search(words) is None, address
    for text in ("40 %", "a 5 day streak", "3 of 7 steps", "12 days without contact"):
        assert COUNTS.search(text)


def test_a_supervisor_reads_and_sees_no_form(app: Flask, house: House, case_id: str, sign_in: SignIn) -> None:
    with app.app_context():
        builders.offer_step(house.therapist, case_id)
    client = sign_in(house.supervisor)
    html = client.get(url_of(case_id, "/steps/1")).text
    assert "Talked about it and agreed" in html and "Record this move" not in html
    assert (
        client.post(url_of(case_id, "/steps/1/move"), data={"to": "active", "why": "x", "version": "2"}).status_code
        == 403
    )
