"""The crisis lines and the second readers over HTTP, and where the lines are shown."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.instruments.capture import CaptureChannel, CaptureContext, PenHolder, Privacy
from schemas.vocabulary import EventLevel
from service.casework import crisis, events
from service.casework.crisis import PanelDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.events import NOBODY_WATCHES
from tests import builders
from tests.builders import House
from tests.casework.test_events import a_follow_up
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


def typed(**changes: str) -> dict[str, str]:
    """The form as it is sent: one line of each kind, each kind's spare line empty."""
    found: dict[str, str] = {"confirmed_by": "Marta Łuczak", "confirmed_on": clock.now().date().isoformat()}
    kinds = ("emergency", "emergency", "crisis", "crisis", "specialist", "specialist")
    for number, kind in enumerate(kinds):
        spare = number % 2
        line = {"kind": kind, "name": "" if spare else f"{kind} desk", "number": "" if spare else f"000 {number}"}
        found |= {f"lines.{number}.{name}": text for name, text in {**line, "hours": ""}.items()}
    return {"version": "1"} | found | changes


def unconfirm(app: Flask, house: House) -> None:
    with app.app_context():
        crisis.change_panel(house.admin, PanelDraft(()), version=1)


def test_an_administrator_types_and_confirms_the_lines(app: Flask, house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    assert flaws(client.get("/practice/crisis-lines").text) == []
    answer = client.post("/practice/crisis-lines", data=typed())
    assert answer.status_code == 303
    page = client.get("/practice").text
    assert flaws(page) == []
    assert "crisis desk" in page
    assert "Confirmed by Marta Łuczak on" in page
    with app.app_context():
        assert len(crisis.read_panel(house.admin).lines) == 3


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("lines.1.name", "Second desk", "lines.1.number"),
        ("lines.0.name", "", "lines.0.name"),
        ("confirmed_by", "", "confirmed_by"),
        ("confirmed_on", "2999-01-01", "confirmed_on"),
    ],
)
def test_a_half_line_is_named_and_the_typing_kept(
    house: House, sign_in: SignIn, name: str, value: str, field: str
) -> None:
    answer = sign_in(house.admin).post("/practice/crisis-lines", data=typed(**{name: value}))
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert "specialist desk" in answer.text
    assert flaws(answer.text) == []


def test_a_therapist_reads_the_lines_and_cannot_change_them(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    page = client.get("/practice").text
    assert "Harbour service of the tests" in page
    assert "Change the crisis lines" not in page
    assert client.get("/practice/crisis-lines").status_code == 403
    assert client.post("/practice/crisis-lines", data=typed()).status_code == 403


def test_an_administrator_sees_first_what_is_left_to_do(app: Flask, house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    assert "Enter the crisis lines" not in client.get("/people").text
    unconfirm(app, house)
    for page in (client.get("/people").text, client.get("/practice").text):
        assert "Enter the crisis lines" in page
        assert flaws(page) == []


def test_the_page_of_a_log_says_before_any_typing_that_none_can_be_recorded(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
    client = sign_in(house.therapist)
    assert "<textarea" in client.get(f"/cases/{case.id}/log").text
    unconfirm(app, house)
    page = client.get(f"/cases/{case.id}/log").text
    assert "No log can be recorded" in page
    assert "administrator" in page
    assert "<textarea" not in page
    assert flaws(page) == []


def test_the_lines_stand_on_an_event_and_on_the_log_that_opened_it(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
        quiet = builders.add_intake(house.therapist, case.id).intake
        loud = builders.add_intake(house.therapist, case.id, builders.wsl_answers(1, E2="4")).intake
        event = events.open_event(house.therapist, case.id, EventLevel.NOW, prompt="Threat told")
    client = sign_in(house.therapist)
    assert "000 111" in client.get(f"/events/{event.id}").text
    assert "000 111" in client.get(f"/intakes/{loud.id}").text
    assert "000 111" not in client.get(f"/intakes/{quiet.id}").text


def test_answers_from_elsewhere_show_the_lines_at_once_and_that_nobody_watches(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    far = CaptureContext(CaptureChannel.PHONE, Privacy.YES, PenHolder.CLINICIAN, device_confirmed=True)
    with app.app_context():
        case = builders.add_case(house.therapist)
        remote = builders.add_intake(house.therapist, case.id, capture=far).intake
        here = builders.add_intake(house.therapist, case.id).intake
    client = sign_in(house.therapist)
    page = client.get(f"/intakes/{remote.id}").text
    assert NOBODY_WATCHES in page
    assert "000 111" in page
    assert flaws(page) == []
    assert NOBODY_WATCHES not in client.get(f"/intakes/{here.id}").text


def test_second_readers_are_named_and_ended(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    assert flaws(client.get("/practice/second-readers").text) == []
    chosen = {"account_id": house.peer.user_id}
    assert client.post("/practice/second-readers", data=chosen).status_code == 303
    page = client.get("/practice/second-readers").text
    assert 'rowheader"><span dir="auto">Jonas Weiß' in page
    assert flaws(page) == []
    assert client.post("/practice/second-readers/end", data=chosen).status_code == 303
    assert "Nobody is named yet." in client.get("/practice/second-readers").text


def test_a_named_reader_finds_the_waiting_event_and_answers(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        crisis.name_reader(house.admin, house.peer.user_id)
        case = builders.add_case(house.therapist)
        event = events.open_event(house.therapist, case.id, EventLevel.NOW, prompt="Threat told")
    own, reader = sign_in(house.therapist), sign_in(house.peer)
    follow_up = {
        "code": "advocate_handover",
        "offered": "A call",
        "client_wish": "To ring together",
        "decided_by": "Both",
        "text": "Rang the service together before the end.",
        "at": "2026-03-10T14:00",
        "next_check": str(clock.now().date() + timedelta(days=3)),
        "version": str(event.version),
    }
    assert own.post(f"/events/{event.id}", data=follow_up).status_code == 303
    assert "Waits for a second reader" in own.get(f"/cases/{case.id}/events").text
    queue = reader.get("/second-readings").text
    assert flaws(queue) == []
    assert f"/events/{event.id}/reading" in queue
    page = reader.get(f"/events/{event.id}/reading").text
    assert flaws(page) == []
    assert "Rang the service together" in page
    assert case.client.chosen_name not in page
    version = page.partition('name="version" value="')[2].partition('"')[0]
    sent = {"verdict": "more", "text": "", "version": version}
    refused = reader.post(f"/events/{event.id}/reading", data=sent)
    assert refused.status_code == 422
    assert flaws(refused.text) == []
    answer = reader.post(f"/events/{event.id}/reading", data={**sent, "verdict": "agreed"})
    assert answer.status_code == 303
    assert "Read by a second reader, Jonas Weiß" in own.get(f"/events/{event.id}").text
    assert reader.get(f"/events/{event.id}/reading").status_code == 404
    assert own.get(f"/events/{event.id}/reading").status_code == 200


def test_the_escalation_of_a_second_reading_can_be_opened_and_acted_on(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist, chosen_name="Wanda Nobody")
        event = events.open_event(house.therapist, case.id, EventLevel.NOW, prompt="Threat told")
        events.dispose_event(house.therapist, event.id, a_follow_up(), version=event.version)
    with clock.standing_at(clock.now() + timedelta(hours=25)):
        client = sign_in(house.admin)
        for page in ("/people", "/practice"):
            assert 'href="/practice/late-readings"' in client.get(page).text
        html = client.get("/practice/late-readings").text
        assert case.code in html and html.count(" ago)") == 1
        assert "Threat told" not in html
        assert "Wanda" not in html
        assert flaws(html) == []
        answer = client.post("/practice/late-readings", data={"account_id": house.peer.user_id})
        assert answer.headers["Location"] == "/practice/late-readings"
        assert "Threat told" in sign_in(house.peer).get("/second-readings").text
        wrong = client.post("/practice/late-readings", data={"account_id": house.admin.user_id})
        assert (wrong.status_code, "Choose a therapist or a supervisor." in wrong.text) == (422, True)


def test_an_administrator_turns_flags_on_and_off_and_nobody_else_sees_the_choice(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    for sent, button in (("yes", "Turn flags off"), ("no", "Turn flags on")):
        assert client.post("/practice/flags", data={"flags_leave": sent}).status_code == 303
        page = client.get("/practice").text
        assert button in page
        assert flaws(page) == []
    therapist = sign_in(house.therapist)
    assert "Turn flags" not in therapist.get("/practice").text
    assert therapist.post("/practice/flags", data={"flags_leave": "yes"}).status_code == 403
