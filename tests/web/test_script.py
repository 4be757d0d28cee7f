"""The page script in a real browser, under the strict content policy, against a small server that answers as told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, Page, expect

from service.web.forms import Form

ROOT = Path(__file__).parents[2]

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
HOUSE = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined)
WORK = """
{% extends "layout/base.html" %}
{% from "parts/field.html" import choice_row, progress, textarea %}
{% from "parts/form.html" import action_button, form, saved_line, submit %}
{% from "parts/nav.html" import page_head %}
{% from "parts/table.html" import cell, row, row_head, table_frame %}
{% block head %}{{ page_head("Session note", "C-1", "Zoë") }}{% endblock %}
{% block main %}
{% call form("/note", "tok", "note", "7", "/draft") %}
{{ textarea("plan", "Plan", at_least=20) }}{{ saved_line("note") }}{{ progress(0, 2) }}
{% for key in ("P1", "P2") %}
{{ choice_row(key, key, [("0", "0", "no"), ("1", "1", "yes")], "", [("declined", "Declined")]) }}
{% endfor %}
{{ choice_row("P2_mostly", "Mostly", [("day", "", "by day"), ("night", "", "at night")], "") }}
{{ submit("Save draft", unfinished=true) }}
{% endcall %}
{% call table_frame("Cases", [("Case", "")], keys=true) %}
{% for code in ("C-1", "C-2") %}{% call row("row-" ~ code) %}{{ row_head(code, "/" ~ code) }}
{% call cell("Attendance") %}{{ action_button("/attend", "tok", "Came", fragment="row-" ~ code) }}{% endcall %}
{% endcall %}{% endfor %}
{% endcall %}
{% endblock %}
"""
RENEWED = "<table><tbody><tr id='row-C-1'><th>C-1</th><td>Came at 10:00</td></tr></tbody></table>"

pytestmark = [pytest.mark.browser]


@dataclass
class Desk:
    """The far side: what it answers next, and what came in."""

    draft: tuple[int, dict[str, object]] = (200, {"saved_at": "14:03", "version": "8"})
    lock_after: int = 600
    posts: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""

    def page(self) -> str:
        links = [("My day", "/day", True)]
        frame = SimpleNamespace(
            page_task="Session note", practice_name="Millrace", user_name="Ines", nav=links, csrf_token="tok",
            lock_after_seconds=self.lock_after, find_url="/find", lock_url="/lock", sign_out_url="/out",
            static="/static", theme="", panel=False, case_label="", banner=None, said=None, form=Form(),
        )  # fmt: skip
        return HOUSE.from_string(WORK).render(frame=frame)

    def answer(self, path: str) -> tuple[int, str, str]:
        if path == "/draft":
            return self.draft[0], "application/json", json.dumps(self.draft[1])
        if path == "/attend":
            return 200, "text/html", RENEWED
        return 200, "text/html", f"<!doctype html><title>x</title><h1>Posted to {path}</h1>"

    def sent(self, path: str) -> list[str]:
        return [body for where, body in self.posts if where == path]


@contextmanager
def serving(desk: Desk) -> Iterator[Desk]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Quiet."""

        def reply(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            if not self.path.startswith("/static/"):
                return self.reply(200, "text/html", desk.page().encode())
            file = ROOT / "service" / "web" / self.path[1:]
            return self.reply(200, KINDS[file.suffix], file.read_bytes())

        def do_POST(self) -> None:
            desk.posts.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            status, kind, content = desk.answer(self.path)
            self.reply(status, kind, content.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    desk.address = f"http://127.0.0.1:{server.server_port}/work"
    yield desk
    server.shutdown()
    server.server_close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    with serving(Desk()) as served:
        yield served


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A page that fails its test on any script error or refused content."""
    page = chromium.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda line: trouble.append(line.text) if "Content Security" in line.text else None)
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    page.close()
    assert trouble == []


def stored(page: Page) -> object:
    return page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")


def test_a_draft_is_saved_while_typing_and_said_so(desk: Desk, tab: Page) -> None:
    tab.goto(desk.address)
    tab.locator("#f-plan").type("Ring Ana")
    expect(tab.locator("[data-saved-for=note]")).to_have_text("Saved 14:03")
    expect(tab.locator("[name=version]")).to_have_value("8")
    assert "plan=Ring+Ana" in desk.sent("/draft")[-1]
    assert "csrf_token=tok" in desk.sent("/draft")[-1]
    assert stored(tab) == [0, 0, ""]


def test_typing_survives_a_lost_connection_and_is_sent_later(desk: Desk, tab: Page) -> None:
    desk.draft = (503, {})
    tab.goto(desk.address)
    tab.locator("#f-plan").type("Ring Ana")
    expect(tab.locator("[data-saved-for=note]")).to_contain_text("keeps trying")
    expect(tab.locator("#f-plan")).to_have_value("Ring Ana")
    desk.draft = (200, {"saved_at": "14:05", "version": "8"})
    expect(tab.locator("[data-saved-for=note]")).to_have_text("Saved 14:05", timeout=10_000)


def test_a_clash_keeps_the_typing_and_carries_it_to_the_comparison(desk: Desk, tab: Page) -> None:
    desk.draft = (409, {"compare_url": "/compare"})
    tab.goto(desk.address)
    tab.locator("#f-plan").type("Mine")
    tab.get_by_role("button", name="Compare both texts").click()
    expect(tab.locator("h1")).to_have_text("Posted to /compare")
    assert "plan=Mine" in desk.sent("/compare")[0]


def test_a_refused_field_says_so_at_the_field(desk: Desk, tab: Page) -> None:
    desk.draft = (422, {"errors": {"plan": "Too long by 40 characters."}})
    tab.goto(desk.address)
    tab.locator("#f-plan").type("x")
    expect(tab.locator("#f-plan-error")).to_have_text("Too long by 40 characters.")
    expect(tab.locator("#f-plan")).to_have_attribute("aria-invalid", "true")


def test_a_form_is_sent_once_however_often_its_button_is_pressed(desk: Desk, tab: Page) -> None:
    tab.goto(desk.address)
    tab.get_by_role("button", name="Save draft").dblclick()
    expect(tab.locator("h1")).to_have_text("Posted to /note")
    assert len(desk.sent("/note")) == 1


def test_the_page_blurs_on_two_escapes_and_takes_no_typing_until_shown(desk: Desk, tab: Page) -> None:
    tab.goto(desk.address)
    tab.locator("#f-plan").focus()
    tab.keyboard.press("Escape")
    tab.keyboard.press("Escape")
    expect(tab.locator("body")).to_have_attribute("data-veil", "on")
    tab.keyboard.type("secret")
    expect(tab.locator("#f-plan")).to_have_value("")
    tab.get_by_role("button", name="Show it again").click()
    expect(tab.locator("#f-plan")).to_be_focused()


def test_an_idle_page_locks_but_not_before_its_typing_is_saved(desk: Desk, tab: Page) -> None:
    desk.draft, desk.lock_after = (503, {}), 1
    tab.goto(desk.address)
    tab.locator("#f-plan").type("Last words")
    expect(tab.locator("body")).to_have_attribute("data-veil", "locked", timeout=10_000)
    assert desk.sent("/lock") == []
    desk.draft = (200, {"saved_at": "14:03", "version": "8"})
    expect(tab.locator("h1")).to_have_text("Posted to /lock", timeout=10_000)
    assert "plan=Last+words" in desk.sent("/draft")[-1]


def test_digits_answer_and_go_on_and_a_skip_is_counted(desk: Desk, tab: Page) -> None:
    tab.goto(desk.address)
    tab.locator("#f-P1").focus()
    tab.keyboard.press("1")
    expect(tab.locator("[name=P1][value='1']")).to_be_checked()
    expect(tab.locator("#f-P2")).to_be_focused()
    tab.keyboard.press("s")
    tab.keyboard.press("Space")
    expect(tab.locator("[name=P2][value='skip:declined']")).to_be_checked()
    expect(tab.locator("[data-progress] span")).to_have_text("2 of 2")


def test_where_no_digits_stand_1_is_the_first_answer(desk: Desk, tab: Page) -> None:
    tab.goto(desk.address)
    tab.locator("#f-P2").focus()
    tab.keyboard.press("1")
    expect(tab.locator("#f-P2_mostly")).to_be_focused()
    tab.keyboard.press("2")
    expect(tab.locator("[name=P2_mostly][value=night]")).to_be_checked()


def test_rows_are_reached_by_keys_and_the_keys_can_be_turned_off(desk: Desk, tab: Page) -> None:
    tab.goto(desk.address)
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    expect(tab.get_by_role("link", name="C-2")).to_be_focused()
    tab.keyboard.press("?")
    expect(tab.locator("#keys")).to_be_visible()
    tab.get_by_role("button", name="Turn single keys off").click()
    tab.get_by_role("button", name="Close").click()
    tab.keyboard.press("?")
    expect(tab.locator("#keys")).to_be_hidden()


def test_a_row_renews_in_place(desk: Desk, tab: Page) -> None:
    tab.goto(desk.address)
    tab.get_by_role("button", name="Came").first.click()
    expect(tab.locator("#row-C-1")).to_contain_text("Came at 10:00")
    assert tab.url == desk.address
    assert len(desk.sent("/attend")) == 1


def test_without_script_every_action_is_still_a_plain_form(desk: Desk, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(desk.address)
    expect(page.locator("[data-veil-switch]").first).to_be_hidden()
    page.get_by_role("button", name="Lock").click()
    expect(page.locator("h1")).to_have_text("Posted to /lock")
    context.close()
