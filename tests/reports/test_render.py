"""One page in, one sealed and tagged PDF out, whatever the page tries."""

import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from pypdf import PdfReader

from service.errors import Invalid, Unavailable
from service.reports import render
from service.reports.pages import fill
from service.reports.render import Caps, Pool
from tests.reports import samples

ROOT = Path(render.__file__).resolve().parents[2]
SECRET = "the-words-of-another-file"

pytestmark = [
    pytest.mark.skipif(not render.available(), reason="Pango is not installed: PDF reports are off"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(Caps(workers=1))
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def report(pool: Pool) -> PdfReader:
    return read(pool.render(fill("progress", samples.progress()), title="Progress summary"))


@pytest.fixture(scope="module")
def plan_copy(pool: Pool) -> PdfReader:
    return read(pool.render(fill("safety_plan", samples.plan())))


@pytest.fixture
def trap() -> Iterator[tuple[str, list[object]]]:
    """An address on this machine that notes whoever calls."""
    calls: list[object] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            calls.append(caller)
            caller.close()

    ear = threading.Thread(target=listen, daemon=True)
    ear.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/x.png", calls
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    ear.join(2)


def page(body: str, head: str = "", lang: str = 'lang="en"') -> str:
    return f'<html xmlns="http://www.w3.org/1999/xhtml" {lang}><head>{head}</head><body>{body}</body></html>'


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def root_of(reader: PdfReader) -> Any:
    return reader.root_object


def text_of(reader: PdfReader) -> str:
    return "\n".join(sheet.extract_text() for sheet in reader.pages)


def fonts_of(reader: PdfReader) -> set[str]:
    sets = [sheet["/Resources"]["/Font"].get_object() for sheet in reader.pages]  # type: ignore[index]
    names = {str(font.get_object()["/BaseFont"]) for fonts in sets for font in fonts.values()}
    return {name.split("+")[1] for name in names}


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">{}</svg>'
NESTED = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Cimage href='{}'/%3E%3C/svg%3E"
FETCHED = {
    "link": ("", '<link rel="stylesheet" href="{}"/>'),
    "import": ("", "<style>@import url('{}');</style>"),
    "font": ("<p style='font-family:f'>x</p>", "<style>@font-face{{font-family:f;src:url('{}')}}</style>"),
    "img": ('<img src="{}" alt="x"/>', ""),
    "object": ('<object data="{}"></object>', ""),
    "embed": ('<embed src="{}"/>', ""),
    "background": ('<p style="background:url({})">x</p>', ""),
    "svg image": (SVG.format('<image href="{}" width="9" height="9"/>'), ""),
    "svg xlink": (SVG.format('<image xlink:href="{}" width="9" height="9"/>'), ""),
    "nested data": (f'<img src="{NESTED}" alt="x"/>', ""),
    "bullet": ('<ul style="list-style-image:url({})"><li>x</li></ul>', ""),
    "content": ("<p class='c'>x</p>", "<style>.c::before{{content:url('{}')}}</style>"),
    "page margin": ("x", "<style>@page{{@top-left{{content:url('{}')}}}}</style>"),
    "page background": ("x", "<style>@page{{background:url('{}')}}</style>"),
    "border image": ('<p style="border:1px solid;border-image:url({}) 1">x</p>', ""),
    "attachment": ("x", '<link rel="attachment" href="{}"/>'),
    "linked attachment": ('<a rel="attachment" href="{}">x</a>', ""),
    "hyperlink": ('<a href="{}">x</a>', ""),
}
UNFETCHED = {
    "iframe": ('<iframe src="{}"></iframe>', ""),
    "video": ('<video poster="{}" src="{}"></video>', ""),
    "script": ("x", '<script src="{}"></script>'),
    "icon": ("x", '<link rel="icon" href="{}"/>'),
    "refresh": ("x", '<meta http-equiv="refresh" content="0;url={}"/>'),
    "form": ('<form action="{}"><input type="image" src="{}"/></form>', ""),
    "svg use": (SVG.format('<use href="{}#a"/>'), ""),
    "svg script": (SVG.format('<script href="{}"/>'), ""),
    "cursor": ('<p style="cursor:url({}), auto">x</p>', ""),
    "inclusion": ('<include xmlns="http://www.w3.org/2001/XInclude" href="{}"/>', ""),
    "style sheet instruction": ("<?xml-stylesheet href='{}'?><p>x</p>", ""),
    "ping": ('<a ping="{}">x</a>', ""),
}


@pytest.mark.parametrize("kind", FETCHED)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_page_that_refers_outside_itself_is_refused(
    pool: Pool, trap: tuple[str, list[object]], tmp_path: Path, kind: str, scheme: str
) -> None:
    address, calls = trap
    (tmp_path / "x.css").write_text(SECRET)
    body, head = (part.format(address if scheme == "http" else (tmp_path / "x.css").as_uri()) for part in FETCHED[kind])
    with pytest.raises(Invalid, match="outside itself"):
        pool.render(page(body, head))
    assert calls == []


@pytest.mark.parametrize("kind", UNFETCHED)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_references_that_mean_nothing_on_paper_stay_dead(
    pool: Pool, trap: tuple[str, list[object]], tmp_path: Path, kind: str, scheme: str
) -> None:
    address, calls = trap
    (tmp_path / "x").write_text(SECRET)
    target = address if scheme == "http" else (tmp_path / "x").as_uri()
    body, head = (part.replace("{}", target) for part in UNFETCHED[kind])
    try:
        pdf = read(pool.render(page(body, head)))
    except Invalid:
        pdf = None
    assert calls == []
    if pdf:
        everything = "".join(str(pdf.get_object(number)) for number in range(1, len(pdf.xref_objStm) + 1))
        assert SECRET not in text_of(pdf) and target not in everything


def test_a_picture_that_cannot_be_drawn_is_not_left_out_in_silence(pool: Pool) -> None:
    with pytest.raises(Invalid, match="could not be drawn"):
        pool.render(page(SVG.format('<circle r="q"/>')))
    with pytest.raises(Invalid, match="could not be drawn"):
        pool.render(page('<img src="asset:x.svg"/>'), assets={"x.svg": SVG.format("").encode()})


def test_the_caller_may_hand_over_assets_by_name(pool: Pool) -> None:
    square = SVG.format('<path d="M0 0h9v9z"/>').encode()
    xhtml = page('<img src="asset:square.svg" alt="a square"/>')
    assert pool.render(xhtml, assets={"square.svg": square}).startswith(b"%PDF-1.7")
    with pytest.raises(Invalid, match="outside itself"):
        pool.render(xhtml)


@pytest.mark.parametrize(
    "xhtml",
    [
        page("<p>open"),
        page("a&nbsp;b"),
        "<!DOCTYPE html>" + page("x"),
        '<!DOCTYPE html [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + page("&b;"),
        '<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + page("&a;"),
        page("x", lang=""),
        "<p>not a page</p>",
        "",
        page("<div>" * 300 + "x" + "</div>" * 300),
        page("<p>x</p>" * 30_000),
        page("x" * 3_000_000),
        page("\ud800"),
    ],
    ids=lambda xhtml: f"{xhtml[:24]}... of {len(xhtml)}",
)
def test_a_malformed_or_oversized_page_is_refused_and_the_next_one_is_made(pool: Pool, xhtml: str) -> None:
    with pytest.raises(Invalid):
        pool.render(xhtml)
    assert "still here" in text_of(read(pool.render(page("<p>still here</p>"))))


def test_a_page_that_takes_too_long_is_given_up_and_the_next_one_is_made() -> None:
    pool = Pool(Caps(workers=1, seconds=1))
    try:
        with pytest.raises(Unavailable, match="too much time"):
            pool.render(page("<p>many words on a line</p>" * 15_000))
        assert "still here" in text_of(read(pool.render(page("<p>still here</p>"))))
    finally:
        pool.close()


def test_a_page_that_eats_too_much_memory_is_given_up_and_the_next_one_is_made() -> None:
    pool = Pool(Caps(workers=1, memory=80 * render.MEBIBYTE))
    try:
        with pytest.raises(Unavailable, match="memory"):
            pool.render(page("<p>many words on a line</p>" * 6_000))
        assert "still here" in text_of(read(pool.render(page("<p>still here</p>"))))
    finally:
        pool.close()


def test_a_report_longer_than_the_page_cap_is_refused() -> None:
    pool = Pool(Caps(workers=1, pages=3))
    try:
        with pytest.raises(Invalid, match="longer than 3 pages"):
            pool.render(page('<p style="break-before:page">x</p>' * 5))
    finally:
        pool.close()


def test_a_child_that_died_is_replaced(pool: Pool) -> None:
    pool.render(page("one"))
    os.kill(pid_of(pool), signal.SIGKILL)
    while pool._slots.queue[-1].works():  # type: ignore[union-attr]
        pass
    assert "two" in text_of(read(pool.render(page("two"))))


def test_a_child_sees_none_of_the_parents_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPWELL_CANARY", SECRET)
    pool = Pool(Caps(workers=1))
    try:
        pool.render(page("x"))
        assert SECRET.encode() not in Path(f"/proc/{pid_of(pool)}/environ").read_bytes()
    finally:
        pool.close()


def test_a_closed_pool_leaves_no_process_and_no_folder_behind() -> None:
    pool = Pool(Caps(workers=1))
    pool.render(page("x"))
    child = pool._slots.queue[-1]
    assert child is not None and Path(child.folder).exists()
    pool.close()
    assert not child.works() and not Path(child.folder).exists()


def test_a_child_ends_and_tidies_up_when_its_parent_is_killed() -> None:
    script = (
        "import os, signal; from service.reports.render import Pool, Caps; pool = Pool(Caps(workers=1));"
        f"pool.render({page('x')!r}); child = pool._slots.queue[-1];"
        "print(child.process.pid, child.folder, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, capture_output=True, text=True).stdout
    pid, folder = said.split()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and (Path(folder).exists() or Path("/proc", pid, "fd").exists()):
        time.sleep(0.05)
    assert not Path(folder).exists() and not Path("/proc", pid, "fd", "0").exists()


def test_the_style_sheet_and_both_reports_draw_without_a_single_warning(tmp_path: Path) -> None:
    pages = [fill("progress", samples.progress(draft=True)), fill("safety_plan", samples.plan())]
    paths = [tmp_path / str(number) for number in range(len(pages))]
    for path, xhtml in zip(paths, pages, strict=True):
        path.write_text(xhtml)
    script = (
        "import sys; sys.path.insert(0, 'service/reports'); import render_child as child;"
        "press = child.Press({'depth': 64, 'elements': 20000, 'pages': 60});"
        "[press.print(open(path, 'rb').read(), title='', assets={}) for path in sys.argv[1:]]"
    )
    command = [sys.executable, "-c", script, *map(str, paths)]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert said.stderr == ""


def test_callers_in_many_threads_each_get_their_own_page() -> None:
    pool = Pool(Caps(workers=2))
    words = [f"reader{number}" for number in range(12)]
    try:
        with ThreadPoolExecutor(6) as threads:
            pdfs = list(threads.map(lambda word: pool.render(page(f"<p>{word}</p>")), words))
    finally:
        pool.close()
    assert [text_of(read(pdf)).strip() for pdf in pdfs] == words


def test_the_parent_never_loads_weasyprint() -> None:
    script = (
        "import sys, service.reports.render, service.reports.charts, service.reports.pages;"
        "service.reports.render.available(); sys.exit('weasyprint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_without_pango_reports_are_off_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    render.available.cache_clear()
    try:
        assert not render.available()
        with pytest.raises(Unavailable, match="PDF reports are off"):
            Pool(Caps(workers=1)).render(page("x"))
    finally:
        render.available.cache_clear()


def test_the_same_page_gives_the_same_bytes_in_any_child(pool: Pool) -> None:
    xhtml = fill("progress", samples.progress())
    other = Pool(Caps(workers=1))
    try:
        other.render(fill("safety_plan", samples.plan()))
        assert other.render(xhtml, title="Notes") == pool.render(xhtml, title="Notes")
    finally:
        other.close()


def test_memory_stays_flat_over_many_documents(pool: Pool) -> None:
    xhtml = fill("safety_plan", samples.plan())
    for _ in range(10):
        pool.render(xhtml)
    before = resident(pool)
    for _ in range(40):
        pool.render(xhtml)
    assert resident(pool) - before < 4 * render.MEBIBYTE


def test_the_report_can_be_read_as_text(report: PdfReader) -> None:
    text = " ".join(text_of(report).split())
    for phrase in (
        "Progress summary",
        "Łuczak-Ştefănescu",
        "Sleep without checking my phone.",
        "Withdrawal log total, 0 to 60: 18 readings from 2 Mar 2026 to 13 Aug 2026.",
        "Stomach upset, feeling sick, or gut trouble",
        "Apr 2026",
        "Prepared for the client, not for onward release.",
        "page 1 of 4",
        "Keep the phone in the kitchen on weekday nights.",
    ):
        assert phrase in text
    assert samples.DISCLAIMER in text


def test_the_first_page_states_its_purpose_reader_period_sources_and_limits(report: PdfReader) -> None:
    first = " ".join(report.pages[0].extract_text().split())
    for phrase in ("Purpose", "Prepared for the client", "Period", "Drawn from", "What this summary cannot show"):
        assert phrase in first


def test_the_log_chart_its_caveat_and_its_method_share_a_page(report: PdfReader) -> None:
    sheet = next(text for text in (one.extract_text() for one in report.pages) if "Each answer over time" in text)
    for phrase in ("no norms or cut-offs", "n = 18", "instrument wsl", "not compared with other", "Total, 0 to 60"):
        assert phrase in sheet


def test_the_report_is_tagged_titled_and_has_a_language(report: PdfReader) -> None:
    root = root_of(report)
    assert root["/MarkInfo"]["/Marked"].value and root["/Lang"] == "en"
    kinds, alternates = structure(report)
    assert {"/H1", "/H2", "/H3", "/P", "/L", "/LI", "/Table", "/TH", "/TD", "/Figure"} <= kinds
    assert len(alternates) == 5 and all("from 2 Mar 2026" in words for words in alternates)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value
    assert b"pdfuaid:part='1'" in root["/Metadata"].get_data()


def test_document_information_holds_a_title_and_nothing_else(report: PdfReader) -> None:
    assert [*(report.metadata or {}).items()] == [("/Title", "Progress summary")]
    assert b"WeasyPrint" not in root_of(report)["/Metadata"].get_data()


def test_the_faces_in_the_report_are_the_ones_shipped(report: PdfReader) -> None:
    assert fonts_of(report) == {
        "Atkinson-Hyperlegible",
        "Atkinson-Hyperlegible-Bold",
        "Atkinson-Hyperlegible-Italic",
        "Noto-Sans-Arabic",
        "Noto-Sans-Hebrew",
    }


def test_a_draft_says_so_on_every_page_and_a_signed_report_does_not(pool: Pool, report: PdfReader) -> None:
    draft = read(pool.render(fill("progress", samples.progress(draft=True))))
    assert all("Draft" in sheet.extract_text() for sheet in draft.pages)
    assert "Draft" not in text_of(report)


def test_the_plan_copy_holds_its_lines_and_not_one_word_more(plan_copy: PdfReader) -> None:
    context = samples.plan()
    lines = [str(context["heading"])]
    for section in context["sections"]:  # type: ignore[attr-defined]
        lines += [section.heading, *section.lines]
    printed = text_of(plan_copy).replace("•", " ").split()
    assert printed == " ".join(lines).split()


def test_the_plan_copy_carries_no_title_and_no_document_information(plan_copy: PdfReader) -> None:
    assert not plan_copy.metadata and "/Info" not in plan_copy.trailer
    assert not root_of(plan_copy)["/ViewerPreferences"]["/DisplayDocTitle"].value
    assert b"title" not in root_of(plan_copy)["/Metadata"].get_data()
    assert "/Names" not in root_of(plan_copy)


def test_whatever_a_client_said_is_printed_as_words(pool: Pool) -> None:
    said = "<b>&amp; ]]> \"'\x00\x0b{{ 7 * 7 }} <script src='http://127.0.0.1/'>"
    context = samples.plan() | {"heading": said}
    text = text_of(read(pool.render(fill("safety_plan", context))))
    assert "<b>&amp; ]]>" in text and "{{ 7 * 7 }}" in text and "<script" in text


def test_a_template_refuses_a_context_with_a_hole() -> None:
    context = samples.plan()
    del context["sections"]
    with pytest.raises(UndefinedError):
        fill("safety_plan", context)


def pid_of(pool: Pool) -> int:
    child = pool._slots.queue[-1]
    assert child is not None
    return child.process.pid


def resident(pool: Pool) -> int:
    pages = int(Path(f"/proc/{pid_of(pool)}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def structure(reader: PdfReader) -> tuple[set[str], list[str]]:
    """The kinds of element in the tag tree, and the alternate text of its figures."""
    kinds, alternates, waiting = set(), [], [root_of(reader)["/StructTreeRoot"]["/K"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            kinds.add(str(node.get("/S")))
            alternates += [str(node["/Alt"])] if "/Alt" in node else []
            waiting += [node["/K"]] if "/K" in node else []
    return kinds, alternates
