"""create_app: the only place where rooms meet."""

import functools
import gc
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app, request
from flask.cli import AppGroup
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Rule

from schemas.instruments import look_behind
from service import guard
from service.api import edge as api
from service.casework import fetching, machine_clients
from service.ehr import client, records
from service.errors import StepwellError
from service.fhir import publish
from service.settings import Settings, from_environment
from service.store import condition
from service.store.base import db, engine_options
from service.store.instruments import find_imported
from service.web import edge as web

ROOT = Path(__file__).resolve().parent.parent
FORM_PARTS = 2_000
COLLECT_AFTER = 10_000  # objects; a request leaves few cycles behind, and a walk stops every thread


class Route(Rule):
    """A route that compiles what builds its addresses when one is first asked for: most are never, in most workers."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = functools.cache(super()._compile_builder)

        def build(own: Rule, /, **values: Any) -> tuple[str, str]:
            return compiled(append_unknown)(own, **values)

        return build


class Commands(AppGroup):
    """`flask ...`: the commands of service/cli.py, loaded when somebody asks for one."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app.name)
        self._app = app
        self._loaded = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self._load()
        return super().get_command(ctx, cmd_name)

    def _load(self) -> None:
        if not self._loaded:
            self._loaded = True
            importlib.import_module("service.cli").register(self._app)


def create_app(settings: Settings | None = None) -> Flask:
    """Put the application together. Key file and database may still be missing: `serve` makes them.

    Raises service.settings.WeakSetting.
    """
    settings = settings or from_environment(ROOT)
    app = Flask(
        "stepwell",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=None,
    )
    app.url_rule_class = Route
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_body_bytes,
        MAX_FORM_PARTS=FORM_PARTS,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        TESTING=settings.testing,
    )
    look_behind(find_imported)
    app.extensions["stepwell.settings"] = settings
    app.extensions["stepwell.waker"] = publish.after_commit
    app.extensions[machine_clients.FETCH] = functools.partial(client.fetch, own_hosts=settings.key_hosts)
    app.extensions[fetching.GATHER] = functools.partial(records.gather, way=client.Way(settings.key_hosts))
    app.extensions["stepwell.form_token"] = guard.form_token
    app.extensions["stepwell.problems"] = {}
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign]
    db.init_app(app)
    web.register(app)
    api.register(app)
    app.cli = Commands(app)
    for kind in (StepwellError, HTTPException, Exception):
        app.register_error_handler(kind, answer_problem)
    gc.freeze()  # what was loaded stays: the next lower threshold would have it walked over at once
    gc.set_threshold(COLLECT_AFTER)
    return app


def answer_problem(error: Exception) -> ResponseReturnValue:
    """Let the edge that owns the address tell what went wrong; each has put its prefix into "stepwell.problems"."""
    edges: dict[str, Callable[[Exception], ResponseReturnValue]] = current_app.extensions["stepwell.problems"]
    owner = max((prefix for prefix in edges if request.path.startswith(prefix)), key=len)
    return edges[owner](condition.in_our_words(error))
