"""Logs hold what the list allows and nothing else, whoever writes them."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from service import guard, logs
from service.domain.actors import Actor
from service.guard import public
from tests import builders
from tests.builders import House

CANARY = "Heliotrope umbrella"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What would go to standard error; the loggers of the process are put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.usefixtures("own_app")
def test_a_request_is_one_line_that_names_no_record(
    app: Flask, house: House, sign_in: Callable[[Actor], FlaskClient], written: io.StringIO
) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist, chosen_name=CANARY)
    logs.install(app, guard.request_id)
    sign_in(house.therapist).get(f"/cases/{case.id}?q={CANARY}")
    (line,) = lines(written)
    assert line.keys() == {"at", "event", "level", "method", "endpoint", "status", "ms", "request_id"}
    assert (line["event"], line["method"], line["status"]) == ("request", "GET", 200)
    for secret in (case.id, CANARY, "Heliotrope", case.code, house.therapist.user_id):
        assert secret not in written.getvalue()


@pytest.mark.usefixtures("own_app")
def test_an_unknown_address_is_not_quoted(app: Flask, written: io.StringIO) -> None:
    logs.install(app, guard.request_id)
    app.test_client().get(f"/{CANARY}")
    (line,) = lines(written)
    assert (line["endpoint"], line["status"]) == ("none", 404)
    assert "Heliotrope" not in written.getvalue()


def test_keys_that_are_not_on_the_list_are_dropped(written: io.StringIO) -> None:
    structlog.get_logger("stepwell").warning("odd", name=CANARY, status=1)
    (line,) = lines(written)
    assert line.keys() == {"at", "level", "event", "status"}


def test_what_libraries_say_is_reduced_to_kind_and_place(written: io.StringIO) -> None:
    library = logging.getLogger("some.library")
    try:
        raise ValueError(CANARY)
    except ValueError:
        library.exception("could not read %s", CANARY)
    library.warning("%s", CANARY)
    first, second = lines(written)
    assert (first["logger"], first["error"], first["event"]) == ("some.library", "ValueError", "library message")
    assert "test_logs.py" in str(first["where"])
    assert second.keys() == {"at", "level", "event", "logger"}
    assert "Heliotrope" not in written.getvalue()


def test_the_server_speaks_in_templates_without_their_values(written: io.StringIO) -> None:
    logging.getLogger("gunicorn.error").warning("Worker (pid:%s) was sent %s", 7, CANARY)
    (line,) = lines(written)
    assert line["event"] == "Worker (pid:%s) was sent %s"


@pytest.mark.usefixtures("own_app")
def test_a_crash_is_logged_without_its_message(app: Flask, written: io.StringIO) -> None:
    def crash() -> str:
        raise RuntimeError(CANARY)

    app.add_url_rule("/crash", view_func=public("a test")(crash))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    logs.install(app, guard.request_id)
    app.test_client().get("/crash")
    assert 500 in [line.get("status") for line in lines(written)]
    assert "Heliotrope" not in written.getvalue()
