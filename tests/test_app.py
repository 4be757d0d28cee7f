"""What a start leaves for later: libraries that only some requests need, and the builders of addresses."""

import subprocess
import sys

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from service.app import create_app
from service.settings import Settings
from tests.contracts.sources import ROOT

LATER = (
    "alembic",
    "argon2",
    "fhir.resources",
    "flask_smorest",
    "gunicorn",
    "joserfc",
    "multiprocessing",
    "psycopg",
    "pydantic",
    "segno",
    "weasyprint",
)


def test_a_start_loads_nothing_that_only_some_requests_need() -> None:
    start = "from service.app import create_app; create_app()"
    script = f"import sys; {start}; print(*set({LATER}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_an_address_is_compiled_when_it_is_first_built(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_builder = Rule._compile_builder

    def counted(rule: Rule, append_unknown: bool = True) -> object:
        compiled.append(rule.rule)
        return compile_builder(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counted)
    app: Flask = create_app(settings)
    assert compiled == []
    with app.test_request_context():
        assert url_for("api.docs", page=2) == "/api/v1/docs?page=2"
        assert url_for("api.docs") == "/api/v1/docs"
    assert set(compiled) == {"/api/v1/docs"}
