"""XHTML in, PDF out: the one call to WeasyPrint, made in child processes that are capped, sealed and replaceable.

The parent never imports WeasyPrint. A pool keeps at most `Caps.workers` children (`render_child.py`), started when
first needed; they get an empty environment and one pipe, over which only bytes travel, never pickles. A child that
takes too long, eats too much or falls over is killed, the caller hears `Unavailable`, and the next page
gets a fresh child. What speaks to children is loaded with the first page.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, LifoQueue
from shutil import rmtree
from tempfile import mkdtemp
from threading import Timer
from typing import TYPE_CHECKING

from service.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

CHILD = Path(__file__).resolve().with_name("render_child.py")
LIBRARIES = ("gobject-2.0", "fontconfig", "harfbuzz", "pango-1.0", "pangoft2-1.0")
MEBIBYTE = 1024 * 1024
OFF = "PDF reports are off: this computer lacks Pango, the text library they are drawn with."
STUCK = "PDF reports are off: the program that draws them does not start on this computer."
BUSY = "Other PDF reports are being made. Please try again in a minute."
FAILED = "The PDF was not made: it took too much time or memory, or drawing it failed."


@dataclass(frozen=True)
class Caps:
    """Limits of one page (seconds, bytes, counts) and of the pool."""

    seconds: int = 20
    start_seconds: int = 30
    memory: int = 512 * MEBIBYTE
    input: int = 2 * MEBIBYTE
    output: int = 16 * MEBIBYTE
    pages: int = 60
    elements: int = 20_000
    depth: int = 64
    workers: int = 2


@dataclass(frozen=True)
class _Child:
    process: subprocess.Popen[bytes]
    pipe: Connection
    folder: str

    def works(self) -> bool:
        return self.process.poll() is None

    def end(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.wait()
        rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def within(self, seconds: float) -> Iterator[Connection]:
        """The pipe, for so long; afterwards the child is dead and whatever was said or awaited on it fails."""
        clock = Timer(seconds, self.process.kill)
        clock.daemon = True
        clock.start()
        try:
            yield self.pipe
        finally:
            clock.cancel()


class Pool:
    """A few children, each printing one page at a time. Safe to share between threads; close it when done."""

    def __init__(self, caps: Caps | None = None) -> None:
        self._caps = caps or Caps()
        self._slots: LifoQueue[_Child | None] = LifoQueue()
        for _ in range(self._caps.workers):
            self._slots.put(None)

    def render(self, xhtml: str, *, title: str = "", assets: Mapping[str, bytes] | None = None) -> bytes:
        """See `render_pdf`."""
        parcel = _parcel(xhtml, title, assets or {})
        if sum(map(len, parcel)) > self._caps.input:
            raise Invalid("The report holds more text than one report may.")
        if not available():
            raise Unavailable(OFF)
        status, body = self._print(parcel)
        if status != b"pdf":
            raise Invalid(f"The report page was refused: {body.decode()}.")
        return body

    def close(self) -> None:
        """End the children, busy ones when their page is done; the pool starts new ones if it is used again."""
        ended = 0
        with suppress(Empty):
            while ended < self._caps.workers:
                self._bury(self._slots.get(timeout=self._caps.seconds))
                ended += 1
        for _ in range(ended):
            self._slots.put(None)

    def _print(self, parcel: list[bytes]) -> tuple[bytes, bytes]:
        """A child is kept only after a whole exchange: half an answer must never reach the next caller."""
        child, kept = self._borrow(), None
        try:
            child = child if child and child.works() else self._replace(child)
            with child.within(self._caps.seconds) as pipe:
                for part in parcel:
                    pipe.send_bytes(part)
                answer = pipe.recv_bytes(16), pipe.recv_bytes(self._caps.output)
            kept = child
            return answer
        except (EOFError, OSError) as problem:
            raise Unavailable(FAILED) from problem
        finally:
            if kept is None:
                self._bury(child)
            self._slots.put(kept)

    def _borrow(self) -> _Child | None:
        try:
            return self._slots.get(timeout=self._caps.seconds)
        except Empty:
            raise Unavailable(BUSY) from None

    def _replace(self, child: _Child | None) -> _Child:
        self._bury(child)
        return _start(self._caps)

    @staticmethod
    def _bury(child: _Child | None) -> None:
        if child:
            child.end()


def render_pdf(xhtml: str, *, title: str = "", assets: Mapping[str, bytes] | None = None) -> bytes:
    """Print one page of well-formed XHTML as tagged PDF/UA-1; the same input gives the same bytes.

    `title` is the only document information written (none when empty); it must be neutral. `assets` are the bytes that
    the page may name as `asset:<name>`; the house faces and `templates/reports/report.css` are always there.
    Raises `Invalid` for a page that is too large, malformed or points outside itself, `Unavailable` for one that
    could not be drawn within its caps, or when the machine lacks Pango.
    """
    return _pool(os.getpid()).render(xhtml, title=title, assets=assets)


@cache
def available() -> bool:
    """Whether PDF can be made on this machine; found out without loading anything."""
    find_library = importlib.import_module("ctypes.util").find_library
    return find_spec("weasyprint") is not None and all(find_library(name) for name in LIBRARIES)


def close() -> None:
    """End this process's children; the next page starts new ones."""
    _pool(os.getpid()).close()


@cache
def _pool(_process: int) -> Pool:
    """One pool a process: a forked web worker must not speak over its parent's pipes."""
    pool = Pool()
    atexit.register(pool.close)
    return pool


def _parcel(xhtml: str, title: str, assets: Mapping[str, bytes]) -> list[bytes]:
    header = json.dumps({"title": title, "assets": list(assets)}).encode()
    try:
        return [header, xhtml.encode(), *assets.values()]
    except UnicodeEncodeError:
        raise Invalid("The report holds a character that is no character.") from None


def _start(caps: Caps) -> _Child:
    """A child that has said it is ready. Its folder holds the faces and goes away with it."""
    here, there = importlib.import_module("multiprocessing").Pipe()
    folder = mkdtemp(prefix="stepwell-")
    process = subprocess.Popen(
        [sys.executable, "-I", str(CHILD), str(there.fileno()), json.dumps(asdict(caps)), folder],
        env={"TMPDIR": folder, "HOME": folder, "LANG": "C.UTF-8"},
        cwd=folder,
        pass_fds=(there.fileno(),),
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    there.close()
    child = _Child(process, here, folder)
    try:
        with child.within(caps.start_seconds) as pipe:
            pipe.recv_bytes(16)
    except (EOFError, OSError) as problem:
        child.end()
        raise Unavailable(STUCK) from problem
    return child
