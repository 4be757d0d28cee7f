"""The session editor in a real browser: drafts that save themselves, steps that fill in, two editors, signing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Dialog, Page, expect
from werkzeug.serving import make_server

from schemas.vocabulary import NoteFormat, NoteStatus, RiskStatus
from service.casework import notes, sessions
from service.domain.actors import Actor
from service.domain.notes import Note
from service.domain.sessions import TherapySession
from service.store import sign_ins
from service.store.base import db
from tests import builders
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]

pytestmark = [pytest.mark.browser]


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("stepwell", domain="localhost")
    assert found is not None
    return found.value


@pytest.fixture
def waiting(app: Flask, house: House) -> TherapySession:
    """A session that lacks one close step."""
    with app.app_context():
        case = builders.add_case(house.therapist)
        return builders.add_session(house.therapist, case.id, risk=RiskStatus.UNRECORDED)


@pytest.fixture
def editor(app: Flask, house: House, waiting: TherapySession, sign_in: SignIn, chromium: Browser) -> Iterator[Page]:
    """The editor of `waiting`, open in a browser; the page must not complain."""
    complaints: list[str] = []
    with serving(app) as address:
        context = chromium.new_context(base_url=address)
        context.add_cookies([{"name": "stepwell", "value": cookie(sign_in(house.therapist)), "url": address}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"/sessions/{waiting.id}")
        yield page
        context.close()
    assert complaints == []


def note_of(app: Flask, house: House, session: TherapySession) -> Note:
    with app.app_context():
        note = sessions.read_session(house.therapist, session.id).note
    assert note is not None
    return note


def test_typing_saves_itself_and_the_steps_fill_in(
    app: Flask, house: House, waiting: TherapySession, editor: Page
) -> None:
    expect(editor.locator(".steps-end")).to_contain_text("Record whether safety was asked about.")
    editor.get_by_label("Subjective").fill("She slept four nights.")
    editor.get_by_label("Was safety asked about?").select_option("asked_nothing_new")
    expect(editor.locator(".saved")).to_contain_text("Saved ")
    expect(editor.get_by_role("button", name="Sign note")).to_be_visible()
    assert note_of(app, house, waiting).sections["subjective"] == "She slept four nights."


def test_signing_right_after_the_last_word_takes_that_word_along(
    app: Flask, house: House, waiting: TherapySession, editor: Page
) -> None:
    editor.get_by_label("Subjective").fill("First words.")
    editor.get_by_label("Was safety asked about?").select_option("asked_nothing_new")
    editor.get_by_role("button", name="Sign note").wait_for()
    editor.get_by_label("Plan", exact=True).fill("And the last ones.")
    editor.get_by_role("button", name="Sign note").click()
    expect(editor.get_by_role("heading", name="Sign this note?")).to_be_visible()
    expect(editor.get_by_text("And the last ones.")).to_be_visible()
    editor.get_by_role("button", name="Sign note").click()
    expect(editor.get_by_text("Fingerprint (SHA-256)")).to_be_visible()
    assert note_of(app, house, waiting).status is NoteStatus.SIGNED


def test_two_editors_meet_on_a_page_with_both_texts(
    app: Flask, house: House, waiting: TherapySession, editor: Page
) -> None:
    editor.get_by_label("Subjective").fill("Mine.")
    expect(editor.locator(".saved")).to_contain_text("Saved ")
    stored = note_of(app, house, waiting)
    with app.app_context():
        notes.save_note(house.therapist, waiting.id, NoteFormat.SOAP, {"subjective": "Theirs."}, version=stored.version)
    editor.get_by_label("Subjective").fill("Mine, longer.")
    editor.get_by_role("button", name="Compare both texts").click()
    expect(editor.get_by_text("Mine, longer.")).to_be_visible()
    expect(editor.get_by_text("Theirs.")).to_be_visible()
    editor.get_by_label("Keep both, one after the other").check()
    editor.get_by_role("button", name="Save chosen text").click()
    expect(editor.get_by_text("Draft saved from both texts.")).to_be_visible()
    assert note_of(app, house, waiting).sections["subjective"] == "Mine, longer.\n\nTheirs."


def test_a_tab_that_is_closed_while_typing_asks_first_and_still_sends_the_last_words(
    app: Flask, house: House, waiting: TherapySession, editor: Page
) -> None:
    editor.get_by_label("Subjective").fill("Saved before.")
    expect(editor.locator(".saved")).to_contain_text("Saved ")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    editor.on("dialog", leave)
    editor.get_by_label("Subjective").press_sequentially(" Last words.")
    with editor.expect_event("close"):
        editor.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    wait_for(lambda: note_of(app, house, waiting).sections["subjective"] == "Saved before. Last words.")


def wait_for(holds: Callable[[], bool]) -> None:
    """Until a request that outlives its page has been answered."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_words_typed_after_the_sign_in_ended_are_sent_once_it_is_renewed(
    app: Flask, house: House, waiting: TherapySession, sign_in: SignIn, editor: Page
) -> None:
    with app.app_context():
        sign_ins.end_all(house.therapist.user_id)
        db.session.commit()
    editor.get_by_label("Subjective").fill("Written while signed out.")
    expect(editor.locator(".saved")).to_contain_text("you are signed out")
    renewed = cookie(sign_in(house.therapist))
    editor.context.add_cookies([{"name": "stepwell", "value": renewed, "url": editor.url}])  # as another tab would
    expect(editor.locator(".saved")).to_contain_text("Saved ", timeout=20_000)
    assert note_of(app, house, waiting).sections["subjective"] == "Written while signed out."
