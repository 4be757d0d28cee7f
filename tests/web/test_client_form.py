"""The client's screen: neutral, complete without script, and a cookie that opens one form and nothing else."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from schemas.instruments import find
from schemas.instruments.capture import NonAnswer
from schemas.vocabulary import HandoverMode, HandoverState
from service.casework import client_screen, intakes
from service.domain import clock
from service.domain.actors import Actor
from service.domain.intakes import Intake
from service.store import handovers as store
from service.store.base import db
from service.store.sign_ins import ORIGIN_TRIES
from tests import builders
from tests.builders import House
from tests.contracts.route_ids import PLAIN, UNKNOWN
from tests.web.conftest import form_token_on
from tests.web.markup import flaws

OWN = {"client_form.begin", "client_form.open_form", "client_form.questions", "client_form.send", "client_form.leave"}
STEPS = sum(len(section.items) for section in (*find("wsl").domains, *find("wsl").extra))


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist, chosen_name="Wilhelmina Quist").id


@pytest.fixture
def begin(app: Flask, house: House, case_id: str, browser: FlaskClient) -> Callable[..., TestResponse]:
    """Hand a form over and type its code; what is given by keyword changes the hand-over."""

    def begun(**changes: object) -> TestResponse:
        with app.app_context():
            code = builders.add_handover(house.therapist, case_id, **changes).code
            db.session.rollback()
        return browser.post("/begin", data={"code": code.lower()})

    return begun


def send(client: FlaskClient, **values: str) -> TestResponse:
    """Send the page of the form that stands in the browser; `P1` is an answer, `then` and `at` are themselves."""
    page = client.get("/form", query_string={"at": values["at"]} if "at" in values else {})
    named = {name if name in ("then", "at") else f"a.{name}": value for name, value in values.items()}
    return client.post("/form", data={"csrf_token": form_token_on(page), **named})


def logs(app: Flask, house: House, case_id: str) -> tuple[Intake, ...]:
    with app.app_context():
        return intakes.list_intakes(house.therapist, case_id)


def last_state(app: Flask, case_id: str) -> HandoverState:
    with app.app_context():
        return store.of_case(case_id)[0].state


def test_a_code_opens_the_form_with_a_cookie_of_its_own(
    begin: Callable[..., TestResponse], browser: FlaskClient
) -> None:
    opened = begin()
    assert (opened.status_code, opened.headers["Location"]) == (303, "/form")
    [cookie] = opened.headers.getlist("Set-Cookie")
    assert cookie.startswith("form=")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert "Expires" not in cookie
    page = browser.get("/form")
    assert page.status_code == 200
    assert flaws(page.text) == []


@pytest.mark.parametrize("mode", HandoverMode)
def test_no_page_names_anybody_or_the_practice(
    begin: Callable[..., TestResponse], browser: FlaskClient, mode: HandoverMode
) -> None:
    before = browser.get("/begin")
    begin(mode=mode)
    pages = [before, *(browser.get(path) for path in ("/form", "/form?at=7", f"/form?at={STEPS + 1}", "/away"))]
    for page in pages:
        assert flaws(page.text) == []
        for word in ("Wilhelmina", "Quist", "Ana", "Núñez", "Linden", "Stepwell", "Withdrawal", "Distress"):
            assert word not in page.text
        assert page.headers["Cache-Control"] == "no-store"
    assert "<title>Questions for today</title>" in pages[1].text


def test_one_question_stands_alone_and_says_how_far_it_is(
    begin: Callable[..., TestResponse], browser: FlaskClient
) -> None:
    begin()
    page = browser.get("/form?at=2").text
    assert f"<span>2 of {STEPS}</span>" in page
    assert 'name="a.P2"' in page
    assert 'name="a.P1"' not in page
    assert " checked" not in page
    assert page.index('value="next"') < page.index('value="back"') < page.index('value="stop"')


def test_answers_are_kept_from_step_to_step_and_recorded_at_the_end(
    app: Flask, house: House, case_id: str, begin: Callable[..., TestResponse], browser: FlaskClient
) -> None:
    begin()
    assert send(browser, at="1", P1="3", then="next").headers["Location"] == "/form?at=2"
    send(browser, at="2", P2="skip:declined", then="next")
    send(browser, at="3", then="next")
    assert 'value="3" data-digit="3" checked' in browser.get("/form?at=1").text
    assert send(browser, at="4", P4="1", then="back").headers["Location"] == "/form?at=3"
    ready = browser.get(f"/form?at={STEPS + 1}").text
    assert f"3 of {STEPS} are answered or skipped" in ready
    done = send(browser, at=str(STEPS + 1), then="finish")
    assert done.headers["Location"] == "/form"
    [log] = logs(app, house, case_id)
    found = {key: log.answers[key] for key in ("P1", "P2", "P3", "P4")}
    assert found == {"P1": "3", "P2": NonAnswer.DECLINED, "P3": NonAnswer.ASKED_NO, "P4": "1"}


def test_one_page_holds_everything_and_saves_itself(
    app: Flask, house: House, case_id: str, begin: Callable[..., TestResponse], browser: FlaskClient
) -> None:
    begin(mode=HandoverMode.PAGE)
    page = browser.get("/form")
    assert 'data-autosave="/form"' in page.text
    data = {"csrf_token": form_token_on(page), "a.P1": "2", "a.E2": "1", "at": "0", "then": ""}
    saved = browser.post("/form", data=data, headers={"X-Requested-With": "fetch", "Accept": "application/json"})
    assert (saved.status_code, list(saved.get_json())) == (200, ["saved_at"])
    assert 'value="2" data-digit="2" checked' in browser.get("/form").text
    browser.post("/form", data={**data, "a.E2": "0", "then": "finish"})
    [log] = logs(app, house, case_id)
    assert (log.answers["P1"], log.answers["E2"], log.answers["C1"]) == ("2", "0", NonAnswer.ASKED_NO)


def test_an_answer_taken_back_is_gone(begin: Callable[..., TestResponse], browser: FlaskClient) -> None:
    begin(mode=HandoverMode.PAGE)
    send(browser, P1="2", P2="3")
    send(browser, P2="3")
    page = browser.get("/form").text
    assert page.count(" checked") == 1


def test_what_cannot_be_taken_comes_back_with_its_reason(
    begin: Callable[..., TestResponse], browser: FlaskClient
) -> None:
    begin()
    answer = send(browser, at="1", P1="9", then="next")
    assert answer.status_code == 422
    assert "Questions for today" in answer.text
    assert flaws(answer.text) == []
    assert f"<span>1 of {STEPS}</span>" in answer.text


@pytest.mark.parametrize("end", ["finish", "stop", "leave"])
def test_nothing_can_be_had_back_once_the_form_has_ended(
    app: Flask, case_id: str, begin: Callable[..., TestResponse], browser: FlaskClient, end: str
) -> None:
    begin()
    send(browser, at="1", P1="3", then="next")
    token = browser.get_cookie("form")
    ended = browser.get("/form/leave") if end == "leave" else send(browser, at="2", then=end)
    assert "form=;" in ended.headers["Set-Cookie"]
    assert ended.headers["Clear-Site-Data"] == '"cache"'
    assert ended.headers["Location"] == ("/away" if end == "leave" else "/form")
    wanted = HandoverState.FINISHED if end == "finish" else HandoverState.UNFINISHED
    assert last_state(app, case_id) is wanted
    assert token is not None
    for kept in (False, True):
        if kept:
            browser.set_cookie("form", token.value, domain="localhost")
        for path in ("/form", "/form?at=1"):
            page = browser.get(path)
            assert page.status_code == 410
            assert "Finished" in page.text
            assert "a.P1" not in page.text


def test_the_page_clears_itself_when_the_time_is_over(begin: Callable[..., TestResponse], browser: FlaskClient) -> None:
    begin()
    seconds, address = browser.get("/form").headers["Refresh"].split("; url=")
    assert 1790 < int(seconds) <= 1801
    assert address == "/form"
    page = browser.get("/form")
    with clock.standing_at(clock.now() + timedelta(minutes=31)):
        late = browser.post("/form", data={"csrf_token": form_token_on(page), "a.P1": "3", "at": "1", "then": "next"})
        assert late.status_code == 410
        assert "time for this form is over" in late.text


def test_a_step_needs_the_token_of_its_screen(begin: Callable[..., TestResponse], browser: FlaskClient) -> None:
    begin()
    for token in ("", "0" * 64):
        assert browser.post("/form", data={"csrf_token": token, "a.P1": "3"}).status_code == 403


@pytest.mark.parametrize("path", ["/begin", "/form"])
def test_a_step_that_another_site_started_is_refused(
    begin: Callable[..., TestResponse], browser: FlaskClient, path: str
) -> None:
    begin()
    token = form_token_on(browser.get("/form"))
    browser.environ_base["HTTP_SEC_FETCH_SITE"] = "cross-site"
    assert browser.post(path, data={"csrf_token": token, "code": "ABCDEFGH"}).status_code == 403


def test_a_code_works_on_one_device_only(app: Flask, house: House, case_id: str, browser: FlaskClient) -> None:
    with app.app_context():
        code = builders.add_handover(house.therapist, case_id).code
        db.session.rollback()
    assert browser.post("/begin", data={"code": code}).status_code == 303
    other = app.test_client()
    other.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    answer = other.post("/begin", data={"code": code})
    assert answer.status_code == 422
    assert client_screen.NO_CODE in answer.text
    assert other.get("/form").status_code == 410


def test_guessing_is_slowed_down(browser: FlaskClient) -> None:
    answers = [browser.post("/begin", data={"code": "ABCDEFGH"}) for _ in range(ORIGIN_TRIES + 1)]
    assert [answer.status_code for answer in answers] == [422] * ORIGIN_TRIES + [429]
    assert answers[-1].headers["Retry-After"] == "900"


def test_a_code_typed_where_somebody_is_signed_in_locks_their_sign_in(
    app: Flask, house: House, case_id: str, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    clinician = sign_in(house.therapist)
    with app.app_context():
        code = builders.add_handover(house.therapist, case_id).code
        db.session.rollback()
    assert clinician.post("/begin", data={"code": code}).headers["Location"].endswith("/form")
    page = clinician.get(f"/cases/{case_id}")
    assert (page.status_code, "Wilhelmina" in page.text) == (303, False)
    assert "/unlock" in page.headers["Location"]


def every_route(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of every route, ids filled in with what does not exist."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        parts = {name: PLAIN.get(name, UNKNOWN) for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, adapter.build(rule.endpoint, parts, method=method)


def test_the_cookie_of_the_screen_opens_no_other_address(
    app: Flask, case_id: str, begin: Callable[..., TestResponse], browser: FlaskClient
) -> None:
    """Every route but the form's own answers the holder of the cookie as it answers a stranger."""
    begin()
    token = form_token_on(browser.get("/form"))
    stranger = app.test_client()
    stranger.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    told = []
    for endpoint, method, path in every_route(app):
        if endpoint in OWN:
            continue
        address = path.replace(UNKNOWN, case_id) if "/cases/" in path else path
        seen = [
            client.open(address, method=method, data={"csrf_token": token}, buffered=True)
            for client in (browser, stranger)
        ]
        if len({(answer.status_code, answer.headers.get("Location")) for answer in seen}) > 1:
            told.append(f"{method} {path}")
    assert told == []
    assert browser.get("/form").status_code == 200


def test_a_screen_is_no_sign_in_and_a_sign_in_is_no_screen(
    house: House, sign_in: Callable[[Actor], FlaskClient], begin: Callable[..., TestResponse], browser: FlaskClient
) -> None:
    begin()
    cookie = browser.get_cookie("form")
    assert cookie is not None
    therapist = sign_in(house.therapist)
    own = therapist.get_cookie("stepwell")
    assert own is not None
    therapist.set_cookie("form", own.value, domain="localhost")
    assert therapist.get("/form").status_code == 410
    browser.set_cookie("stepwell", cookie.value, domain="localhost")
    assert browser.get("/day").headers["Location"].startswith("/sign-in")
    assert browser.get("/api/v1/account", headers={"Authorization": f"Bearer {cookie.value}"}).status_code == 401
