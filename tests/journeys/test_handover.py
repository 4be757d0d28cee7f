"""A form in the client's hands, in a real browser: a code, the keyboard alone, an end, and no way back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from schemas.vocabulary import Role
from service.domain.actors import Actor
from tests import builders
from tests.journeys.site import Site, demo_site, picture
from tests.journeys.test_every_page import WIDTHS, hear, problems_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

LEFT_BEHIND = """async () => [localStorage.length, sessionStorage.length, document.cookie.length,
    (await caches.keys()).length, (await indexedDB.databases()).length]"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demo_site(tmp_path_factory.mktemp("handover"), "Zoë") as found:
        yield found


@pytest.fixture
def actor(site: Site) -> Actor:
    return site.actor(Role.THERAPIST, "Ana")


@pytest.fixture
def therapist(site: Site, chromium: Browser, actor: Actor) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    site.sign_in(page, actor)
    yield page
    context.close()


@pytest.fixture(params=["with script", "without script"])
def device(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[BrowserContext]:
    """The practice's own tablet: nobody is signed in on it."""
    context = chromium.new_context(java_script_enabled=request.param == "with script", has_touch=True)
    yield context
    context.close()


def hand_over(site: Site, page: Page, actor: Actor, mode: str) -> str:
    """Hand the log over in a fresh session of a fresh case; returns the code."""
    with site.app.app_context():
        case = builders.add_case(actor)
        session = builders.add_session(actor, case.id)
    page.goto(f"{site.url}/sessions/{session.id}")
    page.get_by_role("link", name="Hand a form to the client").click()
    page.get_by_label("Form", exact=True).select_option("wsl")
    page.get_by_label(mode).check()
    page.get_by_label("Can the client answer in private?").select_option("yes")
    page.get_by_label("Interpreter").select_option("none")
    page.get_by_label("How things stand with the other person").select_option("on_off")
    page.get_by_role("button", name="Show a code").click()
    expect(page.get_by_text("Waiting for the code")).to_be_visible()
    return page.locator("b.large").inner_text()


def tab_to(page: Page, selector: str) -> None:
    """Walk by the Tab key until that element has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def begin_by_keyboard(site: Site, page: Page, code: str) -> None:
    page.goto(f"{site.url}/begin")
    tab_to(page, "#f-code")
    page.keyboard.type(code.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Questions for today")).to_be_visible()


def answer_by_keyboard(page: Page, digit: str) -> None:
    """Choose in the row of words by digit, or by the arrow and space keys where no script runs."""
    tab_to(page, "fieldset.answers input")
    page.keyboard.press(digit)
    if not page.locator("fieldset.answers input:checked").count():
        page.keyboard.press("Space")
        for _ in range(int(digit)):
            page.keyboard.press("ArrowRight")
    expect(page.locator(f"fieldset.answers input[data-digit='{digit}']").first).to_be_checked()


def on_by_keyboard(page: Page, name: str) -> None:
    tab_to(page, f"button[value='{name}']")
    page.keyboard.press("Enter")


def test_the_log_is_answered_by_keyboard_and_cannot_be_had_back(
    site: Site, therapist: Page, device: BrowserContext, actor: Actor
) -> None:
    code = hand_over(site, therapist, actor, "One question at a time")
    picture(therapist, "handover-code")
    page = device.new_page()
    begin_by_keyboard(site, page, code)
    total = int(re.findall(r"of (\d+)", page.locator(".progress").inner_text())[0])
    for number in range(1, total + 1):
        expect(page.locator(".progress")).to_contain_text(f"{number} of {total}")
        if number <= 15:
            answer_by_keyboard(page, "4" if number == 7 else "1")
        on_by_keyboard(page, "next")
    expect(page.get_by_text("That was the last question")).to_be_visible()
    on_by_keyboard(page, "back")
    expect(page.locator(".progress")).to_contain_text(f"{total} of {total}")
    on_by_keyboard(page, "next")
    expect(page.get_by_text("That was the last question")).to_be_visible()
    on_by_keyboard(page, "finish")
    assert_ended(page)
    for _ in range(4):
        page.go_back()
        assert_ended(page)
    therapist.get_by_role("link", name="Look again").click()
    expect(therapist.get_by_text("Finished by the client")).to_be_visible()
    therapist.get_by_role("link", name=re.compile("Read the log")).click()
    expect(therapist.get_by_text("By the client on the clinic's device")).to_be_visible()
    expect(therapist.get_by_text("Open the safety event").first).to_be_visible()


def assert_ended(page: Page) -> None:
    expect(page.get_by_role("heading", name="Finished")).to_be_visible()
    expect(page.get_by_text("Nothing is open on this screen any more")).to_be_visible()
    assert page.locator("fieldset").count() == 0
    assert page.title() == "Finished"


def test_the_quick_way_out_ends_the_screen_and_leaves_nothing(
    site: Site, therapist: Page, device: BrowserContext, actor: Actor
) -> None:
    code = hand_over(site, therapist, actor, "All on one page")
    page = device.new_page()
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(f"{frame.url} {page.title()}"))
    begin_by_keyboard(site, page, code)
    page.locator("label.answer:has(input[name='a.E2'][value='4'])").tap()
    script = page.locator("html[data-script]").count() > 0
    if script:
        expect(page.locator("[data-saved-for]")).to_contain_text("Saved")
        expect(page.locator("[data-progress]")).to_contain_text("1 of")
    page.get_by_role("link", name="Leave now").tap()
    expect(page).to_have_url(f"{site.url}/away")
    assert page.evaluate(LEFT_BEHIND) == [0, 0, 0, 0, 0] if script else True
    page.go_back()
    assert "longing" not in page.content()
    assert page.locator("fieldset").count() == 0
    assert device.cookies() == []
    assert not any(word in " ".join(visited) for word in ("wsl", "Withdrawal", "Zoë", "P1", "E2"))
    therapist.get_by_role("link", name="Look again").click()
    if script:
        expect(therapist.get_by_role("heading", name="Filled in by the client, not finished")).to_be_visible()
        therapist.get_by_role("button", name="Take into the record").click()
        expect(therapist.get_by_text("Taken into the record.")).to_be_visible()
    else:
        expect(therapist.get_by_text("Ended before anything was answered")).to_be_visible()


def test_handing_this_device_over_leaves_no_way_into_the_record(site: Site, therapist: Page, actor: Actor) -> None:
    with site.app.app_context():
        case = builders.add_case(actor, chosen_name="Philippa Vane")
    page = therapist
    page.goto(f"{site.url}/cases/{case.id}")
    page.get_by_role("link", name="Hand over a form").click()
    page.get_by_label("Form", exact=True).select_option("wsl")
    page.get_by_label("One question at a time").check()
    page.get_by_label("Can the client answer in private?").select_option("yes")
    page.get_by_label("Interpreter").select_option("none")
    page.get_by_label("How things stand with the other person").select_option("on_off")
    page.get_by_role("button", name="Hand this device over").click()
    expect(page.get_by_role("heading", name="Questions for today")).to_be_visible()
    for _ in range(2):
        page.go_back()
        expect(page.get_by_role("heading", name="Locked")).to_be_visible()
        assert "Philippa" not in page.content()
    for path in ("/day", f"/cases/{case.id}", "/"):
        page.goto(site.url + path)
        expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    page.goto(f"{site.url}/form")
    expect(page.get_by_role("heading", name="Questions for today")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_a_hand_over_are_sound_in_every_width(
    site: Site, therapist: Page, chromium: Browser, actor: Actor, scheme: str
) -> None:
    problems: list[str] = []
    therapist.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    codes = {mode: hand_over(site, therapist, actor, mode) for mode in ("One question at a time", "All on one page")}
    context = chromium.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: hear(message, heard))
    measure(page, f"{site.url}/begin", f"begin-{scheme}", problems)
    for mode, code in codes.items():
        begin_by_keyboard(site, page, code)
        measure(page, f"{site.url}/form?at=3", f"form-{mode[:3]}-{scheme}", problems)
    measure(page, f"{site.url}/form?at=99", f"ready-{scheme}", problems)
    measure(page, f"{site.url}/away", f"away-{scheme}", problems)
    page.goto(f"{site.url}/form/leave")
    measure(page, f"{site.url}/form", f"ended-{scheme}", problems)
    measure(therapist, therapist.url, f"handover-{scheme}", problems)
    context.close()
    assert problems == []
    assert [line for line in heard if "Failed to load resource" not in line] == []


def measure(page: Page, address: str, name: str, problems: list[str]) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        picture(page, f"handover-{name}-{width}")
        problems += problems_of(page, f"{name} {width}")
