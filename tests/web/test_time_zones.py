"""Sessions over a change of the clocks, in practices whose zone is neither the server's nor the browser's.

Rule: what is typed is a time on the clocks of the practice; records, API and FHIR hold the instant in UTC.
"""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from service.casework import sessions
from service.domain import clock
from service.domain.actors import Actor
from service.domain.sessions import TherapySession
from service.store.accounts import PracticeRow
from service.store.base import db
from service.web.times import NO_SUCH_TIME, for_input
from tests import builders
from tests.builders import House
from tests.web.test_editor import cookie, serving

pytestmark = pytest.mark.usefixtures("published")

SignIn = Callable[[Actor], FlaskClient]
BERLIN, NEW_YORK, KOLKATA = "Europe/Berlin", "America/New_York", "Asia/Kolkata"
SPANS = [
    pytest.param(BERLIN, "2026-03-29T01:30", "2026-03-29T03:30", "2026-03-29T00:30Z", "2026-03-29T01:30Z", id="spring"),
    pytest.param(BERLIN, "2026-10-25T01:30", "2026-10-25T03:30", "2026-10-24T23:30Z", "2026-10-25T02:30Z", id="autumn"),
    pytest.param(NEW_YORK, "2026-03-08T01:30", "2026-03-08T03:30", "2026-03-08T06:30Z", "2026-03-08T07:30Z", id="us-1"),
    pytest.param(NEW_YORK, "2025-11-02T01:30", "2025-11-02T02:30", "2025-11-02T05:30Z", "2025-11-02T07:30Z", id="us-2"),
    pytest.param(KOLKATA, "2026-10-25T23:45", "2026-10-26T00:35", "2026-10-25T18:15Z", "2026-10-25T19:05Z", id="half"),
]


@pytest.fixture(autouse=True)
def _a_server_elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own clocks are on the far side of the world."""
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def settle(app: Flask, house: House, zone: str) -> str:
    """Put the practice into this zone; returns the id of a case there."""
    with app.app_context():
        db.session.get_one(PracticeRow, house.practice_id).zone = zone
        db.session.commit()
        return builders.add_case(house.therapist).id


def stored(app: Flask, house: House, session_id: str) -> TherapySession:
    with app.app_context():
        return sessions.read_session(house.therapist, session_id).session


def typed(session: TherapySession, zone: str, **changes: str) -> dict[str, str]:
    """The editor as it goes back."""
    given = {
        "starts_at": for_input(session.starts_at, zone),
        "ends_at": for_input(session.ends_at, zone),
        "type": "individual",
        "place": "",
        "attendance": "attended",
        "private": "yes",
        "risk": "asked_nothing_new",
        "plan_right": "still_right",
        **dict.fromkeys(("risk_reason", "homework_given", "homework_reviewed", "next_on", "next_reason"), ""),
        **dict.fromkeys(("work.modality", "then"), ""),
        "format": "free",
        "sections.text": "Talked about the week.",
        "version": f"{session.version}-0",
    }
    return given | changes


@pytest.mark.parametrize(("zone", "starts", "ends", "starts_utc", "ends_utc"), SPANS)
def test_a_session_over_a_change_of_the_clocks_is_stored_and_shown_right(
    app: Flask, house: House, sign_in: SignIn, zone: str, starts: str, ends: str, starts_utc: str, ends_utc: str
) -> None:
    case_id, client = settle(app, house, zone), sign_in(house.therapist)
    posted = {"starts_at": starts, "ends_at": ends, "type": "individual", "place": ""}
    address = client.post(f"/cases/{case_id}/sessions/new", data=posted).location
    session_id = address.rpartition("/")[2]
    session = stored(app, house, session_id)
    assert (session.starts_at, session.ends_at) == tuple(map(datetime.fromisoformat, (starts_utc, ends_utc)))
    page = client.get(address).text
    assert f'value="{starts}"' in page
    assert f'value="{ends}"' in page
    assert client.post(address, data=typed(session, zone)).status_code == 303
    told = client.get(f"/api/v1/sessions/{session_id}").json["session"]  # type: ignore[index]
    assert (told["starts_at"][:16] + "Z", told["ends_at"][:16] + "Z") == (starts_utc, ends_utc)
    encounter = client.get(f"/fhir/R4/Encounter/{session_id}").json
    assert datetime.fromisoformat(encounter["period"]["start"]) == session.starts_at  # type: ignore[index]
    assert starts[11:] in client.get(f"/cases/{case_id}/timeline").text


def test_an_hour_that_the_clocks_skip_is_refused_at_its_field(app: Flask, house: House, sign_in: SignIn) -> None:
    case_id, client = settle(app, house, BERLIN), sign_in(house.therapist)
    posted = {"starts_at": "2026-03-29T02:30", "ends_at": "2026-03-29T03:30", "type": "individual", "place": ""}
    answer = client.post(f"/cases/{case_id}/sessions/new", data=posted)
    assert answer.status_code == 422
    assert NO_SUCH_TIME in answer.text
    assert 'value="2026-03-29T02:30"' in answer.text


@pytest.mark.parametrize(("starts", "ends"), [("01:10", "01:50"), ("00:40", "01:20"), ("00:10", "00:50")])
def test_saving_a_note_moves_no_session_that_lies_in_the_hour_that_comes_twice(
    app: Flask, house: House, sign_in: SignIn, starts: str, ends: str
) -> None:
    """The page shows 02:10 for both; only who types another time means another time."""
    case_id, client = settle(app, house, BERLIN), sign_in(house.therapist)
    span = [datetime.fromisoformat(f"2026-10-25T{each}:07+00:00") for each in (starts, ends)]
    with app.app_context():
        session = builders.add_session(house.therapist, case_id, starts_at=span[0], ends_at=span[1])
    assert client.post(f"/sessions/{session.id}", data=typed(session, BERLIN)).status_code == 303
    kept = stored(app, house, session.id)
    assert [kept.starts_at, kept.ends_at] == span
    later = typed(kept, BERLIN, ends_at="2026-10-25T03:15", version=f"{kept.version}-1")
    assert client.post(f"/sessions/{session.id}", data=later).status_code == 303
    assert stored(app, house, session.id).ends_at == datetime(2026, 10, 25, 2, 15, tzinfo=UTC)


def test_the_day_is_that_of_the_practice(app: Flask, house: House, sign_in: SignIn) -> None:
    case_id = settle(app, house, KOLKATA)
    early = datetime(2026, 10, 25, 20, 0, tzinfo=UTC)  # 01:30 on the 26th in Kolkata
    with app.app_context():
        builders.add_session(house.therapist, case_id, starts_at=early, ends_at=early.replace(minute=50))
    for at, there in ((early.replace(hour=17), False), (early.replace(hour=19), True)):
        with clock.standing_at(at):
            assert ("01:30" in sign_in(house.therapist).get("/day").text) is there


@pytest.mark.browser
def test_a_browser_in_a_third_zone_shows_and_sends_the_clocks_of_the_practice(
    app: Flask, house: House, sign_in: SignIn, chromium: Browser
) -> None:
    case_id, token = settle(app, house, BERLIN), cookie(sign_in(house.therapist))
    with serving(app) as address:
        context = chromium.new_context(base_url=address, timezone_id="Asia/Tokyo")
        context.add_cookies([{"name": "stepwell", "value": token, "url": address}])
        page = context.new_page()
        page.goto(f"/cases/{case_id}/sessions/new")
        page.get_by_label("Starts").fill("2026-10-25T01:30")
        page.get_by_label("Ends").fill("2026-10-25T03:30")
        page.get_by_role("button", name="Record session").click()
        expect(page.get_by_label("Start", exact=True)).to_have_value("2026-10-25T01:30")
        page.get_by_label("Subjective").fill("Talked about the week.")
        expect(page.locator(".saved")).to_have_text(re.compile(r"Saved \d\d:\d\d"), timeout=30_000)
        told, now = page.locator(".saved").inner_text(), clock.now()
        assert told[:8] in {f"Saved {clock.local(at, BERLIN):%H}" for at in (now - timedelta(minutes=1), now)}
        session_id = page.url.rpartition("/")[2]
        context.close()
    assert stored(app, house, session_id).starts_at == datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
