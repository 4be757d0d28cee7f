"""The caseload over HTTP: sorting, filtering, finding."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain.actors import Actor
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


def order(html: str, *names: str) -> list[str]:
    return sorted((name for name in names if name in html), key=html.index)


def add(house: House, app: Flask, name: str) -> str:
    with app.app_context():
        return builders.add_case(house.therapist, chosen_name=name).id


def test_an_empty_caseload_offers_to_open_a_case(house: House, sign_in: SignIn) -> None:
    html = sign_in(house.therapist).get("/caseload").text
    assert "No cases yet." in html
    assert flaws(html) == []


def test_a_row_shows_the_log_as_a_picture_with_its_sentence(house: House, app: Flask, sign_in: SignIn) -> None:
    case_id = add(house, app, "Zoë Okonkwo-Šimić")
    with app.app_context():
        builders.add_intake(house.therapist, case_id)
    html = sign_in(house.therapist).get("/caseload").text
    assert 'class="chart spark"' in html
    assert "Log total, 0 to 60: one reading, 30" in html
    assert "<title>Caseload</title>" in html
    assert flaws(html) == []


def test_rows_sort_by_name_and_the_other_way_round(house: House, app: Flask, sign_in: SignIn) -> None:
    for name in ("Bryn", "Ádám", "Cai"):
        add(house, app, name)
    client = sign_in(house.therapist)
    forward, backward = client.get("/caseload").text, client.get("/caseload?sort=-name").text
    names = ("Bryn", "Ádám", "Cai")
    assert order(backward, *names) == order(forward, *names)[::-1]
    assert 'aria-sort="ascending"' in forward
    assert 'aria-sort="descending"' in backward


@pytest.mark.parametrize("code", ["last", "next", "log", "events", "plan", "unsigned"])
def test_every_column_sorts_even_where_cells_are_empty(house: House, app: Flask, sign_in: SignIn, code: str) -> None:
    first, _second = add(house, app, "Full"), add(house, app, "Empty")
    with app.app_context():
        builders.add_session(house.therapist, first)
        builders.add_intake(house.therapist, first)
        builders.add_plan(house.therapist, first)
    answer = sign_in(house.therapist).get(f"/caseload?sort={code}")
    assert answer.status_code == 200
    assert "Full" in answer.text and "Empty" in answer.text
    assert flaws(answer.text) == []


def test_unsigned_work_comes_to_the_top_when_sorted_by_it(house: House, app: Flask, sign_in: SignIn) -> None:
    add(house, app, "Aled")
    busy = add(house, app, "Bryn")
    with app.app_context():
        builders.add_session(house.therapist, busy)
    html = sign_in(house.therapist).get("/caseload?sort=unsigned").text
    assert order(html, "Aled", "Bryn") == ["Bryn", "Aled"]
    assert "1 to sign" in html


def test_closed_cases_have_a_view_of_their_own(house: House, app: Flask, sign_in: SignIn) -> None:
    add(house, app, "Aled")
    gone = add(house, app, "Bryn")
    with app.app_context():
        builders.close_case(house.therapist, gone, version=1)
    client = sign_in(house.therapist)
    assert "Bryn" not in client.get("/caseload").text
    closed = client.get("/caseload?show=closed").text
    assert "Bryn" in closed and "Aled" not in closed
    assert "Case closed" in closed


def test_an_address_that_asks_for_nonsense_gets_the_usual_view(house: House, app: Flask, sign_in: SignIn) -> None:
    add(house, app, "Aled")
    answer = sign_in(house.therapist).get("/caseload?sort=%3Cscript%3E&show=--")
    assert answer.status_code == 200
    assert "Aled" in answer.text
    assert "<script>" not in answer.text


def test_a_part_of_a_name_leads_to_the_only_case_that_fits(house: House, app: Flask, sign_in: SignIn) -> None:
    case_id = add(house, app, "Zoë Okonkwo-Šimić")
    add(house, app, "Aled")
    answer = sign_in(house.therapist).post("/find", data={"find": "okonk"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/cases/{case_id}"


def test_several_cases_that_fit_are_listed(house: House, app: Flask, sign_in: SignIn) -> None:
    add(house, app, "Ana One")
    add(house, app, "Ana Two")
    html = sign_in(house.therapist).post("/find", data={"find": "ana"}).text
    assert "Ana One" in html and "Ana Two" in html
    assert flaws(html) == []


@pytest.mark.parametrize("typed", ["", "   ", "zzz", "<img src=x>"])
def test_looking_for_nothing_or_in_vain_is_told_calmly(house: House, app: Flask, sign_in: SignIn, typed: str) -> None:
    add(house, app, "Aled")
    answer = sign_in(house.therapist).post("/find", data={"find": typed})
    assert answer.status_code == 200
    assert "Aled" not in answer.text
    assert "<img" not in answer.text
    assert flaws(answer.text) == []


def test_cases_of_a_colleague_are_not_found(house: House, app: Flask, sign_in: SignIn) -> None:
    add(house, app, "Zoë Okonkwo-Šimić")
    assert "Okonkwo" not in sign_in(house.peer).post("/find", data={"find": "okonkwo"}).text
