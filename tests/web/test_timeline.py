"""The timeline page and its file."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
# The product wants fewer than 12, and the sign-in was one already when these are counted.
MOST_QUERIES = 10


@pytest.fixture
def case(app: Flask, house: House) -> Case:
    with app.app_context():
        return builders.add_case(house.therapist)


def weekly(actor: Actor, case_id: str, weeks: int) -> None:
    for week in range(weeks):
        start = clock.now() - timedelta(days=7 * week + 1)
        session = builders.add_session(actor, case_id, starts_at=start, ends_at=start + timedelta(minutes=50))
        builders.add_note(actor, session.id, signed=week > 0)
        builders.add_intake(actor, case_id, authored_at=start)


def test_a_long_history_pages_on_without_losing_or_repeating_anything(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        weekly(house.therapist, case.id, 12)
    client = sign_in(house.therapist)
    first = client.get(f"/cases/{case.id}/timeline").text
    further = re.findall(r'href="([^"]*after=[^"]*)"', first)[-1].replace("&amp;", "&")
    second = client.get(further).text
    assert first.count("Individual session:") + second.count("Individual session:") == 12
    assert first.count("Episode of care: Active") + second.count("Episode of care: Active") == 1
    assert flaws(first) == flaws(second) == []


def test_a_choice_stays_in_view_and_nonsense_shows_everything(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        weekly(house.therapist, case.id, 2)
    client, url = sign_in(house.therapist), f"/cases/{case.id}/timeline"
    sent = client.post(url, data={"kind": ["session"], "since": "2020-01-01", "until": ""})
    chosen = client.get(sent.headers["Location"]).text
    assert client.post(url, data={"since": "x", "until": ""}).status_code == 422
    assert 'value="session" checked' in chosen
    assert "recorded</a>" not in chosen
    assert "Nothing like this happened" in client.get(f"{url}?kind=referral").text
    for odd in ("kind=x", "since=tomorrow", "after=%00", "after=AAAA", "until=99999-01-01"):
        assert "Episode of care: Active" in client.get(f"{url}?{odd}").text


def test_the_file_is_neutral_and_needs_a_fresh_confirmation(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    client, url = sign_in(house.therapist), f"/cases/{case.id}/timeline/file"
    assert flaws(client.get(url).text) == []
    answer = client.post(url, data={"since": "", "until": ""}, buffered=True)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="list.csv"'
    assert case.code not in answer.text
    assert case.client.chosen_name not in answer.text
    assert client.post(url, data={"since": "x", "until": ""}).status_code == 422


@pytest.mark.parametrize("reader", ["therapist", "supervisor"])
def test_the_case_page_asks_no_more_after_two_years_than_after_two_weeks(
    app: Flask, house: House, case: Case, sign_in: SignIn, reader: str
) -> None:
    with app.app_context():
        weekly(house.therapist, case.id, 2)
    client = sign_in(getattr(house, reader))
    few = queries(app, client, f"/cases/{case.id}")
    with app.app_context():
        weekly(house.therapist, case.id, 30)
    many = queries(app, client, f"/cases/{case.id}")
    assert len(many) == len(few)
    assert len(many) <= MOST_QUERIES, "\n".join(many)


def queries(app: Flask, client: FlaskClient, path: str) -> list[str]:
    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    with app.app_context():
        engine: Engine = db.engine
    client.get(path)
    event.listen(engine, "before_cursor_execute", count)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return seen
