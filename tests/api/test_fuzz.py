"""P4: the edge under the weight of its own OpenAPI document, signed in as each role: no 5xx, no undocumented answer."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from service.api.edge import openapi
from service.domain.actors import Actor
from tests.api.conftest import Furnished
from tests.builders import House

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
ROLES = ("therapist", "supervisor", "admin", "machine")
EXAMPLES = 12
HEADERS = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ROLES)
def test_no_request_of_any_role_ends_in_an_unknown_failure(
    app: Flask, house: House, furnished: Furnished, sign_in: Callable[[Actor], FlaskClient], role: str
) -> None:
    schema = schemathesis.openapi.from_dict(openapi(app))
    headers = headers_of(house, sign_in, role)
    ids = vars_of(furnished)
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        asked += 1
        hammer(app, operation, headers, ids)
    assert asked > 50


def headers_of(house: House, sign_in: Callable[[Actor], FlaskClient], role: str) -> dict[str, str]:
    if role == "machine":
        return HEADERS | {"Authorization": f"Bearer {house.machine_token}"}
    client = sign_in(getattr(house, role))
    cookie = client.get_cookie("stepwell", domain="localhost")
    assert cookie is not None
    return HEADERS | {"Cookie": f"stepwell={cookie.value}", "X-CSRF-Token": client.environ_base["HTTP_X_CSRF_TOKEN"]}


def vars_of(furnished: Furnished) -> dict[str, str]:
    return asdict(furnished)


def hammer(app: Flask, operation: Any, headers: dict[str, str], ids: dict[str, str]) -> None:
    """Good and bad requests for one operation, half of them with ids of records that are there."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(),
        bad=operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE),
        real=st.booleans(),
    )
    def run(case: Any, bad: Any, real: bool) -> None:
        for each in (case, bad):
            if real:
                each.path_parameters = {key: ids.get(key, value) for key, value in (each.path_parameters or {}).items()}
            send(app, each, headers)

    run()


def send(app: Flask, case: Any, headers: dict[str, str]) -> None:
    response = case.call(app=app, headers=headers)
    case.validate_response(response, checks=CHECKS)
