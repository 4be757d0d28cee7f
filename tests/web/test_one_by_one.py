"""A form filled in one question at a time on the clinician's page, without script: nothing is lost, and nothing is
stored before the end.
"""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.instruments import find
from schemas.instruments.capture import NonAnswer
from service.casework import intakes
from service.domain.actors import Actor
from service.domain.cases import Case
from tests import builders
from tests.builders import House
from tests.web.markup import flaws
from tests.web.test_intakes import CIRCUMSTANCES

SignIn = Callable[[Actor], FlaskClient]
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
LAST = sum(len(section.items) for section in find("wsl").sections())
Typed = dict[str, str | list[str]]


@pytest.fixture
def case(app: Flask, house: House) -> Case:
    with app.app_context():
        return builders.add_case(house.therapist)


@pytest.fixture
def client(house: House, sign_in: SignIn) -> FlaskClient:
    return sign_in(house.therapist)


def carried(page: str) -> Typed:
    """What a step sends along by itself."""
    found: Typed = {}
    for name, value in HIDDEN.findall(page.split('id="log"')[1]):
        earlier = found.get(name, [])
        found[name] = [*earlier, unescape(value)]
    return found


def send(client: FlaskClient, case: Case, page: str, go: str = "next", **typed: str) -> str:
    body = carried(page) | {name.replace("__", "."): value for name, value in typed.items()} | {"go": go}
    answer = client.post(f"/cases/{case.id}/log/wsl", data=body)
    assert answer.status_code == 200
    assert flaws(answer.text) == []
    return answer.text


def begun(client: FlaskClient, case: Case) -> str:
    """The first question, after the circumstances."""
    first = client.get(f"/cases/{case.id}/log/wsl?at=0").text
    assert flaws(first) == []
    body = carried(first) | CIRCUMSTANCES | {"go": "next"}
    return client.post(f"/cases/{case.id}/log/wsl", data=body).text


def test_the_page_of_a_log_leads_to_it_and_back(client: FlaskClient, case: Case) -> None:
    whole = client.get(f"/cases/{case.id}/log/wsl").text
    assert f'href="/cases/{case.id}/log/wsl?at=0"' in whole
    page = send(client, case, begun(client, case), a__P1="3")
    whole = send(client, case, page, "page")
    assert "Record log" in whole
    assert re.search(r'name="a.P1" value="3"[^>]*checked', whole)


def test_each_step_shows_one_question_and_how_far_one_is(client: FlaskClient, case: Case) -> None:
    page = begun(client, case)
    assert f"1 of {LAST}" in page
    assert page.count("data-answers") == 3  # the step itself, for the keys, the question, and what is asked further
    assert find("wsl").item("P2").prompt not in page
    for _question in range(6):
        page = send(client, case, page)
    assert f"7 of {LAST}" in page
    assert f'value="7" max="{LAST}"' in page


def test_nothing_is_chosen_beforehand_and_going_back_shows_what_was_answered(client: FlaskClient, case: Case) -> None:
    first = begun(client, case)
    assert "checked" not in first
    page = send(client, case, send(client, case, first, a__P1="skip:declined"), "back")
    assert f"1 of {LAST}" in page
    assert re.search(r'value="skip:declined"[^>]*checked', page)


def test_the_whole_way_records_the_same_as_one_page(app: Flask, client: FlaskClient, house: House, case: Case) -> None:
    page = send(client, case, begun(client, case), a__P1="4", a__P1_mostly="sick")
    page = send(client, case, page, a__P2="skip:declined")
    for _question in range(LAST - 2):
        with app.app_context():
            assert intakes.list_intakes(house.therapist, case.id) == ()
        page = send(client, case, page)
    assert "Record log" in page
    answer = client.post(f"/cases/{case.id}/log/wsl", data=carried(page))
    assert answer.status_code == 303
    with app.app_context():
        (kept,) = intakes.list_intakes(house.therapist, case.id)
    assert (kept.answers["P1"], kept.answers["P1_mostly"], kept.answers["P2"]) == (
        "4",
        "sick",
        NonAnswer.DECLINED,
    )


def test_a_mistake_leads_back_to_its_step_with_everything_kept(client: FlaskClient, case: Case) -> None:
    page = send(client, case, begun(client, case), a__P1="4")
    wrong = carried(page) | {"authored_at": "2999-01-01T10:00"}
    answer = client.post(f"/cases/{case.id}/log/wsl", data=wrong)
    assert answer.status_code == 422
    assert "Before you begin" in answer.text
    assert carried(answer.text)["a.P1"] == ["4"]
    assert flaws(answer.text) == []
    wrong = carried(page) | {"a.U1": "99"}
    answer = client.post(f"/cases/{case.id}/log/wsl", data=wrong)
    assert answer.status_code == 422
    assert find("wsl").item("U1").prompt in answer.text
    assert "Before you begin" not in answer.text


@pytest.mark.parametrize("at", ["x", "-1", "99999", ""])
def test_a_step_that_cannot_be_opens_the_form_on_one_page(client: FlaskClient, case: Case, at: str) -> None:
    answer = client.get(f"/cases/{case.id}/log/wsl?at={at}")
    assert answer.status_code == 200
    assert "Record log" in answer.text


def test_a_partner_who_interprets_stops_it_at_the_circumstances(
    app: Flask, client: FlaskClient, house: House, case: Case
) -> None:
    page = send(client, case, begun(client, case), a__P1="4")
    stopped = carried(page) | {"capture.interpreter": "partner"}
    answer = client.post(f"/cases/{case.id}/log/wsl", data=stopped)
    assert answer.status_code == 422
    assert "Record the log nevertheless" in answer.text
    assert "Before you begin" in answer.text
    assert carried(answer.text)["a.P1"] == ["4"]
    with app.app_context():
        assert intakes.list_intakes(house.therapist, case.id) == ()
