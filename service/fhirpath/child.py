"""The program that evaluates expressions, shut in its own process. Nothing imports it: `engine.py` starts it.

It loads fhirpathpy once, keeps parsed expressions and the last forms, and answers one request after another over a
pipe. What it holds: an empty environment; memory and processor caps from the kernel; no new file or socket can be
opened once it is ready; a clock for each expression and for the whole request. An expression that runs too long is
given up by name and the others go on. What cannot be interrupted is killed by the kernel; the parent finds
the name of the expression that ran in the shared page. Time is processor time, so that a busy machine fails nobody.
"""

import gc
import json
import os
import resource
import signal
import sys
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from decimal import Decimal
from mmap import mmap
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

import orjson

from service.fhirpath.child_form import DIGITS, FAULTS, Form, Outcome, Task, TooLong, work_out
from service.fhirpath.child_language import parse
from service.fhirpath.child_values import Mismatch, now

FORMS = 16
HOGS = 0.4  # of the time of a request: what expressions that are given up may use together
LEAST = 0.01  # of that time: what each gets all the same
PAGE = 512
TICK = 0.001  # a timer set to nothing would never ring
AGAIN = 0.05  # seconds: a ring that was swallowed on the way is followed by another
LOADING = 10.0  # seconds for all expressions of a form
NEED_FORM, LOADED = b"form", b"loaded"
LATE = "it takes more time than an expression may"
UNREADABLE = "its items or the answers to them have no shape that can be worked with"
UNWRITABLE = "a result is a number that no answer can hold"
NOT_REACHED = "it was not reached: expressions before it used up the time"


class Clock:
    """Rings when the time of an expression is over, and writes down whose expression is running."""

    def __init__(self, page: mmap) -> None:
        self._page = page
        self._seconds = self._end = self._hogs = 0.0
        signal.signal(signal.SIGPROF, self._ring)

    def start(self, seconds: float) -> None:
        self._seconds, self._end = seconds, time.process_time() + seconds
        self._hogs = seconds * HOGS
        resource.setrlimit(resource.RLIMIT_CPU, (int(self._end) + 2, resource.RLIM_INFINITY))

    @contextmanager
    def running(self, label: str) -> Iterator[None]:
        began = time.process_time()
        if began >= self._end:
            raise TooLong(NOT_REACHED)
        self.note(label)
        try:
            share = min(self._end - began + TICK, max(self._hogs, self._seconds * LEAST))
            signal.setitimer(signal.ITIMER_PROF, share, AGAIN)
            yield
        except MemoryError:
            os._exit(1)  # the page still says whose expression it was
        except TooLong:
            self._hogs -= time.process_time() - began
            raise
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self.note("")

    def note(self, label: str) -> None:
        written = label.encode()[: PAGE - 1]
        self._page[: len(written) + 1] = written + b"\0"

    @staticmethod
    def _ring(_number: int, _frame: FrameType | None) -> None:
        raise TooLong(LATE)


class Desk:
    """Forms that were seen lately, and the answers to requests about them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._forms: OrderedDict[str, Form] = OrderedDict()

    def answer(self, request: dict[str, Any], pipe: Connection) -> dict[str, Any]:
        if "parse" in request:
            self._clock.start(float(request["seconds"]))
            started = time.process_time()
            failed, late = self._faults(request["parse"])
            return {"failed": failed, "late": late, "spent": time.process_time() - started}
        response, form = pipe.recv_bytes(), self._form(request["form"], pipe)
        self._clock.start(float(request["seconds"]))
        started = time.process_time()
        task = Task(response, now(request["now"]), request["launch"], self._clock.running, frozenset(request["skip"]))
        try:
            outcome = work_out(form, task, frozenset(request["kinds"]))
        except FAULTS:
            outcome = Outcome(failed={"the form": UNREADABLE})
        return {**asdict(outcome), "spent": time.process_time() - started}

    def _form(self, key: str, pipe: Connection) -> Form:
        """A form is sent and its expressions are parsed once, outside the time of a request."""
        if key not in self._forms:
            pipe.send_bytes(NEED_FORM)
            self._forms[key] = form = Form.of(json.loads(pipe.recv_bytes(), parse_float=Decimal))
            self._clock.start(LOADING)
            self._faults({each.label: each.text for each in form.expressions.all})
            pipe.send_bytes(LOADED)
            while len(self._forms) > FORMS:
                self._forms.popitem(last=False)
        self._forms.move_to_end(key)
        return self._forms[key]

    def _faults(self, expressions: dict[str, str]) -> tuple[dict[str, str], list[str]]:
        """Key -> what is wrong with an expression, for those that are not well formed; and which took too long."""
        found: dict[str, str] = {}
        late: list[str] = []
        for key, text in expressions.items():
            try:
                with self._clock.running(key):
                    parse(text)
            except TooLong as why:
                found[key] = str(why)
                late.append(key)
            except Mismatch as why:
                found[key] = str(why)
            except (RecursionError, AttributeError, LookupError, TypeError, ValueError):
                found[key] = "it is not well formed"
        return found, late


def written(answer: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(answer, default=exact)
    except orjson.JSONEncodeError:
        return orjson.dumps({**asdict(Outcome(failed={"the form": UNWRITABLE})), "spent": 0})


def exact(value: object) -> Any:
    """Decimals as they are, digit for digit; not those that would take pages to write down."""
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < DIGITS:
        return orjson.Fragment(f"{value:f}")
    raise TypeError


def hold_to(memory: int) -> None:
    """Caps for life: no file or socket can be opened from here on, and no core file would hold answers."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (PAGE, PAGE))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def main() -> None:
    """Say ready, then answer until the parent hangs up. A request that eats the memory ends this process."""
    pipe = Connection(int(sys.argv[1]))
    page = mmap(int(sys.argv[2]), PAGE)
    sys.setrecursionlimit(20_000)
    clock = Clock(page)
    desk = Desk(clock)
    parse("%a.where(linkId = 'b').sum() + 1")
    hold_to(int(sys.argv[3]))
    gc.freeze()
    pipe.send_bytes(b"ready")
    with suppress(EOFError):
        while True:
            request = json.loads(pipe.recv_bytes(), parse_float=Decimal)
            pipe.send_bytes(written(desk.answer(request, pipe)))


if __name__ == "__main__":
    main()
