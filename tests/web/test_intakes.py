"""Filling in a log, what it says, correcting it, and its course."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.instruments.capture import NonAnswer
from service.casework import cases, intakes
from service.domain.actors import Actor
from service.domain.cases import Case, OtherPerson
from service.domain.intakes import Intake
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
CIRCUMSTANCES = {
    "capture.channel": "in_person",
    "capture.private": "yes",
    "capture.held_pen": "client",
    "capture.interpreter": "none",
    "capture.device_confirmed": "",
    "contact_context": "separated_no_contact",
    "authored_at": "2026-05-04T10:00",
    "session_id": "",
}
ITEMS = {f"a.{part}{number}": "2" for part in "PEC" for number in range(1, 6)}


@pytest.fixture
def case(app: Flask, house: House) -> Case:
    with app.app_context():
        return builders.add_case(house.therapist)


def stored(app: Flask, house: House, case: Case) -> list[Intake]:
    with app.app_context():
        return list(intakes.list_intakes(house.therapist, case.id))


def test_the_form_preselects_no_answer_and_offers_five_skips_each(house: House, case: Case, sign_in: SignIn) -> None:
    page = sign_in(house.therapist).get(f"/cases/{case.id}/log").text
    assert flaws(page) == []
    assert " checked" not in page
    assert page.count('value="skip:declined"') + page.count('name="skip.') // 5 == page.count(">Skip this one")
    assert "It is not a test, has no norms or cut-offs" in page
    assert "In the last 7 days:" in page
    assert "0 of 15" in page


def test_a_log_is_recorded_with_its_skips_and_follow_ups(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    given = {
        **CIRCUMSTANCES,
        **ITEMS,
        "a.P1": "skip:declined",
        "a.P2_kind": ["falling", "dreams"],
        "a.U2": "7",
        "a.X1_count": "12",
        "a.P4_assault": "no",
        "a.I_hopes": "Sleep\r\nagain",
        "skip.I_began": "unsure",
        "a.I_began": "",
    }
    answer = client.post(f"/cases/{case.id}/log/wsl", data=given)
    assert answer.status_code == 303
    kept = stored(app, house, case)[0].answers
    assert kept["P1"] is NonAnswer.DECLINED
    assert kept["P2_kind"] == ("falling", "dreams")
    assert (kept["U2"], kept["X1_count"], kept["P4_assault"]) == (7, 12, False)
    assert kept["I_hopes"] == "Sleep\nagain"
    assert kept["I_began"] is NonAnswer.UNSURE
    page = client.get(answer.location).text
    assert flaws(page) == []
    assert "prorated" in page
    assert "middle on this log" in page
    assert "not compared with other people" in page


def test_what_does_not_fit_is_named_at_its_item_and_nothing_is_lost(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    given = {**CIRCUMSTANCES, **ITEMS, "a.P1": "9", "a.X1_count": "1000", "a.I_sleep": "Five hours", "a.nothing": "x"}
    answer = sign_in(house.therapist).post(f"/cases/{case.id}/log/wsl", data=given)
    assert answer.status_code == 422
    assert 'href="#f-a.P1"' in answer.text
    assert 'href="#f-a.X1_count"' in answer.text
    assert 'value="Five hours"' in answer.text
    assert "14 of 15" in answer.text or "15 of 15" in answer.text
    assert flaws(answer.text) == []
    assert stored(app, house, case) == []


def test_an_answer_beside_a_reason_for_skipping_is_refused(house: House, case: Case, sign_in: SignIn) -> None:
    given = {**CIRCUMSTANCES, "a.I_sleep": "Five hours", "skip.I_sleep": "declined"}
    answer = sign_in(house.therapist).post(f"/cases/{case.id}/log/wsl", data=given)
    assert answer.status_code == 422
    assert "Give an answer or a reason for skipping, not both." in answer.text


def test_circumstances_are_never_taken_for_granted(house: House, case: Case, sign_in: SignIn) -> None:
    answer = sign_in(house.therapist).post(f"/cases/{case.id}/log/wsl", data=ITEMS)
    assert answer.status_code == 422
    assert "This field is needed." in answer.text
    assert flaws(answer.text) == []


def test_a_partner_who_interprets_stops_the_log_until_it_was_read(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    given = {**CIRCUMSTANCES, **ITEMS, "capture.interpreter": "partner"}
    answer = client.post(f"/cases/{case.id}/log/wsl", data=given)
    assert answer.status_code == 422
    assert "Stop: a partner or relative is interpreting." in answer.text
    assert flaws(answer.text) == []
    assert stored(app, house, case) == []
    recorded = client.post(f"/cases/{case.id}/log/wsl", data={**given, "before_going_on": "yes"})
    assert recorded.status_code == 303
    assert "Stop: a partner or relative is interpreting." in client.get(recorded.location).text


def test_the_device_is_asked_about_on_video_and_only_there(house: House, case: Case, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    unasked = client.post(f"/cases/{case.id}/log/wsl", data={**CIRCUMSTANCES, "capture.channel": "video"})
    assert "Say whether the client&#39;s device was confirmed." in unasked.text
    beside = client.post(f"/cases/{case.id}/log/wsl", data={**CIRCUMSTANCES, "capture.device_confirmed": "yes"})
    assert "This is for video and phone only." in beside.text


def test_the_title_is_neutral_while_they_are_together(house: House, case: Case, sign_in: SignIn) -> None:
    answer = sign_in(house.therapist).post(
        f"/cases/{case.id}/log/wsl", data={**CIRCUMSTANCES, "contact_context": "together", "a.P1": "9"}
    )
    assert "<h1>Distress log</h1>" in answer.text
    assert "Withdrawal" not in answer.text


def test_background_is_asked_at_the_first_log_only(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    assert 'name="a.I_hopes"' in client.get(f"/cases/{case.id}/log").text
    with app.app_context():
        builders.add_intake(house.therapist, case.id)
    assert 'name="a.I_hopes"' not in client.get(f"/cases/{case.id}/log").text


def test_an_answer_that_calls_for_a_response_leads_to_its_event(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        recorded = builders.add_intake(house.therapist, case.id, builders.wsl_answers(1, E2="3"))
    page = sign_in(house.therapist).get(f"/intakes/{recorded.intake.id}").text
    assert "Respond today" in page
    assert "Open the safety event" in page
    assert flaws(page) == []


def test_a_correction_needs_a_reason_and_keeps_the_original(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        first = builders.add_intake(house.therapist, case.id).intake
    client = sign_in(house.therapist)
    form = client.get(f"/intakes/{first.id}/amend").text
    assert flaws(form) == []
    assert form.count(" checked") == 15
    given = {**CIRCUMSTANCES, **ITEMS, "a.P1": "4"}
    assert client.post(f"/intakes/{first.id}/amend", data={**given, "reason": ""}).status_code == 422
    answer = client.post(f"/intakes/{first.id}/amend", data={**given, "reason": "Misheard"})
    assert answer.status_code == 303
    assert "Read the earlier one" in client.get(answer.location).text
    assert "This log was corrected: Misheard" in client.get(f"/intakes/{first.id}").text
    assert client.post(f"/intakes/{first.id}/amend", data={**given, "reason": "Again"}).status_code == 409


def test_a_log_can_belong_to_a_session_of_its_case_only(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    with app.app_context():
        other = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
        own = builders.add_session(house.therapist, case.id)
    client = sign_in(house.therapist)
    foreign = client.post(f"/cases/{case.id}/log/wsl", data={**CIRCUMSTANCES, "session_id": other.id})
    assert foreign.status_code == 422
    assert f'value="{own.id}" selected' in client.get(f"/cases/{case.id}/log?session={own.id}").text


def test_a_course_has_words_and_a_table_for_every_picture(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        for week, level in enumerate((3, 3, 2, 2, 1, 1, 0)):
            answers = builders.wsl_answers(level, U2=8 - week, U4=week)
            at = builders.noon(days_ago=49 - 7 * week)
            builders.add_intake(house.therapist, case.id, answers, authored_at=at)
    page = sign_in(house.therapist).get(f"/cases/{case.id}/course").text
    assert flaws(page) == []
    assert page.count('class="picture"') == page.count("Show the numbers") == 6
    assert "7 readings over 42 days: falling." in page
    assert "regression to the mean" in page
    assert "not compared with other people" in page


def test_a_case_without_logs_says_what_would_fill_the_page(house: House, case: Case, sign_in: SignIn) -> None:
    page = sign_in(house.therapist).get(f"/cases/{case.id}/course").text
    assert "No log yet." in page
    assert flaws(page) == []


def test_a_supervisor_sees_the_course_and_cannot_record(house: House, case: Case, sign_in: SignIn) -> None:
    client = sign_in(house.supervisor)
    assert client.get(f"/cases/{case.id}/course").status_code == 200
    assert client.get(f"/cases/{case.id}/log").status_code == 403
    assert client.post(f"/cases/{case.id}/log/wsl", data={**CIRCUMSTANCES, **ITEMS}).status_code in (403, 404)


def test_an_unknown_instrument_is_not_there(house: House, case: Case, sign_in: SignIn) -> None:
    assert sign_in(house.therapist).get(f"/cases/{case.id}/log/nothing").status_code == 404


def test_what_keeps_an_answer_from_leaving_is_shown_and_ticked_by_name(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        cases.change_other_person(house.therapist, case.id, OtherPerson("Bartholomew"), version=case.version)
        told = builders.add_intake(house.therapist, case.id, builders.wsl_answers(1, I_began="Since Bartholomew"))
    client, address = sign_in(house.therapist), f"/intakes/{told.intake.id}"
    key = f"{told.intake.id}.I_began:other-person"
    page = client.get(address).text
    assert "Before the answers leave" in page and f'value="{key}">' in page and flaws(page) == []
    assert client.post(f"{address}/finds", data={"confirmed": key}).location == address
    assert f'value="{key}" checked' in client.get(address).text
    assert client.post(f"{address}/finds", data={}).status_code == 303
    assert f'value="{key}">' in client.get(address).text
    reader = sign_in(house.supervisor)
    assert "Before the answers leave" not in reader.get(address).text
    assert reader.post(f"{address}/finds", data={"confirmed": key}).status_code == 403
    api = sign_in(house.therapist)
    assert [each["key"] for each in api.get(f"/api/v1{address}/finds").json or []] == [key]
