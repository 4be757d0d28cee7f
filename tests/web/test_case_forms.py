"""Every own form on its pages: chosen from the menu, filled in, read, listed and corrected."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from schemas.instruments import find, newest
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import Choice, Day, Moment, MultiChoice, Text, WholeNumber, YesNo
from service.casework import intakes
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.intakes import Intake
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
CIRCUMSTANCES = {
    "capture.channel": "in_person",
    "capture.private": "yes",
    "capture.held_pen": "clinician",
    "capture.interpreter": "none",
    "capture.device_confirmed": "",
    "contact_context": "separated_no_contact",
    "authored_at": "2026-05-04T10:00",
    "session_id": "",
}
EACH = pytest.mark.parametrize("instrument", newest(), ids=lambda each: each.key)
SCREEN_A = [f"A{number}" for number in range(1, 13) if number != 8]
SCREEN_B = [*(f"B{number}" for number in range(1, 17)), "B18"]


@pytest.fixture
def case(app: Flask, house: House) -> Case:
    with app.app_context():
        return builders.add_case(house.therapist)


def posted(instrument: Instrument) -> dict[str, Any]:
    """Something for every question."""
    given = {f"a.{item.key}": text for item in instrument.items() if (text := _text(item)) is not None}
    return {**CIRCUMSTANCES, **given, "module": [each.key for each in instrument.modules]}


def _text(item: Item) -> str | None:
    match item.answer:
        case Choice():
            return item.answer.codes[0]
        case MultiChoice():
            return item.answer.codes[0]
        case WholeNumber():
            return str(item.answer.low)
        case YesNo():
            return "no"
        case Text():
            return "Some words"
        case Moment():
            return "2026-05-02T09:30"
        case Day():
            return "2026-04"
        case _:
            return None


def stored(app: Flask, house: House, case: Case) -> list[Intake]:
    with app.app_context():
        return list(intakes.list_intakes(house.therapist, case.id))


def kept(app: Flask, house: House, case: Case, key: str, answers: dict[str, Any]) -> Intake:
    with app.app_context():
        return builders.add_intake(house.therapist, case.id, answers, instrument_key=key).intake


@EACH
def test_each_form_is_filled_in_read_listed_and_corrected(
    app: Flask, house: House, case: Case, sign_in: SignIn, instrument: Instrument
) -> None:
    client = sign_in(house.therapist)
    address = f"/cases/{case.id}/log/{instrument.key}"
    form = client.get(address, query_string={"module": [each.key for each in instrument.modules]}).text
    assert flaws(form) == []
    assert " checked" not in form
    answer = client.post(address, data=posted(instrument))
    assert answer.status_code == 303, answer.text[:3000]
    page = client.get(answer.location).text
    assert flaws(page) == []
    assert str(escape(instrument.banner)) in page
    (found,) = stored(app, house, case)
    assert (found.score is None) is (instrument.scoring is None)
    listed = client.get(f"/cases/{case.id}/forms/{instrument.key}").text
    assert flaws(listed) == []
    assert f"/intakes/{found.id}" in listed
    assert flaws(client.get(f"/intakes/{found.id}/amend").text) == []
    again = client.post(f"/intakes/{found.id}/amend", data={**posted(instrument), "reason": "Typed in wrongly"})
    assert again.status_code == 303
    assert [each.replaced for each in stored(app, house, case)] == [True, False]
    assert "Replaced by a correction" in client.get(f"/cases/{case.id}/forms/{instrument.key}").text


def test_the_menu_names_every_form_once(house: House, case: Case, sign_in: SignIn) -> None:
    page = sign_in(house.therapist).get(f"/cases/{case.id}/forms").text
    assert flaws(page) == []
    for each in newest():
        assert page.count(f'href="/cases/{case.id}/log/{each.key}"') == 1


def test_the_session_page_offers_every_form(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    with app.app_context():
        session = builders.add_session(house.therapist, case.id)
    page = sign_in(house.therapist).get(f"/sessions/{session.id}").text
    assert flaws(page) == []
    for each in newest():
        assert f"/log/{each.key}?session={session.id}" in page


def test_the_screen_asks_first_which_part_to_take_up(house: House, case: Case, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    page = client.get(f"/cases/{case.id}/log/sfs").text
    assert flaws(page) == []
    assert "Which part now?" in page
    assert page.count("/log/sfs?module=") == 4
    form = client.get(f"/cases/{case.id}/log/sfs?module=B").text
    assert 'name="a.B1"' in form
    assert 'name="a.A1"' not in form


def test_what_is_left_open_in_a_part_that_was_taken_up_was_not_asked(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    given = {**CIRCUMSTANCES, "module": "B", "a.present": "nobody", "a.B1": "no"}
    assert sign_in(house.therapist).post(f"/cases/{case.id}/log/sfs", data=given).status_code == 303
    (found,) = stored(app, house, case)
    assert found.answers["B1"] is False
    assert found.answers["B18"] is NonAnswer.NOT_ASKED
    assert "A1" not in found.answers


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"a.present": "relative"}, "asked one to one"),
        ({"a.present": ""}, "asked one to one"),
        ({"capture.channel": "clinic_device"}, "never handed over"),
        ({"capture.channel": "video", "capture.device_confirmed": "no"}, "only on a device that was confirmed"),
    ],
)
def test_module_b_is_refused_where_it_could_be_overheard(
    app: Flask, house: House, case: Case, sign_in: SignIn, changed: dict[str, str], words: str
) -> None:
    given = {**CIRCUMSTANCES, "module": "B", "a.present": "nobody", "a.B1": "no", **changed}
    answer = sign_in(house.therapist).post(f"/cases/{case.id}/log/sfs", data=given)
    assert answer.status_code == 422
    assert words in answer.text
    assert flaws(answer.text) == []
    assert stored(app, house, case) == []


def quiet_screen() -> dict[str, Any]:
    quiet = dict.fromkeys((*SCREEN_A, *SCREEN_B), False)
    return {**quiet, "present": "nobody", "changed": False, "A6": "never", "B17_talk": True, "B17_home": True}


def test_a_screen_on_which_nothing_was_told_says_only_that(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    found = kept(app, house, case, "sfs", quiet_screen())
    page = sign_in(house.therapist).get(f"/intakes/{found.id}").text
    assert "Nothing disclosed when asked on " in page
    assert "; private: yes" in page
    told = kept(app, house, case, "sfs", quiet_screen() | {"B2": True, "B2_recent": False})
    assert "Nothing disclosed" not in sign_in(house.therapist).get(f"/intakes/{told.id}").text


def test_the_pattern_check_gives_back_patterns_and_questions(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    answers = {"R1": "repeated", "R2": NonAnswer.UNSURE, "G1": "repeated", "G2": "not_seen"}
    found = kept(app, house, case, "rgf", answers)
    page = sign_in(house.therapist).get(f"/intakes/{found.id}").text
    assert flaws(page) == []
    assert "Patterns you noticed" in page
    assert "Very much attention, very early (seen repeatedly)" in page
    assert "Questions to take to session" in page
    assert "Who do you see less of" in page
    assert "Offer the safety screen, module B" in page
    assert "module=B" in page


@pytest.mark.parametrize(
    ("gates", "barred"),
    [
        ({"gate_news": False, "gate_agrees": True}, False),
        ({"gate_news": True, "gate_agrees": True}, True),
        ({"gate_news": False, "gate_agrees": False}, True),
        ({"gate_news": NonAnswer.UNSURE, "gate_agrees": True}, True),
        ({"gate_agrees": True}, True),
        ({}, True),
    ],
)
def test_a_person_who_fails_a_gate_cannot_be_printed(
    app: Flask, house: House, case: Case, sign_in: SignIn, gates: dict[str, Any], barred: bool
) -> None:
    found = kept(app, house, case, "spc", {"C1": "usually", **gates})
    page = sign_in(house.therapist).get(f"/intakes/{found.id}").text
    assert ("cannot be placed on any printed copy" in page) is barred


def test_a_low_line_of_the_rating_stands_at_the_start_of_the_next_session(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    yesterday = clock.now() - timedelta(days=1)
    with app.app_context():
        answers = {"heard": "5", "pace": "2"}
        builders.add_intake(house.therapist, case.id, answers, instrument_key="ssr", authored_at=yesterday)
        session = builders.add_session(house.therapist, case.id)
    client = sign_in(house.therapist)
    page = client.get(f"/sessions/{session.id}").text
    assert "To begin with" in page
    assert "the pace felt right" in page
    assert "you felt heard" not in page


@pytest.mark.parametrize(("key", "answers"), [("sig", {"fear": True}), ("sig", {"life": True}), ("wsl", {"E2": "3"})])
def test_danger_and_despair_alike_lead_to_both_parts_of_the_screen(
    app: Flask, house: House, case: Case, sign_in: SignIn, key: str, answers: dict[str, Any]
) -> None:
    found = kept(app, house, case, key, answers)
    page = sign_in(house.therapist).get(f"/intakes/{found.id}").text
    assert "module=A&amp;module=B" in page


def test_an_outside_view_and_a_wish_to_leave_lead_to_the_pages_for_them(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    found = kept(app, house, case, "sig", {"outside_view": True, "leaving": True})
    page = sign_in(house.therapist).get(f"/intakes/{found.id}").text
    assert f'<a href="/cases/{case.id}/relationship-review">' in page
    assert f'<a href="/cases/{case.id}/plans">See which plan could be begun</a>' in page


def test_a_low_line_stays_on_the_case_page_until_the_next_session_began(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    week, soon = timedelta(days=7), timedelta(minutes=30)
    rated_at = clock.now() - week
    with app.app_context():
        rated = builders.add_session(house.therapist, case.id, starts_at=rated_at - soon, ends_at=rated_at + soon)
        given: dict[str, Any] = {"instrument_key": "ssr", "session_id": rated.id, "authored_at": rated_at}
        builders.add_intake(house.therapist, case.id, {"pace": "2"}, **given)
    client = sign_in(house.therapist)
    assert "the pace felt right" in client.get(f"/cases/{case.id}").text
    with app.app_context():
        builders.add_session(house.therapist, case.id, starts_at=clock.now() - soon, ends_at=clock.now() + soon)
    assert "the pace felt right" not in client.get(f"/cases/{case.id}").text


def test_a_supervisor_finds_no_single_rating(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    rated = kept(app, house, case, "ssr", {"heard": "1", "change": "Less homework"})
    log = kept(app, house, case, "wsl", builders.wsl_answers())
    supervisor, therapist = sign_in(house.supervisor), sign_in(house.therapist)
    assert therapist.get(f"/intakes/{rated.id}").status_code == 200
    assert supervisor.get(f"/intakes/{log.id}").status_code == 200
    assert supervisor.get(f"/intakes/{rated.id}").status_code == 404
    assert f"/intakes/{rated.id}" not in supervisor.get(f"/cases/{case.id}/forms/ssr").text
    assert f"/intakes/{rated.id}" not in supervisor.get(f"/cases/{case.id}").text
    assert supervisor.get(f"/api/v1/intakes/{rated.id}").status_code == 404
    listed = supervisor.get(f"/api/v1/cases/{case.id}/intakes").get_json()
    assert rated.id not in str(listed)
    assert log.id in str(listed)


def test_contacts_stand_in_the_order_in_which_they_happened(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    early = kept(app, house, case, "ctl", {"at": "2026-05-01T08:00:00+01:00", "channel": "call"})
    late = kept(app, house, case, "ctl", {"at": "2026-05-03T08:00:00+01:00", "channel": "message"})
    middle = kept(app, house, case, "ctl", {"at": "2026-05-02T08:00:00+01:00", "channel": "mail"})
    page = sign_in(house.therapist).get(f"/cases/{case.id}/forms/ctl").text
    places = [page.index(f"/intakes/{each.id}") for each in (late, middle, early)]
    assert places == sorted(places)


def test_a_log_too_soon_after_the_last_one_is_marked(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    now = clock.now()
    with app.app_context():
        found = [
            builders.add_intake(house.therapist, case.id, authored_at=now - timedelta(days=days)).intake
            for days in (20, 10, 6)
        ]
    client = sign_in(house.therapist)
    marked = ["Less than 5 days after the log before" in client.get(f"/intakes/{each.id}").text for each in found]
    assert marked == [False, False, True]


def test_the_api_answers_with_no_score_and_names_what_stands_against_module_b(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    body: dict[str, Any] = {
        "instrument_key": "sfs",
        "answers": {"present": {"value": "nobody"}, "B1": {"value": True}},
        "capture": {"channel": "video", "device_confirmed": False},
        "contact_context": "together",
        "authored_at": "2026-05-04T10:00:00Z",
    }
    refused = client.post(f"/api/v1/cases/{case.id}/intakes", json=body)
    assert refused.status_code == 422
    assert "capture.device_confirmed" in refused.text
    body["capture"]["device_confirmed"] = True
    kept_now = client.post(f"/api/v1/cases/{case.id}/intakes", json=body)
    assert kept_now.status_code == 201
    told = kept_now.get_json()
    assert told["intake"]["score"] is None
    assert ("sfs.B1", "NOW") in [(each["item"], each["level"]) for each in told["fired"]]
    assert find("sfs").fingerprint == told["intake"]["fingerprint"]
