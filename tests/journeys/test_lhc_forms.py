"""Our Questionnaire in LHC-Forms, in a real browser: it loads without complaint, and its sums are ours.

LHC-Forms is served from the unpacked package on loopback; nothing else is fetched.
"""

import functools
import random
from collections.abc import Callable, Iterator, Mapping
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from schemas.instruments import find
from schemas.instruments.answer import Answers
from schemas.instruments.capture import NonAnswer
from service.domain.actors import Actor
from service.domain.scoring import score
from service.fhir.addresses import Addresses
from service.fhir.questionnaire import questionnaire
from service.fhir.questionnaire_response import answers_from, response_items
from tests import builders
from tests.builders import House, wsl_answers
from tests.tools.packages import npm_package

pytestmark = [
    pytest.mark.browser,
    pytest.mark.interop,
    pytest.mark.slow,
]
WSL, AT = find("wsl"), Addresses("https://stepwell.example", "https://stepwell.example/fhir/R4")
SCRIPTS = ("assets/lib/zone.min", "runtime", "polyfills", "main")
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
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/page.html"
    server.shutdown()
    server.server_close()


def page_source() -> str:
    scripts = "".join(f'<script src="/lforms/webcomponent/{name}.js"></script>' for name in SCRIPTS)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>Form</title>'
        '<link rel="stylesheet" href="/lforms/webcomponent/styles.css"></head><body><div id="form"></div>'
        f'{scripts}<script src="/lforms/fhir/R4/lformsFHIR.min.js"></script></body></html>'
    )


@pytest.fixture
def tab(address: str, chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    page.goto(address)
    yield page
    page.close()
    assert [each for each in trouble if "favicon" not in each] == []


def show(page: Page, response: Mapping[str, object] | None = None, form: Mapping[str, object] | None = None) -> None:
    """Load our form, as it was fetched or as it is made, with a saved response if there is one."""
    page.evaluate(
        """async ([form, response]) => {
            const data = LForms.Util.convertFHIRQuestionnaireToLForms(form, 'R4');
            const merged = response ? LForms.Util.mergeFHIRDataIntoLForms('QuestionnaireResponse', response, data,
            'R4') : data;
            await LForms.Util.addFormToPage(merged, 'form');
        }""",
        [form or questionnaire(WSL, AT), response],
    )
    expect(page.get_by_text("Stomach upset, feeling sick, or gut trouble")).to_be_visible()


def choose(page: Page, answers: Answers) -> None:
    """Click the option of each answer; every label carries item, system and code as its id."""
    for key, code in answers.items():
        page.locator(f'[id="{key}/1/1|{AT.system(f"wsl-{key}")}|{code}"]').click()


def set_at_once(page: Page, answers: Answers) -> dict[str, Any]:
    """Give the form's own model these answers and no others, and let the form work its sums out."""
    found: dict[str, Any] = page.evaluate(
        """async (answers) => {
            const form = document.querySelector('wc-lhc-form').lhcFormData;
            for (const item of form.itemList)
                if (/^[PEC]\\d$/.test(item.linkId))
                    item.value = (item.answers || []).find((each) => each.code === answers[item.linkId]) || null;
            await form._expressionProcessor.runCalculations(false);
            return LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4');
        }""",
        answers,
    )
    return found


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


def varied(**changes: str) -> Answers:
    """Levels that differ from item to item, so that a wrong sum shows."""
    return wsl_answers(1, P2="4", P5="3", E1="4", E3="0", C2="2", C4="3") | changes


def without(answers: Answers, *keys: str) -> Answers:
    return {key: value for key, value in answers.items() if key not in keys}


@pytest.mark.parametrize(
    "answers",
    [
        varied(),
        without(varied(), "P1"),
        without(varied(P2="3"), "P3", "E4", "C5"),
        without(varied(), "P1", "P4"),
        without(varied(), "C1", "C2", "C3", "E1"),
    ],
    ids=["complete", "one item missing", "one missing in each domain", "two missing", "two domains incomplete"],
)
def test_its_sums_are_ours(tab: Page, answers: Answers) -> None:
    show(tab)
    choose(tab, answers)
    response = filled_in(tab)
    assert sums_of(response) == ours(answers)
    assert answers_from(WSL, response) == answers


@pytest.mark.timeout(600)
def test_its_sums_are_ours_for_two_hundred_random_sets_of_answers(tab: Page) -> None:
    """Zero to six items are left open in each, so that prorated, unscored and whole domains all occur."""
    dice = random.Random(200)
    items = [item.key for item in WSL.scored_items()]
    show(tab)
    seen: set[int] = set()
    for _ in range(200):
        answers = {key: str(dice.randint(0, 4)) for key in dice.sample(items, len(items) - dice.randint(0, 6))}
        assert sums_of(set_at_once(tab, answers)) == ours(answers), answers
        seen.add(len(ours(answers)))
    assert seen >= {0, 1, 2, 4}


def test_the_sums_follow_a_changed_answer(tab: Page) -> None:
    show(tab)
    choose(tab, varied())
    choose(tab, {"P2": "0"})
    assert sums_of(filled_in(tab)) == ours(varied(P2="0"))


def test_a_reason_for_skipping_is_asked_only_while_there_is_no_answer(tab: Page) -> None:
    show(tab)
    reason = tab.locator('[id="item-P1-skipped/1/1"]')
    expect(reason).to_be_visible()
    choose(tab, {"P1": "2"})
    expect(reason).to_be_hidden()


def test_a_saved_response_is_shown_with_the_sums_it_holds(tab: Page) -> None:
    answers = {**varied(), "P1": NonAnswer.DECLINED}
    items = response_items(WSL, answers, score(WSL, answers), AT)
    saved = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}
    show(tab, saved)
    response = filled_in(tab)
    assert sums_of(response) == ours(answers)
    assert answers_from(WSL, response) == answers


def test_what_is_filled_in_there_is_kept_here(
    app: Flask, house: House, sign_in: Callable[[Actor], FlaskClient], tab: Page
) -> None:
    """The form comes from the FHIR edge and the response goes back to it, as LHC-Forms writes it."""
    with app.app_context():
        case_id = builders.add_case(house.therapist).id
    client, answers = sign_in(house.therapist), varied(P2="3")
    package = client.get("/fhir/R4/Questionnaire/$questionnaire-package?questionnaire=" + AT.questionnaire("wsl")).json
    show(tab, form=(package or {})["entry"][0]["resource"])
    choose(tab, answers)
    response = tab.evaluate(
        "subject => LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4', null, {subject})",
        {"resourceType": "Patient", "id": case_id},
    )
    made = client.post("/fhir/R4/QuestionnaireResponse", json=response)
    assert made.status_code == 201, made.text
    total = client.get(f"/fhir/R4/Observation?patient={case_id}&code=wsl-total").json or {}
    assert total["entry"][0]["resource"]["valueQuantity"]["value"] == ours(answers)["total"]
    again = client.post("/fhir/R4/QuestionnaireResponse", json=response)
    assert (again.status_code, again.headers["Location"]) == (200, made.headers["Location"])
