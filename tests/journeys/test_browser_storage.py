"""What is typed into the record stays out of the browser's own files: no storage, no cache, no history names it.

The browser keeps its profile in a folder of its own here, so that everything it wrote can be searched afterwards.
"""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from schemas.vocabulary import Role
from service.casework import caseloads, psychotherapy
from service.domain.sessions import was_held
from tests import builders
from tests.browsers import CHROMIUM, QUIET
from tests.journeys.site import Site, demo_site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

TYPED = "lanternmoth quillheron"
UNSENT = "harrowgate linnetfold"
STORED = """async () => [
  localStorage.length, sessionStorage.length, document.cookie, await caches.keys(),
  (await indexedDB.databases()).map((each) => each.name), (await navigator.serviceWorker.getRegistrations()).length,
]"""
NOTHING: list[object] = [0, 0, "", [], [], 0]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demo_site(tmp_path_factory.mktemp("storage"), "Zoë") as found:
        yield found


def test_nothing_typed_is_left_in_the_browser(site: Site, chromium: Browser, tmp_path: Path) -> None:
    actor = site.actor(Role.THERAPIST, "Ana")
    with site.app.app_context():
        case_id = caseloads.my_caseload(actor).rows[0].case_id
        _case, lines = psychotherapy.list_own(actor, case_id)
    session_id = next(line.session.id for line in lines if was_held(line.session) and line.written_at is None)
    profile = tmp_path / "profile"
    context = chromium.browser_type.launch_persistent_context(profile, executable_path=CHROMIUM, args=QUIET)
    try:
        page = context.new_page()
        site.sign_in(page, actor)
        type_and_save(page, f"{site.url}/sessions/{session_id}/working-note")
        for path in (f"/cases/{case_id}", f"/cases/{case_id}/working-notes", "/supervision", "/nowhere"):
            page.goto(site.url + path)
            assert page.evaluate(STORED) == NOTHING
            assert TYPED not in page.title() + page.url
        page.go_back()
        page.goto(f"{site.url}/sessions/{session_id}/working-note")
        assert page.input_value("#f-text") == TYPED
        assert all(TYPED not in each["value"] for each in context.cookies())
    finally:
        context.close()
    assert left_in(profile) == []


def test_a_browser_that_is_killed_while_typing_keeps_nothing_and_the_record_all_that_was_saved(
    site: Site, chromium: Browser, tmp_path: Path
) -> None:
    actor, profile = site.actor(Role.THERAPIST, "Ana"), tmp_path / "profile"
    with site.app.app_context():
        session = builders.add_session(actor, caseloads.my_caseload(actor).rows[0].case_id)
    address = f"{site.url}/sessions/{session.id}"
    context = chromium.browser_type.launch_persistent_context(profile, executable_path=CHROMIUM, args=QUIET)
    page = context.new_page()
    site.sign_in(page, actor)
    page.goto(address)
    note = page.locator("[name^='sections.']").first
    note.fill(TYPED)
    expect(page.locator(".saved")).to_contain_text("Saved ", timeout=30_000)
    assert page.evaluate(STORED) == NOTHING
    note.press_sequentially(f" {UNSENT}")
    kill_browser_of(profile)
    with suppress(Error):
        context.close()
    assert left_in(profile) == []
    again = chromium.new_page()
    site.sign_in(again, actor)
    again.goto(address)
    expect(again.locator("[name^='sections.']").first).to_have_value(re.compile(TYPED))
    expect(again.locator(".saved")).to_contain_text("Last saved ")
    assert UNSENT not in again.content()
    again.context.close()


def kill_browser_of(profile: Path) -> None:
    """End, without warning, every process that was started for this profile."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.fsencode(profile) in (folder / "cmdline").read_bytes():
                os.kill(int(folder.name), signal.SIGKILL)


def left_in(profile: Path) -> list[str]:
    """The files of a profile that hold anything that was typed."""
    written = [each for each in profile.rglob("*") if each.is_file()]
    assert len(written) > 20
    return [each.name for each in written if holds(each.read_bytes())]


def type_and_save(page: Page, address: str) -> None:
    """Type as a person does, and wait until the draft says that it was kept."""
    page.goto(address)
    page.fill("#f-text", TYPED)
    page.wait_for_selector(".saved[data-state=saved]")
    assert TYPED not in page.title() + page.url


def holds(data: bytes) -> bool:
    return any(words.encode(code) in data for words in (TYPED, UNSENT) for code in ("utf-8", "utf-16-le"))
