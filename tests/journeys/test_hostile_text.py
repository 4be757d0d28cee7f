"""Script strings in every text of a practice: pages show them as text, PDF and FHIR carry them as text, nothing runs,
nothing leaves.

One case holds every string in each text, three more hold one string a field; staff names are script strings as well.
"""

import io
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect
from pypdf import PdfReader

from schemas.actions import Action
from schemas.vocabulary import GoalDomain, PlanType, ReportPart, Role
from service.app import create_app
from service.casework import goals, people, plans, records
from service.casework.goals import GoalDraft
from service.casework.people import NewPerson
from service.casework.plans import PlanDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.safety import PlanLine
from service.domain.withholding import WITHHELD
from service.fhir import publish
from service.reports import progress, report, safety_plan
from service.reports.progress import Period, Wanted
from service.store import accounts, crisis, keyring
from service.store.base import db
from tests import builders
from tests.conftest import close, migrate, settings_for
from tests.hostile import EVERYTHING, Planted, Words, plant, plant_logs, plant_people
from tests.journeys.site import Site, serving
from tests.web.markup import flaws

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

# Counts each call of what the strings would call, before any page has a say.
WATCH = (
    "window.planted = 0; for (const name of ['alert', 'print', 'open']) window[name] = () => { window.planted += 1 }"
)
STRANGERS = (
    "script:not([src]), iframe, object, embed, img, video, audio, base, style, math, marquee, template, x, "
    "meta[http-equiv=refresh], link[rel=attachment]"
)
OF_CASE = (
    "/cases/{case_id}",
    "/cases/{case_id}/details",
    "/cases/{case_id}/client",
    "/cases/{case_id}/contact",
    "/cases/{case_id}/record-check",
    "/cases/{case_id}/other-person",
    "/cases/{case_id}/presentation",
    "/cases/{case_id}/cover",
    "/cases/{case_id}/close",
    "/cases/{case_id}/goals/{goal_id}",
    "/cases/{case_id}/course",
    "/cases/{case_id}/plans",
    "/cases/{case_id}/events",
    "/cases/{case_id}/reports",
    "/cases/{case_id}/export",
    "/cases/{case_id}/sessions/new",
    "/cases/{case_id}/log",
    "/sessions/{draft_session_id}",
    "/sessions/{signed_session_id}/read",
    "/notes/{note_id}/sign",
    "/notes/{signed_note_id}",
    "/intakes/{intake_id}",
    "/intakes/{corrected_id}",
    "/intakes/{corrected_id}/amend",
    "/events/{event_id}",
    "/events/{open_event_id}",
)
OF_PLAN = ("", "/edit", "/versions", "/copy", "/aloud", "/withdraw")


@dataclass(frozen=True)
class Practice:
    """A served practice in which nothing but codes and dates is harmless."""

    site: Site
    therapist: Actor
    supervisor: Actor
    admin: Actor
    planted: tuple[Planted, ...]
    staff: Mapping[str, str]
    told: Mapping[str, tuple[str, ...]]
    """By id, what logs tell in cases that protect none of it."""


@dataclass
class Heard:
    """What a browser did that it should not have done."""

    home: str
    complaints: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        context.on("dialog", self.dismiss)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", lambda message: self.complaints.append(f"console: {message.text}"))
        context.on("request", lambda request: self.follow(request.url))
        context.on("page", lambda page: page.on("download", lambda file: self.complaints.append(f"file {file.url}")))

    def dismiss(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def follow(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.home).netloc:
            self.complaints.append(f"a request to {url[:80]}")


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    folder = tmp_path_factory.mktemp("hostile")
    data_dir = folder / "data"
    data_dir.mkdir(mode=0o700)
    settings = settings_for(data_dir, folder / "keys" / "master.json", f"sqlite:///{data_dir / 'stepwell.sqlite3'}")
    keyring.create_file(settings.key_file)
    migrate(settings)
    app = create_app(settings)
    with serving(app) as url:
        yield furnished(app, url)
    close(app)


def furnished(app: Flask, url: str) -> Practice:
    waker = app.extensions.pop("stepwell.waker")
    with app.app_context():
        practice_id = accounts.add_practice("<script>alert(1)</script>", "Europe/Dublin").id
        db.session.commit()
        admin, supervisor = add_staff(practice_id, Role.ADMIN), add_staff(practice_id, Role.SUPERVISOR)
        therapist = add_staff(practice_id, Role.THERAPIST)
        accounts.supervise(practice_id, supervisor.user_id, therapist.user_id, clock.now().date())
        crisis.put_panel(practice_id, builders.a_panel(confirmed_by="<script>alert(1)</script>"), admin.user_id)
        db.session.commit()
        staff = plant_people(admin)
        planted = tuple(plant(therapist, Words(start * 61)) for start in range(3))
        planted = (plant(therapist, Words(all_at_once=True)), *planted)
        sources = (Words(all_at_once=True), *(Words(start * 61) for start in range(3)))
        told = dict(plant_logs(therapist, builders.add_case(therapist).id, words)[1:] for words in sources)
        publish.drain()
    app.extensions["stepwell.waker"] = waker
    return Practice(Site(app, url, practice_id), therapist, supervisor, admin, planted, staff, told)


def add_staff(practice_id: str, role: Role) -> Actor:
    """One whose name is a script string."""
    name = f"<img src=x onerror=alert(1)>{role}"
    row = people.add_person(practice_id, NewPerson(name, f"{role}@hostile.example", role, name))
    db.session.commit()
    return Actor(row.id, practice_id, role, name, stepped_up=True)


@pytest.fixture
def heard(practice: Practice) -> Iterator[Heard]:
    """Listens to a browser; whatever it heard fails the test."""
    found = Heard(practice.site.url)
    yield found
    assert found.complaints == []


def page_of(practice: Practice, browser: Browser, heard: Heard, actor: Actor) -> Page:
    context = browser.new_context()
    context.add_init_script(WATCH)
    heard.listen(context)
    page = context.new_page()
    practice.site.sign_in(page, actor)
    return page


def look(page: Page, heard: Heard, name: str) -> None:
    """What stands in the browser is sound, and nothing that was planted has run."""
    raw = page.content()
    heard.complaints += [f"{name}: {each}" for each in flaws(raw)]
    strangers = page.evaluate(
        "names => [...document.querySelectorAll(names)].map(each => each.outerHTML.slice(0, 80))", STRANGERS
    )
    handlers = page.evaluate(
        "[...document.querySelectorAll('*')].flatMap(each => each.getAttributeNames())"
        ".filter(name => name.startsWith('on') || name === 'style' || name === 'srcdoc')"
    )
    heard.complaints += [f"{name}: {each}" for each in (*strangers, *handlers)]
    if page.evaluate("window.planted"):
        heard.complaints.append(f"{name}: something that was planted ran")


def visit(practice: Practice, page: Page, heard: Heard, path: str) -> None:
    answer = page.goto(practice.site.url + path)
    assert answer is not None
    if answer.status != 200:
        heard.complaints.append(f"{path}: {answer.status}")
    look(page, heard, path)


def paths_of(planted: Planted) -> list[str]:
    ids = {name: value for name, value in vars(planted).items() if isinstance(value, str)}
    plan_paths = [f"/plans/{plan_id}{each}" for plan_id in planted.plan_ids for each in OF_PLAN]
    return [each.format(**ids) for each in OF_CASE] + plan_paths


def test_what_looks_for_running_text_finds_it(practice: Practice, browser: Browser) -> None:
    heard = Heard(practice.site.url)
    page = page_of(practice, browser, heard, practice.therapist)
    raw = "<!doctype html><title>x</title><img src=/x onerror=alert(1)><script>fetch('//evil.example')</script>"
    page.route("**/raw", lambda route: route.fulfill(body=raw, content_type="text/html"))
    page.goto(f"{practice.site.url}/raw", wait_until="load")
    look(page, heard, "raw")
    told = "\n".join(heard.complaints)
    assert "something that was planted ran" in told and "onerror" in told
    assert "<script> is not allowed here" in told and "a request to http://evil.example" in told
    page.context.close()


@pytest.mark.parametrize("number", range(4), ids=["every string at once", "one a field", "another", "and another"])
def test_no_page_of_a_case_runs_what_was_typed(practice: Practice, browser: Browser, heard: Heard, number: int) -> None:
    page = page_of(practice, browser, heard, practice.therapist)
    planted = practice.planted[number]
    for path in paths_of(planted):
        visit(practice, page, heard, path)
    page.goto(f"{practice.site.url}/cases/{planted.case_id}/reports")
    for box in page.locator("input[name=parts]").all():
        box.check()
    page.get_by_role("button", name="See what goes in").click()
    expect(page.get_by_role("heading", name="Stays out")).to_be_visible()
    look(page, heard, "report preview")
    page.context.close()


def test_every_string_stands_on_the_page_as_it_was_typed(practice: Practice, browser: Browser, heard: Heard) -> None:
    page = page_of(practice, browser, heard, practice.therapist)
    planted = practice.planted[0]
    for path in (
        f"/notes/{planted.signed_note_id}",
        f"/plans/{planted.plan_ids[0]}",
        f"/cases/{planted.case_id}/details",
    ):
        page.goto(practice.site.url + path)
        shown = squeezed(page.locator("main").inner_text())
        assert [each for each in EVERYTHING if squeezed(each) not in shown] == [], path
    page.goto(f"{practice.site.url}/sessions/{planted.draft_session_id}")
    typed = page.locator("textarea[name='sections.behaviour']").input_value()
    assert [each for each in EVERYTHING if each not in typed] == []
    page.context.close()


def test_lists_of_cases_and_due_work_run_nothing(practice: Practice, browser: Browser, heard: Heard) -> None:
    page = page_of(practice, browser, heard, practice.therapist)
    for path in ("/day", "/caseload", "/find", "/account"):
        visit(practice, page, heard, path)
    for text in EVERYTHING[:8]:
        page.goto(f"{practice.site.url}/find")
        page.locator("main [name=find], [name=find]").last.fill(text)
        with page.expect_navigation():
            page.locator("main [name=find], [name=find]").last.press("Enter")
        look(page, heard, "find")
    assert heard.complaints == []
    page.context.close()


def test_team_and_people_pages_run_nothing(practice: Practice, browser: Browser, heard: Heard) -> None:
    page = page_of(practice, browser, heard, practice.supervisor)
    for path in ("/team", *(f"/cases/{each.case_id}" for each in practice.planted)):
        visit(practice, page, heard, path)
    page.context.close()
    page = page_of(practice, browser, heard, practice.admin)
    for path in (
        "/people",
        "/people/invite",
        "/people/supervision",
        "/audit",
        f"/people/{practice.therapist.user_id}/end",
    ):
        visit(practice, page, heard, path)
    shown = squeezed((page.goto(f"{practice.site.url}/people") and page.locator("main").inner_text()) or "")
    assert [each for each in EVERYTHING if squeezed(each) not in shown] == []
    page.goto(f"{practice.site.url}/people/{practice.therapist.user_id}/reset")
    with page.expect_navigation():
        page.locator("main form button").first.click()
    look(page, heard, "reset asked")
    page.context.close()


def test_the_progress_report_carries_every_string_as_text(practice: Practice) -> None:
    with practice.site.app.app_context():
        actor = practice.therapist
        case = builders.add_case(actor, chosen_name=EVERYTHING[0])
        for words in EVERYTHING:
            goals.save_goal(actor, case.id, GoalDraft(GoalDomain.PERSONAL, words, words, words))
        record = records.read_record(actor, case.id, Action.REPORT_MAKE)
        today = clock.now().date()
        wanted = Wanted(Period(today, today), frozenset(ReportPart), today, author=actor.name)
        text = pdf_text(report.pdf(progress.REPORT, progress.collect(record, wanted)))
    assert missing([*EVERYTHING, actor.name], text) == []


def test_reports_of_planted_cases_can_be_made(practice: Practice) -> None:
    with practice.site.app.app_context():
        for planted in practice.planted:
            record = records.read_record(practice.therapist, planted.case_id, Action.REPORT_MAKE)
            today = clock.today(record.practice.zone)
            wanted = Wanted(Period(today, today), frozenset(ReportPart), today, author=practice.therapist.name)
            made = report.pdf(progress.REPORT, progress.collect(record, wanted))
            assert missing([planted.chosen_name], pdf_text(made)) == []
            assert b"/JavaScript" not in made and b"/EmbeddedFile" not in made and b"/URI" not in made


def test_a_plan_copy_carries_every_string_as_text(practice: Practice) -> None:
    with practice.site.app.app_context():
        actor = practice.therapist
        case = builders.add_case(actor)
        plan = plans.start_plan(actor, case.id, PlanType.PL_URGE)
        lines = {"tools": PlanLine("\n".join(EVERYTHING), on_copy=True)}
        plan = plans.save_plan(actor, plan.id, PlanDraft(lines, True, True), version=plan.version)
        plan = plans.activate_plan(actor, plan.id, version=plan.version)
        context = safety_plan.collect(plan, title="Notes", today=clock.now().date())
        made = report.pdf(safety_plan.REPORT, context)
    assert missing(EVERYTHING, pdf_text(made)) == []
    assert b"/JavaScript" not in made and b"/EmbeddedFile" not in made and b"/URI" not in made


def test_fhir_data_is_sound_json_and_carries_the_strings_as_text(practice: Practice, browser: Browser) -> None:
    page = browser.new_page()
    practice.site.sign_in(page, practice.therapist)
    for planted in practice.planted:
        for resource_type in ("QuestionnaireResponse", "Encounter", "CarePlan", "DocumentReference", "Observation"):
            assert fhir(practice, page, f"{resource_type}?patient={planted.case_id}")["resourceType"] == "Bundle"
        assert planted.chosen_name in set(strings_of(fhir(practice, page, f"Patient/{planted.case_id}")))
        told = set(strings_of(fhir(practice, page, f"QuestionnaireResponse/{planted.corrected_id}")))
        assert set(planted.told) <= told or WITHHELD in told, "what tells of other planted words is withheld, not lost"
    for log_id, texts in practice.told.items():
        assert texts and set(texts) <= set(strings_of(fhir(practice, page, f"QuestionnaireResponse/{log_id}")))
    for person_id, name in practice.staff.items():
        assert name in set(strings_of(fhir(practice, page, f"Practitioner/{person_id}")))
    page.close()


def fhir(practice: Practice, page: Page, path: str) -> Any:
    answer = page.request.get(f"{practice.site.url}/fhir/R4/{path}")
    assert answer.status == 200, path
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    return json.loads(answer.text())


def strings_of(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from strings_of(each)
        case list():
            for each in value:
                yield from strings_of(each)
        case _:
            return


def squeezed(text: str) -> str:
    """Without white space, control characters and marks of direction, which a page or a PDF lays out in its own way."""
    return "".join(char for char in text if not char.isspace() and unicodedata.category(char) not in ("Cf", "Cc"))


def pdf_text(content: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def missing(texts: Iterable[str], pdf: str) -> list[str]:
    """Texts of plain letters that a PDF does not hold; pypdf cannot tell letters that the report's font lacks."""
    return [each for each in texts if each.isascii() and squeezed(each) not in pdf]
