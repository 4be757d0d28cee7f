"""Our Questionnaire in LHC-Forms, in a real browser: it loads without complaint, and its sums are ours.

LHC-Forms is served from the unpacked package on loopback; nothing else is fetched.
"""

import functools
import json
import shutil
from collections.abc import Iterator, Mapping
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from schemas.instruments import find
from schemas.instruments.answer import Answers
from schemas.instruments.capture import NonAnswer
from service.domain.scoring import score
from service.fhir.addresses import Addresses
from service.fhir.questionnaire import questionnaire
from service.fhir.questionnaire_response import answers_from, response_items
from tests.builders import wsl_answers
from tests.tools.packages import npm_package

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.interop,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
WSL, AT = find("wsl"), Addresses("https://stepwell.example", "https://stepwell.example/fhir/R4")
SCRIPTS = ("polyfills", "runtime", "main")
PARTS = ("physical-subtotal", "emotional-subtotal", "cognitive-subtotal", "total")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        return


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """LHC-Forms as its package has it, and a page that loads it."""
    root = tmp_path_factory.mktemp("lforms")
    (root / "lforms").symlink_to(npm_package("lforms") / "dist" / "lforms")
    (root / "page.html").write_text(page_source())
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(root)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/page.html"
    server.shutdown()
    server.server_close()


def page_source() -> str:
    scripts = "".join(f'<script src="/lforms/webcomponent/{name}.js"></script>' for name in SCRIPTS)
    return (
        '<!doctype html><html lang="en"><head><title>Form</title>'
        '<link rel="stylesheet" href="/lforms/webcomponent/styles.css"></head><body><div id="form"></div>'
        f'{scripts}<script src="/lforms/fhir/R4/lformsFHIR.min.js"></script></body></html>'
    )


@pytest.fixture
def tab(address: str) -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        trouble: list[str] = []
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
        page.goto(address)
        yield page
        browser.close()
        assert [each for each in trouble if "favicon" not in each] == []


def show(page: Page, response: Mapping[str, object] | None = None) -> None:
    """Load our form, with a saved response if there is one."""
    page.evaluate(
        """async ([form, response]) => {
            const data = LForms.Util.convertFHIRQuestionnaireToLForms(form, 'R4');
            const merged = response ? LForms.Util.mergeFHIRDataIntoLForms('QuestionnaireResponse', response, data,
            'R4') : data;
            await LForms.Util.addFormToPage(merged, 'form');
        }""",
        [questionnaire(WSL, AT), response],
    )
    expect(page.get_by_text("Stomach upset, feeling sick, or gut trouble")).to_be_visible()


def choose(page: Page, answers: Answers) -> None:
    """Click the option of each answered choice."""
    for key, code in answers.items():
        if isinstance(code, NonAnswer):
            continue
        label = next(each.label for each in WSL.item(key).answer.options if each.code == code)  # type: ignore[union-attr]
        page.locator(f'lhc-item-choice-radio-button input[name="{key}/1/1"], [id^="{key}/"] label').first.wait_for()
        page.locator(f'[id="label-{key}/1/1"]').first.wait_for()
        page.get_by_role("group", name=WSL.item(key).prompt).get_by_text(label).click()


def filled_in(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4')")
    return found


def sums_of(response: Mapping[str, Any]) -> dict[str, float]:
    """linkId -> value of the calculated items."""
    leaves = [leaf for group in response["item"] for leaf in (group, *group.get("item", []))]
    return {leaf["linkId"]: leaf["answer"][0]["valueDecimal"] for leaf in leaves if leaf["linkId"] in PARTS}


def ours(answers: Answers) -> dict[str, float]:
    found = score(WSL, answers)
    values = dict(zip(PARTS, (*(each.value for each in found.domains), found.total.value), strict=True))
    return {name: value for name, value in values.items() if value is not None}
