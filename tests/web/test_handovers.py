"""Handing a form over from the pages: the code in the clinician's browser, this very device, and unfinished answers."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.casework import client_screen
from service.domain.actors import Actor
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
CHOSEN = {
    "instrument_key": "wsl",
    "mode": "steps",
    "private": "yes",
    "interpreter": "none",
    "contact_context": "on_off",
    "session_id": "",
}


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


@pytest.fixture
def therapist(house: House, sign_in: SignIn) -> FlaskClient:
    return sign_in(house.therapist)


def hand_over(client: FlaskClient, case_id: str, **changes: str) -> str:
    """Returns the address of the hand-over."""
    answer = client.post(f"/cases/{case_id}/handover", data={**CHOSEN, "where": "code", **changes})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def code_on(page: str) -> str:
    found = re.search(r"<b class=\"large\">([A-Z0-9 ]+)</b>", page)
    return found[1] if found else ""


def answered(app: Flask, code: str, *, leave: bool) -> None:
    with app.app_context():
        token = client_screen.open_screen(code)
        client_screen.answer(token, {"P1": "3", "E2": "4"}, shown=("P1", "E2"))
        if leave:
            client_screen.leave(token)
        db.session.rollback()


def test_the_form_offers_what_may_be_handed_over_and_chooses_nothing(therapist: FlaskClient, case_id: str) -> None:
    page = therapist.get(f"/cases/{case_id}/handover")
    assert flaws(page.text) == []
    assert '<option value="wsl">' in page.text
    assert '<option value="sfs">' not in page.text
    assert " checked" not in page.text
    assert "<title>Hand over" in page.text


def test_the_code_is_shown_to_the_browser_that_made_it_while_it_waits(
    app: Flask, house: House, sign_in: SignIn, therapist: FlaskClient, case_id: str
) -> None:
    address = hand_over(therapist, case_id)
    page = therapist.get(address)
    code = code_on(page.text)
    assert flaws(page.text) == []
    assert len(code.replace(" ", "")) == 8
    assert "http://localhost/begin" in page.text
    assert code_on(sign_in(house.therapist).get(address).text) == ""
    answered(app, code, leave=False)
    page = therapist.get(address)
    assert code_on(page.text) == ""
    assert "The client is answering" in page.text
    assert "somewhat" not in page.text


def test_a_lost_code_is_replaced(app: Flask, therapist: FlaskClient, case_id: str) -> None:
    address = hand_over(therapist, case_id)
    first = code_on(therapist.get(address).text)
    assert therapist.post(f"{address}/code").headers["Location"] == address
    second = code_on(therapist.get(address).text)
    assert first != second
    answered(app, second, leave=False)
    assert therapist.post(f"{address}/code").status_code == 409


def test_handing_this_device_over_locks_the_sign_in_first(therapist: FlaskClient, case_id: str) -> None:
    answer = therapist.post(f"/cases/{case_id}/handover", data={**CHOSEN, "where": "here"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/form")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert therapist.get("/form").status_code == 200
    for path in ("/day", f"/cases/{case_id}", "/account", f"/api/v1/cases/{case_id}"):
        refused = therapist.get(path)
        assert (refused.status_code, refused.headers.get("Location", "/unlock")[:7]) in (
            (303, "/unlock"),
            (403, "/unlock"),
        )


def test_a_code_that_waits_can_be_turned_into_this_device(therapist: FlaskClient, case_id: str) -> None:
    address = hand_over(therapist, case_id)
    assert therapist.post(f"{address}/here").headers["Location"] == "/form"
    assert therapist.get(address).headers["Location"].startswith("/unlock")


def test_a_refusal_keeps_what_was_chosen_and_locks_nothing(therapist: FlaskClient, case_id: str) -> None:
    data = {**CHOSEN, "interpreter": "partner", "where": "here"}
    answer = therapist.post(f"/cases/{case_id}/handover", data=data)
    assert answer.status_code == 422
    assert flaws(answer.text) == []
    assert '<option value="partner" selected>' in answer.text
    assert therapist.get("/day").status_code == 200


def test_unfinished_answers_are_read_and_taken(app: Flask, therapist: FlaskClient, case_id: str) -> None:
    address = hand_over(therapist, case_id)
    answered(app, code_on(therapist.get(address).text), leave=True)
    page = therapist.get(address)
    assert flaws(page.text) == []
    assert "Filled in by the client, not finished" in page.text
    assert "somewhat" in page.text or "a lot" in page.text
    assert "Handed over: Filled in by the client, not finished" in therapist.get(f"/cases/{case_id}").text
    taken = therapist.post(f"{address}/take")
    assert taken.headers["Location"].startswith("/intakes/")
    assert therapist.get(taken.headers["Location"]).status_code == 200
    assert therapist.post(f"{address}/take").status_code == 409


def test_discarding_asks_first_and_erases(app: Flask, therapist: FlaskClient, case_id: str) -> None:
    address = hand_over(therapist, case_id)
    answered(app, code_on(therapist.get(address).text), leave=True)
    asked = therapist.get(f"{address}/discard")
    assert flaws(asked.text) == []
    assert "cannot be had back" in asked.text
    assert therapist.post(f"{address}/discard").headers["Location"] == address
    page = therapist.get(address)
    assert "Not finished, answers discarded" in page.text
    assert "Take into the record" not in page.text


def test_a_code_is_called_off(therapist: FlaskClient, case_id: str) -> None:
    address = hand_over(therapist, case_id)
    code = code_on(therapist.get(address).text)
    assert therapist.post(f"{address}/end").headers["Location"] == address
    page = therapist.get(address)
    assert "Called off" in page.text
    assert code not in page.text


def test_the_session_shows_what_was_handed_over_in_it(
    app: Flask, house: House, therapist: FlaskClient, case_id: str
) -> None:
    with app.app_context():
        session = builders.add_session(house.therapist, case_id)
    page = therapist.get(f"/sessions/{session.id}").text
    assert f"/cases/{case_id}/handover?session={session.id}" in page
    address = hand_over(therapist, case_id, session_id=session.id)
    page = therapist.get(f"/sessions/{session.id}").text
    assert "Waiting for the code" in page
    assert f'href="{address}"' in page


def test_a_supervisor_sees_the_state_and_can_do_nothing(
    app: Flask, house: House, sign_in: SignIn, therapist: FlaskClient, case_id: str
) -> None:
    address = hand_over(therapist, case_id)
    answered(app, code_on(therapist.get(address).text), leave=True)
    page = sign_in(house.supervisor).get(address).text
    assert "Filled in by the client, not finished" in page
    assert "Take into the record" not in page
    assert "a lot" not in page


def test_first_time_questions_that_were_left_out_are_still_asked_together(
    app: Flask, therapist: FlaskClient, case_id: str
) -> None:
    for with_once, asked_later in (({}, True), ({"with_once": "yes"}, False)):
        address = hand_over(therapist, case_id, **with_once)
        with app.app_context():
            token = client_screen.open_screen(code_on(therapist.get(address).text))
            given = {"P1": "1", **({"I_hopes": "Sleep"} if with_once else {})}
            client_screen.finish(token, given, shown=tuple(given))
            db.session.rollback()
        assert ('name="a.I_hopes"' in therapist.get(f"/cases/{case_id}/log").text) is asked_later
