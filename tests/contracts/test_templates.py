"""Rules of the templates room: parts hold macros only, pages name what they need, nothing computes, nothing is inline.

The path of a page is the path of its view. A page or layout says in its first comment which names it needs, in one
line: `Context: frame, case, notes`; names of its parent layout need no mention.
"""

import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta, nodes

from service.web import times
from service.web.forms import Form
from service.web.times import FILTERS
from tests.web.markup import flaws

ROOM = Path(__file__).parents[2] / "templates"
STATIC = Path(__file__).parents[2] / "service" / "web" / "static"
HOUSE = Environment(loader=FileSystemLoader(ROOM), autoescape=True, undefined=StrictUndefined)
HOUSE.filters.update(FILTERS)
HOUSE.filters.update(times.FILTERS)

# Markup taken as it is: only the pictures, drawn from numbers by service/reports/charts.py.
MARKUP_AS_IT_IS = {"parts/chart.html"}
# Names that Flask puts into every template.
ALWAYS_THERE = {"url_for", "get_flashed_messages", "config", "request", "session", "g"}
COUNTING = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)


def names_under(*folders: str) -> list[str]:
    return sorted(str(path.relative_to(ROOM)) for folder in folders for path in (ROOM / folder).rglob("*.html"))


HTML = names_under("layout", "parts", "pages")
PARTS = names_under("parts")
PAGES = names_under("layout", "pages")
PRINTED = sorted(str(path.relative_to(ROOM)) for path in ROOM.rglob("*.xhtml"))

NOT_OUR_WORDS = re.compile(
    r"\b(?:(?:un)?safe|low risk|no concerns?|cleared|addict\w*|evidence-based|victims?|abusers?|narciss\w*|toxic)\b|!",
    re.I,
)
# A comparison, a document type, and the question about copies.
NO_TONE = (r"!=", r"<!doctype html>", r"(?<=copy )safe to hold\b")


def source(name: str) -> str:
    return (ROOM / name).read_text(encoding="utf-8")


@cache
def tree(name: str) -> nodes.Template:
    return HOUSE.parse(source(name))


@cache
def without_comments(name: str) -> str:
    return re.sub(r"\{#.*?#\}", "", source(name), flags=re.S)


@cache
def macros(name: str) -> tuple[str, ...]:
    return tuple(macro.name for macro in tree(name).find_all(nodes.Macro))


@cache
def imports(name: str) -> tuple[tuple[str, str], ...]:
    """(template, macro) for each macro a template takes from another."""
    return tuple(
        (taken.template.value, item[0] if isinstance(item, tuple) else item)
        for taken in tree(name).find_all(nodes.FromImport)
        if isinstance(taken.template, nodes.Const)
        for item in taken.names
    )


def test_every_template_is_taken_from_by_name() -> None:
    taken = [each for name in HTML for each in tree(name).find_all(nodes.FromImport)]
    assert taken
    assert all(isinstance(each.template, nodes.Const) for each in taken)


@pytest.mark.parametrize("name", HTML)
def test_a_template_opens_with_its_job_and_rule(name: str) -> None:
    assert "{#" in source(name)[:120], f"{name} does not say what it is for"


@pytest.mark.parametrize("name", PARTS)
def test_a_part_holds_documented_macros_and_nothing_else(name: str) -> None:
    loose = [node for node in tree(name).body if not isinstance(node, nodes.Macro | nodes.FromImport | nodes.Output)]
    printed = [piece for node in tree(name).body if isinstance(node, nodes.Output) for piece in node.nodes]
    assert loose == []
    assert all(isinstance(piece, nodes.TemplateData) and not piece.data.strip() for piece in printed)
    undocumented = re.findall(r"(?<!#\})\n\{% macro (\w+)", source(name))
    assert undocumented == []


@pytest.mark.parametrize("name", PARTS)
def test_a_macro_knows_only_what_it_is_handed(name: str) -> None:
    assert meta.find_undeclared_variables(tree(name)) == set()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_everything_it_needs(name: str) -> None:
    line = re.search(r"\bContext: ([\w, ]+)", source(name))
    named = {word.strip() for word in line[1].split(",")} if line else set()
    taken = {macro for _, macro in imports(name)}
    assert meta.find_undeclared_variables(tree(name)) - ALWAYS_THERE - taken - {"frame"} <= named


@pytest.mark.parametrize("name", HTML)
def test_imported_macros_exist_and_are_used(name: str) -> None:
    for template, macro in imports(name):
        assert macro in macros(template), f"{template} has no macro {macro}"
    called = re.findall(r"\b(\w+)\(", without_comments(name))
    assert [macro for _, macro in imports(name) if macro not in called] == []


@pytest.mark.skipif(not (ROOM / "pages").is_dir(), reason="no pages yet: nothing can use the parts")
def test_every_macro_is_used_somewhere() -> None:
    taken = {pair for name in HTML for pair in imports(name)}
    own = {(name, macro) for name in PARTS for macro in macros(name) if without_comments(name).count(f"{macro}(") > 1}
    every = {(name, macro) for name in PARTS for macro in macros(name)}
    assert every - taken - own == set()


@pytest.mark.parametrize("name", HTML)
def test_templates_do_not_count_or_ask_for_roles(name: str) -> None:
    assert list(tree(name).find_all(COUNTING)) == []
    assert [node.attr for node in tree(name).find_all(nodes.Getattr) if node.attr in ("role", "roles")] == []


@pytest.mark.parametrize("name", HTML)
def test_text_is_escaped_and_nothing_is_inline(name: str) -> None:
    text = without_comments(name)
    assert not re.search(r"\{%-?\s*autoescape|\bMarkup\b", text)
    assert "|safe" not in text.replace(" ", "") or name in MARKUP_AS_IT_IS
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)|javascript:", text)
    assert re.findall(r"(?:https?:)?//[a-z]", text) == []


@pytest.mark.parametrize("name", [*HTML, *PRINTED])
def test_words_keep_the_house_tone(name: str) -> None:
    """The whole source but its comments, so that what a macro is handed counts as well."""
    allowed = "|".join(NO_TONE if name not in MARKUP_AS_IT_IS else (*NO_TONE, r"\|\s*safe\b"))
    words = re.sub(allowed, " ", without_comments(name))
    assert NOT_OUR_WORDS.findall(words) == []


def test_the_tone_is_heard_inside_what_a_macro_is_handed() -> None:
    assert NOT_OUR_WORDS.search('{{ notice("The client is safe") }}')
    assert NOT_OUR_WORDS.search('{{ badge("Low risk", "quiet") }}')
    assert NOT_OUR_WORDS.search('{{ submit("Well done!") }}')


def test_shipped_files_named_in_layouts_exist() -> None:
    named = {file for name in PAGES for file in re.findall(r"\{\{ frame\.static \}\}/([\w./-]+)", source(name))}
    assert {"tokens.css", "app.css", "app.js", "icon.svg"} <= named
    assert all((STATIC / file).is_file() for file in named)


# ---- The layouts and parts, rendered ----


def frame(**changes: object) -> SimpleNamespace:
    values: dict[str, object] = {
        "page_task": "Session note",
        "practice_name": "Millrace Counselling",
        "user_name": "Ines",
        "nav": [("My day", "/day", True), ("Caseload", "/cases", False)],
        "csrf_token": "token-1",
        "lock_after_seconds": 600,
        "find_url": "/find",
        "lock_url": "/lock",
        "sign_out_url": "/sign-out",
        "static": "/static",
        "theme": "",
        "panel": False,
        "case_label": "",
        "back_url": "/day",
        "banner": None,
        "said": None,
        "form": Form(),
    }
    return SimpleNamespace(**(values | changes))


def draw(body: str, **context: object) -> str:
    return HOUSE.from_string(body).render(frame=frame(), **context)


def problem() -> SimpleNamespace:
    return SimpleNamespace(happened="It is gone.", advice="Go back.", reference="A1", ways=[("My day", "/day")])


@pytest.mark.parametrize("layout", ["layout/base.html", "layout/print.html", "layout/error.html"])
@pytest.mark.parametrize("panel", [False, True])
def test_a_layout_is_sound_markup(layout: str, panel: bool) -> None:
    html = HOUSE.get_template(layout).render(frame=frame(panel=panel, case_label="C-1"), problem=problem())
    assert flaws(html) == []
    assert "<title>Session note</title>" in html


def test_the_case_name_shows_on_the_page_and_never_in_the_title() -> None:
    html = HOUSE.get_template("layout/base.html").render(frame=frame(panel=True, case_label="C-1 · Zoë"))
    assert "Zoë" in html
    assert "Zoë" not in html.partition("</head>")[0]


def test_a_panel_keeps_only_case_task_and_lock() -> None:
    html = HOUSE.get_template("layout/base.html").render(frame=frame(panel=True, case_label="C-1"))
    assert 'action="/lock"' in html
    assert 'action="/find"' not in html
    assert 'action="/sign-out"' not in html


def test_the_rail_takes_room_only_when_it_has_something_to_say() -> None:
    page = '{% extends "layout/base.html" %}{% block rail %}%s{% endblock %}'
    assert "with-rail" not in draw(page.replace("%s", " "))
    assert 'class="rail"' in draw(page.replace("%s", "<section><h2>Due</h2></section>"))


def test_typed_text_is_shown_as_text() -> None:
    evil = "<script>alert(1)</script>\"' onfocus=x"
    html = draw(
        '{% from "parts/field.html" import field, textarea, choices %}'
        '{% from "parts/table.html" import data_table, summary_list %}'
        '{{ field("a", t, t, hint=t, error=t) }}{{ textarea("b", t, t) }}{{ choices("c", t, [("x", t)]) }}'
        "{{ data_table(t, [t, t], [[t, t]]) }}{{ summary_list([(t, t)]) }}",
        t=evil,
    )
    assert "<script" not in html
    assert flaws(html) == []


def test_a_textarea_keeps_a_leading_line_break() -> None:
    html = draw('{% from "parts/field.html" import textarea %}{{ textarea("a", "Note", "\n\nText") }}')
    assert ">\n\n\nText</textarea>" in html


def test_an_instrument_item_preselects_nothing_and_offers_every_skip_in_the_same_group() -> None:
    html = draw(
        '{% from "parts/field.html" import choice_row %}{{ choice_row("P1", "Sleep", options, "", skips) }}',
        options=[("0", "0", "not at all"), ("1", "1", "a little")],
        skips=[("declined", "Declined"), ("unsure", "Unsure")],
    )
    assert " checked" not in html
    assert html.count('name="P1"') == 4
    assert 'value="skip:declined"' in html
    assert flaws(html) == []


def test_a_chosen_skip_stays_in_view() -> None:
    html = draw(
        '{% from "parts/field.html" import choice_row %}'
        '{{ choice_row("P1", "Sleep", [("0", "0", "no")], "skip:unsure", skips) }}',
        skips=[("declined", "Declined"), ("unsure", "Unsure")],
    )
    assert '<details class="skip-kinds" open>' in html
    assert 'value="skip:unsure" checked' in html


def test_errors_stand_at_the_field_and_in_a_summary_that_leads_there() -> None:
    html = draw(
        '{% from "parts/field.html" import error_summary, field %}'
        '{{ error_summary([("phone", "Write the number.")]) }}{{ field("phone", "Phone", error="Write the number.") }}'
    )
    assert 'href="#f-phone"' in html
    assert 'aria-invalid="true"' in html
    assert flaws(html) == []


def test_a_form_carries_its_token_its_version_and_its_draft_address() -> None:
    html = draw(
        '{% from "parts/form.html" import form %}{% call form("/n", "tok", "note", "7", "/n/draft") %}x{% endcall %}'
    )
    assert 'name="csrf_token" value="tok"' in html
    assert 'name="version" value="7"' in html
    assert 'data-autosave="/n/draft"' in html
    assert flaws(html) == []


def test_signing_is_out_of_reach_until_the_steps_hold_and_says_why() -> None:
    body = (
        '{% from "parts/nav.html" import steps_bar %}'
        '{% call steps_bar([("Attendance", "#a", "done"), ("Decisions", "#d", "now")], why) %}'
        "<button>Sign note</button>{% endcall %}"
    )
    assert "Sign note" not in draw(body, why="Decisions are still open.")
    assert "Decisions are still open." in draw(body, why="Decisions are still open.")
    assert "Sign note" in draw(body, why="")


def test_a_badge_tells_by_word_and_shape() -> None:
    html = draw('{% from "parts/badge.html" import badge %}{{ badge("Plan review overdue", "attention") }}')
    assert "mark-attention" in html
    assert "Plan review overdue" in html


def test_every_stacked_value_has_its_label() -> None:
    html = draw(
        '{% from "parts/table.html" import data_table %}'
        '{{ data_table("Copies", ["Copy", "Lines"], [[1, 4]], ["Lines"]) }}'
    )
    assert 'data-label="Lines" class="num"' in html
    assert flaws(html) == []
