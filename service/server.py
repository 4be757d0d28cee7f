"""The server process: gunicorn with threads in this very process, and the sweep that keeps background work going.

Sweeping means: build what waits in the outbox, chain the audit (PostgreSQL), write the audit's head down outside the
database, go on with bulk exports, close the clients' screens whose time is over. Several processes may sweep at once;
the rows decide who does what.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from service import guard, logs
from service.casework import bulk_exports, client_screen
from service.fhir import bulk, publish
from service.settings import Settings
from service.store import audit, condition, heads
from service.store.base import give_back, unhurried

SEAL_SECONDS = 1.0
DRAIN_SECONDS = 30.0
PAUSE_SECONDS = 0.02
PUBLISH_SECONDS = 3600.0
END_SECONDS = 60.0
BULK_SECONDS = 0.5
GRACE_SECONDS = 20


@dataclass
class Chore:
    """Something to be done every so often; `due` is on the monotonic clock."""

    name: str
    every: float
    work: Callable[[], object]
    due: float = field(default_factory=monotonic)


class Server(BaseApplication):  # type: ignore[misc]  # shipped without types
    """gunicorn around an application that is ready."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


class SharedLogger(Logger):  # type: ignore[misc]  # shipped without types
    """gunicorn's own messages, by way of service/logs.py and without their values."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True


def serve(app: Flask) -> None:
    """Answer requests until told to stop; requests in flight are finished first."""
    settings: Settings = app.extensions["stepwell.settings"]
    logs.configure()
    logs.install(app, guard.request_id)
    let_go(app)
    Server(app, options(settings, app)).run()


def options(settings: Settings, app: Flask) -> dict[str, Any]:
    """SQLite has one writer, so one process; PostgreSQL as many as wanted."""
    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": 1 if settings.sqlite else settings.workers,
        "threads": settings.threads,
        "worker_class": "gthread",
        "accesslog": None,
        "loglevel": "warning",
        "logger_class": SharedLogger,
        "graceful_timeout": GRACE_SECONDS,
        "control_socket_disable": True,
        "proc_name": "stepwell",
        "forwarded_allow_ips": "*" if settings.trusted_proxies else "127.0.0.1",
        "post_worker_init": lambda _worker: start_sweeping(app),
    }


def let_go(app: Flask) -> None:
    """Close every connection before the process forks: two processes must not share one."""
    with app.app_context():
        give_back()


@contextmanager
def loading(app: Flask) -> Iterator[None]:
    """A large load that could be made anew: it waits neither for what is built from it, which is left to the sweep,
    nor for the disk after each commit.
    """
    waker = app.extensions.pop("stepwell.waker")
    try:
        with unhurried():
            yield
    finally:
        app.extensions["stepwell.waker"] = waker


def start_sweeping(app: Flask) -> threading.Event:
    """Sweep in the background of this process; set the event to stop."""
    stop = threading.Event()
    threading.Thread(target=sweep, args=(app, stop), name="sweep", daemon=True).start()
    return stop


def sweep(app: Flask, stop: threading.Event) -> None:
    """Do every chore when it is due, until `stop` is set."""
    chores = chores_of(app)
    while not stop.wait(max(0.05, min(each.due for each in chores) - monotonic())):
        for chore in [each for each in chores if each.due <= monotonic()]:
            with app.app_context():
                do(chore)
            chore.due = monotonic() + chore.every


def chores_of(app: Flask) -> list[Chore]:
    settings: Settings = app.extensions["stepwell.settings"]
    head_file = heads.file_beside(settings.key_file)
    found = [
        Chore("publish head", PUBLISH_SECONDS, lambda: heads.publish(head_file)),
        Chore("drain", DRAIN_SECONDS, lambda: publish.drain(pause=PAUSE_SECONDS)),
        Chore("bulk exports", BULK_SECONDS, lambda: bulk.work(pause=PAUSE_SECONDS)),
        Chore("end bulk exports", END_SECONDS, bulk_exports.tidy),
        Chore("end handovers", END_SECONDS, client_screen.end_overdue),
    ]
    return found if settings.sqlite else [Chore("seal", SEAL_SECONDS, audit.seal_pending), *found]


def do(chore: Chore) -> None:
    """One turn; whatever goes wrong is written down and tried again at the next one."""
    try:
        with condition.reachable():
            chore.work()
    except Exception as error:  # noqa: BLE001 (the sweep outlives any single failure)
        log = structlog.get_logger("stepwell")
        log.error("chore failed", chore=chore.name, error=type(error).__name__, where=logs.places(error.__traceback__))
