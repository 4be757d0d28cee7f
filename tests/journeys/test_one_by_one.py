"""The clinician's form one question at a time, in a browser, by digits, arrows and Enter."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from schemas.vocabulary import Role
from service.store.base import db
from service.store.cases import CaseRow
from tests.journeys.site import PICTURES, Site, demo_site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demo_site(tmp_path_factory.mktemp("steps"), "Dearbhla") as found:
        yield found


@pytest.fixture
def page(site: Site, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    opened = context.new_page()
    site.sign_in(opened, site.actor(Role.THERAPIST, "Ana"))
    yield opened
    context.close()


def test_digits_arrows_and_enter_lead_through(site: Site, page: Page) -> None:
    with site.app.app_context():
        case_id = db.session.scalars(select(CaseRow.id)).one()
    page.goto(f"{site.url}/cases/{case_id}/log/wsl")
    page.get_by_role("link", name="One question at a time").click()
    for label, value in (
        ("Where it is filled in", "in_person"),
        ("Can the client answer in private?", "yes"),
        ("Who holds the pen", "clinician"),
        ("Interpreter", "none"),
        ("How things stand with the other person", "unsure"),
    ):
        page.get_by_label(label, exact=True).select_option(value)
    with page.expect_navigation():
        page.get_by_role("button", name="Begin").click()
    expect(page.locator(".progress")).to_contain_text(re.compile(r"^1 of \d+$"))
    page.keyboard.press("3")
    expect(page.locator('[name="a.P1"][value="3"]')).to_be_checked()
    page.keyboard.press("ArrowLeft")
    expect(page.locator('[name="a.P1"][value="2"]')).to_be_checked()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".progress")).to_contain_text(re.compile(r"^2 of "))
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.locator(".progress")).to_contain_text(re.compile(r"^3 of "))
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/one-by-one.png", full_page=True)
    page.get_by_role("button", name="Back").click()
    expect(page.locator('[name="a.P2"][value="4"]')).to_be_checked()
    page.get_by_role("button", name="All on one page").click()
    expect(page.locator('[name="a.P1"][value="2"]')).to_be_checked()
