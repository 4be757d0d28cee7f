"""The main job, done in a real browser as its people do it: a therapist signs in by link, records a session with log
and note, signs,
writes a plan, takes the record away as FHIR and as PDF; a supervisor sees the caseload."""

import hashlib
import io
import itertools
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from schemas.vocabulary import Role
from service.casework.demo_cast import PRACTICE_ZONE
from service.domain import clock
from tests.journeys.site import DEMO_PASSWORD, Site, demo_site, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

HEARD = "Waited twenty minutes before answering. Zürich, <b>not markup</b> & naïve."

# The same times sent again would lead to the session of before.
MINUTES = itertools.count()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demo_site(tmp_path_factory.mktemp("job"), "Zoë") as found:
        yield found


@pytest.fixture(scope="module", params=["with script", "without script"])
def therapist(request: pytest.FixtureRequest, site: Site, browser: Browser) -> Iterator[Page]:
    """Signed in by a one-time link, as on a first day."""
    context = browser.new_context(java_script_enabled=request.param == "with script", accept_downloads=True)
    page = context.new_page()
    page.goto(f"{site.url}/link/{site.link_token('Ana')}")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/day$"))
    yield page
    context.close()


def open_case(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/caseload")
    page.get_by_role("link", name="Zoë Okonkwo-Šimić").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoë")
    assert "Zoë" not in page.title()


def pdf_text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_a_session_with_log_and_note_is_recorded_and_signed(site: Site, therapist: Page) -> None:
    page = therapist
    open_case(page, site)
    page.get_by_role("link", name="New session").click()
    held = clock.today(PRACTICE_ZONE) - timedelta(days=1)
    page.get_by_label("Starts").fill(f"{held}T09:0{next(MINUTES)}")
    page.get_by_label("Ends").fill(f"{held}T09:50")
    page.get_by_label("Place").fill("Room 2")
    page.get_by_role("button", name="Record session").click()
    record_log(page)
    fill_editor(page)
    page.get_by_role("button", name="Sign note").click()
    expect(page.get_by_role("heading", name="Sign this note?")).to_be_visible()
    page.get_by_role("button", name="Sign note").click()
    expect(page.get_by_text("Fingerprint (SHA-256)")).to_be_visible()
    expect(page.get_by_text(HEARD)).to_be_visible()
    picture(page, "job-signed-note")
    page.get_by_label("Add to this note").fill("Rang back on Friday.")
    page.get_by_role("button", name="Keep addendum").click()
    expect(page.get_by_text("Rang back on Friday.")).to_be_visible()


def record_log(page: Page) -> None:
    page.get_by_role("link", name="Record a log in this session").click()
    page.get_by_label("Where it is filled in").select_option("in_person")
    page.get_by_label("Can the client answer in private?").select_option("yes")
    page.get_by_label("Who holds the pen").select_option("client")
    page.get_by_label("Interpreter").select_option("none")
    for letter in "PEC":
        for number in range(1, 6):
            if (letter, number) != ("C", 5):
                page.locator(f"input[name$='{letter}{number}'][value='2']").check(force=True)
    page.get_by_role("button", name="Record log").click()
    expect(page.get_by_role("heading", name="Scores")).to_be_visible()
    expect(page.locator("main")).to_contain_text("prorated")
    picture(page, "job-log-result")
    page.get_by_role("link", name="To the session").click()


def fill_editor(page: Page) -> None:
    page.get_by_label("Attendance").select_option("attended")
    page.locator("[name='sections.data']").fill(HEARD)
    page.locator("[name='sections.plan']").fill("Continue.")
    page.get_by_label("Was safety asked about?").select_option("asked_nothing_new")
    page.get_by_label("Is the plan still right?").select_option("still_right")
    page.get_by_label("Next session on").fill(str(clock.today(PRACTICE_ZONE) + timedelta(days=6)))
    picture(page, "job-editor")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("[name='sections.data']")).to_have_value(HEARD)


def test_a_plan_is_written_put_in_use_and_copied(site: Site, therapist: Page) -> None:
    page = therapist
    open_case(page, site)
    with page.expect_navigation():
        page.get_by_role("link", name="Plans", exact=True).click()
    page.get_by_role("button", name=re.compile("Start a new version|Start this plan")).first.click()
    page.locator("[name='lines.delay.text']").fill("Phone in the other room, tea first")
    page.locator("[name='lines.delay.on_copy']").check()
    page.locator("[name='lines.person.text']").fill("PLANTED-STAYS-HERE")
    assert page.locator("[name='lines.person.on_copy']").count() == 0
    with page.expect_navigation():
        page.get_by_role("button", name="Go on to put it in use").click()
    page.get_by_role("button", name="Put it in use", exact=True).click()
    page.get_by_role("link", name="Make a copy").click()
    page.locator("[name='answer'][value='copy']").check()
    page.locator("[name='title']").first.check()
    page.get_by_label("Where will it be kept?").fill("With a friend")
    with page.expect_download() as download:
        page.get_by_role("button", name="Go on with this answer").click()
    content = Path(download.value.path()).read_bytes()
    text = pdf_text(content)
    assert "tea first" in text
    assert not [
        word for word in ("PLANTED", "Zoë", "Ana", "Linden", "Stepwell") if word in text or word.encode() in content
    ]
    assert not [word for word in ("safety", "urge", "zo", "c-") if word in download.value.suggested_filename.casefold()]


def test_a_progress_report_is_made_for_the_client(site: Site, therapist: Page) -> None:
    page = therapist
    open_case(page, site)
    page.get_by_role("link", name="Reports").click()
    page.get_by_role("button", name="See what goes in").click()
    expect(page.get_by_role("heading", name="Stays out")).to_be_visible()
    picture(page, "job-report-preview")
    with page.expect_download() as download:
        page.get_by_role("button", name="Make the PDF").click()
    text = pdf_text(Path(download.value.path()).read_bytes())
    assert "not compared with other people" in " ".join(text.split())
    assert "PLANTED" not in text


def test_the_record_is_exported_after_confirming_who_asks(site: Site, therapist: Page) -> None:
    page = therapist
    open_case(page, site)
    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_role("link", name="Go on to export").click()
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Who receives it").fill("The client")
    answers = {"basis": "client", "purpose": "client_use", "route": "handed", "chart": "own", "told": "before"}
    for name, chosen in answers.items():
        page.locator(f"select[name={name}]").select_option(chosen)
    page.get_by_role("button", name="Export the record").click()
    digest = page.locator("dt:has-text('Digest') + dd").inner_text().strip()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the record").click()
    content = Path(download.value.path()).read_bytes()
    bundle = json.loads(content)
    assert digest == hashlib.sha256(orjson.dumps(bundle["entry"])).hexdigest()
    types = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert {"Patient", "Encounter", "QuestionnaireResponse", "Observation", "CarePlan", "DocumentReference"} <= types
    assert b"PLANTED-STAYS-HERE" not in content
    assert all(entry["resource"]["meta"]["security"] for entry in bundle["entry"])


def test_a_supervisor_sees_the_caseload_and_reads_only(site: Site, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{site.url}/link/{site.link_token('Siobhán')}")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Team").click()
    picture(page, "job-team")
    page.get_by_role("link", name="Zoë Okonkwo-Šimić").first.click()
    expect(page.get_by_role("link", name="New session")).to_have_count(0)


def test_a_borrowed_browser_keeps_nothing_after_signing_out(site: Site, browser: Browser) -> None:
    page = browser.new_page()
    site.sign_in(page, site.actor(Role.THERAPIST, "Ana"))
    open_case(page, site)
    inside = page.url
    page.get_by_role("button", name="Sign out").click()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "Zoë" not in stored
    page.go_back()
    expect(page.get_by_text("Zoë")).to_have_count(0)
    page.goto(inside)
    expect(page).to_have_url(re.compile("/sign-in"))
