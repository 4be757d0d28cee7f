"""Child processes that evaluate: started when first needed, capped, lent out one request at a time, replaced when dead.

A child gets an empty environment, one pipe and one shared page on which it writes whose expression is running. So when
it has to be killed, or dies of its memory cap, the name is known. What speaks to children is loaded with the first.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path
from queue import Empty, LifoQueue
from typing import TYPE_CHECKING

from service.errors import Unavailable

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

ROOT = Path(__file__).resolve().parents[2]
MEBIBYTE = 1024 * 1024
PAGE = 512
BUSY = "Other forms are being worked out. Please try again in a minute."
STUCK = "Forms with expressions are off: the program that works them out does not start on this computer."


@dataclass(frozen=True)
class Caps:
    """Limits of a child (bytes, seconds) and of the pool."""

    memory: int = 150 * MEBIBYTE
    output: int = 4 * MEBIBYTE
    start_seconds: float = 20
    wait_seconds: float = 5
    workers: int = 2


class Overrun(Exception):
    """A child was killed or died; the text is the label of the expression that ran, if one did."""


@dataclass(frozen=True)
class Child:
    """A running program and the way to speak to it."""

    process: subprocess.Popen[bytes]
    pipe: Connection
    page: mmap
    output: int

    def works(self) -> bool:
        return self.process.poll() is None

    def send(self, *parts: bytes) -> None:
        with self._or_overrun():
            for part in parts:
                self.pipe.send_bytes(part)

    def hear(self, seconds: float) -> bytes:
        """The next message, waited for so long and not longer."""
        with self._or_overrun():
            if not self.pipe.poll(seconds):
                raise EOFError
            return self.pipe.recv_bytes(self.output)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.pipe.close()
        self.page.close()

    @contextmanager
    def _or_overrun(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError) as problem:
            written = self.page[:PAGE].split(b"\0", 1)[0]
            raise Overrun(written.decode(errors="ignore")) from problem


class Pool:
    """A few children. Safe to share between threads; close it when done."""

    def __init__(self, caps: Caps | None = None) -> None:
        self._caps = caps or Caps()
        self._slots: LifoQueue[Child | None] = LifoQueue()
        for _ in range(self._caps.workers):
            self._slots.put(None)

    @contextmanager
    def lent(self) -> Iterator[Child]:
        """A child for one whole exchange; whatever goes wrong in it, the child is not used again."""
        child, kept = self._borrow(), None
        try:
            if not (child and child.works()):
                bury(child)
                child = start(self._caps)
            yield child
            kept = child
        finally:
            if kept is None:
                bury(child)
            self._slots.put(kept)

    def close(self) -> None:
        """End the children, busy ones when their request is done; the pool starts new ones if it is used again."""
        ended = 0
        with suppress(Empty):
            while ended < self._caps.workers:
                bury(self._slots.get(timeout=self._caps.wait_seconds))
                ended += 1
        for _ in range(ended):
            self._slots.put(None)

    def _borrow(self) -> Child | None:
        try:
            return self._slots.get(timeout=self._caps.wait_seconds)
        except Empty:
            raise Unavailable(BUSY) from None


def bury(child: Child | None) -> None:
    if child:
        child.end()


def start(caps: Caps) -> Child:
    """A child that has said it is ready."""
    here, there = importlib.import_module("multiprocessing").Pipe()
    with tempfile.TemporaryFile() as file:
        file.truncate(PAGE)
        page = mmap(file.fileno(), PAGE)
        process = subprocess.Popen(
            [
                sys.executable,
                "-s",
                "-P",
                "-m",
                "service.fhirpath.child",
                *map(str, (there.fileno(), file.fileno(), caps.memory)),
            ],
            env={"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
            cwd="/",
            pass_fds=(there.fileno(), file.fileno()),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    there.close()
    child = Child(process, here, page, caps.output)
    try:
        child.hear(caps.start_seconds)
    except Overrun as problem:
        child.end()
        raise Unavailable(STUCK) from problem
    return child
