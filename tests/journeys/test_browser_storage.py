"""What is typed into the record stays out of the browser's own files: no storage, no cache, no history names it.

The browser keeps its profile in a folder of its own here, so that everything it wrote can be searched afterwards.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from schemas.vocabulary import Role
from service.casework import caseloads, psychotherapy
from service.domain.sessions import was_held
from tests.browsers import CHROMIUM, QUIET
from tests.journeys.site import Site, demo_site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

TYPED = "lanternmoth quillheron"
STORED = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie, await caches.keys(),
  (await indexedDB.databases()).map((each) => each.name), (await navigator.serviceWorker.getRegistrations()).length,
])"""


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
            assert TYPED not in page.evaluate(STORED)
        page.go_back()
        page.goto(f"{site.url}/sessions/{session_id}/working-note")
        assert page.input_value("#f-text") == TYPED
        assert all(TYPED not in each["value"] for each in context.cookies())
    finally:
        context.close()
    written = [each for each in profile.rglob("*") if each.is_file()]
    assert [each.name for each in written if holds(each.read_bytes())] == []
    assert len(written) > 20


def type_and_save(page: Page, address: str) -> None:
    """Type as a person does, and wait until the draft says that it was kept."""
    page.goto(address)
    page.fill("#f-text", TYPED)
    page.wait_for_selector(".saved[data-state=saved]")
    assert TYPED not in page.title() + page.url


def holds(data: bytes) -> bool:
    return any(each in data for each in (TYPED.encode(), TYPED.encode("utf-16-le")))
