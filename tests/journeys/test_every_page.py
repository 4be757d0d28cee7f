"""Every page that links lead to, for each kind of person, in three widths, light and dark: sound markup, no axe
violation, nothing blocked by the content policy, no sideways scrolling, and no name in a title or an address.

A page is loaded once, then made narrower and put into the other scheme; no script of ours asks for either.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Literal
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page
from werkzeug.exceptions import HTTPException

from schemas.vocabulary import Role
from service.casework.demo_cast import CAST
from tests.journeys.site import Site, demo_site, picture
from tests.web.markup import flaws

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

WIDTHS = (1280, 820, 420)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
MOST_PAGES = 70
# The whole answer of axe lists every rule that holds, which takes longer to carry over than to find out.
AXE = "axe.run({resultTypes: ['violations']}).then(results => results.violations)"
NAMES = {part for member in CAST for part in member.name.replace("-", " ").split() if len(part) > 3}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demo_site(
        tmp_path_factory.mktemp("pages"), "Zoë", "Wren", "Marguerite", "Ingrid", "נועה", "Dearbhla"
    ) as found:
        yield found


def visit(site: Site, page: Page, look: Callable[[str], None]) -> set[str]:
    """Open each HTML page that links lead to from the start page, one an endpoint, and look at it."""
    found: set[str] = set()
    waiting = ["/"]
    routes = site.app.url_map.bind("127.0.0.1")
    while waiting and len(found) < MOST_PAGES:
        path = waiting.pop(0)
        try:
            endpoint, _ids = routes.match(urlsplit(path).path, method="GET")
        except HTTPException:
            continue
        if endpoint in found or endpoint == "static":
            continue
        answer = page.request.get(site.url + path)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        found.add(endpoint)
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        page.goto(site.url + path)
        look(endpoint)
        waiting += page.eval_on_selector_all("a[href^='/']", "links => links.map(link => link.getAttribute('href'))")
    return found


def problems_of(page: Page, name: str) -> list[str]:
    """What is wrong with the page as it stands in this width and theme."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(Axe().axe_script)
    found = [f"axe {each['id']}: {each['nodes'][0]['html'][:120]}" for each in page.evaluate(AXE)]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("scrolls sideways")
    if NAMES & set(page.title().replace("-", " ").split()) or any(each in unquote(page.url) for each in NAMES):
        found.append("a name stands in the title or the address")
    return [f"{name}: {each}" for each in found]


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.SUPERVISOR, Role.ADMIN])
def test_every_page_is_sound_in_every_width_and_scheme(site: Site, browser: Browser, role: Role) -> None:
    # Without motion: colours on their way from one scheme to the other are those of neither.
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: hear(message, heard))
    page.on("pageerror", lambda error: heard.append(str(error)))
    site.sign_in(page, site.actor(role, "Ana" if role is Role.THERAPIST else ""))
    problems: list[str] = []

    def look(endpoint: str) -> None:
        problems.extend(f"{endpoint}: {each}" for each in flaws(page.content()))
        for width, scheme in product(WIDTHS, SCHEMES):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(f"matchMedia('(prefers-color-scheme: {scheme})').matches")
            problems.extend(problems_of(page, f"{endpoint} at {width}, {scheme}"))
            picture(page, f"{role}-{endpoint}-{width}-{scheme}")

    found = visit(site, page, look)
    context.close()
    assert problems + heard == []
    assert len(found) >= {Role.THERAPIST: 34, Role.SUPERVISOR: 20, Role.ADMIN: 10}[role]


def hear(message: ConsoleMessage, heard: list[str]) -> None:
    if message.type in ("error", "warning"):
        heard.append(message.text)
