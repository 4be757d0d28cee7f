"""The program that turns one XHTML page after another into PDF, shut in its own process.

Never imported by Stepwell: `render.py` starts this file as a program, isolated (`-I`), with an empty environment, and
speaks to it over one pipe in plain bytes. So WeasyPrint (0.6 s, 70 MB) and whatever a page may do to it stay in here.

What it holds:
* expat parses the page: no document type, no entities, a depth and an element cap, XHTML only;
* nothing is fetched: names under `asset:` come from memory, every other reference refuses the whole page;
* links, attachments and document information are not written, unless the caller names a title;
* time, memory and file caps come from the kernel. An unexpected failure ends this process; the parent starts another.
"""

import gc
import json
import logging
import mimetypes
import resource
import sys
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from shutil import rmtree
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape

import cssselect2
import weasyprint
from weasyprint.pdf.metadata import DocumentMetadata
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

HERE = Path(__file__).resolve().parent
FONTS = HERE / "fonts"
STYLE = HERE.parents[1] / "templates" / "reports" / "report.css"
XHTML = "http://www.w3.org/1999/xhtml}"
SCHEME = "asset:"
DONE, REFUSED = b"pdf", b"refused"
OUTSIDE = "the page refers to something outside itself"


class Refused(Exception):
    """The page is not one that this product may have written."""


class SealedFetcher(URLFetcher):  # type: ignore[misc]
    """Serves named bytes from memory; any other address stops the rendering."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._assets = assets
        self.refused = False

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        name = url.removeprefix(SCHEME)
        if name == url or name not in self._assets:
            self.refused = True
            raise ValueError("not an asset of this page")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, self._assets[name], {"Content-Type": kind})


class Page(weasyprint.HTML):  # type: ignore[misc]
    """A parsed page handed to WeasyPrint without its own HTML parser (performance.md section 2)."""

    def __init__(self, root: Element, fetcher: SealedFetcher) -> None:
        self.base_url = SCHEME
        self.url_fetcher = fetcher
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element


class BareMetadata(DocumentMetadata):  # type: ignore[misc]
    """Says PDF/UA-1 and at most a title: no producer, author, subject, keyword or date."""

    def generate_rdf_metadata(self, variant: str, version: int, conformance: str | None) -> bytes:
        name = escape(self.title or "")
        title = f"<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>{name}</rdf:li></rdf:Alt></dc:title>"
        rdf = (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
            " xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:pdfuaid='http://www.aiim.org/pdfua/ns/id/'>"
            f"<rdf:Description rdf:about='' pdfuaid:part='{version}'>{title if name else ''}</rdf:Description>"
            "</rdf:RDF>"
        )
        return rdf.encode()


class Faults(logging.Handler):
    """Counts what WeasyPrint only mentions in its log: a picture it gave up, an image without alternate text."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


class Reader:
    """Builds the element tree of one page, within its caps."""

    def __init__(self, *, depth: int, elements: int) -> None:
        self._builder = TreeBuilder()
        self._open, self._room = 0, elements
        self._depth = depth
        self._expat = expat.ParserCreate(namespace_separator="}")
        self._expat.buffer_text = True
        self._expat.StartDoctypeDeclHandler = self._refuse_doctype
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._builder.data

    def read(self, page: bytes) -> Element:
        try:
            self._expat.Parse(page, True)
        except expat.ExpatError as problem:
            raise Refused(f"not well formed at line {problem.lineno}") from problem
        return self._builder.close()

    def _refuse_doctype(self, *_: object) -> None:
        raise Refused("a document type is not allowed")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._open += 1
        self._room -= 1
        if self._open > self._depth or self._room < 0:
            raise Refused("nested too deeply, or too many parts")
        self._builder.start(_local(tag), {_local(name): value for name, value in attributes.items()})

    def _end(self, tag: str) -> None:
        self._open -= 1
        self._builder.end(_local(tag))


def _local(name: str) -> str:
    """XHTML names go bare and all others as `{namespace}name`, the way WeasyPrint expects them."""
    return name.removeprefix(XHTML) if name.startswith(XHTML) or "}" not in name else "{" + name


class Press:
    """One font configuration and one parsed style sheet for the life of the process: flat memory, warm fonts."""

    def __init__(self, caps: Mapping[str, int]) -> None:
        self._caps = caps
        self._faults = Faults()
        weasyprint.LOGGER.addHandler(self._faults)
        self._fonts = FontConfiguration()
        faces = {f"fonts/{path.name}": path.read_bytes() for path in sorted(FONTS.glob("*.ttf"))}
        self._style = weasyprint.CSS(
            string=STYLE.read_text("utf-8"),
            base_url=SCHEME,
            url_fetcher=SealedFetcher(faces),
            font_config=self._fonts,
        )

    def print(self, page: bytes, *, title: str, assets: Mapping[str, bytes]) -> bytes:
        root = Reader(depth=self._caps["depth"], elements=self._caps["elements"]).read(page)
        language = root.get("lang")
        if root.tag != "html" or not language:
            raise Refused("the page needs an html root with a lang")
        fetcher, faults = SealedFetcher(assets), self._faults.count
        document = self._lay_out(Page(root, fetcher))
        document.metadata = BareMetadata(title=title or None, lang=language)
        pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=True, finisher=_scrub)
        if fetcher.refused:
            raise Refused(OUTSIDE)  # said here as well: inside an SVG, WeasyPrint swallows what the fetcher raised
        if self._faults.count > faults:
            raise Refused("a part of the page could not be drawn")
        return pdf

    def _lay_out(self, html: Page) -> weasyprint.Document:
        document = html.render(font_config=self._fonts, stylesheets=[self._style], pdf_variant="pdf/ua-1")
        if len(document.pages) > self._caps["pages"]:
            raise Refused(f"longer than {self._caps['pages']} pages")
        _refuse_ways_out(document)
        return document


def _refuse_ways_out(document: weasyprint.Document) -> None:
    links = {kind for sheet in document.pages for kind, *_ in sheet.links}
    if links - {"internal"} or document.metadata.attachments:
        raise Refused(OUTSIDE)


def _scrub(document: weasyprint.Document, pdf: object) -> None:
    pdf.info.clear()  # type: ignore[attr-defined]
    if document.metadata.title:
        pdf.info["Title"] = weasyprint.pdf.pydyf.String(document.metadata.title)  # type: ignore[attr-defined]
    else:
        pdf.catalog["ViewerPreferences"]["DisplayDocTitle"] = "false"  # type: ignore[attr-defined]


def answer(press: Press, parcel: tuple[bytes, bytes, dict[str, bytes]]) -> tuple[bytes, bytes]:
    header, page, assets = parcel
    try:
        return DONE, press.print(page, title=json.loads(header)["title"], assets=assets)
    except Refused as reason:
        return REFUSED, str(reason).encode()
    except FatalURLFetchingError:
        return REFUSED, OUTSIDE.encode()


def receive(pipe: Connection) -> tuple[bytes, bytes, dict[str, bytes]]:
    header, page = pipe.recv_bytes(), pipe.recv_bytes()
    return header, page, {name: pipe.recv_bytes() for name in json.loads(header)["assets"]}


def hold_to(caps: Mapping[str, int]) -> None:
    """Memory and file caps for life; no core file, which would hold a page."""
    resource.setrlimit(resource.RLIMIT_DATA, (caps["memory"], caps["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (caps["output"], caps["output"]))


def allow_seconds(seconds: int) -> None:
    """Processor time counts for the whole life of the process, so each page moves the soft mark on."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds + 1, resource.RLIM_INFINITY))


def main() -> None:
    """Say ready, then answer one page after another until the parent hangs up."""
    pipe = Connection(int(sys.argv[1]))
    caps = json.loads(sys.argv[2])
    hold_to(caps)
    press = Press(caps)
    gc.freeze()
    gc.disable()
    pipe.send_bytes(b"ready")
    while True:
        try:
            parcel = receive(pipe)
        except EOFError:
            rmtree(sys.argv[3], ignore_errors=True)  # the parent is gone, perhaps without the time to tidy up
            return
        allow_seconds(caps["seconds"])
        for part in answer(press, parcel):
            pipe.send_bytes(part)
        gc.collect()  # between pages, while nobody waits; the memory cap holds meanwhile


if __name__ == "__main__":
    main()
