"""The pages of an episode of care: moving on, closing by the checklist, a supervisor's answer, reopening."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.case_codes import EpisodeState
from schemas.vocabulary import Attendance, CaseStatus, EventLevel
from service.casework import cases, episodes, events, people
from service.domain.actors import Actor
from service.domain.cases import Case
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
CHECKLIST = {
    "reason": "goals_met",
    "explanation": "Agreed over three sessions",
    "measures_reason": "Not wanted",
    "plan_reason": "Not wanted",
    "aftercare_reason": "Not wanted",
    "contact_after": "",
    "door_open": "A call is enough",
}


@pytest.fixture
def case(app: Flask, house: House) -> Case:
    with app.app_context():
        return builders.add_case(house.therapist)


def test_the_page_tells_every_move_and_takes_the_next(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    client, url = sign_in(house.therapist), f"/cases/{case.id}/episode"
    typed = {"to": "on_hold", "why": "Away for a month", "version": case.episode.version}
    assert client.post(url, data=typed | {"why": " "}).status_code == 422
    assert client.post(url, data=typed).status_code == 303
    html = client.get(url).text
    assert "Away for a month" in html
    assert 'value="review"' not in html
    assert flaws(html) == []
    assert client.post(url, data=typed).status_code == 409


def test_what_the_checklist_lacks_is_named_and_the_typing_kept(house: House, case: Case, sign_in: SignIn) -> None:
    client, url = sign_in(house.therapist), f"/cases/{case.id}/close"
    answer = client.post(url, data=CHECKLIST | {"version": case.version, "door_open": "", "measures_taken": "yes"})
    assert answer.status_code == 422
    assert "No measure was recorded in the last 28 days." in answer.text
    assert "Agreed over three sessions" in answer.text
    assert flaws(answer.text) == []


def test_the_page_names_each_planned_session_with_the_way_to_it(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        session = builders.add_session(house.therapist, case.id, attendance=Attendance.PLANNED)
    client, url = sign_in(house.therapist), f"/cases/{case.id}/close"
    page = client.get(url).text
    assert flaws(page) == []
    assert f'<a href="/sessions/{session.id}">' in page
    refused = client.post(url, data=CHECKLIST | {"version": case.version})
    assert refused.status_code == 409
    assert "still planned" in refused.text
    assert "Agreed over three sessions" in refused.text


def test_a_closed_case_says_how_it_ended_and_reopens_as_a_new_episode(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    assert client.post(f"/cases/{case.id}/close", data=CHECKLIST | {"version": case.version}).status_code == 303
    html = client.get(f"/cases/{case.id}/episode").text
    assert "Goals met" in html
    assert "no contact afterwards was agreed" in client.get(f"/cases/{case.id}").text
    assert flaws(client.get(f"/cases/{case.id}/reopen").text) == []
    with app.app_context():
        version = cases.read_case(house.therapist, case.id).version
    again = client.post(f"/cases/{case.id}/reopen", data={"to": "active", "why": "Called", "version": version})
    assert again.headers["Location"].endswith("/contact")
    with app.app_context():
        assert cases.read_case(house.therapist, case.id).status is CaseStatus.OPEN


def test_a_supervisor_answers_an_ending_with_an_open_event(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        event = events.open_event(house.therapist, case.id, EventLevel.NEXT, prompt="Hearing date moved")
    typed = CHECKLIST | {"handed_over.0.event_id": event.id, "handed_over.0.to": "Dr Okafor"}
    client = sign_in(house.therapist)
    short = client.post(f"/cases/{case.id}/close", data=typed | {"handed_over.0.on": "", "version": case.version})
    assert "Say from which day on." in short.text
    typed |= {"handed_over.0.on": "2027-01-04", "version": str(case.version)}
    assert client.post(f"/cases/{case.id}/close", data=typed).status_code == 303
    assert "The ending waits for a supervisor" in client.get(f"/cases/{case.id}").text
    assert client.get(f"/cases/{case.id}/close/answer").status_code == 403
    supervisor, url = sign_in(house.supervisor), f"/cases/{case.id}/close/answer"
    html = supervisor.get(url).text
    assert "Dr Okafor" in html
    assert flaws(html) == []
    assert supervisor.post(url, data={"agreed": "no", "words": ""}).status_code == 422
    assert supervisor.post(url, data={"agreed": "yes", "words": ""}).status_code == 303
    with app.app_context():
        assert episodes.read_episodes(house.therapist, case.id).now.status is EpisodeState.CLOSED
    assert supervisor.post(url, data={"agreed": "yes", "words": ""}).status_code == 403


def test_the_checklist_says_before_anything_is_typed_that_nobody_could_agree(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        events.open_event(house.therapist, case.id, EventLevel.NEXT, prompt="Hearing date moved")
    client, url = sign_in(house.therapist), f"/cases/{case.id}/close"
    assert "name another supervisor" not in client.get(url).text
    with app.app_context():
        people.end_account(house.admin, house.supervisor.user_id)
    html = client.get(url).text
    assert "name another supervisor" in html
    assert flaws(html) == []


def test_an_ending_whose_supervisor_was_lost_says_so_on_its_pages(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        event = events.open_event(house.therapist, case.id, EventLevel.NEXT, prompt="Hearing date moved")
    handed = {"handed_over.0.event_id": event.id, "handed_over.0.to": "Dr Okafor", "handed_over.0.on": "2027-01-04"}
    client, url = sign_in(house.therapist), f"/cases/{case.id}"
    assert client.post(f"{url}/close", data=CHECKLIST | handed | {"version": case.version}).status_code == 303
    assert "takes the checklist back" in client.get(f"{url}/episode").text
    with app.app_context():
        people.end_account(house.admin, house.supervisor.user_id)
    for page in (f"{url}/episode", f"{url}/close"):
        html = client.get(page).text
        assert "none can agree to it any more" in html
        assert flaws(html) == []
