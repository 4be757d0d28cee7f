"""My day over HTTP: order, the one tap and its way back, what is due."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.vocabulary import Attendance, EventLevel
from service.casework import events, sessions
from service.domain import clock
from service.domain.actors import Actor
from service.domain.sessions import TherapySession
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
NOON = builders.at(2026, 3, 11, 12)


@pytest.fixture(autouse=True)
def at_noon() -> object:
    with clock.standing_at(NOON):
        yield


def planned(house: House, app: Flask, *, hours: int, name: str = "Zoë Okonkwo-Šimić") -> TherapySession:
    with app.app_context():
        case = builders.add_case(house.therapist, chosen_name=name)
        start = NOON + timedelta(hours=hours)
        return builders.add_session(
            house.therapist,
            case.id,
            starts_at=start,
            ends_at=start + timedelta(minutes=50),
            attendance=Attendance.PLANNED,
        )


def stored(house: House, app: Flask, session_id: str) -> TherapySession:
    with app.app_context():
        return sessions.read_session(house.therapist, session_id).session


def test_a_day_without_anything_says_so(house: House, sign_in: SignIn) -> None:
    html = sign_in(house.therapist).get("/day").text
    assert "No sessions today." in html
    assert "Nothing is waiting." in html
    assert flaws(html) == []


def test_sessions_of_today_stand_in_time_order_and_others_do_not(house: House, app: Flask, sign_in: SignIn) -> None:
    planned(house, app, hours=3, name="Late Client")
    planned(house, app, hours=1, name="سلمى حدّاد")
    planned(house, app, hours=30, name="Tomorrow Client")
    html = sign_in(house.therapist).get("/day").text
    today = html.partition('id="due"')[0]
    assert 0 < today.index("سلمى حدّاد") < today.index("Late Client")
    assert "Tomorrow Client" not in today
    assert flaws(html) == []


def test_one_tap_records_attendance_and_one_more_takes_it_back(house: House, app: Flask, sign_in: SignIn) -> None:
    session, client = planned(house, app, hours=-1), sign_in(house.therapist)
    url = f"/day/sessions/{session.id}/attendance"
    answer = client.post(url, data={"attendance": "attended", "version": session.version})
    assert answer.status_code == 303
    assert stored(house, app, session.id).attendance is Attendance.ATTENDED
    html = client.get("/day").text
    assert "Attended. Saved." in html
    undo = next(part for part in html.split('"') if "attendance/undo" in part)
    assert client.post(undo.replace("&amp;", "&")).status_code == 303
    assert stored(house, app, session.id).attendance is Attendance.PLANNED


def test_a_tap_on_a_session_that_moved_on_is_told_and_changes_nothing(
    house: House, app: Flask, sign_in: SignIn
) -> None:
    session, client = planned(house, app, hours=-1), sign_in(house.therapist)
    url = f"/day/sessions/{session.id}/attendance"
    client.post(url, data={"attendance": "late", "version": session.version})
    answer = client.post(url, data={"attendance": "no_show", "version": session.version})
    assert answer.status_code == 409
    assert flaws(answer.text) == []
    assert stored(house, app, session.id).attendance is Attendance.LATE


@pytest.mark.parametrize("query", ["", "?was=gone&version=1", "?was=planned&version=x"])
def test_an_undo_that_names_nothing_is_refused(house: House, app: Flask, sign_in: SignIn, query: str) -> None:
    session = planned(house, app, hours=-1)
    answer = sign_in(house.therapist).post(f"/day/sessions/{session.id}/attendance/undo{query}")
    assert answer.status_code == 422


def test_a_session_of_a_colleague_is_not_there(house: House, app: Flask, sign_in: SignIn) -> None:
    session = planned(house, app, hours=-1)
    peer = sign_in(house.peer)
    url = f"/day/sessions/{session.id}/attendance"
    assert peer.post(url, data={"attendance": "late", "version": session.version}).status_code == 404
    assert peer.post(url, data={}).status_code == 404
    assert "Zoë" not in peer.get("/day").text


def test_what_must_be_answered_now_stands_before_what_can_wait(house: House, app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
        builders.add_session(house.therapist, case.id)
        events.open_event(house.therapist, case.id, EventLevel.NOW, prompt="Somebody waited outside")
    html = sign_in(house.therapist).get("/day").text
    assert html.index("Respond now") < html.index("Note to sign")
    assert f'href="/cases/{case.id}/events"' in html
    assert flaws(html) == []
