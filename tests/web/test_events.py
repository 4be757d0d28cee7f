"""Safety events over HTTP: opening one and recording its follow-up."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.event_codes import Disposition
from schemas.vocabulary import EventLevel, EventStatus
from service.casework import events
from service.domain import clock
from service.domain.actors import Actor
from service.domain.events import SafetyEvent
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


def follow_up(event: SafetyEvent, **changes: str) -> dict[str, str]:
    typed = {
        "code": "plan_revised",
        "offered": "Time to talk",
        "client_wish": "Look at the plan",
        "decided_by": "Both",
        "text": "Asked directly and in private about the week.",
        "at": "2026-03-10T14:00",
        "next_check": str(clock.now().date() + timedelta(days=7)),
        "version": str(event.version),
    }
    return typed | changes


@pytest.fixture
def event(app: Flask, house: House) -> SafetyEvent:
    with app.app_context():
        case = builders.add_case(house.therapist)
        return events.open_event(house.therapist, case.id, EventLevel.NOW, prompt="Somebody waited outside")


def stored(app: Flask, house: House, event: SafetyEvent) -> SafetyEvent:
    with app.app_context():
        return events.read_event(house.therapist, event.id)


def test_an_open_event_asks_for_its_follow_up(house: House, event: SafetyEvent, sign_in: SignIn) -> None:
    html = sign_in(house.therapist).get(f"/events/{event.id}").text
    assert "Somebody waited outside" in html
    assert "Noticed by Ana Núñez" in html
    assert "Record follow-up" in html
    assert flaws(html) == []


def test_a_whole_follow_up_is_recorded_in_the_zone_of_the_practice(
    app: Flask, house: House, event: SafetyEvent, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    typed = follow_up(event, at="2026-07-10T14:00")
    assert client.post(f"/events/{event.id}", data=typed).status_code == 303
    kept = stored(app, house, event)
    assert kept.status is EventStatus.DISPOSED
    assert kept.follow_up is not None
    assert kept.follow_up.code is Disposition.PLAN_REVISED
    assert kept.follow_up.at == builders.at(2026, 7, 10, 13)
    html = client.get(f"/events/{event.id}").text
    assert "Record what came of the check" in html
    assert "Safety plan made or revised" in html
    assert "Waits for a second reader" in html
    assert flaws(html) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "too short"),
        ("next_check", ""),
        ("code", ""),
        ("offered", " "),
        ("at", "yesterday"),
        ("decided_by", ""),
    ],
)
def test_an_incomplete_follow_up_names_the_field_and_keeps_the_typing(
    app: Flask, house: House, event: SafetyEvent, sign_in: SignIn, name: str, value: str
) -> None:
    answer = sign_in(house.therapist).post(f"/events/{event.id}", data=follow_up(event, **{name: value}))
    assert answer.status_code == 422
    assert f'href="#f-{name}"' in answer.text
    assert "Look at the plan" in answer.text
    assert flaws(answer.text) == []
    assert stored(app, house, event).status is EventStatus.OPEN


def test_a_second_follow_up_is_refused_with_the_typing_kept(house: House, event: SafetyEvent, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    client.post(f"/events/{event.id}", data=follow_up(event))
    answer = client.post(f"/events/{event.id}", data=follow_up(event, text="Another account of the same talk."))
    assert answer.status_code == 409
    assert "Another account of the same talk." in answer.text
    assert flaws(answer.text) == []


def test_a_person_opens_an_event_by_hand(house: House, event: SafetyEvent, sign_in: SignIn) -> None:
    client, url = sign_in(house.therapist), f"/cases/{event.case_id}/events/new"
    assert flaws(client.get(url).text) == []
    refused = client.post(url, data={"prompt": "", "level": "TODAY", "session_id": ""})
    assert refused.status_code == 422
    assert flaws(refused.text) == []
    answer = client.post(url, data={"prompt": "Letters at the door", "level": "TODAY", "session_id": ""})
    assert answer.status_code == 303
    assert "Letters at the door" in client.get(answer.headers["Location"]).text


def test_the_soonest_response_stands_on_top_of_the_list(
    app: Flask, house: House, event: SafetyEvent, sign_in: SignIn
) -> None:
    with app.app_context():
        events.open_event(house.therapist, event.case_id, EventLevel.NEXT, prompt="Ask about sleep")
    html = sign_in(house.therapist).get(f"/cases/{event.case_id}/events").text
    assert html.index("Somebody waited outside") < html.index("Ask about sleep")
    assert flaws(html) == []


def test_an_event_that_an_answer_opened_names_the_item(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
        builders.add_intake(house.therapist, case.id, builders.wsl_answers(2, E2="4"))
    html = sign_in(house.therapist).get(f"/cases/{case.id}/events").text
    assert "An answer in the log: Low mood or losing hope" in html


def test_a_supervisor_reads_an_event_and_cannot_answer_it(house: House, event: SafetyEvent, sign_in: SignIn) -> None:
    supervisor = sign_in(house.supervisor)
    html = supervisor.get(f"/events/{event.id}").text
    assert "The therapist of this case records it." in html
    assert "Record follow-up" not in html
    assert supervisor.post(f"/events/{event.id}", data=follow_up(event)).status_code == 403


def test_an_event_of_a_colleagues_case_is_not_there(house: House, event: SafetyEvent, sign_in: SignIn) -> None:
    peer = sign_in(house.peer)
    assert peer.get(f"/events/{event.id}").status_code == 404
    assert peer.post(f"/events/{event.id}", data=follow_up(event)).status_code == 404


def test_an_event_is_taken_up_again_by_a_new_one_that_names_it(
    house: House, event: SafetyEvent, sign_in: SignIn
) -> None:
    client, url = sign_in(house.therapist), f"/events/{event.id}/reopen"
    client.post(f"/events/{event.id}", data=follow_up(event))
    assert flaws(client.get(url).text) == []
    refused = client.post(url, data={"prompt": "", "level": "NOW"})
    assert (refused.status_code, flaws(refused.text)) == (422, [])
    answer = client.post(url, data={"prompt": "Letters at the door again", "level": "TODAY"})
    assert answer.status_code == 303
    newer = client.get(answer.headers["Location"]).text
    assert f'<a href="/events/{event.id}">The earlier event</a>' in newer
    assert "Taken up again" in client.get(f"/events/{event.id}").text


def test_an_event_is_said_to_be_an_error_with_a_reason(
    app: Flask, house: House, event: SafetyEvent, sign_in: SignIn
) -> None:
    client, url = sign_in(house.therapist), f"/events/{event.id}/error"
    assert flaws(client.get(url).text) == []
    refused = client.post(url, data={"reason": "Oops", "version": "1"})
    assert (refused.status_code, flaws(refused.text)) == (422, [])
    assert client.post(url, data={"reason": "It was typed into the wrong case.", "version": "1"}).status_code == 303
    assert stored(app, house, event).status is EventStatus.OPEN
    reader = sign_in(house.supervisor)
    page = reader.get(f"/events/{event.id}/reading").text
    assert "It was typed into the wrong case." in page
    assert "Opened by mistake?" not in client.get(f"/events/{event.id}").text


def test_the_page_of_a_blocked_note_says_so(app: Flask, house: House, event: SafetyEvent, sign_in: SignIn) -> None:
    with app.app_context():
        session = builders.add_session(house.therapist, event.case_id)
        builders.add_note(house.therapist, session.id)
    client = sign_in(house.therapist)
    blocked = "Draft, blocked: a follow-up to respond now is open"
    assert blocked in client.get(f"/sessions/{session.id}").text
    client.post(f"/events/{event.id}", data=follow_up(event))
    assert blocked not in client.get(f"/sessions/{session.id}").text


def test_a_check_whose_date_has_passed_brings_the_banner_back(
    app: Flask, house: House, event: SafetyEvent, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    client.post(f"/events/{event.id}", data=follow_up(event))
    banner = "a follow-up is open"
    assert banner not in client.get(f"/cases/{event.case_id}").text
    with clock.standing_at(clock.now() + timedelta(days=8)):
        later = sign_in(house.therapist)
        assert banner in later.get(f"/cases/{event.case_id}").text
        html = later.get(f"/events/{event.id}").text
    assert "Check date has passed" in html
    assert "This was the check: no further date" in html
    assert flaws(html) == []


def test_a_later_session_brings_the_banner_back_over_every_page_of_the_case(
    app: Flask, house: House, event: SafetyEvent, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    client.post(f"/events/{event.id}", data=follow_up(event))
    pages = (f"/cases/{event.case_id}", f"/cases/{event.case_id}/course", f"/cases/{event.case_id}/plans")
    banner = "a session came after the follow-up"
    assert not any(banner in client.get(each).text for each in pages)
    with clock.standing_at(clock.now() + timedelta(days=1)):
        with app.app_context():
            session = builders.add_session(house.therapist, event.case_id)
        later = sign_in(house.therapist)
        assert all(banner in later.get(each).text for each in (*pages, f"/sessions/{session.id}"))
        html = later.get(f"/events/{event.id}").text
        assert "A session came after the follow-up" in html
        later.post(f"/events/{event.id}", data=follow_up(stored(app, house, event)))
        assert not any(banner in later.get(each).text for each in pages)
    assert flaws(html) == []
