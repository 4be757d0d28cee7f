"""Each own form filled in with the keys alone, from the first control to the record of it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from schemas.instruments import newest
from schemas.instruments.answer import Answers
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument
from schemas.vocabulary import Role
from service.store import intakes
from service.store.base import db
from service.store.cases import CaseRow
from tests.journeys.site import Site, demo_site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

EACH = pytest.mark.parametrize("instrument", newest(), ids=lambda each: each.key)
STOPS = 900
NOW_FOCUSED = """() => {
  const on = document.activeElement;
  return [on.tagName, on.type || "", on.name || "", on.form ? on.form.id : "", on.textContent.trim()];
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demo_site(tmp_path_factory.mktemp("keys"), "Dearbhla") as found:
        yield found


@pytest.fixture
def page(site: Site, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    opened = context.new_page()
    site.sign_in(opened, site.actor(Role.THERAPIST, "Ana"))
    yield opened
    context.close()


def case_id_of(site: Site) -> str:
    with site.app.app_context():
        return db.session.scalars(select(CaseRow.id)).one()


def recorded(site: Site, key: str) -> int:
    with site.app.app_context():
        return len(intakes.of_case(case_id_of(site), key))


def newest_answers(site: Site, key: str) -> Answers:
    with site.app.app_context():
        return max(intakes.of_case(case_id_of(site), key), key=lambda each: each.updated_at).answers


def press_through(page: Page) -> None:
    """Tab from control to control, answer each in its own way, and press the button at the end."""
    seen = {"before_going_on", "capture.device_confirmed", "session_id", "contact_context"}
    for _stop in range(STOPS):
        page.keyboard.press("Tab")
        tag, kind, name, form, words = page.evaluate(NOW_FOCUSED)
        if tag == "BUTTON" and words == "Record log":
            page.keyboard.press("Enter")
            return
        if form == "log" and name not in seen:
            seen.add(name)
            answer(page, tag, kind, name)
    raise AssertionError("the button was not reached")


def answer(page: Page, tag: str, kind: str, name: str) -> None:
    if tag == "SELECT":
        page.keyboard.press("ArrowDown")
    elif tag == "TEXTAREA" or kind == "text":
        page.keyboard.type("2026" if name == "a.since" else "words")
    elif kind == "number":
        page.keyboard.type("1")
    elif kind in ("radio", "checkbox"):
        page.keyboard.press("Space")


@EACH
def test_each_form_is_filled_in_with_the_keys_alone(site: Site, page: Page, instrument: Instrument) -> None:
    before = recorded(site, instrument.key)
    asked = "".join(f"&module={each.key}" for each in instrument.modules)
    page.goto(f"{site.url}/cases/{case_id_of(site)}/log/{instrument.key}?{asked}")
    press_through(page)
    expect(page).to_have_url(re.compile("/intakes/"))
    expect(page.get_by_role("heading", name="Answers", exact=True)).to_be_visible()
    assert recorded(site, instrument.key) == before + 1
    told = [each for each in newest_answers(site, instrument.key).values() if not isinstance(each, NonAnswer)]
    assert len(told) > sum(1 for _ in instrument.asked()) / 2
