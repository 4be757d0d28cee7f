"""An imported form in a real browser: questions come and go with the answers, sums follow, rows are added."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from schemas.vocabulary import Role
from service.casework import caseloads, instruments, intakes
from service.casework.instruments import Attestation
from tests.journeys.site import Site, demo_site, picture
from tests.web.test_imported_form import FORM

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demo_site(tmp_path_factory.mktemp("forms"), "Zoë") as found:
        supervisor = found.actor(Role.SUPERVISOR)
        with found.app.app_context():
            instruments.import_instrument(supervisor, FORM, b"{}", Attestation("Pat Doe"))
        yield found


@pytest.fixture(scope="module")
def case_id(site: Site) -> str:
    therapist = site.actor(Role.THERAPIST, "Ana")
    with site.app.app_context():
        return caseloads.find_cases(therapist, "Zoë")[0].case_id


def open_form(site: Site, browser: Browser, case_id: str, *, script: bool) -> Page:
    context = browser.new_context(java_script_enabled=script, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    site.sign_in(page, site.actor(Role.THERAPIST, "Ana"))
    page.goto(f"{site.url}/cases/{case_id}/log/{FORM.key}")
    for name, value in {"channel": "in_person", "private": "yes", "held_pen": "client", "interpreter": "none"}.items():
        page.select_option(f'[name="capture.{name}"]', value)
    page.select_option('[name="contact_context"]', "unsure")
    return page


def test_with_script_each_answer_asks_again(site: Site, chromium: Browser, case_id: str) -> None:
    page = open_form(site, chromium, case_id, script=True)
    why = page.get_by_role("textbox", name="What about why?")
    expect(why).to_have_count(0)
    page.locator('[name="a.gate"][value="yes"]').check()
    expect(why).to_be_visible()
    expect(page.locator('[name="a.gate"][value="yes"]')).to_be_focused()
    why.fill("because")
    page.locator('[name="a.a"][value="LA3"]').check()
    expect(page.locator("output").first).to_have_text("2.5")
    expect(why).to_have_value("because")
    page.locator('[name="a.gate"][value="no"]').check()
    expect(why).to_have_count(0)
    page.get_by_role("button", name="Add another").click()
    expect(page.locator('[name="a.people~1~name"]')).to_have_count(1)
    page.locator('[name="a.people~1~name"]').fill("Rosalía")
    picture(page, "imported-form-1280")
    page.get_by_role("button", name="Record log").click()
    expect(page).to_have_url(f"{site.url}/intakes/{newest(site, case_id)}")
    expect(page.get_by_text("Rosalía")).to_be_visible()
    picture(page, "imported-log-1280")
    page.context.close()


def test_without_script_the_button_asks_again(site: Site, chromium: Browser, case_id: str) -> None:
    page = open_form(site, chromium, case_id, script=False)
    page.locator('[name="a.gate"][value="yes"]').check()
    page.get_by_role("button", name="Record log").click()
    why = page.get_by_role("textbox", name="What about why?")
    expect(why).to_be_visible()
    expect(page.get_by_text("This question came up with the answers above it.").first).to_be_visible()
    why.fill("because")
    page.get_by_role("button", name="Record log").click()
    expect(page.get_by_text("Log recorded.")).to_be_visible()
    page.context.close()


def newest(site: Site, case_id: str) -> str:
    with site.app.app_context():
        return intakes.list_intakes(site.actor(Role.THERAPIST, "Ana"), case_id, FORM.key)[-1].id
