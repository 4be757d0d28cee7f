"""The case pages over HTTP: at a glance, section by section, cover, closing, and what a supervisor sees."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.case_codes import Weekday
from schemas.vocabulary import Attendance, Channel, ChannelRule, EventLevel, GoalDomain
from service.casework import cases, events, goals, people, plans
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case, ContactPreferences
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
SECTIONS = (
    "client",
    "contact",
    "record-check",
    "other-person",
    "presentation",
    "cover",
    "close",
    "details",
    "goals/new",
)
CLIENT = {
    "chosen_name": "Zoë",
    "legal_name": "",
    "pronouns": "she/her",
    "gender": "female",
    "gender_identity": "",
    "birth_date": "1990-02-03",
    "languages": "English",
    "interpreter": "",
    "access_needs": "",
    "address": "",
}


@pytest.fixture
def case(app: Flask, house: House) -> Case:
    with app.app_context():
        return builders.add_case(house.therapist)


def test_a_planned_session_whose_hour_has_come_is_reached_from_its_case(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        come, held = (
            builders.add_session(house.therapist, case.id, attendance=each)
            for each in (Attendance.PLANNED, Attendance.ATTENDED)
        )
    html = sign_in(house.therapist).get(f"/cases/{case.id}").text
    waiting = html.partition('id="waits"')[2].partition("</section>")[0]
    assert f'href="/sessions/{come.id}">Session to record' in waiting
    assert f'href="/sessions/{held.id}">Session to record' not in waiting


def test_both_checks_stand_on_the_case_page_from_the_day_on_which_the_lists_tell_of_them(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    lines = ("Ask again how to reach the client", "Ask who else could see this record")
    today = clock.today("Europe/Dublin")
    with app.app_context():
        kept = cases.change_contact(
            house.therapist, case.id, ContactPreferences(confirmed_on=today), version=case.version
        )
        cases.record_safety_check(house.therapist, case.id, builders.a_check(), version=kept.version)
    for days, told, late in ((79, 0, 0), (80, 2, 0), (90, 2, 2)):
        with clock.standing_at(clock.now() + timedelta(days=days)):
            html = sign_in(house.therapist).get(f"/cases/{case.id}").text
        waiting = html.partition('id="waits"')[2].partition("</section>")[0]
        assert (sum(each in waiting for each in lines), waiting.count("Overdue")) == (told, late), days


def stored(app: Flask, house: House, case: Case) -> Case:
    with app.app_context():
        return cases.read_case(house.therapist, case.id)


def furnish(app: Flask, house: House, case: Case) -> None:
    """One of everything."""
    with app.app_context():
        session = builders.add_session(house.therapist, case.id)
        builders.add_note(house.therapist, session.id)
        builders.add_intake(house.therapist, case.id, session_id=session.id)
        builders.add_plan(house.therapist, case.id)
        events.open_event(house.therapist, case.id, EventLevel.TODAY, prompt="Somebody waited outside")
        goals.save_goal(house.therapist, case.id, GoalDraft(GoalDomain.PERSONAL, "Sleep through the night"))


def test_a_new_case_is_a_page_of_calm_empty_states(house: House, case: Case, sign_in: SignIn) -> None:
    html = sign_in(house.therapist).get(f"/cases/{case.id}").text
    assert "No log yet." in html
    assert "No goals written down yet." in html
    assert flaws(html) == []


def test_a_full_case_shows_what_waits_how_the_log_moves_and_what_happened(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    furnish(app, house, case)
    html = sign_in(house.therapist).get(f"/cases/{case.id}").text
    for words in (
        "Respond today: Somebody waited outside",
        "Note to sign",
        "Log total, 0 to 60",
        "One reading: 30 of 60",
        "place on this log&#39;s own range, not compared with other people",
        "Sleep through the night",
        "Individual session: Attended",
    ):
        assert words in html, words
    assert flaws(html) == []


def test_a_plan_that_wants_looking_at_is_marked_on_case_session_and_api(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        session = builders.add_session(house.therapist, case.id)
        plan = builders.add_plan(house.therapist, case.id)
        builders.add_intake(house.therapist, case.id, builders.wsl_answers(1, X1_concern=True))
    client, mark = sign_in(house.therapist), "Something came up since it was looked at"
    page = client.get(f"/cases/{case.id}").text
    assert f'href="/plans/{plan.id}">{plan.type.label}: {mark}' in page
    for path in (f"/cases/{case.id}", f"/sessions/{session.id}", f"/plans/{plan.id}", f"/cases/{case.id}/plans"):
        assert mark in client.get(path).text, path
    told = client.get(f"/api/v1/plans/{plan.id}").get_json()
    assert (told["doubt"], told["mark"]) == ("event", mark)
    with app.app_context():
        plans.review_plan(house.therapist, plan.id, version=plan.version + 1)
    assert mark not in client.get(f"/cases/{case.id}").text


def test_the_tab_names_the_code_and_never_the_client(house: House, case: Case, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    for path in ("", *(f"/{each}" for each in SECTIONS), "/events", "/events/new"):
        head = client.get(f"/cases/{case.id}{path}").text.partition("</head>")[0]
        assert case.code in head, path
        assert "Zoë" not in head, path


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_a_sound_page(house: House, case: Case, sign_in: SignIn, section: str) -> None:
    answer = sign_in(house.therapist).get(f"/cases/{case.id}/{section}")
    assert answer.status_code == 200
    assert flaws(answer.text) == []


def test_the_banner_stands_over_the_case_until_the_event_has_its_follow_up(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    assert 'class="banner"' not in client.get(f"/cases/{case.id}").text
    furnish(app, house, case)
    html = client.get(f"/cases/{case.id}").text
    assert 'class="banner"' in html
    assert "Somebody waited" not in html.split('class="banner"')[1].partition("</section>")[0]


def test_a_case_is_opened_from_a_form(app: Flask, house: House, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    assert flaws(client.get("/cases/new").text) == []
    answer = client.post("/cases/new", data=CLIENT | {"chosen_name": "נועה כהן", "opened_on": "2026-01-05"})
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    assert "נועה כהן" in page.text
    assert "The case is open." in page.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"chosen_name": " "}, "f-chosen_name"),
        ({"birth_date": str(clock.now().date() - timedelta(days=15 * 365))}, "Stepwell keeps records of adults only."),
        ({"birth_date": "2026-02-30"}, "f-birth_date"),
        ({"gender": "<b>x</b>"}, "f-gender"),
    ],
)
def test_a_form_that_cannot_be_taken_comes_back_with_its_typing(
    house: House, sign_in: SignIn, typed: dict[str, str], sentence: str
) -> None:
    answer = sign_in(house.therapist).post("/cases/new", data=CLIENT | {"languages": "Català"} | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Català"' in answer.text
    assert "<b>x</b>" not in answer.text
    assert flaws(answer.text) == []


def test_a_name_that_looks_like_markup_is_shown_as_text(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        evil = builders.add_case(house.therapist, chosen_name='"><script>alert(1)</script>')
    client = sign_in(house.therapist)
    for path in (f"/cases/{evil.id}", f"/cases/{evil.id}/details", f"/cases/{evil.id}/client", "/caseload", "/day"):
        html = client.get(path).text
        assert "<script>alert" not in html
        assert flaws(html) == []


def test_ways_to_reach_the_client_are_kept_channel_by_channel(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    typed = {"version": case.version, "never_contact_by": "Letters", "code_word": "heron", "ask_for": ""}
    for number, channel in enumerate(Channel):
        typed |= {f"channels.{number}.channel": channel, f"channels.{number}.rule": "never"}
        typed |= {f"channels.{number}.value": "", f"channels.{number}.times": ""}
    typed |= {"channels.0.rule": "between", "channels.0.value": "01 555", "channels.0.leave_message": "yes"}
    typed |= {"channels.0.days": ["mon", "wed"], "channels.0.start": "09:30", "channels.0.end": "11:00", "call_as": ""}
    answer = sign_in(house.therapist).post(f"/cases/{case.id}/contact", data=typed | {"confirmed_on": "2026-03-01"})
    assert answer.status_code == 303
    kept = stored(app, house, case).contact
    assert kept.channel(Channel.PHONE).rule is ChannelRule.BETWEEN
    assert kept.channel(Channel.PHONE).leave_message
    assert kept.channel(Channel.PHONE).days == (Weekday.MON, Weekday.WED)
    assert kept.channel(Channel.POST).rule is ChannelRule.NEVER
    assert kept.confirmed_on == date(2026, 3, 1)


def test_the_record_check_wants_every_question_answered(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    client, url = sign_in(house.therapist), f"/cases/{case.id}/record-check"
    typed = {"version": case.version, "asked_on": "2026-03-01", "note": "", "portal_account": "no"}
    assert client.post(url, data=typed).status_code == 422
    rest = dict.fromkeys(("portal_proxies", "shared_device", "insurance_held", "household_here"), "declined")
    assert client.post(url, data=typed | rest).status_code == 303
    assert stored(app, house, case).record_safety is not None
    assert "Declined to say" in client.get(f"/cases/{case.id}/details").text


def test_circumstances_and_presenting_status_are_kept(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    other = {"label": "Person A", "relationship": "parent", "current": "yes", "cohabiting": "unsure"}
    assert client.post(f"/cases/{case.id}/other-person", data=other | {"version": case.version}).status_code == 303
    status = dict.fromkeys(("concerns", "functional_summary", "co_occurring_care", "medication", "strengths"), "Kept")
    status |= {"contact_context": "together", "version": str(stored(app, house, case).version)}
    assert client.post(f"/cases/{case.id}/presentation", data=status).status_code == 303
    html = client.get(f"/cases/{case.id}/details").text
    assert "Together" in html and "parent" in html


def test_a_stale_edit_shows_both_texts_and_then_saves(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    client, url = sign_in(house.therapist), f"/cases/{case.id}/client"
    assert client.post(url, data=CLIENT | {"languages": "Irish", "version": case.version}).status_code == 303
    answer = client.post(url, data=CLIENT | {"languages": "Basque", "version": case.version})
    assert answer.status_code == 409
    both = answer.text.split("This was changed elsewhere")[1].partition("</section>")[0]
    assert "Irish" in both and "Basque" in both and "<h3>Languages</h3>" in both
    assert 'value="Basque"' in answer.text
    assert flaws(answer.text) == []
    newest = stored(app, house, case).version
    assert f'name="version" value="{newest}"' in answer.text
    assert client.post(url, data=CLIENT | {"languages": "Basque", "version": newest}).status_code == 303


def test_a_supervisor_reads_the_same_page_without_ways_to_change_it(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    furnish(app, house, case)
    supervisor = sign_in(house.supervisor)
    html = supervisor.get(f"/cases/{case.id}").text
    assert "You are reading this case as a supervisor." in html
    assert "Sleep through the night" in html
    for words in ("New session", "Record a log", "Add a goal", ">Reports<", ">Export<"):
        assert words not in html, words
    assert flaws(html) == []
    details = supervisor.get(f"/cases/{case.id}/details").text
    assert ">Change<" not in details
    assert '"></a>' not in html + details
    assert "Arrange cover" in details


@pytest.mark.parametrize("path", ["", "/details", "/client", "/contact", "/cover", "/close", "/events", "/goals/new"])
def test_a_case_of_a_colleague_looks_like_one_that_never_was(
    house: House, case: Case, sign_in: SignIn, path: str
) -> None:
    peer = sign_in(house.peer)
    other = peer.get(f"/cases/{case.id}{path}")
    never = peer.get(f"/cases/00000000-0000-4000-8000-00000000dead{path}")
    assert other.status_code == never.status_code == 404
    assert case.code not in other.text


def test_a_case_whose_therapist_left_leads_the_supervisor_to_its_cover(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        people.end_account(house.admin, house.therapist.user_id)
    client = sign_in(house.supervisor)
    page = client.get("/worklist").text
    assert f'href="/cases/{case.id}/cover"' in page and flaws(page) == []
    offered = client.get(f"/cases/{case.id}/cover").text
    assert house.peer.name in offered and f'value="{house.supervisor.user_id}"' not in offered
    given = {"account_id": house.peer.user_id, "until": str(clock.now().date() + timedelta(days=3))}
    assert client.post(f"/cases/{case.id}/cover", data=given).status_code == 303
    assert f"/cases/{case.id}/cover" not in client.get("/worklist").text


def test_cover_lets_a_colleague_in_and_ends(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    client, peer = sign_in(house.therapist), sign_in(house.peer)
    until = str(clock.now().date() + timedelta(days=3))
    url = f"/cases/{case.id}/cover"
    assert client.post(url, data={"account_id": house.peer.user_id, "until": until}).status_code == 303
    assert peer.get(f"/cases/{case.id}").status_code == 200
    assert "Jonas Weiß" in client.get(f"/cases/{case.id}").text
    page = client.get(url)
    assert "End cover" in page.text
    assert flaws(page.text) == []
    assert client.post(f"{url}/end", data={"account_id": house.peer.user_id}).status_code == 303
    assert peer.get(f"/cases/{case.id}").status_code == 404


def test_cover_in_the_past_is_refused_at_the_field(house: House, case: Case, sign_in: SignIn) -> None:
    typed = {"account_id": house.peer.user_id, "until": "2020-01-01"}
    answer = sign_in(house.therapist).post(f"/cases/{case.id}/cover", data=typed)
    assert answer.status_code == 422
    assert "Choose today or a later day." in answer.text


def test_a_closed_case_explains_itself_and_offers_nothing_new(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    with app.app_context():
        builders.close_case(house.therapist, case.id, version=case.version)
    html = client.get(f"/cases/{case.id}").text
    assert "This case is closed since" in html
    assert "New session" not in html
    assert flaws(html) == []


def test_a_case_is_passed_on_from_where_cover_is_arranged_and_is_gone_then(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    with app.app_context():
        cases.assign_cover(house.therapist, case.id, house.peer.user_id, clock.now().date() + timedelta(days=1))
    client, address = sign_in(house.therapist), f"/cases/{case.id}/pass/{house.peer.user_id}"
    page = client.get(f"/cases/{case.id}/cover").text
    assert f'href="{address}"' in page and flaws(page) == []
    asked = client.get(address).text
    assert house.peer.name in asked and flaws(asked) == []
    assert client.get(f"/cases/{case.id}/pass/{house.supervisor.user_id}").status_code == 404
    assert client.post(address).location == "/caseload"
    assert client.get(f"/cases/{case.id}").status_code == 404
    assert client.post(address).status_code == 404, "sent twice"
    taker = sign_in(house.peer)
    assert taker.get(f"/cases/{case.id}").status_code == 200
    back = f"/api/v1/cases/{case.id}/pass/{house.therapist.user_id}"
    assert taker.post(back).status_code == 422, "nobody who does not cover it"
