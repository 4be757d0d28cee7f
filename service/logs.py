"""Logs: one line a request, as JSON on standard error, and nothing in it that could tell who or what.

Rule: a key that ALLOWED does not name is dropped. Of what libraries log, only the kind of error and the places in the
code are kept: a message may quote an address, a parameter or a record.
"""

import logging
import sys
import traceback
from collections.abc import Callable
from time import perf_counter
from typing import Any, TextIO

import orjson
import structlog
from flask import Flask, g, request
from flask.wrappers import Response

ALLOWED = frozenset(
    {"at", "level", "event", "logger", "method", "endpoint", "status", "ms", "request_id", "error", "where", "chore"}
)
# Their templates are fixed words; the values that would fill them are left out.
PLAIN_TEMPLATES = frozenset({"gunicorn.error"})
FRAMES = 8


def configure(stream: TextIO = sys.stderr) -> None:
    """Send everything that this process logs through the list above to `stream`."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            only_allowed,
            structlog.processors.JSONRenderer(serializer=_as_text),
        ],
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [LibraryLines()]
    root.setLevel(logging.WARNING)


def install(app: Flask, request_id: Callable[[], str]) -> None:
    """Log each request of `app` once it is answered: what kind of page, never which record. `configure` comes first."""
    log = structlog.get_logger("stepwell").bind()  # once: to bind for each line would be a third of it

    def start() -> None:
        g.started = perf_counter()

    def finish(response: Response) -> Response:
        taken = perf_counter() - g.get("started", perf_counter())
        log.info(
            "request",
            method=request.method,
            endpoint=request.endpoint or "none",
            status=response.status_code,
            ms=round(taken * 1000, 1),
            request_id=request_id(),
        )
        return response

    app.before_request_funcs.setdefault(None, []).insert(0, start)
    app.after_request(finish)


def only_allowed(_logger: Any, _method: str, entries: Any) -> Any:
    """The redaction: what is not on the list is not written."""
    return {key: value for key, value in entries.items() if key in ALLOWED}


class LibraryLines(logging.Handler):
    """What libraries log, without their words: logger, kind of error, where in the code."""

    def emit(self, record: logging.LogRecord) -> None:
        event = str(record.msg) if record.name in PLAIN_TEMPLATES else "library message"
        found: dict[str, object] = {"logger": record.name}
        if record.exc_info and record.exc_info[0] is not None:
            found |= {"error": record.exc_info[0].__name__, "where": places(record.exc_info[2])}
        structlog.get_logger("stepwell").log(record.levelno, event, **found)


def places(trace: Any) -> list[str]:
    """The innermost frames as "file:line function", without a value in them."""
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return [f"{each.filename.rpartition('/')[2]}:{each.lineno} {each.name}" for each in frames]


def _as_text(entries: Any, **_options: Any) -> str:
    return orjson.dumps(entries, default=lambda value: type(value).__name__).decode()
