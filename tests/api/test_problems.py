"""Every failure of the JSON edge is problem+json with the right status, headers and no content of anybody."""

# mypy: disable-error-code="index,union-attr,return-value,arg-type,misc,operator"
# What a test client reads may be None to its types; a test that meets None fails by itself.

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import ServiceUnavailable

from service.api import problems
from service.domain.actors import Actor
from service.errors import Conflict, Invalid, NotAllowed, NotFound, StepwellError, Unavailable, Why
from tests.api import bodies
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]


@pytest.mark.parametrize(
    ("error", "status", "more"),
    [
        (NotFound(), 404, {}),
        (NotAllowed("No.", Why.SIGN_IN), 401, {"why": "sign_in"}),
        (NotAllowed("No.", Why.LOCKED), 403, {"why": "locked"}),
        (NotAllowed("No.", Why.STEP_UP), 403, {"why": "step_up"}),
        (NotAllowed("No.", Why.STATE), 403, {"why": "state"}),
        (NotAllowed("No.", Why.TOO_MANY), 429, {"why": "too_many"}),
        (Conflict("Moved on.", yours={"a": "1"}, theirs={"a": "2"}), 409, {"yours": {"a": "1"}, "theirs": {"a": "2"}}),
        (Invalid("No.", {"a": "Wrong."}), 422, {"errors": {"a": "Wrong."}}),
    ],
)
def test_each_kind_of_failure_has_its_answer(app: Flask, error: StepwellError, status: int, more: dict) -> None:
    with app.test_request_context("/api/v1/cases"):
        answer = problems.answer(error)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    expected = {"type": "about:blank", "status": status, "detail": error.message, "title": answer.json["title"]}
    assert answer.json == expected | more


def test_every_reason_and_kind_is_in_the_table(app: Flask) -> None:
    assert {problems.status_of(NotAllowed("", why)) for why in Why} <= {401, 403, 429}
    assert all(problems.status_of(kind("")) < 600 for kind in StepwellError.__subclasses__())


def test_only_failures_of_ours_carry_a_reference(app: Flask) -> None:
    with app.test_request_context("/api/v1/cases"):
        assert problems.answer(Unavailable("The disk is full.")).json["reference"]
        unexpected = problems.answer(ValueError("Zoë Okonkwo"))
    assert unexpected.json["reference"]
    assert "Zoë" not in unexpected.get_data(as_text=True)


def test_the_log_of_an_unknown_failure_holds_no_message(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with app.test_request_context("/api/v1/cases"):
        problems.answer(ValueError("Zoë Okonkwo"))
    assert "ValueError" in caplog.text
    assert "Zoë" not in caplog.text


def test_headers_of_an_http_failure_are_kept(app: Flask) -> None:
    client = app.test_client()
    assert set(client.delete("/api/v1/day").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert client.get("/api/v1/cases").headers["WWW-Authenticate"] == "Bearer"
    with app.test_request_context("/api/v1/cases"):
        assert problems.answer(NotAllowed("", Why.TOO_MANY)).headers["Retry-After"] == "900"
        assert problems.answer(ServiceUnavailable(retry_after=30)).headers["Retry-After"] == "30"


def test_json_problems_stay_inside_the_json_edge(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/nothing").content_type.startswith("text/html")
    assert client.get("/api/v1/nothing").content_type == "application/problem+json"
    assert client.get("/api/v1/nothing").json["detail"] == NotFound().message


def test_the_guard_answers_before_the_body_is_read(app: Flask, house: House, sign_in: SignIn) -> None:
    hostile = b"[" * 100_000
    assert app.test_client().post("/api/v1/cases", data=hostile, content_type="application/json").status_code == 401
    assert sign_in(house.admin).post("/api/v1/cases", data=hostile, content_type="application/json").status_code == 403


def test_a_change_from_another_site_or_without_the_form_token_is_refused(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    before = bodies.stored(app)
    client = sign_in(house.therapist)
    for header, value in (("HTTP_SEC_FETCH_SITE", "cross-site"), ("HTTP_X_CSRF_TOKEN", "x")):
        answer = client.post("/api/v1/cases", json=bodies.a_client(), environ_overrides={header: value})
        assert (answer.status_code, answer.json["why"]) == (403, "cross_site")
    assert bodies.stored(app) == before


def test_nothing_of_the_api_may_be_kept_by_anybody(house: House, sign_in: SignIn) -> None:
    answer = sign_in(house.therapist).get("/api/v1/caseload")
    assert answer.headers["Cache-Control"] == "no-store"
