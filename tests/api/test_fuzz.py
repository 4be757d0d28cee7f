"""P4: the edge under the weight of its own OpenAPI document, signed in as each role: no 5xx, no undocumented answer."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from service.api.edge import openapi
from service.domain.actors import Actor
from tests.api.conftest import Furnished
from tests.builders import House

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
# (role, how many operations must have succeeded at least once: a run that only meets refusals proves nothing)
ROLES = (("therapist", 15), ("supervisor", 6), ("admin", 3), ("machine", 0))
EXAMPLES = 6
Drawn = tuple[Any, Any]
CREDENTIALS = ("Authorization", "X-CSRF-Token", "Cookie")
PAGE = {"Sec-Fetch-Site": "same-origin"}
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Run:
    """One role at work: how it signs in, the records it may name, and what it was answered."""

    app: Flask
    ids: dict[str, str]
    headers: dict[str, str]
    cookies: dict[str, str]
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)

    def send(self, case: Any, *, is_real: bool) -> None:
        """One request, half of them with ids of records that are there; the next role puts its own in their place."""
        if is_real:
            parameters = (case.path_parameters or {}).items()
            case.path_parameters = {key: self.ids.get(key, value) for key, value in parameters}
        for made_up in CREDENTIALS:
            (case.headers or {}).pop(made_up, None)
        case.cookies = {}
        response = case.call(app=self.app, headers=self.headers, cookies=self.cookies)
        self.answers[case.operation.label, response.status_code] += 1
        case.validate_response(response, checks=CHECKS)


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    """What the first role draws, and every role sends."""
    return []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("role", "reached"), ROLES)
def test_no_request_of_any_role_ends_in_an_unknown_failure(
    app: Flask,
    house: House,
    furnished: Furnished,
    sign_in: Callable[[Actor], FlaskClient],
    drawn: list[Drawn],
    role: str,
    reached: int,
) -> None:
    drawn += [] if drawn else requests_for(openapi(app), QUIET, st.booleans())
    run = Run(app, asdict(furnished), *credentials(house, sign_in, role))
    for case, is_real in drawn:
        run.send(case, is_real=is_real)
    assert run.answers.total() >= 2 * EXAMPLES * len(openapi(app)["paths"])
    assert (role == "machine") == (not any(status < 300 for _, status in run.answers))
    assert len({label for label, status in run.answers if status < 300}) >= reached
    assert 401 not in {status for _, status in run.answers}


def credentials(
    house: House, sign_in: Callable[[Actor], FlaskClient], role: str
) -> tuple[dict[str, str], dict[str, str]]:
    """(headers, cookies)"""
    if role == "machine":
        return PAGE | {"Authorization": f"Bearer {house.machine_token}"}, {}
    client = sign_in(getattr(house, role))
    cookie = client.get_cookie("stepwell", domain="localhost")
    assert cookie is not None
    return PAGE | {"X-CSRF-Token": client.environ_base["HTTP_X_CSRF_TOKEN"]}, {"stepwell": cookie.value}


def requests_for(document: Any, how: settings, coins: st.SearchStrategy[Any]) -> list[Drawn]:
    """Good and bad requests for each operation, with what the coins said. Drawing takes four times as long as sending,
    and what is drawn does not depend on the answers, so it is done once for all roles.
    """
    found: list[Drawn] = []
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(result, Ok)
        found += requests_to(result.ok(), how, coins)
    return found


def requests_to(operation: Any, how: settings, coins: st.SearchStrategy[Any]) -> list[Drawn]:
    good = operation.as_strategy()
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    found: list[Drawn] = []

    @how
    @given(case=good, bad=wrong, coin=coins)
    def draw(case: Any, bad: Any, coin: Any) -> None:
        found.extend([(case, coin), (bad, coin)])

    draw()
    return found
